"""Where a lesson is: the step, the run it shows and the bet of the room, all in the address, so that a reload changes nothing."""

import streamlit as st

STEP, RUN, BET = "step", "run", "bet"
# Kept with the session: a run of the address that this lesson did not start is a replay.
_STARTED = "present_started"


def current_step(num_steps: int) -> int:
    """Return the number of the step, from 1; the first where the address names none."""
    asked = st.query_params.get(STEP, "")
    return min(max(1, int(asked)), num_steps) if asked.isdecimal() and len(asked) < 4 else 1


def go_to(step: int) -> None:
    """Go to a step with the next run of the page."""
    if step > 1:
        st.query_params[STEP] = str(step)
    else:
        st.query_params.pop(STEP, None)


def start_again() -> None:
    """Begin the lesson again: first step, no run, no bet."""
    for name in (STEP, RUN, BET):
        st.query_params.pop(name, None)
    st.session_state.pop(_STARTED, None)


def show_run(run_id: str, *, is_live: bool) -> None:
    """Show a run; ``is_live``: this lesson has started it."""
    st.query_params[RUN] = run_id
    if is_live:
        st.session_state[_STARTED] = run_id


def hide_run() -> None:
    """Show no run."""
    st.query_params.pop(RUN, None)


def is_replay(run_id: str) -> bool:
    """Return whether this lesson did not start the run."""
    return st.session_state.get(_STARTED) != run_id
