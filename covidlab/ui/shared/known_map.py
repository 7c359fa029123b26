"""Asking the process that predicts for the map of a model, once for all visitors, and the sentences where there is none."""

from typing import Any

import numpy as np
import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.errors import CovidLabError, TemporaryError
from covidlab.language import tr, tr_lazy
from covidlab.prediction.loading import ModelFile
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import shared_reader
from covidlab.text import markdown_escaped
from covidlab.ui.shared.feature_map import FeatureMap, feature_map

NO_FEATURES = tr_lazy(
    "kept no features of its X-rays, so there is no map. Train it again with this version of covidlab."
)
_NEEDED = ("files", "sha256s", "classes", "positive_class", "out_of_fold", "share", "patients_known")


def has_map(run: Run) -> bool:
    """Whether the run kept features of its X-rays beside its model; nobody is asked for this."""
    return bool(run.load_facts().get("reference_sha256"))


def ask_for_map(run: Run, catalog: Catalog | None) -> FeatureMap:
    """Return the map of a run's model; the process that predicts is asked once for each reference.

    Raises
    ------
    ModelError
        The run kept no features, or its model cannot be used.
    TemporaryError
        The process was busy, too slow, ended meanwhile, or answered nonsense.
    """
    model = model_file(run)
    known, points = _answer(run.id, model.reference_sha256, model)
    return feature_map(known, points, catalog)


def load_map(run: Run, catalog: Catalog | None, *, key: str) -> FeatureMap | None:
    """``ask_for_map`` with words while it takes time; says why there is no map, with another try where that may help."""
    try:
        # Shown after a tenth of a second, so not at all where the answer is kept.
        with st.spinner(tr("Loading the map. The first time takes some seconds.")):
            return ask_for_map(run, catalog)
    except CovidLabError as error:
        st.error(markdown_escaped(error, max_length=600))
        if isinstance(error, TemporaryError):
            # Any click draws the page again, and asks again.
            st.button(tr("Try again"), key=f"{key}_retry", icon=":material/refresh:")
    return None


@st.cache_data(max_entries=8, show_spinner=False)
def _answer(run_id: str, reference_sha256: str, _model: ModelFile) -> tuple[dict[str, Any], np.ndarray]:
    answer = shared_reader().ask("map", _model)
    try:
        known = {name: answer.values[name] for name in _NEEDED}
        points = np.asarray(answer.parts["points"], dtype=float).reshape(len(known["files"]), 2)
    except (LookupError, TypeError, ValueError) as error:
        raise TemporaryError(tr("The process that reads X-rays gave no whole map. Try again.")) from error
    return known, points
