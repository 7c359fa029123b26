"""From what was understood and what was found in the files to what will be added, and why the rest will not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from covidlab.data.catalog_checks import CANNOT_BE_READ
from covidlab.data.conflicts import find_conflicts
from covidlab.data.layouts import Layout
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.intake.adding import class_folder
from covidlab.intake.screening import Review
from covidlab.language import tr, tr_lazy
from covidlab.text import pluralize, some_of

THE_SAME = tr_lazy("the same as another X-ray")
NOT_TICKED = tr_lazy("not ticked")


class LeftOutFile(NamedTuple):
    """A file that will not be added, why, and what more is known of that."""

    file: str
    reason: str
    why: str = ""


def left_out_files(layout: Layout, review: Review, classes: Mapping[str, str]) -> list[LeftOutFile]:
    """Return every file that will not be added, each once, in order of the reasons.

    Parameters
    ----------
    classes : name -> class of the X-rays that will be added
    """
    unreadable = dict(review.unreadable)
    same = {pair.name: pair.other for pair in review.exact}
    found = {name: LeftOutFile(name, CANNOT_BE_READ, why) for name, why in unreadable.items()}
    for left in (*review.apart, *layout.left_out):
        for name in left.files:
            found.setdefault(name, LeftOutFile(name, left.reason, left.why.get(name, "")))
    for film in review.films:
        if film.name in same:
            found.setdefault(film.name, LeftOutFile(film.name, THE_SAME, same[film.name]))
        found.setdefault(film.name, LeftOutFile(film.name, NOT_TICKED))
    return [left for name, left in found.items() if name not in classes]


def conflicts_of(review: Review, classes: Mapping[str, str]) -> list[list[str]]:
    """Return new X-rays that have another class than the same X-ray elsewhere: among the new ones, or in the set.

    Parameters
    ----------
    classes : name -> class of the new X-rays
    """
    contents = {film.name: film.sha256 for film in review.films}
    rows = [(name, kind, contents[name]) for name, kind in classes.items() if name in contents]
    there = {pair.other: contents[pair.name] for pair in review.exact if pair.is_there}
    rows += [(tr("{file} (in the set)", file=file), file.split("/")[0], sha256) for file, sha256 in there.items()]
    return find_conflicts(pd.DataFrame(rows, columns=["file", "class", "sha256"]))


def describe_shared_folders(classes: Iterable[str]) -> str:
    """Return which classes would lie in one folder, such as A/B and A-B, in one sentence; "" where none would."""
    folders: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(classes)):
        folders[class_folder(name).casefold()].append(name)
    shared = [name for names in folders.values() if len(names) > 1 for name in names]
    return (
        tr("Each class needs a folder of its own, and these would share one: {some_of}.", some_of=some_of(shared))
        if shared
        else ""
    )


def describe_patients(patients: Sequence[str]) -> str:
    """Return in one sentence whether the patients of X-rays are known; ``patients``: one for each, "" where not."""
    known = [patient for patient in patients if patient.strip()]
    if len(known) == len(patients):
        return tr("{patients}, known for all X-rays.", patients=pluralize(len(set(known)), "patient"))
    if not known:
        return str(PATIENTS_NOT_KNOWN)
    _, consequence = str(PATIENTS_NOT_KNOWN).split(": ", 1)
    return tr(
        "Patients are known for {num_known:,} of {x_rays} only: {consequence}",
        num_known=len(known),
        x_rays=pluralize(len(patients), "X-ray"),
        consequence=consequence,
    )
