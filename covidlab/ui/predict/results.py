"""All X-rays of a visit: one in full, the others as a list to choose from, in the order the visitor wants."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.imaging.receipt import Verdict
from covidlab.intake.upload import THUMBNAIL_SIDE, VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import is_clear, probability_text, range_text
from covidlab.prediction.gate import may_show_number
from covidlab.runs.exposure import NEW, PATIENT_UNKNOWN, exposure
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped, pluralize
from covidlab.ui.predict.card import draw_card, film_title
from covidlab.ui.predict.choosing import choose_film
from covidlab.ui.predict.downloads import draw_batch_downloads
from covidlab.ui.predict.permission import receipt_of, shows_number
from covidlab.ui.predict.reading import draw_failure, is_read, loading_failure, model_key, read_unread
from covidlab.ui.predict.uploads import forget_everything, visitor_films
from covidlab.ui.predict.watch import draw_watch
from covidlab.ui.shared.components.film_grid import film_grid
from covidlab.ui.shared.components.into_view import into_view

FILMS_A_PAGE = 10
FILMS_TO_START_WITH = 12

NEWEST, PROBABILITY, DOUBT = tr_lazy("Newest first"), tr_lazy("Highest number first"), tr_lazy("Most doubt first")
_CHOSEN, _ORDER = "predict_chosen", "predict_order"


def draw_films(run: Run, catalog: Catalog | None, failure: CovidLabError | None = None) -> None:
    """Draw the X-rays of this visit with what the model says, the one chosen in full.

    ``failure`` is why not all X-rays could be read; where there is none, those shown are read now.
    """
    films = visitor_films()
    if not films:
        if failure := failure or loading_failure(run):
            draw_failure(failure)
        _draw_invitation(run, catalog)
        return
    refused = sum(bool(film.refusal) for film in films)
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f"**{pluralize(len(films), 'X-ray')}**" + (tr(", {refused} refused", refused=refused) if refused else "")
        st.markdown(text, width="content")
        st.button(tr("Clear"), key="predict_clear", on_click=forget_everything, icon=":material/delete_sweep:")
    numbers = {film.id: number for number, film in enumerate(films, start=1)}
    watch, place = st.container(), st.container()
    chosen = chosen_film(films)
    others = _ordered([film for film in films if film is not chosen], run)
    num_pages = -(-len(others) // FILMS_A_PAGE)
    listed = st.container()
    # A new film on top begins a new count of pages, so that it is seen.
    page = min(st.pagination(num_pages, key=f"predict_page_{films[0].id}"), num_pages) if num_pages > 1 else 1
    shown = others[(page - 1) * FILMS_A_PAGE : page * FILMS_A_PAGE]
    with place:
        if failure := failure or read_unread([chosen, *shown], run):
            draw_failure(failure)
        if len(films) > 1:
            into_view(_opened(films), name=tr("X-ray {numbers}", numbers=numbers[chosen.id]), key="predict_opened")
        if _is_done(chosen, run):
            draw_card(chosen, run, catalog, number=numbers[chosen.id])
    with watch:
        draw_watch(films, run)
    with listed:
        _draw_list([film for film in shown if _is_done(film, run)], run, numbers)
    if len(films) > 1 and all(_is_done(film, run) for film in films):
        draw_batch_downloads(films, run, catalog, key="predict_results")


def chosen_film(films: Sequence[VisitorFilm]) -> VisitorFilm:
    """Return the X-ray that was chosen from the list, the newest where none was or a newer one has come since."""
    newest, wanted, _ = st.session_state.get(_CHOSEN, ("", "", ""))
    return next((film for film in films if newest == films[0].id and film.id == wanted), films[0])


def _opened(films: Sequence[VisitorFilm]) -> str:
    """What stands for the last click on Open; "" where a newer X-ray has come since."""
    newest, _, turn = st.session_state.get(_CHOSEN, ("", "", ""))
    return turn if newest == films[0].id else ""


def summary(film: VisitorFilm, run: Run) -> str:
    """Return one line about an X-ray, in Markdown: why it is not read, or what it resembles with the number."""
    if film.refusal:
        return f":material/block: {markdown_escaped(film.refusal, max_length=160)}"
    if not shows_number(film, run):
        reason = next(line.sentence for line in receipt_of(film, run) if line.verdict is Verdict.REFUSE)
        return tr(":material/block: No number. {reason}", reason=markdown_escaped(reason, max_length=160))
    reading = film.readings[model_key(run)]
    name = markdown_escaped(class_name(reading.resembles))
    answer = tr("Resembles the {name} X-rays of the set", name=name) if is_clear(reading) else tr("No clear answer")
    text = f"{answer}, {_number_text(film, run)}"
    if may_show_number(receipt_of(film, run)):
        return text
    return tr(
        ":material/warning: You asked for this number. It means nothing for an X-ray that may not be read. {text}",
        text=text,
    )


def _number_text(film: VisitorFilm, run: Run) -> str:
    reading = film.readings[model_key(run)]
    spread = reading.assessment.calibrated if reading.assessment else None
    name = markdown_escaped(class_name(reading.positive_class))
    if spread is None:
        return tr(
            "likeness to {name} {probability_text}, interval not known",
            name=name,
            probability_text=probability_text(reading.probability),
        )
    return tr(
        "likeness to {name} {probability_text} ({range_text})",
        name=name,
        probability_text=probability_text(spread.value),
        range_text=range_text(spread.low, spread.high),
    )


def _is_done(film: VisitorFilm, run: Run) -> bool:
    return bool(film.refusal) or is_read(film, run)


def _ordered(films: Sequence[VisitorFilm], run: Run) -> list[VisitorFilm]:
    """The X-rays in the order chosen; those without a number come last. Draws the choice where there is one."""
    if len(films) < 2:
        return list(films)
    # Every one has a place only once it is read.
    order = st.segmented_control(
        tr("Order of the other X-rays"), (NEWEST, PROBABILITY, DOUBT), default=NEWEST, key=_ORDER, format_func=tr
    )
    if order == PROBABILITY:
        return sorted(films, key=lambda film: -_number(film, run))
    if order == DOUBT:
        return sorted(films, key=partial(_certainty, run=run))
    return list(films)


def _number(film: VisitorFilm, run: Run) -> float:
    """The number that is shown, -1 where none is."""
    if film.refusal or not is_read(film, run) or not shows_number(film, run):
        return -1.0
    reading = film.readings[model_key(run)]
    spread = reading.assessment.calibrated if reading.assessment else None
    return spread.value if spread else reading.probability


def _certainty(film: VisitorFilm, run: Run) -> float:
    """How far the number is from the operating point; above any where there is no number."""
    number = _number(film, run)
    return 2.0 if number < 0 else abs(number - film.readings[model_key(run)].threshold)


def _draw_list(films: Sequence[VisitorFilm], run: Run, numbers: Mapping[str, int]) -> None:
    for film in films:
        with st.container(border=True, key=f"predict_row_{film.id}"):
            words = st.container()
            if film.picture:
                picture, words = st.columns([1, 6], gap="small", vertical_alignment="center")
                picture.image(film.thumbnail, width=THUMBNAIL_SIDE, alt=tr("Chest X-ray"))
            with words:
                st.caption(film_title(film, numbers[film.id]))
                st.markdown(summary(film, run))
                if not film.refusal:
                    st.button(
                        tr("Open X-ray {numbers}", numbers=numbers[film.id]),
                        key=f"open_{film.id}",
                        on_click=_choose,
                        args=(film.id,),
                    )


def _choose(film_id: str) -> None:
    # Streamlit keeps what a button is called with until the session ends, also after Clear: never the X-ray itself.
    films = visitor_films()
    # Whoever clicks quickly has pressed Clear before.
    if any(film.id == film_id for film in films):
        st.session_state[_CHOSEN] = (films[0].id, film_id, uuid.uuid4().hex)


def _draw_invitation(run: Run, catalog: Catalog | None) -> None:
    st.info(
        tr(
            "Upload an X-ray, or choose one of the set. What it is, whether it may be read and what it is "
            "like appear here, then the number."
        ),
        icon=":material/radiology:",
    )
    seen = exposure(run, catalog) if catalog is not None else {}
    new_ones = (file for file, state in seen.items() if state in (NEW, PATIENT_UNKNOWN))
    if new := list(islice(new_ones, FILMS_TO_START_WITH)):
        st.markdown(tr("**X-rays that this model has not trained on**"))
        film_grid(catalog, new, key="new", on_open=choose_film)
