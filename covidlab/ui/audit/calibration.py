"""A section of the page Audit: whether probabilities mean what they say, and what acting on them would be worth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from covidlab.audit.calibrated_points import decision_points, predictive_points
from covidlab.audit.calibrated_text import (
    ONLY_LIKE_THE_SET,
    USUAL_COST,
    describe_brier,
    describe_cost,
    describe_decision,
    describe_temperature,
    percent,
    short_ratio,
)
from covidlab.audit.words import people
from covidlab.language import tr
from covidlab.text import class_name, markdown_escaped, sentence_escaped, short_metric_text
from covidlab.ui.audit.asking import ask_for
from covidlab.ui.audit.audited import Audited
from covidlab.ui.audit.calibration_charts import (
    decision_chart,
    describe_reliability_chart,
    predictive_chart,
    reliability_chart,
)
from covidlab.ui.predict.prevalence import PREVALENCES, USUAL_PREVALENCE, of_100
from covidlab.ui.shared.help import HELP

Found = Mapping[str, Any]

EXPECTED_SECONDS = 10.0
_QUIET = {"displayModeBar": False}
_LONG = 800
_ALL_PREVALENCES = [float(share) for share in np.geomspace(PREVALENCES[0], PREVALENCES[-1], 41)]


def draw_calibration(audited: Audited) -> None:
    """Draw the section; where the part is missing, what it would show and the button that asks for it."""
    st.subheader(tr("Do its probabilities mean what they say?"), anchor=False)
    part = audited.part("calibration")
    if part is None:
        st.markdown(
            tr(
                "This shows how often X-rays with a probability of, say, 0.9 are of the class, what a threshold "
                "costs, and what an answer would mean where the disease is rarer."
            )
        )
    if part is None or part.error:
        if part is not None:
            st.warning(sentence_escaped(part.error))
        ask_for(
            audited,
            ["calibration"],
            tr("Compute calibration"),
            key="audit_calibration",
            expected_seconds=EXPECTED_SECONDS,
        )
        return
    _draw_probabilities(part.found)
    _draw_decisions(part.found, key=f"audit_{part.run.id}")


def _draw_probabilities(found: Found) -> None:
    chart, said = st.columns(2, gap="medium")
    with chart:
        st.markdown(tr("**Reliability**"), help=HELP["reliability"])
        st.plotly_chart(
            reliability_chart(found),
            key="audit_reliability",
            config=_QUIET,
            alt=describe_reliability_chart(found),
        )
    with said:
        st.markdown(tr("**Brier score**"), help=HELP["Brier score"])
        st.markdown(markdown_escaped(describe_brier(found), max_length=_LONG))
        st.markdown(tr("**Temperature**"), help=HELP["temperature"])
        st.markdown(markdown_escaped(describe_temperature(found), max_length=_LONG))


@st.fragment
def _draw_decisions(found: Found, *, key: str) -> None:
    """What depends on a cost and on a prevalence that the reader sets."""
    name = markdown_escaped(class_name(found["positive_class"]))
    left, right = st.columns(2, gap="medium")
    cost = left.select_slider(
        tr("A missed {name} X-ray is as bad as … others called {name}", name=name),
        [at["cost"] for at in found["costs"]],
        value=USUAL_COST,
        format_func=_price,
        key=f"{key}_cost",
        help=HELP["cost of a miss"],
    )
    prevalence = right.select_slider(
        tr("How many of those who are examined have {name}", name=name),
        PREVALENCES,
        value=USUAL_PREVALENCE,
        format_func=percent,
        key=f"{key}_prevalence",
        help=HELP["predictive value"],
    )
    st.warning(str(ONLY_LIKE_THE_SET))
    by_cost = next(at for at in found["costs"] if at["cost"] == cost)
    left, right = st.columns(2, gap="medium")
    with left:
        _draw_threshold(found, by_cost)
    with right:
        _draw_predictive(by_cost, prevalence, name=name, plain_name=class_name(found["positive_class"]))
    _draw_curve(found, prevalence)


def _draw_threshold(found: Found, by_cost: Found) -> None:
    """The usual threshold beside those chosen by the cost."""
    st.markdown(tr("**Threshold**"), help=HELP["likelihood ratio"])
    usual = found["usual"]
    table = {
        tr("Threshold {threshold:.2f}", threshold=usual["threshold"]): _rows(usual),
        tr("Threshold by this cost"): _rows(by_cost),
    }
    st.table(table, border="horizontal")
    st.markdown(markdown_escaped(describe_cost(found, by_cost), max_length=_LONG))
    half = any(at["lr_positive"]["has_half_added"] for at in (usual, by_cost))
    zero = tr(" A count was 0, so a half was added to each of the four for the likelihood ratios.") if half else ""
    st.caption(
        tr(
            "In brackets the 95 % interval. Sensitivity and specificity: Wilson's, over {unit}. Likelihood "
            "ratios: {method}.{zero}",
            unit=_unit(found),
            method=tr(usual["lr_positive"]["method"]),
            zero=zero,
        )
    )


def _rows(at: Found) -> dict[str, str]:
    return {
        tr("Sensitivity"): short_metric_text(at["sensitivity"]),
        tr("Specificity"): short_metric_text(at["specificity"]),
        "LR+": short_ratio(at["lr_positive"]),
        "LR−": short_ratio(at["lr_negative"]),
    }


def _draw_predictive(at: Found, prevalence: float, *, name: str, plain_name: str) -> None:
    """What an answer by the chosen threshold means at the prevalence."""
    st.markdown(tr("**What an answer means**"), help=HELP["predictive value"])
    ((resembles, others),) = predictive_points(at, [prevalence])
    said = tr(
        "With the threshold by this cost and a prevalence of {percent}: of 100 X-rays that resemble the "
        "{name} X-rays of the set, {of_100} would be of patients with {name}; of 100 that do not, "
        "{of_100_2} of patients without (n = {n} and {n_2} X-rays). The intervals reach over those of "
        "sensitivity and specificity.",
        percent=percent(prevalence),
        name=name,
        of_100=of_100(resembles),
        of_100_2=of_100(others),
        n=at["sensitivity"]["n"],
        n_2=at["specificity"]["n"],
    )
    figure = predictive_chart(
        _ALL_PREVALENCES, predictive_points(at, _ALL_PREVALENCES), name=plain_name, chosen=prevalence
    )
    st.plotly_chart(figure, key="audit_predictive", config=_QUIET, alt=said)
    st.markdown(said)


def _draw_curve(found: Found, prevalence: float) -> None:
    st.markdown(tr("**Decision curve**"), help=HELP["decision curve"])
    points = decision_points(found, prevalence=prevalence)
    after = decision_points(found, prevalence=prevalence, of="thresholds_after")
    said = describe_decision(found, prevalence=prevalence)
    st.plotly_chart(
        decision_chart(points, after, prevalence=prevalence), key="audit_decision_curve", config=_QUIET, alt=said
    )
    st.markdown(markdown_escaped(said, max_length=_LONG))
    st.caption(
        tr(
            "n = {num_films} X-rays, {num_positive} of the class. Probabilities are turned into those at "
            "this prevalence first. The band is the 95 % interval over {unit} of each threshold by itself.",
            num_films=found["num_films"],
            num_positive=found["num_positive"],
            unit=_unit(found),
        )
    )


def _price(cost: float) -> str:
    return f"{cost:.0f}" if cost >= 1 else f"1/{1 / cost:.0f}"


def _unit(found: Found) -> str:
    return people(patients_known=found["num_patients"])
