"""The curated fifty from their public archive: a film appears under its name only when it is whole and verified."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from urllib.parse import quote

import pooch
import requests
from filelock import FileLock, Timeout

from covidlab.data.curated import CURATED_LIST
from covidlab.data.fetch_download import Download, Refused, Unreachable, host_of, reason_of
from covidlab.data.fetch_list import ListedFilm, licence_sentences, listed_films, listed_rows
from covidlab.data.metadata import read_metadata
from covidlab.data.names import METADATA_NAME
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.files import replacing, require_free_space, storage_errors
from covidlab.language import tr
from covidlab.text import some_of

ARCHIVE = "devindatt/covid19-chest_xrays-analysis"
ARCHIVE_COMMIT = "ac7c7c25838f736760bad82281ea31a64916002c"
ARCHIVE_URL = f"https://raw.githubusercontent.com/{ARCHIVE}/{ARCHIVE_COMMIT}/dataset/"
ACCEPT_FLAG = "--accept-licences"

NUM_RETRIES = 3  # pooch waits 1, 2 and 3 seconds before them

# Hidden, so that the catalog never takes for a film what a kill left there.
_STAGING = ".fetch"
_MOST_FAULTS = 3
_REPORT_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class FetchProgress:
    """How far a fetch is: films in place and all films, bytes in place (with those of the film under way) and all.

    ``bytes_done`` falls where a download broke off and starts over.
    """

    films_done: int
    num_films: int
    bytes_done: int
    num_bytes: int


@dataclass(frozen=True, kw_only=True)
class FetchResult:
    """What a fetch did: films fetched, films that were there already, bytes fetched; ``masks_absent`` tells that lung
    masks are missing, since the archive has none."""

    num_fetched: int
    num_present: int
    bytes_fetched: int
    masks_absent: bool

    def sentences(self) -> list[str]:
        """What was done and what is still missing, one plain sentence each."""
        lines = [
            tr(
                "X-rays fetched and verified: {num_fetched} ({bytes_fetched:.1f} MB); there already: {num_present}.",
                num_fetched=self.num_fetched,
                bytes_fetched=self.bytes_fetched / 1e6,
                num_present=self.num_present,
            )
        ]
        if self.masks_absent:
            lines.append(
                tr(
                    "The archive has no lung masks; everything works without them, except their display. `python -m "
                    "covidlab dataset import SRC` adds them from a folder that has them."
                )
            )
        return lines


def fetch_curated(
    target: Path,
    *,
    accept_licences: bool,
    base_url: str = ARCHIVE_URL,
    list_folder: Path = CURATED_LIST,
    progress: Callable[[FetchProgress], None] | None = None,
) -> FetchResult:
    """Download the fifty films to ``target``; what is there and right is not downloaded again.

    Each film is downloaded to a hidden folder, compared with the SHA-256 of the list and only then put in place, so
    that a fetch that was cut off or killed goes on where it stopped. A broken connection, silence, a trickle and wrong
    content are retried with growing waits.

    Parameters
    ----------
    target : folder that gets covid/, normal/ and the list as metadata.csv
    accept_licences : whether the person has read and accepted ``licence_sentences``
    base_url : address of the folder that has the films under the names of the list
    list_folder : folder whose metadata.csv lists the films (columns file, sha256 and bytes)
    progress : called after each film and about ten times a second in between

    Raises
    ------
    UsageError
        The licences have not been accepted.
    DataError
        The list cannot be used, or the target holds another data set.
    StorageError
        Films could not be fetched or written; says why, and that a second try continues.
    """
    films = listed_films(list_folder)
    if not accept_licences:
        licences = " ".join(licence_sentences(list_folder))
        raise UsageError(
            tr(
                "Read the licences first. {licences} If you accept them, pass {accept_flag}.",
                licences=licences,
                accept_flag=ACCEPT_FLAG,
            )
        )
    target = Path(target).absolute()
    _refuse_other_set(target, films)
    wanted = [film for film in films if not _is_right(target / film.file, film.sha256)]
    if wanted:
        require_free_space(target, sum(film.num_bytes for film in wanted) + 4_000_000)
    # Before the films: half a set without its list would pass for a whole one whose patients are unknown.
    _copy_list(list_folder, target)
    if wanted:
        with _staging_folder(target) as staging:
            _fetch(wanted, target=target, staging=staging, base_url=base_url, meter=_Meter(films, wanted, progress))
    return FetchResult(
        num_fetched=len(wanted),
        num_present=len(films) - len(wanted),
        bytes_fetched=sum(film.num_bytes for film in wanted),
        masks_absent=any(not (target / row["mask"]).is_file() for row in listed_rows(list_folder) if row.get("mask")),
    )


def _fetch(wanted: list[ListedFilm], *, target: Path, staging: Path, base_url: str, meter: "_Meter") -> None:
    """Put each film in place; a broken connection ends it, a film that cannot be had only after the others."""
    # pooch would tell of each download on standard error.
    pooch.get_logger().setLevel("ERROR")
    archive = pooch.create(
        path=staging,
        base_url=base_url,
        registry={film.file: f"sha256:{film.sha256}" for film in wanted},
        urls={film.file: f"{base_url.rstrip('/')}/{quote(film.file)}" for film in wanted},
        retry_if_failed=NUM_RETRIES,
    )
    faults = {}
    with requests.Session() as session:
        for film in wanted:
            try:
                with storage_errors(target / film.file):
                    staged = Path(archive.fetch(film.file, downloader=Download(session, film, meter.film_under_way)))
            except (requests.RequestException, Unreachable) as error:
                reason = tr("{file} could not be fetched: {why}", file=film.file, why=reason_of(error, base_url))
                raise StorageError(f"{reason}. {meter.what_to_do()}") from error
            except (ValueError, Refused) as error:
                faults[film.file] = (
                    str(error)
                    if isinstance(error, Refused)
                    else tr("had other content than the list states and was deleted")
                )
                if len(faults) == _MOST_FAULTS:
                    break
            else:
                _put_in_place(staged, target / film.file)
                meter.film_done(film)
    if faults:
        what = some_of([f"{file} {fault}" for file, fault in faults.items()])
        raise StorageError(
            tr(
                "{host} does not give the listed X-rays: {what}. {what_to_do}",
                host=host_of(base_url),
                what=what,
                what_to_do=meter.what_to_do(),
            )
        )


class _Meter:
    """Counts what is in place and tells the caller."""

    def __init__(
        self,
        films: list[ListedFilm],
        wanted: list[ListedFilm],
        progress: Callable[[FetchProgress], None] | None,
    ) -> None:
        self._num_films, self._films_done = len(films), len(films) - len(wanted)
        self._num_bytes = sum(film.num_bytes for film in films)
        self._bytes_done = self._num_bytes - sum(film.num_bytes for film in wanted)
        self._progress, self._told = progress, time.monotonic()

    def film_under_way(self, num_bytes: int) -> None:
        if time.monotonic() - self._told > _REPORT_SECONDS:
            self._tell(num_bytes)

    def film_done(self, film: ListedFilm) -> None:
        self._films_done += 1
        self._bytes_done += film.num_bytes
        self._tell()

    def what_to_do(self) -> str:
        return tr(
            "{films_done} of {num_films} X-rays are in place. Fetch again: it continues with the missing ones.",
            films_done=self._films_done,
            num_films=self._num_films,
        )

    def _tell(self, num_bytes: int = 0) -> None:
        self._told = time.monotonic()
        if self._progress:
            done = FetchProgress(
                films_done=self._films_done,
                num_films=self._num_films,
                bytes_done=self._bytes_done + num_bytes,
                num_bytes=self._num_bytes,
            )
            self._progress(done)


@contextmanager
def _staging_folder(target: Path) -> Iterator[Path]:
    """An empty hidden folder in ``target`` that no other fetch uses; it vanishes afterwards."""
    staging, lock = target / _STAGING, target / _STAGING / "lock"
    try:
        with storage_errors(staging):
            staging.mkdir(parents=True, exist_ok=True)
            held = FileLock(lock).acquire(timeout=0)
    except Timeout as error:
        raise StorageError(
            tr("Another fetch into {target} is under way. Wait until it is done.", target=target)
        ) from error
    with held:
        try:
            # What a killed fetch left.
            with storage_errors(staging):
                for left in set(staging.iterdir()) - {lock}:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _put_in_place(staged: Path, path: Path) -> None:
    # Copied, not moved: a class folder may be a link to another disk, and pooch's file is for its owner only.
    with replacing(path) as temporary:
        shutil.copyfile(staged, temporary)
    staged.unlink()


def _is_right(path: Path, sha256: str) -> bool:
    with suppress(OSError), open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest() == sha256
    return False


def _copy_list(list_folder: Path, target: Path) -> None:
    listed, there = list_folder / METADATA_NAME, target / METADATA_NAME
    if not there.is_file() or there.read_bytes() != listed.read_bytes():
        with replacing(there) as temporary:
            shutil.copyfile(listed, temporary)


def _refuse_other_set(target: Path, films: list[ListedFilm]) -> None:
    there = read_metadata(target)
    others = sorted(set(there["file"]) - {film.file for film in films}) if there is not None else []
    if others:
        raise DataError(
            tr(
                "{target} holds another data set, whose {metadata_name} would be replaced. Choose an empty "
                "folder with --dataset. Its list has: {some_of}.",
                target=target,
                metadata_name=METADATA_NAME,
                some_of=some_of(others),
            )
        )
