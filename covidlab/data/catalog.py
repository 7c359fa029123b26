"""A folder of X-rays, in whatever layout people have them, as one table of films."""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from covidlab.data.catalog_checks import (
    CANNOT_BE_READ,
    check_every_class_has_films,
    check_listed_files_exist,
    check_unreadable,
    checked_classes,
    checked_positive_class,
    unreadable_left_out,
)
from covidlab.data.film_table import MEASURED, described, with_patients, with_rows
from covidlab.data.index import Progress, measure_films
from covidlab.data.kept import FEWEST_FILMS, Kept, keep, read_kept
from covidlab.data.layouts import HIDDEN, Layout, LeftOut, without_files
from covidlab.data.listing import read_layout
from covidlab.data.stamps import folder_stamp, settled
from covidlab.errors import DataError
from covidlab.language import tr
from covidlab.spoken import packed, unpacked


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

    def __contains__(self, file: object) -> bool:
        """Whether the set has an X-ray of that name."""
        return file in self._positions

    def row(self, file: str) -> pd.Series:
        """Row of one film; raises DataError where the set has no such film."""
        return self.films.iloc[self._position(file)]

    def value(self, file: str, column: str) -> Any:
        """One value of a film, many times faster than ``row``; raises DataError where the set has no such film."""
        return self.films[column].array[self._position(file)]

    def rows(self, files: Iterable[str], columns: Collection[str]) -> list[dict[str, Any]]:
        """Some columns of several films, in their order, without the columns the set lacks; raises DataError as ``row``."""
        known = [column for column in columns if column in self.films]
        return self.films[known].iloc[[self._position(file) for file in files]].to_dict("records")

    def film_path(self, file: str) -> Path:
        """Path of one film; raises DataError where the set has no such film."""
        return self.root / self.value(file, "file")

    def mask_path(self, file: str) -> Path | None:
        """Path of a film's lung mask, None where there is none."""
        mask = self.value(file, "mask")
        return self.root / mask if mask else None

    def _position(self, file: str) -> int:
        try:
            return self._positions[file]
        except KeyError:
            message = tr("The data set {name} has no such X-ray. Received: {file}.", name=self.name, file=file)
            raise DataError(message) from None


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
    classes = checked_classes(root, layout)
    positive_class = checked_positive_class(classes, positive_class)
    check_listed_files_exist(layout)
    films, refused = _measured(root, list(layout.classes), progress)
    check_unreadable(refused, num_pictures=len(films) + len(refused))
    films.insert(1, "class", [layout.classes[file] for file in films["file"]])
    check_every_class_has_films(classes, films, refused)
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
    return {name: getattr(catalog, name) for name in (*_PLAIN_FACTS, "classes", "fingerprint")} | {
        "left_out": [
            {"reason": left.reason, "files": left.files, "why": _each(packed, left.why)} for left in catalog.left_out
        ],
        "problems": list(map(packed, catalog.problems)),
    }


def _from_kept(root: Path, kept: Kept, positive_class: str | None) -> Catalog:
    facts = kept.facts
    classes = tuple(facts["classes"])
    catalog = Catalog(
        root,
        kept.films,
        classes,
        checked_positive_class(classes, positive_class),
        left_out=tuple(
            LeftOut(reason=left["reason"], files=tuple(left["files"]), why=_each(unpacked, left["why"]))
            for left in facts["left_out"]
        ),
        problems=tuple(map(unpacked, facts["problems"])),
        **{name: facts[name] for name in _PLAIN_FACTS},
    )
    # As if it had been asked for: to compute it takes a second of a large set.
    vars(catalog)["fingerprint"] = facts["fingerprint"]
    return catalog


def _each(change: Callable[[Any], Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: change(value) for name, value in values.items()}


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


def _measured(root: Path, files: list[str], progress: Progress | None) -> tuple[pd.DataFrame, dict[str, str]]:
    """File, content hash and header facts of each film, sorted by file; and file -> why, of those that cannot be read."""
    known, refused = measure_films(root, files, progress=progress)
    rows = [(state.file, *measures, state.size) for state, measures in known.items()]
    return pd.DataFrame(rows, columns=["file", *MEASURED]), refused
