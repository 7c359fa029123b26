"""The finished catalog of a large set in a file of ``home()/catalogs``, so that an unchanged set opens at once.

One Arrow file a set: the table of X-rays, compressed, and what else a catalog says as JSON in its metadata. Read whole, 100,000 rows
take some 30 ms; understanding names and tables anew takes seconds. It holds what the tables of the set say, so only its owner may read it.
"""

import hashlib
import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from covidlab.data.stamps import Settled, is_settled
from covidlab.errors import StorageError
from covidlab.files import replacing
from covidlab.paths import home

# Fewer are understood faster than a look at the file is worth.
FEWEST_FILMS = 2_000

_FACTS = b"covidlab"
_STAMP, _SETTLED, _PROGRAM = "stamp", "settled", "program"
# Of these modules depends what a catalog says of a folder.
_PACKAGES = ("data", "imaging", "imaging/readers")


class Kept(NamedTuple):
    """films: the table of a catalog. facts: what else it says, as JSON values."""

    films: pd.DataFrame
    facts: dict[str, Any]


def read_kept(root: Path, stamp: str) -> Kept | None:
    """What was kept of the set in ``root``, where its files have this stamp still; else None."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = _read_facts(root)
        if facts[_STAMP] == stamp and facts[_PROGRAM] == _program():
            return Kept(feather.read_table(_place(root), memory_map=False).to_pandas(), facts)
    return None


def known_stamp(root: Path) -> str | None:
    """The stamp under which the set was kept, where its folders and tables are as they were then; else None.

    Takes milliseconds where the stamp itself takes a second. It does not see a picture that was written anew in its place.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = _read_facts(root)
        if facts[_PROGRAM] == _program() and is_settled(root, facts[_SETTLED]):
            return str(facts[_STAMP])
    return None


def known_classes(root: Path, stamp: str) -> tuple[str, ...] | None:
    """The classes of a set that was kept with this stamp; else None."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = _read_facts(root)
        if facts[_STAMP] == stamp and facts[_PROGRAM] == _program():
            return tuple(facts["classes"])
    return None


def keep(root: Path, films: pd.DataFrame, facts: dict[str, Any], *, stamp: str, settled: Settled) -> None:
    """Keep the table of a catalog and what else it says; a full or read-only disk costs time at the next start, nothing else."""
    said = facts | {_STAMP: stamp, _SETTLED: settled, _PROGRAM: _program()}
    table = pa.Table.from_pandas(films, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _FACTS: json.dumps(said).encode()})
    with suppress(StorageError, OSError):
        place = _place(root)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(place, durable=False) as temporary:
            feather.write_feather(table, temporary, compression="lz4")


def _read_facts(root: Path) -> dict[str, Any]:
    # The metadata stand at the end of the file: no row is read.
    with pa.OSFile(os.fspath(_place(root))) as file:
        return json.loads(pa.ipc.open_file(file).schema.metadata[_FACTS])


def _place(root: Path) -> Path:
    return home() / "catalogs" / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}.arrow"


@cache
def _program() -> str:
    """Changes with the code that understands folders and measures pictures, so that a newer version looks anew."""
    here = Path(__file__).resolve().parent.parent
    modules = sorted(path for package in _PACKAGES for path in (here / package).glob("*.py"))
    facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in modules]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
