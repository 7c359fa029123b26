"""Answers about the model and how it was judged that several documents give: settings, split, figures, audit."""

from covidlab.audit.titles import TITLES
from covidlab.config import NUM_FOLDS
from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS
from covidlab.runs.documents.about_data import FIFTY_ELSEWHERE
from covidlab.runs.documents.content import Answer, answered, not_applicable, not_known
from covidlab.runs.documents.facts import Facts
from covidlab.runs.held_out import held_out_answers
from covidlab.runs.over_splits import describe_repeats
from covidlab.runs.run_card import describe_settings
from covidlab.runs.settings_text import CLASS_WEIGHT_NAMES
from covidlab.text import class_name, decimal_text, metric_text, pluralize

NOT_FOR_DIAGNOSIS = (
    "Not for diagnosis. The findings of COVID-19 on an X-ray are not specific; a viral test is required (American College of "
    "Radiology, March 2020)."
)
_WHAT_FIGURES_SAY = "They say how well the classes of this set are told apart, not how well a disease is seen."


def method(facts: Facts) -> Answer:
    """Which kind of model it is."""
    cut = facts.backbone.cut_point(facts.config.fine_tune)
    return answered(
        f"Deep learning: a convolutional network ({facts.backbone.title}, trained on ImageNet) with a head of two layers.",
        f"{cut.learns}: {cut.num_learning:,} numbers (with two classes). The other layers stay as they were.",
    )


def output(facts: Facts) -> Answer:
    """What the model gives."""
    threshold = facts.report.get("threshold", 0.5)
    classes = ", ".join(map(class_name, facts.catalog.classes))
    return answered(
        f"A probability for each class ({classes}).",
        f"From a probability of {class_name(facts.catalog.positive_class)} of {decimal_text(threshold)} on, the X-ray is said to "
        "resemble that class. The number was not chosen by results.",
    )


def preparation(facts: Facts) -> Answer:
    """What is done to an X-ray before the network takes it."""
    side, unit = facts.backbone.input_side, "0 to 1" if facts.preset.preprocessing == "unit" else "as ImageNet needs it"
    return answered(
        f"Each X-ray is made {side} by {side} pixels ({facts.preset.resize} interpolation, its aspect ratio is not kept), three "
        f"channels, intensities {unit}. It is the same for all X-rays."
    )


def subset(facts: Facts) -> Answer:
    """Whether the model learned from a part of the set."""
    if facts.config.selection:
        return answered(
            "A selection of the set was used; which X-rays it leaves out, and why, stands in run.json of the run."
        )
    return answered("The whole set is used.")


def partition(facts: Facts) -> Answer:
    """How X-rays were divided for learning and judging."""
    crossed = facts.crossed
    own = []
    if crossed.get("folds"):
        own.append(
            f"{pluralize(crossed['repeats'], 'repeat')} of {crossed['folds']}-fold cross-validation, stratified by class, other folds in each repeat. A figure is the {describe_repeats(crossed)}."
        )
    elif facts.parts:
        own.append(f"Repeats of {NUM_FOLDS}-fold cross-validation in the audit, stratified by class.")
    if number := facts.data.get("num_validation"):
        own.append(f"Beside it one split: {facts.data.get('num_training')} to learn from, {number} to validate on.")
    return answered(*own) if own else not_known("This model was not cross-validated.")


def level(facts: Facts) -> Answer:
    """Whether patients are on one side."""
    if not facts.catalog.patients_known:
        return answered(f"X-rays. {INTERVALS_WITHOUT_PATIENTS}")
    shared = facts.data.get("num_validation_with_patient_in_training")
    crossed = (
        "In the cross-validation all X-rays of a patient are on one side."
        if facts.crossed.get("folds") or facts.parts
        else ""
    )
    split = (
        f"In the one split {shared} of the validation X-rays show a patient who is also in training."
        if facts.data.get("num_validation")
        else ""
    )
    return answered(crossed, split)


def size(facts: Facts) -> Answer:
    """How the number of X-rays came about."""
    return not_known(
        "No calculation came before: the set is used as it was found.",
        "About 141 independent patients of each class are needed to know an accuracy of 90 % to 5 points either way.",
    )


def software(facts: Facts) -> Answer:
    """Which programs made it."""
    versions = facts.report.get("versions") or (facts.run.load_facts().get("versions") if facts.run else {}) or {}
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    return answered(f"{said}.") if said else not_known("The run kept no versions.")


def first_weights(facts: Facts) -> Answer:
    """What the model began from."""
    if facts.config.start_from:
        return answered("It began from an earlier model of covidlab.")
    return answered(
        f"The layers of {facts.backbone.title} began from weights trained on ImageNet (SHA-256 {facts.backbone.weights_sha256[:12]}), the "
        f"head from random numbers (seed {facts.config.seed})."
    )


def training(facts: Facts) -> Answer:
    """How it learned."""
    text = describe_settings(facts.config)
    return answered(f"{text[:1].upper()}{text[1:]}. Cross-entropy; the learning rate falls a little with each step.")


def choice_of_model(facts: Facts) -> Answer:
    """How the model that is kept was chosen."""
    end = (
        f"Learning ends after {pluralize(facts.config.patience, 'epoch')} without a smaller validation loss."
        if facts.config.patience
        else "The model of the last epoch is kept; no epoch was chosen by its results."
    )
    return answered(
        end, "Whether the settings were chosen after looking at results of other runs, covidlab does not know."
    )


def balance(facts: Facts) -> Answer:
    """What was done about classes of different size."""
    return answered(
        f"In training {CLASS_WEIGHT_NAMES[facts.config.class_weights]}. No X-ray was doubled or left out for balance."
    )


def measures(facts: Facts) -> Answer:
    """What is measured."""
    return answered(
        "Accuracy, sensitivity, specificity, precision, F1 and the area under the ROC curve (AUC), each with its interval and n."
    )


def uncertainty(facts: Facts) -> Answer:
    """How uncertain the figures are said to be."""
    if not facts.catalog.patients_known:
        return answered(f"95 % intervals over X-rays. {INTERVALS_WITHOUT_PATIENTS}")
    return answered(
        "95 % intervals: Wilson's, for AUC Newcombe's, for as many X-rays of different patients as the patients are worth. That number is "
        "found by resampling: each patient is left out once, with all X-rays (jackknife; Korn and Graubard 1998)."
    )


def predictions(facts: Facts) -> Answer:
    """Which models gave the answers that are judged."""
    if not (facts.crossed.get("folds") or facts.parts):
        return answered("By the model itself, on X-rays that it had not learned from.")
    whose = "the patient" if facts.catalog.patients_known else "the X-ray"
    return answered(f"By the models of the folds: of each X-ray those answer that had not seen {whose}.")


def performance(facts: Facts, names: tuple[str, ...] = ()) -> Answer:
    """The cross-validated figures, each with interval and n; else what the audit found."""
    said = [f"{name} {text}" for name, text in facts.figures() if not names or name in names]
    if said:
        return answered(f"Cross-validated: {'; '.join(said)}.", _WHAT_FIGURES_SAY)
    found = facts.found("folds")
    return answered(*found) if found else _not_audited("No figures are known of this model on this set.")


def one_split(facts: Facts) -> str:
    """The accuracy of the one split, as a sentence; "" where there was none."""
    figure = facts.report.get("accuracy")
    return f"On the validation X-rays of the one split: accuracy {metric_text(figure)}." if figure else ""


def failures(facts: Facts) -> Answer:
    """How many X-rays are on the side of the other class."""
    answers = held_out_answers(facts.run, facts.catalog) if facts.run else None
    if answers is None:
        return not_known("No answers of models that had not seen the X-rays are kept.")
    wrong = answers.num_known - int(answers.is_right(facts.catalog).sum())
    return answered(
        f"{wrong:,} of {pluralize(answers.num_known, 'X-ray')} are on the side of the other class, by models that had not seen them.",
        "The pages Home and Train show which. Nobody has looked for the reasons.",
    )


def part(facts: Facts, *names: str) -> Answer:
    """What parts of the audit found."""
    found = [sentence for name in names for sentence in facts.found(name)]
    return (
        answered(*found)
        if found
        else _not_audited(f"No audit has asked ({', '.join(TITLES[name] for name in names)}).")
    )


def elsewhere(facts: Facts) -> Answer:
    """How the model does on X-rays of another hospital."""
    found = facts.found("elsewhere")
    if found or facts.is_fifty:
        return answered(*found, FIFTY_ELSEWHERE if facts.is_fifty else "")
    return _not_audited("The model was not tried on X-rays of another hospital.")


def verdict(facts: Facts) -> Answer:
    """The verdict of the audit, with what it does not establish."""
    if facts.verdict:
        return answered(facts.verdict["sentence"], facts.verdict["not_established"])
    return _not_audited("No audit has asked what the model uses.")


def no_trial(facts: Facts) -> Answer:
    """Of registrations and protocols of trials."""
    return not_applicable("No clinical trial was made.")


def _not_audited(why: str) -> Answer:
    return not_known(why, "The page Audit finds out.")
