"""TRIPOD+AI, the guide to reporting prediction models (2024): doi 10.1136/bmj-2023-078378.

Numbers and subjects of the items, 1 to 27c, were compared one by one with table 2 of the statement (PMC11019967).
"""

from functools import partial

from covidlab.runs.documents import about_data, about_model
from covidlab.runs.documents.checklist import Item, checklist
from covidlab.runs.documents.common import (
    AIM,
    INTENDED_USE,
    code,
    data_sharing,
    fixed,
    funding,
    limitations,
    no_annotators,
    protocol,
    unknown,
)
from covidlab.runs.documents.content import Answer, answered, not_applicable, not_known
from covidlab.runs.documents.facts import Facts

SOURCE = "Collins et al. 2024, BMJ 385:e078378, doi 10.1136/bmj-2023-078378."


def _item(number: str, asks: str, answer) -> Item:
    return Item(number=number, asks=asks, answer=answer)


def _nothing(why: str):
    return lambda facts: not_applicable(why)


def _title(facts: Facts) -> Answer:
    return answered(
        f"A model is developed and judged inside its own set. Outcome: the class of an X-ray ({about_data.counts(facts).text})"
    )


def _measures(facts: Facts) -> Answer:
    return answered(about_model.measures(facts).text, about_model.uncertainty(facts).text)


def _numbers(facts: Facts) -> Answer:
    return answered(about_data.counts(facts).text, about_model.partition(facts).text)


def _building(facts: Facts) -> Answer:
    parts = (about_model.method, about_model.training, about_model.choice_of_model, about_model.partition)
    return answered(*(part(facts).text for part in parts))


def _clusters(facts: Facts) -> Answer:
    if facts.is_fifty:
        return answered("Not handled: hospital and class coincide, so the two cannot be told apart.")
    return not_known("Differences between hospitals were not looked at.")


def _fairness(facts: Facts) -> Answer:
    found = facts.found("attributes")
    return not_known("Figures by sex, age or origin are not given: the groups are too small.", *found)


def _other_data(facts: Facts) -> Answer:
    found = facts.found("elsewhere")
    return answered(*found) if found else not_known("The model was judged on X-rays of its own set alone.")


def _specification(facts: Facts) -> Answer:
    if facts.run is None:
        return not_known("No model file is kept.")
    return answered(f"The file of {facts.run.name} holds the layers that learned and names the others by their hash.")


def _spread(facts: Facts) -> Answer:
    accuracies = [value for repeat in facts.crossed.get("fold_accuracies") or () for value in repeat]
    ends = (
        f"between {min(accuracies):.2f} and {max(accuracies):.2f} (n = {len(accuracies)} folds; this spread is no interval)"
        if accuracies
        else ""
    )
    return not_known(
        "Differences between hospitals were not looked at.", f"Accuracies of single folds lie {ends}." if ends else ""
    )


def _interpretation(facts: Facts) -> Answer:
    return about_model.verdict(facts)


SECTIONS = {
    "Title, abstract, introduction": (
        _item("1", "Say that a prediction model is developed or evaluated, for whom and for which outcome", _title),
        _item("2", "A structured abstract", unknown("The person who reports writes it.")),
        _item(
            "3a", "Medical context, reasons for the model, earlier models", unknown("The person who reports writes it.")
        ),
        _item("3b", "For whom the model is meant, and who would use it", fixed(INTENDED_USE)),
        _item("3c", "Known inequalities between groups of people", unknown()),
        _item("4", "Objectives", fixed(AIM)),
    ),
    "Methods: data, participants, outcome": (
        _item("5a", "Sources of the data, and how representative they are", about_data.sources),
        _item("5b", "Dates of the data", unknown("covidlab reads no dates.")),
        _item("6a", "Setting: kind of care, number and place of centres", about_data.places),
        _item("6b", "Who was included", about_data.choice),
        _item("6c", "Treatments", about_data.treatments),
        _item("7", "Preparation and quality checks, and whether alike in all groups", about_model.preparation),
        _item("8a", "Outcome: what, when and how it was assessed", about_data.labels),
        _item("8b", "Who assessed the outcome, where that needs judgement", no_annotators),
        _item("8c", "Whether who assessed it was blinded", no_annotators),
        _item(
            "9a",
            "Choice of predictors",
            fixed("The pixels of the X-ray alone; age, sex and all else are not given to the model."),
        ),
        _item("9b", "Predictors: what, when and how measured", about_model.preparation),
        _item("9c", "Who assessed predictors, where that needs judgement", _nothing("No person judges the pixels.")),
        _item("10", "How the number of cases was chosen", about_model.size),
        _item("11", "Missing data", about_data.missing),
    ),
    "Methods: analysis": (
        _item("12a", "How the data were used, and divided", about_model.partition),
        _item("12b", "How predictors entered the analysis", about_model.preparation),
        _item("12c", "Type of model, all steps of building it, tuning, internal validation", _building),
        _item("12d", "How differences between centres were handled", _clusters),
        _item("12e", "Measures of performance", _measures),
        _item("12f", "Whether the model was updated", _nothing("The model was not updated.")),
        _item("12g", "How predictions were calculated for the evaluation", about_model.predictions),
        _item("13", "Classes of different size", about_model.balance),
        _item("14", "Fairness", _fairness),
        _item("15", "What the model gives, and its thresholds", about_model.output),
        _item("16", "How data of evaluation differ from those of development", _other_data),
        _item("17", "Approval by an ethics committee, consent", unknown("The set does not state it.")),
    ),
    "Open science and involvement": (
        _item("18a", "Funding", funding),
        _item("18b", "Conflicts of interest", unknown("The person who reports has to say it.")),
        _item("18c", "Where the protocol is", protocol),
        _item("18d", "Registration", unknown("covidlab registers nothing.")),
        _item("18e", "Whether the data are available", data_sharing),
        _item("18f", "Whether the code is available", code),
        _item("19", "Involvement of patients and the public", unknown()),
    ),
    "Results": (
        _item("20a", "How many took part, with and without the outcome", about_data.counts),
        _item("20b", "Who they are", about_data.people),
        _item("20c", "How those of the evaluation differ from those of the development", _other_data),
        _item("21", "Numbers in each analysis", _numbers),
        _item("22", "The full model, so that others can use it", _specification),
        _item("23a", "Performance with intervals, also in groups", about_model.performance),
        _item("23b", "How performance differs between centres", _spread),
        _item("24", "Results of an update", _nothing("The model was not updated.")),
    ),
    "Discussion": (
        _item("25", "What the results mean, fairness included", _interpretation),
        _item("26", "Limitations", limitations),
        _item(
            "27a",
            "How poor or missing input is to be handled",
            fixed("The page Predict looks at each X-ray first, and gives no number for one that is unlike the set."),
        ),
        _item(
            "27b",
            "What users must do, and know",
            fixed("Choose the X-ray, and read what limits the number. Nobody should act on it."),
        ),
        _item(
            "27c",
            "Next steps for research",
            fixed("X-rays of hospitals that the model has not seen, with patients of the same ages in both classes."),
        ),
    ),
}

tripod = partial(
    checklist, sections=SECTIONS, name="tripod-ai-checklist", title="Checklist TRIPOD+AI (2024)", source=SOURCE
)
