"""The script of a lesson: its steps in their order, a heading and what is drawn each."""

from collections.abc import Callable
from dataclasses import dataclass

from covidlab.language import tr_lazy
from covidlab.ui.present.lesson import Lesson
from covidlab.ui.present.meaning import draw_end, draw_learned
from covidlab.ui.present.training import draw_curve, draw_splits, draw_training
from covidlab.ui.present.xrays import draw_bet, draw_xrays


@dataclass(frozen=True)
class Step:
    """One thing a screen."""

    heading: str
    draw: Callable[[Lesson], None]


STEPS = (
    Step(tr_lazy("These are the X-rays"), draw_xrays),
    Step(tr_lazy("Can a network learn to tell them apart?"), draw_bet),
    Step(tr_lazy("Watch it learn"), draw_training),
    Step(tr_lazy("How good is it, epoch by epoch?"), draw_curve),
    Step(tr_lazy("One split against fifty"), draw_splits),
    Step(tr_lazy("What has it really learned?"), draw_learned),
    Step(tr_lazy("What it is not for"), draw_end),
)
