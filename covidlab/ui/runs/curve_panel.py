"""The curves of several runs over each other, with what a person may change about them."""

from collections.abc import Sequence

import streamlit as st

from covidlab.language import tr
from covidlab.text import plain_number
from covidlab.ui.runs import overlay
from covidlab.ui.runs.overlay import MOST_BANDS, Overlaid

_QUIET = {"displayModeBar": False}
_STRENGTHS = tuple(step / 10 for step in range(10))


@st.fragment
def draw_curves(runs: Sequence[Overlaid], *, band: str) -> None:
    """Draw accuracy and loss of the runs, and how both are drawn: smoothed, on a logarithmic axis.

    Parameters
    ----------
    band : what the band around a thick line is, e.g. "its 95 % interval"
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="runs_curve_choices"):
        smoothing = st.select_slider(
            tr("Smoothing"),
            _STRENGTHS,
            format_func=plain_number,
            key="runs_smoothing",
            width=240,
            help=tr(
                "0 shows what was measured. Otherwise each point is a mean of its epoch and those before it, "
                "which count this much less with each epoch back."
            ),
        )
        is_log = st.toggle(tr("Logarithmic loss"), key="runs_log_loss")
    accuracy, loss = st.columns(2, gap="medium")
    accuracy.plotly_chart(
        overlay.accuracy_chart(runs, smoothing=smoothing),
        key="runs_overlay_accuracy",
        config=_QUIET,
        alt=overlay.describe_accuracy(runs),
    )
    loss.plotly_chart(
        overlay.loss_chart(runs, smoothing=smoothing, is_log=is_log),
        key="runs_overlay_loss",
        config=_QUIET,
        alt=overlay.describe_loss(runs),
    )
    st.caption(_legend(runs, band, smoothing))


def _legend(runs: Sequence[Overlaid], band: str, smoothing: float) -> str:
    has_honest, text = any(len(run.honest) for run in runs), ""
    if has_honest:
        text = (
            tr(
                "Thick: cross-validated accuracy (median over the repeats of the cross-validation). Thin: the validation "
                "X-rays of the one split. Bands are drawn for up to {most_bands} runs.",
                most_bands=MOST_BANDS,
            )
            if len(runs) > MOST_BANDS
            else tr(
                "Thick: cross-validated accuracy (median over the repeats of the cross-validation), with {band} "
                "as a band. Thin: the validation X-rays of the one split.",
                band=band,
            )
        )
    if any(not len(run.honest) for run in runs):
        text += tr(" Runs without a cross-validated curve show the validation X-rays of the one split only.")
    return text.strip() + (tr(" These curves are smoothed; the figures below are not.") if smoothing else "")
