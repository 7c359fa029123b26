"""What would be taken of what a person brings, in numbers and sentences, for the command line."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from covidlab.data.catalog_checks import check_unreadable, unreadable_left_out
from covidlab.data.conflicts import describe_conflicts
from covidlab.data.layouts import MADE, MASKS, NO_ANSWERS, Answers, Layout, LeftOut
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.errors import DataError, UsageError
from covidlab.intake.adding import class_folder
from covidlab.intake.planning import conflicts_of, describe_shared_folders
from covidlab.intake.screening import BURNED_IN_TEXT, Review
from covidlab.language import tr, tr_lazy
from covidlab.text import one_line, pluralize, some_of

ALREADY_THERE = tr_lazy("in the data set already")

_LONGEST_LINE = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Inspection:
    """What was understood of X-rays (layout), given a person's answers, and found in them (review)."""

    layout: Layout
    review: Review
    answers: Answers = NO_ANSWERS

    @cached_property
    def classes(self) -> dict[str, str]:
        """Name -> class of the X-rays that can be read, have a class and are not in the data set already."""
        return {
            film.name: self.layout.classes[film.name]
            for film in self.review.films
            if film.name in self.layout.classes and film.name not in self._there
        }

    @property
    def patients(self) -> dict[str, str]:
        """Name -> patient of the X-rays in ``classes``, "" where it is not known."""
        stated = self.layout.patients
        return {film.name: film.patient_as(stated) for film in self.review.films if film.name in self.classes}

    @property
    def num_patients(self) -> int | None:
        """Number of patients, None where that of some X-ray is not known."""
        patients = list(self.patients.values())
        return len(set(patients)) if patients and all(patients) else None

    @property
    def can_be_taken(self) -> bool:
        """Whether there are X-rays to take, at once or once a question is answered."""
        return not self._refusal and bool(self.classes or self.layout.open_questions)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Files that are not taken, by reason."""
        there = tuple(sorted(self._there))
        already = (LeftOut(reason=ALREADY_THERE, files=there),) if there else ()
        unreadable = unreadable_left_out(dict(self.review.unreadable))
        return (*unreadable, *self.review.apart, *already, *self.layout.left_out)

    @property
    def problems(self) -> list[str]:
        """What is odd, a sentence each."""
        conflicts = describe_conflicts(conflicts_of(self.review, self.classes))
        twice = [pair.name for pair in self.review.exact if not pair.is_there]
        said = [self._refusal, *self.layout.problems, conflicts]
        if twice and not conflicts:
            said.append(
                tr(
                    "{x_rays} came twice, with the same content: {some_of}.",
                    x_rays=pluralize(len(twice), "X-ray"),
                    some_of=some_of(twice),
                )
            )
        if text := [film.name for film in self.review.films if BURNED_IN_TEXT in film.notes]:
            said.append(f"{pluralize(len(text), 'X-ray')}: {BURNED_IN_TEXT} {some_of(text)}.")
        if not self.layout.pictures:
            said.append(_about_no_pictures(self.layout.left_out))
        elif self.review.apart and not self.review.films:
            said.append(tr("There is no frontal X-ray of a chest here, as the tags of the files say."))
        elif self._there and not self.classes:
            said.append(tr("All X-rays with a class are in the data set already."))
        elif not self.can_be_taken and not self._refusal:
            said.append(
                tr("No X-ray has a class: neither a folder, nor a table, nor the name of an archive states one.")
            )
        return [sentence for sentence in said if sentence]

    def to_dict(self) -> dict:
        """Return layout, classes, num_patients, left_out, problems and questions as plain values."""
        return {
            "layout": self.layout.title,
            "classes": dict(sorted(Counter(self.classes.values()).items())),
            "num_patients": self.num_patients,
            "left_out": [
                # Of what cannot be read, every one is named.
                left.to_dict(num_examples=len(left.files) if left.why else 5)
                for left in self.left_out
            ],
            "problems": self.problems,
            "questions": [question.sentence() for question in self.layout.questions],
        }

    def lines(self) -> Iterator[str]:
        """The same for a terminal; names of files cannot move what it shows."""
        values = self.to_dict()
        yield tr("Understood as: {shown}.", shown=_shown(values["layout"]))
        for name, number in values["classes"].items():
            yield f"  {_shown(name)}: {pluralize(number, 'X-ray')}"
        yield _about_patients(self.num_patients)
        for left in self.left_out:
            yield _shown(
                tr(
                    "Left out, {reason}: {num_files:,} ({some_of}).",
                    reason=left.reason,
                    num_files=len(left.files),
                    some_of=some_of(list(left.files)),
                )
            )
            yield from (f"  {_shown(left.why[name])}" for name in left.files if name in left.why)
        yield from (_shown(tr("Note: {sentence}", sentence=sentence)) for sentence in values["problems"])
        yield from (_shown(tr("Question: {sentence}", sentence=sentence)) for sentence in values["questions"])

    def folders(self) -> Mapping[str, str]:
        """Name -> folder of the class, of all X-rays to add.

        Raises UsageError where a question must be answered first, DataError where nothing can be taken or too many files
        cannot be read.
        """
        if self._refusal:
            raise DataError(self._refusal)
        if self.layout.open_questions:
            raise UsageError(" ".join(question.sentence() for question in self.layout.open_questions))
        if not self.classes:
            raise DataError(" ".join(self.problems) or tr("There are no X-rays to add."))
        if shared := describe_shared_folders(self.classes.values()):
            raise DataError(shared)
        return {name: class_folder(kind) for name, kind in self.classes.items()}

    @cached_property
    def _there(self) -> set[str]:
        """Names of X-rays with a class whose content is in the data set already."""
        return {pair.name for pair in self.review.exact if pair.is_there and pair.name in self.layout.classes}

    @cached_property
    def _refusal(self) -> str:
        """Why nothing is taken where too many files cannot be read, else ""."""
        refused = dict(self.review.unreadable)
        try:
            check_unreadable(refused, num_pictures=len(self.review.films) + len(refused))
        except DataError as error:
            return str(error)
        return ""


def _about_patients(number: int | None) -> str:
    return (
        PATIENTS_NOT_KNOWN
        if number is None
        else tr("{patients}, known for all X-rays.", patients=pluralize(number, "patient"))
    )


def _shown(text: str) -> str:
    return one_line(text, max_length=_LONGEST_LINE)


def _about_no_pictures(left_out: Sequence[LeftOut]) -> str:
    apart = sum(len(left.files) for left in left_out if left.reason in (MASKS, MADE))
    if not apart:
        return tr("There are no X-rays here.")
    return tr(
        "There are no X-rays here but {pictures} that the names of the folders call masks or results. "
        "Rename a folder that holds X-rays.",
        pictures=pluralize(apart, "picture"),
    )
