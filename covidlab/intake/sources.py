"""X-rays a person brings in a folder, in ZIP files or one by one, before anything of them is written."""

import io
import os
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from covidlab.data.layouts import NO_ANSWERS, ONE_CLASS_AN_ARCHIVE, Answers, Layout, LeftOut
from covidlab.data.listing import LINKS, Found, gather, sort_names, walk
from covidlab.data.names import METADATA_NAME, archive_class_name, is_hidden
from covidlab.data.tables import MAX_TABLE_BYTES, is_table_name
from covidlab.errors import DataError, UnreadableImage, UsageError
from covidlab.imaging.decode import HEAD_BYTES, read_bytes
from covidlab.imaging.limits import MAX_BYTES
from covidlab.intake.zipnames import member_names
from covidlab.language import tr
from covidlab.text import pluralize, some_of

# On a page; the command line takes more.
MAX_XRAYS = 20_000
MAX_TOTAL_BYTES = 2 * 1024**3
# What an archive may list at all, masks and what the system adds included.
MAX_MEMBERS = 500_000
# Deflate packs zeros 1,030 to 1; a film that is not all one grey stays far below 100.
MAX_RATIO = 200
_RATIO_COUNTS_FROM_BYTES = 1_000_000
_OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")

Source = bytes | Path | Callable[[], bytes]


@dataclass(frozen=True, kw_only=True, eq=False)
class Brought:
    """What a person brings, looked through by name and, where names do not tell, by the first bytes.

    sources: where to read each picture, by its name. found: pictures, tables and what is left out. archive_class: the class
    of pictures that neither a folder nor a table gives one, from the name of their archive. archives: names of several
    archives, each the folder above its pictures. sentences: what else to know.
    """

    sources: Mapping[str, Source] = field(repr=False)
    found: Found
    archive_class: str = ""
    archives: frozenset[str] = frozenset()
    sentences: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[tuple[str, Source], ...]:
        """Name and source of every picture, sorted by name."""
        return tuple((name, self.sources[name]) for name in self.found.pictures)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What is no picture, by reason."""
        return self.found.left_out

    def understand(self, answers: Answers = NO_ANSWERS) -> Layout:
        """Return what this was understood to be, given a person's answers; reads nothing."""
        layout = self.found.understand(answers, archive_class=self.archive_class, archives=self.archives)
        if layout.classes and self.archives.issuperset(layout.classes.values()):
            layout = replace(layout, title=ONE_CLASS_AN_ARCHIVE)
        return layout.with_problems(self.sentences)


@dataclass(frozen=True, kw_only=True)
class CopiedFolder:
    """A folder that was copied from elsewhere: its name, where each of its files lies now, and links, which are left out."""

    name: str
    files: Mapping[str, Path] = field(repr=False)
    links: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Entries:
    """Files by name and where to read each, links, and what to say of how the names were read."""

    sources: dict[str, Source] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    archive: str = ""
    archives: set[str] = field(default_factory=set)

    def add(self, other: "_Entries", *, above: str = "") -> None:
        """Take over another's files, below a folder; two of one name are told apart by a number."""
        for name, source in other.sources.items():
            self.sources[_free_name(f"{above}{name}", self.sources)] = source
        self.links += [f"{above}{name}" for name in other.links]
        self.sentences += other.sentences


def from_files(files: Iterable[tuple[str, bytes]]) -> Brought:
    """X-rays given one by one, tables and ZIP files among them; two of one name are told apart by a number.

    Raises DataError as ``from_zip``.
    """
    loose, archives = _Entries(), []
    for given, data in files:
        name = PurePosixPath(given.replace("\\", "/")).name or "file"
        if data[:4] in _ZIP_SIGNATURES and not name.lower().endswith(".xlsx"):
            archives.append(_zip_entries(data, name=name))
        elif name.lower().endswith(".zip"):
            raise DataError(tr("{name} is damaged, or is no ZIP file.", name=name))
        else:
            loose.sources[_free_name(name, loose.sources)] = data
    return _brought(_together(loose, archives), most=MAX_XRAYS)


def from_folder(path: Path, *, most: int | None = MAX_XRAYS) -> Brought:
    """X-rays in a folder and the folders below it; links are left out, nothing is changed.

    Where it holds ZIP files and no picture, these are looked through. Raises DataError where there is no such folder, it
    cannot be read, or it holds more X-rays than ``most``.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        raise DataError(tr("A folder with X-rays is expected. There is no such folder: {root}.", root=root))
    return _brought(_folder_entries(root), most=most)


def from_zip(data: bytes, *, name: str = "") -> Brought:
    """X-rays in a ZIP file; nothing is unpacked to the disk, each is read when it is needed.

    Raises
    ------
    DataError
        No ZIP file, damaged or encrypted; a member with an absolute path, a path upwards or a link; more than 20,000
        X-rays, 2 GB unpacked, or a member packed more than 200 to 1.
    """
    return _brought(_zip_entries(data, name=name), most=MAX_XRAYS)


def from_paths(paths: Sequence[Path | CopiedFolder]) -> Brought:
    """X-rays in folders and ZIP files on this machine, as many as there are.

    Raises UsageError for a path that is neither, DataError as ``from_zip`` or where a metadata.csv of its own is no table.
    """
    parts: list[tuple[str, _Entries]] = []
    for path in paths:
        if isinstance(path, CopiedFolder):
            parts.append((path.name, _entries_of(path.files, path.links)))
        elif path.is_dir():
            parts.append((path.resolve().name, _folder_entries(path)))
        elif path.is_file() and _is_zip(path):
            parts.append((archive_class_name(path.stem), _zip_entries(path, name=path.name, is_limited=False)))
        else:
            raise UsageError(tr("A folder or a ZIP file is expected. Received: {path}.", path=path))
    if len(parts) == 1:
        return _brought(parts[0][1], most=None, must_read=(METADATA_NAME,))
    together = _Entries(archives={name for name, entries in parts if entries.archive})
    for name, entries in parts:
        together.add(entries, above=f"{name}/")
    return _brought(together, most=None, must_read=[f"{name}/{METADATA_NAME}" for name, _ in parts])


def content(source: Source, name: str) -> bytes:
    """Bytes of a film that was brought; raises UnreadableImage where they cannot be had."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, Path):
        return read_bytes(source, name=name)
    try:
        return source()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableImage(tr("{name} cannot be read: it is damaged inside the ZIP file.", name=name)) from error


def check_number(number: int, *, most: int | None = None) -> None:
    """Raise DataError for more X-rays than are taken at once on a page."""
    most = MAX_XRAYS if most is None else most
    if number > most:
        raise DataError(
            tr(
                "At most {most:,} X-rays can be added at once here; `python -m covidlab dataset add` takes more. "
                "Received: {number:,}.",
                most=most,
                number=number,
            )
        )


def _brought(entries: _Entries, *, most: int | None, must_read: Collection[str] = ()) -> Brought:
    sources = entries.sources
    found = gather(
        list(sources),
        read_head=lambda name: _first_bytes(sources[name], name),
        read=lambda name: _table_bytes(sources[name], name),
        must_read=must_read,
    )
    if most is not None:
        check_number(len(found.pictures), most=most)
    if entries.links:
        found = found._replace(left_out=(*found.left_out, LeftOut(reason=LINKS, files=tuple(sorted(entries.links)))))
    packed = [name for name in sources if name.lower().endswith(_OTHER_ARCHIVES)]
    if packed:
        entries.sentences.append(
            tr(
                "{archives} of another kind than ZIP cannot be looked through: {some_of}. Unpack them first.",
                archives=pluralize(len(packed), "archive"),
                some_of=some_of(packed),
            )
        )
    archives = [name for name in sources if name.lower().endswith(".zip")]
    if archives:
        entries.sentences.append(
            tr(
                "{zip_files} among the X-rays {value} not unpacked: {some_of}. Give them by themselves.",
                zip_files=pluralize(len(archives), "ZIP file"),
                value="is" if len(archives) == 1 else "are",
                some_of=some_of(archives),
            )
        )
    return Brought(
        sources={name: sources[name] for name in found.pictures},
        found=found,
        archive_class=archive_class_name(entries.archive) if entries.archive else "",
        archives=frozenset(entries.archives),
        sentences=tuple(entries.sentences),
    )


def _folder_entries(root: Path) -> _Entries:
    names, links = walk(root, follow_links=False)
    return _entries_of({name: root / name for name in names}, links)


def _entries_of(files: Mapping[str, Path], links: Iterable[str]) -> _Entries:
    """The files of a folder by their names in it, which need not be those they have on the disk."""
    sources: dict[str, Source] = {}
    for name, path in files.items():
        # Two names may read alike, such as é as one letter and as two.
        sources[_free_name(_readable_name(name), sources)] = path
    entries = _Entries(sources=sources, links=[_readable_name(name) for name in links])
    archives = {
        name: path
        for name, path in sources.items()
        if name.lower().endswith(".zip") and not is_hidden(PurePosixPath(name)) and _is_zip(path)
    }
    others = {name: path for name, path in sources.items() if name not in archives}
    if not archives or gather(list(others), read_head=lambda name: _head(others[name]), read=lambda name: b"").pictures:
        return entries
    loose = _Entries(sources=others, links=entries.links)
    unpacked = [_zip_entries(path, name=PurePosixPath(name).name, is_limited=False) for name, path in archives.items()]
    return _together(loose, unpacked)


def _together(loose: _Entries, archives: Sequence[_Entries]) -> _Entries:
    """Files of several archives, each below a folder of its name; those of a single one as they are."""
    if len(archives) == 1 and not loose.sources:
        return archives[0]
    has_pictures = bool(sort_names(loose.sources).pictures)
    together = _Entries(archive=archives[0].archive if len(archives) == 1 and not has_pictures else "")
    together.add(loose)
    for archive in archives:
        name = archive_class_name(archive.archive) if len(archives) > 1 and archive.archive else ""
        together.archives |= {name} - {""}
        together.add(archive, above=f"{name}/" if name else "")
    return together


def _zip_entries(data: bytes | Path, *, name: str, is_limited: bool = True) -> _Entries:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        called = tr("{name} is damaged", name=name) if name else tr("this one is damaged")
        raise DataError(tr("A ZIP file is expected; {called}, or is something else.", called=called)) from error
    if len(members) > MAX_MEMBERS:
        raise DataError(
            tr(
                "A ZIP file may list {max_members:,} files. Received: {num_members:,}.",
                max_members=MAX_MEMBERS,
                num_members=len(members),
            )
        )
    names, sentence = member_names(members)
    for member, called in zip(members, names, strict=True):
        _check_member(member, called)
    total = sum(member.file_size for member in members)
    if is_limited and total > MAX_TOTAL_BYTES:
        raise DataError(
            tr(
                "A ZIP file may hold {max_total_bytes:.0f} GB unpacked. Received: {total:,.1f} GB.",
                max_total_bytes=MAX_TOTAL_BYTES / 1024**3,
                total=total / 1024**3,
            )
        )
    # A name that ends with a slash, which some programs write as a backslash, is a folder.
    files = [(called, member) for called, member in zip(names, members, strict=True) if not called.endswith("/")]
    _check_unique([called for called, _ in files])
    return _Entries(
        sources={called: _member_reader(archive, member) for called, member in files},
        sentences=[sentence] if sentence else [],
        archive=PurePosixPath(name).stem,
    )


def _check_unique(names: list[str]) -> None:
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = sorted({name for name in names if name in seen or seen.add(name)})
        raise DataError(tr("A ZIP file must hold each file once. Received twice: {some_of}.", some_of=some_of(twice)))


def _free_name(name: str, taken: Mapping[str, Source]) -> str:
    path, free, number = PurePosixPath(name), name, 1
    while free in taken:
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}").as_posix()
    return free


def _check_member(member: zipfile.ZipInfo, name: str) -> None:
    what = None
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ":" in (parts or ("",))[0][1:2] or ".." in parts or not parts:
        what = tr("a path inside the archive")
    elif stat.S_ISLNK(member.external_attr >> 16):
        what = tr("a file, no link")
    elif member.flag_bits & 0x1:
        what = tr("a file without a password")
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        what = tr("the usual compression (deflate)")
    elif member.file_size > max(_RATIO_COUNTS_FROM_BYTES, MAX_RATIO * member.compress_size) and _is_read(name):
        what = tr("a file packed at most {max_ratio} to 1", max_ratio=MAX_RATIO)
    if what:
        raise DataError(
            tr("Each entry of a ZIP file must be {what}. Nothing was read. Received: {name!r}.", what=what, name=name)
        )


def _is_read(name: str) -> bool:
    """Whether a member is read at all: an empty mask may be packed as well as it likes."""
    kinds = sort_names([name])
    return bool(kinds.pictures or kinds.unsure) or is_table_name(name)


def _member_reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        with archive.open(member) as file:
            # Never more than a film or a table may weigh, whatever the header says.
            return file.read(max(MAX_BYTES, MAX_TABLE_BYTES) + 1)

    return read


def _table_bytes(source: Source, name: str) -> bytes:
    """Bytes of a table, which may weigh more than an X-ray."""
    if isinstance(source, Path):
        with open(source, "rb") as file:
            return file.read(MAX_TABLE_BYTES + 1)
    return content(source, name)


def _is_zip(path: Path) -> bool:
    with suppress(OSError):
        return _head(path)[:4] in _ZIP_SIGNATURES
    return False


def _first_bytes(source: Source, name: str) -> bytes:
    return _head(source) if isinstance(source, Path) else content(source, name)[:HEAD_BYTES]


def _head(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(HEAD_BYTES)


def _readable_name(name: str) -> str:
    """A name for people; bytes that are no UTF-8 become question marks."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode(errors="replace"))
