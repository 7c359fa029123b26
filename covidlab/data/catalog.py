"""A folder of X-rays, in whatever layout people have them, as one table of films."""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from covidlab.data.index import MUST_BE_ADDED, Progress, measure_films
from covidlab.data.layouts import HIDDEN, Layout, LeftOut, without_files
from covidlab.data.listing import describe_branches, read_layout
from covidlab.data.names import METADATA_NAME, simple
from covidlab.data.tables import find_roles, parse_table
from covidlab.errors import DataError
from covidlab.paths import OWN_DATASET
from covidlab.text import pluralize, some_of

NOT_STATED = "not stated"
DEFAULT_POSITIVE_CLASS = "covid"
CANNOT_BE_READ = "cannot be read"

# A set with more files that cannot be read is not what it seems, so it is not used.
MAX_UNREADABLE_SHARE = 0.05

_MEASURED = ("sha256", "width", "height", "channels", "bytes")
_DESCRIBED = ("finding", "patient_id", "age_group", "view_position")
_ADULT_AGE_YEARS = 18
_OLDEST_YEARS = 120
# How people write the class of the X-rays the set is about, without case and punctuation.
_COVID = re.compile(r"(?:.*(?<!non)(?<!no)(?<!not))?covid(?:19)?(?:pneumonia|positive|pos|cases?|patients?)?")


@dataclass(frozen=True, eq=False)
class Catalog:
    """Films of a data set.

    root: absolute folder. films: DataFrame with a row a film, sorted by file, columns file (posix, relative to root),
    class, finding, patient_id, age_group ("adult", "child", "not stated"), view_position ("PA", "AP", "LATERAL",
    "not stated"), sha256, width, height, channels, bytes, mask ("" if none), given_part (of a split that came with the set:
    "train", "validation", "test" or ""), then what else the tables hold. classes: names, sorted. patients_known: every
    film's patient is stated. keeps_split: whoever added the set wanted the split that came with it. left_out: files that are
    not used, by reason. problems: sentences on what is odd. layout: how the set was understood, a phrase.
    """

    root: Path
    films: pd.DataFrame
    classes: tuple[str, ...]
    positive_class: str
    has_metadata: bool
    patients_known: bool
    keeps_split: bool = False
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[str, ...] = ()
    layout: str = ""

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
    def unused(self) -> tuple[LeftOut, ...]:
        """Files that are not used, by reason; those of the operating system, and masks of X-rays, are passed over."""
        left_out = tuple(left for left in self.left_out if left.reason != HIDDEN)
        # Synthetic X-rays have masks of their opacities and marks as well.
        masks = (self.films[name] for name in self.films if name == "mask" or name.endswith("_mask"))
        return without_files(left_out, {file for column in masks for file in column})

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
    """Catalog of the folder ``root``, where its layout is understood without asking.

    Where no table states a patient, each different file content counts as a patient of its own.

    Parameters
    ----------
    root : folder of X-rays; tables and masks/ are optional
    positive_class : name of a class; by default the one that names COVID-19, where just one does
    progress : called with the number of films measured and of all, while films are measured that the index lacks

    Raises
    ------
    DataError
        The folder, its classes, its metadata.csv or the positive class do not fit, or more than 5 % of its pictures cannot
        be read.
    """
    root = Path(root).absolute()
    layout = read_layout(root)
    classes = _checked_classes(root, layout)
    positive_class = _checked_positive_class(classes, positive_class)
    _check_listed_files_exist(layout)
    films, refused = _measured(root, list(layout.classes), progress)
    check_unreadable(refused, num_pictures=len(films) + len(refused))
    films.insert(1, "class", [layout.classes[file] for file in films["file"]])
    _check_every_class_has_films(classes, films, refused)
    films, patients_known = _with_patients(_with_rows(films, layout), layout)
    return Catalog(
        root,
        _described(root, films, layout),
        classes,
        positive_class,
        has_metadata=bool(layout.tables),
        patients_known=patients_known,
        keeps_split=layout.keeps_split,
        left_out=(*layout.left_out, *unreadable_left_out(refused)),
        problems=layout.problems,
        layout=layout.title,
    )


def list_films(root: Path) -> Iterator[Path]:
    """Files of ``root`` that may be films and have a class, sorted by their place; errors as ``load_catalog``."""
    yield from (root / file for file in sorted(read_layout(root).classes))


def list_classes(root: Path) -> list[str]:
    """Names of the classes of ``root``, sorted; errors as ``list_films``."""
    return sorted(set(read_layout(root).classes.values()))


def unreadable_left_out(refused: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """Files that cannot be read (file -> why), as what is left out."""
    return (LeftOut(reason=CANNOT_BE_READ, files=tuple(sorted(refused)), why=dict(refused)),) if refused else ()


def check_unreadable(refused: Mapping[str, str], *, num_pictures: int) -> None:
    """Raise DataError, naming all of them, where more pictures than a few cannot be read (file -> why)."""
    if len(refused) > MAX_UNREADABLE_SHARE * num_pictures:
        dicom = sorted(file for file, why in refused.items() if why.endswith(MUST_BE_ADDED))
        if dicom:
            raise DataError(
                f"{len(dicom):,} of {pluralize(num_pictures, 'picture')} cannot be used as they lie: each {MUST_BE_ADDED} Received: {some_of(dicom)}."
            )
        whys = " ".join(refused[file] for file in sorted(refused))
        raise DataError(
            f"{len(refused):,} of {pluralize(num_pictures, 'picture')} cannot be read; up to {100 * MAX_UNREADABLE_SHARE:.0f} % are "
            f"passed over. Repair or remove them. {whys}"
        )


def read_metadata(root: Path) -> pd.DataFrame | None:
    """Content of metadata.csv, all values strings, "" where empty; None where the folder has none.

    The columns that say the file and the patient, whatever they are called there, are named file and patient_id.

    Raises DataError where it is no table, has no column of files or lists a file twice.
    """
    path = root / METADATA_NAME
    if not path.exists():
        return None
    try:
        table = parse_table(path.read_bytes(), name=str(path))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    roles = find_roles(table)
    if not roles.file:
        raise DataError(
            f"{path} needs a column that names the files, called file. Received: {', '.join(table.columns) or 'no columns'}."
        )
    names = {roles.file[0]: "file"} | ({roles.patient[0]: "patient_id"} if len(roles.patient) == 1 else {})
    frame = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype=str)
    # What is called so and says something else gives way.
    frame = frame.drop(columns=(set(names.values()) - set(names)) & set(frame.columns)).rename(columns=names)
    frame = frame[frame["file"] != ""].reset_index(drop=True)
    frame["file"] = frame["file"].str.replace("\\", "/", regex=False).str.removeprefix("./")
    if "patient_id" not in frame:
        frame["patient_id"] = ""
    twice = frame["file"][frame["file"].duplicated()]
    if len(twice):
        raise DataError(f"{path} must list each file once. Listed again: {some_of(list(twice))}.")
    return frame


def normal_age_group(text: str, age_years: str = "") -> str:
    """Age group "adult", "child" or "not stated" from a metadata text such as "child (1 to 5 years, ...)" or an age."""
    word = text.strip().lower()
    for group in ("adult", "child"):
        if word.startswith(group):
            return group
    with suppress(ValueError):
        # "058Y" as NIH writes it (PS3.5 6.2, AS).
        years = float(age_years.strip().upper().removesuffix("Y"))
        if math.isfinite(years) and years <= _OLDEST_YEARS:
            return "adult" if years >= _ADULT_AGE_YEARS else "child"
    return NOT_STATED


def normal_view_position(text: str) -> str:
    """View position "PA", "AP", "LATERAL" or "not stated" from a metadata text such as "AP (as published ...)"."""
    first_word = re.match(r"[A-Z]*", text.strip().upper()).group()
    if first_word in ("L", "LL", "RL", "LAT", "LATERAL"):
        return "LATERAL"
    return first_word if first_word in ("PA", "AP") else NOT_STATED


def _checked_classes(root: Path, layout: Layout) -> tuple[str, ...]:
    classes = tuple(sorted(set(layout.classes.values())))
    if len(classes) > 1:
        return classes
    if not layout.pictures:
        fill = " Run `python -m covidlab dataset import SRC` to fill it." if root.absolute() == OWN_DATASET else ""
        raise DataError(f"There are no X-rays in the folder {root}.{fill}{_archives_in(layout)}")
    where = f"{pluralize(len(layout.pictures), 'picture')}: {describe_branches(layout.branches)}"
    if layout.open_questions:
        asked = " ".join(question.sentence() for question in layout.open_questions)
        raise DataError(
            f"The folder {root} holds {where}. {asked} Add the X-rays to a data set of your own, on Curate or with "
            "`python -m covidlab dataset add SRC --dataset DIR` and that option."
        )
    problems = "".join(f" {problem}" for problem in layout.problems)
    received = f"Received: one class, {classes[0]}." if classes else f"Received: {layout.title}."
    raise DataError(
        f"At least two classes are needed, one folder of X-rays for each, or a table that states them. {received} "
        f"The folder {root} holds {where}.{problems} `python -m covidlab dataset inspect SRC` says what is understood."
    )


def why_not_understood(root: Path, layout: Layout) -> str:
    """Why a folder cannot be used as a data set, in one or two sentences; "" where it can."""
    try:
        _checked_classes(root, layout)
    except DataError as error:
        return str(error)
    return ""


def _archives_in(layout: Layout) -> str:
    archives = [name for left in layout.left_out for name in left.files if name.lower().endswith(".zip")]
    if not archives:
        return ""
    return (
        f" It holds {pluralize(len(archives), 'ZIP file')}: {some_of(archives)}. Add them to a data set of your own, on Curate "
        "or with `python -m covidlab dataset add SRC --dataset DIR`."
    )


def _checked_positive_class(classes: tuple[str, ...], positive_class: str | None) -> str:
    if positive_class in classes:
        return positive_class
    if positive_class is None and (found := default_positive_class(classes)):
        return found
    received = f"Received: {positive_class}." if positive_class else f"There is no class {DEFAULT_POSITIVE_CLASS}."
    raise DataError(f"Name the positive class with --positive-class, one of {', '.join(classes)}. {received}")


def default_positive_class(classes: tuple[str, ...]) -> str:
    """The class that names COVID-19, e.g. "covid", "COVID", "COVID-19"; "" where none or several do."""
    if DEFAULT_POSITIVE_CLASS in classes:
        return DEFAULT_POSITIVE_CLASS
    named = [name for name in classes if _COVID.fullmatch(simple(name))]
    return named[0] if len(named) == 1 else ""


def _check_listed_files_exist(layout: Layout) -> None:
    absent = sorted(layout.absent)
    if absent:
        raise DataError(
            f"{METADATA_NAME} lists {len(absent)} {'X-ray' if len(absent) == 1 else 'X-rays'} that "
            f"{'is' if len(absent) == 1 else 'are'} not there: {some_of(absent)}. "
            "Add the files or remove their rows; the fifty come with `python -m covidlab dataset import SRC`."
        )


def _check_every_class_has_films(classes: tuple[str, ...], films: pd.DataFrame, refused: Mapping[str, str]) -> None:
    empty = sorted(set(classes) - set(films["class"]))
    if empty:
        raise DataError(f"No X-ray of {some_of(empty)} can be read. {some_of([refused[f] for f in sorted(refused)])}")


def _with_rows(films: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Films with what the tables say of them, save what is measured or said otherwise."""
    if not layout.rows:
        return films
    said = pd.DataFrame([layout.rows.get(file, {}) for file in films["file"]], index=films.index, dtype=str)
    said = said.drop(columns=["file", "class", "given_part", *_MEASURED], errors="ignore")
    return pd.concat([films, said.fillna("")], axis=1)


def _with_patients(films: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, bool]:
    """Films with a patient each: as stated, else that of the same content, else one of its own."""
    stated = pd.Series([layout.patients.get(file, "") for file in films["file"]], index=films.index, dtype=str)
    known = dict(zip(films["sha256"][stated != ""], stated[stated != ""], strict=True))
    patients = [
        patient or known.get(sha256, f"content-{sha256[:16]}")
        for patient, sha256 in zip(stated, films["sha256"], strict=True)
    ]
    return films.assign(patient_id=patients), bool((stated != "").all())


def _described(root: Path, films: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Films with all promised columns first, in normal words."""
    called = {simple(name): name for name in reversed(films.columns)}

    def column(*names: str) -> list[str]:
        """First of the named columns that says something, a film at a time; their case and punctuation do not count."""
        values = [films[called[simple(name)]] for name in names if simple(name) in called]
        return [next((text for text in row if text.strip()), "") for row in zip(*values, strict=True)] or [""] * len(
            films
        )

    printed_first = ("view_printed_on_image", "view_position", "view_metadata", "view", "ap_pa", "projection")
    ages = column("age_years", "age", "patient_age")
    films = films.assign(
        finding=[text.strip() or NOT_STATED for text in column("finding", "finding_labels")],
        age_group=list(map(normal_age_group, column("age_group"), ages)),
        view_position=[normal_view_position(text) for text in column(*printed_first)],
        mask=[mask if _is_mask(root, mask) else "" for mask in column("mask")],
        given_part=[layout.parts.get(file, "") for file in films["file"]],
    )
    first = ["file", "class", *_DESCRIBED, *_MEASURED, "mask", "given_part"]
    return films[[*first, *(name for name in films.columns if name not in first)]]


def _is_mask(root: Path, mask: str) -> bool:
    path = Path(mask)
    return bool(mask) and not path.is_absolute() and ".." not in path.parts and (root / path).is_file()


def _measured(root: Path, files: list[str], progress: Progress | None) -> tuple[pd.DataFrame, dict[str, str]]:
    """File, content hash and header facts of each film, sorted by file; and file -> why, of those that cannot be read."""
    known, refused = measure_films(root, files, progress=progress)
    rows = [(state.file, *measures, state.size) for state, measures in known.items()]
    return pd.DataFrame(rows, columns=["file", *_MEASURED]), refused
