"""What the names of files and folders say of what they hold: pictures, masks, what a program made, what is hidden."""

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
_OF_THE_SYSTEM = frozenset(
    ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "icon", "$recycle.bin", "dicomdir")
)
PHANTOM_MARKER = "phantom.json"
# Decisions on Curate lie in it.
SELECTIONS_FOLDER = "selections"
_OWN_FOLDERS = frozenset((SELECTIONS_FOLDER,))

_MASKS = re.compile(
    r"(?:lungs?|infections?|manual|expert)?(?:segmentations?|segs?|groundtruths?|gts?|contours?|annotations?)"
)
_MADE = re.compile(
    r"(?:grad)?cams?|heatmaps?|saliency(?:maps?)?|attention(?:maps?)?|overlays?|plots?|charts?|thumbnails?|thumbs?|previews?"
    r"|results?|outputs?|predictions?|screenshots?|logs?|runs|checkpoints?"
)


def is_hidden(path: PurePosixPath) -> bool:
    """Whether a file is hidden or the operating system's: .DS_Store, ._a.png, __MACOSX, Thumbs.db, Icon."""
    return any(part[0] == "." or part.casefold() in _OF_THE_SYSTEM for part in path.parts)


def is_own(path: PurePosixPath) -> bool:
    """Whether a file is covidlab's own: a selection of the set, what synthetic X-rays were made with."""
    return path.parts[0] in _OWN_FOLDERS or path.name == PHANTOM_MARKER


def is_mask_folder(name: str) -> bool:
    """Whether the name of a folder says that masks lie in it."""
    return "mask" in name.casefold() or bool(_MASKS.fullmatch(simple(name)))


def is_made_folder(name: str) -> bool:
    """Whether the name of a folder says that a program has made its pictures: heat maps, plots, thumbnails, results."""
    return bool(_MADE.fullmatch(simple(name)))


def is_picture_name(path: PurePosixPath) -> bool | None:
    """Whether a file is a picture by its suffix; None where only its content can say."""
    suffix = path.suffix.lower()
    if suffix in FILM_SUFFIXES:
        return True
    return False if suffix in _OTHER_SUFFIXES else None


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
