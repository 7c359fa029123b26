"""What is to be said of a set before anything is trained on it."""

from covidlab.data.catalog import Catalog
from covidlab.data.conflicts import describe_conflicts, find_conflicts
from covidlab.data.patients import PATIENTS_NOT_KNOWN


def cautions(catalog: Catalog) -> list[str]:
    """Return the sentences that stand before a training: X-rays in two classes, patients that are not known."""
    said = (
        describe_conflicts(find_conflicts(catalog.films)),
        "" if catalog.patients_known else PATIENTS_NOT_KNOWN,
    )
    return [sentence for sentence in said if sentence]
