"""What the name of a folder says: a class, a part of a split, a patient or a study, or only a place."""

import re
import unicodedata
from functools import lru_cache

from covidlab.data.folder_words import BESIDE, CLASSES, CONTROLS, PLACES
from covidlab.data.names import simple

_PARTS = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "holdout"), "test"),
}
_PART = re.compile(
    rf"({'|'.join(sorted(_PARTS, key=len, reverse=True))})(?:ing)?(?:sets?|data|split|images|imgs|folder)?"
)

_PLACE = re.compile(
    r"(?:(?:set|part|chunk|volume|vol|disk|disc|cd|dvd)\d+|jpegimages|chestxrays?|cxrimages?|v\d+|p\d\d|mod[a-z]{1,3}"
    r"|(?:19|20)\d\d(?:[01]\d[0-3]\d)?|[0-3]\d[01]\d20\d\d)"
)
_PATIENT = re.compile(
    r"(?:(?:patients?|pat|pt|subjects?|subj|sub|person|study|studies|series|exam|visit|session|ses|accession|case|id)"
    r"[ _-]?\d+[a-z0-9_-]*|(?:sub|ses)-\w+|(?:pa|st|se|p|im)\d{3,}|[a-z]{1,2}\d{4,}"
    r"|(?!(?:19|20)\d\d(?:[-_]\d\d?){0,2}$|20\d\d[01]\d[0-3]\d$)\d{3,}(?:[-_]\d+)*"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[a-f]*\d)[0-9a-f]{10,}|\d+(?:\.\d+){3,})",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"(?:patients?|studies|study|series|subjects?|cases|exams?|patienten|pacientes?)", re.IGNORECASE)

# Ends of a name that tell nothing: "covid (1)", "covid - Copy".
_COPY = re.compile(r"(.+?)(?: ?\(\d+\)|(?: ?[-_] ?|_| )(?:copy|kopie|copie|copia)(?: ?\(?\d+\)?)?)", re.IGNORECASE)
_AFFIX = re.compile(
    rf"(?:(?P<part>{'|'.join(_PARTS)})[ _-]+(?P<rest>.+)|(?P<first>.+?)[ _-]+(?P<last>{'|'.join(_PARTS)}))",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def words(name: str) -> tuple[str, ...]:
    """Words of a name without case and accents, parted at punctuation, digits and capitals: "CXR_png" is cxr, png."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", plain)
    return tuple(re.findall(r"\d+|[^\W\d_]+", parted.casefold()))


@lru_cache(maxsize=20_000)
def part_of_split(folder: str) -> str:
    """Return "train", "validation" or "test" for the name of a folder such as "Training set" or "stage_2_train_images", else ""."""
    if found := _PART.fullmatch(simple(folder)):
        return _PARTS[found.group(1)]
    own = words(folder)
    parts = [_PARTS[word] for word in own if word in _PARTS]
    if not parts or not all(word in _PARTS or _is_beside(word) or word in PLACES for word in own):
        return ""
    # A list of train and validation trains; what holds the test part as well is no part.
    return parts[0] if len(set(parts)) == 1 else "train" if "test" not in parts and "train" in parts else ""


@lru_cache(maxsize=20_000)
def is_place(folder: str) -> bool:
    """Whether a folder's name says where X-rays lie and not which class they are of: images, PA, fold1, patient00012, study1."""
    if is_patient_folder(folder) or is_people_folder(folder) or _PLACE.fullmatch(simple(folder)):
        return True
    own = words(folder)
    return any(word in PLACES for word in own) and all(
        word in PLACES or word in _PARTS or _is_beside(word) for word in own
    )


@lru_cache(maxsize=20_000)
def is_patient_folder(folder: str) -> bool:
    """Whether a folder's name is that of a patient, a study or a series."""
    return bool(_PATIENT.fullmatch(folder.strip()))


def is_people_folder(folder: str) -> bool:
    """Whether a folder's name says that patients or studies lie in it; beside "controls" it is a class."""
    return bool(_PEOPLE.fullmatch(folder.strip()))


def names_controls(folder: str) -> bool:
    """Whether a folder's name says that X-rays of healthy people lie in it."""
    return any(word in CONTROLS for word in words(folder))


@lru_cache(maxsize=20_000)
def names_class(name: str) -> bool:
    """Whether a name has a word that classes of chest X-rays are called by."""
    return any(word in CLASSES for word in words(name))


def is_surely_class(name: str) -> bool:
    """Whether a name is a class and not that of a whole data set, such as COVID-19_Radiography_Dataset."""
    return names_class(name) and not any(word in PLACES for word in words(name))


def without_copy_number(name: str) -> str:
    """A name without what file managers append to a copy: "covid" for "covid (1)" and "covid - Copy"."""
    found = _COPY.fullmatch(name.strip())
    return found.group(1) if found else name


def part_and_class(name: str) -> tuple[str, str]:
    """Part and class of a name that says both, such as train_covid or "normal test"; ("", the name) for others."""
    found = _AFFIX.fullmatch(name)
    if not found:
        return "", name
    part, rest = found["part"] or found["last"], found["rest"] or found["first"]
    return _PARTS[part.casefold()], rest


def _is_beside(word: str) -> bool:
    return word in BESIDE or word.isdigit() or len(word) == 1
