"""Rows of a table that are chosen with Space and Enter; Streamlit's table answers to Shift+Space alone."""

from covidlab.ui.shared.components import page_component

_listen = page_component("table_keys")


def choose_rows_by_keys(table_key: str) -> None:
    """Let Space and Enter choose the row under the keyboard's cursor in tables whose key begins with ``table_key``."""
    _listen(key=f"{table_key}_keys", data={"tables": f'[class*="st-key-{table_key}"] [data-testid="stDataFrame"]'})
