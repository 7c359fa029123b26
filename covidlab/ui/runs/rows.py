"""What the table of runs holds: a row a run, the settings that differ first. No Streamlit."""

from collections.abc import Mapping, Sequence

import pandas as pd

from covidlab.files import file_stamp
from covidlab.kept_by_file import KeptByFile
from covidlab.language import language, tr, tr_lazy
from covidlab.runs.learning_record import CROSSVALIDATION, load_crossed
from covidlab.runs.notes import load_notes
from covidlab.runs.run_settings import SETTINGS, differing, settings_of
from covidlab.runs.settings_text import CLASS_WEIGHT_NAMES, OPTIMIZER_NAMES
from covidlab.runs.status import State
from covidlab.runs.status_text import STATE_NAMES
from covidlab.runs.store import Run
from covidlab.text import short_metric_text

CURVE, CROSSED, CROSSED_AUC, SINGLE = (
    tr_lazy("honest curve"),
    tr_lazy("cross-validated accuracy"),
    tr_lazy("cross-validated AUC"),
    tr_lazy("accuracy"),
)
COLUMNS = ("run", "state", *SETTINGS, CURVE, CROSSED, SINGLE, CROSSED_AUC, "tags", "note", "seconds", "started")

# Behind the settings that differ; tags and notes are passed over where there are none.
_RESULTS = (CURVE, CROSSED, SINGLE, CROSSED_AUC, "tags", "note", "seconds", "started")
# Words that would make a column too wide; the comparison says them in full.
_SHORTER = {
    OPTIMIZER_NAMES["sgd"]: tr_lazy("SGD"),
    CLASS_WEIGHT_NAMES["none"]: tr_lazy("equal X-rays"),
    CLASS_WEIGHT_NAMES["balanced"]: tr_lazy("equal classes"),
}
# Characters of the settings that differ before the curve: with more of them the curve would be out of sight on a laptop.
_ROOM_BEFORE_CURVE = 48
_FILES = ("run.json", "report.json", "notes.json", CROSSVALIDATION)
_kept_rows: KeptByFile[dict] = KeptByFile(2000)


def runs_table(runs: Sequence[Run], *, baseline: str = "") -> pd.DataFrame:
    """Return a row a run, in the order given; what a damaged run does not say stays empty."""
    rows = [_row(run, is_baseline=run.id == baseline) for run in runs]
    # Damaged runs have few entries: the columns stand here, whatever the runs.
    return pd.DataFrame(rows, columns=list(COLUMNS))


def column_order(table: pd.DataFrame, *, with_all: bool = False) -> list[str]:
    """Return the columns to show: those that name a run, the settings that differ, results, and all other settings if asked.

    Where very many settings differ, those that have no room before the curve stand behind it.

    Parameters
    ----------
    table : as ``runs_table`` or ``repeats_table`` returns it
    """
    settings = [name for name in SETTINGS if name in table]
    varying = differing(table[settings].fillna("").to_dict(orient="records"))
    names = [name for name in table if name not in settings and name not in _RESULTS]
    if "job" in settings and "job" not in varying and set(table["job"].fillna("")) - {"", tr("training")}:
        # Where there are audits alone, that they are audits is what a person needs to know.
        varying = ["job", *varying]
    results = [name for name in _RESULTS if name in table and _says_something(table, name)]
    others = [name for name in settings if name not in varying]
    first, later = _with_room(table, varying)
    place = sum(name in results for name in (CURVE, CROSSED))
    return [*names, *first, *results[:place], *later, *results[place:], *(others if with_all else [])]


def _with_room(table: pd.DataFrame, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Columns that fit before the curve, and the others; a narrow one may still fit after one that does not."""
    first, later, room = [], [], _ROOM_BEFORE_CURVE
    for name in names:
        needed = _longest_text(table, name)
        (first if needed <= room else later).append(name)
        room -= needed if needed <= room else 0
    return first, later


def _longest_text(table: pd.DataFrame, name: str) -> int:
    """Return how many characters the longest text of a column has, its heading included."""
    return max([len(name), *map(len, table[name].fillna("").astype(str))])


def short_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings in words that fit a column."""
    shorter = {tr(words): tr(short) for words, short in _SHORTER.items()}
    return {name: shorter.get(text, text) for name, text in settings.items()}


def stamps_of(run: Run) -> tuple:
    """Return what changes with the files that a row is made of."""
    return tuple(file_stamp(run.path / name) for name in _FILES)


def _says_something(table: pd.DataFrame, name: str) -> bool:
    return name not in ("tags", "note") or bool((table[name].fillna("") != "").any())


def _row(run: Run, *, is_baseline: bool) -> dict:
    # Whether a run is under way depends on its lock, not on its files alone.
    state = run.status().state
    row = {
        "run": tr("{number_text} (base)", number_text=run.number_text) if is_baseline else run.number_text,
        "state": str(STATE_NAMES[state]),
    }
    if run.is_damaged():
        return row if state.is_unreadable else {**row, "state": str(STATE_NAMES[State.DAMAGED])}
    return {**row, **_kept_rows.get(run.path, stamps_of(run), lambda: _made_row(run), variant=language())}


def _made_row(run: Run) -> dict:
    facts, report, notes = run.load_facts(), run.report() or {}, load_notes(run)
    crossed = report.get("cross_validation") or {}
    return {
        **short_settings(settings_of(run)),
        CURVE: load_crossed(run)["accuracy"].dropna().round(3).tolist() or None,
        CROSSED: short_metric_text(crossed.get("accuracy")) or _best_of(report),
        SINGLE: short_metric_text(report.get("accuracy")),
        CROSSED_AUC: short_metric_text(crossed.get("auc")),
        "tags": ", ".join(notes.tags),
        "note": " ".join(notes.note.split()),
        "seconds": (report.get("seconds") or {}).get("total"),
        "started": pd.to_datetime(facts.get("started") or facts.get("created"), utc=True, errors="coerce"),
    }


def _best_of(report: Mapping) -> str:
    """The best of a sweep, "best of 100: 0.98 (0.90 to 1.00, n = 50)"; "" for a run of another job."""
    best = report.get("best")
    return (
        tr(
            "best of {done}: {short_metric}",
            done=report["trials"]["done"],
            short_metric=short_metric_text(best["accuracy"]),
        )
        if best
        else ""
    )
