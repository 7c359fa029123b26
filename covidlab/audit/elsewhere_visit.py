"""The X-rays of another hospital as the part of an audit needs them: read, copies of the set's X-rays left out, classes matched."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from covidlab.audit.data import AuditData
from covidlab.data.patients import stated_patients
from covidlab.errors import DataError
from covidlab.imaging.likeness import likeness
from covidlab.imaging.sandbox import shared_sandbox
from covidlab.intake.duplicates import NEAR_BITS
from covidlab.intake.visit_files import is_visit, read_brought_visit
from covidlab.intake.visit_sources import bring, match_classes
from covidlab.intake.visiting import KnownXrays, Visit, read_visit
from covidlab.language import tr, tr_lazy

# Looks like an X-ray of the set, by its perceptual hash: most often the same one, stored again.
NEARLY_IN_THE_SET = tr_lazy("nearly in the set")


@dataclass(frozen=True, kw_only=True, eq=False)
class Others:
    """X-rays of another hospital. positive: their classes that are the positive one. is_visitors: whether a visitor brought them."""

    visit: Visit
    positive: frozenset[str]
    is_visitors: bool

    @property
    def is_positive(self) -> np.ndarray:
        """Whether each X-ray is of the positive class, (n,) bool."""
        return np.isin(self.visit.classes, sorted(self.positive))


def read_others(data: AuditData, path: Path, *, on_share: Callable[[float], None]) -> Others:
    """Return the X-rays in a folder or a ZIP file, or those that a visitor brought.

    Raises
    ------
    DataError
        They cannot be understood, their classes do not fit those of the set, or none is left.
    UsageError
        There is no such folder or ZIP file.
    """
    if is_visit(path):
        visit = read_brought_visit(path)
        positive = _positive(data, visit.num_given)
    else:
        brought, layout = bring(path)
        positive = _positive(data, layout.class_counts)

        def progress(done: int, total: int) -> None:
            data.on_step()
            on_share(done / max(1, total))

        visit = read_visit(
            brought,
            layout,
            name=path.stem if path.is_file() else path.name,
            resize=data.maker.preset.resize,
            known=known_xrays(data),
            prepare=shared_sandbox().prepare,
            progress=progress,
        )
    visit = without_likenesses(data, visit)
    return Others(visit=visit, positive=positive, is_visitors=is_visit(path))


def known_xrays(data: AuditData) -> KnownXrays:
    """Return by what an X-ray of the set is known again."""
    films = data.catalog.films
    patients = set(stated_patients(films["patient_id"])) - {""}
    return KnownXrays(sha256s=frozenset(films["sha256"]), patients=frozenset(patients))


def without_likenesses(data: AuditData, visit: Visit) -> Visit:
    """Return the X-rays that look like none of the set; raises DataError where none does not."""
    of_set = np.stack([likeness(film) for film in data.prepared]).view(np.uint64)
    kept = np.array(
        [
            np.bitwise_count(of_set ^ likeness(film).view(np.uint64)).sum(axis=1).min() > NEAR_BITS
            for film in visit.films
        ]
    )
    if not kept.any():
        raise DataError(
            tr(
                "X-rays of another hospital are expected. Received: {num_films:,} X-rays, all of which look like "
                "X-rays of the set.",
                num_films=visit.num_films,
            )
        )
    return visit.only(kept, NEARLY_IN_THE_SET)


def _positive(data: AuditData, classes) -> frozenset[str]:
    return match_classes(classes, positive_class=data.catalog.positive_class, set_classes=data.catalog.classes)
