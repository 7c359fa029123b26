"""A sweep on Train: its ranges on the left; on the right its trials as they come, what mattered, luck, and any trial made a run.

Everything is drawn from the files of the sweep. While it runs, only this part of the page is drawn anew, every two seconds.
"""

from os.path import abspath

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError
from covidlab.evaluation.sweep_proposals import count_trials
from covidlab.evaluation.sweep_space import Trial
from covidlab.files import read_json
from covidlab.language import tr, tr_lazy
from covidlab.runs.jobs import Job
from covidlab.runs.store import Run, RunStore
from covidlab.runs.sweep_text import (
    BEST_IS_TOO_GOOD,
    best_trials,
    describe_best,
    describe_folds,
    describe_importance,
    describe_luck,
    describe_states,
    describe_sweep,
    describe_trial,
    luck_of,
    train_command,
)
from covidlab.runs.trials import LANDSCAPE, load_sweep, load_trials
from covidlab.text import markdown_escaped, plain_number, pluralize
from covidlab.ui.shared.run_status import draw_run_status
from covidlab.ui.shared.verdict import draw_verdict_line
from covidlab.ui.train import sweep_charts
from covidlab.ui.train.sweep_settings import SAMPLER_TITLES, SWEEP, make_run, sweep_buttons, sweep_settings

EVERY_SECONDS = 2.0
NO_SWEEP_YET = tr_lazy(
    "No sweep yet. A sweep tries many settings on the same folds, and says how good the best of them would be by luck."
)
_STATES = {
    "finished": tr_lazy("finished"),
    "given up": tr_lazy("given up"),
    "diverged": tr_lazy("diverged"),
}
_QUIET = {"displayModeBar": False}


def draw_sweep(config: TrainingConfig, catalog: Catalog) -> None:
    """Draw ranges, buttons and the sweep of this data set that is in the address, else the newest one."""
    sweeps = sweeps_of(catalog)
    settings, found = st.columns([1, 2], gap="large")
    with settings:
        shown = _choose(sweeps)
        sweep = sweep_settings()
        sweep_buttons(config, catalog, sweep, shown)
    with found:
        if shown is None:
            st.info(NO_SWEEP_YET, icon=":material/travel_explore:")
            return
        draw_found(shown.id)


def draw_found(run_id: str) -> None:
    """Draw one sweep as it stands; while it runs, again and again."""
    is_active = RunStore().get(run_id).status().is_active
    st.fragment(_draw_found, run_every=EVERY_SECONDS if is_active else None)(run_id, is_active)


def sweeps_of(catalog: Catalog) -> list[Run]:
    """Return the sweeps on a data set, the newest first; those that cannot be read are left out."""
    runs = (run for run in RunStore().list() if run.load_job() == Job.SWEEP and not run.is_damaged())
    return [run for run in runs if load_sweep(run) and abspath(run.load_config().dataset) == abspath(catalog.root)]


def _choose(sweeps: list[Run]) -> Run | None:
    """The sweep in the address, else the newest; a choice where there are several."""
    if len(sweeps) < 2:
        return next(iter(sweeps), None)
    asked = st.query_params.get(SWEEP)
    place = next((place for place, run in enumerate(sweeps) if run.id == asked), 0)
    # Another choice where there are other sweeps: it shows the newest.
    chosen = st.selectbox(
        tr("Sweep"), sweeps, index=place, format_func=_name, key=f"sweep_shown_{sweeps[0].id}_{sweeps[place].id}"
    )
    st.query_params[SWEEP] = chosen.id
    return chosen


def _name(run: Run) -> str:
    sweep = load_sweep(run)
    return tr(
        "Run {number}: {trials}, {sampler_titles}",
        number=run.number,
        trials=pluralize(count_trials(sweep), "trial"),
        sampler_titles=tr(SAMPLER_TITLES[sweep.sampler]),
    )


def _draw_found(run_id: str, was_active: bool) -> None:
    """Draw one sweep as it stands; runs as a fragment of its own."""
    try:
        run = RunStore().get(run_id)
    except CovidLabError:
        # Deleted meanwhile, by this visitor or another one.
        st.rerun()
    status = run.status()
    if was_active and not status.is_active:
        st.rerun()
    sweep, trials, report = load_sweep(run), load_trials(run), run.report() or {}
    st.subheader(tr("Run {number}: sweep", number=run.number), anchor=False)
    st.caption(markdown_escaped(describe_sweep(sweep), max_length=400))
    draw_run_status(status)
    chart = sweep_charts.trials_chart(sweep, trials)
    alt = sweep_charts.describe_trials(trials)
    st.plotly_chart(chart, key="sweep_lines", config=_QUIET, alt=alt)
    if not trials:
        return
    st.caption(
        tr(
            "A line is a trial: its settings, and at the right its accuracy. Drag along an axis to choose "
            "lines; click the axis to choose all again. Trials that were given up end with the accuracy they "
            "had. The list of trials below names all of them, the best first."
        )
    )
    if not status.is_active and report:
        _draw_report(run, report)
    _draw_landscape(run, trials)
    _draw_trials(run, trials, report)


def _draw_report(run: Run, report: dict) -> None:
    st.markdown(f"**{markdown_escaped(describe_best(report), max_length=600)}**")
    said = f"{BEST_IS_TOO_GOOD} {describe_states(report.get('trials') or {})} {describe_folds(report)}"
    seconds = (report.get("seconds") or {}).get("total")
    st.caption(
        markdown_escaped(said + (tr(" {seconds:.0f} s in all.", seconds=seconds) if seconds else ""), max_length=600)
    )
    draw_verdict_line(run, key="sweep_verdict", offers=False)
    luck = luck_of(report)
    if luck is None:
        return
    st.markdown(tr("**Luck meter**"))
    text = markdown_escaped(describe_luck(luck), max_length=800)
    (st.success if luck.is_beyond else st.warning)(text, icon=":material/casino:")
    best = ((report.get("best") or {}).get("accuracy") or {}).get("value")
    st.plotly_chart(sweep_charts.luck_chart(luck, best=best), key="sweep_luck", config=_QUIET, alt=describe_luck(luck))


def _draw_landscape(run: Run, trials: list[Trial]) -> None:
    landscape = read_json(run.path / LANDSCAPE) or {}
    if importance := landscape.get("importance"):
        st.markdown(tr("**How much each setting matters**"))
        said = describe_importance(importance.get("fanova") or {})
        st.plotly_chart(sweep_charts.importance_chart(importance), key="sweep_importance", config=_QUIET, alt=said)
    contours = landscape.get("contours") or []
    if not contours:
        return
    st.markdown(tr("**Accuracy over two settings**"))
    for place, (column, contour) in enumerate(zip(st.columns(len(contours)), contours, strict=True)):
        column.plotly_chart(
            sweep_charts.contour_chart(contour, trials),
            key=f"sweep_contour_{place}",
            config=_QUIET,
            alt=sweep_charts.describe_contour(contour),
        )
    st.caption(tr("Dots are finished trials; between them the mean of those nearby."))


def _draw_trials(run: Run, trials: list[Trial], report: dict) -> None:
    ranked = best_trials(trials)
    if not ranked:
        return
    n = ((report.get("best") or {}).get("accuracy") or {}).get("n") or run.load_facts().get("data", {}).get("num_films")
    st.markdown(tr("**The best {trials}**", trials=pluralize(len(ranked), "trial")))
    st.table([_row(trial, n) for trial in ranked], border="horizontal", hide_index=True)
    every = sorted(trials, key=lambda trial: trial.score, reverse=True)
    chosen = st.selectbox(tr("Trial"), every, format_func=_option, key=f"sweep_trial_{run.id}_{every[0].number}")
    config = chosen.settings.applied_to(run.load_config())
    fingerprint = (run.load_facts().get("dataset") or {}).get("fingerprint", "")
    if st.button(
        tr("Make trial {number} a run", number=chosen.number),
        key="sweep_make_run",
        icon=":material/play_arrow:",
        on_click=make_run,
        args=(config, fingerprint),
        help=tr("Trains a model with these settings, with curves, report and ten repeats of the cross-validation."),
    ):
        # The whole page, since another tab of it shows the run.
        st.rerun()
    st.code(train_command(run.load_config(), chosen.settings), language=None, wrap_lines=True)


def _row(trial: Trial, n: int | None) -> dict:
    own = trial.settings
    row = {
        tr("trial"): str(trial.number),
        tr("rate"): plain_number(own.learning_rate),
        tr("batch"): str(own.batch_size),
    }
    row |= {tr("epochs"): str(own.epochs)} | ({} if own.fine_tune == "head" else {tr("depth"): own.fine_tune})
    return row | {
        tr("accuracy (95 % interval, n = {n})", n=n): tr(
            "{accuracy:.2f} ({low:.2f} to {high:.2f})", accuracy=trial.accuracy, low=trial.low, high=trial.high
        )
    }


def _option(trial: Trial) -> str:
    return tr(
        "{number}: {describe_trial}, accuracy {accuracy:.2f} ({low:.2f} to {high:.2f}), {state}",
        number=trial.number,
        describe_trial=describe_trial(trial.settings),
        accuracy=trial.accuracy,
        low=trial.low,
        high=trial.high,
        state=_STATES.get(trial.state, trial.state),
    )
