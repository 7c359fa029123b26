"""The decision on one X-ray and the reason for it, beside its picture."""

from functools import partial

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.data.decisions import MAX_REASON_LETTERS, Decision, Selection
from covidlab.data.selections import change_decision
from covidlab.language import tr, tr_lazy
from covidlab.services.access import Act
from covidlab.text import class_name, markdown_escaped
from covidlab.ui.curate.selection_changes import try_to_change
from covidlab.ui.shared.films import Film, film_name
from covidlab.ui.shared.permission import may_here

REASONS = (
    tr_lazy("Text, arrows or letters on the X-ray"),
    tr_lazy("Another view or part of the body"),
    tr_lazy("Poor exposure, or cut off"),
    tr_lazy("The same as another X-ray"),
    tr_lazy("Not what its class says"),
)
_OFFERED = {reason: reason for reason in REASONS}

_KEEP, _DROP, _RELABEL = "keep", "drop", "relabel:"


def draw_decision(catalog: Catalog, selection: Selection, film: Film) -> None:
    """Draw what is decided on one X-ray, to be changed, and the reason."""
    file, made = film["file"], selection.decisions.get(film["file"])
    others = [name for name in catalog.classes if name != film["class"]]
    # The file says what is decided, not the widget: an undo, or another visitor, shows at the next look.
    keys = {part: f"curate_{part}_{selection.name}_{file}" for part in ("action", "reason")}
    st.session_state[keys["action"]] = _option(made)
    st.session_state[keys["reason"]] = (made.reason if made else "") or None
    decide, is_off = partial(_decide, catalog, selection.name, file, keys), not may_here(Act.TRAIN)
    name = film_name(film)
    st.pills(
        tr("Decision: {name}", name=name),
        (_KEEP, _DROP, *(f"{_RELABEL}{other}" for other in others)),
        required=True,
        wrap=True,
        key=keys["action"],
        format_func=_option_words,
        on_change=decide,
        disabled=is_off,
        label_visibility="collapsed",
    )
    st.selectbox(
        tr("Reason: {name}", name=name),
        list(dict.fromkeys([*REASONS, *([made.reason] if made and made.reason else [])])),
        index=None,
        placeholder=tr("Reason: choose or type"),
        format_func=reason_words,
        accept_new_options=True,
        key=keys["reason"],
        on_change=decide,
        disabled=is_off,
        label_visibility="collapsed",
    )


def _decide(catalog: Catalog, name: str, file: str, keys: dict[str, str]) -> None:
    option = st.session_state[keys["action"]] or _KEEP
    reason = str.__str__(st.session_state[keys["reason"]] or "").strip()[:MAX_REASON_LETTERS]
    action, new_class = {_KEEP: ("include", ""), _DROP: ("exclude", "")}.get(
        option, ("relabel", option.removeprefix(_RELABEL))
    )
    made = Decision(action=action, new_class=new_class, reason=reason, sha256=catalog.value(file, "sha256"))
    # A film that is kept without a word is as if nobody had looked at it.
    try_to_change(
        lambda: change_decision(catalog.root, name, file, None if action == "include" and not reason else made)
    )


def _option(made: Decision | None) -> str:
    if made is None or made.action == "include":
        return _KEEP
    return _DROP if made.action == "exclude" else f"{_RELABEL}{made.new_class}"


def _option_words(option: str) -> str:
    if option.startswith(_RELABEL):
        return f"→ {markdown_escaped(class_name(option.removeprefix(_RELABEL)), max_length=24)}"
    return tr("Keep") if option == _KEEP else tr("Drop")


def reason_words(reason: str) -> str:
    """A reason that is offered, in the language of now; one that somebody has typed stays as it is."""
    return str(_OFFERED.get(reason, reason))
