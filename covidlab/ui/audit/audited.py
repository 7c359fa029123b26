"""What the page Audit shows: a data set, the model that is audited, and what audits have found of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from covidlab.data.catalog import Catalog
from covidlab.language import ENGLISH, speaking, tr, tr_lazy
from covidlab.runs.audits import FoundPart, audits_of, load_audit, newest_part
from covidlab.runs.jobs import Job
from covidlab.runs.names import readable_name
from covidlab.runs.store import Run, RunStore
from covidlab.ui.shared.bound import draw_bound

DEFAULT_SETTINGS = tr_lazy("The default settings")
MODEL_KEY = "audit_model"
# In place of the id of a run.
_BY_DEFAULT = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Audited:
    """catalog: the data set. run: whose settings and model are audited, None for the default model."""

    catalog: Catalog
    run: Run | None

    @property
    def run_id(self) -> str | None:
        """Id of the audited run, as audits name it."""
        return self.run.id if self.run else None

    def part(self, name: str, *, options: Mapping[str, Any] | None = None) -> FoundPart | None:
        """What a part last found of this model on this data set; see ``runs.audits.newest_part``."""
        return newest_part(self.catalog, name, model=self.run_id, options=options)

    def active(self) -> Run | None:
        """The audit of this data set that waits or is under way, the oldest; None where none is."""
        return next((run for run in reversed(list(audits_of(self.catalog))) if run.status().is_active), None)

    def is_asked_for(self, name: str) -> bool:
        """Whether an audit that waits or is under way will find a part of this model."""
        for run in audits_of(self.catalog):
            config = load_audit(run) if run.status().is_active else None
            if config is not None and config.run == self.run_id and name in config.parts:
                return True
        return False


def choose_audited(catalog: Catalog) -> Audited:
    """Draw the choice of the model, where there is more than the default one."""
    runs = {run.id: run for run in _candidates(catalog)}
    if not runs:
        return Audited(catalog=catalog, run=None)
    chosen = draw_bound(
        st.selectbox,
        tr("Model"),
        [_BY_DEFAULT, *runs],
        key=MODEL_KEY,
        default=_BY_DEFAULT,
        format_func=lambda run_id: readable_name(runs[run_id]) if run_id in runs else tr(DEFAULT_SETTINGS),
        help=tr("Each run of this set that trained the head alone can be audited."),
    )
    return Audited(catalog=catalog, run=runs.get(chosen))


def model_in_address(run: Run | None) -> dict[str, str]:
    """Return what lets the page Audit show the model of a run, None for the default settings; in English, as for everybody."""
    with speaking(ENGLISH):
        return {MODEL_KEY: readable_name(run) if run else str(DEFAULT_SETTINGS)}


def _candidates(catalog: Catalog) -> list[Run]:
    """Finished runs of this set that trained the head, the newest first."""
    found = []
    for run in RunStore().list():
        if run.is_damaged() or run.load_job() != Job.TRAIN or not run.model_path.exists() or run.status().is_active:
            continue
        config = run.load_config()
        if config.fine_tune == "head" and run.load_facts().get("dataset", {}).get("fingerprint") == catalog.fingerprint:
            found.append(run)
    return found
