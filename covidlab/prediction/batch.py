"""Many X-rays for one model: the files of folders, decoded ahead in other processes while the model works.

Nothing but a few decoded X-rays is held at a time, so the memory stays flat however many there are. Needs no TensorFlow.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from covidlab.data.names import is_hidden, is_made_folder, is_mask_folder, is_picture_name
from covidlab.errors import CovidLabError, TemporaryError
from covidlab.imaging.decode import HEAD_BYTES, is_picture_content, read_bytes
from covidlab.imaging.limits import MAX_BYTES
from covidlab.imaging.prepared import Prepare, PreparedImage, Recipe
from covidlab.imaging.sandbox import NUM_PROCESSES

# Decoded or being decoded while the model reads one: two for each process, so that none waits for the model.
AHEAD = 2 * NUM_PROCESSES


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A file before the model has read it.

    file: as it was named. sha256: of its content, "" where it could not be read whole or should be tried again. image: None
    where it was refused or is known. refusal: why it was refused. is_known: whether it was passed over.
    """

    file: str
    sha256: str = ""
    image: PreparedImage | None = None
    refusal: str = ""
    is_known: bool = False


def find_xrays(named: Sequence[str]) -> tuple[list[str], int]:
    """Return the files named and those in the folders named, and how many files of the folders were passed over.

    Files named one by one are all taken. In a folder, at any depth, pictures are taken: hidden files, folders of masks and
    of what programs have made, and other kinds of files are passed over.
    """
    found, num_passed_over = [], 0
    for name in named:
        if not os.path.isdir(name):
            found.append(name)
            continue
        files = list(_files_below(name))
        xrays = [file for file in files if _may_be_xray(name, file)]
        num_passed_over += len(files) - len(xrays)
        found += xrays
    return found, num_passed_over


def _files_below(folder: str) -> Iterator[str]:
    """Files of a folder at any depth in a fixed order; links to folders are not followed."""
    for above, folders, files in os.walk(folder):
        folders.sort()
        yield from (os.path.join(above, file) for file in sorted(files))


def _may_be_xray(folder: str, file: str) -> bool:
    """Whether a file below ``folder`` is a picture by its names, else by its first bytes."""
    below = PurePosixPath(Path(file).relative_to(folder).as_posix())
    above = below.parts[:-1]
    if is_hidden(below) or any(is_mask_folder(part) or is_made_folder(part) for part in above):
        return False
    # A pipe would wait for ever.
    if not os.path.isfile(file):
        return False
    by_name = is_picture_name(below)
    return by_name if by_name is not None else _begins_as_picture(file)


def _begins_as_picture(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return is_picture_content(opened.read(HEAD_BYTES))
    except OSError:
        return False


def decoded_ahead(
    files: Iterable[str],
    prepare: Prepare,
    *,
    recipe: Recipe,
    is_known: Callable[[str, str], bool] = lambda file, sha256: False,
) -> Iterator[Decoded]:
    """Yield each file in order, decoded in threads while the one before is used; at most ``AHEAD`` wait.

    Parameters
    ----------
    files : paths
    prepare : how a file is decoded; that of a sandbox does it in another process, so no file can end this one
    recipe : what is made of each
    is_known : asked with a file and its sha256; where it says yes, the file is not decoded
    """
    pool = ThreadPoolExecutor(NUM_PROCESSES, thread_name_prefix="decode")
    waiting: deque[Future[Decoded]] = deque()
    try:
        for file in files:
            waiting.append(pool.submit(_decoded, file, prepare, recipe, is_known))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _decoded(file: str, prepare: Prepare, recipe: Recipe, is_known: Callable[[str, str], bool]) -> Decoded:
    sha256 = ""
    try:
        data = read_bytes(Path(file))
        if len(data) <= MAX_BYTES:
            sha256 = hashlib.sha256(data).hexdigest()
        if sha256 and is_known(file, sha256):
            return Decoded(file=file, sha256=sha256, is_known=True)
        image = prepare(data, recipe=recipe, name=Path(file).name)
    except TemporaryError as error:
        return Decoded(file=file, refusal=str(error))
    except CovidLabError as error:
        return Decoded(file=file, sha256=sha256, refusal=str(error))
    return Decoded(file=file, sha256=sha256, image=image)
