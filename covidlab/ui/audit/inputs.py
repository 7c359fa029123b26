"""What each rung of the ladder is given of one X-ray, as a picture or as values; made here, of the file of the set."""

import cv2
import numpy as np
import streamlit as st

from covidlab.audit.ladder_text import BY_REGRESSION
from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.evaluation.alterations import ALTERATIONS, WHOLE, Subject
from covidlab.evaluation.probe import PROPERTIES, seen_films
from covidlab.evaluation.subjects import prepared_subject, subject_stamp
from covidlab.imaging.decode import read_bytes
from covidlab.imaging.encode import jpeg
from covidlab.imaging.stored import StoredFacts, stored_facts
from covidlab.language import number_text, tr
from covidlab.ui.audit.audited import Audited

QUALITY = 90
_SIDE = 224
_GREY = "grey"


def input_picture(audited: Audited, file: str, rung: str) -> bytes | None:
    """Return the picture that a rung reads of an X-ray, as JPEG; None where it reads none, or needs lungs that are not known.

    Raises CovidLabError where the X-ray cannot be read.
    """
    if rung == "thumbnail":
        return _thumbnail(audited.catalog, subject_stamp(audited.catalog, file), file)
    if rung in BY_REGRESSION:
        return None
    preset = audited.run.load_config().preset if audited.run else TrainingConfig.preset
    name = rung if rung in ALTERATIONS else WHOLE.name
    key = f"{subject_stamp(audited.catalog, file)} {ALTERATIONS[name].key}"
    return _picture(audited.catalog, key, file, name, preset)


def colour_or_grey(catalog: Catalog, file: str) -> str:
    """Return how the file of an X-ray is stored: "colour" or "grey", in the language of now."""
    facts = _facts(catalog, file)
    return tr("grey") if PROPERTIES["colour or grey"](facts) == _GREY else tr("colour")


def header_values(catalog: Catalog, file: str) -> list[tuple[str, str]]:
    """Return what the header of a file says, as pairs of label and plain text."""
    facts = _facts(catalog, file)
    values = [
        (tr("File format"), facts.format),
        (tr("Stored in"), colour_or_grey(catalog, file)),
        (tr("Size"), tr("{width:,} × {height:,} pixels", width=facts.width, height=facts.height)),
        (tr("Width over height"), number_text(facts.width / facts.height, ".2f")),
        (tr("Bytes a pixel"), number_text(facts.num_bytes / (facts.width * facts.height), ".2f")),
        (tr("Exif data"), _yes(facts.has_exif)),
    ]
    if facts.format == "JPEG":
        values += [
            (tr("JPEG, mean step of grey values"), number_text(facts.quantisation, ".1f")),
            (tr("JPEG, coarser colours"), _yes(facts.has_coarser_colours)),
            (tr("JPEG, progressive"), _yes(facts.is_progressive)),
        ]
    return values


def _yes(value: bool) -> str:
    return tr("yes") if value else tr("no")


def _facts(catalog: Catalog, file: str) -> StoredFacts:
    return stored_facts(read_bytes(catalog.film_path(file), name=file), name=file)


@st.cache_data(max_entries=400, show_spinner=False)
def _picture(_catalog: Catalog, key: str, file: str, name: str, preset: str) -> bytes | None:
    alteration = ALTERATIONS[name]
    film, subject = _prepared(_catalog, subject_stamp(_catalog, file), file, preset)
    if alteration.needs_lungs and subject.lungs is None:
        return None
    return jpeg(alteration(film, subject), quality=QUALITY)


# Four pictures of one X-ray are asked for, one after the other.
@st.cache_data(max_entries=16, show_spinner=False)
def _prepared(_catalog: Catalog, key: str, file: str, preset: str) -> tuple[np.ndarray, Subject]:
    return prepared_subject(_catalog, file, preset=preset)


@st.cache_data(max_entries=100, show_spinner=False)
def _thumbnail(_catalog: Catalog, key: str, file: str) -> bytes | None:
    (seen,) = seen_films(_catalog, [file])
    if seen is None:
        return None
    large = cv2.resize(seen[1], (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
    return jpeg(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), quality=QUALITY)
