"""The confusion matrix as a table of buttons: a cell, or a true class, opens its X-rays."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from covidlab.language import tr
from covidlab.text import class_name, one_line, pluralize
from covidlab.ui.shared.components import page_component

_draw_matrix = page_component("confusion")


def confusion_table(
    matrix: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    key: str,
    caption: str,
    chosen: str = "",
    on_choose: Callable[[str], None],
) -> None:
    """Draw the counts of each pair of true and predicted class; a click calls ``on_choose`` with what ``cell_id`` returns.

    Parameters
    ----------
    matrix : (num_classes, num_classes) counts, a row for each true class
    classes : folder names in the order of the matrix
    chosen : id of the cell whose X-rays are shown, "" for none
    """

    def take_choice() -> None:
        # The browser says which; what the table does not hold opens nothing.
        if (asked := st.session_state[key]["cell"]) in _all_ids(len(classes)):
            on_choose(asked)

    data = {**matrix_data(matrix, classes), "caption": caption, "chosen": chosen}
    _draw_matrix(key=key, data=data, on_cell_change=take_choice)


def cell_id(true: int, predicted: int | None = None) -> str:
    """Return what names a cell, by the places of its classes; without the second, a whole row."""
    return f"{true}-" + ("" if predicted is None else str(predicted))


def matrix_data(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> dict:
    """What the browser draws: names of the columns and, for each row, its cells with count, share of the row and words."""
    counts = np.asarray(matrix, dtype=int)
    names = [one_line(class_name(folder), max_length=60) for folder in classes]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = [
        {
            "id": cell_id(row),
            "name": name,
            "label": tr("All {x_rays} of {name}", x_rays=pluralize(int(counts[row].sum()), "X-ray"), name=name),
            "cells": [
                {
                    "id": cell_id(row, column),
                    "text": str(counts[row, column]),
                    "share": round(float(shares[row, column]), 3),
                    "label": tr(
                        "{x_rays} of {name}, predicted {predicted}",
                        x_rays=pluralize(int(counts[row, column]), "X-ray"),
                        name=name,
                        predicted=predicted,
                    ),
                }
                for column, predicted in enumerate(names)
            ],
        }
        for row, name in enumerate(names)
    ]
    return {"names": names, "rows": rows}


def _all_ids(num_classes: int) -> set[str]:
    places = range(num_classes)
    return {cell_id(true, predicted) for true in places for predicted in (None, *places)}
