"""The X-rays that a visitor has chosen on the map of features: a filter of Browse that is kept with the session."""

import pandas as pd
import streamlit as st

from covidlab.data.catalog import Catalog

_CHOSEN = "browse_map_chosen"


def choose_on_map(catalog: Catalog, files: list[str]) -> None:
    """Keep what is chosen on the map of this set; nothing chosen is no filter."""
    st.session_state[_CHOSEN] = (catalog.fingerprint, frozenset(files))


def chosen_on_map(catalog: Catalog) -> frozenset[str]:
    """Files chosen on the map of this set; empty where there is no choice, or it was made on another set."""
    fingerprint, files = st.session_state.get(_CHOSEN, ("", frozenset()))
    return files if fingerprint == catalog.fingerprint else frozenset()


def forget_choice() -> None:
    """Show X-rays of the whole map again."""
    st.session_state.pop(_CHOSEN, None)


def passing_map(catalog: Catalog, files: pd.Series) -> pd.Series:
    """The files that are chosen on the map; all where nothing is."""
    chosen = chosen_on_map(catalog)
    return files[files.isin(chosen)] if chosen else files
