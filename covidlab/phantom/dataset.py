"""Sets of synthetic chest films: folders like the curated one, made from a seed, with masks that are exactly true.

Film ``i`` depends on the settings and ``i`` only, not on how many films are made.
"""

import csv
import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from covidlab.data.catalog_checks import DEFAULT_POSITIVE_CLASS
from covidlab.data.names import MASKS_FOLDER, METADATA_NAME, PHANTOM_MARKER
from covidlab.errors import UsageError
from covidlab.files import read_json, replacing, require_free_space, storage_errors, write_json
from covidlab.phantom.film import Phantom, PhantomConfig, make_phantom, num_positive

NEGATIVE_CLASS = "normal"
SOURCE = "synthetic (covidlab phantom)"
LICENCE = "CC0"

_VERSION = 1
_JPEG_QUALITY = 92
_NUM_THREADS = 2
_MASK_KINDS = (DEFAULT_POSITIVE_CLASS, NEGATIVE_CLASS, "opacity", "shortcut")

# The columns of dataset/metadata.csv, then those only a phantom can fill in.
COLUMNS = (
    *("file", "class", "finding", "patient_id", "age_years", "age_group", "sex", "view_metadata"),
    *("view_printed_on_image", "rt_pcr_positive", "offset_days", "intubated", "severity_extent_0_8"),
    *("severity_opacity_0_6", "text_on_image", "panel_letter_or_caption", "location", "source", "doi", "source_url"),
    *("licence", "width", "height", "channels", "bytes", "sha256", "mask", "mask_source", "notes"),
    *("synthetic", "opacity_mask", "lesion_extent", "lesion_contrast", "shortcut", "shortcut_strength"),
    *("shortcut_present", "shortcut_mask"),
)


@dataclass(frozen=True)
class PhantomSummary:
    """What was made: films, how many with opacities, patients, size of the films in bytes."""

    num_films: int
    num_positive: int
    num_patients: int
    num_bytes: int


def make_phantoms(
    folder: Path, config: PhantomConfig, *, progress: Callable[[int, int], None] | None = None
) -> PhantomSummary:
    """Write a set of phantoms: class folders, masks/ and, last, metadata.csv.

    The same settings write the same bytes on the same machine. A set that is there already, whole or cut off, is made
    anew. Memory does not grow with the number of films.

    Parameters
    ----------
    folder : new, empty, or holding an earlier set of phantoms
    config : PhantomConfig
    progress : called with the number of films done and of all films

    Returns
    -------
    PhantomSummary

    Raises
    ------
    UsageError
        A setting is out of range, or the folder holds something else.
    StorageError
        The disk is full or the folder cannot be written.
    """
    folder, config = Path(folder), config.validate()
    _claim(folder, config)
    num_bytes, patients = 0, set()
    # The table grows beside the films, and gets its name when all of them are there.
    with replacing(folder / METADATA_NAME) as temporary, open(temporary, "w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for num_done, row in enumerate(_written_films(folder, config), start=1):
            writer.writerow(row)
            num_bytes += row["bytes"]
            patients.add(row["patient_id"])
            if progress:
                progress(num_done, config.num_films)
    return PhantomSummary(
        num_films=config.num_films,
        num_positive=num_positive(config, config.num_films),
        num_patients=len(patients),
        num_bytes=num_bytes,
    )


def is_phantom_set(folder: Path) -> bool:
    """Whether a folder holds a whole set of phantoms."""
    return _is_claimed(Path(folder)) and (Path(folder) / METADATA_NAME).is_file()


def is_cut_off(folder: Path, config: PhantomConfig) -> bool:
    """Whether a set with these settings was begun in a folder and is not whole: it is being made, or whoever made it has gone."""
    folder = Path(folder)
    begun = (read_json(folder / PHANTOM_MARKER) or {}).get("config") == asdict(config)
    return begun and not is_phantom_set(folder)


def _is_claimed(folder: Path) -> bool:
    return "config" in (read_json(folder / PHANTOM_MARKER) or {})


def _claim(folder: Path, config: PhantomConfig) -> None:
    """Mark the folder as one of phantoms and remove what an earlier set left; refuse a folder that holds others."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"A folder is expected for the phantoms. Received: {folder}, which is a file.")
    with storage_errors(folder):
        others = folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    if others and not _is_claimed(folder):
        raise UsageError(
            f"The folder for phantoms must be new, empty or hold an earlier set of phantoms. Received: {folder}."
        )
    require_free_space(folder, config.num_films * config.size**2 // 4 + 1_000_000)
    with storage_errors(folder):
        (folder / METADATA_NAME).unlink(missing_ok=True)
        write_json(folder / PHANTOM_MARKER, {"version": _VERSION, "config": asdict(config)})
        for path in _own_files(folder):
            path.unlink()


def _own_files(folder: Path) -> Iterator[Path]:
    """Films and masks of an earlier set, and temporary files a kill left."""
    for name in (METADATA_NAME, PHANTOM_MARKER):
        yield from folder.glob(f".{Path(name).stem}.tmp-*")
    for inside in (DEFAULT_POSITIVE_CLASS, NEGATIVE_CLASS, *(f"{MASKS_FOLDER}/{kind}" for kind in _MASK_KINDS)):
        yield from (folder / inside).glob("phantom-[0-9]*.*")
        yield from (folder / inside).glob(".phantom-[0-9]*.*")


def _written_films(folder: Path, config: PhantomConfig) -> Iterator[dict]:
    """Write all films, two at a time, and yield their rows in order."""
    with ThreadPoolExecutor(_NUM_THREADS) as threads:
        waiting = deque()
        try:
            for number in range(config.num_films):
                waiting.append(threads.submit(_write_film, folder, config, number))
                # A few ahead, not all: what waits would grow with the number of films.
                if len(waiting) > 2 * _NUM_THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _write_film(folder: Path, config: PhantomConfig, number: int) -> dict:
    """Write one film and its masks; its row of metadata.csv comes back."""
    phantom = make_phantom(config, number)
    kind = DEFAULT_POSITIVE_CLASS if phantom.positive else NEGATIVE_CLASS
    name = f"phantom-{number + 1:05d}"
    jpeg = _jpeg(phantom)
    files = {"file": f"{kind}/{name}.jpg", "mask": f"{MASKS_FOLDER}/{kind}/{name}.png"}
    files["opacity_mask"] = f"{MASKS_FOLDER}/opacity/{name}.png"
    files["shortcut_mask"] = f"{MASKS_FOLDER}/shortcut/{name}.png" if phantom.shortcut_mask.any() else ""
    contents = {
        files["file"]: jpeg,
        files["mask"]: _png(phantom.lung_mask),
        files["opacity_mask"]: _png(phantom.opacity_mask),
        files["shortcut_mask"]: _png(phantom.shortcut_mask),
    }
    for file, content in contents.items():
        if file:
            with replacing(folder / file, durable=False) as temporary:
                temporary.write_bytes(content)
    measured = {"bytes": len(jpeg), "sha256": hashlib.sha256(jpeg).hexdigest()}
    return files | measured | _described(config, number, phantom, kind)


def _described(config: PhantomConfig, number: int, phantom: Phantom, kind: str) -> dict:
    letter = config.shortcut == "letter" and phantom.shortcut
    settings = ", ".join(f"{name} {value}" for name, value in asdict(config).items() if name != "num_films")
    texts = ["L side marker"] * phantom.has_marker + ["panel letter A"] * letter
    return {
        "class": kind,
        "finding": "synthetic opacities" if phantom.positive else "no opacity (synthetic)",
        "patient_id": phantom.patient_id,
        "age_years": phantom.anatomy.age_years,
        "age_group": "adult",
        "sex": phantom.anatomy.sex,
        "view_metadata": "PA",
        "offset_days": phantom.film_of_patient,
        "text_on_image": ", ".join(texts),
        "panel_letter_or_caption": int(letter),
        "source": SOURCE,
        "licence": LICENCE,
        "width": config.size,
        "height": config.size,
        "channels": 3 if phantom.in_colour else 1,
        "mask_source": "projected from the phantom: at least 3 cm of lung",
        "notes": f"No patient: drawn by covidlab, version {_VERSION} of the phantom, X-ray {number} of {settings}.",
        "synthetic": 1,
        "lesion_extent": f"{phantom.lesion_extent:.4f}",
        "lesion_contrast": f"{config.lesion_contrast if phantom.positive else 0:g}",
        "shortcut": config.shortcut,
        "shortcut_strength": f"{config.shortcut_strength:g}" if config.shortcut != "none" else "",
        "shortcut_present": int(phantom.shortcut),
    }


def _jpeg(phantom: Phantom) -> bytes:
    pixels = cv2.cvtColor(phantom.pixels, cv2.COLOR_GRAY2RGB) if phantom.in_colour else phantom.pixels
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_JPEG_QUALITY)
    return stream.getvalue()


def _png(mask: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(mask).save(stream, "PNG")
    return stream.getvalue()
