"""Choices bound to the address under names that are the same in every language; what is drawn is translated.

Streamlit's own ``bind="query-params"`` writes what it draws, which a page in another language does not have. Otherwise the same:
the address has the say when it changes, a change of the widget is written into it, and what a visitor has set comes back with the page.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from covidlab.language import ENGLISH, LANGUAGES, speaking

# Beside the state of a widget: what it last wrote into the address.
_WRITTEN = "_in_address"


def draw_bound(
    draw: Callable[..., Any],
    label: str,
    options: Sequence[Any],
    *,
    key: str,
    default: Any,
    format_func: Callable[[Any], str] = str,
    name_of: Callable[[Any], str] | None = None,
    on_change: Callable[[], None] | None = None,
    **settings: Any,
) -> Any:
    """Draw a choice and return its answer, the address bound to it.

    Parameters
    ----------
    draw : ``st.selectbox``, ``st.select_slider``, ``st.multiselect`` ...
    default : the answer where the address names none; a list where several can be chosen
    format_func : what an option is called on the page
    name_of : what it is called in the address; by default its English name. What pages in other languages have called it, as
        addresses of earlier versions do, is understood too
    on_change : called after a change, the address written
    settings : further ones of the widget
    """
    name_of = name_of or (lambda option: _said_in(ENGLISH, format_func, option))
    _take(key, options, default, format_func, name_of, keeps_others=bool(settings.get("accept_new_options")))
    names_of = partial(_names_of, default=default, name_of=name_of)
    answer = draw(
        label,
        options,
        key=key,
        format_func=format_func,
        on_change=partial(_after_change, key, names_of, on_change),
        **settings,
    )
    # Somebody else may have set the widget.
    _write(key, names_of(answer))
    return answer


def _take(
    key: str,
    options: Sequence[Any],
    default: Any,
    format_func: Callable[[Any], str],
    name_of: Callable[[Any], str],
    *,
    keeps_others: bool,
) -> None:
    """Let the widget show what the address names, where that has changed or the page is new."""
    asked, written = st.query_params.get_all(key), st.session_state.get(f"{key}{_WRITTEN}", [])
    is_new = key not in st.session_state
    if not is_new and asked == written:
        return
    if is_new and not asked:
        asked = written
    found = [_found(name, options, format_func, name_of) for name in asked]
    known = [each[0] if each else name for each, name in zip(found, asked, strict=True) if each or keeps_others]
    if isinstance(default, list):
        # What is set is drawn twice, also where it is what the widget shows by itself.
        if known or default or not is_new:
            st.session_state[key] = known or default
    else:
        st.session_state[key] = known[0] if known else default


def _found(
    name: str, options: Sequence[Any], format_func: Callable[[Any], str], name_of: Callable[[Any], str]
) -> list[Any]:
    """The option that an address calls so, as a list; empty where there is none."""
    for option in options:
        if name == name_of(option):
            return [option]
    for code in LANGUAGES:
        for option in options:
            if name == _said_in(code, format_func, option):
                return [option]
    return []


def set_bound(key: str, name: str | None) -> None:
    """Let a widget that ``draw_bound`` draws next show what is called so, None for its default."""
    st.session_state.pop(key, None)
    _write(key, [] if name is None else [name])


def _write(key: str, names: list[str]) -> None:
    if st.query_params.get_all(key) != names:
        if names:
            st.query_params[key] = names
        else:
            st.query_params.pop(key, None)
    st.session_state[f"{key}{_WRITTEN}"] = names


def _said_in(code: str, format_func: Callable[[Any], str], option: Any) -> str:
    with speaking(code):
        return str(format_func(option))


def _names_of(answer: Any, *, default: Any, name_of: Callable[[Any], str]) -> list[str]:
    """How an answer stands in the address; not at all where it is the default."""
    if answer is None or answer == default:
        return []
    return [name_of(one) for one in answer] if isinstance(answer, list) else [name_of(answer)]


def _after_change(key: str, names_of: Callable[[Any], list[str]], on_change: Callable[[], None] | None) -> None:
    _write(key, names_of(st.session_state[key]))
    if on_change is not None:
        on_change()
