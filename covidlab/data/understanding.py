"""From the names of a folder's or an archive's files, and its tables, to what it is: the one understanding for all ways in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from covidlab.data.folder_classes import FolderClasses, classes_from_folders
from covidlab.data.layouts import (
    FROM_FOLDERS,
    FROM_TABLE,
    NO_ANSWERS,
    Answers,
    Ask,
    Branch,
    Choice,
    Layout,
    LeftOut,
    Question,
)
from covidlab.data.names import METADATA_NAME, is_hidden, is_mask_folder, is_own, is_picture_name
from covidlab.data.patient_names import find_patient_pattern
from covidlab.data.table_classes import TableClasses, classes_from_table
from covidlab.data.tables import Roles, Table, find_roles, match_rows
from covidlab.text import some_of

HIDDEN = "hidden files and files of the operating system"
MASKS = "masks"
NO_PICTURES = "no pictures"
NO_CLASS_FOLDER = "in no folder that names a class"
UNANSWERED = "the class is asked for"

NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names sorted by what they are. unsure: only the content can tell."""

    pictures: tuple[str, ...]
    unsure: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def sort_names(names: Iterable[str]) -> Names:
    """Sort the names of files into pictures, those only their content can tell, and what is left out, by reason."""
    sorted_out: dict[str, list[str]] = defaultdict(list)
    for name in names:
        sorted_out[_kind_of_name(PurePosixPath(name))].append(name)
    pictures = _mask_files_apart(sorted(sorted_out["picture"]), sorted_out[MASKS])
    left_out = [(reason, tuple(sorted(sorted_out[reason]))) for reason in (HIDDEN, MASKS, NO_PICTURES)]
    return Names(
        pictures=tuple(pictures),
        unsure=tuple(sorted(sorted_out["unsure"])),
        left_out=tuple(LeftOut(reason=reason, files=files) for reason, files in left_out if files),
    )


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
    listed = _Listed.of(pictures, tables)
    # Files that came without their folders have those that a table gives them.
    places = {name: name if "/" in name else listed.places.get(name, name) for name in pictures}
    folders = classes_from_folders(places, level=answers.class_level)
    choice = _choose(pictures, listed, folders, answers, archive_class)
    patients, about_patients = _patients(pictures, listed, answers)
    classless = tuple(sorted(set(pictures) - set(choice.classes)))
    reasons = {**choice.left_out}
    explained = {name for files in reasons.values() for name in files}
    if rest := tuple(name for name in classless if name not in explained):
        open_question = any(question.is_needed and not question.answer for question in choice.questions)
        reasons[UNANSWERED if open_question else NO_CLASS_FOLDER] = rest
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
        questions=(*choice.questions, *about_patients, *_about_split(parts, answers)),
    )
    return replace(layout, branches=_branches(layout))


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """What tables say: rows by picture, and the columns that may be class or patient, by name."""

    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @classmethod
    def of(cls, pictures: Sequence[str], tables: Sequence[Table]) -> "_Listed":
        rows: dict[str, dict[str, str]] = defaultdict(dict)
        columns: dict[str, list[str]] = defaultdict(list)
        places: dict[str, str] = {}
        names, sentences, absent = [], [], []
        for table in tables:
            sentences += table.notes
            roles = find_roles(table)
            if not roles.file:
                continue
            file = roles.file[0]
            above = PurePosixPath(table.name).parent.as_posix()
            matched = match_rows(table, file, pictures, above="" if above == "." else above)
            if not matched.rows and table.name != METADATA_NAME:
                continue
            names.append(table.name)
            for picture, row in matched.rows.items():
                known = rows[picture]
                places[picture] = row[file].replace("\\", "/")
                known |= {name: text for name, text in row.items() if name != file and (text or name not in known)}
            if table.name == METADATA_NAME and file == "file":
                absent += matched.absent
            _note_roles(columns, table, roles)
            sentences += _about_matching(table.name, matched)
        return cls(
            rows=rows,
            places=places,
            labels=tuple(dict.fromkeys(columns["label"])),
            yes_no=tuple(dict.fromkeys(columns["yes_no"])),
            patients=tuple(dict.fromkeys(columns["patient"])),
            columns=tuple(dict.fromkeys(columns["all"])),
            names=tuple(names),
            absent=tuple(absent),
            sentences=tuple(sentences),
        )


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """Where the class was taken from."""

    title: str = NOT_UNDERSTOOD
    classes: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def _kind_of_name(path: PurePosixPath) -> str:
    if is_hidden(path) or is_own(path):
        return HIDDEN
    if any(is_mask_folder(folder) for folder in path.parts[:-1]):
        return MASKS
    return {True: "picture", False: NO_PICTURES, None: "unsure"}[is_picture_name(path)]


def _mask_files_apart(pictures: list[str], masks: list[str]) -> list[str]:
    """Pictures without those that are a mask beside their X-ray, such as a_mask.png beside a.png."""
    stems = {PurePosixPath(name).with_suffix("").as_posix().casefold() for name in pictures}
    kept = []
    for name in pictures:
        path = PurePosixPath(name)
        stem = path.stem.casefold()
        bare = next((stem.removesuffix(end) for end in ("_mask", "-mask", " mask", "_masks") if stem.endswith(end)), "")
        beside = bare and path.with_name(bare).as_posix().casefold() in stems
        (masks if beside else kept).append(name)
    return kept


def _note_roles(columns: dict[str, list[str]], table: Table, roles: Roles) -> None:
    columns["label"] += roles.label
    columns["yes_no"] += roles.yes_no
    columns["patient"] += roles.patient
    columns["all"] += [name for name in table.columns if name not in roles.file]


def _about_matching(name: str, matched) -> list[str]:
    sentences = []
    if matched.absent:
        number = len(matched.absent)
        what = "1 file that is not there" if number == 1 else f"{number:,} files that are not there"
        sentences.append(f"{name} lists {what}: {some_of(list(matched.absent))}.")
    if matched.ambiguous:
        sentences.append(
            f"{name} has {len(matched.ambiguous):,} names that fit several files, so their rows are not used: "
            f"{some_of(list(matched.ambiguous))}."
        )
    if matched.twice:
        sentences.append(
            f"{name} lists {len(matched.twice):,} X-rays more than once with different values; the first row counts: "
            f"{some_of(list(matched.twice))}."
        )
    return sentences


def _choose(
    pictures: Sequence[str], listed: _Listed, folders: FolderClasses, answers: Answers, archive_class: str
) -> _Choice:
    """The classes of the folders or of the table, whichever was asked for, else whichever there is."""
    num_folder_classes = len(set(folders.classes.values()))
    wanted = answers.classes_from
    if answers.class_column and wanted is None:
        wanted = FROM_TABLE
    table = _from_table(pictures, listed, answers) if wanted != FROM_FOLDERS else None
    if wanted == FROM_TABLE:
        return table
    if wanted == FROM_FOLDERS or num_folder_classes > 1:
        return _from_folders(folders, listed, archive_class)
    if table is not None and (len(set(table.classes.values())) > 1 or table.questions):
        return table
    if num_folder_classes or folders.unclear:
        return _from_folders(folders, listed, archive_class)
    if table is not None and table.classes:
        return table
    if archive_class and pictures:
        return _Choice(
            title="one class an archive, named after it", classes=dict.fromkeys(sorted(pictures), archive_class)
        )
    return _Choice(title=NOT_UNDERSTOOD)


def _from_folders(folders: FolderClasses, listed: _Listed, archive_class: str) -> _Choice:
    if folders.unclear:
        names = some_of(list(folders.unclear))
        return _Choice(
            sentences=(
                f"{len(folders.unclear):,} folders hold few X-rays each ({names}), so they are taken for patients or "
                "studies and not for classes. No table states a class.",
            )
        )
    questions = []
    if folders.levels:
        choices = tuple(
            Choice(value=str(level), text=f"{level}: {some_of(list(names))}")
            for level, names in enumerate(folders.levels, start=1)
        )
        questions.append(
            Question(
                about=Ask.CLASS_LEVEL,
                text="Folders lie in folders. Which level names the class?",
                option="--class-level",
                choices=choices,
                answer=str(folders.level),
            )
        )
    values = {row[column] for column in listed.labels for row in listed.rows.values() if row.get(column)}
    if len(values) > 1:
        questions.append(_ask_for_origin(listed, FROM_FOLDERS))
    title = "one folder for each class" + (", in parts (train, validation, test)" if folders.parts else "")
    return _Choice(title=title, classes=folders.classes, sentences=folders.sentences, questions=tuple(questions))


def _ask_for_origin(listed: _Listed, answer: str) -> Question:
    columns = " or ".join(listed.labels)
    return Question(
        about=Ask.CLASSES_FROM,
        text="Folders and a table both name classes. Which are meant?",
        option="--classes-from",
        choices=(
            Choice(value=FROM_FOLDERS, text="folders: the names of the folders"),
            Choice(value=FROM_TABLE, text=f"table: the column {columns}"),
        ),
        answer=answer,
    )


def _from_table(pictures: Sequence[str], listed: _Listed, answers: Answers) -> _Choice | None:
    """The classes of a column of the table; None where no table lists any of the pictures with a class."""
    column = answers.class_column or (listed.labels[0] if len(listed.labels) == 1 else "")
    if column and column not in listed.columns:
        received = ", ".join(listed.columns) or "no table that lists these X-rays"
        return _Choice(sentences=(f"There is no column {column} in the table. Received: {received}.",))
    if not column and not (listed.labels or listed.yes_no):
        return None
    asked = () if len(listed.labels) == 1 and not answers.class_column else _ask_for_column(listed, column)
    if not column:
        return _Choice(title="a table that may give the class in several columns", questions=asked)
    yes_no = column in listed.yes_no and column not in listed.labels
    found = classes_from_table(pictures, listed.rows, column, yes_no=yes_no, contains=answers.contains)
    title = f"a table ({', '.join(listed.names[:2])}) with the class in the column {column}"
    contains = _ask_for_labels(found, column, answers)
    return _Choice(
        title=title,
        classes=found.classes,
        left_out=found.left_out,
        sentences=found.sentences,
        questions=(*asked, *contains),
    )


def _ask_for_column(listed: _Listed, answer: str) -> tuple[Question, ...]:
    columns = tuple(dict.fromkeys((*listed.labels, *listed.yes_no)))
    choices = []
    for column in columns:
        values = Counter(row[column] for row in listed.rows.values() if row.get(column))
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


def _ask_for_labels(found: TableClasses, column: str, answers: Answers) -> tuple[Question, ...]:
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


def _patients(
    pictures: Sequence[str], listed: _Listed, answers: Answers
) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Patients as a table states them, or as a person has accepted them from names; else what to ask."""
    column = answers.patient_column or (listed.patients[0] if len(listed.patients) == 1 else "")
    stated = (
        {name: row[column].strip() for name, row in listed.rows.items() if row.get(column, "").strip()}
        if column
        else {}
    )
    questions = []
    if len(listed.patients) > 1:
        questions.append(
            Question(
                about=Ask.PATIENT_COLUMN,
                text="Several columns of the table may be the patient. Which one is it?",
                option="--patient-column",
                choices=tuple(Choice(value=name, text=name) for name in listed.patients),
                answer=column,
            )
        )
    if stated:
        return {name: stated.get(name, "") for name in pictures}, tuple(questions)
    pattern = find_patient_pattern(pictures)
    if pattern is None:
        return {}, tuple(questions)
    questions.append(
        Question(
            about=Ask.PATIENTS_FROM_NAMES,
            text=f"{pattern.picture}: is {pattern.patient} the patient? Then the {len(pattern.patients):,} X-rays named "
            f"like this show {len(set(pattern.patients.values())):,} patients.",
            option="--patients-from-names",
            choices=(Choice(value="yes", text="yes"), Choice(value="no", text="no: patients are not known")),
            answer="yes" if answers.patients_from_names else "no",
        )
    )
    accepted = {name: pattern.patients.get(name, "") for name in pictures} if answers.patients_from_names else {}
    return accepted, tuple(questions)


def _about_split(parts: Mapping[str, str], answers: Answers) -> tuple[Question, ...]:
    counts = Counter(parts.values())
    if len(counts) < 2:
        return ()
    listed = ", ".join(f"{part} {counts[part]:,}" for part in ("train", "validation", "test") if counts[part])
    return (
        Question(
            about=Ask.KEEP_SPLIT,
            text=f"The folders give a split ({listed}). Keep it? Without it covidlab splits anew.",
            option="--keep-split",
            choices=(
                Choice(value="yes", text="yes: train on train, validate on all others"),
                Choice(value="no", text="no: split anew"),
            ),
            answer="yes" if answers.keep_split else "no",
        ),
    )


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


def archive_class_name(stem: str) -> str:
    """Class that the name of an archive gives, e.g. "covid" for covid-samples.zip of Teachable Machine, "covid (1).zip"."""
    name = stem.strip()
    for end in ("samples", "images", "xrays", "x-rays"):
        for gap in ("-", "_", " "):
            if name.casefold().endswith(gap + end):
                name = name[: -len(gap + end)]
    if name.endswith(")") and "(" in name and name[name.rindex("(") + 1 : -1].isdigit():
        name = archive_class_name(name[: name.rindex("(")])
    return name.strip() or stem
