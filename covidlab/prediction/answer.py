"""What a model answers of one X-ray, in words: the same on the page, in the list, on the page to print and in files.

Needs neither TensorFlow nor Streamlit.
"""

from enum import StrEnum

from covidlab.language import number_text, tr, tr_lazy
from covidlab.prediction.assessment import SPREAD, Assessment, Spread
from covidlab.prediction.prediction import Prediction
from covidlab.text import class_name

NO_CLEAR_ANSWER = tr_lazy("no clear answer")
WHY_NOT_CLEAR = tr_lazy(
    "Not all models of the folds lie on this model's side of the operating point: which X-rays of "
    "the set this one resembles depends on which X-rays the model learned from."
)
NO_FOLDS = tr_lazy("How far models of other folds differ is not known: this model was not cross-validated.")


class OfTheSet(StrEnum):
    """Whether the set has an X-ray, as people read it in files."""

    YES = "yes"
    NEARLY = "nearly the same"
    NO = "no"


def of_the_set(assessment: Assessment | None, *, has_content: bool = False) -> OfTheSet:
    """Return whether the set has an X-ray; ``has_content``: whether it is known to have its content."""
    if has_content or (assessment and assessment.known_as):
        return OfTheSet.YES
    return OfTheSet.NEARLY if assessment and assessment.nearly_known_as else OfTheSet.NO


def is_clear(prediction: Prediction) -> bool:
    """Return whether nearly all models of the folds are on the side of the model itself; True where there are none.

    With three classes and more the sides are the positive class and all others.
    """
    calibrated = prediction.assessment.calibrated if prediction.assessment else None
    if calibrated is None:
        return True
    is_positive = prediction.probability >= prediction.threshold
    return (calibrated.low >= prediction.threshold) if is_positive else (calibrated.high < prediction.threshold)


def answer_text(prediction: Prediction) -> str:
    """Return "resembles COVID-19", with the class in words, or "no clear answer" where the models of the folds disagree."""
    return (
        tr("resembles {class_name}", class_name=class_name(prediction.resembles))
        if is_clear(prediction)
        else NO_CLEAR_ANSWER
    )


def describe(prediction: Prediction) -> str:
    """Return the prediction in plain sentences that never speak like a medical device: answer, number, how models differ."""
    number = tr(
        "{positive_class}: {probability_text} of 1",
        positive_class=prediction.positive_class,
        probability_text=probability_text(prediction.probability),
    )
    if not is_clear(prediction):
        return tr("No clear answer ({number}). {why_not_clear}", number=number, why_not_clear=WHY_NOT_CLEAR)
    folder = prediction.resembles
    known = folder == "covid" or (folder == "normal" and "covid" in prediction.probabilities)
    which = (
        tr("the {class_name} X-rays", class_name=class_name(folder))
        if known
        else tr("the X-rays in the folder “{folder}”", folder=folder)
    )
    said = tr("To this model, this X-ray resembles {which} it learned from ({number}).", which=which, number=number)
    calibrated = prediction.assessment.calibrated if prediction.assessment else None
    if calibrated is None:
        return said
    return tr(
        "{said} Calibrated, it is {probability_text}; {spread_text}.",
        said=said,
        probability_text=probability_text(calibrated.value),
        spread_text=spread_text(calibrated),
    )


def no_number_text(reason: str) -> str:
    """Return the answer where no number is given, with the reason."""
    return tr("no number: {reason}", reason=reason) if reason else tr("no number")


def probability_text(value: float, *, decimals: int = 2) -> str:
    """Return a probability as people read it, e.g. "0.83"; "over 0.99" or "under 0.01" in place of 1.00 and 0.00.

    No model of some X-rays is certain of another one.
    """
    spec, step = f".{decimals}f", 10.0**-decimals
    shown = float(format(value, spec))
    if shown >= 1:
        return tr("over {value}", value=number_text(1 - step, spec))
    return tr("under {step}", step=number_text(step, spec)) if shown <= 0 else number_text(value, spec)


def range_text(low: float, high: float) -> str:
    """Return both ends of a range of probabilities, e.g. "0.62 to 0.93"; one of them where they read the same."""
    ends = probability_text(low), probability_text(high)
    return ends[0] if ends[0] == ends[1] else tr("{low} to {high}", low=ends[0], high=ends[1])


def spread_text(spread: Spread) -> str:
    """Return between which values nearly all models of the folds lie: how far they differ, which is no confidence interval."""
    return models_text(spread.low, spread.high, num_models=spread.num_models)


def models_text(low: float, high: float, *, num_models: int, models: str = "") -> str:
    """Return ``spread_text`` of plain numbers; ``models``: what was counted."""
    return tr(
        "{value:.0f} % of {num_models:,} {models} lie {where}",
        value=100 * SPREAD,
        num_models=num_models,
        models=models or tr("models of the folds"),
        where=_where(probability_text(low), probability_text(high)),
    )


def _where(low: str, high: str) -> str:
    """Both ends in words; "over 0.99" and "under 0.01" say themselves where."""
    if low != high:
        return tr("between {low} and {high}", low=low, high=high)
    return low if " " in low else tr("at {low}", low=low)
