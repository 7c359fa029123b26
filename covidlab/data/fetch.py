"""The curated fifty from their public archive: a film appears under its name only when it is whole and verified."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from urllib.parse import quote, urlsplit

import pooch
import requests
import urllib3
from filelock import FileLock, Timeout

from covidlab.data.catalog import read_metadata
from covidlab.data.curated import CURATED_LIST
from covidlab.data.names import METADATA_NAME
from covidlab.errors import DataError, StorageError, UsageError
from covidlab.files import replacing, require_free_space, storage_errors
from covidlab.language import tr
from covidlab.text import some_of

ARCHIVE = "devindatt/covid19-chest_xrays-analysis"
ARCHIVE_COMMIT = "ac7c7c25838f736760bad82281ea31a64916002c"
ARCHIVE_URL = f"https://raw.githubusercontent.com/{ARCHIVE}/{ARCHIVE_COMMIT}/dataset/"
ACCEPT_FLAG = "--accept-licences"

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0
SLOWEST_BYTES_PER_SECOND = 2000
NUM_RETRIES = 3  # pooch waits 1, 2 and 3 seconds before them

# Hidden, so that the catalog never takes for a film what a kill left there.
_STAGING = ".fetch"
_MOST_FAULTS = 3
_CHUNK_BYTES = 64 * 1024
_REPORT_SECONDS = 0.1
# The client's fault, save for "too slow", "too early" and "too many requests": asking again does not help.
_ASK_AGAIN = (408, 425, 429)


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


@dataclass(frozen=True)
class _ListedFilm:
    file: str
    sha256: str
    num_bytes: int


class _Unreachable(Exception):
    """The archive does not answer at all; pooch does not retry on this."""


class _Refused(Exception):
    """The archive does not give this film; pooch does not retry on this."""


def licence_sentences(list_folder: Path = CURATED_LIST) -> list[str]:
    """Whose the films are and what that allows, one plain sentence each, counted from metadata.csv."""
    lines = []
    rows = _rows(list_folder)
    for name in sorted({row.get("class", "") for row in rows}):
        films = [row for row in rows if row.get("class", "") == name]
        sources = ", ".join(sorted({row.get("source") or tr("source not stated") for row in films}))
        licences = Counter(row.get("licence") or tr("not stated") for row in films).most_common()
        counts = ", ".join(f"{licence} ({number})" for licence, number in licences)
        lines.append(
            tr(
                "X-rays of class {name}: {num_films}, from {sources}; licence {counts}.",
                name=name or tr("not stated"),
                num_films=len(films),
                sources=sources,
                counts=counts,
            )
        )
    return [
        *lines,
        tr("Where no licence is stated, all rights stay with those who published the X-ray."),
        tr(
            "In a licence, BY asks to name the source, NC forbids commercial use, ND forbids passing on "
            "changed copies, SA asks that these keep the licence."
        ),
        tr(
            "Fetch the X-rays for your own study and do not pass them on; source and licence of each are in "
            "dataset/README.md and dataset/metadata.csv."
        ),
    ]


def download_megabytes(list_folder: Path = CURATED_LIST) -> float:
    """Size of all films of the list together, in 10^6 bytes."""
    return sum(film.num_bytes for film in _listed_films(list_folder)) / 1e6


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
    films = _listed_films(list_folder)
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
        masks_absent=any(not (target / row["mask"]).is_file() for row in _rows(list_folder) if row.get("mask")),
    )


def _fetch(wanted: list[_ListedFilm], *, target: Path, staging: Path, base_url: str, meter: "_Meter") -> None:
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
                    staged = Path(archive.fetch(film.file, downloader=_Download(session, film, meter)))
            except (requests.RequestException, _Unreachable) as error:
                reason = tr("{file} could not be fetched: {why}", file=film.file, why=_why(error, base_url))
                raise StorageError(f"{reason}. {meter.what_to_do()}") from error
            except (ValueError, _Refused) as error:
                faults[film.file] = (
                    str(error)
                    if isinstance(error, _Refused)
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
                host=_host(base_url),
                what=what,
                what_to_do=meter.what_to_do(),
            )
        )


class _Download:
    """One film's download for pooch: gives up on silence, on a trickle and on more bytes than are listed."""

    def __init__(self, session: requests.Session, film: _ListedFilm, meter: "_Meter") -> None:
        self._session, self._film, self._meter = session, film, meter

    def __call__(self, url: str, output_file: str, _pooch: pooch.Pooch) -> None:
        num_bytes = 0
        with self._answer(url) as answer, open(output_file, "wb") as file:
            for chunk in _chunks(answer):
                num_bytes += len(chunk)
                if num_bytes > self._film.num_bytes:
                    raise ValueError(tr("more than {num_bytes} bytes", num_bytes=self._film.num_bytes))
                file.write(chunk)
                self._meter.film_under_way(num_bytes)

    def _answer(self, url: str) -> requests.Response:
        try:
            answer = self._session.get(
                url,
                stream=True,
                timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
                headers={"Accept-Encoding": "identity", "User-Agent": "covidlab"},
            )
        except requests.ConnectTimeout as error:
            # All addresses of the host have been tried, each for the whole time.
            raise _Unreachable from error
        status = answer.status_code
        if status != requests.codes.ok:
            answer.close()
            if status < requests.codes.server_error and status not in _ASK_AGAIN:
                raise _Refused(tr("is not given (status {status})", status=status))
            raise requests.HTTPError(response=answer)
        return answer


def _chunks(answer: requests.Response) -> Iterator[bytes]:
    """The content as it arrives; a trickle that no time limit between two bytes would notice raises ReadTimeout."""
    begun, num_bytes = time.monotonic(), 0
    try:
        # iter_content would wait until a chunk is full.
        while chunk := answer.raw.read1(_CHUNK_BYTES):
            num_bytes += len(chunk)
            if num_bytes < SLOWEST_BYTES_PER_SECOND * (time.monotonic() - begun - SILENCE_SECONDS):
                raise requests.ReadTimeout("trickle")
            yield chunk
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error


class _Meter:
    """Counts what is in place and tells the caller."""

    def __init__(
        self,
        films: list[_ListedFilm],
        wanted: list[_ListedFilm],
        progress: Callable[[FetchProgress], None] | None,
    ) -> None:
        self._num_films, self._films_done = len(films), len(films) - len(wanted)
        self._num_bytes = sum(film.num_bytes for film in films)
        self._bytes_done = self._num_bytes - sum(film.num_bytes for film in wanted)
        self._progress, self._told = progress, time.monotonic()

    def film_under_way(self, num_bytes: int) -> None:
        if time.monotonic() - self._told > _REPORT_SECONDS:
            self._tell(num_bytes)

    def film_done(self, film: _ListedFilm) -> None:
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


def _refuse_other_set(target: Path, films: list[_ListedFilm]) -> None:
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


def _rows(list_folder: Path) -> list[dict[str, str]]:
    table = read_metadata(Path(list_folder))
    if table is None:
        raise DataError(tr("The list of the X-rays is missing: {path}.", path=Path(list_folder) / METADATA_NAME))
    return table.to_dict("records")


def _listed_films(list_folder: Path) -> list[_ListedFilm]:
    films = []
    for row in _rows(list_folder):
        file, sha256, num_bytes = row["file"], row.get("sha256", "").lower(), row.get("bytes", "")
        if not _is_plain_name(file):
            raise DataError(
                tr("A listed X-ray must be named class/name, inside the data set. Received: {file!r}.", file=file)
            )
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef") or not num_bytes.isdecimal():
            raise DataError(
                tr(
                    "{metadata_name} must state sha256 and bytes of each X-ray. Not so for: {file}.",
                    metadata_name=METADATA_NAME,
                    file=file,
                )
            )
        films.append(_ListedFilm(file, sha256, int(num_bytes)))
    return films


def _is_plain_name(file: str) -> bool:
    parts = file.split("/")
    return len(parts) == 2 and all(
        part and part.isprintable() and not part.startswith(".") and not set(part) & set("\\:") for part in parts
    )


def _why(error: Exception, base_url: str) -> str:
    """The reason in plain words, for a sentence."""
    host = _host(base_url)
    if isinstance(error, requests.HTTPError):
        busy = tr(" (too many requests, wait a while)") if error.response.status_code == 429 else ""
        return tr(
            "{host} answers with status {status_code}{busy}",
            host=host,
            status_code=error.response.status_code,
            busy=busy,
        )
    if isinstance(error, requests.exceptions.SSLError):
        return tr("the certificate of {host} could not be verified", host=host)
    if isinstance(error, requests.exceptions.ProxyError):
        return tr("the proxy gives no connection to {host}", host=host)
    if isinstance(error, requests.Timeout):
        return tr("{host} stopped sending", host=host)
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or isinstance(
        next(iter(error.args), None), urllib3.exceptions.ProtocolError
    ):
        return tr("{host} closed the connection", host=host)
    return tr("there is no connection to {host} (check the network)", host=host)


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or base_url
