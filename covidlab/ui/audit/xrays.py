"""The X-rays of the audited set to choose from, below each what the models of one rung say of it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.evaluation.paired import THRESHOLD
from covidlab.language import tr
from covidlab.runs.held_out import HeldOut
from covidlab.services.learning import offer_set, xrays_of_set
from covidlab.text import class_name, one_line
from covidlab.ui.shared.components import address
from covidlab.ui.shared.components.xray_strip import xray_strip
from covidlab.ui.shared.xray_groups import xray_groups

# Beyond that the strip shows an even choice of the set, and a list names all of them.
MOST_IN_STRIP = 100


def chosen_xray(found: Mapping[str, Any], *, key: str, default: int) -> int:
    """Return the place among the X-rays of the ladder of the one that was chosen."""
    file = st.session_state.get(f"{key}_file")
    return found["files"].index(file) if file in found["files"] else default


def draw_xrays(catalog: Catalog, found: Mapping[str, Any], rung: Mapping[str, Any], *, key: str, place: int) -> None:
    """Draw the X-rays, that of ``place`` marked; a click on another chooses it (``chosen_xray``)."""
    at = address(f"/sets/{offer_set(catalog)}")

    def choose(file: str) -> None:
        st.session_state[f"{key}_file"] = file

    xray_strip(
        xray_groups(catalog, _answers(catalog, found, rung), place=at, most=MOST_IN_STRIP),
        sprite=f"{at}/sprite",
        num_in_sprite=xrays_of_set(catalog).num_in_sprite,
        key=f"{key}_strip",
        on_open=choose,
        chosen=found["files"][place],
    )
    if len(found["files"]) > MOST_IN_STRIP:
        st.selectbox(
            tr("All X-rays"),
            found["files"],
            key=f"{key}_file",
            index=None,
            format_func=partial(listed_name, catalog),
        )


def listed_name(catalog: Catalog, file: str) -> str:
    """What an X-ray is called in a list of many, e.g. "COVID-19 · 1-s2.0.jpg"."""
    return one_line(f"{class_name(str(catalog.value(file, 'class')))} · {Path(file).name}", max_length=120)


def _answers(catalog: Catalog, found: Mapping[str, Any], rung: Mapping[str, Any]) -> HeldOut:
    """The held-out probabilities of a rung by the rows of the catalog."""
    known = dict(zip(found["files"], rung["probabilities"], strict=True))
    probabilities = np.array([known.get(file) for file in catalog.films["file"]], dtype=float)
    return HeldOut(probabilities=probabilities, threshold=THRESHOLD, is_crossed=True)
