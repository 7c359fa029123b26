"""Cached readers: pages ask here for the data set, the runs and the device, and see every change on the disk."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import streamlit as st

from covidlab.config import dataset_folder, home
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.thumbnails import large_film, thumbnail
from covidlab.errors import CovidLabError
from covidlab.files import read_json
from covidlab.runs.store import ENDED_STATES, Run, RunStore

UNKNOWN_DEVICE = "CPU or GPU: known once the trainer has started"
POSITIVE_CLASS = "positive_class"
CHOSEN_RUN = "chosen_run"


def current_catalog() -> tuple[Catalog | None, str]:
    """The data set in use, or None and one plain sentence that says why there is none."""
    root = dataset_folder()
    try:
        return _read_catalog(str(root.absolute()), folder_stamp(root), st.session_state.get(POSITIVE_CLASS)), ""
    except CovidLabError as error:
        return None, str(error)


def folder_stamp(root: Path) -> str:
    """A short text that changes whenever a file of the data set is added, removed or written."""
    digest = hashlib.sha256()
    for folder in (root, *_subfolders(root), *_subfolders(root / "masks")):
        with suppress(OSError):
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                facts = entry.stat()
                digest.update(f"{entry.name}/{facts.st_size}/{facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]


def current_thumbnail(catalog: Catalog, file: str) -> bytes:
    """The small picture of one film as JPEG, from the cache on the disk."""
    return thumbnail(catalog, file)


def current_large_film(catalog: Catalog, file: str, *, with_mask: bool) -> np.ndarray:
    """One film as uint8 array (height, width, 3), at most 1,024 on a side, the lungs marked where asked for."""
    return _read_large_film(catalog, f"{catalog.root}/{catalog.fingerprint}/{file}", file, with_mask)


def current_device() -> str:
    """Name of the device the trainer computes on, as the trainer wrote it down."""
    return str((read_json(home() / "device.json") or {}).get("device") or UNKNOWN_DEVICE)


def queue_counts() -> tuple[int, int]:
    """How many runs train now, and how many wait."""
    return _count_queue(str(home()))


def usable_runs() -> Iterator[Run]:
    """Ended runs that left a model, the newest first."""
    return (run for run in RunStore().list() if run.model_path.exists() and run.recorded_status().state in ENDED_STATES)


def chosen_run() -> Run | None:
    """The run whose model this visitor chose, else the newest that left a model, else None."""
    chosen = [run for run in usable_runs() if run.id == st.session_state.get(CHOSEN_RUN)]
    return next(iter(chosen), None) or next(usable_runs(), None)


def choose_run(run_id: str) -> None:
    """Make the model of this run the one this visitor reads films with."""
    st.session_state[CHOSEN_RUN] = run_id


@st.cache_data(max_entries=8, show_spinner="Looking at the films ...")
def _read_catalog(root: str, stamp: str, positive_class: str | None) -> Catalog:
    return load_catalog(Path(root), positive_class=positive_class)


@st.cache_data(max_entries=32, show_spinner=False)
def _read_large_film(_catalog: Catalog, key: str, file: str, with_mask: bool) -> np.ndarray:
    return large_film(_catalog, file, with_mask=with_mask)


# One second is what a person does not notice, and spares many viewers the same look at every run.
@st.cache_data(ttl=1, show_spinner=False)
def _count_queue(_home: str) -> tuple[int, int]:
    states = [run.status().state for run in RunStore().list()]
    return sum(state in ("running", "stalled") for state in states), states.count("queued")


def _subfolders(root: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(
            Path(entry.path) for entry in os.scandir(root) if entry.is_dir() and not entry.name.startswith(".")
        )
    return []
