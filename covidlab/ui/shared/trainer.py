"""The trainer, woken before somebody presses Start."""

from covidlab.data.catalog import Catalog
from covidlab.runs.engines import chosen_engine
from covidlab.runs.preparation import want_prepared


def wake_trainer(catalog: Catalog) -> None:
    """Let the trainer load and prepare what runs on this data set need; raises CovidLabError where it cannot be started."""
    want_prepared(catalog)
    chosen_engine().ready()
