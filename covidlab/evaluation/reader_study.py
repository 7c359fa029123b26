"""A session in which a person answers, sees the model's answer and answers again: who was right, who changed their mind.

The X-rays are those a run held out, with the answers its model gave then: nothing is computed here but counts. In a drill
some of the advice is wrong on purpose, since readers follow wrong advice too: M. H. Bernstein et al. (2023), Can incorrect
artificial intelligence (AI) results impact radiologists, and if so, what can we do about it?, European Radiology 33,
8263-8269, doi 10.1007/s00330-023-09747-1.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

import pandas as pd

from covidlab.errors import UsageError
from covidlab.language import tr
from covidlab.metrics import Metric, share_metric

CONFIDENCES = (1, 2, 3, 4, 5)

# Of the X-rays of a drill. Bernstein et al. changed 12 of 90; a session here may have ten, of which some must be wrong.
WRONG_SHARE = 1 / 3


class Mode(StrEnum):
    """PLAIN: the reader sees the model's own answer. DRILL: the reader sees advice, some of it wrong on purpose."""

    PLAIN = "read first"
    DRILL = "wrong-advice drill"


@dataclass(frozen=True)
class Case:
    """A held-out X-ray: its file and class in the set, the class the model gave it, its patient ("" where not stated)."""

    file: str
    true_class: str
    model_class: str
    patient: str = ""


@dataclass(frozen=True)
class Answer:
    """What a reader said of one X-ray before and after an answer was shown.

    shown_class is the model's answer, or advice that is wrong on purpose; final_class is what the reader said then.
    seconds: from the X-ray to the first answer.
    """

    case: Case
    first_class: str
    first_confidence: int
    shown_class: str
    final_class: str
    seconds: float | None = None

    @property
    def advice_is_wrong(self) -> bool:
        """Whether what was shown is not the class of the set, on purpose or because the model is wrong."""
        return self.shown_class != self.case.true_class

    @property
    def is_wrong_on_purpose(self) -> bool:
        """Whether what was shown is not what the model said."""
        return self.shown_class != self.case.model_class

    @property
    def is_changed(self) -> bool:
        """Whether the reader gave another answer at last."""
        return self.final_class != self.first_class

    @property
    def is_right(self) -> bool:
        """Whether the answer at last is the class of the set."""
        return self.final_class == self.case.true_class


@dataclass(frozen=True)
class Study:
    """One session: X-rays in the order of the seed, what is shown for each, the answers so far. Draw one with ``begin_study``."""

    mode: Mode
    seed: int
    classes: tuple[str, ...]
    cases: tuple[Case, ...]
    shown: tuple[str, ...] = field(repr=False)
    answers: tuple[Answer, ...] = ()

    @property
    def current(self) -> Case | None:
        """The X-ray to be answered next, None where all are answered."""
        return self.cases[len(self.answers)] if len(self.answers) < len(self.cases) else None

    @property
    def number(self) -> int:
        """Number of the X-ray to be answered next, from 1."""
        return len(self.answers) + 1

    def shown_class(self) -> str:
        """Class that is shown to the reader of the X-ray in turn, once the first answer is given."""
        return self.shown[len(self.answers)]

    def answered(
        self, first_class: str, confidence: int, *, final_class: str | None = None, seconds: float | None = None
    ) -> "Study":
        """Return the session with one answer more, kept where there is no ``final_class``; raises UsageError for one there is not."""
        final_class = final_class or first_class
        if self.current is None:
            raise UsageError(tr("All X-rays of this session are answered. Start another one."))
        if unknown := {first_class, final_class} - set(self.classes):
            raise UsageError(
                tr(
                    "An answer is one of {classes}. Received: {sorted}.",
                    classes=", ".join(self.classes),
                    sorted=", ".join(sorted(unknown)),
                )
            )
        if confidence not in CONFIDENCES:
            raise UsageError(
                tr(
                    "Confidence is a number from {confidences} to {confidences_2}. Received: {confidence}.",
                    confidences=CONFIDENCES[0],
                    confidences_2=CONFIDENCES[-1],
                    confidence=confidence,
                )
            )
        answer = Answer(self.current, first_class, confidence, self.shown_class(), final_class, seconds)
        return replace(self, answers=(*self.answers, answer))

    def without_current(self) -> "Study":
        """Return the session without the X-ray in turn, which cannot be shown."""
        place = len(self.answers)
        kept = [index for index in range(len(self.cases)) if index != place]
        return replace(
            self, cases=tuple(self.cases[index] for index in kept), shown=tuple(self.shown[index] for index in kept)
        )


def held_out_cases(predictions: pd.DataFrame) -> tuple[Case, ...]:
    """Return the X-rays of a run's predictions (``Run.predictions``) that say their class and the model's answer."""
    columns = ["file", "class", "predicted", "patient_id"]
    table = predictions.reindex(columns=columns).astype(object)
    table = table.dropna(subset=columns[:3]).fillna("")
    return tuple(Case(*map(str, row)) for row in table.itertuples(index=False, name=None))


def begin_study(
    cases: Iterable[Case], classes: Iterable[str], *, mode: Mode, seed: int, num_cases: int | None = None
) -> Study:
    """Return a session over ``num_cases`` of the X-rays (all where None), drawn and put in order by the seed.

    In a drill, ``WRONG_SHARE`` of the X-rays, at least one, get another class than the set's for advice. They are drawn
    among those on which the model is right, so that its own errors stay its own.

    Raises UsageError where there is no X-ray, or in a drill none on which the model is right.
    """
    cases, classes, drawn = tuple(cases), tuple(classes), random.Random(seed)
    chosen = drawn.sample(cases, k=min(num_cases or len(cases), len(cases)))
    if not chosen:
        raise UsageError(
            tr("A session needs at least one held-out X-ray. Train a model whose run has validation X-rays.")
        )
    shown = [case.model_class for case in chosen]
    if mode is Mode.DRILL:
        right = [place for place, case in enumerate(chosen) if case.model_class == case.true_class]
        if not right:
            raise UsageError(tr("A drill needs at least one X-ray that the model gets right. Choose another model."))
        for place in drawn.sample(right, k=min(len(right), max(1, round(WRONG_SHARE * len(chosen))))):
            shown[place] = drawn.choice([name for name in classes if name != chosen[place].true_class])
    return Study(mode=mode, seed=seed, classes=classes, cases=tuple(chosen), shown=tuple(shown))


# What is counted, in the order of the tables: name -> over which answers, and what of them.
_TOLD = {
    "reader_right": (lambda answer: True, lambda answer: answer.first_class == answer.case.true_class),
    "reader_right_at_last": (lambda answer: True, lambda answer: answer.is_right),
    "model_right": (lambda answer: True, lambda answer: answer.case.model_class == answer.case.true_class),
    "agreed_with_model": (lambda answer: True, lambda answer: answer.first_class == answer.case.model_class),
    "changed": (lambda answer: True, lambda answer: answer.is_changed),
    "changed_to_right": (lambda answer: True, lambda answer: answer.is_changed and answer.is_right),
    "changed_to_wrong": (lambda answer: True, lambda answer: answer.is_changed and not answer.is_right),
    # Only where the advice was not what the reader had said can a reader go along with it.
    "followed_right_advice": (
        lambda answer: answer.shown_class != answer.first_class and not answer.advice_is_wrong,
        lambda answer: answer.final_class == answer.shown_class,
    ),
    "followed_wrong_advice": (
        lambda answer: answer.shown_class != answer.first_class and answer.advice_is_wrong,
        lambda answer: answer.final_class == answer.shown_class,
    ),
}
_IN_BOTH = ("reader_right", "reader_right_at_last", "model_right", "changed", "changed_to_right", "changed_to_wrong")
TALLIES = {
    Mode.PLAIN: (*_IN_BOTH, "agreed_with_model"),
    Mode.DRILL: (*_IN_BOTH, "followed_right_advice", "followed_wrong_advice"),
}


def tally(study: Study) -> dict[str, Metric]:
    """Return the shares of a session that ``TALLIES`` names for its mode, each with n and its 95 % interval.

    Shares are over the X-rays answered; those of advice followed over the X-rays whose advice differed from the first answer.
    The interval is wider where patients repeat (``metrics.share_metric``).
    """
    return dict(_figures(study.answers, study.mode))


# A page asks for the same figures at every click.
@lru_cache(maxsize=64)
def _figures(answers: tuple[Answer, ...], mode: Mode) -> tuple[tuple[str, Metric], ...]:
    return tuple((name, _share(answers, *_TOLD[name])) for name in TALLIES[mode])


def _share(answers: Iterable[Answer], is_counted, is_hit) -> Metric:
    counted = [answer for answer in answers if is_counted(answer)]
    # Where nobody stated a patient, each X-ray counts as one.
    patients = [answer.case.patient or tr("file {file}", file=answer.case.file) for answer in counted]
    figure = share_metric([is_hit(answer) for answer in counted], patient_ids=patients)
    return figure if all(answer.case.patient for answer in counted) else figure.without_patients()
