"""The Checklist for Artificial Intelligence in Medical Imaging (CLAIM), 2024 update: doi 10.1148/ryai.240300.

Numbers and subjects of the 44 items were compared one by one with the items that RSNA publishes at https://rsna.github.io/claim/
(explanation and elaboration: doi 10.1148/ryai.260835).
"""

from functools import partial

from covidlab.runs.documents import about_data, about_model
from covidlab.runs.documents.checklist import Item, checklist
from covidlab.runs.documents.common import (
    AIM,
    INTENDED_USE,
    fixed,
    funding,
    limitations,
    no_annotators,
    protocol,
    sharing,
    unknown,
)
from covidlab.runs.documents.content import Answer, answered
from covidlab.runs.documents.facts import Facts

SOURCE = "Tejani et al. 2024, Radiology: Artificial Intelligence, doi 10.1148/ryai.240300."


def _item(number: int, asks: str, answer) -> Item:
    return Item(number=str(number), asks=asks, answer=answer)


def _design(facts: Facts) -> Answer:
    if facts.is_synthetic:
        return answered(about_data.SYNTHETIC)
    return answered("Retrospective: the X-rays were there before the model.")


def _explanations(facts: Facts) -> Answer:
    said = "Heat maps (Grad-CAM, occlusion). A map is illustrative: it shows roughly what the model used, never where disease is."
    return answered(said, *facts.found("attention"), *facts.found("exam"))


def _internal(facts: Facts) -> Answer:
    return answered(about_model.partition(facts).text, about_model.one_split(facts))


def _diagnostic(facts: Facts) -> Answer:
    return about_model.performance(facts, ("Sensitivity", "Specificity", "AUC"))


def _robustness(facts: Facts) -> Answer:
    return about_model.part(facts, "ladder", "curves")


SECTIONS = {
    "Title, abstract, introduction": (
        _item(1, "Say that it is a study of AI, and which kind", about_model.method),
        _item(2, "A structured summary", unknown("The person who reports writes it.")),
        _item(3, "Background, intended use and role of the model", fixed(INTENDED_USE)),
        _item(4, "Aims and hypotheses", fixed(AIM)),
    ),
    "Methods: design and data": (
        _item(5, "Prospective or retrospective", _design),
        _item(
            6, "Goal of the study", fixed("To explore, and to teach. It is not made to show that a model is of use.")
        ),
        _item(7, "Sources of the data", about_data.sources),
        _item(8, "Which cases were included and excluded", about_data.choice),
        _item(9, "What was done to the data before learning", about_model.preparation),
        _item(10, "Whether parts of the data were selected", about_model.subset),
        _item(11, "How identities were removed", about_data.removed),
        _item(12, "How missing data were handled", about_data.missing),
        _item(13, "How the pictures were taken", about_data.acquisition),
    ),
    "Methods: reference standard": (
        _item(14, "What defines the reference standard", about_data.labels),
        _item(15, "Why this standard", unknown("Its choice is not explained by the set.")),
        _item(16, "Who annotated, with which training", no_annotators),
        _item(17, "How the test cases were annotated", no_annotators),
        _item(18, "How far annotators agree", no_annotators),
    ),
    "Methods: data partitions, testing data": (
        _item(19, "How cases were divided", about_model.partition),
        _item(20, "At which level the parts are separate", about_model.level),
        _item(21, "Intended number of cases", about_model.size),
    ),
    "Methods: model and training": (
        _item(22, "The model in detail", about_model.method),
        _item(23, "Software and versions", about_model.software),
        _item(24, "What the weights began from", about_model.first_weights),
        _item(25, "How it was trained", about_model.training),
        _item(26, "How the final model was chosen", about_model.choice_of_model),
        _item(
            27,
            "Whether models were combined",
            fixed("One model answers. Models of the folds give the range beside its number on Predict."),
        ),
    ),
    "Methods: evaluation": (
        _item(28, "Which metrics", about_model.measures),
        _item(29, "How uncertainty was measured", about_model.uncertainty),
        _item(30, "Robustness against changes", _robustness),
        _item(31, "Methods of explanation", _explanations),
        _item(32, "Evaluation on internal data", _internal),
        _item(33, "Testing on external data", about_model.elsewhere),
        _item(34, "Registration of a clinical trial", about_model.no_trial),
    ),
    "Results": (
        _item(35, "Numbers of cases included and excluded", about_data.counts),
        _item(36, "Who the cases are, in each part", about_data.people),
        _item(37, "Performance with uncertainty", about_model.performance),
        _item(38, "Diagnostic performance and its precision", _diagnostic),
        _item(39, "Cases that the model gets wrong", about_model.failures),
    ),
    "Discussion and other information": (
        _item(40, "Limitations", limitations),
        _item(41, "What follows for practice", fixed(about_model.NOT_FOR_DIAGNOSIS)),
        _item(42, "Where the protocol and further details are", protocol),
        _item(43, "Whether software, model and data are available", sharing),
        _item(44, "Funding, and the role of funders", funding),
    ),
}

claim = partial(
    checklist, sections=SECTIONS, name="claim-checklist", title="Checklist CLAIM (2024 update)", source=SOURCE
)
