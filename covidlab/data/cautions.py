"""What is to be said of a set before anything is trained on it."""

from covidlab.data.catalog import Catalog
from covidlab.data.catalog_checks import CANNOT_BE_READ
from covidlab.data.conflicts import describe_conflicts, find_conflicts
from covidlab.data.layouts import LeftOut
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.language import tr_many


def cautions(catalog: Catalog) -> list[str]:
    """Return the sentences that stand before a training: files not used, X-rays in two classes, patients not known."""
    unreadable = [left for left in catalog.left_out if left.reason == CANNOT_BE_READ]
    said = (
        *(_about_unreadable(left) for left in unreadable),
        describe_conflicts(find_conflicts(catalog.films)),
        "" if catalog.patients_known else PATIENTS_NOT_KNOWN,
    )
    return [str(sentence) for sentence in said if sentence]


def _about_unreadable(left: LeftOut) -> str:
    """Names every file: what is passed over is never passed over silently."""
    return tr_many(
        "{number:,} file cannot be read and is not used: {files}.",
        "{number:,} files cannot be read and are not used: {files}.",
        len(left.files),
        files=", ".join(left.files),
    )
