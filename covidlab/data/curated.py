"""The curated fifty: copied in from where a person has them, verified against the list kept with the code."""

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from covidlab.data.catalog import DEFAULT_POSITIVE_CLASS, normal_view_position, read_metadata
from covidlab.data.conflicts import describe_conflicts, find_conflicts
from covidlab.data.listing import read_layout
from covidlab.data.names import MASKS_FOLDER, METADATA_NAME
from covidlab.errors import DataError, UnreadableImage
from covidlab.files import replacing, require_free_space
from covidlab.imaging.decode import decode, read_bytes, read_header
from covidlab.paths import PROJECT_ROOT
from covidlab.text import some_of

CURATED_LIST = PROJECT_ROOT / "dataset"


@dataclass(frozen=True)
class ImportResult:
    """What an import did: ``num_copied`` and ``num_present`` count films and masks, ``masks_absent`` tells that the
    source has no masks folder, so that films came alone."""

    num_copied: int
    num_present: int
    masks_absent: bool = False


@dataclass(frozen=True)
class CheckResult:
    """What is wrong with a data set; every entry is a file, relative to the root.

    missing: listed, not there. changed: content is not the listed one. unreadable: no whole film. duplicates: groups of
    films with the same content. conflicts: those of them that are in two classes. not_listed: films of which metadata.csv
    says nothing. view_contradictions: films of
    the curated set's positive class that are AP, though the set was published as "PA only" (nothing to mend).
    masks_absent: lung masks are listed and none is there; everything works without them.
    """

    num_films: int = 0
    num_positive: int = 0
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    duplicates: tuple[tuple[str, ...], ...] = ()
    conflicts: tuple[tuple[str, ...], ...] = ()
    not_listed: tuple[str, ...] = ()
    view_contradictions: tuple[str, ...] = ()
    masks_absent: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not (self.missing or self.changed or self.unreadable or self.duplicates or self.not_listed)

    def sentences(self) -> list[str]:
        """What was found, one plain sentence each, the first one a summary."""
        if self.num_films == 0:
            return ["No X-rays are here. Run `python -m covidlab dataset import SRC` to fill the data set."]
        lines = [f"{self.num_films} X-rays were checked: {'nothing is wrong.' if self.ok else 'see below.'}"]
        for found, what in (
            (self.missing, "listed in metadata.csv but not there"),
            (self.changed, "not the listed content (another SHA-256)"),
            (self.unreadable, "not readable as an X-ray"),
            (self.not_listed, "not listed in metadata.csv"),
        ):
            if found:
                lines.append(f"{_counted(len(found))} {what}: {', '.join(found)}.")
        if self.conflicts:
            lines.append(describe_conflicts(self.conflicts, most=len(self.conflicts)))
        lines += [
            f"The same content {len(group)} times: {', '.join(group)}."
            for group in self.duplicates
            if group not in self.conflicts
        ]
        if self.masks_absent:
            lines.append("The lung masks are not here: they come with `python -m covidlab dataset import SRC` only.")
        if self.view_contradictions:
            lines.append(
                f'"PA only" does not hold: {len(self.view_contradictions)} of the {self.num_positive} X-rays of class '
                f"{DEFAULT_POSITIVE_CLASS} are AP, by their metadata or by text printed on the X-ray: "
                f"{', '.join(self.view_contradictions)}."
            )
        return lines


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
        raise DataError(f"There is no such folder to import from: {source}.")
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


def check_dataset(root: Path) -> CheckResult:
    """Compare a data set with its metadata.csv and decode every film.

    Without metadata.csv only unreadable and duplicate films are found. Raises DataError where the folder or its
    metadata.csv cannot be used at all.
    """
    root = Path(root)
    contents, unreadable = {}, []
    classes = read_layout(root).classes
    for file in sorted(classes):
        try:
            data = read_bytes(root / file, name=file)
            contents[file] = hashlib.sha256(data).hexdigest()
            decode(data, name=file)
        except UnreadableImage:
            unreadable.append(file)
    found = {*contents, *unreadable}
    metadata = read_metadata(root)
    listed = metadata if metadata is not None else pd.DataFrame({"file": [], "patient_id": []}, dtype=str)
    sha256s = dict(zip(listed["file"], listed.get("sha256", pd.Series("", index=listed.index)), strict=True))
    masks = [mask for mask in listed.get("mask", ()) if mask]
    masks_absent = bool(masks) and not (root / MASKS_FOLDER).is_dir()
    contradictions, num_positive = _view_contradictions(listed)
    return CheckResult(
        num_films=len(found),
        num_positive=num_positive,
        missing=tuple(
            file for file in [*listed["file"], *([] if masks_absent else masks)] if not (root / file).is_file()
        ),
        changed=tuple(sorted(file for file, sha in contents.items() if sha256s.get(file) and sha256s[file] != sha)),
        unreadable=tuple(unreadable),
        duplicates=_same_content(contents),
        conflicts=_in_two_classes(contents, classes),
        not_listed=tuple(sorted(found - set(sha256s))) if metadata is not None else (),
        view_contradictions=contradictions,
        masks_absent=masks_absent,
    )


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
        raise DataError(f"{_counted(len(absent))} missing in {source}: {some_of(absent)}. Nothing was copied.")
    verified = {}
    for file, right in checks.items():
        data = read_bytes(source / file, name=file)
        if right(data):
            verified[file] = hashlib.sha256(data).hexdigest()
    wrong = [file for file in checks if file not in verified]
    if wrong:
        raise DataError(
            f"{_counted(len(wrong))} not what the list of the curated set expects: {some_of(wrong)}. "
            "Get the file again from its source. Nothing was copied."
        )
    return verified


def _copy(source: Path, target: Path, file: str, sha256: str) -> None:
    data = read_bytes(source / file, name=file)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(f"{file} changed in {source} while it was copied. Import again.")
    # Not durable: what a power cut leaves wrong, the next import finds and copies again.
    with replacing(target / file, durable=False) as temporary:
        temporary.write_bytes(data)


def _copy_list(target: Path) -> None:
    listed, there = CURATED_LIST / METADATA_NAME, target / METADATA_NAME
    if not there.is_file() or there.read_bytes() != listed.read_bytes():
        with replacing(there) as temporary:
            shutil.copyfile(listed, temporary)


def _same_content(contents: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    groups = defaultdict(list)
    for file, sha256 in contents.items():
        groups[sha256].append(file)
    return tuple(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _in_two_classes(contents: dict[str, str], classes: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    films = pd.DataFrame(
        [(file, classes[file], sha256) for file, sha256 in contents.items()],
        columns=["file", "class", "sha256"],
    )
    return tuple(map(tuple, find_conflicts(films)))


def _view_contradictions(listed: pd.DataFrame) -> tuple[tuple[str, ...], int]:
    """AP films among the curated films of the positive class, and how many of that class there are."""
    curated = read_metadata(CURATED_LIST)
    curated = curated[(curated["class"] == DEFAULT_POSITIVE_CLASS) & curated["file"].isin(listed["file"])]
    views = curated["view_printed_on_image"].where(curated["view_printed_on_image"] != "", curated["view_metadata"])
    return tuple(curated["file"][views.map(normal_view_position) == "AP"]), len(curated)


def _counted(number: int) -> str:
    return "1 file is" if number == 1 else f"{number} files are"
