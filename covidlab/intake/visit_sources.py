"""What a folder or a ZIP file of another place holds: its classes, and which of them is the positive class of the set."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from covidlab.data.catalog_checks import default_positive_class
from covidlab.data.folder_names import names_class, names_controls, words
from covidlab.data.layouts import Answers, Ask, Layout
from covidlab.data.names import simple
from covidlab.data.spellings import folded_name
from covidlab.errors import DataError
from covidlab.intake.sources import Brought, from_paths
from covidlab.language import tr
from covidlab.text import some_of

# Where the patient of an X-ray is taken from.
FROM_TABLES, FROM_NAMES, UNKNOWN = "tables", "names", "unknown"

_WITHOUT = re.compile(r"(?:no|non|not)[a-z]*(?:covid|finding).*|negatives?|neg")
# Such a class may hold the disease or not.
_MAY_BE_EITHER = frozenset(
    (
        *("covid", "corona", "coronavirus", "sars", "ncov", "positive", "pos", "abnormal", "unhealthy", "infected"),
        *("sick", "ill", "disease", "diseased", "yes", "class", "label", "other", "others"),
        *("mild", "moderate", "severe", "critical", "typical", "atypical", "indeterminate", "ards"),
        *("krank", "malade", "enfermo", "enferma", "doente", "malato"),
    )
)


def bring(path: Path) -> tuple[Brought, Layout]:
    """Return what a folder or a ZIP file holds and how it is understood; raises DataError or UsageError where it cannot be used."""
    brought = from_paths([path])
    return brought, understood(brought, folder=path.name if path.is_dir() else "")


def understood(brought: Brought, *, folder: str = "") -> Layout:
    """Return the layout with patients read from the names where they fit; X-rays without any folder have the class ``folder``.

    Raises DataError where the X-rays have no class or a question must be answered first.
    """
    layout = brought.understand()
    if any(question.about is Ask.PATIENTS_FROM_NAMES for question in layout.questions):
        # Where it is wrong, too many X-rays count as one patient's, and an interval is too wide rather than too narrow.
        layout = brought.understand(Answers(patients_from_names=True))
    if not layout.classes and names_class(folder) and not any("/" in name for name in layout.pictures):
        layout = replace(layout, classes=dict.fromkeys(layout.pictures, folder))
    if layout.classes:
        return layout
    asked = " ".join(question.sentence() for question in layout.open_questions)
    if asked:
        raise DataError(
            tr(
                "{asked} Add the X-rays to a data set of your own first, on Curate or with `python -m covidlab "
                "dataset add SRC --dataset DIR` and that option.",
                asked=asked,
            )
        )
    raise DataError(
        tr(
            "One folder of X-rays for each class is expected, or a table that states the classes. Received: "
            "{num_pictures:,} pictures, {title}.",
            num_pictures=len(layout.pictures),
            title=layout.title,
        )
    )


def stated_patients(layout: Layout) -> tuple[dict[str, str], str]:
    """Return the patient of each X-ray with a class, "" where it is not known, and where this is taken from."""
    stated = {name: layout.patients.get(name, "") for name in layout.classes}
    if not any(stated.values()):
        return stated, UNKNOWN
    is_from_names = any(question.about is Ask.PATIENTS_FROM_NAMES for question in layout.questions)
    return stated, FROM_NAMES if is_from_names else FROM_TABLES


def match_classes(classes: Collection[str], *, positive_class: str, set_classes: Sequence[str]) -> frozenset[str]:
    """Return which of some classes are the positive class of the set; it may be none of them, where all are surely others.

    Parameters
    ----------
    classes : of the X-rays of the other place
    positive_class, set_classes : of the set

    Raises DataError where a name leaves open whether its X-rays are of the positive class.
    """
    is_covid = bool(default_positive_class((positive_class,)))
    folded = folded_name(positive_class)
    found = {name for name in classes if folded_name(name) == folded or (is_covid and default_positive_class((name,)))}
    others = {folded_name(name) for name in set_classes} - {folded}
    unsure = sorted(name for name in set(classes) - found if not _is_other(name, others, is_covid=is_covid))
    # Beside the positive class, every other folder is another class.
    if unsure and not found:
        raise DataError(
            tr(
                "A folder called {positive_class} is expected, or X-rays without it alone, in folders such as "
                "{some_of} or no_finding. Received: {some_of_2}.",
                positive_class=positive_class,
                some_of=some_of([name for name in set_classes if name != positive_class] or ["normal"]),
                some_of_2=some_of(sorted(classes), most=6),
            )
        )
    return frozenset(found)


def _is_other(name: str, others: Collection[str], *, is_covid: bool) -> bool:
    """Whether the X-rays of a class are surely not of the positive class."""
    if folded_name(name) in others or names_controls(name) or _WITHOUT.fullmatch(simple(name)):
        return True
    return is_covid and names_class(name) and not _MAY_BE_EITHER.intersection(words(name))
