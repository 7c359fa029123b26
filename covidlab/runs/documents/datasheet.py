"""The data's own datasheet, as Gebru et al. describe it ("Datasheets for datasets", doi 10.1145/3458723)."""

from collections.abc import Callable

from covidlab.data.conflicts import describe_conflicts, find_conflicts
from covidlab.data.flags import flag_table
from covidlab.runs.documents import about_data
from covidlab.runs.documents.checklist import OWN_WORDS
from covidlab.runs.documents.common import data_sharing, fixed, unknown
from covidlab.runs.documents.content import (
    Answer,
    Document,
    Rows,
    Section,
    answered,
    count_states,
    not_applicable,
    not_known,
)
from covidlab.runs.documents.facts import Facts
from covidlab.text import one_line, pluralize

SOURCE = "Gebru et al. 2021, Datasheets for datasets, Communications of the ACM 64(12), doi 10.1145/3458723."

Asked = tuple[str, Callable[[Facts], Answer]]


def datasheet(facts: Facts) -> Document:
    """Return the datasheet of the X-rays, filled from the catalog and its tables."""
    answers = {question: answer(facts) for asked in QUESTIONS.values() for question, answer in asked}
    return Document(
        name="datasheet",
        title=f"Datasheet: {one_line(facts.catalog.name)}",
        about=(
            f"{about_data.counts(facts).text} Fingerprint {facts.catalog.fingerprint[:12]}.",
            f"Source of the questions: {SOURCE} {OWN_WORDS.split('. ', 1)[1]}",
            count_states(list(answers.values())).replace("items", "questions"),
        ),
        sections=tuple(
            Section(
                title=heading,
                rows=Rows(
                    head=("Question", "Answer"),
                    rows=tuple((question, answers[question].in_words()) for question, _ in asked),
                    shares=(0.36, 0.64),
                ),
            )
            for heading, asked in QUESTIONS.items()
        ),
        footer=facts.footer,
    )


def _purpose(facts: Facts) -> Answer:
    if facts.is_synthetic:
        return answered("To try covidlab without real X-rays, and to have X-rays of which the truth is known.")
    if facts.is_fifty:
        return answered(
            "The fifty belong to a published script that wanted to tell COVID-19 from other X-rays. Here they serve to study what can, "
            "and cannot, be learned from them."
        )
    return not_known("The folder does not say.")


def _makers(facts: Facts) -> Answer:
    if facts.is_synthetic:
        return answered("covidlab computed it.")
    if facts.is_fifty:
        return answered("Who put the fifty together is not stated. Their sources:", about_data.FIFTY_SOURCES)
    return not_known()


def _instances(facts: Facts) -> Answer:
    return answered("A chest X-ray each.", about_data.SYNTHETIC if facts.is_synthetic else "")


def _sample(facts: Facts) -> Answer:
    if facts.is_synthetic:
        return answered("As many as were asked for; the simulator can compute others.")
    known = "Both sources are larger." if facts.is_fifty else ""
    return not_known(
        "Whether it stands for a larger set is not known; it is no sample of any clinic's patients.", known
    )


def _content(facts: Facts) -> Answer:
    columns = [
        name
        for name in ("finding", "age_group", "age_years", "sex", "view_position", "location", "notes")
        if facts.num_stated(name)
    ]
    sides = facts.catalog.films[["width", "height"]].to_numpy()
    ends = " to ".join(dict.fromkeys((f"{sides.min():,}", f"{sides.max():,}")))
    return answered(
        f"A picture with sides of {ends} pixels.",
        f"The table of the set states besides: {', '.join(columns)}." if columns else "No table states more.",
        *(sentence for sentence in about_data.described(facts) if sentence.startswith(("Stored", "View"))),
    )


def _relations(facts: Facts) -> Answer:
    if not facts.catalog.patients_known:
        return not_known("Which X-rays are of one patient is not stated for all.")
    repeated = int(flag_table(facts.catalog)["same patient"].sum())
    return answered(f"Patients are stated. {repeated:,} X-rays share their patient with another one.")


def _splits(facts: Facts) -> Answer:
    if facts.catalog.keeps_split:
        return answered("A split came with the set.")
    return answered("None. Keep all X-rays of a patient on one side.")


def _errors(facts: Facts) -> Answer:
    double = int(flag_table(facts.catalog)["same picture"].sum())
    return answered(
        f"{pluralize(double, 'X-ray')} have the same content as another one."
        if double
        else "No two files have the same content.",
        describe_conflicts(find_conflicts(facts.catalog.films)),
        *(
            sentence
            for sentence in about_data.described(facts)
            if sentence.startswith(('"PA only"', "The folder", "Journal"))
        ),
        *(sentence for sentence in about_data.described(facts) if "without thoracic abnormality" in sentence),
    )


def _groups(facts: Facts) -> Answer:
    return about_data.people(facts)


def _sensitive(facts: Facts) -> Answer:
    if facts.is_synthetic:
        return not_applicable(about_data.SYNTHETIC)
    return answered(
        "An X-ray is a picture of the inside of a person, and the tables may state age, sex, illness and place. Treat it as health data."
    )


def _collection(facts: Facts) -> Answer:
    if facts.is_synthetic:
        return answered(about_data.SYNTHETIC)
    if facts.is_fifty:
        return answered(
            "COVID-19 X-rays were taken from publications, the others are of one hospital.",
            about_data.sources(facts).text,
        )
    return not_known("How the X-rays came into the folder is not stated.", about_data.sources(facts).text)


def _impact(facts: Facts) -> Answer:
    if facts.is_fifty:
        return answered(
            about_data.FIFTY_COINCIDE,
            "One bit, whether the JPEG is stored in colour or in grey, tells them apart in 94 % of the X-rays (n = 50; the interval was not kept).",
            "A model can tell the folders apart without looking at disease.",
        )
    same = [sentence for sentence in about_data.described(facts) if sentence.startswith("No age group")]
    return (
        answered(*same, "The page Audit asks what else tells the classes apart.")
        if same
        else not_known("The page Audit asks what tells the classes apart.")
    )


def _consent(facts: Facts) -> Answer:
    return not_applicable(about_data.SYNTHETIC) if facts.is_synthetic else not_known("The set does not state it.")


QUESTIONS: dict[str, tuple[Asked, ...]] = {
    "Motivation": (
        ("For what was the set made?", _purpose),
        ("Who made it, and for whom?", _makers),
        ("Who paid for it?", unknown()),
    ),
    "Composition": (
        ("What is one item?", _instances),
        ("How many are there?", about_data.counts),
        ("Is it a sample of a larger set?", _sample),
        ("What is known of each item?", _content),
        ("Is there a label, and what does it rest on?", about_data.labels),
        ("What is missing?", about_data.missing),
        ("Which items belong together?", _relations),
        ("Are there splits to use?", _splits),
        ("Are there errors, noise or repeated items?", _errors),
        ("Does it need anything from elsewhere?", fixed("No: the files are in the folder.")),
        ("Does it hold what is confidential, or could offend?", _sensitive),
        ("Which groups of people are in it?", _groups),
        ("Can people be recognised?", about_data.removed),
    ),
    "Collection": (
        ("How did the X-rays come together?", _collection),
        ("With which devices?", about_data.acquisition),
        ("In which places?", about_data.places),
        ("By which rule were they chosen?", about_data.choice),
        ("Who collected them, and was that paid?", unknown()),
        ("When?", unknown("covidlab reads no dates.")),
        ("Did an ethics committee look at it?", _consent),
        ("Were the people told, and did they consent?", _consent),
    ),
    "Preparation and labels": (
        (
            "Was anything cleaned, changed or labelled?",
            lambda facts: answered("The files are used as they are.", about_data.labels(facts).text),
        ),
        (
            "Are the raw data kept?",
            lambda facts: (
                not_applicable(about_data.SYNTHETIC)
                if facts.is_synthetic
                else not_known("covidlab keeps the files as it got them; what came before is not known.")
            ),
        ),
    ),
    "Uses": (
        (
            "What has it been used for?",
            lambda facts: (
                answered(
                    "A published script with this question (GitHub repository devindatt/covid19-chest_xrays-analysis), and this program."
                )
                if facts.is_fifty
                else not_known()
            ),
        ),
        ("What should one know before using it?", _impact),
        ("What should it not be used for?", fixed("For diagnosis, and as a measure of how well a disease is seen.")),
    ),
    "Distribution and maintenance": (
        ("Is it passed on?", data_sharing),
        ("Under which licences?", about_data.licences),
        ("Who looks after it, and will it change?", unknown("The fingerprint above tells whether it has changed.")),
    ),
}
