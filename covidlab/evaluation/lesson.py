"""A measured lesson: five questions of judgement, asked before and after, and the gain of a class with its interval.

The answers are checked against figures that covidlab has measured on the fifty X-rays or computes here. No names are kept.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from covidlab.errors import UsageError
from covidlab.intervals import CONFIDENCE, wilson_interval
from covidlab.language import tr, tr_lazy
from covidlab.student_t import two_sided_quantile

# From fewer people no interval of a mean is given.
FEWEST_PEOPLE = 3


@dataclass(frozen=True)
class Question:
    """One question with its choices, the place of the right one, and why it is right. ``key`` stands in the files, ``title`` in tables."""

    key: str
    title: str
    text: str
    choices: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True)
class Sheet:
    """The answers of one person before and after: places of choices, None where a question was left out.

    ``code``: drawn at random for the sheet, so that the same sheet counts once.
    """

    code: str
    before: tuple[int | None, ...]
    after: tuple[int | None, ...]

    @property
    def gain(self) -> int:
        """How many more are right after than before."""
        return num_right(self.after) - num_right(self.before)


@dataclass(frozen=True)
class Gain:
    """Mean gain of a class in questions, with its 95 % interval (nan where there is none), and means before and after."""

    value: float
    low: float
    high: float
    n: int
    before: float
    after: float


def _range(num_right: int, num_total: int) -> str:
    low, high = wilson_interval(num_right, num_total)
    return tr("{low:.2f} to {high:.2f}", low=low, high=high)


QUESTIONS = (
    Question(
        "nine of ten",
        tr_lazy("Nine of ten"),
        tr_lazy(
            "A model gets 9 of 10 validation X-rays right. What does that say of its accuracy on many such X-rays?"
        ),
        (
            tr_lazy("It is 0.90."),
            tr_lazy("It is 0.90 or better."),
            tr_lazy("It lies somewhere from {range}.", range=_range(9, 10)),
            tr_lazy("Nothing, since 10 X-rays say nothing."),
        ),
        2,
        tr_lazy(
            "The 95 % interval of 9 of 10 is {range}. It is wide; 0.50, which guessing between two equal "
            "classes gives, lies outside.",
            range=_range(9, 10),
        ),
    ),
    Question(
        "all of ten",
        tr_lazy("All of ten"),
        tr_lazy("A run shows a validation accuracy of 1.00 on ten X-rays. What follows?"),
        (
            tr_lazy("The model makes no errors."),
            tr_lazy("These ten were right. An accuracy of 0.75 on many X-rays fits that as well."),
            tr_lazy("The model has learned to see the disease."),
            tr_lazy("The run is broken, since 1.00 is impossible."),
        ),
        1,
        tr_lazy(
            "The 95 % interval of 10 of 10 is {range}, and that is for one split alone. On the fifty, a run "
            "at learning rate 0.00001 shows 1.00 on the ten X-rays of its split (n = 10) and 0.55 over fifty "
            "splits (n = 50).",
            range=_range(10, 10),
        ),
    ),
    Question(
        "two runs",
        tr_lazy("Two runs"),
        tr_lazy(
            "Run A has a cross-validated accuracy of 0.92 (95 % interval 0.81 to 0.97), run B of 0.86 (0.74 "
            "to 0.93), both on the same 50 X-rays of 37 patients. Which of the two is better?"
        ),
        (
            tr_lazy("A, since 0.92 is more than 0.86."),
            tr_lazy("B, since its interval is wider."),
            tr_lazy("A, since cross-validation shows it."),
            tr_lazy("These figures do not tell. Each lies within the interval of the other."),
        ),
        3,
        tr_lazy(
            "0.92 lies within 0.74 to 0.93, and 0.86 within 0.81 to 0.97. For an interval of 5 points to "
            "each side at 0.90, about 141 independent patients of each class are needed."
        ),
    ),
    Question(
        "what it learned",
        tr_lazy("What it learned"),
        tr_lazy(
            "In a set all COVID-19 X-rays are of adults from one source, and all others of children from "
            "another source. A model tells them apart with an accuracy of 0.95. What does this figure show "
            "that it has learned?"
        ),
        (
            tr_lazy("To tell signs of COVID-19 from other lungs."),
            tr_lazy("It does not tell: age or source alone could give the same figure."),
            tr_lazy("Signs of COVID-19 and age, in equal parts."),
            tr_lazy("Nothing, since 0.95 is not 1.00."),
        ),
        1,
        tr_lazy(
            "Where class, age and source go together, no figure on this set tells them apart. A model of "
            "this kind, trained on the fifty, said of 94 to 99 % of X-rays of adults without finding, from "
            "other hospitals, that they resemble the COVID-19 X-rays."
        ),
    ),
    Question(
        "rate times 100",
        tr_lazy("Rate times 100"),
        tr_lazy(
            "You raise the learning rate from 0.001 to 0.1 and change nothing else. What do you most likely "
            "see in the first epochs?"
        ),
        (
            tr_lazy("The training loss jumps far above that of the other run."),
            tr_lazy("The same curve, a hundred times as fast."),
            tr_lazy("The training loss hardly moves."),
            tr_lazy("The same curve, since the number of epochs is the same."),
        ),
        0,
        tr_lazy(
            "The corrections are too large and overshoot. On the fifty, with preset default, the training "
            "loss of epoch 1 is 1.9 at 0.001 and 108 at 0.1."
        ),
    ),
)


def num_right(answers: Sequence[int | None]) -> int:
    """Return how many answers are right; a question that was left out is not."""
    return sum(answer == question.right for answer, question in zip(answers, QUESTIONS, strict=True))


def class_gain(sheets: Iterable[Sheet]) -> Gain:
    """Return the mean gain over people with Student's interval of paired differences; the same sheet counts once.

    Raises UsageError where there is no sheet. There is no interval for fewer than ``FEWEST_PEOPLE``, or where all have the same gain.
    """
    people = list({sheet.code: sheet for sheet in sheets}.values())
    if not people:
        raise UsageError(tr("A gain needs the answers of at least one person. Add a file of answers."))
    gains = [sheet.gain for sheet in people]
    mean = fmean(gains)
    low = high = math.nan
    if len(gains) >= FEWEST_PEOPLE and len(set(gains)) > 1:
        reach = two_sided_quantile(1 - CONFIDENCE, len(gains) - 1) * stdev(gains) / math.sqrt(len(gains))
        most = len(QUESTIONS)
        low, high = max(-most, mean - reach), min(most, mean + reach)
    before, after = (
        fmean(num_right(sheet.before) for sheet in people),
        fmean(num_right(sheet.after) for sheet in people),
    )
    return Gain(mean, low, high, len(gains), before, after)
