"""Batches that are read in a thread while the one before is learned, so that a GPU does not wait for the disk."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

Read = Callable[[np.ndarray], np.ndarray]  # films -> what the learner takes


def read_in_order(batches: Sequence[np.ndarray], read: Read) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield films and inputs of each batch, read when it is asked for."""
    for films in batches:
        yield films, read(films)


def read_ahead(batches: Sequence[np.ndarray], read: Read) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield films and inputs of each batch; the next one is read meanwhile, in one thread, and never a second one.

    What reading raises comes with the batch it belongs to. Nothing is read any more once the caller has closed the iterator.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading") as thread:
        coming = thread.submit(read, batches[0]) if batches else None
        for position, films in enumerate(batches):
            inputs = coming.result()
            if position + 1 < len(batches):
                coming = thread.submit(read, batches[position + 1])
            yield films, inputs
