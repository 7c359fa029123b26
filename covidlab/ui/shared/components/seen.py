"""One X-ray as several models see it, with bars that follow their training; drawn by the browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from covidlab.imaging.encode import data_address
from covidlab.language import tr_lazy
from covidlab.prediction.answer import probability_text
from covidlab.ui.shared.components import page_component

_draw_seen = page_component("seen", with_scripts=("epoch_scrubber",))

_OF_ALL = tr_lazy("all X-rays, right")


@dataclass(frozen=True, kw_only=True, eq=False)
class SeenTile:
    """What one model sees, and what it says.

    picture: JPEG, None where a word stands for it. alt: what stands for the picture; "" where the word says why there is none.
    shares: probability of the class of the X-ray at each epoch from 0, one value where nothing learns, none where it is not known.
    accuracy: value, low and high of all X-rays at each epoch, as ``shares``.
    """

    title: str
    picture: bytes | None
    alt: str = ""
    word: str = ""
    shares: Sequence[float] = ()
    accuracy: Sequence[Sequence[float]] = ()


def seen(tiles: Sequence[SeenTile], *, side: str, epochs: int, key: str, subject: str) -> None:
    """Draw the tiles side by side; ``side`` names the class of the X-ray, ``subject`` the content."""
    _draw_seen(key=key, data={**seen_data(tiles, side=side, epochs=epochs), "subject": subject})


def seen_data(tiles: Sequence[SeenTile], *, side: str, epochs: int) -> dict:
    """Return what the browser is given."""
    return {
        "tiles": [
            {
                "title": tile.title[:1].upper() + tile.title[1:],
                "picture": data_address(tile.picture) if tile.picture else "",
                "alt": tile.alt,
                "word": tile.word,
                "side": side,
                "ofAll": _OF_ALL,
                "shares": [round(float(share), 3) for share in tile.shares],
                "texts": [probability_text(share) for share in tile.shares],
                "accuracy": [list(each) for each in tile.accuracy],
            }
            for tile in tiles
        ],
        "epochs": epochs,
    }
