"""What is to be said of a set before anything is trained on it."""

from covidlab.data.catalog import CANNOT_BE_READ, Catalog
from covidlab.data.conflicts import describe_conflicts, find_conflicts
from covidlab.data.layouts import LeftOut
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.language import tr
from covidlab.text import pluralize


def cautions(catalog: Catalog) -> list[str]:
    """Return the sentences that stand before a training: files not used, X-rays in two classes, patients not known."""
    unreadable = [left for left in catalog.left_out if left.reason == CANNOT_BE_READ]
    said = (
        *(_about_unreadable(left) for left in unreadable),
        describe_conflicts(find_conflicts(catalog.films)),
        "" if catalog.patients_known else PATIENTS_NOT_KNOWN,
    )
    return [sentence for sentence in said if sentence]


def _about_unreadable(left: LeftOut) -> str:
    """Names every file: what is passed over is never passed over silently."""
    verb = tr("cannot be read and is not used") if len(left.files) == 1 else tr("cannot be read and are not used")
    return f"{pluralize(len(left.files), 'file')} {verb}: {', '.join(left.files)}."
