"""From the names of a folder's or an archive's files, and its tables, to what it is: the one understanding for all ways in."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from covidlab.data.choosing import choose_classes
from covidlab.data.folder_classes import FolderClasses, about_changed_copies, classes_from_folders
from covidlab.data.folder_names import names_class
from covidlab.data.layouts import (
    FROM_NAMES,
    FROM_TABLE,
    MADE,
    MASKS,
    NO_ANSWERS,
    NO_CLASS_FOLDER,
    NO_PICTURES,
    UNANSWERED,
    Answers,
    Ask,
    Branch,
    Layout,
    LeftOut,
    Question,
)
from covidlab.data.listed import Listed
from covidlab.data.patient_names import find_patient_pattern
from covidlab.data.questions import ask_for_patient_column, ask_for_patients_in_names, ask_for_split
from covidlab.data.tables import Table
from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.text import some_of

# Of the X-rays of several archives, as many must lie in class folders before the archives' names count for nothing.
_IN_FOLDERS_SHARE = 0.8


def understand(
    pictures: Sequence[str],
    *,
    tables: Sequence[Table] = (),
    answers: Answers = NO_ANSWERS,
    archive_class: str = "",
    archives: Collection[str] = (),
    left_out: Sequence[LeftOut] = (),
) -> Layout:
    """Return what the pictures and the tables beside them are, as far as it is unambiguous or answered.

    Parameters
    ----------
    pictures : names of the files that may be X-rays, posix, relative to the set
    tables : whatever tables lie beside them; ``Table.name`` is the table's place
    answers : what a person has decided
    archive_class : class of pictures that no folder and no table gives one, from the name of their archive
    archives : names of several archives, each the outermost folder of its pictures
    left_out : what was left out before, by name or content
    """
    listed = Listed.of(pictures, tables)
    # Files that came without their folders have those that a table gives them.
    places = {name: name if "/" in name else listed.places.get(name, name) for name in pictures}
    folders = _folders(places, frozenset(archives), answers)
    choice = choose_classes(pictures, listed, folders, answers, archive_class)
    patients, about_patients = _patients(pictures, listed, answers)
    reasons = {**choice.left_out}
    explained = {name for files in reasons.values() for name in files}
    if rest := tuple(sorted(set(pictures) - set(choice.classes) - explained)):
        reasons[UNANSWERED if choice.is_open else NO_CLASS_FOLDER] = rest
    found = folders.parts if len(set(folders.parts.values())) > 1 else {**listed.parts, **folders.parts}
    parts = {name: part for name, part in found.items() if name in choice.classes}
    layout = Layout(
        title=choice.title,
        pictures=tuple(sorted(pictures)),
        classes=choice.classes,
        parts=parts,
        keeps_split=listed.is_own and bool(parts) and any("split" in row for row in listed.rows.values()),
        patients=patients,
        rows=listed.rows,
        tables=listed.names,
        absent=listed.absent,
        left_out=(*left_out, *(LeftOut(reason=reason, files=files) for reason, files in reasons.items() if files)),
        problems=(*choice.sentences, *about_changed_copies(places.values()), *listed.sentences),
        questions=(*choice.questions, *about_patients, *ask_for_split(parts, answers)),
    )
    return replace(layout, branches=_branches(layout))


def check_answers(layout: Layout, answers: Answers) -> None:
    """Raise UsageError where an answer names a column, a label or a level that is not there."""
    columns = list(dict.fromkeys(column for row in layout.rows.values() for column in row))
    for column in filter(None, (answers.class_column, answers.patient_column)):
        if column not in columns:
            there = (
                tr("The columns are {columns}.", columns=", ".join(columns))
                if columns
                else tr("No table lists these X-rays.")
            )
            raise UsageError(
                tr("There is no column of this name. {there} Received: {column}.", there=there, column=column)
            )
    absent = sorted(set(answers.contains) - set(layout.classes.values()))
    if absent:
        raise UsageError(
            tr("No X-ray carries this label in the column of the class. Received: {some_of}.", some_of=some_of(absent))
        )
    _check_level(layout, answers.class_level)
    asked = {question.about for question in layout.questions}
    if answers.patients_from_names and not layout.patients and Ask.PATIENTS_FROM_NAMES not in asked:
        raise UsageError(
            tr("No part of the names of these X-rays is offered as the patient. Received: --patients-from-names.")
        )
    if answers.keep_split and Ask.KEEP_SPLIT not in asked:
        raise UsageError(tr("No split comes with these X-rays. Received: --keep-split."))
    if answers.classes_from == FROM_TABLE and not layout.rows:
        raise UsageError(tr("No table lists these X-rays, so no class can come from one. Received: table."))
    if answers.classes_from == FROM_NAMES and not layout.classes and layout.pictures:
        raise UsageError(tr("The names of these X-rays do not tell classes apart. Received: names."))


def _check_level(layout: Layout, level: int | None) -> None:
    if level is None:
        return
    asked = next((question for question in layout.questions if question.about == Ask.CLASS_LEVEL), None)
    most = len(asked.choices) if asked else 1
    if not 1 <= level <= most:
        raise UsageError(
            tr("A level of folders is a number from 1 to {most}. Received: {level}.", most=most, level=level)
        )


def _folders(places: Mapping[str, str], archives: frozenset[str], answers: Answers) -> FolderClasses:
    """The classes that folders give; of several archives the names count where the folders in them name no classes."""
    level = answers.class_level
    if not archives:
        return classes_from_folders(places, level=level)
    above = {name: place.partition("/")[0] for name, place in places.items()}
    bare = {name: place.partition("/")[2] if above[name] in archives else place for name, place in places.items()}
    inner = classes_from_folders(bare, level=level)
    kinds = set(inner.classes.values())
    if len(inner.classes) < _IN_FOLDERS_SHARE * len(places):
        # The name of an archive is the class, whatever it is called.
        classes = {name: folder for name, folder in above.items() if folder in archives}
        rest = classes_from_folders({name: place for name, place in places.items() if name not in classes})
        return FolderClasses(classes={**rest.classes, **classes}, parts=inner.parts)
    return inner if 2 * sum(map(names_class, kinds)) >= len(kinds) else classes_from_folders(places, level=level)


def _patients(pictures: Sequence[str], listed: Listed, answers: Answers) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Patients as a table states them, or as a person has accepted them from names; else what to ask."""
    stated = listed.column(answers.patient_column) if answers.patient_column else listed.stated_patients
    questions = () if listed.stated_patients else ask_for_patient_column(listed, answers.patient_column or "")
    if stated:
        return {name: stated.get(name, "") for name in pictures}, questions
    pattern = find_patient_pattern(pictures)
    if pattern is None:
        return {}, questions
    accepted = {name: pattern.patients.get(name, "") for name in pictures} if answers.patients_from_names else {}
    return accepted, (*questions, ask_for_patients_in_names(pattern, accepted=answers.patients_from_names))


def _branches(layout: Layout) -> tuple[Branch, ...]:
    """Each folder that holds pictures, with their number and what they were taken for."""
    role = {name: tr("class {kind}", kind=kind) for name, kind in layout.classes.items()}
    role |= {name: left.reason for left in layout.left_out for name in left.files if left.reason != NO_PICTURES}
    apart = (name for left in layout.left_out if left.reason in (MASKS, MADE) for name in left.files)
    counts: dict[str, Counter] = defaultdict(Counter)
    for name in {*layout.pictures, *apart}:
        part = layout.parts.get(name, "")
        said = role.get(name, "") + (tr(", part {part}", part=part) if part else "")
        counts[name.rpartition("/")[0]][said] += 1
    return tuple(
        Branch(folder=folder, number=number, role=said)
        for folder, roles in sorted(counts.items())
        for said, number in roles.most_common(3)
    )
