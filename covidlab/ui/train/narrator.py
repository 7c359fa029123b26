"""What the curves of a run say, in sentences, each with a button that sets the control it speaks of."""

from collections.abc import Mapping

import streamlit as st

from covidlab.language import tr, tr_lazy
from covidlab.runs.learning_curves import curves_of
from covidlab.runs.narrator import BATCH, EPOCHS, PRESET, RATE, Remark, narrate
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, plain_number

# More sentences would not be read.
MOST_SAID = 4
LONGEST_SENTENCE = 500
_CONTROLS = {
    RATE: tr_lazy("learning rate"),
    EPOCHS: tr_lazy("epochs"),
    BATCH: tr_lazy("batch size"),
    PRESET: tr_lazy("preset"),
}
_ICONS = {True: ":material/tune:", False: ":material/info:"}


def draw_narrator(run: Run | None) -> None:
    """Draw what there is to say of the curves of a run; nothing where there is nothing. Apply sets the slider, Start stays with the person."""
    curves = curves_of(run) if run is not None else None
    remarks = narrate(curves)[:MOST_SAID] if curves is not None else []
    if not remarks:
        return
    with st.container(key="narrator", border=True, gap="small"):
        st.markdown(tr("**What the curves say**"))
        for remark in remarks:
            _draw_remark(run, remark)


def _draw_remark(run: Run, remark: Remark) -> None:
    icon = _ICONS[bool(remark.apply)]
    st.markdown(f"{icon} {markdown_escaped(remark.sentence, max_length=LONGEST_SENTENCE)}")
    if not remark.apply:
        return
    setting = describe_apply(remark.apply)
    if all(st.session_state.get(key) == value for key, value in remark.apply.items()):
        st.caption(tr("Now set: {setting}. Press Start to see what it changes.", setting=setting))
        return
    st.button(
        tr("Apply: {setting}", setting=setting),
        key=f"narrator_{run.id}_{remark.rule.replace(' ', '_')}",
        icon=":material/arrow_back:",
        on_click=apply,
        args=(remark.apply,),
        help=tr("Sets this control. No run starts before you press Start."),
    )


def describe_apply(values: Mapping[str, float | int | str]) -> str:
    """Return the settings in words, e.g. "learning rate 0.0001"."""
    return ", ".join(
        f"{_CONTROLS[key]} {value if isinstance(value, str) else plain_number(value)}" for key, value in values.items()
    )


def apply(values: Mapping[str, float | int | str]) -> None:
    """Set widgets by their keys; as the callback of a button, before the page is drawn again."""
    for key, value in values.items():
        st.session_state[key] = value
