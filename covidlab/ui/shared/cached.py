"""Cached readers: pages ask here for the data set, the runs and the device, and see every change on the disk."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.catalog_checks import default_positive_class
from covidlab.data.thumbnails import THUMBNAIL_SIDE, kept_thumbnail, large_film, thumbnail
from covidlab.errors import CovidLabError
from covidlab.imaging.encode import data_address
from covidlab.language import tr, tr_lazy
from covidlab.runs.engines import chosen_engine
from covidlab.text import device_text
from covidlab.ui.shared.catalogs import Understood, known_folder, read_catalog
from covidlab.ui.shared.datasets import current_folder
from covidlab.ui.shared.navigation import POSITIVE_CLASS

# As long as a browser takes to draw a page of X-rays: on one machine the two would share its cores.
_DRAWING_SECONDS = 0.3

UNKNOWN_DEVICE = tr_lazy("CPU or GPU: known once the trainer has started")


def current_catalog() -> tuple[Catalog | None, str]:
    """The data set in use, or None and one plain sentence that says why there is none."""
    try:
        return read_catalog(current_folder(), positive_class=st.session_state.get(POSITIVE_CLASS)), ""
    except CovidLabError as error:
        return None, str(error)


def current_understanding() -> Understood | None:
    """What the folder in use was understood to be; None where there is no folder or it cannot be read."""
    with suppress(CovidLabError):
        return known_folder(current_folder())
    return None


def classes_to_choose_from() -> list[str]:
    """Classes among which a person must name the positive one; empty where one names COVID-19 or there are not two."""
    understood = current_understanding()
    names = understood.classes if understood else ()
    return list(names) if len(names) > 1 and not default_positive_class(names) else []


def current_thumbnails(
    catalog: Catalog, files: Iterable[str], *, side: int = THUMBNAIL_SIDE
) -> Iterator[bytes | CovidLabError]:
    """The small pictures of several films, in order and as they are ready; an error in place of what cannot be read."""

    def picture_or_error(file: str) -> bytes | CovidLabError:
        try:
            return thumbnail(catalog, file, side=side)
        except CovidLabError as error:
            return error

    pool = ThreadPoolExecutor(max_workers=4)
    try:
        # The pool starts a thread with the first picture that must be made, so that a page seen before starts none.
        pictures = [kept_thumbnail(catalog, file, side=side) or pool.submit(picture_or_error, file) for file in files]
        for picture in pictures:
            yield picture.result() if isinstance(picture, Future) else picture
    finally:
        # A person who has clicked on does not wait for the pictures of the page left.
        pool.shutdown(wait=False, cancel_futures=True)


def table_pictures(catalog: Catalog | None, files: Sequence[str], *, most: int | None = None) -> list[str | None]:
    """The small pictures of several films as data addresses, for a column of a table.

    None stands for a film that the set does not have or that cannot be read, and for all after the first ``most``.
    """
    if catalog is None:
        return [None] * len(files)
    known = [file for file in files[:most] if file in catalog]
    found = zip(known, current_thumbnails(catalog, known), strict=True)
    addresses = {file: data_address(picture) for file, picture in found if isinstance(picture, bytes)}
    return [addresses.get(file) for file in files]


def prepare_thumbnails(catalog: Catalog, files: Iterable[str]) -> None:
    """Make small pictures that a visitor may soon ask for, once the page is drawn; what cannot be read is passed over.

    Returns at once.
    """

    def make_all(files: list[str]) -> None:
        for file in files:
            with suppress(CovidLabError):
                thumbnail(catalog, file)

    # No daemon: a server that ends waits the moment a page of pictures takes, since ending inside OpenCV aborts the process.
    # The thread of the page that asks is one, and would pass it on.
    timer = threading.Timer(_DRAWING_SECONDS, make_all, [list(files)])
    timer.name, timer.daemon = "prepare thumbnails", False
    timer.start()


def current_large_film(catalog: Catalog, file: str) -> np.ndarray:
    """One film as uint8 array (height, width, 3), at most 1,024 on a side."""
    return _read_large_film(catalog, f"{catalog.root}/{catalog.fingerprint}/{file}", file)


def current_device() -> str:
    """The device the trainer computes on and the precision it uses there, as the trainer wrote them down."""
    try:
        said = chosen_engine().describe()
    except CovidLabError as error:
        return str(error)
    if not said.device:
        return str(UNKNOWN_DEVICE)
    device = device_text(said.device)
    return tr("{precision} on {device}", precision=said.precision, device=device) if said.precision else device


@st.cache_data(max_entries=32, show_spinner=False)
def _read_large_film(_catalog: Catalog, key: str, file: str) -> np.ndarray:
    return large_film(_catalog, file)
