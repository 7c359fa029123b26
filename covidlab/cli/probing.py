"""What ``dataset check`` says beyond damage: what tells the classes apart; and the description of the set as a file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from covidlab.data.catalog import Catalog, list_classes, load_catalog
from covidlab.data.croissant import write_croissant
from covidlab.errors import CovidLabError, DataError
from covidlab.evaluation.probe import Progress, probe
from covidlab.evaluation.probe_result import Probe
from covidlab.services.probes import keep_probe, kept_probe


def compare_classes(folder: Path, *, croissant: str | None = None) -> list[str]:
    """Return sentences on what tells the classes of a folder apart; ``croissant`` names a file for its description.

    Raises
    ------
    CovidLabError
        Only where the description was asked for and cannot be written.
    """
    catalog = None
    try:
        catalog = _catalog(folder)
        sentences = _probe(catalog).sentences()
    except CovidLabError as error:
        if croissant is not None and catalog is None:
            raise
        sentences = [f"What tells the classes apart was not compared. {error}"]
    if croissant is not None:
        write_croissant(catalog, Path(croissant), found=sentences)
        sentences = [*sentences, f"The description of the data set: {croissant}"]
    return sentences


def _catalog(folder: Path) -> Catalog:
    with _bar() as progress:
        try:
            return load_catalog(folder, progress=progress)
        except DataError:
            # Which class counts as positive is of no matter here; every other error comes again.
            classes = list_classes(folder)
            if not classes:
                raise
            return load_catalog(folder, positive_class=classes[0], progress=progress)


def _probe(catalog: Catalog) -> Probe:
    if kept := kept_probe(catalog.fingerprint):
        return kept
    with _bar() as progress:
        return keep_probe(probe(catalog, progress=progress))


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar for what takes over a second."""
    from tqdm import tqdm

    with tqdm(unit=" X-ray", file=sys.stderr, disable=None, delay=1) as bar:

        def show(num_done: int, num_films: int) -> None:
            bar.total = num_films
            bar.update(num_done - bar.n)

        yield show
