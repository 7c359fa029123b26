"""The curated fifty: copied in from where a person has them, verified against the list kept with the code."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from covidlab.data.metadata import read_metadata
from covidlab.data.names import MASKS_FOLDER, METADATA_NAME
from covidlab.errors import DataError, UnreadableImage
from covidlab.files import replacing, require_free_space
from covidlab.imaging.decode import decode, read_bytes, read_header
from covidlab.language import tr
from covidlab.paths import PROJECT_ROOT
from covidlab.text import some_of

# Where the code is, also where X-rays are looked for elsewhere.
CURATED_LIST = PROJECT_ROOT / "dataset"


@dataclass(frozen=True)
class ImportResult:
    """What an import did: ``num_copied`` and ``num_present`` count films and masks, ``masks_absent`` tells that the
    source has no masks folder, so that films came alone."""

    num_copied: int
    num_present: int
    masks_absent: bool = False


def import_curated(source: Path, target: Path, *, progress: Callable[[int, int], None] | None = None) -> ImportResult:
    """Copy the fifty films and their lung masks from ``source`` to ``target``; what is already right stays untouched.

    All files are verified before the first is copied: films by the SHA-256 of the committed list, masks by being whole
    black and white pictures of their film's size. A file appears under its name only when it is whole.

    Parameters
    ----------
    source : folder with covid/, normal/ and, if there are any, masks/
    target : folder that gets the same, and the list as metadata.csv
    progress : called with the number of files done and of all files

    Raises
    ------
    DataError
        A file is missing or not the listed one; names it, and nothing has been written.
    StorageError
        The target is full or cannot be written.
    """
    source, target = Path(source), Path(target)
    if not source.is_dir():
        raise DataError(tr("There is no such folder to import from: {source}.", source=source))
    listed = read_metadata(CURATED_LIST)
    masks_absent = not (source / MASKS_FOLDER).is_dir() and not (target / MASKS_FOLDER).is_dir()
    checks = dict(_checks(listed, with_masks=not masks_absent))
    present = {file for file, right in checks.items() if (target / file).is_file() and right(read_bytes(target / file))}
    wanted = [file for file in checks if file not in present]
    verified = _verify(source, {file: checks[file] for file in wanted})
    require_free_space(target, sum((source / file).stat().st_size for file in wanted) + 1_000_000)
    for number, file in enumerate(wanted, start=len(present) + 1):
        _copy(source, target, file, verified[file])
        if progress:
            progress(number, len(checks))
    _copy_list(target)
    return ImportResult(num_copied=len(wanted), num_present=len(present), masks_absent=masks_absent)


def _checks(listed: pd.DataFrame, *, with_masks: bool) -> Iterator[tuple[str, Callable[[bytes], bool]]]:
    """Each file of the list, and how to tell whether its content is right."""
    for row in listed.to_dict("records"):
        yield row["file"], _has_sha256(row["sha256"])
        if with_masks and row["mask"]:
            yield row["mask"], _is_mask_of_size(int(row["width"]), int(row["height"]))


def _has_sha256(sha256: str) -> Callable[[bytes], bool]:
    return lambda data: hashlib.sha256(data).hexdigest() == sha256


def _is_mask_of_size(width: int, height: int) -> Callable[[bytes], bool]:
    """The list has no hash of a mask; PNG's own checksums and its film's size tell a damaged or exchanged one."""

    def right(data: bytes) -> bool:
        try:
            header = read_header(data)
            if (header.format, header.width, header.height) != ("PNG", width, height):
                return False
            grey = decode(data).pixels[..., 0]
            return bool(((grey == 0) | (grey == 255)).all())
        except UnreadableImage:
            return False

    return right


def _verify(source: Path, checks: dict[str, Callable[[bytes], bool]]) -> dict[str, str]:
    """SHA-256 of each file, all of them right."""
    absent = [file for file in checks if not (source / file).is_file()]
    if absent:
        raise DataError(
            tr(
                "{counted} missing in {source}: {some_of}. Nothing was copied.",
                counted=_counted(len(absent)),
                source=source,
                some_of=some_of(absent),
            )
        )
    verified = {}
    for file, right in checks.items():
        data = read_bytes(source / file, name=file)
        if right(data):
            verified[file] = hashlib.sha256(data).hexdigest()
    wrong = [file for file in checks if file not in verified]
    if wrong:
        raise DataError(
            tr(
                "{counted} not what the list of the curated set expects: {some_of}. Get the file again from its "
                "source. Nothing was copied.",
                counted=_counted(len(wrong)),
                some_of=some_of(wrong),
            )
        )
    return verified


def _copy(source: Path, target: Path, file: str, sha256: str) -> None:
    data = read_bytes(source / file, name=file)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(tr("{file} changed in {source} while it was copied. Import again.", file=file, source=source))
    # Not durable: what a power cut leaves wrong, the next import finds and copies again.
    with replacing(target / file, durable=False) as temporary:
        temporary.write_bytes(data)


def _copy_list(target: Path) -> None:
    listed, there = CURATED_LIST / METADATA_NAME, target / METADATA_NAME
    if not there.is_file() or there.read_bytes() != listed.read_bytes():
        with replacing(there) as temporary:
            shutil.copyfile(listed, temporary)


def _counted(number: int) -> str:
    return tr("1 file is") if number == 1 else tr("{number} files are", number=number)
