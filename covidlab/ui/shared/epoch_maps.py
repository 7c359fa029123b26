"""How the map of one X-ray changed while a run learned: asked of the process that predicts, drawn by the browser."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.thumbnails import large_film, small_mask
from covidlab.errors import ModelError
from covidlab.imaging.decode import read_bytes
from covidlab.imaging.encode import jpeg
from covidlab.intake.upload import visitor_film
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import probability_text
from covidlab.prediction.explanation import ILLUSTRATIVE, Method
from covidlab.runs.exams import exam_line
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import shared_reader
from covidlab.spoken import unpacked
from covidlab.text import class_name
from covidlab.ui.shared.components.epoch_map import EpochView, epoch_map
from covidlab.ui.shared.films import film_name

_SIDE = 700
_MASK_SIDE = 224
NO_MAPS = tr_lazy(
    "There are no maps of earlier epochs: this run kept no weights after each epoch. Runs in which "
    "only the head learns keep them."
)


@dataclass(frozen=True, eq=False)
class Maps:
    """What the process that predicts has answered; see ``services.reader_tasks``. lungs: a sentence for each epoch, or ""."""

    epochs: tuple[int, ...]
    probabilities: tuple[float, ...]
    lungs: tuple[str, ...]
    heatmaps: np.ndarray

    def place_of(self, epoch: int | None) -> int:
        """Return the place of an epoch, or of the last one before it; that of the last of all for None."""
        known = [place for place, each in enumerate(self.epochs) if epoch is None or each <= epoch]
        return known[-1] if known else 0


def draw_epoch_maps(run: Run, catalog: Catalog, file: str, *, epoch: int | None) -> None:
    """Draw an X-ray of the set as a run saw it after each epoch, from ``epoch`` on; raises CovidLabError where that fails."""
    with st.spinner(tr("Reading the X-ray with the model of each epoch")):
        maps = _maps(run, catalog, f"{run.path}/{run.load_facts().get('model_sha256')}/{catalog.fingerprint}", file)
    if not maps.epochs:
        st.caption(NO_MAPS)
        return
    film = catalog.row(file).to_dict()
    pixels = large_film(catalog, file, side=_SIDE)
    threshold = (run.report() or {}).get("threshold", 0.5)
    name = class_name(catalog.positive_class)
    view = EpochView(
        picture=jpeg(pixels, quality=88),
        size=(pixels.shape[1], pixels.shape[0]),
        alt=tr("{film_name}, with lines around what spoke for {name}", film_name=film_name(film), name=name),
        epochs=maps.epochs,
        probabilities=maps.probabilities,
        heatmaps=maps.heatmaps,
        captions=captions(maps, name=name),
        threshold=threshold,
        path=describe_path(maps, name=name, threshold=threshold),
    )
    place = maps.place_of(epoch)
    epoch_map(view, key=f"epoch_map_{run.id}", subject=f"{run.id}/{file}/{place}", start=place)
    st.caption(
        tr(
            "The lines enclose what spoke for {name} (Grad-CAM), at a quarter, half and three quarters of "
            "the strongest of all epochs. The line above the X-ray is the probability of {name}. "
            "{illustrative} {exam_line}",
            name=name,
            illustrative=ILLUSTRATIVE,
            exam_line=exam_line(run.load_config(), Method.GRAD_CAM),
        )
    )


def captions(maps: Maps, *, name: str) -> list[str]:
    """Return what is said of the X-ray after each epoch, plain text."""
    return [
        tr(
            "{value}: probability of {name} {probability_text}. ",
            value=tr("Before learning") if epoch == 0 else tr("After epoch {epoch}", epoch=epoch),
            name=name,
            probability_text=probability_text(probability),
        )
        + str(lungs or tr("Nothing speaks for {name}.", name=name))
        for epoch, probability, lungs in zip(maps.epochs, maps.probabilities, maps.lungs, strict=True)
    ]


def describe_path(maps: Maps, *, name: str, threshold: float) -> str:
    """Return how the probability went, as one sentence."""
    sides = [probability >= threshold for probability in maps.probabilities]
    changes = sum(before != after for before, after in pairwise(sides))
    flips = {0: tr("stayed on one side of"), 1: tr("crossed once")}.get(
        changes, tr("crossed {changes} times", changes=changes)
    )
    first, last = probability_text(maps.probabilities[0]), probability_text(maps.probabilities[-1])
    return tr(
        "The probability of {name} went from {first} to {last} and {flips} the operating point of {threshold:.2f}.",
        name=name,
        first=first,
        last=last,
        flips=flips,
        threshold=threshold,
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _maps(_run: Run, _catalog: Catalog, key: str, file: str) -> Maps:
    answer = shared_reader().ask("epoch_maps", model_file(_run), **_question(_catalog, file))
    values = answer.values
    heatmaps = np.asarray(answer.parts.get("heatmaps", np.zeros((0, 1, 1), np.float32)))
    if len(heatmaps) != len(values["epochs"]):
        raise ModelError(tr("The maps of this run cannot be read. Train it again."))
    return Maps(
        tuple(values["epochs"]),
        tuple(values.get("probabilities", ())),
        tuple(map(unpacked, values.get("lungs", ()))),
        heatmaps,
    )


def _question(catalog: Catalog, file: str) -> dict[str, Any]:
    film = visitor_film(read_bytes(catalog.film_path(file)), name=file, file=file)
    if film.refusal:
        raise ModelError(film.refusal)
    mask = small_mask(catalog, file, side=_MASK_SIDE)
    parts = film.inputs if mask is None else {**film.inputs, "mask": mask}
    return {"values": {"class": catalog.positive_class}, "parts": parts}
