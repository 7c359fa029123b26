"""The X-rays that a run may use, whatever its job: its data set as it was queued, without damaged ones, of its selection."""

from covidlab.data.catalog import Catalog
from covidlab.data.decisions import Selection, apply_selection
from covidlab.data.selections import load_selection
from covidlab.runs.damaged import usable_films
from covidlab.runs.datasets import Resolve, open_dataset
from covidlab.runs.store import Run


def open_run_films(run: Run, *, resolve: Resolve) -> Catalog:
    """Return the X-rays of a run; raises DataError where its data set or its selection cannot be used."""
    config = run.load_config()
    catalog = open_dataset(run.load_dataset(), positive_class=config.positive_class, resolve=resolve)
    catalog = usable_films(run, catalog)
    return apply_selection(catalog, _selection(run, catalog)) if config.selection else catalog


def _selection(run: Run, catalog: Catalog) -> Selection:
    """The selection as it was when the run began: a run that goes on does not follow later changes of it."""
    if recorded := run.load_facts().get("selection"):
        return Selection.from_dict(recorded)
    selection = load_selection(catalog.root, run.load_config().selection)
    run.update_facts(selection={**selection.to_dict(), "changes": []})
    return selection
