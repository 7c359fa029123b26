"""X-rays of a set with something changed, and what a model says of them, for the routes; answers are kept by all they depend on.

The server changes pixels (a few milliseconds); the process that predicts reads them. No Streamlit.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from covidlab.config import IMAGE_SIDE
from covidlab.data.catalog import Catalog
from covidlab.errors import DataError, UsageError
from covidlab.evaluation.alterations import ALTERATIONS, SCALES, Alteration, Subject
from covidlab.evaluation.asked_alterations import asked_alteration
from covidlab.evaluation.subjects import film_lungs
from covidlab.imaging.decode import decode, read_bytes
from covidlab.imaging.encode import jpeg
from covidlab.imaging.prepare import model_input
from covidlab.language import tr
from covidlab.prediction.loading import ModelFile
from covidlab.services.reader import Reader, no_whole_answer, shared_reader

# What one request may ask for: all named changes, and the curve of one scale.
MOST_CHANGES = 16
FILMS_KEPT = 16
ANSWERS_KEPT = 5_000
PICTURE_QUALITY = 92


@dataclass(frozen=True, eq=False)
class ReadyFilm:
    """An X-ray as networks take it.

    key: changes with its file and its lungs. inputs: by interpolation, (side, side, 3) uint8. subject: what changes may know of it.
    """

    key: str
    inputs: dict[str, np.ndarray]
    subject: Subject


class Kept:
    """The values last used, by what they depend on; may be shared by threads."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """Return a value, None where it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value, and drop those that were not used for longest where there are too many."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def get_or_make(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return a value, made where it is not kept."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value


_films, _answers = Kept(FILMS_KEPT), Kept(ANSWERS_KEPT)


def alteration_stamp(model: ModelFile) -> str:
    """Return a short text that changes with the model and with what the changes do to pixels, so that browsers may keep answers."""
    scales = [scale.at(scale.neutral).key for scale in SCALES.values()]
    parts = [model.sha256, *(each.key for each in ALTERATIONS.values()), *scales]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def altered_probabilities(
    catalog: Catalog,
    index: int,
    model: ModelFile,
    changes: Sequence[str],
    *,
    quick: bool = False,
    reader: Reader | None = None,
) -> list[float]:
    """Return the probability of the positive class for one X-ray of a set with each of the changes.

    Parameters
    ----------
    index : row of the X-ray in the catalog
    changes : as ``evaluation.asked_alterations`` reads them
    quick : whether the precision of a training will do, in which a pass may take a third of the time

    Raises
    ------
    DataError
        There is no such X-ray, or its file cannot be read or has changed.
    UsageError
        A change is unknown, there are too many, or the lungs that it needs are not known.
    ModelError, TemporaryError
        As ``Reader.ask``.
    """
    if not 0 < len(changes) <= MOST_CHANGES:
        raise UsageError(
            tr(
                "One to {most_changes} changes can be asked for at once. Received: {num_changes}.",
                most_changes=MOST_CHANGES,
                num_changes=len(changes),
            )
        )
    asked = {change: asked_alteration(change) for change in changes}
    film = ready_film(catalog, index)
    for alteration in asked.values():
        _require_possible(film, alteration)
    found = {change: _kept_answer(film, model, alteration, quick=quick) for change, alteration in asked.items()}
    missing = [change for change, probability in found.items() if probability is None]
    if missing:
        for change, probability in zip(missing, _ask(film, model, missing, quick, reader), strict=True):
            _answers.put(_key(film, model, asked[change], quick), probability)
            found[change] = probability
    return [found[change] for change in changes]


def altered_picture(catalog: Catalog, index: int, change: str) -> bytes:
    """Return an X-ray of a set with a change, JPEG of the side that networks take; raises DataError and UsageError as above."""
    alteration, film = asked_alteration(change), ready_film(catalog, index)
    _require_possible(film, alteration)
    return jpeg(alteration(film.inputs["area"], film.subject), quality=PICTURE_QUALITY)


def ready_film(catalog: Catalog, index: int) -> ReadyFilm:
    """Return an X-ray of a set, prepared; raises DataError where there is none or its file cannot be read."""
    if not 0 <= index < catalog.num_films:
        raise DataError(tr("There is no X-ray of this number. Received: {index}.", index=index))
    row = catalog.films.iloc[index]
    mask = catalog.mask_path(row["file"])
    return _films.get_or_make((row["sha256"], str(mask)), lambda: _made_ready(catalog, row["file"], row["sha256"]))


def _made_ready(catalog: Catalog, file: str, sha256: str) -> ReadyFilm:
    data = read_bytes(catalog.film_path(file))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(tr("This X-ray has changed since it was measured. Reload the page."))
    pixels = decode(data, name=tr("This X-ray")).pixels
    inputs = {resize: model_input(pixels, resize=resize, side=IMAGE_SIDE) for resize in ("area", "linear")}
    lungs, _ = film_lungs(catalog, file, inputs["area"])
    key = f"{sha256} {'' if lungs is None else hashlib.sha256(lungs.tobytes()).hexdigest()}"
    return ReadyFilm(key, inputs, Subject(lungs=lungs, aspect=pixels.shape[1] / pixels.shape[0]))


def _require_possible(film: ReadyFilm, alteration: Alteration) -> None:
    if alteration.needs_lungs and film.subject.lungs is None:
        raise UsageError(tr("The lungs of this X-ray are not known and could not be estimated. Choose another X-ray."))


def _kept_answer(film: ReadyFilm, model: ModelFile, alteration: Alteration, *, quick: bool) -> float | None:
    exact = _answers.get(_key(film, model, alteration, False))
    return _answers.get(_key(film, model, alteration, True)) if exact is None and quick else exact


def _key(film: ReadyFilm, model: ModelFile, alteration: Alteration, quick: bool) -> tuple:
    return film.key, model.sha256, alteration.name, alteration.version, quick


def _ask(film: ReadyFilm, model: ModelFile, changes: Sequence[str], quick: bool, reader: Reader | None) -> list[float]:
    lungs = film.subject.lungs
    parts = film.inputs if lungs is None else {**film.inputs, "lungs": lungs.astype(np.uint8)}
    values = {"changes": list(changes), "aspect": film.subject.aspect, "quick": quick}
    answer = (reader or shared_reader()).ask("alter", model, values=values, parts=parts)
    try:
        found = [float(each) for each in answer.values["probabilities"]]
    except (LookupError, TypeError, ValueError) as error:
        raise no_whole_answer() from error
    if len(found) != len(changes):
        raise no_whole_answer()
    return found
