"""Read first, then reveal: a person answers, sees the model's answer and answers again; in the drill some of it is wrong on purpose.

Widgets of an X-ray bear its number, so that the next one begins without an answer.
"""

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.flags import is_synthetic
from covidlab.errors import CovidLabError
from covidlab.evaluation.reader_study import CONFIDENCES, Answer, Case, Mode, Study, held_out_cases
from covidlab.imaging.encode import jpeg
from covidlab.language import tr, tr_lazy
from covidlab.runs.exposure import holds_validation_films
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.predict.exercise_results import READERS_FOLLOW, draw_results, draw_tally, resembled
from covidlab.ui.predict.exercise_session import (
    MODE,
    NUMBER,
    Session,
    answer,
    begin,
    change,
    forget,
    go_on,
    key_of,
    mark,
    note_shown,
    session_of,
    skip,
    take_failure,
    widget_key,
)
from covidlab.ui.shared.cached import current_large_film
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer
from covidlab.ui.shared.feature_map import lies_in_one_class
from covidlab.ui.shared.navigation import TRAIN, page_link

NUMBERS_OF_XRAYS = (5, 10, 20, 50)
USUAL_NUMBER = 10

_MODES = {
    Mode.PLAIN: (
        tr_lazy("Read first, then reveal"),
        tr_lazy(
            "You answer. Then you see the model's answer, and you may change yours. Then you see the class in the set."
        ),
    ),
    Mode.DRILL: (
        tr_lazy("Wrong-advice drill"),
        tr_lazy(
            "You answer. Then you get advice, and you may change your answer. The classes in the set come at the end."
        ),
    ),
}
_SHOW = {Mode.PLAIN: tr_lazy("Show the model's answer"), Mode.DRILL: tr_lazy("Show the advice")}
_SHOWN = {Mode.PLAIN: tr_lazy("The model's answer"), Mode.DRILL: tr_lazy("The advice")}
_JPEG_QUALITY = 92
# What a reader may tell the classes by, where it coincides with them.
_TELLING = {"age_group": tr_lazy("age"), "source": tr_lazy("source")}
_CONFIDENCE_NAMES = {CONFIDENCES[0]: tr_lazy("1 guessed"), CONFIDENCES[-1]: tr_lazy("5 certain")}


def draw_exercise(run: Run, catalog: Catalog | None) -> None:
    """Draw the reading exercise on the validation X-rays of a run: its introduction, the X-ray in turn, or the results."""
    st.fragment(_draw)(run, catalog)


def _draw(run: Run, catalog: Catalog | None) -> None:
    cases = held_out_cases(run.predictions())
    if why_not := _why_not(run, catalog, cases):
        st.info(why_not, icon=":material/school:")
        page_link(TRAIN, label=tr("Train a model"), icon=":material/tune:")
        return
    session = session_of(run)
    if session is None:
        _draw_introduction(run, catalog, cases)
    elif session.is_over:
        draw_results(session.study, run, catalog)
        _draw_ways_out(run, session)
    else:
        _draw_xray(run, catalog, session)
        _draw_ways_out(run, session)


def _why_not(run: Run, catalog: Catalog | None, cases: tuple[Case, ...]) -> str:
    """Why there is nothing to read, with what to do; "" where there is."""
    if not cases:
        return tr(
            "This exercise needs X-rays that the model has not trained on, and this model has kept none for "
            "validation. Train a model of your own, then choose it here."
        )
    if catalog is None or not holds_validation_films(run, catalog):
        return tr(
            "The validation X-rays of {name} are not in the data set in use. Choose the data set of that run "
            "in the sidebar, or train a model on the one in use.",
            name=run.name,
        )
    return ""


def _draw_introduction(run: Run, catalog: Catalog, cases: tuple[Case, ...]) -> None:
    st.markdown(_what_is_read(run, catalog, len(cases)))
    mode = st.radio(
        tr("What would you like to do?"),
        list(_MODES),
        format_func=lambda mode: tr(_MODES[mode][0]),
        captions=[tr(words) for _, words in _MODES.values()],
        key=f"{key_of(run)}_{MODE}",
    )
    numbers = [*(number for number in NUMBERS_OF_XRAYS if number < len(cases)), len(cases)]
    st.segmented_control(
        tr("X-rays in this session"),
        numbers,
        default=USUAL_NUMBER if USUAL_NUMBER in numbers else numbers[-1],
        required=True,
        key=f"{key_of(run)}_{NUMBER}",
        help=tr("They are drawn at random from the X-rays held out. More X-rays give narrower intervals."),
    )
    if mode is Mode.DRILL:
        st.warning(
            tr(
                "**Some of the advice in this session is wrong on purpose.** Which advice that was, you see at "
                "the end. {readers_follow}",
                readers_follow=READERS_FOLLOW,
            ),
            icon=":material/warning:",
        )
    st.caption(tr("Your answers stay in your session: covidlab does not keep them."))
    st.button(tr("Begin"), key=f"{key_of(run)}_go", type="primary", on_click=begin, args=(run, cases))
    _draw_failure(run)


def _tells_the_class(catalog: Catalog, column: str) -> bool:
    return column in catalog.films and lies_in_one_class(catalog.films, column)


def _what_is_read(run: Run, catalog: Catalog, num_cases: int) -> str:
    """What is held out and how far that can be relied on, in Markdown."""
    name = markdown_escaped(catalog.name)
    text = tr(
        "You read X-rays before the model does. {upper}{name} kept {x_rays} of the set {name_2} for "
        "validation: its weights were not trained on them. They are X-rays of the set, not of your "
        "patients.",
        upper=run.name[0].upper(),
        name=run.name[1:],
        x_rays=pluralize(num_cases, "X-ray"),
        name_2=name,
    )
    if shared := run.load_facts().get("data", {}).get("num_validation_with_patient_in_training"):
        text += tr(
            " {shared} of them show a patient who is also in training, so the model is right too often here.",
            shared=shared,
        )
    if run.load_config().start_from:
        text += tr(" The run began from an earlier model, which may have trained on them.")
    if telling := [words for column, words in _TELLING.items() if _tells_the_class(catalog, column)]:
        text += tr(
            " In this set {telling} differ between the classes throughout, so an answer can be right without "
            "any sign of disease.",
            telling=tr(" and ").join(map(str, telling)),
        )
    if is_synthetic(catalog.films).any():
        text += tr(" Synthetic X-rays are among them: covidlab computed these, and they show no patient.")
    return text


def _draw_xray(run: Run, catalog: Catalog, session: Session) -> None:
    study = session.study
    number = len(study.answers) if session.is_revealed else study.number
    case = study.answers[-1].case if session.is_revealed else study.current
    title = tr("X-ray {number} of {num_cases}", number=number, num_cases=len(study.cases))
    st.progress(len(study.answers) / len(study.cases), text=f"**{title}**")
    picture, words = st.columns([3, 2], gap="medium")
    try:
        film = jpeg(current_large_film(catalog, case.file), quality=_JPEG_QUALITY)
        with picture:
            # No name here: that of the file or of the class would give the answer away.
            pane = Pane(film, "", alt=tr("Chest {title}", title=title))
            Viewer(key=f"{key_of(run)}_film", subject=f"{study.seed} {number}").draw([pane])
    except CovidLabError:
        # Its text names the file.
        picture.error(tr("This X-ray cannot be shown. It is left out of this session."), icon=":material/broken_image:")
        words.button(
            tr("Next X-ray"), key=f"{key_of(run)}_go", on_click=go_on if session.is_revealed else skip, args=(run,)
        )
        return
    with words:
        if session.is_revealed:
            _draw_truth(run, study)
        elif session.marked:
            _draw_second_question(run, session)
        else:
            _draw_question(run, session)
        _draw_failure(run)
        if study.mode is Mode.DRILL:
            st.caption(tr("Some of the advice in this session is wrong on purpose."))
    # Below both columns: in the narrow one every row would be two lines high.
    draw_tally(study, is_over=False)


def _draw_question(run: Run, session: Session) -> None:
    note_shown(run)
    label = tr("Which X-rays of the set does it resemble?")
    st.radio(label, session.study.classes, index=None, format_func=resembled, key=widget_key(run, "class"))
    st.segmented_control(
        tr("How sure are you?"),
        CONFIDENCES,
        format_func=lambda step: str(_CONFIDENCE_NAMES.get(step, step)),
        key=widget_key(run, "sure"),
    )
    _draw_button(run, tr(_SHOW[session.study.mode]), mark)


def _draw_second_question(run: Run, session: Session) -> None:
    said, confidence = session.marked
    study = session.study
    st.markdown(_first_said(said, confidence))
    st.info(
        tr(
            "**{shown}:** it resembles {resembled}.",
            shown=_SHOWN[study.mode],
            resembled=resembled(study.shown_class()),
        ),
        icon=":material/psychology:",
    )
    final = st.radio(
        tr("Your answer now"),
        study.classes,
        index=study.classes.index(said),
        format_func=resembled,
        key=widget_key(run, "final"),
    )
    label = tr("Keep my answer") if final == said else tr("Change my answer")
    _draw_button(run, label, answer)


def _draw_truth(run: Run, study: Study) -> None:
    last = study.answers[-1]
    st.markdown(tr("**In the set it is one of {resembled}.**", resembled=resembled(last.case.true_class)))
    st.markdown(f"{_verdict(last.is_right)} {_said(last)}")
    st.markdown(
        tr(
            "{verdict} The model said it resembles {resembled}.",
            verdict=_verdict(not last.advice_is_wrong),
            resembled=resembled(last.shown_class),
        )
    )
    _draw_button(run, tr("Next X-ray") if study.current else tr("Show the results"), go_on)


def _draw_button(run: Run, label: str, on_click) -> None:
    # One key for all steps, and never disabled: so the button keeps the focus of the keyboard from one X-ray to the next.
    st.button(label, key=f"{key_of(run)}_go", type="primary", on_click=on_click, args=(run,), width="stretch")


def _draw_ways_out(run: Run, session: Session) -> None:
    key, num_answers = key_of(run), len(session.study.answers)
    if session.asks_to_restart:
        st.warning(tr("{answers} will be lost.", answers=pluralize(num_answers, "answer")), icon=":material/warning:")
        with st.container(horizontal=True):
            st.button(tr("Start again and lose them"), key=f"{key}_lose", on_click=forget, args=(run,))
            st.button(tr("Go on"), key=f"{key}_stay", on_click=change, args=(run,), kwargs={"asks_to_restart": False})
        return
    with st.container(horizontal=True):
        if num_answers and not session.is_over:
            st.button(tr("End here"), key=f"{key}_end", on_click=change, args=(run,), kwargs={"is_over": True})
        if num_answers:
            ask = {"asks_to_restart": True}
            st.button(
                tr("Start again"),
                key=f"{key}_again",
                icon=":material/restart_alt:",
                on_click=change,
                args=(run,),
                kwargs=ask,
            )
        else:
            st.button(tr("Back"), key=f"{key}_back", icon=":material/arrow_back:", on_click=forget, args=(run,))


def _draw_failure(run: Run) -> None:
    if failure := take_failure(run):
        st.error(markdown_escaped(failure, max_length=300))


def _said(answer: Answer) -> str:
    """What the reader said at last."""
    if answer.is_changed:
        return tr(
            "You changed your answer from {resembled} to {resembled_2}.",
            resembled=resembled(answer.first_class),
            resembled_2=resembled(answer.final_class),
        )
    return _first_said(answer.first_class, answer.first_confidence)


def _first_said(resembling: str, confidence: int) -> str:
    return tr("You said it resembles {resembled} ({sure}).", resembled=resembled(resembling), sure=_sure(confidence))


def _sure(confidence: int) -> str:
    return tr("confidence {confidence} of {confidences}", confidence=confidence, confidences=CONFIDENCES[-1])


def _verdict(is_right: bool) -> str:
    return tr(":material/check: Right.") if is_right else tr(":material/close: Wrong.")
