"""What is asked of a person, where folders and tables can be understood in several ways or offer more than was taken."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from covidlab.data.folder_classes import FolderClasses
from covidlab.data.folder_names import names_class
from covidlab.data.layouts import FROM_FOLDERS, FROM_TABLE, Answers, Ask, Choice, Question
from covidlab.data.listed import Listed
from covidlab.data.patient_names import PatientPattern
from covidlab.data.table_classes import TableClasses
from covidlab.language import number_text, tr
from covidlab.text import pluralize, some_of


def ask_for_level(folders: FolderClasses, *, is_answered: bool) -> tuple[Question, ...]:
    """Ask which of several levels of folders names the class; only a person can tell where both may be it."""
    if not folders.levels:
        return ()
    choices = tuple(
        Choice(value=str(level), text=f"{level}: {some_of(list(names))}")
        for level, names in enumerate(folders.levels, start=1)
    )
    is_open = folders.is_level_open and not is_answered
    return (
        Question(
            about=Ask.CLASS_LEVEL,
            text=tr("Folders lie in folders. Which level names the class?"),
            option="--class-level",
            choices=choices,
            answer="" if is_open else str(folders.level),
            is_needed=folders.is_level_open,
        ),
    )


def ask_whether_classes(
    text: str, *, origin: str, choice: str, listed: Listed, is_answered: bool
) -> tuple[Question, ...]:
    """Ask whether what may be classes is; ``origin``: what an answer says, ``choice``: what that means."""
    columns = tr(" or ").join(listed.labels)
    table = (Choice(value=FROM_TABLE, text=tr("table: the column {columns}", columns=columns)),) if columns else ()
    return (
        Question(
            about=Ask.CLASSES_FROM,
            text=text,
            option="--classes-from",
            choices=(Choice(value=origin, text=f"{origin}: {choice}"), *table),
            answer=origin if is_answered else "",
            is_needed=True,
        ),
    )


def ask_for_origin(listed: Listed, classes: Mapping[str, str], answers: Answers) -> tuple[Question, ...]:
    """Ask whether a table is meant, where its labels part the X-rays otherwise than the classes of their folders.

    Folders of covidlab's own sets, and those with names that classes are called by, hold until a person says otherwise; of
    others nobody knows.
    """
    columns = [column for column in listed.labels if _disagrees(listed.column(column), classes)]
    if not columns:
        return ()
    kinds = set(classes.values())
    is_plain = listed.is_own or 2 * sum(map(names_class, kinds)) >= len(kinds)
    return (
        Question(
            about=Ask.CLASSES_FROM,
            text=tr("Folders and a table both name classes. Which are meant?"),
            option="--classes-from",
            choices=(
                Choice(value=FROM_FOLDERS, text=tr("folders: {names}", names=some_of(sorted(kinds)))),
                Choice(value=FROM_TABLE, text=tr("table: the column {columns}", columns=tr(" or ").join(columns))),
            ),
            answer=answers.classes_from or (FROM_FOLDERS if is_plain else ""),
            is_needed=not is_plain,
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
            text=tr("Several columns of the table may be the patient. Which one is it?"),
            option="--patient-column",
            choices=tuple(Choice(value=name, text=name) for name in listed.patients),
            answer=answer,
        ),
    )


def ask_for_patients_in_names(pattern: PatientPattern, *, accepted: bool) -> Question:
    """Ask whether a part of the names is the patient."""
    return Question(
        about=Ask.PATIENTS_FROM_NAMES,
        text=tr(
            "{picture}: is {patient} the patient? Then the {num_patients:,} X-rays named like this show {patients}.",
            picture=pattern.picture,
            patient=pattern.patient,
            num_patients=len(pattern.patients),
            patients=pluralize(len(set(pattern.patients.values())), "patient"),
        ),
        option="--patients-from-names",
        choices=(Choice(value="yes", text=tr("yes")), Choice(value="no", text=tr("no: patients are not known"))),
        answer="yes" if accepted else "no",
    )


def ask_for_column(listed: Listed, columns: Sequence[str], answer: str) -> tuple[Question, ...]:
    """Ask which of the columns is the class; ``answer`` is the one that holds now, "" where none does."""
    choices = []
    for column in columns:
        values = Counter(listed.column(column).values())
        said = ", ".join(f"{value} {number_text(number)}" for value, number in values.most_common(4))
        choices.append(Choice(value=column, text=f"{column} ({said}{', ...' if len(values) > 4 else ''})"))
    text = tr("Several columns of the table may be the class. Which one is it?")
    if len(columns) == 1:
        text = tr("Is the column {columns} of the table the class?", columns=columns[0])
    return (
        Question(
            about=Ask.CLASS_COLUMN,
            text=text,
            option="--class-column",
            choices=tuple(choices),
            answer=answer,
            is_needed=True,
        ),
    )


def ask_for_labels(found: TableClasses, column: str, answers: Answers) -> tuple[Question, ...]:
    """Ask which labels are the classes, where cells hold several."""
    if not found.labels:
        return ()
    choices = tuple(
        Choice(value=label, text=f"{label} ({number_text(number)})") for label, number in found.labels.items()
    )
    return (
        Question(
            about=Ask.CONTAINS,
            text=tr(
                "Cells of the column {column} hold several labels. Which labels are the classes? With one label, "
                "X-rays that contain it are one class and all others another.",
                column=column,
            ),
            option="--contains",
            choices=choices,
            answer=", ".join(answers.contains),
            is_needed=True,
            several=True,
        ),
    )


def ask_for_split(parts: Mapping[str, str], answers: Answers) -> tuple[Question, ...]:
    """Ask whether the split that folders or tables give is to be kept."""
    counts = Counter(parts.values())
    if len(counts) < 2:
        return ()
    listed = ", ".join(
        f"{part} {number_text(counts[part])}" for part in ("train", "validation", "test") if counts[part]
    )
    return (
        Question(
            about=Ask.KEEP_SPLIT,
            text=tr(
                "A split comes with these X-rays ({listed}). Keep it? Otherwise covidlab makes its own split.",
                listed=listed,
            ),
            option="--keep-split",
            choices=(
                Choice(value="yes", text=tr("yes: train on train, validate on all others")),
                Choice(value="no", text=tr("no: make its own split")),
            ),
            answer="yes" if answers.keep_split else "no",
        ),
    )
