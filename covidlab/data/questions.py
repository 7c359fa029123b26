"""What is asked of a person, where folders and tables can be understood in several ways or offer more than was taken."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from covidlab.data.folder_classes import FolderClasses
from covidlab.data.layouts import FROM_FOLDERS, FROM_TABLE, Answers, Ask, Choice, Question
from covidlab.data.listed import Listed
from covidlab.data.patient_names import PatientPattern
from covidlab.data.table_classes import TableClasses
from covidlab.text import some_of


def ask_for_level(folders: FolderClasses) -> tuple[Question, ...]:
    """Ask which of several levels of folders names the class."""
    if not folders.levels:
        return ()
    choices = tuple(
        Choice(value=str(level), text=f"{level}: {some_of(list(names))}")
        for level, names in enumerate(folders.levels, start=1)
    )
    return (
        Question(
            about=Ask.CLASS_LEVEL,
            text="Folders lie in folders. Which level names the class?",
            option="--class-level",
            choices=choices,
            answer=str(folders.level),
        ),
    )


def ask_for_origin(listed: Listed, classes: Mapping[str, str]) -> tuple[Question, ...]:
    """Ask whether a table is meant, where its labels part the X-rays otherwise than the classes of their folders."""
    columns = [column for column in listed.labels if _disagrees(listed.column(column), classes)]
    if not columns:
        return ()
    return (
        Question(
            about=Ask.CLASSES_FROM,
            text="Folders and a table both name classes. Which are meant?",
            option="--classes-from",
            choices=(
                Choice(value=FROM_FOLDERS, text="folders: the names of the folders"),
                Choice(value=FROM_TABLE, text=f"table: the column {' or '.join(columns)}"),
            ),
            answer=FROM_FOLDERS,
        ),
    )


def _disagrees(labels: Mapping[str, str], classes: Mapping[str, str]) -> bool:
    """Whether X-rays of one label lie in folders of several classes; finer labels than classes do not disagree."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for picture, label in labels.items():
        if picture in classes:
            kinds[label].add(classes[picture])
    return len(kinds) > 1 and any(len(several) > 1 for several in kinds.values())


def ask_for_patient_column(listed: Listed, answer: str) -> tuple[Question, ...]:
    """Ask which of several columns is the patient."""
    if len(listed.patients) < 2:
        return ()
    return (
        Question(
            about=Ask.PATIENT_COLUMN,
            text="Several columns of the table may be the patient. Which one is it?",
            option="--patient-column",
            choices=tuple(Choice(value=name, text=name) for name in listed.patients),
            answer=answer,
        ),
    )


def ask_for_patients_in_names(pattern: PatientPattern, *, accepted: bool) -> Question:
    """Ask whether a part of the names is the patient."""
    return Question(
        about=Ask.PATIENTS_FROM_NAMES,
        text=f"{pattern.picture}: is {pattern.patient} the patient? Then the {len(pattern.patients):,} X-rays named "
        f"like this show {len(set(pattern.patients.values())):,} patients.",
        option="--patients-from-names",
        choices=(Choice(value="yes", text="yes"), Choice(value="no", text="no: patients are not known")),
        answer="yes" if accepted else "no",
    )


def ask_for_column(listed: Listed, answer: str) -> tuple[Question, ...]:
    """Ask which column is the class; ``answer`` is the one that holds now."""
    columns = tuple(dict.fromkeys((*listed.labels, *listed.yes_no)))
    choices = []
    for column in columns:
        values = Counter(listed.column(column).values())
        said = ", ".join(f"{value} {number:,}" for value, number in values.most_common(4))
        choices.append(Choice(value=column, text=f"{column} ({said}{', ...' if len(values) > 4 else ''})"))
    question = Question(
        about=Ask.CLASS_COLUMN,
        text="Several columns of the table may be the class. Which one is it?",
        option="--class-column",
        choices=tuple(choices),
        answer=answer,
        is_needed=True,
    )
    return (question,) if len(columns) > 1 or not answer else ()


def ask_for_labels(found: TableClasses, column: str, answers: Answers) -> tuple[Question, ...]:
    """Ask which labels are the classes, where cells hold several."""
    if not found.labels:
        return ()
    choices = tuple(Choice(value=label, text=f"{label} ({number:,})") for label, number in found.labels.items())
    return (
        Question(
            about=Ask.CONTAINS,
            text=f"Cells of the column {column} hold several labels. Which labels are the classes? One label parts X-rays "
            "that contain it from all others.",
            option="--contains",
            choices=choices,
            answer=", ".join(answers.contains),
            is_needed=True,
            several=True,
        ),
    )


def ask_for_split(parts: Mapping[str, str], answers: Answers) -> tuple[Question, ...]:
    """Ask whether the split that folders give is to be kept."""
    counts = Counter(parts.values())
    if len(counts) < 2:
        return ()
    listed = ", ".join(f"{part} {counts[part]:,}" for part in ("train", "validation", "test") if counts[part])
    return (
        Question(
            about=Ask.KEEP_SPLIT,
            text=f"The folders give a split ({listed}). Keep it? Otherwise covidlab makes its own split.",
            option="--keep-split",
            choices=(
                Choice(value="yes", text="yes: train on train, validate on all others"),
                Choice(value="no", text="no: make its own split"),
            ),
            answer="yes" if answers.keep_split else "no",
        ),
    )
