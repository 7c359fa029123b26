"""Predict the curve: before Start a visitor picks how the run will go, and may sketch it; it is scored when the run ends.

What is picked waits in the visitor's session until the address names a run that is newer than the pick: the one this visitor
has started. Keys do not begin with ``train_``, which are settings of a run and are forgotten with them.
"""

from dataclasses import dataclass

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.language import tr
from covidlab.runs.guess import (
    NAMES,
    SHORT,
    Outcome,
    describe_outcome,
    describe_score,
    describe_sketch,
    how_decided,
    outcome_of,
    validation_line,
)
from covidlab.runs.learning_curves import FEWEST_EPOCHS, Curves, curves_of
from covidlab.runs.status import State
from covidlab.runs.store import Run, RunStore
from covidlab.text import markdown_escaped
from covidlab.ui.shared.components.curve_sketch import checked_sketch, draw_pad, draw_sketch

PICK, PAD = "guess_outcome", "guess_pad"
_AFTER, _ROUND, _GUESSES, _SCORES = "guess_after", "guess_round", "guess_by_run", "guess_scores"


@dataclass(frozen=True)
class Guess:
    """What a visitor said of a run before it began; ``sketch`` is None where nothing was drawn."""

    outcome: Outcome
    sketch: tuple[float, ...] | None = None


def draw_guess(config: TrainingConfig) -> None:
    """Draw the question how the run with these settings will go, and a pad for its curve; above Start."""
    _bind()
    # The key is that by which a lesson hides it.
    with st.container(key="guess"), st.expander(tr("Predict the curve"), icon=":material/psychology_alt:"):
        st.radio(
            tr("How will this run go?"),
            list(Outcome),
            index=None,
            format_func=lambda outcome: tr(NAMES[outcome]),
            captions=[tr(SHORT[outcome]) for outcome in Outcome],
            key=PICK,
            on_change=_remember_when,
            help=how_decided(),
        )
        st.caption(tr("With the pick you may sketch validation accuracy, from 0 to 1."))
        draw_pad(key=_pad_key(), subject=_pad_key(), epochs=config.epochs)
        st.caption(_what_next())


def draw_guess_result(run: Run | None) -> None:
    """Draw what this visitor guessed of a run, and once it has ended whether it was right; nothing where nothing was guessed."""
    _bind()
    guess = st.session_state.get(_GUESSES, {}).get(run.id if run else "")
    if guess is None:
        return
    status = run.status()
    with st.container(key="guess_result", border=True, gap="small"):
        if status.is_active:
            st.markdown(tr("**Your guess:** {names}. It is scored when the run ends.", names=NAMES[guess.outcome]))
            return
        curves = curves_of(run)
        happened = outcome_of(curves) if curves is not None else None
        if happened is None or (status.state is not State.FINISHED and happened is not Outcome.DIVERGES):
            st.markdown(
                tr(
                    "**Your guess:** {names}. {why_not_scored}",
                    names=NAMES[guess.outcome],
                    why_not_scored=_why_not_scored(status.state),
                )
            )
            return
        _draw_score(run, guess, happened, curves)


def _draw_score(run: Run, guess: Guess, happened: Outcome, curves: Curves) -> None:
    scores = st.session_state.setdefault(_SCORES, {})
    scores[run.id] = guess.outcome is happened
    verdict = tr(":material/check: Right.") if scores[run.id] else tr(":material/close: Not this time.")
    st.markdown(tr("**Your guess:** {names}. {verdict}", names=NAMES[guess.outcome], verdict=verdict))
    st.markdown(markdown_escaped(describe_outcome(curves), max_length=400))
    if guess.sketch and (said := describe_sketch(guess.sketch, curves)):
        line = validation_line(curves)
        draw_sketch(guess.sketch, line, key=f"guess_sketch_{run.id}", epochs=curves.num_epochs, alt=said)
        st.caption(tr("Blue and dashed: your sketch. Orange: what happened. {said}", said=said))
    st.caption(describe_score(list(scores.values())))


def _why_not_scored(state: State) -> str:
    if state is State.FINISHED:
        return tr(
            "It is not scored: a run of fewer than {fewest_epochs} epochs does not tell.", fewest_epochs=FEWEST_EPOCHS
        )
    return tr("It is not scored: the run did not come to its end.")


def _what_next() -> str:
    if st.session_state.get(PICK) is None:
        return tr("Pick one of the four, then press Start. Picking is optional.")
    return tr("Press Start. The guess belongs to the next run that you start.")


def _remember_when() -> None:
    """Note which runs there were when the pick was made: it speaks of a later one."""
    st.session_state[_AFTER] = max((run.number for run in RunStore().list()), default=0)


def _bind() -> None:
    """Give what is picked to the run that was started since, and clear the question for the next one."""
    picked = st.session_state.get(PICK)
    run_id = st.query_params.get("run", "")
    started = picked is not None and _number(run_id) > st.session_state.get(_AFTER, 0)
    if not started:
        return
    sketch = checked_sketch((st.session_state.get(_pad_key()) or {}).get("sketch"))
    st.session_state.setdefault(_GUESSES, {})[run_id] = Guess(Outcome(picked), sketch)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    # Only before the question is drawn may its answer be changed: pages call draw_guess first.
    st.session_state[PICK] = None


def _number(run_id: str) -> int:
    digits = run_id.partition("-")[0]
    return int(digits) if digits.isdecimal() else 0


def _pad_key() -> str:
    return f"{PAD}_{st.session_state.get(_ROUND, 0)}"
