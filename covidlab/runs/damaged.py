"""X-rays of a set that are damaged: a run goes on without them while they are few, and names them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from covidlab.data.catalog import Catalog
from covidlab.data.catalog_checks import CANNOT_BE_READ, check_unreadable, unreadable_left_out
from covidlab.data.listing import read_layout
from covidlab.language import tr
from covidlab.runs.store import Run

if TYPE_CHECKING:
    from covidlab.learning.film_activations import FilmActivations

_SHA256 = re.compile("[0-9a-f]{64}")


def changed_since_listed(catalog: Catalog) -> dict[str, str]:
    """Return file -> what is wrong, of the X-rays that are not the ones whose checksums the tables of the set state."""
    rows = read_layout(catalog.root).rows
    stated = {
        file: row["sha256"].lower() for file, row in rows.items() if _SHA256.fullmatch(row.get("sha256", "").lower())
    }
    return {
        file: tr("{file} is not the file that the table of the set lists: its checksum is another.", file=file)
        for file, sha256 in zip(catalog.films["file"], catalog.films["sha256"], strict=True)
        if stated.get(file, sha256) != sha256
    }


def usable_films(run: Run, catalog: Catalog) -> Catalog:
    """Return what a run may use of its set; raises DataError as ``without_damaged``."""
    return without_damaged(catalog, {**changed_since_listed(catalog), **run.load_facts().get("damaged", {})})


def prepared_films(
    run: Run,
    catalog: Catalog,
    *,
    open_activations: "Callable[[Catalog], FilmActivations]",
    on_progress: Callable[[], None] = lambda: None,
) -> Catalog:
    """Prepare every X-ray that is not prepared yet, and return the set without those that are damaged, which run.json then names.

    For jobs that need all X-rays before they begin. Raises DataError as ``without_damaged``.
    """
    damaged = open_activations(catalog).find_damaged(on_progress=on_progress)
    if damaged:
        record_damaged(run, damaged)
    return without_damaged(catalog, damaged)


def record_damaged(run: Run, damaged: Mapping[str, str]) -> None:
    """Keep in run.json which X-rays (file -> what is wrong) could not be read, so that a resumed run leaves them out too."""
    for why in damaged.values():
        run.log(why)
    run.update_facts(damaged={**run.load_facts().get("damaged", {}), **damaged})


def without_damaged(catalog: Catalog, damaged: Mapping[str, str]) -> Catalog:
    """Return a set without ``damaged`` X-rays (file -> what is wrong), which it then lists among what is left out.

    Raises DataError, naming all of them, where more than 5 % of its pictures cannot be used.
    """
    used = set(catalog.films["file"])
    damaged = {file: why for file, why in damaged.items() if file in used}
    if not damaged:
        return catalog
    unreadable = {
        file: why for left in catalog.left_out if left.reason == CANNOT_BE_READ for file, why in left.why.items()
    }
    refused = {**unreadable, **damaged}
    check_unreadable(refused, num_pictures=catalog.num_films + len(unreadable))
    others = tuple(left for left in catalog.left_out if left.reason != CANNOT_BE_READ)
    films = catalog.films[~catalog.films["file"].isin(damaged)].reset_index(drop=True)
    return replace(catalog, films=films, left_out=(*others, *unreadable_left_out(refused)))
