"""Where an X-ray lies on the map of the set: a star with lines to its nearest X-rays, or outside."""

import numpy as np
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.language import tr
from covidlab.prediction.assessment import Assessment
from covidlab.runs.store import Run
from covidlab.text import pluralize
from covidlab.ui.shared.feature_map import CLASS, FeatureMap, describe_map, is_outside, map_caption
from covidlab.ui.shared.known_map import NO_FEATURES, has_map, load_map
from covidlab.ui.shared.map_figure import UPLOAD_NAME, Place, map_figure

_QUIET = {"displayModeBar": False, "doubleClick": False}


def draw_place(assessment: Assessment, run: Run, catalog: Catalog | None, *, key: str) -> None:
    """Draw the map of a model with an X-ray in it; to be called only where somebody has opened it.

    Parameters
    ----------
    assessment : of what was read by this run's model; an X-ray of the set is on the map already, and the star lies upon it
    catalog : the data set in use, None where there is none; says what is known of the X-rays on the map
    key : of the widgets, one for each film
    """
    if not has_map(run):
        st.markdown(tr("The model in use {no_features}", no_features=NO_FEATURES))
        return
    known_map = load_map(run, catalog, key=key)
    if known_map is None:
        return
    colour_by = CLASS
    if len(known_map.offered) > 1:
        colour_by = (
            st.selectbox(tr("Colour by"), known_map.offered, key=f"{key}_colour", width=220, format_func=tr) or CLASS
        )
    place = Place(assessment.map_point, tuple(neighbour.file for neighbour in assessment.neighbours))
    said = describe_place(assessment, known_map)
    st.markdown(said)
    figure = map_figure(known_map, colour_by=colour_by, upload=place)
    # There is nothing to filter here, and a finger scrolls the page.
    figure.update_layout(dragmode=False, clickmode="event")
    st.plotly_chart(
        figure, key=f"{key}_chart", config=_QUIET, alt=f"{describe_map(known_map, colour_by=colour_by)} {said}"
    )
    what = tr("It is one of the set.") if assessment.known_as else ""
    lines = tr(
        "The star is {upload_name}; its lines lead to the nearest X-rays by all features, which the map "
        "may show further away.",
        upload_name=UPLOAD_NAME,
    )
    st.caption(" ".join(filter(None, (lines, what, map_caption(known_map, colour_by=colour_by)))))


def describe_place(assessment: Assessment, known_map: FeatureMap) -> str:
    """Return where the X-ray lies on the map, and whether it is too unlike the set, in plain words."""
    outside = is_outside(known_map.points, np.array(assessment.map_point))
    where = tr("outside the region") if outside else tr("within the region")
    lies = tr(
        "On the map this X-ray lies {where} of the {x_rays} that the model knows.",
        where=where,
        x_rays=pluralize(known_map.num_films, "X-ray"),
    )
    if assessment.is_far and assessment.known_as:
        return tr(
            "{lies} By all features it is farther from the others than nearly all of them are from each other.",
            lies=lies,
        )
    if assessment.is_far:
        hidden = (
            ""
            if outside
            else tr(
                " The map shows {value:.0f} % of all differences; the others count too.", value=100 * known_map.share
            )
        )
        return tr("{lies} It is too unlike them for a plain number.{hidden}", lies=lies, hidden=hidden)
    if outside:
        return tr("{lies} By all features it is as near to them as they are to each other.", lies=lies)
    return lies
