"""The preview on Train: the curve of the settings on the sliders before anybody presses Start, beside the run shown."""

import streamlit as st

from covidlab.config import TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.decisions import apply_selection
from covidlab.data.selections import load_selection
from covidlab.errors import CovidLabError
from covidlab.language import tr
from covidlab.runs.learning_record import load_crossed
from covidlab.runs.names import short_name
from covidlab.runs.previews import request_preview, why_no_preview
from covidlab.runs.run_settings import settings_in_words
from covidlab.runs.status import State
from covidlab.runs.store import Run
from covidlab.text import markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.shared.components.preview import ShownRun, preview, slider_settings

# What the component compares itself, since it follows the sliders.
_ON_SLIDERS = ("learning rate", "epochs", "batch size")


def draw_preview(config: TrainingConfig, catalog: Catalog, shown: Run | None) -> None:
    """Draw the curve that a run with these settings would have; ``shown`` is the run that the page shows."""
    if (key := ask_for_previews(config, catalog)) is not None:
        preview(key, config, compared_run(config, shown))


def ask_for_previews(
    config: TrainingConfig, catalog: Catalog, *, all_rates: bool = False, range_test: bool = False
) -> str | None:
    """Ask the trainer for the curves of these settings; return their key. Says why where there are none, and returns None."""
    try:
        used = used_xrays(config, catalog)
        if why := why_no_preview(config, used.num_films):
            st.caption(markdown_escaped(why, max_length=400))
            return None
        return request_preview(config, used, all_rates=all_rates, range_test=range_test)
    except CovidLabError as error:
        st.caption(tr("There is no preview. {error}", error=sentence_escaped(error)))
        return None


def used_xrays(config: TrainingConfig, catalog: Catalog) -> Catalog:
    """The X-rays that a run is trained on; raises DataError where its selection cannot be used."""
    return apply_selection(catalog, load_selection(catalog.root, config.selection)) if config.selection else catalog


def compared_run(config: TrainingConfig, shown: Run | None) -> ShownRun | None:
    """What the preview says of the run shown; None where there is none, or it cannot be read."""
    if shown is None or shown.is_damaged():
        return None
    theirs = shown.load_config()
    curve, of = _curve_of(shown)
    return ShownRun(
        name=shown.name,
        title=short_name(shown),
        settings=slider_settings(theirs),
        others=_other_differences(config, theirs),
        curve=curve,
        of=of,
        whole=(state := shown.recorded_status().state).is_active or state is State.FINISHED,
    )


def _other_differences(config: TrainingConfig, theirs: TrainingConfig) -> list[str]:
    mine, other = settings_in_words(config), settings_in_words(theirs)
    return [
        tr("{name} {words}, not {other}", name=tr(name), words=words, other=other[name])
        for name, words in mine.items()
        if name not in _ON_SLIDERS and words != other[name]
    ]


def _curve_of(run: Run) -> tuple[dict[str, list] | None, str]:
    """The curve of a run that stays visible, as the chart of the run has it: over all splits where it is known."""
    crossed = load_crossed(run)
    if len(crossed):
        return crossed[["epoch", "accuracy"]].to_dict("list"), tr("over all splits")
    history = run.history()
    if len(history):
        curve = {"epoch": history["epoch"].to_list(), "accuracy": history["val_accuracy"].to_list()}
        return curve, tr("one split, {epochs}", epochs=pluralize(len(history), "epoch"))
    return None, ""
