"""A folder of X-rays, in whatever layout people have them, as one table of films."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from covidlab.data.film_table import MEASURED, described, with_patients, with_rows
from covidlab.data.index import MUST_BE_ADDED, Progress, measure_films
from covidlab.data.kept import FEWEST_FILMS, Kept, keep, read_kept
from covidlab.data.layouts import HIDDEN, Layout, LeftOut, without_files
from covidlab.data.listing import describe_branches, read_layout
from covidlab.data.names import METADATA_NAME, simple
from covidlab.data.stamps import folder_stamp, settled
from covidlab.data.tables import find_roles, parse_table
from covidlab.errors import DataError
from covidlab.language import tr, tr_lazy
from covidlab.paths import OWN_DATASET
from covidlab.text import pluralize, some_of

DEFAULT_POSITIVE_CLASS = "covid"
CANNOT_BE_READ = tr_lazy("cannot be read")

# A set with more files that cannot be read is not what it seems, so it is not used.
MAX_UNREADABLE_SHARE = 0.05

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

    @cached_property
    def num_patients(self) -> int | None:
        """Number of different patients; None where they are not known of all X-rays."""
        return int(self.films["patient_id"].nunique()) if self.patients_known else None

    @cached_property
    def unused(self) -> tuple[LeftOut, ...]:
        """Files that are not used, by reason; those of the operating system, and masks of X-rays, are passed over."""
        left_out = tuple(left for left in self.left_out if left.reason != HIDDEN)
        # Synthetic X-rays have masks of their opacities and marks as well.
        masks = (self.films[name] for name in self.films if name == "mask" or name.endswith("_mask"))
        return without_files(left_out, {file for column in masks for file in column.unique()})

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
        columns = (self.films[name].tolist() for name in ("file", "sha256", "class", "patient_id"))
        return hashlib.sha256(repr(list(zip(*columns, strict=True))).encode()).hexdigest()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {file: position for position, file in enumerate(self.films["file"].tolist())}

    def row(self, file: str) -> pd.Series:
        """Row of one film; raises DataError where the set has no such film."""
        if file not in self._positions:
            raise DataError(tr("The data set {name} has no such X-ray. Received: {file}.", name=self.name, file=file))
        return self.films.iloc[self._positions[file]]

    def film_path(self, file: str) -> Path:
        """Path of one film; raises DataError where the set has no such film."""
        return self.root / self.row(file)["file"]

    def mask_path(self, file: str) -> Path | None:
        """Path of a film's lung mask, None where there is none."""
        mask = self.row(file)["mask"]
        return self.root / mask if mask else None


def load_catalog(
    root: Path,
    *,
    positive_class: str | None = None,
    progress: Progress | None = None,
    stamp: str | None = None,
    layout: Layout | None = None,
) -> Catalog:
    """Catalog of the folder ``root``, where its layout is understood without asking.

    Where no table states a patient, each different file content counts as a patient of its own. The catalog of a large set is
    kept (``data.kept``) and opens at once while no file of the set changes.

    Parameters
    ----------
    root : folder of X-rays; tables and masks/ are optional
    positive_class : name of a class; by default the one that names COVID-19, where just one does
    progress : called with the number of films measured and of all, while films are measured that the index lacks
    stamp, layout : ``folder_stamp`` and ``read_layout`` of the folder, where the caller has them

    Raises
    ------
    DataError
        The folder, its classes, its metadata.csv or the positive class do not fit, or more than 5 % of its pictures cannot
        be read.
    """
    root = Path(root).absolute()
    stamp = stamp or folder_stamp(root)
    if kept := read_kept(root, stamp):
        return _from_kept(root, kept, positive_class)
    as_it_is = settled(root)
    catalog = _understood(root, layout or read_layout(root), positive_class, progress)
    if as_it_is is not None and catalog.num_films >= FEWEST_FILMS and _may_be_kept(catalog):
        keep(root, catalog.films, _facts(catalog), stamp=stamp, settled=as_it_is)
    return catalog


def _understood(root: Path, layout: Layout, positive_class: str | None, progress: Progress | None) -> Catalog:
    classes = _checked_classes(root, layout)
    positive_class = _checked_positive_class(classes, positive_class)
    _check_listed_files_exist(layout)
    films, refused = _measured(root, list(layout.classes), progress)
    check_unreadable(refused, num_pictures=len(films) + len(refused))
    films.insert(1, "class", [layout.classes[file] for file in films["file"]])
    _check_every_class_has_films(classes, films, refused)
    films, patients_known = with_patients(with_rows(films, layout), layout)
    return Catalog(
        root,
        described(root, films, layout),
        classes,
        positive_class,
        has_metadata=bool(layout.tables),
        patients_known=patients_known,
        keeps_split=layout.keeps_split,
        left_out=(*layout.left_out, *unreadable_left_out(refused)),
        problems=layout.problems,
        layout=layout.title,
    )


_PLAIN_FACTS = ("has_metadata", "patients_known", "keeps_split", "layout")


def _facts(catalog: Catalog) -> dict[str, Any]:
    """What a catalog says besides its table, as JSON values; ``_from_kept`` reads them."""
    return {name: getattr(catalog, name) for name in (*_PLAIN_FACTS, "classes", "problems", "fingerprint")} | {
        "left_out": [{"reason": left.reason, "files": left.files, "why": dict(left.why)} for left in catalog.left_out]
    }


def _from_kept(root: Path, kept: Kept, positive_class: str | None) -> Catalog:
    facts = kept.facts
    classes = tuple(facts["classes"])
    catalog = Catalog(
        root,
        kept.films,
        classes,
        _checked_positive_class(classes, positive_class),
        left_out=tuple(LeftOut(**{**left, "files": tuple(left["files"])}) for left in facts["left_out"]),
        problems=tuple(facts["problems"]),
        **{name: facts[name] for name in _PLAIN_FACTS},
    )
    # As if it had been asked for: to compute it takes a second of a large set.
    vars(catalog)["fingerprint"] = facts["fingerprint"]
    return catalog


def _may_be_kept(catalog: Catalog) -> bool:
    """Whether what cannot be read is so by its content: rights are mended without a trace in the stamp."""
    refused = (left for left in catalog.left_out if left.reason == CANNOT_BE_READ)
    return all(os.access(catalog.root / file, os.R_OK) for left in refused for file in left.files)


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
                tr(
                    "{num_dicom:,} of {pictures} cannot be used as they lie: each {must_be_added} Received: {some_of}.",
                    num_dicom=len(dicom),
                    pictures=pluralize(num_pictures, "picture"),
                    must_be_added=MUST_BE_ADDED,
                    some_of=some_of(dicom),
                )
            )
        whys = " ".join(refused[file] for file in sorted(refused))
        raise DataError(
            tr(
                "{num_refused:,} of {pictures} cannot be read; up to {value:.0f} % are passed over. Repair or "
                "remove them. {whys}",
                num_refused=len(refused),
                pictures=pluralize(num_pictures, "picture"),
                value=100 * MAX_UNREADABLE_SHARE,
                whys=whys,
            )
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
        raise DataError(tr("{path} cannot be read: {strerror}.", path=path, strerror=error.strerror)) from error
    roles = find_roles(table)
    if not roles.file:
        raise DataError(
            tr(
                "{path} needs a column that names the files, called file. Received: {columns}.",
                path=path,
                columns=", ".join(table.columns) or tr("no columns"),
            )
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
        raise DataError(
            tr("{path} must list each file once. Listed again: {some_of}.", path=path, some_of=some_of(list(twice)))
        )
    return frame


def _checked_classes(root: Path, layout: Layout) -> tuple[str, ...]:
    classes = tuple(sorted(set(layout.classes.values())))
    if len(classes) > 1:
        return classes
    if not layout.pictures:
        fill = tr(" Run `python -m covidlab dataset import SRC` to fill it.") if root.absolute() == OWN_DATASET else ""
        raise DataError(
            tr(
                "There are no X-rays in the folder {root}.{fill}{archives_in}",
                root=root,
                fill=fill,
                archives_in=_archives_in(layout),
            )
        )
    where = f"{pluralize(len(layout.pictures), 'picture')}: {describe_branches(layout.branches)}"
    if layout.open_questions:
        asked = " ".join(question.sentence() for question in layout.open_questions)
        raise DataError(
            tr(
                "The folder {root} holds {where}. {asked} Add the X-rays to a data set of your own, on Curate or "
                "with `python -m covidlab dataset add SRC --dataset DIR` and that option.",
                root=root,
                where=where,
                asked=asked,
            )
        )
    problems = "".join(f" {problem}" for problem in layout.problems)
    received = (
        tr("Received: one class, {classes}.", classes=classes[0])
        if classes
        else tr("Received: {title}.", title=layout.title)
    )
    raise DataError(
        tr(
            "At least two classes are needed, one folder of X-rays for each, or a table that states them. "
            "{received} The folder {root} holds {where}.{problems} `python -m covidlab dataset inspect SRC` "
            "says what is understood.",
            received=received,
            root=root,
            where=where,
            problems=problems,
        )
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
    return tr(
        " It holds {zip_files}: {some_of}. Add them to a data set of your own, on Curate or with `python "
        "-m covidlab dataset add SRC --dataset DIR`.",
        zip_files=pluralize(len(archives), "ZIP file"),
        some_of=some_of(archives),
    )


def _checked_positive_class(classes: tuple[str, ...], positive_class: str | None) -> str:
    if positive_class in classes:
        return positive_class
    if positive_class is None and (found := default_positive_class(classes)):
        return found
    received = (
        tr("Received: {positive_class}.", positive_class=positive_class)
        if positive_class
        else tr("There is no class {default_positive_class}.", default_positive_class=DEFAULT_POSITIVE_CLASS)
    )
    raise DataError(
        tr(
            "Name the positive class with --positive-class, one of {classes}. {received}",
            classes=", ".join(classes),
            received=received,
        )
    )


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
            tr(
                "{metadata_name} lists {num_absent} {value} that {value_2} not there: {some_of}. Add the files "
                "or remove their rows; the fifty come with `python -m covidlab dataset import SRC`.",
                metadata_name=METADATA_NAME,
                num_absent=len(absent),
                value="X-ray" if len(absent) == 1 else "X-rays",
                value_2="is" if len(absent) == 1 else "are",
                some_of=some_of(absent),
            )
        )


def _check_every_class_has_films(classes: tuple[str, ...], films: pd.DataFrame, refused: Mapping[str, str]) -> None:
    empty = sorted(set(classes) - set(films["class"]))
    if empty:
        raise DataError(
            tr(
                "No X-ray of {some_of} can be read. {some_of_2}",
                some_of=some_of(empty),
                some_of_2=some_of([refused[f] for f in sorted(refused)]),
            )
        )


def _measured(root: Path, files: list[str], progress: Progress | None) -> tuple[pd.DataFrame, dict[str, str]]:
    """File, content hash and header facts of each film, sorted by file; and file -> why, of those that cannot be read."""
    known, refused = measure_films(root, files, progress=progress)
    rows = [(state.file, *measures, state.size) for state, measures in known.items()]
    return pd.DataFrame(rows, columns=["file", *MEASURED]), refused
