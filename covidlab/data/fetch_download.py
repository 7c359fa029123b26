"""One download of the fetch: what the archive sends, when to give up on it, and why in plain words."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pooch
import requests
import urllib3

from covidlab.data.fetch_list import ListedFilm
from covidlab.language import tr

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0
SLOWEST_BYTES_PER_SECOND = 2000
_CHUNK_BYTES = 64 * 1024
# The client's fault, save for "too slow", "too early" and "too many requests": asking again does not help.
_ASK_AGAIN = (408, 425, 429)


class Unreachable(Exception):
    """The archive does not answer at all; pooch does not retry on this."""


class Refused(Exception):
    """The archive does not give this film; pooch does not retry on this."""


class Download:
    """One film's download for pooch: gives up on silence, on a trickle and on more bytes than are listed.

    ``on_bytes`` is told the bytes that have come of this film so far.
    """

    def __init__(self, session: requests.Session, film: ListedFilm, on_bytes: Callable[[int], None]) -> None:
        self._session, self._film, self._on_bytes = session, film, on_bytes

    def __call__(self, url: str, output_file: str, _pooch: pooch.Pooch) -> None:
        num_bytes = 0
        with self._answer(url) as answer, open(output_file, "wb") as file:
            for chunk in _chunks(answer):
                num_bytes += len(chunk)
                if num_bytes > self._film.num_bytes:
                    raise ValueError(tr("more than {num_bytes} bytes", num_bytes=self._film.num_bytes))
                file.write(chunk)
                self._on_bytes(num_bytes)

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
            raise Unreachable from error
        status = answer.status_code
        if status != requests.codes.ok:
            answer.close()
            if status < requests.codes.server_error and status not in _ASK_AGAIN:
                raise Refused(tr("is not given (status {status})", status=status))
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


def reason_of(error: Exception, base_url: str) -> str:
    """The reason in plain words, for a sentence."""
    host = host_of(base_url)
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


def host_of(base_url: str) -> str:
    """Name of the machine in an address; the address itself where it has none."""
    return urlsplit(base_url).hostname or base_url
