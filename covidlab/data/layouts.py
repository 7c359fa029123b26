"""What a folder or an archive of X-rays was understood to be: its classes, parts and patients, what is left out, what to ask."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from covidlab.language import tr, tr_lazy

FROM_FOLDERS, FROM_TABLE, FROM_NAMES = "folders", "table", "names"

# Why files are left out.
HIDDEN = tr_lazy("hidden files and files of the operating system")
MASKS = "masks"
MADE = tr_lazy("pictures that a program made (heat maps, plots, results)")
NO_PICTURES = tr_lazy("no pictures")
NO_CLASS_FOLDER = tr_lazy("in no folder that names a class")
UNANSWERED = tr_lazy("the class is asked for")

ONE_CLASS_AN_ARCHIVE = tr_lazy("one class a ZIP file, named after it")


class Ask(StrEnum):
    """What a person may be asked of a set; each has an option of the command line and a field of ``Answers``."""

    CLASSES_FROM = "classes_from"
    CLASS_LEVEL = "class_level"
    CLASS_COLUMN = "class_column"
    CONTAINS = "contains"
    PATIENT_COLUMN = "patient_column"
    PATIENTS_FROM_NAMES = "patients_from_names"
    KEEP_SPLIT = "keep_split"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person has decided; None, "" and () leave it to what is unambiguous.

    classes_from: "folders", "table" or "names" (of files). class_level: which folder names the class, 1 for the outermost that differs, 2 for
    the one below. class_column, patient_column: columns of the table. contains: labels that are classes where a cell holds
    several. patients_from_names: the offered pattern of file names is the patient. keep_split: the folders' split is used.
    """

    classes_from: str | None = None
    class_level: int | None = None
    class_column: str | None = None
    patient_column: str | None = None
    contains: tuple[str, ...] = ()
    patients_from_names: bool = False
    keep_split: bool = False


NO_ANSWERS = Answers()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer to a question: ``value`` for ``Answers``, ``text`` for people."""

    value: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is ambiguous, or offered.

    about: the field of ``Answers``. text: one sentence. option: what the command line takes. choices: possible answers.
    answer: the one that holds now, "" where none does. is_needed: nothing can be taken before it is answered.
    several: more than one choice may be taken.
    """

    about: Ask
    text: str
    option: str
    choices: tuple[Choice, ...]
    answer: str = ""
    is_needed: bool = False
    several: bool = False

    def sentence(self) -> str:
        """Return the question with its choices and the option that answers it."""
        choices = "; ".join(choice.text for choice in self.choices[:12])
        more = tr("; and {num_choices} more", num_choices=len(self.choices) - 12) if len(self.choices) > 12 else ""
        return tr(
            "{text} {choices}{more}. Answer with {option}.",
            text=self.text,
            choices=choices,
            more=more,
            option=self.option,
        )


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Files that are not taken, for one reason; ``reason`` is a short phrase, ``why`` tells each file's own where they differ."""

    reason: str
    files: tuple[str, ...]
    why: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self, *, num_examples: int = 5) -> dict:
        """Return {"reason", "number", "examples"}."""
        return {"reason": self.reason, "number": len(self.files), "examples": list(self.files[:num_examples])}


def without_files(left_out: Sequence[LeftOut], used: Collection[str]) -> tuple[LeftOut, ...]:
    """What is left out, without files that are used after all, such as masks that a table gives to their X-rays."""
    kept = (replace(left, files=tuple(file for file in left.files if file not in used)) for left in left_out)
    return tuple(left for left in kept if left.files)


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A folder that holds pictures. role: what it was taken for, e.g. "class COVID", "masks, left out"; number: of pictures."""

    folder: str
    number: int
    role: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What was understood.

    title: a phrase, e.g. "one folder for each class". pictures: every file that may be an X-ray, sorted. classes: picture ->
    class; those without one are in ``left_out``. parts: picture -> "train", "validation" or "test" where folders or a table
    give a split. keeps_split: covidlab has written that split, since a person wanted it kept.
    patients: picture -> patient, "" where it is not stated. rows: picture -> its row of the tables. tables: their names.
    absent: what the set's own metadata.csv lists and is not there. problems: sentences.
    """

    title: str
    pictures: tuple[str, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    keeps_split: bool = False
    patients: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    def with_problems(self, sentences: Sequence[str]) -> "Layout":
        """Return the layout with sentences before its own problems."""
        return replace(self, problems=(*sentences, *self.problems))

    @property
    def class_counts(self) -> dict[str, int]:
        """Number of pictures of each class, by name."""
        return dict(sorted(Counter(self.classes.values()).items()))

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Questions without whose answer nothing can be taken."""
        return tuple(question for question in self.questions if question.is_needed and not question.answer)
