"""Curate: keep, drop or relabel each film of the set with a reason, under a name; the films stay as they are."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.selections import (
    MAX_NAME_LETTERS,
    MAX_REASON_LETTERS,
    Decision,
    Selection,
    apply_selection,
    change_decision,
    changed_films,
    create_selection,
    delete_selection,
    films_by_loss,
    load_selection,
    missing_films,
    selection_names,
    selection_path,
    undo_decision,
)
from covidlab.data.splits import require_two_patients
from covidlab.errors import CovidLabError
from covidlab.language import number_text, tr, tr_lazy
from covidlab.runs.store import Run, RunStore
from covidlab.services.access import Act
from covidlab.services.actions import perform
from covidlab.text import class_name, markdown_escaped, one_line, pluralize, sentence_escaped
from covidlab.ui.shared.cached import current_large_film, current_thumbnails
from covidlab.ui.shared.films import Film, facts_html, film_facts, film_name, known_patient
from covidlab.ui.shared.permission import allowed, may_here, say_why_not
from covidlab.ui.shared.visitor import current_visitor

FILMS_A_PAGE = 12
SELECTION_KEY, RUN_KEY, SHOW_KEY, PAGE_KEY = "curate_selection", "curate_run", "curate_show", "curate_page"
REASONS = (
    tr_lazy("Text, arrows or letters on the X-ray"),
    tr_lazy("Another view or part of the body"),
    tr_lazy("Poor exposure, or cut off"),
    tr_lazy("The same as another X-ray"),
    tr_lazy("Not what its class says"),
)

_OFFERED = {reason: reason for reason in REASONS}
_KEEP, _DROP, _RELABEL = "keep", "drop", "relabel:"
_ALL, _DECIDED = "all", "decided"
_MESSAGE = "curate_message"
_STYLE = """<style>
[class*="st-key-film_card_curate_drop"] img { opacity: 0.35; filter: grayscale(1); }
[class*="st-key-curate_film_"] { gap: 0.4rem; }
/* Streamlit's accent on its own tint is too faint to read in the dark. */
[class*="st-key-curate_film_"] [role="radio"][aria-checked="true"] { color: inherit; font-weight: 600; }
[class*="st-key-curate_film_"] [data-testid="stCaptionContainer"] p { font-size: 0.8rem; line-height: 1.35; }
</style>"""


def choose_selection(catalog: Catalog) -> Selection | None:
    """Draw the choice among the saved selections and what can be done with one; None where there is none to change."""
    names = selection_names(catalog.root)
    st.markdown(
        tr(
            "A selection records which X-rays to leave out, which to count in another class, and why. It is "
            "saved beside the data under a name, and Train can use it. The X-rays themselves never change."
        )
    )
    _draw_message()
    say_why_not(Act.TRAIN)
    if not names:
        _draw_new(catalog, first=True)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="curate_selections"):
        name = st.selectbox(
            tr("Selection"), names, key=SELECTION_KEY, bind="query-params", format_func=one_line, width=280
        )
        with st.popover(tr("New"), icon=":material/add:"):
            _draw_new(catalog, first=False)
        selection, why_not = _loaded(catalog, name)
        _draw_undo(catalog, selection)
        if st.button(tr("Delete"), key="curate_delete", icon=":material/delete:", **allowed(Act.ADD)):
            _confirm_deletion(catalog, name, selection)
    if why_not:
        st.error(sentence_escaped(why_not))
    return selection


def draw_effect(catalog: Catalog, selection: Selection) -> None:
    """Say what the selection leaves of the set, what stands against it, and list its decisions."""
    st.markdown(describe_selection(catalog, selection))
    try:
        require_two_patients(apply_selection(catalog, selection))
    except CovidLabError as error:
        st.warning(sentence_escaped(error))
    for kind, files, what in (
        ("changed", changed_films(catalog, selection), _about_changed),
        ("missing", missing_films(catalog, selection), _about_missing),
    ):
        if files:
            forget = partial(_forget, catalog, selection.name, files)
            st.warning(what(pluralize(len(files), "X-ray"), markdown_escaped(", ".join(files), max_length=200)))
            st.button(
                tr("Forget the {decisions}", decisions=pluralize(len(files), "decision")),
                key=f"forget_{kind}",
                on_click=forget,
            )
    if selection.decisions:
        with st.expander(tr("{decisions}, with reasons", decisions=pluralize(len(selection.decisions), "decision"))):
            st.dataframe(decisions_table(selection), hide_index=True, alt=tr("The decisions of this selection"))
            path = selection_path(catalog.root, selection.name)
            st.caption(tr("Kept in {path}.", path=markdown_escaped(path, max_length=300)))


def _about_changed(x_rays: str, files: str) -> str:
    return tr("{x_rays} changed since the decision: {files}.", x_rays=x_rays, files=files)


def _about_missing(x_rays: str, files: str) -> str:
    return tr("{x_rays} missing from the folder: {files}.", x_rays=x_rays, files=files)


def describe_selection(catalog: Catalog, selection: Selection) -> str:
    """Return in Markdown how many films are dropped and relabelled, and how many of each class are left."""
    films = catalog.films
    moved = {file: selection.decisions[file].new_class for file in selection.relabelled}
    left = films[~films["file"].isin(selection.excluded)]
    classes = pd.Series(
        [moved.get(file, own) for file, own in zip(left["file"], left["class"], strict=True)], dtype=str
    )
    kinds = [
        f"{number_text(int((classes == name).sum()))} {markdown_escaped(class_name(name))}" for name in catalog.classes
    ]
    num_dropped = catalog.num_films - len(left)
    num_moved = len(set(moved) & set(left["file"]))
    return tr(
        "**{num_dropped:,} dropped, {num_moved:,} relabelled.** {num_left:,} of {x_rays} are left: {kinds}.",
        num_dropped=num_dropped,
        num_moved=num_moved,
        num_left=len(left),
        x_rays=pluralize(catalog.num_films, "X-ray"),
        kinds=", ".join(kinds),
    )


def decisions_table(selection: Selection) -> pd.DataFrame:
    """Return a row a decision: film, decision, reason."""
    words = {"include": tr("keep"), "exclude": tr("drop")}
    rows = [
        (
            file,
            words.get(made.action, tr("relabel as {class_name}", class_name=class_name(made.new_class))),
            _reason_words(made.reason),
        )
        for file, made in sorted(selection.decisions.items())
    ]
    return pd.DataFrame(rows, columns=[tr("X-ray"), tr("decision"), tr("reason")])


def ordered_films(catalog: Catalog, selection: Selection) -> pd.DataFrame:
    """Draw the choice of order and of what to show; return file, probability and loss of the films to show, in order."""
    runs = {run.id: run for run in runs_of(catalog)}
    order, show = st.columns(2)
    with order:
        run_id = st.selectbox(
            tr("Highest loss first, by"),
            list(runs),
            key=RUN_KEY,
            bind="query-params",
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
        shown_kind = st.selectbox(
            tr("Show"),
            (_ALL, _DECIDED, *catalog.classes),
            key=SHOW_KEY,
            bind="query-params",
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
    rows = catalog.films.set_index("file", drop=False).loc[list(here["file"])]
    with st.grid(min_column_width=165, gap=(20, 24), key="curate_grid"):
        pictures = current_thumbnails(catalog, here["file"])
        for number, (film, verdict, picture) in enumerate(
            zip(rows.to_dict("records"), here.to_dict("records"), pictures, strict=True)
        ):
            with st.container(key=f"curate_film_{number}"):
                _draw_card(catalog, selection, film, picture, number)
                _draw_loss(verdict["probability"], verdict["loss"])
                _draw_decision(catalog, selection, film)
    if num_pages > 1:
        st.pagination(num_pages, key=PAGE_KEY)


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


def _draw_decision(catalog: Catalog, selection: Selection, film: Film) -> None:
    file, made = film["file"], selection.decisions.get(film["file"])
    others = [name for name in catalog.classes if name != film["class"]]
    # The file says what is decided, not the widget: an undo, or another visitor, shows at the next look.
    keys = {part: f"curate_{part}_{selection.name}_{file}" for part in ("action", "reason")}
    st.session_state[keys["action"]] = _option(made)
    st.session_state[keys["reason"]] = (made.reason if made else "") or None
    decide, is_off = partial(_decide, catalog, selection.name, file, keys), not may_here(Act.TRAIN)
    name = film_name(film)
    st.pills(
        tr("Decision: {name}", name=name),
        (_KEEP, _DROP, *(f"{_RELABEL}{other}" for other in others)),
        required=True,
        wrap=True,
        key=keys["action"],
        format_func=_option_words,
        on_change=decide,
        disabled=is_off,
        label_visibility="collapsed",
    )
    st.selectbox(
        tr("Reason: {name}", name=name),
        list(dict.fromkeys([*REASONS, *([made.reason] if made and made.reason else [])])),
        index=None,
        placeholder=tr("Reason: choose or type"),
        format_func=_reason_words,
        accept_new_options=True,
        key=keys["reason"],
        on_change=decide,
        disabled=is_off,
        label_visibility="collapsed",
    )


def _decide(catalog: Catalog, name: str, file: str, keys: dict[str, str]) -> None:
    option = st.session_state[keys["action"]] or _KEEP
    reason = str.__str__(st.session_state[keys["reason"]] or "").strip()[:MAX_REASON_LETTERS]
    action, new_class = {_KEEP: ("include", ""), _DROP: ("exclude", "")}.get(
        option, ("relabel", option.removeprefix(_RELABEL))
    )
    made = Decision(action=action, new_class=new_class, reason=reason, sha256=catalog.row(file)["sha256"])
    # A film that is kept without a word is as if nobody had looked at it.
    _try(lambda: change_decision(catalog.root, name, file, None if action == "include" and not reason else made))


def _option(made: Decision | None) -> str:
    if made is None or made.action == "include":
        return _KEEP
    return _DROP if made.action == "exclude" else f"{_RELABEL}{made.new_class}"


def _option_words(option: str) -> str:
    if option.startswith(_RELABEL):
        return f"→ {markdown_escaped(class_name(option.removeprefix(_RELABEL)), max_length=24)}"
    return tr("Keep") if option == _KEEP else tr("Drop")


def _reason_words(reason: str) -> str:
    """A reason that is offered, in the language of now; one that somebody has typed stays as it is."""
    return str(_OFFERED.get(reason, reason))


def _draw_new(catalog: Catalog, *, first: bool) -> None:
    with st.form("curate_new", border=False, clear_on_submit=True):
        st.text_input(
            tr("Name of the first selection") if first else tr("Name of the new selection"),
            key="curate_new_name",
            max_chars=MAX_NAME_LETTERS,
            placeholder=tr("for example: without arrows"),
            width=360,
        )
        may = allowed(Act.TRAIN)
        st.form_submit_button(
            tr("Create"), key="curate_create", type="primary", on_click=_create, args=(catalog,), **may
        )


def _create(catalog: Catalog) -> None:
    def create() -> None:
        st.session_state[SELECTION_KEY] = create_selection(catalog.root, st.session_state["curate_new_name"]).name

    _try(create)


def _draw_undo(catalog: Catalog, selection: Selection | None) -> None:
    changes = selection.changes if selection else ()
    st.button(
        tr("Undo"),
        key="curate_undo",
        icon=":material/undo:",
        on_click=lambda: _try(lambda: undo_decision(catalog.root, selection.name)),
        **allowed(
            Act.TRAIN,
            disabled=not changes,
            help=tr("Undoes the last change: {changes}", changes=one_line(changes[-1][0], max_length=60))
            if changes
            else tr("Nothing to undo"),
        ),
    )


def _confirm_deletion(catalog: Catalog, name: str, selection: Selection | None) -> None:
    st.dialog(tr("Delete this selection?"), icon=":material/delete:")(_ask_for_deletion)(catalog, name, selection)


def _ask_for_deletion(catalog: Catalog, name: str, selection: Selection | None) -> None:
    what = (
        tr("its {decisions} with the reasons", decisions=pluralize(len(selection.decisions), "decision"))
        if selection
        else tr("its damaged file")
    )
    st.markdown(
        tr(
            "**{name}**: {what}. The X-rays stay. Runs that used the selection keep their own copy.",
            name=markdown_escaped(name),
            what=what,
        )
    )
    delete, keep = st.columns(2)
    deleted = delete.button(
        tr("Delete"),
        key="curate_delete_confirm",
        type="primary",
        width="stretch",
        on_click=lambda: _try(lambda: _delete(catalog, name), act=Act.ADD),
    )
    if deleted or keep.button(tr("Keep"), key="curate_delete_keep", width="stretch"):
        st.rerun()


def _delete(catalog: Catalog, name: str) -> None:
    delete_selection(catalog.root, name)
    # The address follows by itself: Streamlit refuses to take out a parameter that a widget is bound to.
    st.session_state.pop(SELECTION_KEY, None)


def _forget(catalog: Catalog, name: str, files: list[str]) -> None:
    for file in files:
        _try(lambda file=file: change_decision(catalog.root, name, file, None))


def _show_large(catalog: Catalog, film: Film) -> None:
    st.dialog(tr("X-ray"), width="large")(_draw_large)(catalog, film)


def _draw_large(catalog: Catalog, film: Film) -> None:
    try:
        pixels = current_large_film(catalog, film["file"])
        st.image(pixels, width="stretch", output_format="JPEG", alt=film_name(film))
    except CovidLabError as error:
        st.error(sentence_escaped(error))
    st.html(facts_html([*film_facts(film), (tr("File"), one_line(film["file"], max_length=200))]))


def _loaded(catalog: Catalog, name: str) -> tuple[Selection | None, str]:
    try:
        return load_selection(catalog.root, name), ""
    except CovidLabError as error:
        return None, str(error)


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


def _try(step: Callable[[], object], *, act: Act = Act.TRAIN) -> None:
    """Do what changes a selection, where the visitor may; a message for the page where that fails."""
    try:
        perform(current_visitor(), act, step)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)


def _draw_message() -> None:
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(sentence_escaped(message))
