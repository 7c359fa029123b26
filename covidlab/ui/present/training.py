"""The steps of a lesson that show a run: started live or played again, its curve, one split against all."""

from datetime import datetime

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.errors import CovidLabError
from covidlab.language import date_text, number_text, tr, tr_lazy, tr_many
from covidlab.runs.estimate import estimate
from covidlab.runs.names import readable_name, short_name
from covidlab.runs.over_splits import describe_splits
from covidlab.runs.recorded_run import CAME_WITH, bring_recorded_run, fits
from covidlab.runs.status import State, Status
from covidlab.runs.store import Run
from covidlab.services.access import Act
from covidlab.services.learning_text import find_gap
from covidlab.text import about_seconds, markdown_escaped, metric_text, plain_number, pluralize, sentence_escaped
from covidlab.ui.present.lesson import Large, Lesson, draw_large
from covidlab.ui.present.state import go_to, hide_run, is_replay, show_run
from covidlab.ui.present.xrays import bet_of_the_room
from covidlab.ui.shared.components.learning import learning
from covidlab.ui.shared.components.live_run import live_run
from covidlab.ui.shared.permission import allowed
from covidlab.ui.shared.recorded import recorded_runs, start_run
from covidlab.ui.shared.run_drawing import page_state
from covidlab.ui.shared.verdict import draw_verdict_line
from covidlab.ui.shared.visitor import keep_visitor

TRAIN_STEP = 3

_MESSAGE, _REPLAY_KEY = "present_message", "present_replay"
_NO_RUN = tr_lazy("No run is shown yet. Train the network, or play a recorded run.")


def lesson_config(lesson: Lesson) -> TrainingConfig:
    """Return the settings of the lesson's run: the defaults, under which one split of the fifty says more than all splits do."""
    return TrainingConfig(dataset=str(lesson.catalog.root), positive_class=lesson.catalog.positive_class)


def draw_training(lesson: Lesson) -> None:
    """Draw the button that trains, or the run that it has started: every X-ray as a moving dot."""
    keep_visitor()
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(sentence_escaped(message))
    if lesson.run is None:
        _offer_to_train(lesson)
        _offer_replay(lesson)
    elif reason := _why_not_shown(lesson.run):
        st.warning(markdown_escaped(reason, max_length=400))
        _offer_to_train(lesson)
        _offer_replay(lesson)
    else:
        _draw_dots(lesson, lesson.run, part="dots")


def _why_not_shown(run: Run) -> str:
    """Why nothing of a run can be played, "" where it can or soon will."""
    status = run.status()
    if status.is_active or status.epoch > 0:
        return ""
    return tr("{short_name} ended before its first epoch. {reason}", short_name=short_name(run), reason=status.reason)


def _offer_to_train(lesson: Lesson) -> None:
    config = lesson_config(lesson)
    seconds = about_seconds(estimate(config, lesson.catalog).total)
    st.markdown(
        tr(
            "VGG16 has learned to tell objects in photographs. Two new layers on top of it now learn these "
            "X-rays: {epochs}, {batch_size} X-rays at a time, learning rate {decimal_text}. It takes "
            "{seconds}.",
            epochs=pluralize(config.epochs, "epoch"),
            batch_size=config.batch_size,
            decimal_text=plain_number(config.learning_rate),
            seconds=seconds,
        )
    )
    st.button(
        tr("Train it now"),
        key="present_start",
        type="primary",
        icon=":material/play_arrow:",
        on_click=_start,
        args=(lesson,),
        **allowed(Act.TRAIN),
    )


def _start(lesson: Lesson) -> None:
    try:
        run = start_run(lesson_config(lesson), lesson.catalog)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)
    else:
        show_run(run.id, is_live=True)


def _offer_replay(lesson: Lesson) -> None:
    runs = {run.id: run for run in recorded_runs(lesson.catalog)}
    if not runs:
        _offer_recording(lesson)
        return
    st.markdown(tr("**Or play a recorded run again**, where nothing can be trained:"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            tr("Recorded run"),
            list(runs),
            format_func=lambda run_id: readable_name(runs[run_id]),
            key=_REPLAY_KEY,
            label_visibility="collapsed",
        )
        st.button(
            tr("Play the replay"),
            key="present_play_replay",
            icon=":material/replay:",
            on_click=show_run,
            args=(chosen,),
            kwargs={"is_live": False},
        )


def _offer_recording(lesson: Lesson) -> None:
    """Offer what comes with the package, where no run of these X-rays is here."""
    if not fits(lesson.catalog):
        st.markdown(
            tr("No recorded run of these X-rays is here. A run that has been trained once can be played again later.")
        )
        return
    st.markdown(tr("**Or play the recording that comes with covidlab**, where nothing can be trained:"))
    st.button(
        tr("Play the recording"),
        key="present_play_recording",
        icon=":material/replay:",
        on_click=_bring,
        args=(lesson,),
    )


def _bring(lesson: Lesson) -> None:
    try:
        show_run(bring_recorded_run(lesson.catalog).id, is_live=False)
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)


def draw_curve(lesson: Lesson) -> None:
    """Draw the cross-validated accuracy over the epochs, the one split beside it."""
    if lesson.run is None:
        _lead_to_training()
        return
    _draw_dots(lesson, lesson.run, part="curve")


def _draw_dots(lesson: Lesson, run: Run, *, part: str) -> None:
    """Draw a run with what kind of showing it is; ``part``: "dots" or "curve"."""
    status = run.status()
    state = page_state(status.state)
    # The style sheet puts what is said beside the chart where the screen is wide, so that the chart has the height.
    with st.container(key="present_stage"):
        with st.container(key="present_showing"):
            _draw_showing(run, status, changes=part == "dots")
        learning(
            run,
            lesson.catalog,
            key=f"present_learning_{part}",
            state=state,
            large=True,
            replays=part == "dots",
            shows=part,
        )
    live_run(run, state, watch={}, key=f"present_live_{run.id}", charts=False, progress=False)


def _draw_showing(run: Run, status: Status, *, changes: bool) -> None:
    """Say what kind of showing it is and how the run ended; ``changes``: another run can be chosen here."""
    st.markdown(_describe_showing(run, is_active=status.is_active))
    if not status.is_active and status.state is not State.FINISHED:
        st.warning(markdown_escaped(status.reason or tr("The run was {state}.", state=status.state), max_length=400))
    if changes and not status.is_active:
        st.button(tr("Choose another run"), key="present_hide", icon=":material/swap_horiz:", on_click=hide_run)


def _describe_showing(run: Run, *, is_active: bool) -> str:
    """Whether what is shown happens now or was recorded, as Markdown."""
    name = markdown_escaped(readable_name(run), max_length=160)
    if not is_replay(run.id):
        return (
            tr(":blue-badge[Live] {name}", name=name)
            if is_active
            else tr(":blue-badge[Live] {name}, trained a moment ago in this lesson", name=name)
        )
    if is_active:
        return tr(":blue-badge[Live] {name}, started elsewhere", name=name)
    return tr(":orange-badge[Replay] {name}{when}", name=name, when=_when(run))


def _when(run: Run) -> str:
    facts = run.load_facts()
    try:
        day = datetime.fromisoformat(facts["created"])
    except (KeyError, TypeError, ValueError):
        return ""
    return tr(", recorded on {day}", day=date_text(day, with_time=False)) + (
        tr(", part of covidlab") if facts.get(CAME_WITH) else ""
    )


def _lead_to_training() -> None:
    st.markdown(tr(_NO_RUN))
    st.button(tr("Go to the training"), key="present_to_training", on_click=go_to, args=(TRAIN_STEP,))


def draw_splits(lesson: Lesson) -> None:
    """Draw the figure of the one split beside that of all splits, and what the room had said."""
    report = (lesson.run.report() if lesson.run else None) or {}
    crossed = report.get("cross_validation") or {}
    if lesson.run is None or not report:
        _lead_to_training()
        return
    data = report.get("data") or {}
    figures = [
        _large(
            tr(
                "Accuracy on these {validation_x_rays}",
                validation_x_rays=pluralize(data.get("num_validation", 0), "validation X-ray"),
            ),
            report.get("accuracy"),
        )
    ]
    if "accuracy" in crossed:
        figures.append(
            _large(
                tr("Accuracy over {describe_splits}", describe_splits=describe_splits(crossed)),
                crossed["accuracy"],
                patients=crossed.get("num_patients"),
            )
        )
    draw_large(figures)
    for sentence in splits_sentences(report):
        st.markdown(markdown_escaped(sentence, max_length=400))
    if bet := bet_of_the_room():
        st.markdown(tr("The room said: **{bet}**.", bet=bet))
    draw_verdict_line(lesson.run, key="present_splits_verdict", is_large=True, offers=False)
    if is_replay(lesson.run.id):
        st.markdown(tr(":orange-badge[Replay] {name}{when}", name=markdown_escaped(short_name(lesson.run)), when=""))


def _large(name: str, figure: dict | None, *, patients: int | None = None) -> Large:
    if not figure or figure.get("value") is None:
        return Large("–", name, metric_text(figure))
    of_patients = tr(" of {patients}", patients=pluralize(patients, "patient")) if patients else ""
    interval = tr(
        "95 % interval {low:.2f} to {high:.2f}, n = {x_rays}{of_patients}",
        low=figure["low"],
        high=figure["high"],
        x_rays=pluralize(figure["n"], "X-ray"),
        of_patients=of_patients,
    )
    return Large(number_text(figure["value"], ".2f"), name, interval)


def splits_sentences(report: dict) -> list[str]:
    """Return what one split and all splits say together, in plain text.

    Parameters
    ----------
    report : of a run, with "accuracy" and "data"; where it has no cross-validation, its sentence says why
    """
    data, accuracy = report.get("data") or {}, report.get("accuracy") or {}
    crossed = report.get("cross_validation") or {}
    num_validation = int(data.get("num_validation") or 0)
    sentences = []
    if "skipped" in crossed:
        sentences.append(tr(crossed["skipped"]))
    elif "accuracy" in crossed and accuracy.get("value") is not None:
        intervals = ([figure[name] for name in ("value", "low", "high")] for figure in (accuracy, crossed["accuracy"]))
        split, all_splits = intervals
        gap = find_gap(split=split, crossed=all_splits, num_validation=num_validation, over=describe_splits(crossed))
        sentences.append(gap.sentence if gap else tr("The one split lies within the interval of all splits."))
    if num_validation:
        points = f"{100 / num_validation:.0f}"
        sentences.append(
            tr(
                "One X-ray of {num_validation} is {points} points of accuracy.",
                num_validation=num_validation,
                points=points,
            )
        )
    if shared := data.get("num_validation_with_patient_in_training"):
        sentences.append(
            tr_many(
                "{number} of the {num_validation} is of a patient who is in training too.",
                "{number} of the {num_validation} are of a patient who is in training too.",
                shared,
                num_validation=num_validation,
            )
        )
    return sentences
