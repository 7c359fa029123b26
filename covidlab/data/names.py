"""What the names of files and folders say: picture, mask, hidden; a class, a part of a split, a patient, or only a place."""

import re
from pathlib import PurePosixPath

MASKS_FOLDER = "masks"
METADATA_NAME = "metadata.csv"
# A file by its suffix; whether it can be read, its content says. GIF and WebP are pictures that are named when refused.
FILM_SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jfif", ".jpe", ".jfi", ".jif", ".pjpeg", ".pjp", ".png", ".bmp", ".dib", ".tif", ".tiff"),
        *(".webp", ".gif", ".heic", ".heif", ".avif", ".jp2", ".jpx", ".dcm", ".dicom"),
    )
)
# Never pictures, so that their content need not be looked at.
_OTHER_SUFFIXES = frozenset(
    (
        *(".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".md", ".html", ".htm", ".pdf", ".rtf"),
        *(".doc", ".docx", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".py", ".ipynb", ".m", ".r", ".sh", ".bat"),
        *(".zip", ".gz", ".tar", ".rar", ".7z", ".npy", ".npz", ".pkl", ".h5", ".hdf5", ".keras", ".pt", ".pth"),
        *(".mat", ".nii", ".log", ".ini", ".db", ".lnk", ".url", ".sqlite", ".parquet", ".mp4", ".avi", ".mov"),
    )
)
_OF_THE_SYSTEM = frozenset(("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "icon", "$recycle.bin"))
_OWN_FOLDERS = frozenset(("selections",))

_PARTS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
_PART = re.compile(
    rf"({'|'.join(sorted(_PARTS, key=len, reverse=True))})(?:ing)?(?:set|data|split|images|imgs|folder)?"
)
_PLACE = re.compile(
    r"(?:the)?(?:images?|imgs?|img|pictures?|pics?|photos?|scans?|films?|xrays?|xr|cxrs?|chestxrays?|radiographs?|"
    r"jpe?gs?|pngs?|bmps?|tiffs?|tifs?|dicoms?|dcms?|data|datasets?|files?|samples?|raw|orig(?:inals?)?|inputs?|all|"
    r"pa|ap|lateral|frontal|ll|lat|views?|preprocessed|processed|resized|cropped)\d*"
)
_PATIENT = re.compile(
    r"(?:(?:patients?|pat|pt|subjects?|subj|sub|person|study|studies|series|exam|visit|session|accession|id)[ _-]?\d+[a-z0-9_-]*"
    r"|p\d{3,}|s\d{4,}|\d{3,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d+(?:\.\d+){3,})",
    re.IGNORECASE,
)
_PATIENT_PLACE = re.compile(r"(?:patients?|studies|study|series|subjects?|cases|exams?)", re.IGNORECASE)


def is_hidden(path: PurePosixPath) -> bool:
    """Whether a file is hidden or the operating system's: .DS_Store, ._a.png, __MACOSX, Thumbs.db, Icon."""
    return any(part[0] == "." or part.casefold() in _OF_THE_SYSTEM for part in path.parts)


def is_own(path: PurePosixPath) -> bool:
    """Whether a file is covidlab's own, a selection of the set."""
    return path.parts[0] in _OWN_FOLDERS


def is_mask_folder(name: str) -> bool:
    """Whether the name of a folder says that masks lie in it."""
    return "mask" in name.casefold() or simple(name) in ("segmentation", "segmentations", "lungsegmentation")


def is_picture_name(path: PurePosixPath) -> bool | None:
    """Whether a file is a picture by its suffix; None where only its content can say."""
    suffix = path.suffix.lower()
    if suffix in FILM_SUFFIXES:
        return True
    return False if suffix in _OTHER_SUFFIXES else None


def part_of_split(folder: str) -> str:
    """Return "train", "validation" or "test" for the name of a folder such as "Training set", else ""."""
    found = _PART.fullmatch(simple(folder))
    return _PARTS[found.group(1)] if found else ""


def is_place(folder: str) -> bool:
    """Whether a folder's name says where X-rays lie and not which class they are of: images, PA, patient00012, study1."""
    return bool(_PLACE.fullmatch(simple(folder))) or is_patient_folder(folder) or bool(_PATIENT_PLACE.fullmatch(folder))


def is_patient_folder(folder: str) -> bool:
    """Whether a folder's name is that of a patient, a study or a series."""
    return bool(_PATIENT.fullmatch(folder.strip()))


def simple(name: str) -> str:
    """A name without case and without all but letters and digits."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def archive_class_name(stem: str) -> str:
    """Class that the name of an archive gives, e.g. "covid" for covid-samples.zip of Teachable Machine, "covid (1).zip"."""
    name = stem.strip()
    for end in ("samples", "images", "xrays", "x-rays"):
        for gap in ("-", "_", " "):
            if name.casefold().endswith(gap + end):
                name = name[: -len(gap + end)]
    if name.endswith(")") and "(" in name and name[name.rindex("(") + 1 : -1].isdigit():
        name = archive_class_name(name[: name.rindex("(")])
    return name.strip() or stem
