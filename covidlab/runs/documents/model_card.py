"""A model card as Mitchell et al. 2019 describe it ("Model cards for model reporting", doi 10.1145/3287560.3287596)."""

from covidlab.audit.titles import TITLES
from covidlab.runs.documents import about_data, about_model
from covidlab.runs.documents.content import Document, Rows, Section
from covidlab.runs.documents.facts import Facts
from covidlab.text import class_name

SOURCE = "Its sections are those of Mitchell et al. 2019, Model cards for model reporting, doi 10.1145/3287560.3287596."


def model_card(facts: Facts) -> Document:
    """Return the card of the model, filled from its run, the set and the audits."""
    return Document(
        name="model-card",
        title=f"Model card: {facts.model_name}",
        about=(about_model.NOT_FOR_DIAGNOSIS, *_verdict(facts), SOURCE),
        sections=(
            _details(facts),
            _use(facts),
            _factors(facts),
            _metrics(facts),
            Section(
                title="Evaluation data",
                paragraphs=_texts(facts, about_model.partition, about_model.level, about_model.elsewhere),
            ),
            Section(
                title="Training data", paragraphs=_texts(facts, about_data.sources), points=about_data.described(facts)
            ),
            *_audit(facts),
            _ethics(facts),
            _caveats(facts),
        ),
        footer=facts.footer,
    )


def _texts(facts: Facts, *answers) -> tuple[str, ...]:
    return tuple(answer(facts).in_words() for answer in answers)


def _verdict(facts: Facts) -> tuple[str, ...]:
    text = about_model.verdict(facts).in_words()
    return (f"Audit: {text}",) if facts.verdict else (text,)


def _details(facts: Facts) -> Section:
    asked = {
        "Made by": _maker(facts),
        "Kind": about_model.method(facts).text,
        "Input": about_model.preparation(facts).text,
        "Output": about_model.output(facts).text,
        "Training": about_model.training(facts).text,
        "Began from": about_model.first_weights(facts).text,
        "Choice": about_model.choice_of_model(facts).text,
        "Software": about_model.software(facts).in_words(),
        "Licence of the model": "Not known. That of VGG16's weights is CC BY 4.0 (Visual Geometry Group, Oxford).",
        "Questions": "To whoever gave you this card.",
    }
    return Section(
        title="Model details",
        rows=Rows(head=("Subject", "What is known"), rows=tuple(asked.items()), shares=(0.18, 0.82)),
    )


def _maker(facts: Facts) -> str:
    if facts.run is None:
        return "The audit trained models with these settings, and kept none."
    if facts.settings_of is None:
        return "covidlab; it comes with the program."
    return f"{facts.model_title}; who started it covidlab does not know."


def _use(facts: Facts) -> Section:
    classes = " and ".join(f"the {class_name(name)} X-rays" for name in facts.catalog.classes)
    return Section(
        title="Intended use",
        paragraphs=(
            f"It tells which X-rays of its set an X-ray resembles: {classes}. It is made for learning and teaching.",
        ),
        points=(
            "Not to diagnose, to rule out or to triage anything.",
            "Not on X-rays of patients for anything but learning and teaching.",
            "Not as a measure of how well such models see a disease.",
            "Not to compare hospitals, patients or devices.",
        ),
    )


def _factors(facts: Facts) -> Section:
    # What the audit measured has intervals; what was measured beforehand has none.
    tells = facts.is_fifty and not facts.found("ladder")
    return Section(
        title="Factors",
        paragraphs=(
            *_texts(facts, about_data.people, about_data.acquisition),
            "Figures by age, sex or view are not given: the groups are too small.",
            *([about_data.HOW_LITTLE] * tells),
        ),
        rows=about_data.shortcuts() if tells else None,
    )


def _metrics(facts: Facts) -> Section:
    figures = facts.figures()
    rows = Rows(head=("Figure", "Cross-validated, with 95 % interval and n"), rows=tuple(figures), shares=(0.25, 0.75))
    said = _texts(facts, about_model.measures, about_model.uncertainty)
    said = said if figures else (*said, about_model.performance(facts).in_words())
    extra = tuple(filter(None, (about_model.one_split(facts), *facts.found("calibration"))))
    return Section(title="Metrics", paragraphs=(*said, *extra), rows=rows if figures else None)


def _audit(facts: Facts) -> list[Section]:
    """What each part of the audit found that no other section has said; a row a sentence."""
    told = ("elsewhere", "calibration")
    rows = [
        ("" if place else TITLES[name].capitalize(), sentence)
        for name in facts.parts
        if name not in told
        for place, sentence in enumerate(facts.found(name))
    ]
    if not rows:
        return []
    table = Rows(head=("Part", "Found"), rows=tuple(rows), shares=(0.2, 0.8))
    return [Section(title="What the audit found", rows=table)]


def _ethics(facts: Facts) -> Section:
    return Section(
        title="Ethical considerations",
        paragraphs=_texts(facts, about_data.removed, about_data.licences),
        points=(
            "A wrong answer can harm whoever acts on it. Nobody should.",
            "Consent and approval by an ethics committee: not known.",
        )
        if not facts.is_synthetic
        else (),
    )


def _caveats(facts: Facts) -> Section:
    not_established = facts.verdict["not_established"] if facts.verdict else ""
    points = (
        about_data.FIFTY_COINCIDE if facts.is_fifty else "",
        not_established,
        about_model.size(facts).text,
        "To do before anything else: try it on X-rays of hospitals that it has not seen.",
    )
    return Section(title="Caveats and recommendations", points=tuple(filter(None, points)))
