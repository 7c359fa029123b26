"""Answers that both reporting checklists give, and small makers of answers."""

from collections.abc import Callable

from covidlab.runs.documents import about_data, about_model
from covidlab.runs.documents.content import Answer, answered, not_applicable, not_known
from covidlab.runs.documents.facts import Facts

AIM = "To find out what can, and what cannot, be learned from this set. No hypothesis was written down before."
INTENDED_USE = "Learning and teaching. It has no role in the care of patients. " + about_model.NOT_FOR_DIAGNOSIS


def fixed(text: str) -> Callable[[Facts], Answer]:
    """An answer that is the same for every model of covidlab."""
    return lambda facts: answered(text)


def unknown(*sentences: str) -> Callable[[Facts], Answer]:
    """What covidlab cannot know of any model."""
    return lambda facts: not_known(*sentences)


def no_annotators(facts: Facts) -> Answer:
    """Of those who said what an X-ray shows."""
    if facts.is_synthetic:
        return not_applicable(about_data.SYNTHETIC)
    return not_known("The set names nobody who judged the X-rays.")


def funding(facts: Facts) -> Answer:
    """Of money."""
    return not_known("The person who reports has to say it.")


def protocol(facts: Facts) -> Answer:
    """Where further details are."""
    if facts.run is None:
        return answered(
            "No protocol was written before. covidlab's docs/decisions/statistics.md says how things are measured."
        )
    return answered(
        f"No protocol was written before. All settings, the fingerprint of the data and the device are in run.json of {facts.run.name}; "
        "covidlab's docs/decisions/statistics.md says how things are measured."
    )


def code(facts: Facts) -> Answer:
    """Whether the program is there."""
    return answered("The program is covidlab; its README says how to make the figures again.")


def sharing(facts: Facts) -> Answer:
    """Whether program, model and data are there."""
    model = "The model can be downloaded on the page Runs." if facts.run else "No model file is kept."
    return answered(code(facts).text, model, data_sharing(facts).text)


def data_sharing(facts: Facts) -> Answer:
    """Whether the X-rays are there."""
    if facts.is_synthetic:
        return answered("The X-rays can be computed again from their seed.")
    if facts.is_fifty:
        return answered("covidlab does not pass the X-rays on; metadata.csv names the source and the licence of each.")
    return not_known("Whether the X-rays may be passed on, the person who has them must know.")


def limitations(facts: Facts) -> Answer:
    """What limits all of it."""
    lung = about_model.verdict(facts)
    return answered(
        f"The set is small: {about_data.counts(facts).text}",
        about_data.FIFTY_COINCIDE if facts.is_fifty else "",
        f"Audit: {lung.text}" if facts.verdict else "No audit has asked what the model uses.",
        "" if facts.found("elsewhere") else "The figures do not say how it does on X-rays of another hospital.",
    )
