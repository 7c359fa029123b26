"""Where the class of X-rays is taken from: folders, a table, names of archives or of files; or what must be asked first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from covidlab.data.folder_classes import FolderClasses
from covidlab.data.folder_names import is_place, is_surely_class
from covidlab.data.layouts import FROM_FOLDERS, FROM_NAMES, FROM_TABLE, ONE_CLASS_AN_ARCHIVE, Answers, Question
from covidlab.data.listed import Listed
from covidlab.data.name_classes import classes_from_names
from covidlab.data.questions import ask_for_column, ask_for_labels, ask_for_level, ask_for_origin, ask_whether_classes
from covidlab.data.spellings import one_spelling
from covidlab.data.table_classes import NOT_LISTED, TableClasses, classes_from_table
from covidlab.language import tr, tr_lazy
from covidlab.text import some_of

NOT_UNDERSTOOD = tr_lazy("not understood")
# A column with more different texts than this, and few X-rays of each, holds remarks and not classes.
_MOST_CLASSES, _FEWEST_EACH = 20, 3


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Where the class was taken from; without classes where a question is open.

    is_against_table: folders and a table disagree, and only a person can tell which is meant.
    """

    title: str = NOT_UNDERSTOOD
    classes: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    is_against_table: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing can be taken before a question is answered."""
        return any(question.is_needed and not question.answer for question in self.questions)

    @property
    def num_classes(self) -> int:
        """Number of different classes."""
        return len(set(self.classes.values()))


def choose_classes(
    pictures: Sequence[str], listed: Listed, folders: FolderClasses, answers: Answers, archive_class: str
) -> Choice:
    """Return the classes of the folders or of the table, whichever was asked for, else whichever tells X-rays apart."""
    by_folders = _from_folders(folders, listed, answers)
    by_table = _from_table(pictures, listed, answers)
    wanted = answers.classes_from or (FROM_TABLE if answers.class_column else None)
    if wanted in (FROM_TABLE, FROM_NAMES):
        return by_table if wanted == FROM_TABLE else _from_names(pictures, listed, answers)
    if by_folders.num_classes > 1 or (wanted is None and by_folders.is_against_table):
        return by_folders
    if wanted is None and listed.is_own and _holds_alone(by_folders, by_table):
        return by_folders
    if wanted is None and (by_table.num_classes > 1 or by_table.is_open):
        return by_table
    return _of_one_class(pictures, by_folders, by_table, archive_class, listed, answers) or replace(
        by_folders, sentences=(*_about_places(folders), *_about_columns(listed))
    )


def _holds_alone(by_folders: Choice, by_table: Choice) -> bool:
    """Whether the one folder of a set of covidlab's own is its first class, whatever else its table says."""
    kinds = set(by_folders.classes.values())
    return bool(kinds) and (by_table.num_classes < 2 or all(map(is_surely_class, kinds)))


def _of_one_class(
    pictures: Sequence[str],
    by_folders: Choice,
    by_table: Choice,
    archive_class: str,
    listed: Listed,
    answers: Answers,
) -> Choice | None:
    """Where neither folders nor a table tell X-rays apart: the one class they give, or what to ask."""
    if by_folders.num_classes and not by_folders.is_open:
        return by_folders
    if archive_class and not is_place(archive_class):
        return _from_archive(pictures, archive_class, listed, answers)
    if by_table.classes:
        return by_table
    by_names = _from_names(pictures, listed, answers)
    found = (choice for choice in (by_names, by_folders) if choice.questions)
    return next(found, None)


def _from_folders(folders: FolderClasses, listed: Listed, answers: Answers) -> Choice:
    if not folders.classes:
        return Choice()
    used = {part for name, part in folders.parts.items() if name in folders.classes}
    parts = [part for part in ("train", "validation", "test") if part in used]
    title = tr("one folder for each class") + (
        tr(", in parts ({parts})", parts=", ".join(parts)) if len(parts) > 1 else ""
    )
    level = ask_for_level(folders, is_answered=answers.class_level is not None)
    is_told = listed.is_own or answers.classes_from == FROM_FOLDERS
    # Covidlab's own sets have a folder for each class, whatever the classes are called.
    doubt = "" if listed.is_own else folders.doubt
    if folders.is_level_open and not listed.is_own:
        # One that says "folders" has not yet said which.
        return Choice(title=tr("folders in folders"), sentences=folders.sentences, questions=level)
    if doubt:
        kinds = sorted(set(folders.classes.values()))
        choice = f"{some_of(kinds)} {(tr('is the class') if len(kinds) == 1 else tr('are the classes'))}"
        asked = ask_whether_classes(
            tr("{doubt} Is that the class?", doubt=doubt)
            if len(kinds) == 1
            else tr("{doubt} Are they the classes?", doubt=doubt),
            origin=FROM_FOLDERS,
            choice=choice,
            listed=listed,
            is_answered=is_told,
        )
        if not is_told:
            return Choice(
                title=tr("folders that may name classes"), sentences=folders.sentences, questions=(*level, *asked)
            )
        level = (*level, *asked)
    origin = () if doubt else ask_for_origin(listed, folders.classes, answers)
    found = Choice(title=title, classes=folders.classes, sentences=folders.sentences, questions=(*level, *origin))
    if not found.is_open:
        return found
    return replace(found, title="folders and a table that may give the class", classes={}, is_against_table=True)


def _from_table(pictures: Sequence[str], listed: Listed, answers: Answers) -> Choice:
    """The classes of a column of the table; none where no table lists any of the pictures with a class."""
    several = _of_several_columns(pictures, listed)
    if several and not answers.class_column:
        return several
    columns = tuple(dict.fromkeys((*listed.labels, *listed.yes_no))) or listed.others
    column = answers.class_column or (listed.labels[0] if len(listed.labels) == 1 else "")
    if not (column or columns):
        return Choice()
    if not column:
        title = tr("a table that may give the class") + (tr(" in several columns") if len(columns) > 1 else "")
        return Choice(title=title, questions=ask_for_column(listed, columns, ""))
    yes_no = column in listed.yes_no and column not in listed.labels
    found = classes_from_table(pictures, listed.rows, column, yes_no=yes_no, contains=answers.contains)
    title = tr(
        "a table ({tables_with}) with the class in the column {column}",
        tables_with=", ".join(listed.tables_with(column)[:2]),
        column=column,
    )
    if not answers.class_column and _are_remarks(found):
        asked = ask_for_column(listed, (column,), "")
        return Choice(title=tr("a table that may give the class"), questions=asked)
    asked = ask_for_column(listed, columns, column) if answers.class_column and len(columns) > 1 else ()
    return Choice(
        title=title,
        classes=found.classes,
        left_out=found.left_out,
        sentences=found.sentences,
        questions=(*asked, *ask_for_labels(found, column, answers)),
    )


def _are_remarks(found: TableClasses) -> bool:
    kinds = len(set(found.classes.values()))
    return kinds > _MOST_CLASSES and len(found.classes) < _FEWEST_EACH * kinds


def _of_several_columns(pictures: Sequence[str], listed: Listed) -> Choice | None:
    """The classes of a table with a column for each, of which just one says yes."""
    classes = listed.one_of_several
    if not classes:
        return None
    unlisted = tuple(name for name in pictures if name not in classes)
    return Choice(
        title=tr(
            "a table ({tables_with}) with a column for each class",
            tables_with=", ".join(listed.tables_with(listed.yes_no[0])[:2]),
        ),
        classes=classes,
        left_out={NOT_LISTED: unlisted} if unlisted else {},
    )


def _from_archive(pictures: Sequence[str], archive_class: str, listed: Listed, answers: Answers) -> Choice:
    """The name of an archive as the class of all it holds; asked first where it may be any name."""
    classes = dict.fromkeys(sorted(pictures), archive_class)
    if is_surely_class(archive_class) or not pictures:
        return Choice(title=ONE_CLASS_AN_ARCHIVE, classes=classes)
    is_told = answers.classes_from == FROM_FOLDERS
    asked = ask_whether_classes(
        tr(
            "No folder names a class. Is {archive_class}, the name of the ZIP file, the class?",
            archive_class=archive_class,
        ),
        origin=FROM_FOLDERS,
        choice=tr("{archive_class} is the class", archive_class=archive_class),
        listed=listed,
        is_answered=is_told,
    )
    return Choice(title=ONE_CLASS_AN_ARCHIVE, classes=classes if is_told else {}, questions=asked)


def _from_names(pictures: Sequence[str], listed: Listed, answers: Answers) -> Choice:
    """What names of files may say of the class: always asked."""
    classes, sentences = one_spelling(classes_from_names(pictures))
    if not classes:
        return Choice()
    counts = Counter(classes.values())
    said = ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items()))
    is_told = answers.classes_from == FROM_NAMES
    example = next(iter(sorted(classes)))
    asked = ask_whether_classes(
        tr("No folder and no table states a class. {example}: do the names of the files state it?", example=example),
        origin=FROM_NAMES,
        choice=said,
        listed=listed,
        is_answered=is_told,
    )
    return Choice(
        title=tr("names of files that may state the class")
        if not is_told
        else tr("the class in the names of the files"),
        classes=classes if is_told else {},
        sentences=tuple(sentences),
        questions=asked,
    )


def _about_places(folders: FolderClasses) -> tuple[str, ...]:
    if not folders.places:
        return ()
    return (
        tr(
            "The names of the folders ({some_of}) are those of places, parts, patients or studies, so no "
            "class is taken from them. Give each class a folder with its name, or add a table that states "
            "the class.",
            some_of=some_of(list(folders.places)),
        ),
    )


def _about_columns(listed: Listed) -> tuple[str, ...]:
    columns = list(dict.fromkeys(column for several in listed.columns.values() for column in several))
    if not columns:
        return ()
    return (
        tr(
            "No column of a table is called as a class is. The columns are {some_of}. Name one with --class-column.",
            some_of=some_of(columns, most=12),
        ),
    )
