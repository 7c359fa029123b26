"""The model in use by this visitor: their own choice, kept with their session, else the default for all."""

import streamlit as st

from covidlab.errors import ModelError
from covidlab.runs.active_model import MODEL_SETTING, check_model_setting, model_in_use, runs_with_model
from covidlab.runs.store import Run
from covidlab.ui.shared.navigation import PREDICT, bring

MODEL_KEY = "predict_model"
_CHOSEN = "model_chosen"


def visitors_model() -> Run | None:
    """Return the run whose model reads this visitor's X-rays; None where there is no model at all."""
    return model_in_use(st.session_state.get(_CHOSEN))


def use_model(run: Run) -> None:
    """Make ``run``'s model the one in use, for this visitor alone."""
    st.session_state[_CHOSEN] = run.id
    for_all = model_in_use()
    is_default = for_all is not None and for_all.id == run.id
    bring(PREDICT, {} if is_default else {MODEL_KEY: model_name(run)})


def adopt_model_in_address() -> None:
    """Make the model that the address of Predict names the one in use; to be called before a page says which that is."""
    name = st.query_params.get(MODEL_KEY)
    if name and (in_use := visitors_model()) is not None and name != model_name(in_use):
        for run in runs_with_model():
            if model_name(run) == name:
                use_model(run)


def model_name(run: Run) -> str:
    """Return "Run 2 (original, head)", or "The default model (default, head)"."""
    name = run.name[0].upper() + run.name[1:]
    return f"{name} ({run.load_config().preset}, {run.load_config().fine_tune})"


def describe_model() -> str:
    """Return the model in use by this visitor, in one line."""
    run = visitors_model()
    if run is None:
        return "none yet"
    try:
        check_model_setting()
    except ModelError:
        return f"{run.name}; {MODEL_SETTING} names no run with a model here"
    return run.name
