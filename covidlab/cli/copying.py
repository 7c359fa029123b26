"""Sources of a command that lie in an object store, copied with a progress bar."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from covidlab.object_store import is_address

if TYPE_CHECKING:
    from covidlab.intake.sources import CopiedFolder


@contextmanager
def sources_with_progress(sources: Sequence[str], *, beside: Path) -> "Iterator[list[Path | CopiedFolder]]":
    """Yield where each source is on this machine, as ``intake.object_sources.sources_here`` does."""
    from tqdm import tqdm

    from covidlab.intake.object_sources import sources_here

    is_copied = any(map(is_address, sources))
    bar = tqdm(total=0, unit="B", unit_scale=True, file=sys.stderr, disable=None if is_copied else True)

    def show(progress) -> None:
        bar.total = progress.num_bytes
        bar.set_description_str(f"{progress.files_done:,} of {progress.num_files:,} files copied", refresh=False)
        bar.n = progress.bytes_done
        bar.refresh()

    with bar, sources_here(sources, beside=beside, progress=show) as here:
        # The copy is done; the next bar is that of the X-rays.
        bar.close()
        yield here
