"""The X-rays of a set by class, as the strip of small pictures takes them, with what models say of each."""

import numpy as np

from covidlab.data.catalog import Catalog
from covidlab.language import tr
from covidlab.prediction.answer import probability_text
from covidlab.runs.held_out import HeldOut
from covidlab.services.learning import xrays_of_set
from covidlab.text import class_name, one_line, pluralize
from covidlab.ui.shared.films import Film, film_name

MOST_SHOWN = 50


def xray_groups(catalog: Catalog, answers: HeldOut | None, *, place: str, most: int = MOST_SHOWN) -> list[dict]:
    """Return what the strip draws, the positive class first; of large sets an even choice of each class.

    Parameters
    ----------
    place : address of the set (services.learning_routes)
    most : X-rays that are shown
    """
    classes = sorted(catalog.classes, key=lambda name: name != catalog.positive_class)
    most_of_class = max(2, most // len(classes))
    xrays = xrays_of_set(catalog)
    sheet = "" if xrays.num_in_sprite else place
    places = {file: number for number, file in enumerate(xrays.files)}
    rows = np.flatnonzero(catalog.films["file"].isin(places))
    shares = answers.probabilities if answers else np.full(catalog.num_films, np.nan)
    right = answers.is_right(catalog) if answers else np.zeros(catalog.num_films, bool)
    groups = []
    for name in classes:
        of_class = rows[catalog.films["class"].to_numpy()[rows] == name]
        shown = of_class[np.unique(np.linspace(0, len(of_class) - 1, min(most_of_class, len(of_class))).astype(int))]
        films = zip(catalog.films.iloc[shown].to_dict("records"), shown, strict=True)
        cells = [
            _cell(film, catalog, share=shares[row], is_right=right[row], place=places[film["file"]], address=sheet)
            for film, row in films
        ]
        title = one_line(class_name(name), max_length=40)
        groups.append({"name": title, "about": _about(catalog, name), "cells": cells})
    return groups


def _about(catalog: Catalog, name: str) -> str:
    films = catalog.films[catalog.films["class"] == name]
    patients = (
        tr(" of {patients}", patients=pluralize(films["patient_id"].nunique(), "patient"))
        if catalog.patients_known
        else ""
    )
    return pluralize(len(films), "X-ray") + patients


def _cell(film: Film, catalog: Catalog, *, share: float, is_right: bool, place: int, address: str) -> dict:
    """What is drawn of an X-ray; ``share``: probability of the positive class, nan where it is not known."""
    name = film_name(film)
    is_known = bool(np.isfinite(share))
    is_wrong = is_known and not is_right
    if is_known:
        name += tr(
            ". Probability of {class_name}: {probability_text}",
            class_name=class_name(catalog.positive_class),
            probability_text=probability_text(share),
        )
    return {
        "file": str(film["file"]),
        "name": tr("{name}, on the side of the other class", name=name) if is_wrong else name,
        "picture": f"{address}/xrays/{place}" if address else "",
        "place": place,
        "side": "wrong" if is_wrong else "right" if is_known else "",
        "share": round(float(share), 3) if is_known else None,
    }
