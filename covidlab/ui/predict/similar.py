"""The X-rays of the set that are nearest to the one that was read, beside it."""

from collections.abc import Sequence
from typing import Protocol

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.thumbnails import thumbnail
from covidlab.data.words import value_text
from covidlab.errors import CovidLabError, DataError
from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import class_name, markdown_escaped, sentence_escaped
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer
from covidlab.ui.shared.films import Film, film_name, is_synthetic_film

MOST_SHOWN = 3
# As large as the X-ray of a visitor is kept.
PICTURE_SIDE = 768

_RANKS = (tr_lazy("Nearest X-ray"), tr_lazy("Second nearest X-ray"), tr_lazy("Third nearest X-ray"))
_MEAN = tr_lazy("The distance in the receipt is the mean of these three.")
_WHAT_IT_MEANS = tr_lazy(
    "A distance is between what VGG16 computes of the two X-rays; it is 0 where that is the same. "
    "X-rays can be near because of the machine, the view or a marker, so near X-rays need not show "
    "the same disease."
)


class Neighbour(Protocol):
    """An X-ray of the set that is near.

    file: its name in the set. distance: from the X-ray that was read.
    """

    @property
    def file(self) -> str: ...

    @property
    def distance(self) -> float: ...


def draw_similar(film_picture: bytes, neighbours: Sequence[Neighbour], catalog: Catalog | None, *, key: str) -> None:
    """Draw an X-ray beside the nearest of the set, at most ``MOST_SHOWN``, with one zoom for all.

    Parameters
    ----------
    film_picture : the X-ray that was read, JPEG
    neighbours : the nearest first
    catalog : the set the neighbours are of, None where it is not the one in use
    """
    panes, absent = [Pane(film_picture, tr("This X-ray"), alt=tr("The X-ray that was read"))], []
    for rank, neighbour in zip(_RANKS, neighbours[:MOST_SHOWN], strict=False):
        try:
            panes.append(_pane(rank, neighbour, catalog))
        except CovidLabError as error:
            absent.append(_absence(rank, neighbour, catalog, error))
    Viewer(key=key).draw(panes)
    for sentence in absent:
        st.markdown(sentence)
    # The set is too small for a distance where there are fewer.
    mean = f"{_MEAN} " if len(neighbours) >= MOST_SHOWN else ""
    st.caption(f"{mean}{_WHAT_IT_MEANS}")


def caption(film: Film, neighbour: Neighbour) -> str:
    """What is known of an X-ray of the set, plain text, a line for each fact."""
    facts = {
        tr("Class"): class_name(str(film["class"])),
        tr("Age group"): value_text(str(film["age_group"])),
        tr("View"): value_text(str(film["view_position"])),
        tr("Source"): film.get("source", ""),
        tr("Distance"): number_text(neighbour.distance, ".2f"),
    }
    lines = [f"{name}: {str(fact).strip() or NOT_STATED}" for name, fact in facts.items()]
    if is_synthetic_film(film):
        lines.append(tr("Computed by covidlab"))
    return "\n".join(lines)


def _pane(rank: str, neighbour: Neighbour, catalog: Catalog | None) -> Pane:
    if catalog is None:
        raise DataError(tr("The data set of the model is not the one in use."))
    film = catalog.row(neighbour.file).to_dict()
    picture = thumbnail(catalog, neighbour.file, side=PICTURE_SIDE)
    return Pane(picture, tr(rank), caption(film, neighbour), alt=f"{rank}. {film_name(film)}")


def _absence(rank: str, neighbour: Neighbour, catalog: Catalog | None, error: CovidLabError) -> str:
    """Why an X-ray of the set is not shown, in Markdown."""
    name = tr(
        "{rank}: {file}, distance {distance:.2f}.",
        rank=rank,
        file=markdown_escaped(neighbour.file),
        distance=neighbour.distance,
    )
    if catalog is None or neighbour.file not in catalog:
        return tr("{name} It is not in the data set in use.", name=name)
    if not catalog.film_path(neighbour.file).exists():
        return tr("{name} It is no longer on this machine.", name=name)
    return f"{name} {sentence_escaped(error)}"
