"""What a folder must have to be used as a data set, and the sentence where it lacks that."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from covidlab.data.index import MUST_BE_ADDED
from covidlab.data.layouts import Layout, LeftOut
from covidlab.data.listing import describe_branches
from covidlab.data.names import METADATA_NAME, simple
from covidlab.errors import DataError
from covidlab.language import tr, tr_lazy
from covidlab.paths import OWN_DATASET
from covidlab.text import pluralize, some_of

DEFAULT_POSITIVE_CLASS = "covid"
CANNOT_BE_READ = tr_lazy("cannot be read")
# A set with more files that cannot be read is not what it seems, so it is not used.
MAX_UNREADABLE_SHARE = 0.05
# How people write the class of the X-rays the set is about, without case and punctuation.
_COVID = re.compile(r"(?:.*(?<!non)(?<!no)(?<!not))?covid(?:19)?(?:pneumonia|positive|pos|cases?|patients?)?")


def unreadable_left_out(refused: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """Files that cannot be read (file -> why), as what is left out."""
    return (LeftOut(reason=CANNOT_BE_READ, files=tuple(sorted(refused)), why=dict(refused)),) if refused else ()


def check_unreadable(refused: Mapping[str, str], *, num_pictures: int) -> None:
    """Raise DataError, naming all of them, where more pictures than a few cannot be read (file -> why)."""
    if len(refused) > MAX_UNREADABLE_SHARE * num_pictures:
        dicom = sorted(file for file, why in refused.items() if why.endswith(MUST_BE_ADDED))
        if dicom:
            raise DataError(
                tr(
                    "{num_dicom:,} of {pictures} cannot be used as they lie: each {must_be_added} Received: {some_of}.",
                    num_dicom=len(dicom),
                    pictures=pluralize(num_pictures, "picture"),
                    must_be_added=MUST_BE_ADDED,
                    some_of=some_of(dicom),
                )
            )
        whys = " ".join(refused[file] for file in sorted(refused))
        raise DataError(
            tr(
                "{num_refused:,} of {pictures} cannot be read; up to {value:.0f} % are passed over. Repair or "
                "remove them. {whys}",
                num_refused=len(refused),
                pictures=pluralize(num_pictures, "picture"),
                value=100 * MAX_UNREADABLE_SHARE,
                whys=whys,
            )
        )


def checked_classes(root: Path, layout: Layout) -> tuple[str, ...]:
    """Names of the classes, sorted; raises DataError, saying what the folder holds, where there are fewer than two."""
    classes = tuple(sorted(set(layout.classes.values())))
    if len(classes) > 1:
        return classes
    if not layout.pictures:
        fill = tr(" Run `python -m covidlab dataset import SRC` to fill it.") if root.absolute() == OWN_DATASET else ""
        raise DataError(
            tr(
                "There are no X-rays in the folder {root}.{fill}{archives_in}",
                root=root,
                fill=fill,
                archives_in=_archives_in(layout),
            )
        )
    where = f"{pluralize(len(layout.pictures), 'picture')}: {describe_branches(layout.branches)}"
    if layout.open_questions:
        asked = " ".join(question.sentence() for question in layout.open_questions)
        raise DataError(
            tr(
                "The folder {root} holds {where}. {asked} Add the X-rays to a data set of your own, on Curate or "
                "with `python -m covidlab dataset add SRC --dataset DIR` and that option.",
                root=root,
                where=where,
                asked=asked,
            )
        )
    problems = "".join(f" {problem}" for problem in layout.problems)
    received = (
        tr("Received: one class, {classes}.", classes=classes[0])
        if classes
        else tr("Received: {title}.", title=layout.title)
    )
    raise DataError(
        tr(
            "At least two classes are needed, one folder of X-rays for each, or a table that states them. "
            "{received} The folder {root} holds {where}.{problems} `python -m covidlab dataset inspect SRC` "
            "says what is understood.",
            received=received,
            root=root,
            where=where,
            problems=problems,
        )
    )


def why_not_understood(root: Path, layout: Layout) -> str:
    """Why a folder cannot be used as a data set, in one or two sentences; "" where it can."""
    try:
        checked_classes(root, layout)
    except DataError as error:
        return str(error)
    return ""


def _archives_in(layout: Layout) -> str:
    archives = [name for left in layout.left_out for name in left.files if name.lower().endswith(".zip")]
    if not archives:
        return ""
    return tr(
        " It holds {zip_files}: {some_of}. Add them to a data set of your own, on Curate or with `python "
        "-m covidlab dataset add SRC --dataset DIR`.",
        zip_files=pluralize(len(archives), "ZIP file"),
        some_of=some_of(archives),
    )


def checked_positive_class(classes: tuple[str, ...], positive_class: str | None) -> str:
    """The class that was named, by default the one that names COVID-19; raises DataError where there is no such class."""
    if positive_class in classes:
        return positive_class
    if positive_class is None and (found := default_positive_class(classes)):
        return found
    received = (
        tr("Received: {positive_class}.", positive_class=positive_class)
        if positive_class
        else tr("There is no class {default_positive_class}.", default_positive_class=DEFAULT_POSITIVE_CLASS)
    )
    raise DataError(
        tr(
            "Name the positive class with --positive-class, one of {classes}. {received}",
            classes=", ".join(classes),
            received=received,
        )
    )


def default_positive_class(classes: tuple[str, ...]) -> str:
    """The class that names COVID-19, e.g. "covid", "COVID", "COVID-19"; "" where none or several do."""
    if DEFAULT_POSITIVE_CLASS in classes:
        return DEFAULT_POSITIVE_CLASS
    named = [name for name in classes if _COVID.fullmatch(simple(name))]
    return named[0] if len(named) == 1 else ""


def check_listed_files_exist(layout: Layout) -> None:
    """Raise DataError where a table lists files that are not there."""
    absent = sorted(layout.absent)
    if absent:
        raise DataError(
            tr(
                "{metadata_name} lists {num_absent} {value} that {value_2} not there: {some_of}. Add the files "
                "or remove their rows; the fifty come with `python -m covidlab dataset import SRC`.",
                metadata_name=METADATA_NAME,
                num_absent=len(absent),
                value="X-ray" if len(absent) == 1 else "X-rays",
                value_2="is" if len(absent) == 1 else "are",
                some_of=some_of(absent),
            )
        )


def check_every_class_has_films(classes: tuple[str, ...], films: pd.DataFrame, refused: Mapping[str, str]) -> None:
    """Raise DataError where no X-ray of a class can be read (refused: file -> why)."""
    empty = sorted(set(classes) - set(films["class"]))
    if empty:
        raise DataError(
            tr(
                "No X-ray of {some_of} can be read. {some_of_2}",
                some_of=some_of(empty),
                some_of_2=some_of([refused[f] for f in sorted(refused)]),
            )
        )
