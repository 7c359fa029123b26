"""What a set of films holds, computed from its metadata: groups, flags where film and claim differ, and sentences."""

from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.data.catalog_checks import DEFAULT_POSITIVE_CLASS
from covidlab.data.curated import CURATED_LIST
from covidlab.data.metadata import read_metadata
from covidlab.data.patients import stated_patients
from covidlab.language import tr_lazy

# Label of a flag, as on the cards (``data.words.value_text``), and what it says of a film.
FLAGS = {
    tr_lazy("synthetic"): tr_lazy("The X-ray is computed and shows no patient."),
    tr_lazy("AP called PA"): tr_lazy('The X-ray is AP, though the set it belongs to was called "PA only".'),
    tr_lazy("panel letter"): tr_lazy("The X-ray carries a journal's panel letter or caption."),
    tr_lazy("other text"): tr_lazy("Text or a marker can be read on the X-ray."),
    tr_lazy("arrows"): tr_lazy("Arrows are drawn on the X-ray."),
    tr_lazy("intubated"): tr_lazy("The patient was intubated, according to the metadata."),
    tr_lazy("no abnormality"): tr_lazy(
        "The X-ray was reported without thoracic abnormality, though its class says otherwise."
    ),
    tr_lazy("same patient"): tr_lazy("The set has another X-ray of this patient."),
    tr_lazy("same picture"): tr_lazy("The set has the same file content a second time."),
}

# Where the film contradicts a claim; the other flags only tell what else is on it.
CONTRADICTIONS = ("AP called PA", "no abnormality")


_SIZE_STEPS = (512, 1024, 2048)
SIZE_GROUPS = (
    tr_lazy("under {size_steps} pixels", size_steps=_SIZE_STEPS[0]),
    *(tr_lazy("{low} to {high} pixels", low=low, high=high - 1) for low, high in pairwise(_SIZE_STEPS)),
    tr_lazy("{size_steps} pixels or more", size_steps=_SIZE_STEPS[-1]),
)
COLOUR_MODES = {1: tr_lazy("grey"), 2: tr_lazy("grey with alpha"), 3: "RGB", 4: tr_lazy("four channels")}


# A page asks for these tables many times over; a catalog never changes.
@lru_cache(maxsize=2)
def with_groups(catalog: Catalog) -> pd.DataFrame:
    """``catalog.films`` with two more columns: ``size_group`` (of the longer side) and ``colour_mode``."""
    films = catalog.films
    longer_side = np.maximum(films["width"].to_numpy(), films["height"].to_numpy())
    sizes = np.array(SIZE_GROUPS, dtype=object)[np.searchsorted(_SIZE_STEPS, longer_side, side="right")]
    modes = [COLOUR_MODES.get(channels, f"{channels} channels") for channels in films["channels"]]
    return films.assign(size_group=sizes, colour_mode=modes)


@lru_cache(maxsize=2)
def flag_table(catalog: Catalog) -> pd.DataFrame:
    """Which flag holds for which film.

    Returns
    -------
    DataFrame of bool, a row a film as in ``catalog.films``, a column for each label of ``FLAGS``. False also where the
    metadata do not say.
    """
    films = catalog.films
    text, panel = column_text(films, "text_on_image"), column_text(films, "panel_letter_or_caption") == "1"
    arrows = text.str.contains("arrow", case=False, regex=False)
    # "3 arrows" is no text, "none seen (wire/clip shadows at sides)" neither.
    readable = (text != "") & ~text.str.match("(?i)none seen") & ~text.str.fullmatch(r"(?i)\d* *arrows?")
    # The whole statement only: "no acute ... abnormality" says less.
    clear = column_text(films, "notes").str.contains(r"\bno (?:thoracic )?abnormalit", case=False)
    return pd.DataFrame(
        {
            "synthetic": is_synthetic(films),
            "AP called PA": is_curated_positive(films) & (films["view_position"] == "AP"),
            "panel letter": panel,
            "other text": readable & ~panel,
            "arrows": arrows,
            "intubated": column_text(films, "intubated") == "Y",
            "no abnormality": clear & (films["class"] == catalog.positive_class),
            "same patient": films["patient_id"].duplicated(keep=False) & (stated_patients(films["patient_id"]) != ""),
            "same picture": films["sha256"].duplicated(keep=False),
        },
        index=films.index,
    )


@lru_cache(maxsize=2)
def flags_by_film(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """Labels of the flags that hold for each film, by file."""
    table = flag_table(catalog)
    labels = np.array(table.columns)
    return {
        file: tuple(labels[row]) for file, row in zip(catalog.films["file"].tolist(), table.to_numpy(), strict=True)
    }


def is_synthetic(films: pd.DataFrame) -> pd.Series:
    """Whether each film is computed, Series of bool: the metadata column ``synthetic`` is 1."""
    return column_text(films, "synthetic") == "1"


def is_curated_positive(films: pd.DataFrame) -> pd.Series:
    """Whether each film is one of the curated COVID-19 films, by its content; Series of bool."""
    return films["sha256"].isin(_curated_contents()[DEFAULT_POSITIVE_CLASS])


def is_curated_set(catalog: Catalog) -> bool:
    """Whether the set is the curated fifty, whole and with nothing added."""
    contents = frozenset().union(*_curated_contents().values())
    return catalog.num_films == len(contents) and contents == set(catalog.films["sha256"])


def curated_films() -> pd.DataFrame:
    """The committed list of the curated fifty, whether or not their pictures are here; all columns strings."""
    return read_metadata(CURATED_LIST)


def column_text(films: pd.DataFrame, name: str) -> pd.Series:
    """A column of metadata as stripped text, "" all over where the set does not have it."""
    return films[name].astype(str).str.strip() if name in films else pd.Series("", index=films.index, dtype=str)


@cache
def _curated_contents() -> dict[str, frozenset[str]]:
    """SHA-256 of the curated films by class."""
    listed = curated_films()
    return {folder: frozenset(films["sha256"]) for folder, films in listed.groupby("class")}
