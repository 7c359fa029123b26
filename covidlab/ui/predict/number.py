"""The number: small, with the range of the models of the folds, on a bar whose middle is the operating point."""

import streamlit as st

from covidlab.config import NUM_FOLDS, NUM_REPEATS
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import NO_FOLDS, WHY_NOT_CLEAR, is_clear, probability_text, spread_text
from covidlab.prediction.assessment import Spread
from covidlab.prediction.prediction import Prediction
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped
from covidlab.ui.predict.choosing import model_facts
from covidlab.ui.shared import charts
from covidlab.ui.shared.active_model import model_name
from covidlab.ui.shared.help import HELP
from covidlab.ui.shared.verdict import draw_verdict_line

PROBABILITY_HELP = tr_lazy(
    "How strongly the X-ray looks to these models like one side of the X-rays they learned from, "
    "between 0 and 1, calibrated on X-rays they had not seen. The range beside it holds 95 % of the "
    "models of {num_repeats} repeats of {num_folds} folds: it says how far they differ, and is no "
    "confidence interval. It is not the probability of a disease: that depends on the patient, on "
    "how frequent the disease is, and on X-rays unlike these.",
    num_repeats=NUM_REPEATS,
    num_folds=NUM_FOLDS,
)


def draw_number(reading: Prediction, run: Run, *, key: str) -> None:
    """Draw what the X-ray resembles with the number, how far the models of the folds differ, and which model says so."""
    name = class_name(reading.positive_class)
    calibrated = reading.assessment.calibrated if reading.assessment else None
    st.markdown(answer(reading))
    label = tr("Likeness to the {name} X-rays", name=name)
    value = calibrated.value if calibrated else reading.probability
    interval = (calibrated.low, calibrated.high) if calibrated else None
    bar = charts.probability_bar(value, threshold=reading.threshold, label=label, interval=interval)
    described = charts.describe_probability(value, threshold=reading.threshold, label=label)
    st.plotly_chart(
        bar, key=f"bar_{key}", config={"displayModeBar": False}, alt=f"{described} {interval_text(calibrated)}"
    )
    st.caption(
        tr(
            "{interval_text} {own_number} It is not the probability of a disease.",
            interval_text=interval_text(calibrated),
            own_number=own_number(reading, name),
        )
    )
    if len(reading.probabilities) > 2:
        ordered = sorted(reading.probabilities.items(), key=lambda item: -item[1])
        shares = ", ".join(f"{class_name(folder)} {probability_text(value)}" for folder, value in ordered)
        st.caption(tr("All classes: {shares}.", shares=markdown_escaped(shares, max_length=300)))
    name = markdown_escaped(model_name(run), max_length=160)
    st.caption(tr("{name}: {said}", name=name, said=model_facts(run)))
    draw_verdict_line(run, key=f"verdict_{key}")
    # A question mark beside text has no name of its own for a screen reader.
    with st.popover(tr("What the number means"), type="tertiary", icon=":material/help:", key=f"means_{key}"):
        st.markdown(PROBABILITY_HELP)
        st.markdown(tr("AUC: {auc}", auc=HELP["AUC"]))


def answer(reading: Prediction) -> str:
    """Return what the X-ray resembles in one sentence, in Markdown; that there is no clear answer where models disagree."""
    if is_clear(reading):
        return resemblance(reading.resembles)
    return tr("**No clear answer.** {why_not_clear}", why_not_clear=WHY_NOT_CLEAR)


def resemblance(folder: str) -> str:
    """Return what an X-ray resembles as one sentence that never speaks like a medical device, in Markdown."""
    return tr(
        "To this model, this X-ray resembles the {class_name} X-rays it learned from.",
        class_name=markdown_escaped(class_name(folder)),
    )


def interval_text(calibrated: Spread | None) -> str:
    """Return the number, and how far the models of the folds differ, in words."""
    if calibrated is None:
        return NO_FOLDS
    return f"{probability_text(calibrated.value)}; {spread_text(calibrated)}."


def own_number(reading: Prediction, name: str) -> str:
    """Return what the model itself gives, in words."""
    return tr(
        "The model itself, not calibrated, gives {probability_text} for {name}.",
        probability_text=probability_text(reading.probability),
        name=markdown_escaped(name),
    )
