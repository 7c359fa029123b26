"""The table of a catalog: measured X-rays with what tables say of them, in normal words."""

import math
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pandas as pd

from covidlab.data.layouts import Layout
from covidlab.data.names import simple
from covidlab.language import tr_lazy

NOT_STATED = tr_lazy("not stated")
MEASURED = ("sha256", "width", "height", "channels", "bytes")
_DESCRIBED = ("finding", "patient_id", "age_group", "view_position")
_ADULT_AGE_YEARS = 18
_OLDEST_YEARS = 120

Said = TypeVar("Said")


def normal_age_group(text: str, age_years: str = "") -> str:
    """Age group "adult", "child" or "not stated" from a metadata text such as "child (1 to 5 years, ...)" or an age."""
    word = text.strip().lower()
    for group in ("adult", "child"):
        if word.startswith(group):
            return group
    with suppress(ValueError):
        # "058Y" as NIH writes it (PS3.5 6.2, AS).
        years = float(age_years.strip().upper().removesuffix("Y"))
        if math.isfinite(years) and years <= _OLDEST_YEARS:
            return "adult" if years >= _ADULT_AGE_YEARS else "child"
    return NOT_STATED


def normal_view_position(text: str) -> str:
    """View position "PA", "AP", "LATERAL" or "not stated" from a metadata text such as "AP (as published ...)"."""
    first_word = re.match(r"[A-Z]*", text.strip().upper()).group()
    if first_word in ("L", "LL", "RL", "LAT", "LATERAL"):
        return "LATERAL"
    return first_word if first_word in ("PA", "AP") else NOT_STATED


def with_rows(films: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Films with what the tables say of them, save what is measured or said otherwise."""
    if not layout.rows:
        return films
    rows = [layout.rows.get(file, {}) for file in films["file"].tolist()]
    columns = dict.fromkeys(column for row in rows for column in row)
    taken = {"file", "class", "given_part", *MEASURED}
    said = {column: [row.get(column, "") for row in rows] for column in columns if column not in taken}
    return pd.concat([films, pd.DataFrame(said, index=films.index, dtype=str)], axis=1)


def with_patients(films: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, bool]:
    """Films with a patient each: as stated, else that of the same content, else one of its own."""
    stated = [layout.patients.get(file, "") for file in films["file"].tolist()]
    sha256s = films["sha256"].tolist()
    known = {sha256: patient for sha256, patient in zip(sha256s, stated, strict=True) if patient}
    patients = [
        patient or known.get(sha256, f"content-{sha256[:16]}") for patient, sha256 in zip(stated, sha256s, strict=True)
    ]
    return films.assign(patient_id=patients), all(stated)


def described(root: Path, films: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Films with all promised columns first, in normal words."""
    called = {simple(name): name for name in reversed(films.columns)}

    def column(*names: str) -> list[str]:
        """First of the named columns that says something, a film at a time; their case and punctuation do not count."""
        values = [films[called[simple(name)]].tolist() for name in names if simple(name) in called]
        found = [next((text for text in row if text.strip()), "") for row in zip(*values, strict=True)]
        return found or [""] * len(films)

    printed_first = ("view_printed_on_image", "view_position", "view_metadata", "view", "ap_pa", "projection")
    ages = zip(column("age_group"), column("age_years", "age", "patient_age"), strict=True)
    films = films.assign(
        finding=[text.strip() or NOT_STATED for text in column("finding", "finding_labels")],
        age_group=_each(lambda age: normal_age_group(*age), ages),
        view_position=_each(normal_view_position, column(*printed_first)),
        mask=[mask if mask and _is_mask(root, mask) else "" for mask in column("mask")],
        given_part=[layout.parts.get(file, "") for file in films["file"].tolist()],
    )
    first = ["file", "class", *_DESCRIBED, *MEASURED, "mask", "given_part"]
    return films[[*first, *(name for name in films.columns if name not in first)]]


def _each(normal: Callable[[Said], str], texts: Iterable[Said]) -> list[str]:
    """What ``normal`` makes of each text, asked once for each that comes again."""
    texts = list(texts)
    known = {text: normal(text) for text in set(texts)}
    return [known[text] for text in texts]


def _is_mask(root: Path, mask: str) -> bool:
    path = Path(mask)
    return not path.is_absolute() and ".." not in path.parts and os.path.isfile(root / path)
