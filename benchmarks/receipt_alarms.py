"""How often the checks of an X-ray's pixels speak, on chest X-rays and on pictures of other things.

Prints for each folder of chest X-rays how many each check warns of and refuses; how many are noticed once they are inverted, turned
and blurred; which letters were found against the columns of metadata.csv, where --dataset has one. Then what is said of each picture
in --others, which hold none. Files are named only for these.
"""

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from common import PROJECT_ROOT, print_target

sys.path.insert(0, str(PROJECT_ROOT))

from covidlab.errors import CovidLabError
from covidlab.imaging.decode import decode_file
from covidlab.imaging.picture_checks import check_picture
from covidlab.imaging.receipt import NAMES, Verdict
from covidlab.intervals import wilson_interval

MOST_REFUSED, LEAST_INVERTED, MOST_FALSE_INVERTED, MOST_MILLISECONDS = 0.005, 0.95, 0.02, 30.0
SUFFIXES = {".jpg", ".jpeg", ".png"}
BLUR = 0.01

Verdicts = dict[str, Verdict]
CHANGES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "inverted": ("inversion", lambda pixels: 255 - pixels),
    "turned by 90 degrees": ("rotation", np.rot90),
    "turned by 180 degrees": ("rotation", lambda pixels: np.rot90(pixels, 2)),
    "turned by 270 degrees": ("rotation", lambda pixels: np.rot90(pixels, 3)),
    "blurred by 1 % of the side": ("blur", lambda pixels: cv2.GaussianBlur(pixels, (0, 0), BLUR * max(pixels.shape))),
}


def main() -> None:
    """Print all figures."""
    options = read_options()
    original, changed, seconds = Counter(), Counter(), []
    for folder in options.folders:
        paths = pictures(folder)
        said = {path: timed(path, seconds) for path in paths}
        print(f"\n{folder.parent.name}/{folder.name}: {len(paths)} X-rays")
        for name in NAMES:
            print_alarms(name, [verdicts.get(name) for verdicts in said.values()])
        original.update(kinds(said.values()))
        changed.update(print_changes(paths))
    print_targets(original, changed, seconds)
    if options.dataset:
        print_text(options.dataset)
    print_others([path for folder in options.others for path in pictures(folder)])


def read_options() -> argparse.Namespace:
    """The folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of chest X-rays, one for each class")
    parser.add_argument("--dataset", type=Path, help="a data set whose metadata.csv says which X-rays hold letters")
    parser.add_argument(
        "--others", nargs="*", type=Path, default=[], help="folders of pictures that are no chest X-rays"
    )
    return parser.parse_args()


def pictures(folder: Path) -> list[Path]:
    """The pictures in a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def checked(pixels: np.ndarray) -> Verdicts:
    """What each check says of the pixels."""
    return {check.name: check.verdict for check in check_picture(np.ascontiguousarray(pixels))}


def timed(path: Path, seconds: list[float]) -> Verdicts:
    """What each check says of a file; adds the processor time it took."""
    pixels = decode_file(path).pixels
    started = time.process_time()
    said = checked(pixels)
    seconds.append(time.process_time() - started)
    return said


def kinds(all_verdicts: Iterable[Verdicts]) -> Iterator[str]:
    """What is counted over all folders."""
    for verdicts in all_verdicts:
        yield "all"
        yield from ["refused"] * (Verdict.REFUSE in verdicts.values())
        yield from ["inverted"] * (verdicts.get("inversion") is Verdict.WARN)


def print_alarms(name: str, verdicts: list[Verdict | None]) -> None:
    """Print how many X-rays a check warns of and refuses."""
    for verdict in (Verdict.WARN, Verdict.REFUSE):
        number = verdicts.count(verdict)
        if number:
            print(f"  {name}: {verdict} {share(number, len(verdicts))}")


def print_changes(paths: list[Path]) -> Counter:
    """Print how many of the changed X-rays are noticed; counts those that are inverted."""
    noticed = Counter()
    for path in paths:
        pixels = decode_file(path).pixels
        for change, (check, function) in CHANGES.items():
            verdicts = checked(function(pixels))
            noticed[change] += verdicts.get(check) is Verdict.WARN
            noticed["refused", change] += Verdict.REFUSE in verdicts.values()
    for change in CHANGES:
        print(f"  {change}: noticed {share(noticed[change], len(paths))}, refused {noticed['refused', change]}")
    return Counter(inverted=noticed["inverted"])


def print_targets(original: Counter, changed: Counter, seconds: list[float]) -> None:
    """Print the figures over all folders beside their targets."""
    total = original["all"]
    print()
    print_target("refused", original["refused"] / total, target=MOST_REFUSED, unit="of the X-rays")
    print_target("taken for inverted", original["inverted"] / total, target=MOST_FALSE_INVERTED, unit="of the X-rays")
    noticed = changed["inverted"] / total
    print_target("noticed once inverted", noticed, target=LEAST_INVERTED, unit="of the X-rays", at_least=True)
    print_target("median time", 1000 * float(np.median(seconds)), target=MOST_MILLISECONDS, unit="ms")


def print_text(dataset: Path) -> None:
    """Print how many X-rays with a panel letter or caption are noticed, and how many of the others."""
    with (dataset / "metadata.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    print(f"\nletters in {dataset.name}")
    for value, what in (("1", "with a panel letter or caption"), ("0", "others with text"), ("", "others without")):
        named = [row for row in rows if kind_of_text(row) == value]
        found = sum(checked(decode_file(dataset / row["file"]).pixels).get("text") is Verdict.WARN for row in named)
        print(f"  {what}: noticed {share(found, len(named))}")


def kind_of_text(row: dict[str, str]) -> str:
    """1: panel letter or caption, 0: other text is stated, empty: none is."""
    if row["panel_letter_or_caption"] == "1":
        return "1"
    return "0" if "'" in row["text_on_image"] else ""


def print_others(paths: list[Path]) -> None:
    """Print what is said of pictures that are no chest X-rays."""
    refused = Counter()
    for path in paths:
        try:
            verdicts = checked(decode_file(path).pixels)
        except CovidLabError:
            verdicts = {"file": Verdict.REFUSE}
        by = [name for name, verdict in verdicts.items() if verdict is Verdict.REFUSE]
        warned = [name for name, verdict in verdicts.items() if verdict is Verdict.WARN]
        refused["all"] += bool(by)
        print(
            f"  {path.stem}: {'refused by ' + ', '.join(by) if by else 'not refused'}; warned of {', '.join(warned) or 'nothing'}"
        )
    if paths:
        print(f"pictures of other things: refused {share(refused['all'], len(paths))}")


def share(number: int, total: int) -> str:
    """A share with its Wilson interval."""
    if not total:
        return "0 of 0"
    low, high = wilson_interval(number, total)
    return f"{number} of {total} ({number / total:.3f}, 95 % interval {low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
