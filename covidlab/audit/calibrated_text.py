"""What calibration found, in sentences; read by pages and the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.audit.calibrated_points import DecisionPoint, decision_points
from covidlab.evaluation.sweep_space import significant
from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import class_name, listed, metric_text, plain_number, pluralize

Found = Mapping[str, Any]

ONLY_LIKE_THE_SET = tr_lazy(
    "All of this holds only for X-rays like those of the set. Whether other X-rays are like them is "
    "not known; at another hospital sensitivity and specificity may differ."
)
# The prevalence that the sentences of the command line speak of.
PREVALENCE = 0.05
USUAL_COST = 1.0


def sentences(found: Found) -> list[str]:
    """Return what the part found, the Brier score first."""
    by_cost = next(at for at in found["costs"] if at["cost"] == USUAL_COST)
    return [
        describe_brier(found),
        describe_temperature(found),
        *describe_reliability(found),
        describe_decision(found, prevalence=PREVALENCE),
        describe_cost(found, by_cost),
        describe_ratios(found, found["usual"]),
        ONLY_LIKE_THE_SET,
    ]


def describe_brier(found: Found) -> str:
    """Return the Brier score beside that of always saying how frequent the class is."""
    brier, name = found["brier"], class_name(found["positive_class"])
    share = tr("{num_positive} of {num_films}", num_positive=found["num_positive"], num_films=found["num_films"])
    if brier["below_constant"]["low"] is not None and brier["below_constant"]["low"] > 0:
        verdict = tr("The model is better than that.")
    else:
        verdict = tr("Whether the model is better than that cannot be told.")
    return tr(
        "Brier score {figure} in {repeats} of {num_folds} folds; 0 is best. Always saying that {share} "
        "X-rays are {name} gives {constant:.2f}. {verdict}",
        figure=_figure(found, brier["before"]),
        repeats=pluralize(found["num_repeats"], "repeat"),
        num_folds=found["num_folds"],
        share=share,
        name=name,
        constant=brier["constant"],
        verdict=verdict,
    )


def describe_temperature(found: Found) -> str:
    """Return the temperature and whether the Brier score is better with it."""
    temperature, brier = found["temperature"], found["brier"]
    change, after = brier["change"], brier["after"]
    if change["low"] is None or change["low"] <= 0 <= change["high"]:
        verdict = tr("No difference can be seen with {whom}.", whom=_whom(found))
    else:
        verdict = (
            tr("The temperature makes it better.") if change["value"] < 0 else tr("The temperature makes it worse.")
        )
    ends = (
        ""
        if change["low"] is None
        else tr(
            " (95 % interval {signed} to {signed_2})", signed=_signed(change["low"]), signed_2=_signed(change["high"])
        )
    )
    at_end = temperature["number_at_end"]
    unfitted = (
        tr(" In {at_end} of them no temperature is best, and the last one tried was taken.", at_end=at_end)
        if at_end
        else ""
    )
    return tr(
        "Temperature, fitted inside {training_parts}: {median:.2f} in the median, from {lowest:.2f} to "
        "{highest:.2f}; above 1 it makes answers less certain.{unfitted} Brier score with it {value:.3f} "
        "in place of {value_2:.3f}, a change of {signed}{ends}. {verdict}",
        training_parts=pluralize(temperature["number"], "training part"),
        median=temperature["median"],
        lowest=temperature["lowest"],
        highest=temperature["highest"],
        unfitted=unfitted,
        value=after["value"],
        value_2=brier["before"]["value"],
        signed=_signed(change["value"]),
        ends=ends,
        verdict=verdict,
    )


def describe_reliability(found: Found) -> list[str]:
    """Return how often the class is there in the lowest and in the highest bin."""
    bins = found["reliability"]["before"]
    chosen = bins if len(bins) < 2 else (bins[0], bins[-1])
    return [describe_bin(found, one) for one in chosen]


def describe_bin(found: Found, one: Found) -> str:
    """Return how often the class is there where the model says a probability between two ends."""
    share, name = one["share"], class_name(found["positive_class"])
    patients = tr(" of {patients}", patients=pluralize(one["num_patients"], "patient")) if found["num_patients"] else ""
    return tr(
        "Of X-rays with a probability of {low:.1f} to {high:.1f} (mean {mean:.2f}), a share of "
        "{value:.2f} is {name} (95 % interval {low_2:.2f} to {high_2:.2f}). They are {num_films:.1f} "
        "X-rays in a repeat on average, in all {x_rays}{patients}.",
        low=one["low"],
        high=one["high"],
        mean=one["mean"],
        value=share["value"],
        name=name,
        low_2=share["low"],
        high_2=share["high"],
        num_films=one["num_films"],
        x_rays=pluralize(share["n"], "X-ray"),
        patients=patients,
    )


def describe_decision(found: Found, *, prevalence: float) -> str:
    """Return at which thresholds acting on the model is worth more than acting on every X-ray and on none."""
    points = decision_points(found, prevalence=prevalence)
    at = tr("At a prevalence of {percent}", percent=percent(prevalence))
    ranges = _ranges(points)
    tried = tr(
        "thresholds from {about_percent} to {about_percent_2} were tried",
        about_percent=about_percent(points[0].threshold),
        about_percent_2=about_percent(points[-1].threshold),
    )
    if not ranges:
        return tr(
            "{at}, acting on the model is not shown to be worth more than acting on every X-ray or on none; {tried}.",
            at=at,
            tried=tried,
        )
    said = listed(
        [
            about_percent(low)
            if low == high
            else tr(
                "{about_percent} to {about_percent_2}",
                about_percent=about_percent(low),
                about_percent_2=about_percent(high),
            )
            for low, high in ranges
        ]
    )
    return tr(
        "{at}, acting on the model is worth more than acting on every X-ray and than acting on none at "
        "thresholds of {said}, by the whole 95 % interval of each threshold alone; {tried}.",
        at=at,
        said=said,
        tried=tried,
    )


def describe_cost(found: Found, at: Found) -> str:
    """Return what thresholds chosen by a cost give on X-rays they were not chosen on, and whether that saves anything."""
    threshold, saved = at["threshold"], at["saved"]
    said = tr(
        "{describe_price}, thresholds chosen inside the training parts are {threshold} in the median, "
        "from {threshold_2} to {threshold_3}. On the X-rays held out: sensitivity {figure_text}, "
        "specificity {figure_text_2}.",
        describe_price=describe_price(found, at["cost"]),
        threshold=_threshold(threshold["median"]),
        threshold_2=_threshold(threshold["lowest"]),
        threshold_3=_threshold(threshold["highest"]),
        figure_text=metric_text(at["sensitivity"]),
        figure_text_2=metric_text(at["specificity"]),
    )
    usual = tr("the usual {threshold:.2f}", threshold=found["usual"]["threshold"])
    if saved["low"] is None or saved["low"] <= 0 <= saved["high"]:
        return tr(
            "{said} That it costs less than {usual} cannot be seen with {whom}.",
            said=said,
            usual=usual,
            whom=_whom(found),
        )
    if saved["value"] > 0:
        return tr("{said} That costs less than {usual}.", said=said, usual=usual)
    return tr("{said} That costs more than {usual}.", said=said, usual=usual)


def describe_price(found: Found, cost: float) -> str:
    """Return what a missed X-ray costs, as the beginning of a sentence."""
    name = class_name(found["positive_class"])
    if cost == 1:
        return tr("If missing one {name} X-ray is as bad as calling one other X-ray {name}", name=name)
    if cost > 1:
        return tr("If missing one {name} X-ray is as bad as calling {cost:.0f} others {name}", name=name, cost=cost)
    return tr(
        "If missing {value:.0f} {name} X-rays is as bad as calling one other X-ray {name}", value=1 / cost, name=name
    )


def describe_ratios(found: Found, at: Found) -> str:
    """Return both likelihood ratios, how their intervals were made, and whether a count was 0."""
    positive, negative = at["lr_positive"], at["lr_negative"]
    if positive["value"] is None:
        return tr("Likelihood ratios are not defined: a class has no X-ray.")
    half = tr(" A count was 0, so a half was added to each of the four.") if positive["has_half_added"] else ""
    return tr(
        "Likelihood ratios at a threshold of {threshold:.2f}: LR+ {ratio_text}, LR− {ratio_text_2}, n = "
        "{num_films} X-rays; {method}.{half}",
        threshold=found["usual"]["threshold"],
        ratio_text=ratio_text(positive),
        ratio_text_2=ratio_text(negative),
        num_films=found["num_films"],
        method=tr(positive["method"]),
        half=half,
    )


def ratio_text(ratio: Found) -> str:
    """Return "14 (95 % interval 3.1 to 110)"."""
    if ratio["value"] is None:
        return tr("not defined")
    value, low, high = _ratio_digits(ratio)
    return tr("{value} (95 % interval {low} to {high})", value=value, low=low, high=high)


def short_ratio(ratio: Found) -> str:
    """Return "14 (3.1 to 110)"."""
    if ratio["value"] is None:
        return tr("not defined")
    value, low, high = _ratio_digits(ratio)
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _ratio_digits(ratio: Found) -> tuple[str, ...]:
    return tuple(_two_digits(ratio[name]) for name in ("value", "low", "high"))


def percent(share: float) -> str:
    """Return a share as "0.1 %", "5 %"."""
    return f"{plain_number(round(100 * share, 6))} %"


def about_percent(share: float) -> str:
    """Return a share above 0 with two digits, as "0.053 %", "14 %"."""
    return percent(significant(share, 2))


def _ranges(points: Sequence[DecisionPoint]) -> list[tuple[float, float]]:
    """The thresholds, in unbroken runs, at which the model is worth more."""
    found: list[list[float]] = []
    is_open = False
    for point in points:
        if point.is_worth_more and is_open:
            found[-1][1] = point.threshold
        elif point.is_worth_more:
            found.append([point.threshold, point.threshold])
        is_open = point.is_worth_more
    return [(low, high) for low, high in found]


def _figure(found: Found, figure: Found) -> str:
    films = pluralize(figure["n"], "X-ray")
    if found["num_patients"]:
        films = tr("{films} of {patients}", films=films, patients=pluralize(found["num_patients"], "patient"))
    return tr(
        "{value:.2f} (95 % interval {low:.2f} to {high:.2f}, n = {films})",
        value=figure["value"],
        low=figure["low"],
        high=figure["high"],
        films=films,
    )


def _whom(found: Found) -> str:
    known = found["num_patients"]
    return pluralize(known, "patient") if known else pluralize(found["num_films"], "X-ray")


def _threshold(value: float) -> str:
    return (
        tr("none called")
        if value > 1
        else number_text(value, ".2f")
        if value >= 0.005
        else tr("under {limit:.2f}", limit=0.01)
    )


def _signed(value: float) -> str:
    text = f"{abs(value):.3f}"
    sign = "" if float(text) == 0 else "−" if value < 0 else "+"
    return sign + number_text(abs(value), ".3f")


def _two_digits(value: float) -> str:
    if value >= 9.95:
        return number_text(significant(value, 2), ",.0f")
    return number_text(value, ".1f" if value >= 0.995 else ".2f" if value >= 0.0995 else ".3f")
