"""Where an X-ray comes from, as the first line about it: of the set or not, and what that means for the number."""

import streamlit as st

from covidlab.audit.elsewhere_text import of_model
from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.words import value_text
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.assessment import Assessment
from covidlab.runs.elsewhere import measured_elsewhere
from covidlab.runs.exposure import NEW, PATIENT_TRAINED, PATIENT_UNKNOWN, TRAINED, UNKNOWN, exposure, is_of_set
from covidlab.runs.store import Run
from covidlab.text import class_name, markdown_escaped
from covidlab.ui.shared.films import is_synthetic_film

_SEEN_SENTENCES = {
    TRAINED: tr_lazy("The model has trained on this X-ray, so its result proves nothing."),
    PATIENT_TRAINED: tr_lazy("The model has trained on another X-ray of this patient, so its result proves little."),
    NEW: tr_lazy("The model has trained neither on this X-ray nor on another one of its patient."),
    PATIENT_UNKNOWN: tr_lazy(
        "The model has not trained on this X-ray. Whether it has trained on another X-ray of its patient is not known."
    ),
    UNKNOWN: tr_lazy(
        "It is not known whether the model has trained on this X-ray: its run used other X-rays, did not "
        "record its validation X-rays, or started from an earlier model."
    ),
}
# Measured with VGG16 features and a logistic regression trained on the curated fifty, on adult X-rays of other hospitals.
_FIFTY_ELSEWHERE = tr_lazy(
    "Models of this kind, trained on these fifty X-rays, called 94 to 99 % of adult X-rays without "
    "finding from other hospitals COVID-19 (AUC .73 to .79). They have learned to tell adults from "
    "children."
)
_NEARLY = tr_lazy(
    "**A copy of an X-ray of the set,** or one that looks nearly the same. What the receipt says of "
    "that X-ray holds for this one too: a number for what a model has learned from proves nothing."
)
_UNKNOWN_ELSEWHERE = tr_lazy("How this model does on X-rays of other hospitals is not known: nobody has measured it.")


def draw_origin(film: VisitorFilm, run: Run, catalog: Catalog | None, assessment: Assessment | None) -> None:
    """Draw the first line about an X-ray: what it is of the set, that it is nearly one of it, or that it is not of it."""
    file = set_file(film, catalog)
    if not file and assessment and (assessment.known_as or assessment.nearly_known_as):
        st.warning(_NEARLY, icon=":material/content_copy:")
        return
    if not file:
        st.warning(
            tr(
                "**Not from here.** {not_from_here}",
                not_from_here=markdown_escaped(not_from_here(run), max_length=1000),
            ),
            icon=":material/public:",
        )
        return
    row = catalog.row(file).to_dict()
    if is_synthetic_film(row):
        st.caption(tr(":material/science: This X-ray is synthetic: covidlab computed it, and it shows no patient."))
    facts = tr(
        "class {class_name}, view {get}, age group {get_2}",
        class_name=class_name(row["class"]),
        get=value_text(row.get("view_position") or NOT_STATED),
        get_2=value_text(row.get("age_group") or NOT_STATED),
    )
    same = "" if film.file else tr("The same X-ray is in the data set in use: {file}. ", file=markdown_escaped(file))
    st.markdown(tr("{same}X-ray of the set: {facts}.", same=same, facts=markdown_escaped(facts)))
    seen = exposure(run, catalog).get(file, UNKNOWN)
    if seen in (TRAINED, PATIENT_TRAINED):
        st.warning(_SEEN_SENTENCES[seen], icon=":material/warning:")
    else:
        st.markdown(_SEEN_SENTENCES[seen])


def set_file(film: VisitorFilm, catalog: Catalog | None) -> str:
    """Return which X-ray of the set a film is, by its content; "" where it is none.

    A film that was chosen from another set keeps its name of there, which may be that of another X-ray here.
    """
    if catalog is None or not film.sha256:
        return ""
    same = catalog.films.loc[catalog.films["sha256"] == film.sha256, "file"].tolist()
    return film.file if film.file in same else str(next(iter(same), ""))


def set_of(run: Run, catalog: Catalog | None) -> Catalog | None:
    """Return the data set in use where it is the one the run learned from; None where names of files mean other X-rays."""
    return catalog if catalog is not None and is_of_set(run, catalog) else None


def not_from_here(run: Run) -> str:
    """Return what is known of the model's answers on X-rays that are not of its set: what an audit has measured,
    where one has; plain text."""
    if found := measured_elsewhere(run):
        return tr("This picture is not of the set. {of_model}", of_model=" ".join(of_model(found)))
    trained_on = run.load_facts().get("data", {}).get("fingerprint")
    is_fifty = trained_on and trained_on == Run(DEFAULT_MODEL).load_facts().get("data", {}).get("fingerprint")
    return tr(
        "This picture is not of the set. {fifty_elsewhere}",
        fifty_elsewhere=_FIFTY_ELSEWHERE if is_fifty else _UNKNOWN_ELSEWHERE,
    )
