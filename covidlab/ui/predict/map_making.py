"""Making a map in steps: the process that predicts reads a few X-rays at a time, and others have their turn in between."""

import math
import time
from dataclasses import dataclass

import numpy as np
import streamlit as st

from covidlab.child import Message
from covidlab.data.catalog import Catalog
from covidlab.data.thumbnails import small_mask
from covidlab.errors import BusyError, CovidLabError
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.prediction.explanation import METHOD_NAMES, Method, num_passes
from covidlab.prediction.map_trial import NUM_RANDOM
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import no_whole_answer, shared_reader
from covidlab.spoken import unpacked
from covidlab.text import about_seconds, class_name
from covidlab.ui.predict.origin import set_file
from covidlab.ui.predict.reading import READING_SECONDS

# Larger than the network's input, so that nothing is lost, and a third of a message's usual size.
MASK_SIDE = 256
# Until something was read in this visit, nobody knows how fast this machine is.
USUAL_TIMES = {Method.OCCLUSION: tr_lazy("10 s to a minute, longer on a busy machine")}

_SECONDS_A_PASS = "predict_seconds_a_pass"

UPPER_LEFT = tr_lazy("The preset original uses only the upper left part of an X-ray.")

# Key of the run's model, method, and class explained (a folder).
MapPlace = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class MadeMap:
    """A map and what is said of it.

    heatmap: (rows, columns) float32 >= 0. passed: whether it passed its trial. verdict: of the trial, what_happened: the
    numbers of it; "" where an empty map had none. hottest, lungs: where its heat lies, "" where that is not known.
    """

    heatmap: np.ndarray
    passed: bool
    what_happened: str
    verdict: str
    hottest: str
    lungs: str

    @classmethod
    def from_message(cls, message: Message) -> "MadeMap":
        """Return what the process that predicts answered; raises TemporaryError where it is not whole."""
        values = message.values
        try:
            heatmap = np.asarray(message.parts["heatmap"], np.float32)
            if heatmap.ndim != 2 or not (np.isfinite(heatmap).all() and (heatmap >= 0).all()):
                raise ValueError(tr("a finite map is expected"))
            what_happened, verdict, *_ = [*map(unpacked, values["trial"]), "", ""]
            return cls(
                heatmap=heatmap,
                passed=bool(values["passed"]),
                what_happened=what_happened,
                verdict=verdict,
                hottest=unpacked(values["hottest"]),
                lungs=unpacked(values["lungs"]),
            )
        except (LookupError, TypeError, ValueError) as error:
            raise no_whole_answer() from error


@dataclass(eq=False)
class UnfinishedMap:
    """A map that was asked for and is not done.

    numbers: log odds read so far, for the map or, once ``heatmap`` is there, for its trial. is_running: whether the page goes on
    with it. failure: why it does not.
    """

    numbers: tuple[float, ...] = ()
    heatmap: np.ndarray | None = None
    is_running: bool = True
    failure: CovidLabError | None = None

    def num_read(self, method: Method) -> int:
        """Return how many times the model has read the X-ray."""
        return len(self.numbers) + (0 if self.heatmap is None else num_passes(method))

    def take(self, answer: Message, method: Method) -> None:
        """Take what one step has added; raises TemporaryError where it added nothing, or no numbers."""
        before = self.num_read(method)
        try:
            numbers = tuple(float(number) for number in answer.values["numbers"])
        except (TypeError, ValueError) as error:
            raise no_whole_answer() from error
        if not all(math.isfinite(number) for number in numbers):
            raise no_whole_answer()
        self.numbers, self.heatmap = numbers, answer.parts.get("heatmap")
        if not before < self.num_read(method) <= num_readings(method):
            raise no_whole_answer()


def no_map(name: str) -> str:
    """Return what stands in place of a map that is 0 everywhere; ``name``: the class explained, as people read it."""
    return tr("Nothing on this X-ray speaks for {name}, so there is no map.", name=name)


def running_map(film: VisitorFilm, model_key: str) -> MapPlace | None:
    """Return the map of a model that is being made, None where none is."""
    places = (place for place, part in film.unfinished.items() if part.is_running and place[0] == model_key)
    return next(places, None)


def begin_map(film: VisitorFilm, place: MapPlace) -> None:
    """Let a map be made, or go on where it ended."""
    part = film.unfinished.setdefault(place, UnfinishedMap())
    part.is_running, part.failure = True, None


def go_on(film: VisitorFilm, run: Run, catalog: Catalog | None, place: MapPlace) -> None:
    """Make one step of a map that is being made: it is then further, done (among ``explanations``), or has a failure."""
    part, method = film.unfinished[place], Method(place[1])
    before, started = part.num_read(method), time.monotonic()
    try:
        is_warm = shared_reader().is_warm(model_file(run))
        answer = _step(film, run, catalog, place, part)
        if "numbers" in answer.values:
            part.take(answer, method)
        else:
            film.explanations[place] = MadeMap.from_message(answer)
            del film.unfinished[place]
    except BusyError:
        # The next step has its turn a little later.
        return
    except CovidLabError as failure:
        part.is_running, part.failure = False, failure
        return
    # Loading VGG16 would count as passes.
    if is_warm:
        num_read = (part.num_read(method) if place in film.unfinished else num_readings(method)) - before
        st.session_state[_SECONDS_A_PASS] = (time.monotonic() - started) / num_read


def num_readings(method: Method) -> int:
    """Return how many times the network reads the X-ray: for the map, then on trial as it is, erased there, and at random."""
    return num_passes(method) + 2 + NUM_RANDOM


def expected_time(method: Method) -> str:
    """Return in a sentence how often the X-ray is read for a map, and how long that takes."""
    number = num_readings(method)
    times = tr("With its trial, the model reads the X-ray {number} times", number=number)
    if (a_pass := st.session_state.get(_SECONDS_A_PASS)) is not None:
        return tr("{times}; that takes {about_seconds}.", times=times, about_seconds=about_seconds(number * a_pass))
    # A reading is a pass and a little more.
    if (reading := st.session_state.get(READING_SECONDS)) is not None:
        return tr(
            "{times}; judged by the last reading, that takes {about_seconds}.",
            times=times,
            about_seconds=about_seconds(number * reading),
        )
    usual = tr("; that takes {usual_times}", usual_times=USUAL_TIMES[method]) if method in USUAL_TIMES else ""
    return f"{times}{usual}."


def progress_of(part: UnfinishedMap, place: MapPlace) -> tuple[float, str]:
    """Return how far a map is, 0 to 1, and the same in words."""
    _, method, folder = place
    num_read, number = part.num_read(Method(method)), num_readings(Method(method))
    text = tr(
        "{method_names}, {class_name}: read {num_read} of {number} times",
        method_names=METHOD_NAMES[Method(method)],
        class_name=class_name(folder),
        num_read=num_read,
        number=number,
    )
    if (a_pass := st.session_state.get(_SECONDS_A_PASS)) is not None:
        text += tr(", {about_seconds} left", about_seconds=about_seconds((number - num_read) * a_pass))
    return num_read / number, text


def _step(film: VisitorFilm, run: Run, catalog: Catalog | None, place: MapPlace, part: UnfinishedMap) -> Message:
    _, method, folder = place
    return shared_reader().ask(
        "explain",
        model_file(run),
        values={"method": method, "class": folder, "numbers": list(part.numbers)},
        parts={**film.inputs, **_further_parts(film, catalog, part)},
    )


def _further_parts(film: VisitorFilm, catalog: Catalog | None, part: UnfinishedMap) -> dict[str, np.ndarray]:
    """The map, once it is made, and then the lungs that its heat is compared with."""
    if part.heatmap is None:
        return {}
    mask = known_mask(film, catalog)
    return {"heatmap": part.heatmap, **({} if mask is None else {"mask": mask})}


def known_mask(film: VisitorFilm, catalog: Catalog | None) -> np.ndarray | None:
    """Return the lungs that the set has for an X-ray of it, uint8 (height, width); None where it has none that can be read."""
    file = set_file(film, catalog)
    # Where it cannot be read the lungs are estimated, and the sentence about them says so.
    return small_mask(catalog, file, side=MASK_SIDE) if file else None
