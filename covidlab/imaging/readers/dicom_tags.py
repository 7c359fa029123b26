"""What is kept of a DICOM header, and the refusal of what is no X-ray of a chest."""

import math
import re

from pydicom.dataset import Dataset

from covidlab.imaging.readers.base import OtherKind, Refusal, Tags
from covidlab.imaging.readers.dicom_codes import CHEST_MODALITIES, CHEST_WORDS, known_code
from covidlab.imaging.readers.dicom_file import DICOM_ERRORS
from covidlab.language import tr_lazy

_LATERAL = frozenset(("LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT"))
_PROJECTIONS = {"posteroanterior": "PA", "anteroposterior": "AP", "lateral": "LATERAL"}
_DAYS_OF = {"D": 1, "W": 7, "M": 30.4, "Y": 365.25}
_ADULT_YEARS = 18


def tags_of(header: Dataset) -> Tags:
    """Return what is kept of a header."""
    return Tags(
        modality=code(header, "Modality"),
        body_part=code(header, "BodyPartExamined"),
        view_position=_view_position(header),
        photometric=code(header, "PhotometricInterpretation"),
        burned_in=code(header, "BurnedInAnnotation"),
        age_group=_age_group(header),
        pixel_spacing=_pixel_spacing(header),
        bits_stored=whole(header, "BitsStored"),
        bits_allocated=whole(header, "BitsAllocated"),
    )


def refuse_other_than_chest(tags: Tags) -> None:
    """Raise OtherKind where the header names another kind of picture or another part of the body; what it leaves out passes."""
    if tags.modality and tags.modality not in CHEST_MODALITIES:
        raise OtherKind(
            tr_lazy(
                "a chest X-ray (modality CR, DX or RG) is expected. Received: modality {modality}",
                modality=tags.modality,
            )
        )
    if tags.body_part and not CHEST_WORDS & set(tags.body_part.split()):
        raise OtherKind(
            tr_lazy("an X-ray of the chest is expected. Received: body part {body_part}", body_part=tags.body_part)
        )


def code(header: Dataset, keyword: str) -> str:
    """Return a code in capitals, "" where the header has none; what is no code is not shown."""
    value = _first(header, keyword)
    return known_code(keyword, "" if value is None else str(value).strip(" \0").upper())


def whole(header: Dataset, keyword: str) -> int | None:
    """Return a whole number, None where the header has none."""
    value = number(header, keyword)
    return None if value is None else int(value)


def number(header: Dataset, keyword: str) -> float | None:
    """Return the first of the numbers of a tag, None where the header states none; raises Refusal where it is no number.

    What is stated and cannot be read is never taken as left out: the picture would be another one.
    """
    value = _first(header, keyword)
    if value is None:
        return None
    try:
        value = float(value)
    except DICOM_ERRORS as error:
        raise _unreadable(keyword) from error
    if not math.isfinite(value):
        raise _unreadable(keyword)
    return value


def values_of(header: Dataset, keyword: str) -> list:
    """Return all values of a tag, none where the header has none; raises Refusal where they cannot be read."""
    try:
        value = header.get(keyword)
    except DICOM_ERRORS as error:
        raise _unreadable(keyword) from error
    if value is None or value == "":
        return []
    return [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else list(value)


def _unreadable(keyword: str) -> Refusal:
    return Refusal(tr_lazy("its DICOM header is damaged: the value of {keyword} cannot be read", keyword=keyword))


def _first(header: Dataset, keyword: str) -> object:
    return next(iter(values_of(header, keyword)), None)


def _view_position(header: Dataset) -> str:
    stated = code(header, "ViewPosition")
    if stated:
        return "LATERAL" if stated in _LATERAL else stated
    for item in values_of(header, "ViewCodeSequence"):
        meaning = re.sub(r"[^a-z]", "", str(_first(item, "CodeMeaning")).lower())
        return next((view for words, view in _PROJECTIONS.items() if words in meaning), "")
    return ""


def _age_group(header: Dataset) -> str:
    """PS3.5 6.2, AS: three digits and D, W, M or Y."""
    match = re.fullmatch(r"(\d{3})([DWMY])", str(_first(header, "PatientAge") or "").strip())
    if match is None:
        return ""
    years = int(match[1]) * _DAYS_OF[match[2]] / _DAYS_OF["Y"]
    return "adult" if years >= _ADULT_YEARS else "child"


def _pixel_spacing(header: Dataset) -> tuple[float, float] | None:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        try:
            rows, columns = (float(value) for value in values_of(header, keyword))
        except (*DICOM_ERRORS, Refusal):
            # It changes no pixel.
            continue
        if 0 < rows < math.inf and 0 < columns < math.inf:
            return rows, columns
    return None
