"""The data set a run was made for: named by path and fingerprint, so that an engine elsewhere can find it and check it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlab.data.catalog import Catalog, load_catalog
from covidlab.errors import DataError
from covidlab.files import load_dataclass
from covidlab.language import tr


@dataclass(frozen=True, kw_only=True)
class DatasetReference:
    """A data set as run.json names it.

    path: folder on the machine where the run was made. name: of the folder. fingerprint: of all its X-rays when the run was
    made, selections apart; "" where nobody wrote it down (before version 0.2).
    """

    path: str
    name: str = ""
    fingerprint: str = ""

    @classmethod
    def of(cls, path: str, *, fingerprint: str = "") -> "DatasetReference":
        """Return the reference of a folder on this machine."""
        return cls(path=path, name=Path(path).name, fingerprint=fingerprint)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "DatasetReference":
        """Return the reference in a run.json of any version: earlier ones name the folder in the settings only."""
        try:
            return load_dataclass(cls, facts.get("dataset"))
        except ValueError:
            return cls.of(str(facts["config"]["dataset"]))


Resolve = Callable[[DatasetReference], Path]


def recorded_path(reference: DatasetReference) -> Path:
    """Return the folder as it was recorded: what resolves a reference on the machine where the run was made."""
    return Path(reference.path)


def open_dataset(
    reference: DatasetReference, *, positive_class: str | None, resolve: Resolve = recorded_path
) -> Catalog:
    """Return the catalog of the data set a run was made for.

    Raises DataError where the folder cannot be used, or holds other X-rays than when the run was made.
    """
    catalog = load_catalog(resolve(reference), positive_class=positive_class)
    if reference.fingerprint and catalog.fingerprint != reference.fingerprint:
        raise DataError(
            tr(
                "The data set {name} has changed since this run was queued, so the run does not use it. Start a "
                "new run. Received: {root}.",
                name=reference.name or catalog.name,
                root=catalog.root,
            )
        )
    return catalog
