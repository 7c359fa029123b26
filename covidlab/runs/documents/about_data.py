"""Answers about the X-rays that several documents give: counts, sources, labels, what is missing; what was measured on the fifty
is said of the fifty alone."""

from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.data.summary import CURATED_SHORTCUTS, licence_counts, statements
from covidlab.runs.documents.content import Answer, Rows, answered, not_applicable, not_known
from covidlab.runs.documents.facts import Facts
from covidlab.text import class_name, one_line, pluralize

SYNTHETIC = "The X-rays are computed by covidlab and show no patient."
FIFTY_SOURCES = (
    "COVID-19 X-rays: the COVID-19 image data collection (Cohen et al. 2020, arXiv 2006.11988), collected there from publications. "
    "Non-COVID X-rays: the chest X-ray pneumonia set of Kermany et al. (Mendeley Data, doi 10.17632/rscbjbr9sj.2)."
)
FIFTY_COINCIDE = "In this set class, source and age group coincide: the COVID-19 X-rays with a stated age are of adults, the others of children."
HOW_LITTLE = (
    "How little tells the two folders of the fifty apart, measured beforehand (5 folds by patient, 20 repeats, n = 50 X-rays of 37 "
    "patients; intervals were not kept, the audit gives its own):"
)
FIFTY_ELSEWHERE = (
    "Models of this kind (VGG16 features and logistic regression), trained on these fifty, called 94 to 99 % of adult X-rays without "
    "finding from other hospitals COVID-19 (AUC .73 to .79): they have learned to tell adults from children."
)


def described(facts: Facts) -> tuple[str, ...]:
    """What is in the set, in sentences with numbers."""
    return tuple(statements(facts.catalog, name_of=class_name))


def counts(facts: Facts) -> Answer:
    """How many X-rays, of how many patients, in which classes."""
    sizes = facts.catalog.films["class"].value_counts()
    classes = ", ".join(f"{sizes[name]:,} {class_name(name)}" for name in facts.catalog.classes)
    patients = f" of {pluralize(facts.catalog.num_patients, 'patient')}" if facts.catalog.patients_known else ""
    return answered(
        f"{pluralize(facts.catalog.num_films, 'X-ray')}{patients}: {classes}.",
        "" if facts.catalog.patients_known else PATIENTS_NOT_KNOWN,
    )


def sources(facts: Facts) -> Answer:
    """Where the X-rays come from."""
    if facts.is_synthetic:
        return answered(SYNTHETIC)
    if facts.is_fifty:
        return answered(FIFTY_SOURCES, "A row of metadata.csv names the publication or set of each.")
    stated = facts.values("source")
    return answered(f"By the table of the set: {stated}.") if stated else not_known("The set names no source.")


def choice(facts: Facts) -> Answer:
    """By which rule X-rays came into the set, and which files of its folder are not used."""
    left = [f"{pluralize(len(each.files), 'file')} ({each.reason})" for each in facts.catalog.unused]
    files = (
        f"Files of the folder that are not used: {', '.join(left)}."
        if left
        else "No picture of the folder is left out."
    )
    if facts.is_synthetic:
        return answered("Computed at random from the settings of the simulator.", files)
    if facts.is_fifty:
        return not_known("By which rule the fifty were chosen from their two sources is not stated.", files)
    return not_known("By which rule the X-rays came into the folder is not stated.", files)


def labels(facts: Facts) -> Answer:
    """What the class of an X-ray rests on."""
    if facts.is_synthetic:
        return answered("The class says whether the simulator drew opacities.")
    tested = facts.catalog.films.get("rt_pcr_positive")
    positive = class_name(facts.catalog.positive_class)
    of_positive = tested[facts.catalog.labels == facts.catalog.positive_index] if tested is not None else []
    said = (
        f"A positive viral test (RT-PCR) is stated for {(of_positive == 'Y').sum():,} of {len(of_positive):,} {positive} X-rays."
        if len(of_positive)
        else ""
    )
    if facts.is_fifty:
        others = "The findings of the non-COVID X-rays are taken from the names of their files."
        return answered(f"The class is the folder of an X-ray, as its source gives it. {said} {others}")
    basis = "The class is that of the folder or of the table of the set. What it rests on is not stated."
    return answered(basis, said) if said else not_known(basis)


def missing(facts: Facts) -> Answer:
    """What the tables of the set leave open, and what is done about it."""
    open_columns = {"view": "view_position", "age group": "age_group", "finding": "finding"}
    total = facts.catalog.num_films
    gaps = [
        f"{name} of {total - known:,} of {pluralize(total, 'X-ray')}"
        for name, column in open_columns.items()
        if (known := facts.num_stated(column)) < total
    ]
    said = f"Not stated: {', '.join(gaps)}." if gaps else "View, age group and finding are stated for every X-ray."
    return answered(said, "Nothing is filled in: the model is given pixels alone.")


def acquisition(facts: Facts) -> Answer:
    """How the X-rays were taken."""
    if facts.is_synthetic:
        return not_applicable(SYNTHETIC)
    views = facts.values("view_position")
    return not_known("Devices, exposure and processing are not stated.", f"View: {views}." if views else "")


def places(facts: Facts) -> Answer:
    """In which hospitals the X-rays were taken."""
    if facts.is_synthetic:
        return not_applicable(SYNTHETIC)
    stated, number = facts.values("location"), facts.num_stated("location")
    if not stated:
        return not_known("The set names no hospital.")
    return answered(f"Stated for {number:,} of {pluralize(facts.catalog.num_films, 'X-ray')}: {stated}.")


def people(facts: Facts) -> Answer:
    """Age groups and sex, by class where the table states them."""
    if facts.is_synthetic:
        return not_applicable(SYNTHETIC)
    ages, sexes = facts.values("age_group"), facts.values("sex")
    said = [f"Age group: {ages}." if ages else "", f"Sex: {sexes}." if sexes else ""]
    return (
        answered(*said, FIFTY_COINCIDE if facts.is_fifty else "") if any(said) else not_known("The set states neither.")
    )


def treatments(facts: Facts) -> Answer:
    """What is known of treatments."""
    if facts.is_synthetic:
        return not_applicable(SYNTHETIC)
    tubes = facts.values("intubated")
    return answered(f"Intubated, by the table of the set: {tubes}.", "Nothing else is known.") if tubes else not_known()


def removed(facts: Facts) -> Answer:
    """What was done so that nobody can be recognised."""
    if facts.is_synthetic:
        return not_applicable(SYNTHETIC)
    return not_known(
        "What the sources removed is not stated.",
        "covidlab takes no name and no date from an X-ray; of a DICOM file the patient becomes a hash.",
    )


def licences(facts: Facts) -> Answer:
    """Under which licences the X-rays stand, by class and source."""
    if facts.is_synthetic:
        return answered("They are computed here; covidlab claims no right in them.")
    table = licence_counts(facts.catalog.films)
    said = [
        f"{class_name(name)}, {one_line(source)}: {one_line(licence)} ({number:,})"
        for name, source, licence, number in table.itertuples(index=False, name=None)
    ]
    if set(table["licence"]) == {"not stated"}:
        return not_known(
            "The set states no licence. Where none is stated, all rights stay with who published the X-ray."
        )
    return answered(f"{'; '.join(said)}.", "Where none is stated, all rights stay with who published the X-ray.")


def shortcuts() -> Rows:
    """How little told the two folders of the fifty apart, as measured beforehand."""
    return Rows(
        head=("What a logistic regression was given", "Accuracy", "AUC"),
        rows=CURATED_SHORTCUTS,
        shares=(0.7, 0.15, 0.15),
    )
