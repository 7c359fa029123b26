"""Runs that differ in the seed alone, as one: the median and the range of what they found. No Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from covidlab.language import language, number_text, tr, tr_lazy
from covidlab.runs.changes import CROSS_VALIDATION, VALIDATION, figures_of
from covidlab.runs.learning_record import load_crossed
from covidlab.runs.names import short_name
from covidlab.runs.run_settings import SEED, SETTINGS, repeats_of, settings_of
from covidlab.runs.store import Run
from covidlab.text import pluralize
from covidlab.ui.runs.rows import CROSSED, CROSSED_AUC, CURVE, SINGLE, short_settings, stamps_of

SAME_BUT_SEED = tr_lazy("Runs whose settings differ in the seed alone stand in one row.")
RANGE_IS_OF_SEEDS = tr_lazy(
    "A range in brackets goes from the lowest to the highest of the repeats. It says how much the "
    "seed changes, not how much other patients would. The 95 % interval of each run stands in its "
    "own row."
)
_ROWS_KEPT = 500
_FIGURES = {
    CROSSED: (CROSS_VALIDATION, "accuracy"),
    SINGLE: (VALIDATION, "accuracy"),
    CROSSED_AUC: (CROSS_VALIDATION, "auc"),
}


@dataclass(frozen=True, eq=False)
class Repeats:
    """Runs of the same settings, the oldest first."""

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """Return "Run 4", or "Runs 1, 3, 4"."""
        numbers = ", ".join(run.number_text for run in self.runs)
        return short_name(self.runs[0]) if len(self.runs) == 1 else tr("Runs {numbers}", numbers=numbers)

    @cached_property
    def settings(self) -> dict[str, str]:
        """The settings they share, by the names in ``SETTINGS``; "seed" names all of theirs."""
        seeds = ", ".join(settings_of(run)[SEED] for run in self.runs)
        return {**settings_of(self.runs[0]), SEED: seeds}

    def values(self, source: str, metric: str) -> list[float]:
        """A figure of those runs that have it."""
        figures = [figures_of(run, source).get(metric) or {} for run in self.runs]
        return [figure["value"] for figure in figures if figure.get("value") is not None]

    def in_words(self, source: str, metric: str) -> str:
        """A figure of the runs as ``range_text`` says it."""
        numbers = {(figures_of(run, source).get(metric) or {}).get("n") for run in self.runs} - {None}
        return range_text(self.values(source, metric), n=numbers.pop() if len(numbers) == 1 else None)

    def honest_curve(self) -> pd.DataFrame:
        """Median of the honest curves and their range: columns epoch, accuracy, low, high."""
        return _median_curve([load_crossed(run) for run in self.runs], "accuracy")

    def split_curve(self) -> pd.DataFrame:
        """Median of the curves of the one split: columns epoch, val_accuracy, val_loss."""
        tables = [run.history() for run in self.runs]
        columns = [
            _median_curve(tables, name)[["epoch", name]].set_index("epoch") for name in ("val_accuracy", "val_loss")
        ]
        return pd.concat(columns, axis=1).reset_index()


def groups_of(runs: Sequence[Run]) -> list[Repeats]:
    """Return the readable runs in groups of the same settings, in the order of their newest run."""
    groups = repeats_of(run for run in runs if not run.is_damaged())
    return [Repeats(tuple(sorted(group, key=lambda run: run.number))) for group in groups]


def in_order(groups: Sequence[Repeats], *, baseline: str = "") -> list[Repeats]:
    """Return the groups as they are compared: that of the baseline first, then from old to new."""
    return sorted(groups, key=lambda group: (baseline not in {run.id for run in group.runs}, group.runs[0].number))


def repeats_table(groups: Sequence[Repeats]) -> pd.DataFrame:
    """Return a row a group: its runs, their shared settings, median and range of the figures."""
    rows = [
        _kept_row(tuple(run.path for run in group.runs), tuple(map(stamps_of, group.runs)), language())
        for group in groups
    ]
    names = [name for name in SETTINGS if name != SEED]
    return pd.DataFrame(rows, columns=["runs", "repeats", *names, CURVE, *_FIGURES])


def range_text(values: Sequence[float], *, n: int | None = None) -> str:
    """Return "0.86 (0.84 to 0.88, 3 runs, n = 50)", "0.86 (1 run)", "" where there is none. ``n``: X-rays, where it is one number."""
    if not values:
        return ""
    number = pluralize(len(values), "run") + (f", n = {n}" if n else "")
    if len(values) == 1:
        return f"{number_text(values[0], '.2f')} ({number})"
    return tr(
        "{median:.2f} ({values:.2f} to {values_2:.2f}, {number})",
        median=np.median(values),
        values=min(values),
        values_2=max(values),
        number=number,
    )


@lru_cache(maxsize=_ROWS_KEPT)
def _kept_row(paths: tuple[Path, ...], stamps: tuple, code: str) -> dict:
    group = Repeats(tuple(map(Run, paths)))
    return {
        "runs": ", ".join(run.number_text for run in group.runs),
        "repeats": len(group.runs),
        **short_settings(group.settings),
        CURVE: group.honest_curve()["accuracy"].dropna().round(3).tolist() or None,
        **{column: group.in_words(*figure) for column, figure in _FIGURES.items()},
    }


def _median_curve(tables: Sequence[pd.DataFrame], column: str) -> pd.DataFrame:
    by_epoch = pd.concat([table[["epoch", column]] for table in tables]).groupby("epoch")[column]
    values = by_epoch.agg(["median", "min", "max"]).reset_index()
    return values.set_axis(["epoch", column, "low", "high"], axis=1)
