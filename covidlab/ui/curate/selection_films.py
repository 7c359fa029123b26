"""The X-rays of a set to decide on, those with the highest loss first, a page at a time."""

from pathlib import Path

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.decisions import Selection, films_by_loss
from covidlab.errors import CovidLabError
from covidlab.language import number_text, tr
from covidlab.runs.store import Run, RunStore
from covidlab.text import class_name, markdown_escaped, one_line, pluralize, sentence_escaped
from covidlab.ui.curate.film_decision import draw_decision
from covidlab.ui.shared.bound import draw_bound
from covidlab.ui.shared.cached import current_large_film, current_thumbnails, prepare_thumbnails
from covidlab.ui.shared.films import Film, facts_html, film_facts, film_name, known_patient

FILMS_A_PAGE = 12
RUN_KEY, SHOW_KEY, PAGE_KEY = "curate_run", "curate_show", "curate_page"
_ALL, _DECIDED = "all", "decided"
_STYLE = """<style>
[class*="st-key-film_card_curate_drop"] img { opacity: 0.35; filter: grayscale(1); }
[class*="st-key-curate_film_"] { gap: 0.4rem; }
/* Streamlit's accent on its own tint is too faint to read in the dark. */
[class*="st-key-curate_film_"] [role="radio"][aria-checked="true"] { color: inherit; font-weight: 600; }
[class*="st-key-curate_film_"] [data-testid="stCaptionContainer"] p { font-size: 0.8rem; line-height: 1.35; }
</style>"""


def ordered_films(catalog: Catalog, selection: Selection) -> pd.DataFrame:
    """Draw the choice of order and of what to show; return file, probability and loss of the films to show, in order."""
    runs = {run.id: run for run in runs_of(catalog)}
    order, show = st.columns(2)
    with order:
        run_id = draw_bound(
            st.selectbox,
            tr("Highest loss first, by"),
            list(runs),
            key=RUN_KEY,
            default=next(iter(runs), None),
            format_func=lambda run_id: tr("run {number}", number=runs[run_id].number),
            disabled=not runs,
            placeholder=tr("no run of this set yet"),
            on_change=_first_page,
            help=tr(
                "The loss is high where the run gave the true class a low probability: the X-ray is hard, "
                "unusual or in the wrong class. Only the validation X-rays of a run have a loss."
            ),
        )
    with show:
        shown_kind = draw_bound(
            st.selectbox,
            tr("Show"),
            (_ALL, _DECIDED, *catalog.classes),
            key=SHOW_KEY,
            default=_ALL,
            format_func=lambda kind: {_ALL: tr("all X-rays"), _DECIDED: tr("X-rays with a decision")}.get(
                kind, class_name(kind)
            ),
            on_change=_first_page,
        )
    predictions = runs[run_id].predictions() if run_id in runs else pd.DataFrame({"file": []}, dtype=str)
    films = films_by_loss(catalog, predictions)
    num_with_loss = int(films["loss"].notna().sum())
    if num_with_loss:
        st.caption(
            tr(
                "The {validation_x_rays} of run {number} come first, the highest loss at the top. The other "
                "{x_rays} have no loss, because the run trained on them; they follow in order of name.",
                validation_x_rays=pluralize(num_with_loss, "validation X-ray"),
                number=runs[run_id].number,
                x_rays=pluralize(catalog.num_films - num_with_loss, "X-ray"),
            )
        )
    else:
        st.caption(
            tr(
                "No run has evaluated these X-rays yet, so they are in order of name. Train a run to see those "
                "with the highest loss first."
            )
        )
    return films[_is_shown(catalog, selection, films["file"], shown_kind)]


def runs_of(catalog: Catalog) -> list[Run]:
    """Runs on this set that have predictions, the newest first."""
    return [run for run in RunStore().list() if (run.path / "predictions.csv").exists() and _is_of(run, catalog)]


def draw_films(catalog: Catalog, selection: Selection, films: pd.DataFrame) -> None:
    """Draw a page of films, each with its decision and the reason beside it."""
    if films.empty:
        st.info(tr("There is no X-ray to show here yet."), icon=":material/search_off:")
        return
    st.html(_STYLE)
    num_pages = -(-len(films) // FILMS_A_PAGE)
    # Fewer films may be decided on than before, so that the page shown before is gone.
    page = min(st.session_state.get(PAGE_KEY, 1), num_pages)
    here = films.iloc[(page - 1) * FILMS_A_PAGE : page * FILMS_A_PAGE]
    rows = catalog.rows(here["file"], catalog.films.columns)
    with st.grid(min_column_width=165, gap=(20, 24), key="curate_grid"):
        pictures = current_thumbnails(catalog, here["file"])
        for number, (film, verdict, picture) in enumerate(zip(rows, here.to_dict("records"), pictures, strict=True)):
            with st.container(key=f"curate_film_{number}"):
                _draw_card(catalog, selection, film, picture, number)
                _draw_loss(verdict["probability"], verdict["loss"])
                draw_decision(catalog, selection, film)
    if num_pages > 1:
        st.pagination(num_pages, key=PAGE_KEY)
        prepare_thumbnails(catalog, films["file"].iloc[page * FILMS_A_PAGE : (page + 1) * FILMS_A_PAGE])


def _draw_card(catalog: Catalog, selection: Selection, film: Film, picture: bytes | CovidLabError, number: int) -> None:
    made = selection.decisions.get(film["file"])
    state = {"exclude": "drop"}.get(made.action if made else "", "keep")
    with st.container(key=f"film_card_curate_{state}_{number}"):
        if isinstance(picture, CovidLabError):
            st.caption(sentence_escaped(picture))
        else:
            st.image(picture, width="stretch", alt=film_name(film))
        kind = markdown_escaped(class_name(str(film["class"])))
        if made and made.action == "relabel":
            kind = f"{kind} → {markdown_escaped(class_name(made.new_class))}"
        who = known_patient(film) or str(film["file"]).rpartition("/")[2]
        label = f"**{kind}**  \n{markdown_escaped(who, max_length=28)}"
        if st.button(label, key=f"curate_open_{film['file']}", type="tertiary"):
            _show_large(catalog, film)


def _draw_loss(probability: float, loss: float) -> None:
    if pd.isna(loss):
        st.caption(tr("No loss: not a validation X-ray"))
    else:
        # Small losses differ further behind the point; their order should be seen.
        st.caption(
            tr(
                "Loss {loss} · true class {probability:.2f}",
                loss=number_text(loss, ".2f" if loss >= 0.1 else ".4f"),
                probability=probability,
            )
        )


def _show_large(catalog: Catalog, film: Film) -> None:
    st.dialog(tr("X-ray"), width="large")(_draw_large)(catalog, film)


def _draw_large(catalog: Catalog, film: Film) -> None:
    try:
        pixels = current_large_film(catalog, film["file"])
        st.image(pixels, width="stretch", output_format="JPEG", alt=film_name(film))
    except CovidLabError as error:
        st.error(sentence_escaped(error))
    st.html(facts_html([*film_facts(film), (tr("File"), one_line(film["file"], max_length=200))]))


def _is_of(run: Run, catalog: Catalog) -> bool:
    config = run.load_facts().get("config")
    return isinstance(config, dict) and Path(str(config.get("dataset", ""))).absolute() == catalog.root


def _is_shown(catalog: Catalog, selection: Selection, files: pd.Series, kind: str) -> pd.Series:
    if kind == _ALL:
        return pd.Series(True, index=files.index)
    if kind == _DECIDED:
        return files.isin(list(selection.decisions))
    return files.isin(catalog.films["file"][catalog.films["class"] == kind])


def _first_page() -> None:
    st.session_state.pop(PAGE_KEY, None)
