"""What a set of films holds, computed from its metadata: groups, flags where film and claim differ, and sentences."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

import numpy as np
import pandas as pd

from covidlab.data.catalog import DEFAULT_POSITIVE_CLASS, NOT_STATED, Catalog, read_metadata
from covidlab.data.curated import CURATED_LIST

# Label of a flag, as on the cards and in the address, and what it says of a film.
FLAGS = {
    "synthetic": "The film is computed, of no patient.",
    "AP called PA": 'The film is AP, though the set it belongs to was called "PA only".',
    "panel letter": "The film carries a journal's panel letter or caption.",
    "other text": "Text or a marker can be read on the film.",
    "arrows": "Arrows are drawn on the film.",
    "intubated": "The patient was intubated, by the metadata.",
    "no abnormality": "The film was reported without thoracic abnormality, though its class says otherwise.",
    "same patient": "The set has another film of this patient.",
    "same picture": "The set has the same file content a second time.",
}

# Where the film contradicts a claim; the other flags only tell what else is on it.
CONTRADICTIONS = ("AP called PA", "no abnormality")

# How well very little tells the two folders of the curated fifty apart: logistic regression, patient-grouped 5-fold,
# 20 repeats, n = 50 films; measured beforehand, not by this program. What is seen, accuracy, area under the ROC curve.
CURATED_SHORTCUTS = (
    ("one bit: is the JPEG stored as RGB or as grey", "94 %", ".90"),
    ("the file's header only: size, aspect, bytes per pixel, RGB or grey", "97 %", ".985"),
    ("a grey thumbnail of 16 × 16 pixels", "93.5 %", ".988"),
    ("the same with the lungs black", "88 %", ".96"),
    ("the same, margins of the picture only", "84 %", ".87"),
    ("the same, lungs only", "80 %", ".875"),
    ("outline of the lung mask only", "76 %", ".79"),
)

_SIZE_STEPS = (512, 1024, 2048)
_SIZE_GROUPS = ("under 512 pixels", "512 to 1023 pixels", "1024 to 2047 pixels", "2048 pixels or more")
_COLOUR_MODES = {1: "grey", 2: "grey with alpha", 3: "RGB", 4: "four channels"}
_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


# A page asks for these tables many times over; a catalog never changes.
@lru_cache(maxsize=2)
def with_groups(catalog: Catalog) -> pd.DataFrame:
    """``catalog.films`` with two more columns: ``size_group`` (of the longer side) and ``colour_mode``."""
    films = catalog.films
    longer_side = np.maximum(films["width"].to_numpy(), films["height"].to_numpy())
    sizes = np.array(_SIZE_GROUPS, dtype=object)[np.searchsorted(_SIZE_STEPS, longer_side, side="right")]
    modes = [_COLOUR_MODES.get(channels, f"{channels} channels") for channels in films["channels"]]
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
    text, panel = _column(films, "text_on_image"), _column(films, "panel_letter_or_caption") == "1"
    arrows = text.str.contains("arrow", case=False, regex=False)
    # "3 arrows" is no text, "none seen (wire/clip shadows at sides)" neither.
    readable = (text != "") & ~text.str.match("(?i)none seen") & ~text.str.fullmatch(r"(?i)\d* *arrows?")
    # The whole statement only: "no acute ... abnormality" says less.
    clear = _column(films, "notes").str.contains(r"\bno (?:thoracic )?abnormalit", case=False)
    return pd.DataFrame(
        {
            "synthetic": is_synthetic(films),
            "AP called PA": is_curated_positive(films) & (films["view_position"] == "AP"),
            "panel letter": panel,
            "other text": readable & ~panel,
            "arrows": arrows,
            "intubated": _column(films, "intubated") == "Y",
            "no abnormality": clear & (films["class"] == catalog.positive_class),
            "same patient": films["patient_id"].duplicated(keep=False) & ~_is_made_up(films["patient_id"]),
            "same picture": films["sha256"].duplicated(keep=False),
        },
        index=films.index,
    )


@lru_cache(maxsize=2)
def flags_by_film(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """Labels of the flags that hold for each film, by file."""
    table = flag_table(catalog)
    labels = np.array(table.columns)
    return {file: tuple(labels[row]) for file, row in zip(catalog.films["file"], table.to_numpy(), strict=True)}


def is_synthetic(films: pd.DataFrame) -> pd.Series:
    """Whether each film is computed, Series of bool: the metadata column ``synthetic`` is 1."""
    return _column(films, "synthetic") == "1"


def is_curated_positive(films: pd.DataFrame) -> pd.Series:
    """Whether each film is one of the curated COVID-19 films, by its content; Series of bool."""
    return films["sha256"].isin(_curated_contents()[DEFAULT_POSITIVE_CLASS])


def is_curated_set(catalog: Catalog) -> bool:
    """Whether the set is the curated fifty, whole and with nothing added."""
    contents = frozenset().union(*_curated_contents().values())
    return catalog.num_films == len(contents) and contents == set(catalog.films["sha256"])


def statements(catalog: Catalog, *, name_of: Callable[[str], str]) -> list[str]:
    """What is in the set, one plain sentence each with the numbers behind it; what cannot be computed is left out.

    Parameters
    ----------
    name_of : gives the name of a class for people from that of its folder; both and the findings are foreign text
    """
    groups = {name_of(folder): catalog.films[catalog.films["class"] == folder] for folder in catalog.classes}
    return [
        *_about_origin(catalog),
        *_about_patients(catalog, groups),
        *_about_ages(groups),
        *_about_findings(catalog, groups),
        *_about_views(catalog, groups),
        *_about_marks(catalog, groups),
        *_about_files(groups),
    ]


def licence_counts(films: pd.DataFrame) -> pd.DataFrame:
    """Number of films by class, source and licence: columns class, source, licence, films; "not stated" where empty."""
    table = pd.DataFrame({name: _column(films, name) for name in ("class", "source", "licence")}).replace(
        "", NOT_STATED
    )
    return (
        table.value_counts(sort=False).rename("films").reset_index().sort_values(["class", "films"], ascending=[1, 0])
    )


def curated_films() -> pd.DataFrame:
    """The committed list of the curated fifty, whether or not their pictures are here; all columns strings."""
    return read_metadata(CURATED_LIST)


def _about_origin(catalog: Catalog) -> Iterator[str]:
    synthetic = int(is_synthetic(catalog.films).sum())
    if synthetic:
        yield f"{synthetic:,} of {_films(catalog.num_films)} are synthetic: computed, of no patient."


def _about_patients(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if not catalog.patients_known:
        yield f"{_films(catalog.num_films)}: {', '.join(f'{len(films):,} {name}' for name, films in groups.items())}."
        yield (
            f"Of {_films(catalog.num_films)} not all patients are stated; where one is not, "
            "each different file counts as a patient."
        )
        return
    for name, films in groups.items():
        sizes = films["patient_id"].value_counts().to_numpy()
        yield f"{_films(len(films), name)} come from {_counted(len(sizes), 'patient')}{_films_each(sizes)}."
    shared = catalog.films.groupby("patient_id")["class"].nunique().gt(1).sum()
    if shared:
        yield f"{shared:,} of {_counted(catalog.num_patients, 'patient')} have films in more than one class."


def _about_ages(groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    stated = {name: set(films["age_group"]) - {NOT_STATED} for name, films in groups.items()}
    if not any(stated.values()):
        return
    for name, films in groups.items():
        years = pd.to_numeric(_column(films, "age_years"), errors="coerce").dropna()
        span = f"; {len(years):,} have an age in years, {years.min():.0f} to {years.max():.0f}" if len(years) else ""
        yield f"Age in {_films(len(films), name)}: {_shares(films['age_group'])}{span}."
    if all(stated.values()) and len(set().union(*stated.values())) == sum(map(len, stated.values())):
        num_stated = sum((films["age_group"] != NOT_STATED).sum() for films in groups.values())
        yield (
            f"No age group is in two classes (n = {num_stated:,} films with a stated age group): "
            "a model may tell ages apart instead of diseases."
        )


def _about_findings(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    for name, films in groups.items():
        if films["finding"].nunique() > 1:
            yield f"Finding in {_films(len(films), name)}: {_shares(films['finding'])}."
    if is_curated_set(catalog):
        others = catalog.films[catalog.films["class"] != catalog.positive_class]
        ill = others["finding"].str.contains("pneumonia").sum()
        yield f'The folder normal means "not COVID-19", not "healthy": {ill} of {len(others)} show pneumonia, by file name.'
    clear = flag_table(catalog)["no abnormality"]
    for name, films in groups.items():
        if num_clear := clear[films.index].sum():
            verb = "is" if num_clear == 1 else "are"
            yield f"{num_clear:,} of {_films(len(films), name)} {verb} reported without thoracic abnormality."


def _about_views(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if (catalog.films["view_position"] == NOT_STATED).all():
        return
    for name, films in groups.items():
        yield f"View in {_films(len(films), name)}: {_shares(films['view_position'])}."
    contradicting = int(flag_table(catalog)["AP called PA"].sum())
    if contradicting:
        total = int(is_curated_positive(catalog.films).sum())
        yield f'"PA only", as the set was called, does not hold: at least {contradicting} of {total} films are AP.'


def _about_marks(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if "panel_letter_or_caption" in catalog.films:
        panel = flag_table(catalog)["panel letter"]
        parts = [f"{panel[films.index].sum():,} of {_films(len(films), name)}" for name, films in groups.items()]
        yield f"Journal panel letters or captions: {', '.join(parts)}."
    if "intubated" in catalog.films:
        said = _column(catalog.films, "intubated").isin(("Y", "N"))
        yes = flag_table(catalog)["intubated"].sum()
        if said.any():
            yield f"Intubated: {yes:,} of the {_films(said.sum())} whose metadata tell."


def _about_files(groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    colour = {name: int((films["channels"] == 3).sum()) for name, films in groups.items()}
    if any(colour.values()):
        parts = [f"{colour[name]:,} of {_films(len(films), name)}" for name, films in groups.items()]
        yield f"Stored as RGB instead of grey: {', '.join(parts)}."


def _films_each(sizes: np.ndarray) -> str:
    """How many films the patients of a class have, e.g. " (4, 4, 3 films and two with a single one)"."""
    several, single = sizes[sizes > 1], int((sizes == 1).sum())
    if not len(several):
        return ", one film each"
    if len(several) > 12:
        return f" (up to {several.max():,} films a patient)"
    rest = _NUMBER_WORDS[single] if single < len(_NUMBER_WORDS) else f"{single:,}"
    return f" ({', '.join(map(str, several))} films{f' and {rest} with a single one' if single else ''})"


def _shares(values: pd.Series, *, most: int = 6) -> str:
    counts = values.value_counts()
    # What is not stated comes last.
    counts = counts[sorted(counts.index, key=lambda value: (value == NOT_STATED, -counts[value], value))]
    more = len(counts) - most
    return ", ".join(f"{number:,} {value}" for value, number in counts.head(most).items()) + (
        f" and {more:,} more kinds" if more > 0 else ""
    )


def _films(number: int, name: str = "") -> str:
    return _counted(number, f"{name} film".strip())


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _column(films: pd.DataFrame, name: str) -> pd.Series:
    """A column of metadata as stripped text, "" all over where the set does not have it."""
    return films[name].astype(str).str.strip() if name in films else pd.Series("", index=films.index, dtype=str)


def _is_made_up(patient_ids: pd.Series) -> pd.Series:
    # What catalog gives a film whose patient is not stated.
    return patient_ids.str.startswith("content-")


@cache
def _curated_contents() -> dict[str, frozenset[str]]:
    """SHA-256 of the curated films by class."""
    listed = curated_films()
    return {folder: frozenset(films["sha256"]) for folder, films in listed.groupby("class")}
