"""A folder of class folders, with or without a metadata.csv, as one table of films."""

import csv
import hashlib
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from covidlab.data.index import Progress, measure_films
from covidlab.errors import DataError, UnreadableImage

METADATA_NAME = "metadata.csv"
MASKS_FOLDER = "masks"
NOT_STATED = "not stated"
DEFAULT_POSITIVE_CLASS = "covid"
FILM_SUFFIXES = frozenset(("", ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".dcm", ".dicom"))

_MEASURED = ("sha256", "width", "height", "channels", "bytes")
_DESCRIBED = ("finding", "patient_id", "age_group", "view_position", "mask")
_ADULT_AGE_YEARS = 18


@dataclass(frozen=True, eq=False)
class Catalog:
    """Films of a data set.

    root: absolute folder. films: DataFrame with a row a film, sorted by file, columns file (posix, relative to root),
    class, finding, patient_id, age_group ("adult", "child", "not stated"), view_position ("PA", "AP", "LATERAL",
    "not stated"), sha256, width, height, channels, bytes, mask ("" if none), then what else metadata.csv holds.
    classes: folder names, sorted. patients_known: every film's patient is stated in metadata.csv.
    """

    root: Path
    films: pd.DataFrame
    classes: tuple[str, ...]
    positive_class: str
    has_metadata: bool
    patients_known: bool

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.root.name

    @property
    def num_films(self) -> int:
        """Number of films."""
        return len(self.films)

    @property
    def num_patients(self) -> int | None:
        """Number of different patients; None where they are not known of all X-rays."""
        return int(self.films["patient_id"].nunique()) if self.patients_known else None

    @property
    def labels(self) -> np.ndarray:
        """Class of each film, ndarray of shape (num_films,), int, an index into ``classes``."""
        return pd.Categorical(self.films["class"], categories=list(self.classes)).codes.astype(int)

    @property
    def positive_index(self) -> int:
        """Place of the positive class in ``classes``."""
        return self.classes.index(self.positive_class)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over file, content, class and patient of all films."""
        rows = self.films[["file", "sha256", "class", "patient_id"]].itertuples(index=False, name=None)
        return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {file: position for position, file in enumerate(self.films["file"])}

    def row(self, file: str) -> pd.Series:
        """Row of one film; raises DataError where the set has no such film."""
        if file not in self._positions:
            raise DataError(f"The data set {self.name} has no such X-ray. Received: {file}.")
        return self.films.iloc[self._positions[file]]

    def film_path(self, file: str) -> Path:
        """Path of one film; raises DataError where the set has no such film."""
        return self.root / self.row(file)["file"]

    def mask_path(self, file: str) -> Path | None:
        """Path of a film's lung mask, None where there is none."""
        mask = self.row(file)["mask"]
        return self.root / mask if mask else None


def load_catalog(root: Path, *, positive_class: str | None = None, progress: Progress | None = None) -> Catalog:
    """Catalog of the folder ``root``: at least two folders of films, named after their classes.

    Where metadata.csv does not state a patient, each different file content counts as a patient of its own.

    Parameters
    ----------
    root : folder of class folders; metadata.csv (columns file and patient_id) and masks/ are optional
    positive_class : folder name; by default "covid"
    progress : called with the number of films measured and of all, while films are measured that the index lacks

    Raises
    ------
    DataError
        The folder, its classes, its metadata.csv or the positive class do not fit; UnreadableImage for a file that is
        no film.
    """
    root = Path(root).absolute()
    found = list(list_films(root))
    classes = _checked_classes(root, found)
    positive_class = _checked_positive_class(classes, positive_class)
    metadata = read_metadata(root)
    films = _measured(root, found, progress)
    films.insert(1, "class", [file.split("/", 1)[0] for file in films["file"]])
    if metadata is not None:
        _check_listed_files_exist(metadata, films)
        films = films.merge(metadata.drop(columns=["class", *_MEASURED], errors="ignore"), on="file", how="left")
        films = films.fillna("")
    films, patients_known = _with_patients(films)
    films = _described(root, films)
    return Catalog(root, films, classes, positive_class, metadata is not None, patients_known)


def list_films(root: Path) -> Iterator[Path]:
    """Files in the class folders of ``root`` that may be films, by class and name; hidden files are left out.

    Raises DataError where the folder does not exist or cannot be read.
    """
    with _folder_errors(root):
        for folder in _class_folders(root):
            yield from map(_checked_name, sorted(path for path in folder.iterdir() if _may_be_film(path)))


def list_classes(root: Path) -> list[str]:
    """Names of the class folders of ``root`` that hold a file that may be a film, sorted; errors as ``list_films``."""
    with _folder_errors(root):
        return [folder.name for folder in _class_folders(root) if any(map(_may_be_film, folder.iterdir()))]


def read_metadata(root: Path) -> pd.DataFrame | None:
    """Content of metadata.csv, all values strings, "" where empty; None where the folder has none.

    Raises DataError where it is no table, lacks the columns file and patient_id or lists a file twice.
    """
    path = root / METADATA_NAME
    if not path.exists():
        return None
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            rows, columns = list(reader), list(reader.fieldnames or ())
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a table in UTF-8 with commas: {error}.") from error
    if not {"file", "patient_id"} <= set(columns):
        raise DataError(
            f"{path} needs the columns file and patient_id. Received: {', '.join(columns) or 'no columns'}."
        )
    if any(None in row for row in rows):
        raise DataError(f"{path} has a row with more values than columns; put texts with commas in quotes.")
    table = pd.DataFrame(rows, columns=columns, dtype=str)
    twice = table["file"][table["file"].duplicated()]
    if len(twice):
        raise DataError(f"{path} must list each file once. Listed again: {some_of(list(twice))}.")
    return table


def some_of(names: list[str], *, most: int = 3) -> str:
    """The first names of a list and how many more there are, for a sentence."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def normal_age_group(text: str, age_years: str = "") -> str:
    """Age group "adult", "child" or "not stated" from a metadata text such as "child (1 to 5 years, ...)" or an age."""
    word = text.strip().lower()
    for group in ("adult", "child"):
        if word.startswith(group):
            return group
    with suppress(ValueError):
        years = float(age_years)
        if math.isfinite(years):
            return "adult" if years >= _ADULT_AGE_YEARS else "child"
    return NOT_STATED


def normal_view_position(text: str) -> str:
    """View position "PA", "AP", "LATERAL" or "not stated" from a metadata text such as "AP (as published ...)"."""
    first_word = re.match(r"[A-Z]*", text.strip().upper()).group()
    if first_word in ("L", "LL", "RL", "LAT", "LATERAL"):
        return "LATERAL"
    return first_word if first_word in ("PA", "AP") else NOT_STATED


@contextmanager
def _folder_errors(root: Path) -> Iterator[None]:
    if not root.is_dir():
        raise DataError(f"There is no such folder: {root}.")
    try:
        yield
    except OSError as error:
        raise DataError(f"The folder {error.filename} cannot be read: {error.strerror}.") from error


def _class_folders(root: Path) -> list[Path]:
    return sorted(
        folder
        for folder in root.iterdir()
        if folder.name != MASKS_FOLDER and not folder.name.startswith(".") and folder.is_dir()
    )


def _checked_name(path: Path) -> Path:
    try:
        f"{path.parent.name}/{path.name}".encode()
    except UnicodeEncodeError as error:
        raise UnreadableImage(f"The name of {str(path)!a} is not valid UTF-8. Rename the file.") from error
    return path


def _may_be_film(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() in FILM_SUFFIXES and path.is_file()


def _checked_classes(root: Path, found: list[Path]) -> tuple[str, ...]:
    classes = tuple(sorted({path.parent.name for path in found}))
    if not classes:
        raise DataError(
            f"The folder {root} holds no class folders with X-rays. "
            "Run `python -m covidlab dataset import SRC` to fill the data set, or choose another folder."
        )
    if len(classes) == 1:
        raise DataError(
            f"At least two class folders with X-rays are needed in {root}, one for each class. Received: {classes[0]}."
        )
    return classes


def _checked_positive_class(classes: tuple[str, ...], positive_class: str | None) -> str:
    wanted = positive_class or DEFAULT_POSITIVE_CLASS
    if wanted in classes:
        return wanted
    received = f"Received: {positive_class}." if positive_class else f"There is no class {DEFAULT_POSITIVE_CLASS}."
    raise DataError(f"Name the positive class with --positive-class, one of {', '.join(classes)}. {received}")


def _check_listed_files_exist(metadata: pd.DataFrame, films: pd.DataFrame) -> None:
    absent = sorted(set(metadata["file"]) - set(films["file"]))
    if absent:
        raise DataError(
            f"{METADATA_NAME} lists {len(absent)} {'X-ray' if len(absent) == 1 else 'X-rays'} that "
            f"{'is' if len(absent) == 1 else 'are'} not there: {some_of(absent)}. "
            "Add the files or remove their rows; the fifty come with `python -m covidlab dataset import SRC`."
        )


def _with_patients(films: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Films with a patient each: as stated, else that of the same content, else one of its own."""
    stated = films["patient_id"].str.strip() if "patient_id" in films else pd.Series("", index=films.index, dtype=str)
    known = dict(zip(films["sha256"][stated != ""], stated[stated != ""], strict=True))
    patients = [
        patient or known.get(sha256, f"content-{sha256[:16]}")
        for patient, sha256 in zip(stated, films["sha256"], strict=True)
    ]
    return films.assign(patient_id=patients), bool((stated != "").all())


def _described(root: Path, films: pd.DataFrame) -> pd.DataFrame:
    """Films with all promised columns first, in normal words."""

    def column(*names: str) -> list[str]:
        """First of the named columns that says something, a film at a time."""
        values = [films[name] for name in names if name in films]
        return [next((text for text in row if text.strip()), "") for row in zip(*values, strict=True)] or [""] * len(
            films
        )

    printed_first = ("view_printed_on_image", "view_position", "view_metadata", "view")
    films = films.assign(
        finding=[text.strip() or NOT_STATED for text in column("finding")],
        age_group=list(map(normal_age_group, column("age_group"), column("age_years"))),
        view_position=[normal_view_position(text) for text in column(*printed_first)],
        mask=[mask if _is_mask(root, mask) else "" for mask in column("mask")],
    )
    first = ["file", "class", *_DESCRIBED[:-1], *_MEASURED, "mask"]
    return films[[*first, *(name for name in films.columns if name not in first)]]


def _is_mask(root: Path, mask: str) -> bool:
    path = Path(mask)
    return bool(mask) and not path.is_absolute() and ".." not in path.parts and (root / path).is_file()


def _measured(root: Path, found: list[Path], progress: Progress | None) -> pd.DataFrame:
    """File, content hash and header facts of each film, sorted by file."""
    known = measure_films(root, found, progress=progress)
    rows = [(state.file, *measures, state.size) for state, measures in known.items()]
    return pd.DataFrame(rows, columns=["file", *_MEASURED])
