"""The model in use by this visitor: their own choice, kept with their session, else the default for all."""

import streamlit as st

from covidlab.errors import ModelError
from covidlab.language import ENGLISH, LANGUAGES, speaking, tr
from covidlab.runs.active_model import MODEL_SETTING, check_model_setting, model_in_use, runs_with_model
from covidlab.runs.names import readable_name, short_name
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
    bring(PREDICT, {} if is_default else {MODEL_KEY: name_in_address(run)})


def adopt_model_in_address() -> None:
    """Make the model that the address of Predict names the one in use; to be called before a page says which that is."""
    name = st.query_params.get(MODEL_KEY)
    if not name:
        return
    for run in runs_with_model():
        if name == _earlier_name(run) or (name != name_in_address(run) and name in _names_elsewhere(run)):
            # Kept before runs had readable names, or in another language; the choice on Predict writes the new one.
            st.query_params.pop(MODEL_KEY)
            name = name_in_address(run)
        if name == name_in_address(run) and (in_use := visitors_model()) is not None and in_use.id != run.id:
            use_model(run)


def model_name(run: Run) -> str:
    """Return "Run 2, rate 0.001, preset original, real fifty", or "The default model, rate 0.001, real fifty"."""
    return readable_name(run)


def name_in_address(run: Run) -> str:
    """Return ``model_name`` in English, whatever language the page speaks: an address means the same to all."""
    with speaking(ENGLISH):
        return model_name(run)


def _names_elsewhere(run: Run) -> set[str]:
    """The names of a run in all languages."""
    names = set()
    for code in LANGUAGES:
        with speaking(code):
            names.add(model_name(run))
    return names


def _earlier_name(run: Run) -> str:
    return f"{short_name(run)} ({run.load_config().preset}, {run.load_config().fine_tune})"


def describe_model() -> str:
    """Return the model in use by this visitor, in one line."""
    run = visitors_model()
    if run is None:
        return tr("none yet")
    try:
        check_model_setting()
    except ModelError:
        return tr("{name}; {model_setting} names no run with a model here", name=run.name, model_setting=MODEL_SETTING)
    return run.name
