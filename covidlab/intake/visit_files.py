"""X-rays that a visitor brings to measure a model on, handed to the process that measures, and then deleted.

What is written is small pictures and what their headers measure: no name of a file, no patient, no date, no header, and no hash.
"""

import json
import secrets
import time
import zipfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from covidlab.errors import DataError
from covidlab.files import replacing, storage_errors
from covidlab.imaging.stored import StoredFacts
from covidlab.intake.visiting import Visit
from covidlab.language import tr
from covidlab.paths import home

# What nobody has fetched by then was of an audit that never came to it.
KEPT_SECONDS = 24 * 3600

_TEXTS = ("classes", "views", "ages", "sexes")


def visits_folder() -> Path:
    """Where they lie between the two processes."""
    return home() / "visits"


def write_visit(visit: Visit) -> Path:
    """Return the file in which the X-rays wait; older ones that nobody has fetched are deleted."""
    clear_visits(older_than_seconds=KEPT_SECONDS)
    with storage_errors(visits_folder()):
        visits_folder().mkdir(parents=True, exist_ok=True)
        visits_folder().chmod(0o700)
    path = visits_folder() / f"{secrets.token_hex(16)}.npz"
    about = {
        "patients_from": visit.patients_from,
        "num_given": dict(visit.num_given),
        "left_out": dict(visit.left_out),
        "facts": [asdict(facts) for facts in visit.facts],
    }
    texts = {name: np.array(getattr(visit, name), dtype=np.str_) for name in _TEXTS}
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, about=np.array(json.dumps(about)), films=visit.films, patients=visit.patients, **texts)
    return path


def numbered(number: int) -> tuple[str, ...]:
    """What the X-rays that a visitor brought are called in place of their names, in the order of these."""
    return tuple(tr("X-ray {place}", place=place) for place in range(1, number + 1))


def is_visit(path: Path) -> bool:
    """Whether a path names X-rays that a visitor brought."""
    return Path(path).absolute().parent == visits_folder().absolute()


def read_brought_visit(path: Path) -> Visit:
    """Return the X-rays that a visitor brought; raises DataError where they are gone."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            values = {name: archive[name] for name in archive.files}
        about = json.loads(str(values["about"]))
        return Visit(
            name="",
            files=numbered(len(values["films"])),
            sha256s=("",) * len(values["films"]),
            patients=values["patients"],
            films=values["films"],
            facts=tuple(StoredFacts(**facts) for facts in about["facts"]),
            **{name: tuple(map(str, values[name])) for name in _TEXTS},
            **{name: about[name] for name in ("patients_from", "num_given", "left_out")},
        )
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(
            tr("The X-rays of the other hospital are gone: they are deleted once they were read. Give them again.")
        ) from error


def forget_visit(path: Path) -> None:
    """Delete X-rays that a visitor brought; nothing where the path names something else."""
    if is_visit(path):
        with suppress(OSError):
            Path(path).unlink(missing_ok=True)


def clear_visits(*, older_than_seconds: float = 0.0) -> None:
    """Delete what was brought longer ago."""
    with suppress(OSError):
        for path in visits_folder().iterdir():
            with suppress(OSError):
                if time.time() - path.stat().st_mtime >= older_than_seconds:
                    path.unlink()
