"""From the names of a folder's or an archive's files, and its tables, to what it is: the one understanding for all ways in."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from covidlab.data.folder_classes import FolderClasses, classes_from_folders
from covidlab.data.layouts import (
    FROM_TABLE,
    MASKS,
    NO_ANSWERS,
    NO_CLASS_FOLDER,
    NO_PICTURES,
    ONE_CLASS_AN_ARCHIVE,
    UNANSWERED,
    Answers,
    Branch,
    Layout,
    LeftOut,
    Question,
)
from covidlab.data.listed import Listed
from covidlab.data.patient_names import find_patient_pattern
from covidlab.data.questions import (
    ask_for_column,
    ask_for_labels,
    ask_for_level,
    ask_for_origin,
    ask_for_patient_column,
    ask_for_patients_in_names,
    ask_for_split,
)
from covidlab.data.table_classes import classes_from_table
from covidlab.data.tables import Table
from covidlab.errors import UsageError
from covidlab.text import some_of

NOT_UNDERSTOOD = "not understood"


def understand(
    pictures: Sequence[str],
    *,
    tables: Sequence[Table] = (),
    answers: Answers = NO_ANSWERS,
    archive_class: str = "",
    left_out: Sequence[LeftOut] = (),
) -> Layout:
    """Return what the pictures and the tables beside them are, as far as it is unambiguous or answered.

    Parameters
    ----------
    pictures : names of the files that may be X-rays, posix, relative to the set
    tables : whatever tables lie beside them; ``Table.name`` is the table's place
    answers : what a person has decided
    archive_class : class of pictures that no folder and no table gives one, from the name of their archive
    left_out : what was left out before, by name or content
    """
    listed = Listed.of(pictures, tables)
    # Files that came without their folders have those that a table gives them.
    places = {name: name if "/" in name else listed.places.get(name, name) for name in pictures}
    folders = classes_from_folders(places, level=answers.class_level)
    choice = _choose(pictures, listed, folders, answers, archive_class)
    patients, about_patients = _patients(pictures, listed, answers)
    classless = tuple(sorted(set(pictures) - set(choice.classes)))
    reasons = {**choice.left_out}
    explained = {name for files in reasons.values() for name in files}
    if rest := tuple(name for name in classless if name not in explained):
        reasons[UNANSWERED if any(map(_is_open, choice.questions)) else NO_CLASS_FOLDER] = rest
    parts = {name: part for name, part in folders.parts.items() if name in choice.classes}
    layout = Layout(
        title=choice.title,
        pictures=tuple(sorted(pictures)),
        classes=choice.classes,
        parts=parts,
        patients=patients,
        rows=listed.rows,
        tables=listed.names,
        absent=listed.absent,
        left_out=(*left_out, *(LeftOut(reason=reason, files=files) for reason, files in reasons.items() if files)),
        problems=(*choice.sentences, *listed.sentences),
        questions=(*choice.questions, *about_patients, *ask_for_split(parts, answers)),
    )
    return replace(layout, branches=_branches(layout))


def check_answers(layout: Layout, answers: Answers) -> None:
    """Raise UsageError where an answer names a column, a label or a level that is not there."""
    columns = list(dict.fromkeys(column for row in layout.rows.values() for column in row))
    for column in filter(None, (answers.class_column, answers.patient_column)):
        if column not in columns:
            there = f"The columns are {', '.join(columns)}." if columns else "No table lists these X-rays."
            raise UsageError(f"There is no column of this name. {there} Received: {column}.")
    absent = sorted(set(answers.contains) - set(layout.classes.values()))
    if absent:
        raise UsageError(f"No X-ray carries this label in the column of the class. Received: {some_of(absent)}.")
    if answers.class_level is not None and answers.class_level < 1:
        raise UsageError(f"A level of folders is 1 or more. Received: {answers.class_level}.")
    if answers.classes_from == FROM_TABLE and not layout.rows:
        raise UsageError("No table lists these X-rays, so no class can come from one. Received: table.")


def _is_open(question: Question) -> bool:
    return question.is_needed and not question.answer


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """Where the class was taken from."""

    title: str = NOT_UNDERSTOOD
    classes: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def _choose(
    pictures: Sequence[str], listed: Listed, folders: FolderClasses, answers: Answers, archive_class: str
) -> _Choice:
    """The classes of the folders or of the table, whichever was asked for, else whichever tells X-rays apart."""
    by_folders = _from_folders(folders, listed)
    by_table = _from_table(pictures, listed, answers)
    wanted = answers.classes_from or (FROM_TABLE if answers.class_column else None)
    if wanted:
        return by_table if wanted == FROM_TABLE else by_folders
    num_in_folders, num_in_table = (len(set(choice.classes.values())) for choice in (by_folders, by_table))
    if num_in_folders < 2 and (num_in_table > 1 or any(map(_is_open, by_table.questions))):
        return by_table
    if num_in_folders or folders.unclear:
        return by_folders
    if by_table.classes:
        return by_table
    if archive_class:
        classes = dict.fromkeys(sorted(pictures), archive_class)
        return _Choice(title=ONE_CLASS_AN_ARCHIVE, classes=classes)
    return by_folders


def _from_folders(folders: FolderClasses, listed: Listed) -> _Choice:
    if folders.unclear:
        names = some_of(list(folders.unclear))
        return _Choice(
            sentences=(
                f"{len(folders.unclear):,} folders hold few X-rays each ({names}), so they are taken for patients or "
                "studies and not for classes. No table states a class.",
            )
        )
    if not folders.classes:
        return _Choice()
    questions = (*ask_for_level(folders), *ask_for_origin(listed, folders.classes))
    title = "one folder for each class" + (", in parts (train, validation, test)" if folders.parts else "")
    return _Choice(title=title, classes=folders.classes, sentences=folders.sentences, questions=questions)


def _from_table(pictures: Sequence[str], listed: Listed, answers: Answers) -> _Choice:
    """The classes of a column of the table; none where no table lists any of the pictures with a class."""
    column = answers.class_column or (listed.labels[0] if len(listed.labels) == 1 else "")
    if not (column or listed.labels or listed.yes_no):
        return _Choice()
    asked = () if len(listed.labels) == 1 and not answers.class_column else ask_for_column(listed, column)
    if not column:
        return _Choice(title="a table that may give the class in several columns", questions=asked)
    yes_no = column in listed.yes_no and column not in listed.labels
    found = classes_from_table(pictures, listed.rows, column, yes_no=yes_no, contains=answers.contains)
    title = f"a table ({', '.join(listed.names[:2])}) with the class in the column {column}"
    contains = ask_for_labels(found, column, answers)
    return _Choice(
        title=title,
        classes=found.classes,
        left_out=found.left_out,
        sentences=found.sentences,
        questions=(*asked, *contains),
    )


def _patients(pictures: Sequence[str], listed: Listed, answers: Answers) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Patients as a table states them, or as a person has accepted them from names; else what to ask."""
    column = answers.patient_column or (listed.patients[0] if len(listed.patients) == 1 else "")
    stated = (
        {name: row[column].strip() for name, row in listed.rows.items() if row.get(column, "").strip()}
        if column
        else {}
    )
    questions = ask_for_patient_column(listed, column)
    if stated:
        return {name: stated.get(name, "") for name in pictures}, questions
    pattern = find_patient_pattern(pictures)
    if pattern is None:
        return {}, questions
    accepted = {name: pattern.patients.get(name, "") for name in pictures} if answers.patients_from_names else {}
    return accepted, (*questions, ask_for_patients_in_names(pattern, accepted=answers.patients_from_names))


def _branches(layout: Layout) -> tuple[Branch, ...]:
    """Each folder that holds pictures, with their number and what they were taken for."""
    role = {name: f"class {kind}" for name, kind in layout.classes.items()}
    role |= {name: left.reason for left in layout.left_out for name in left.files if left.reason != NO_PICTURES}
    counts: dict[str, Counter] = defaultdict(Counter)
    for name in {*layout.pictures, *(name for left in layout.left_out if left.reason == MASKS for name in left.files)}:
        part = layout.parts.get(name, "")
        said = role.get(name, "") + (f", part {part}" if part else "")
        counts[PurePosixPath(name).parent.as_posix()][said] += 1
    return tuple(
        Branch(folder="" if folder == "." else folder, number=number, role=said)
        for folder, roles in sorted(counts.items())
        for said, number in roles.most_common(3)
    )
