"""The X-rays on Home: still, with what the model in use says of them, or moving as a run learned from them."""

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.names import readable_name
from covidlab.runs.recorded_run import CAME_WITH, bring_recorded_run, fits
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, sentence_escaped
from covidlab.ui.home.strip import draw_strip
from covidlab.ui.shared.components.learning import learning
from covidlab.ui.shared.components.live_run import live_run
from covidlab.ui.shared.recorded import find_run, recorded_runs, start_run
from covidlab.ui.shared.run_drawing import page_state
from covidlab.ui.shared.visitor import keep_visitor

PLAY_KEY, STILL_KEY = "home_play", "home_still"
_PLAYED, _MESSAGE = "home_played", "home_message"


def draw_xrays(catalog: Catalog) -> None:
    """Draw the X-rays of the set and one button: it plays the newest recorded run, else one that comes with the package or a new one."""
    keep_visitor()
    if message := st.session_state.pop(_MESSAGE, None):
        st.error(sentence_escaped(message))
    played = find_run(st.session_state.get(_PLAYED))
    if played is not None:
        _draw_played(played, catalog)
        return
    draw_strip(catalog)
    recorded = next(recorded_runs(catalog), None)
    st.button(
        _label(recorded, catalog),
        key=PLAY_KEY,
        type="primary",
        icon=":material/play_arrow:",
        on_click=_play,
        args=(recorded, catalog),
    )


def _label(recorded: Run | None, catalog: Catalog) -> str:
    if recorded:
        return tr("Play how {name} learned", name=recorded.name)
    return tr("Play how a network learned from them") if fits(catalog) else tr("Train a network on them and watch")


def _play(recorded: Run | None, catalog: Catalog) -> None:
    try:
        st.session_state[_PLAYED] = (recorded or _first_run(catalog)).id
    except CovidLabError as error:
        st.session_state[_MESSAGE] = str(error)


def _first_run(catalog: Catalog) -> Run:
    """What comes with the package, which plays at once, else a new run."""
    if fits(catalog):
        return bring_recorded_run(catalog)
    return start_run(TrainingConfig(dataset=str(catalog.root), positive_class=catalog.positive_class), catalog)


def _draw_played(run: Run, catalog: Catalog) -> None:
    status = run.status()
    state = page_state(status.state)
    kind = tr(":blue-badge[Live]") if status.is_active else tr(":orange-badge[Replay]")
    came = tr(", recorded before and part of covidlab") if run.load_facts().get(CAME_WITH) else ""
    st.markdown(f"{kind} {markdown_escaped(readable_name(run), max_length=160)}{came}")
    learning(run, catalog, key="home_learning", state=state, replays=True)
    live_run(run, state, watch={}, key=f"home_live_{run.id}", charts=False, progress=False)
    st.button(
        tr("Close {name}", name=run.name),
        key=STILL_KEY,
        icon=":material/grid_view:",
        on_click=lambda: st.session_state.pop(_PLAYED, None),
    )
