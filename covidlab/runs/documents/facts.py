"""All that documents are filled from: the data set, the run of the model with its report, and what audits found; only read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import covidlab
from covidlab.audit.settings import LABS, PARTS
from covidlab.config import PRESETS, Preset, TrainingConfig
from covidlab.data.catalog import Catalog
from covidlab.data.flags import column_text, is_curated_set, is_synthetic
from covidlab.learning.backbones import find_backbone
from covidlab.learning.backbones.base import Backbone
from covidlab.metrics import METRICS
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.audit_text import sentences_of
from covidlab.runs.audits import FoundPart, newest_part, verdict_for
from covidlab.runs.names import short_name
from covidlab.runs.store import Run, RunStore
from covidlab.text import metric_text, one_line

# Words of the tables of a set are foreign: as many letters of them as a line has.
_LONGEST_VALUE = 80
_MOST_VALUES = 8
_TITLES = {"f1": "F1", "auc": "AUC"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """catalog: the data set. run: the model; None where none that learned from this set is kept, and the audit alone trained heads
    with ``config``. settings_of: the run whose settings these are, None for the default ones. parts: what the newest audit that did
    each part found. verdict: see ``verdict_for``. made_on: date."""

    catalog: Catalog
    run: Run | None
    settings_of: Run | None
    config: TrainingConfig
    parts: Mapping[str, FoundPart]
    verdict: Mapping[str, str] | None
    made_on: str

    @cached_property
    def is_fifty(self) -> bool:
        """Whether the set is the curated fifty: what was measured on these is said of no other set."""
        return is_curated_set(self.catalog)

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether no X-ray shows a patient."""
        return bool(is_synthetic(self.catalog.films).all())

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What run.json of the model says of its X-rays."""
        return (self.run.load_facts().get("data") or {}) if self.run else {}

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """report.json of the model."""
        return (self.run.report() or {}) if self.run else {}

    @property
    def crossed(self) -> Mapping[str, Any]:
        """Its cross-validation; empty where there was none."""
        return self.report.get("cross_validation") or {}

    @property
    def backbone(self) -> Backbone:
        """The network under the head."""
        return find_backbone(self.config.backbone)

    @property
    def preset(self) -> Preset:
        """How X-rays are prepared."""
        return PRESETS[self.config.preset]

    @property
    def model_name(self) -> str:
        """What the documents call the model, in the middle of a sentence."""
        return self.run.name if self.run else f"a model with the {self._settings}"

    @property
    def model_title(self) -> str:
        """What the documents call the model, at the beginning of a sentence."""
        return short_name(self.run) if self.run else f"A model with the {self._settings}"

    @property
    def _settings(self) -> str:
        return f"settings of {self.settings_of.name}" if self.settings_of else "default settings"

    def figures(self) -> list[tuple[str, str]]:
        """The cross-validated figures of the model, each with its interval and n."""
        return [(title_of(name), metric_text(self.crossed.get(name))) for name in METRICS if name in self.crossed]

    def found(self, name: str) -> list[str]:
        """What a part of the audit found, in sentences; why there is nothing; empty where no audit did it."""
        part = self.parts.get(name)
        if part is None:
            return []
        return [part.error] if part.error else sentences_of(name, part.found)

    def values(self, column: str) -> str:
        """The different words of a column of the set's table with their numbers, e.g. "A (12), B (3)"; "" where it has none."""
        stated = column_text(self.catalog.films, column).replace("", "not stated")
        counts = stated.value_counts()
        if set(counts.index) <= {"not stated"}:
            return ""
        words = [
            f"{one_line(value, max_length=_LONGEST_VALUE)} ({number:,})"
            for value, number in counts[:_MOST_VALUES].items()
        ]
        more = len(counts) - _MOST_VALUES
        return ", ".join(words) + (f" and {more:,} more" if more > 0 else "")

    def num_stated(self, column: str) -> int:
        """Of how many X-rays the table of the set says something in a column."""
        return int((~column_text(self.catalog.films, column).isin(("", "not stated"))).sum())

    @property
    def footer(self) -> str:
        """What stands below each page."""
        return f"Not for diagnosis. Made by covidlab {covidlab.__version__} on {self.made_on}."


def title_of(metric: str) -> str:
    """Return the name of a figure as people read it."""
    return _TITLES.get(metric, metric.capitalize())


def gather(catalog: Catalog, run_id: str | None = None) -> Facts:
    """Return what is known of the model of a run, or of the default one, on a data set; raises CovidLabError where that fails."""
    asked = RunStore().get(run_id) if run_id else Run(DEFAULT_MODEL)
    # Figures of another set are none of this one.
    fits = catalog.fingerprint in _fingerprints(asked)
    is_default = run_id is None and not fits
    config = TrainingConfig(dataset="", positive_class=catalog.positive_class) if is_default else asked.load_config()
    return Facts(
        catalog=catalog,
        run=asked if fits else None,
        settings_of=asked if run_id else None,
        # No folder of the machine goes into a document.
        config=replace(config, dataset=""),
        parts=dict(_parts(catalog, run_id)),
        verdict=verdict_for(catalog, run_id),
        made_on=date.today().isoformat(),
    )


def _fingerprints(run: Run) -> set[str]:
    """Of the set a run was made on, and of what a selection left of it."""
    facts = run.load_facts()
    return {(facts.get(name) or {}).get("fingerprint", "") for name in ("dataset", "data")}


def _parts(catalog: Catalog, run_id: str | None) -> Iterator[tuple[str, FoundPart]]:
    for name in (*PARTS, *LABS):
        if (part := newest_part(catalog, name, model=run_id)) is not None:
            yield name, part
