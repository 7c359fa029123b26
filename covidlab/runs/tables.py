"""Tables of numbers that grow a line at a time: history.csv, steps.csv and what runs.learning_record keeps.

The first line names the columns, and readers find them by name, so that later versions can add some. Version 0.1.0 wrote no
header: such a table is read by position, keeps its form while lines are added, and gets a header when it is written anew.
Torn and damaged lines are skipped.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from covidlab.files import append_line, replacing, storage_errors

# What stands for a number that nobody measured.
UNKNOWN = "nan"


@dataclass(frozen=True)
class Table:
    """Which columns a kind of table has.

    columns: written today. integers: those that are whole numbers; every header has them, and a line without one of them is
    damaged. without_header: the columns of a table without header, in order; never to be changed.
    """

    columns: tuple[str, ...]
    integers: tuple[str, ...]
    without_header: tuple[str, ...]

    def load(self, path: Path) -> pd.DataFrame:
        """Return the whole lines of ``path`` under today's columns; nan in those that the table does not have."""
        columns, lines = self._read(path)
        frame = pd.DataFrame([self._numbers(columns, line) for line in lines], columns=list(self.columns), dtype=float)
        return frame.astype(dict.fromkeys(self.integers, int))

    def append(self, path: Path, rows: Iterable[Mapping[str, float]]) -> None:
        """Add rows in the form the table has; a new table gets a header."""
        first = _first_line(path)
        columns = self._header(first) or (self.columns if first is None else self.without_header)
        lines = [",".join(f"{row[name]:.9g}" if name in row else UNKNOWN for name in columns) for row in rows]
        if first is None:
            # Nothing, or half of the first line, which a kill has left.
            with storage_errors(path):
                path.unlink(missing_ok=True)
            lines.insert(0, ",".join(columns))
        append_line(path, "\n".join(lines))

    def keep(self, path: Path, condition: Callable[[Mapping[str, float]], bool]) -> None:
        """Write the table anew with its header and the lines for which ``condition`` holds; unknown columns stay."""
        columns, lines = self._read(path)
        kept = [line for line in lines if condition(dict(zip(self.columns, self._numbers(columns, line), strict=True)))]
        unknown = [name for name in columns if name not in self.columns]
        with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*self.columns, *unknown], restval=UNKNOWN, lineterminator="\n")
            writer.writeheader()
            writer.writerows(dict(zip(columns, line, strict=True)) for line in kept)

    def _read(self, path: Path) -> tuple[Sequence[str], list[list[str]]]:
        """The names of the columns, and the fields of each whole line; a line counts once its end is there."""
        text = ""
        with suppress(OSError), open(path, encoding="utf-8", errors="replace", newline="") as file:
            text = file.read()
        lines = list(csv.reader(text[: text.rfind("\n") + 1].splitlines()))
        columns = (self._header(lines[0]) if lines else None) or self.without_header
        return columns, [line for line in lines if len(line) == len(columns) and self._is_whole(columns, line)]

    def _is_whole(self, columns: Sequence[str], line: Sequence[str]) -> bool:
        with suppress(ValueError):
            numbers = dict(zip(self.columns, self._numbers(columns, line), strict=True))
            return all(numbers[name].is_integer() for name in self.integers)
        return False

    def _numbers(self, columns: Sequence[str], line: Sequence[str]) -> list[float]:
        """Today's columns of a line; raises ValueError where one of them is no number."""
        fields = dict(zip(columns, line, strict=True))
        return [float(fields.get(name, UNKNOWN)) for name in self.columns]

    def _header(self, fields: Sequence[str] | None) -> Sequence[str] | None:
        """The fields of the first line where it is a header."""
        return fields if fields and set(self.integers) <= set(fields) else None


def as_lists(table: pd.DataFrame) -> dict[str, list[float | None]]:
    """Return the columns of a table for JSON: None in place of nan."""
    return table.astype(object).where(table.notna(), None).to_dict(orient="list")


def _first_line(path: Path) -> list[str] | None:
    """Fields of the first line, or None where there is no whole one."""
    with suppress(OSError), open(path, encoding="utf-8", errors="replace", newline="") as file:
        line = file.readline()
        return next(csv.reader([line]), None) if line.endswith("\n") else None
    return None


# The interval of the validation accuracy stands beside it, so that who draws it need not compute it.
HISTORY = Table(
    columns=(
        *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"),
        *("val_accuracy_low", "val_accuracy_high"),
    ),
    integers=("epoch",),
    without_header=("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"),
)
STEPS = Table(
    columns=("step", "epoch", "position", "loss", "accuracy"),
    integers=("step", "epoch"),
    without_header=("step", "epoch", "position", "loss", "accuracy"),
)
# The honest curve: what heads that have not seen an X-ray's patient say, epoch by epoch, from 0 (before learning).
# accuracy, low, high: as in the report, so the median of the repeats; lowest, highest: of the repeats.
CROSSED = Table(
    columns=("epoch", "accuracy", "low", "high", "lowest", "highest"),
    integers=("epoch",),
    without_header=(),
)
