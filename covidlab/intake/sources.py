"""Films a person brings in a folder, a ZIP file or one by one, before anything of them is read or written."""

import csv
import io
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from covidlab.data.names import FILM_SUFFIXES, MASKS_FOLDER, METADATA_NAME
from covidlab.errors import DataError, UnreadableImage
from covidlab.imaging.decode import read_bytes
from covidlab.imaging.limits import MAX_BYTES
from covidlab.text import some_of

MAX_FILES = 5_000
MAX_TOTAL_BYTES = 2 * 1024**3
# Deflate packs zeros 1,030 to 1; a film that is not all one grey stays far below 100.
MAX_RATIO = 200
_RATIO_COUNTS_FROM_BYTES = 1_000_000

Source = bytes | Path | Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Brought:
    """Films by name, unique, and where to read each; what metadata.csv beside them says, by the name of the film.

    left_out: hidden files, masks, links and what is no film by its name. sentences: what else to know.
    """

    files: tuple[tuple[str, Source], ...]
    metadata: Mapping[str, Mapping[str, str]]
    left_out: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


def from_files(files: Iterable[tuple[str, bytes]]) -> Brought:
    """Films given one by one, a metadata.csv and ZIP files among them; two of one name are told apart by a number."""
    entries: dict[str, Source] = {}
    parts = []
    for given, data in files:
        name = PurePosixPath(given.replace("\\", "/")).name or "film"
        if name.lower().endswith(".zip"):
            parts.append(from_zip(data))
            continue
        entries[_free_name(name, entries)] = data
        check_number(len(entries))
    return _together([_sorted_out(entries), *parts])


def from_folder(path: Path) -> Brought:
    """Films in a folder and the folders below it; hidden files, masks and links are left out, nothing is changed.

    Raises DataError where there is no such folder, it cannot be read, or it holds more than 5,000 files.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        raise DataError(f"A folder with X-rays is expected. There is no such folder: {root}.")

    def refuse(error: OSError) -> None:
        raise DataError(f"The folder {error.filename} cannot be read: {error.strerror}.") from error

    entries, links = {}, []
    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if name[0] != "." and not os.path.islink(Path(folder, name)))
        for name in sorted(names):
            file = Path(folder, name)
            target = links if file.is_symlink() or not file.is_file() else entries
            relative = _readable_name(file.relative_to(root).as_posix())
            target.append(relative) if target is links else entries.update({relative: file})
        check_number(len(entries))
    brought = _sorted_out(entries)
    return replace(brought, left_out=(*brought.left_out, *links))


def from_zip(data: bytes) -> Brought:
    """Films in a ZIP file; nothing is unpacked to the disk, each is read when it is needed.

    Raises
    ------
    DataError
        No ZIP file, damaged or encrypted; a member with an absolute path, a path upwards or a link; more than 5,000
        files, 2 GB unpacked, or a member packed more than 200 to 1.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise DataError("A ZIP file is expected; this one is damaged, or is something else.") from error
    check_number(len(members))
    for member in members:
        _check_member(member)
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL_BYTES:
        raise DataError(
            f"A ZIP file may hold {MAX_TOTAL_BYTES / 1024**3:.0f} GB unpacked. Received: {total / 1024**3:,.1f} GB."
        )
    files = [(_member_name(member), member) for member in members if not member.is_dir()]
    names = [name for name, _ in files]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1}) if len(names) < 1000 else ["several files"]
        raise DataError(f"A ZIP file must hold each file once. Received twice: {some_of(twice)}.")
    return _sorted_out({name: _member_reader(archive, member) for name, member in files})


def content(source: Source, name: str) -> bytes:
    """Bytes of a film that was brought; raises UnreadableImage where they cannot be had."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, Path):
        return read_bytes(source, name=name)
    try:
        return source()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableImage(f"{name} cannot be read: it is damaged inside the ZIP file.") from error


def check_number(number: int) -> None:
    """Raise DataError for more files than are taken at once."""
    if number > MAX_FILES:
        raise DataError(f"At most {MAX_FILES:,} files can be added at once. Received: {number:,} or more.")


def _sorted_out(entries: Mapping[str, Source]) -> Brought:
    """Films apart from metadata.csv, hidden files, masks and what is no film by its name."""
    files, left_out, tables = [], [], []
    for name, source in entries.items():
        path = PurePosixPath(name)
        hidden = any(part[0] == "." or part in ("__MACOSX", MASKS_FOLDER) for part in path.parts)
        if not hidden and path.name == METADATA_NAME:
            tables.append(name)
        elif not hidden and path.suffix.lower() in FILM_SUFFIXES:
            files.append((name, source))
        else:
            left_out.append(name)
    metadata, sentences = {}, []
    for table in tables:
        try:
            rows = _rows(content(entries[table], table))
        except (DataError, ValueError, csv.Error) as error:
            sentences.append(f"{table} cannot be used, so its columns are missing. {error}")
            continue
        matched = _matched(rows, [name for name, _ in files], PurePosixPath(table).parent)
        metadata |= matched
        if absent := sorted(set(rows) - {row["file"] for row in matched.values()}):
            sentences.append(f"{table} lists {len(absent):,} that are not there: {some_of(absent)}.")
    return Brought(files=tuple(files), metadata=metadata, left_out=tuple(left_out), sentences=tuple(sentences))


def _rows(data: bytes) -> dict[str, dict[str, str]]:
    """Rows of a metadata.csv by their file; raises DataError, ValueError or csv.Error where it is none."""
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="", strict=True)
    rows = list(reader)
    if not {"file", "patient_id"} <= set(reader.fieldnames or ()):
        raise DataError("It needs the columns file and patient_id.")
    if any(None in row for row in rows):
        raise DataError("It has a row with more values than columns.")
    return {row["file"]: row for row in rows}


def _matched(rows: Mapping[str, dict], names: Iterable[str], above: PurePosixPath) -> dict[str, dict[str, str]]:
    """Row of each film: by its path, else, where films came without their folders, by its own name if that is unique."""
    by_path = {(above / file).as_posix(): row for file, row in rows.items()}
    by_name: dict[str, dict | None] = {}
    for file, row in rows.items():
        by_name[PurePosixPath(file).name] = None if PurePosixPath(file).name in by_name else row
    found = {name: by_path.get(name) or (None if "/" in name else by_name.get(name)) for name in names}
    return {name: row for name, row in found.items() if row is not None}


def _together(parts: Iterable[Brought]) -> Brought:
    files: dict[str, Source] = {}
    metadata, left_out, sentences = {}, [], []
    for part in parts:
        for name, source in part.files:
            free = _free_name(name, files)
            files[free] = source
            if name in part.metadata:
                metadata[free] = part.metadata[name]
        left_out += part.left_out
        sentences += part.sentences
    check_number(len(files))
    return Brought(files=tuple(files.items()), metadata=metadata, left_out=tuple(left_out), sentences=tuple(sentences))


def _free_name(name: str, taken: Mapping[str, Source]) -> str:
    path, free, number = PurePosixPath(name), name, 1
    while free in taken:
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}").as_posix()
    return free


def _check_member(member: zipfile.ZipInfo) -> None:
    name, what = _member_name(member), None
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ":" in (parts or ("",))[0][1:2] or ".." in parts or not parts:
        what = "a path inside the archive"
    elif stat.S_ISLNK(member.external_attr >> 16):
        what = "a file, no link"
    elif member.flag_bits & 0x1:
        what = "a file without a password"
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        what = "the usual compression (deflate)"
    elif member.file_size > max(_RATIO_COUNTS_FROM_BYTES, MAX_RATIO * member.compress_size):
        what = f"a file packed at most {MAX_RATIO} to 1"
    if what:
        raise DataError(f"Each entry of a ZIP file must be {what}. Nothing was read. Received: {name!r}.")


def _member_name(member: zipfile.ZipInfo) -> str:
    # Some programs of Windows write backslashes, which elsewhere would be letters of a name.
    return unicodedata.normalize("NFC", member.filename.replace("\\", "/"))


def _member_reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        with archive.open(member) as file:
            # Never more than a film may weigh, whatever the header says.
            return file.read(MAX_BYTES + 1)

    return read


def _readable_name(name: str) -> str:
    """A name for people; bytes that are no UTF-8 become question marks."""
    return name.encode(errors="replace").decode()
