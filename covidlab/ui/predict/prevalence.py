"""What the model's answers would mean at a prevalence that the reader sets."""

import math

import streamlit as st

from covidlab.language import number_text, tr
from covidlab.metrics import Metric
from covidlab.prediction.prevalence import PredictiveValue, predictive_values
from covidlab.runs.store import Run
from covidlab.text import class_name, decimal_text, markdown_escaped, metric_text

# In equal steps of the logarithm, as far as round numbers allow.
PREVALENCES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
USUAL_PREVALENCE = 0.05

_NEEDED = ("sensitivity", "specificity")


def draw_prevalence(run: Run, *, from_set: bool = True, key: str) -> None:
    """Draw the choice of a prevalence and both predictive values at it, from the cross-validation of a run.

    What limits them stands first; ``from_set`` says whether the X-ray is one of the set that the figures are from.
    """
    figures = cross_validated(run.report() or {})
    if figures is None:
        st.markdown(
            tr(
                "What an answer means at a prevalence is not known for {name}: it has no cross-validated "
                "sensitivity and specificity.",
                name=run.name,
            )
        )
        return
    assumption = _assumption(figures)
    if from_set:
        st.caption(assumption)
    else:
        st.warning(
            tr(
                "This X-ray is not of the set, so nobody knows whether this holds for it. {assumption}",
                assumption=assumption,
            )
        )
    name = markdown_escaped(
        class_name(str((run.report() or {}).get("positive_class") or run.load_config().positive_class))
    )
    prevalence = st.select_slider(
        tr("How many of those who are examined have {name}", name=name),
        PREVALENCES,
        value=USUAL_PREVALENCE,
        format_func=percent,
        key=f"{key}_prevalence",
        help=tr("The prevalence where you work. The model does not know it, and its number does not hold it."),
    )
    positive, negative = predictive_values(*figures, prevalence)
    left, right = st.columns(2, gap="medium")
    left.markdown(
        tr(
            "Of 100 X-rays that to this model resemble the {name} X-rays of the set, {of_100} would be of "
            "patients with {name}.",
            name=name,
            of_100=of_100(positive),
        )
    )
    right.markdown(
        tr(
            "Of 100 X-rays that do not resemble them, {of_100} would be of patients without {name}.",
            of_100=of_100(negative),
            name=name,
        )
    )


def cross_validated(report: dict) -> tuple[Metric, Metric] | None:
    """Return sensitivity and specificity of a report's cross-validation; None where either is missing or undefined."""
    crossed = report.get("cross_validation") or {}
    found = [crossed.get(name) or {} for name in _NEEDED]
    if any(figure.get("value") is None for figure in found):
        return None
    return tuple(
        Metric(*(figure[part] for part in ("value", "low", "high", "n")), figure.get("method", "")) for figure in found
    )


def of_100(figure: PredictiveValue) -> str:
    """Return "about 24 (interval 18 to 31)"; where the model never gives that answer, that the number is not known."""
    if math.isnan(figure.value):
        return tr("an unknown number")
    digits = 1 if not 0.1 <= figure.value <= 0.9 else 0
    number, low, high = (_out_of_100(share, digits) for share in (figure.value, figure.low, figure.high))
    return (
        tr("{number} (interval {low} to {high})", number=number, low=low, high=high)
        if " " in number
        else tr("about {number} (interval {low} to {high})", number=number, low=low, high=high)
    )


def percent(share: float) -> str:
    """Return a share as "0.1 %", "5 %"."""
    return tr("{share} %", share=number_text(float(decimal_text(round(100 * share, 6))), ",.10g"))


def _out_of_100(share: float, digits: int) -> str:
    """A number of 100 that never becomes all or nothing by rounding."""
    if share in (0, 1):
        return f"{100 * share:.0f}"
    step = 10**-digits
    if 100 * share >= 100 - step / 2:
        return tr("over {value}", value=number_text(100 - step, f".{digits}f"))
    if 100 * share < step / 2:
        return tr("under {step}", step=number_text(step, f".{digits}f"))
    return number_text(100 * share, f".{digits}f")


def _assumption(figures: tuple[Metric, Metric]) -> str:
    sensitivity, specificity = (metric_text(figure.to_dict()) for figure in figures)
    return tr(
        "This holds only where sensitivity and specificity are those of the cross-validation on X-rays "
        "of the set: sensitivity {sensitivity}, specificity {specificity}. At another hospital they are "
        "not. The intervals below reach over both of these.",
        sensitivity=sensitivity,
        specificity=specificity,
    )
