"""Where a visitor is in the reading exercise: kept in the visitor's own session, one for each run, until it is begun again.

What buttons call reads the widgets itself: whoever clicks quickly has answered what the page has not drawn yet.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.evaluation.reader_study import Case, Mode, Study, begin_study
from covidlab.language import tr_lazy
from covidlab.runs.store import Run

MODE, NUMBER = "mode", "number"

_BOTH_ARE_NEEDED = tr_lazy("Choose a class and say how sure you are. Then the answer is shown.")
# All steps have one button, so the second click of a double click would answer the next question.
DOUBLE_CLICK_SECONDS = 0.4


@dataclass(frozen=True)
class Session:
    """A study and where in it the reader is.

    marked: class and confidence of the X-ray in turn, once given and while an answer is shown. seconds: until then.
    is_revealed: the last answer is shown with the truth, and the next X-ray waits.
    shown_at: when the X-ray in turn was first drawn, 0 before. stepped_at: when the last step was taken.
    """

    study: Study
    marked: tuple[str, int] | None = None
    seconds: float = 0.0
    is_revealed: bool = False
    is_over: bool = False
    asks_to_restart: bool = False
    shown_at: float = 0.0
    stepped_at: float = field(default_factory=time.monotonic)

    @property
    def has_just_stepped(self) -> bool:
        """Whether a click comes so soon that it is the second one of a double click on the step before."""
        return time.monotonic() - self.stepped_at < DOUBLE_CLICK_SECONDS

    def seconds_since_shown(self) -> float:
        """Return the seconds that the X-ray in turn has been shown."""
        return time.monotonic() - self.shown_at


def _within_session(step: Callable[..., None]) -> Callable[..., None]:
    """A step that does nothing where a click just before has ended the session."""

    @wraps(step)
    def take(run: Run, **changes) -> None:
        if session_of(run) is not None:
            step(run, **changes)

    return take


def key_of(run: Run) -> str:
    """Return the key of a run's session, with which the keys of its widgets begin."""
    return f"predict_exercise_{run.id}"


def session_of(run: Run) -> Session | None:
    """Return where this visitor is with a run's X-rays, None before the first one."""
    return st.session_state.get(key_of(run))


def widget_key(run: Run, name: str) -> str:
    """Return the key of a widget of the X-ray in turn; the seed tells a session from the one before it."""
    study = session_of(run).study
    return f"{key_of(run)}_{study.seed}_{study.number}_{name}"


def begin(run: Run, cases: Sequence[Case]) -> None:
    """Draw a session as chosen, or keep for ``take_failure`` why it cannot be drawn."""
    classes = (run.report() or {}).get("classes") or sorted({case.true_class for case in cases})
    mode, num_cases = (st.session_state[f"{key_of(run)}_{name}"] for name in (MODE, NUMBER))
    try:
        study = begin_study(cases, classes, mode=mode, seed=secrets.randbelow(2**31), num_cases=num_cases)
    except CovidLabError as error:
        _keep_failure(run, error)
    else:
        _keep(run, Session(study))


def take_failure(run: Run) -> str:
    """Return, once, why the last click could not do what it says; "" where it could."""
    return st.session_state.pop(f"{key_of(run)}_failure", "")


def note_shown(run: Run) -> None:
    """Note when the X-ray in turn is drawn for the first time."""
    if not session_of(run).shown_at:
        change(run, shown_at=time.monotonic())


@_within_session
def mark(run: Run) -> None:
    """Keep the first answer while another is shown; where a part of it is missing, say so."""
    session = session_of(run)
    if not session.has_just_stepped and not session.marked and (marked := _marked(run)):
        change(run, marked=marked, seconds=session.seconds_since_shown(), stepped_at=time.monotonic())


@_within_session
def answer(run: Run) -> None:
    """Keep the last answer: the class in the set follows at once, or in a drill the next X-ray."""
    session = session_of(run)
    if session.has_just_stepped or not session.marked:
        return
    final = st.session_state.get(widget_key(run, "final"))
    study = session.study.answered(*session.marked, final_class=final, seconds=session.seconds)
    is_plain = study.mode is Mode.PLAIN
    _keep(run, Session(study, is_revealed=is_plain, is_over=not is_plain and study.current is None))


@_within_session
def go_on(run: Run) -> None:
    """Show the next X-ray, or the results after the last one."""
    session = session_of(run)
    if session.is_revealed and not session.has_just_stepped:
        _keep(run, Session(session.study, is_over=session.study.current is None))


@_within_session
def skip(run: Run) -> None:
    """Leave out the X-ray in turn."""
    study = session_of(run).study.without_current()
    _keep(run, Session(study, is_over=study.current is None))


@_within_session
def change(run: Run, **changes) -> None:
    """Change what is said of the session beside its study."""
    _keep(run, replace(session_of(run), **changes))


def forget(run: Run) -> None:
    """Return to the introduction; the answers are lost."""
    st.session_state.pop(key_of(run), None)


def _marked(run: Run) -> tuple[str, int] | None:
    """Class and confidence in the widgets; None where one is missing, which is kept for ``take_failure``."""
    said, confidence = (st.session_state.get(widget_key(run, name)) for name in ("class", "sure"))
    if said is None or confidence is None:
        _keep_failure(run, _BOTH_ARE_NEEDED)
        return None
    return said, confidence


def _keep_failure(run: Run, failure: object) -> None:
    st.session_state[f"{key_of(run)}_failure"] = str(failure)


def _keep(run: Run, session: Session) -> None:
    st.session_state[key_of(run)] = session
