"""What a set of X-rays holds, one plain sentence each with the numbers behind it."""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import column_text, flag_table, is_curated_positive, is_curated_set, is_synthetic
from covidlab.data.patients import PATIENTS_NOT_KNOWN, stated_patients

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


_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


# A page asks at every click; a catalog never changes.
@lru_cache(maxsize=2)
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
    table = pd.DataFrame({name: column_text(films, name) for name in ("class", "source", "licence")}).replace(
        "", NOT_STATED
    )
    return (
        table.value_counts(sort=False).rename("films").reset_index().sort_values(["class", "films"], ascending=[1, 0])
    )


def _about_origin(catalog: Catalog) -> Iterator[str]:
    synthetic = int(is_synthetic(catalog.films).sum())
    if synthetic:
        yield f"{synthetic:,} of {_films(catalog.num_films)} are synthetic: they are computed and show no patient."


def _about_patients(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if not catalog.patients_known:
        yield f"{_films(catalog.num_films)}: {', '.join(f'{len(films):,} {name}' for name, films in groups.items())}."
        stated = int((stated_patients(catalog.films["patient_id"]) != "").sum())
        yield f"The patient is stated for {stated:,} of {_films(catalog.num_films)}."
        yield PATIENTS_NOT_KNOWN
        return
    for name, films in groups.items():
        sizes = films["patient_id"].value_counts().to_numpy()
        yield f"{_films(len(films), name)} come from {_counted(len(sizes), 'patient')}{_films_each(sizes)}."
    shared = catalog.films.groupby("patient_id")["class"].nunique().gt(1).sum()
    if shared:
        yield f"{shared:,} of {_counted(catalog.num_patients, 'patient')} have X-rays in more than one class."


def _about_ages(groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    stated = {name: set(films["age_group"].unique()) - {NOT_STATED} for name, films in groups.items()}
    if not any(stated.values()):
        return
    for name, films in groups.items():
        years = pd.to_numeric(column_text(films, "age_years"), errors="coerce").dropna()
        span = f"; {len(years):,} have an age in years, {years.min():.0f} to {years.max():.0f}" if len(years) else ""
        yield f"Age in {_films(len(films), name)}: {_shares(films['age_group'])}{span}."
    if all(stated.values()) and len(set().union(*stated.values())) == sum(map(len, stated.values())):
        num_stated = sum((films["age_group"] != NOT_STATED).sum() for films in groups.values())
        yield (
            f"No age group is in two classes (n = {num_stated:,} X-rays with a stated age group): "
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
        yield f'"PA only", as the set was called, does not hold: at least {contradicting} of {total} X-rays are AP.'


def _about_marks(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if "panel_letter_or_caption" in catalog.films:
        panel = flag_table(catalog)["panel letter"]
        parts = [f"{panel[films.index].sum():,} of {_films(len(films), name)}" for name, films in groups.items()]
        yield f"Journal panel letters or captions: {', '.join(parts)}."
    if "intubated" in catalog.films:
        said = column_text(catalog.films, "intubated").isin(("Y", "N"))
        yes = flag_table(catalog)["intubated"].sum()
        if said.any():
            yield f"Intubated: {yes:,} of the {_films(said.sum())} whose metadata state it."


def _about_files(groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    colour = {name: int((films["channels"] == 3).sum()) for name, films in groups.items()}
    if any(colour.values()):
        parts = [f"{colour[name]:,} of {_films(len(films), name)}" for name, films in groups.items()]
        yield f"Stored as RGB instead of grey: {', '.join(parts)}."


def _films_each(sizes: np.ndarray) -> str:
    """How many films the patients of a class have, e.g. " (4, 4, 3 films and two with a single one)"."""
    several, single = sizes[sizes > 1], int((sizes == 1).sum())
    if not len(several):
        return ", one X-ray each"
    if len(several) > 12:
        return f" (up to {several.max():,} X-rays a patient)"
    rest = _NUMBER_WORDS[single] if single < len(_NUMBER_WORDS) else f"{single:,}"
    return f" ({', '.join(map(str, several))} X-rays{f' and {rest} with a single one' if single else ''})"


def _shares(values: pd.Series, *, most: int = 6) -> str:
    counts = values.value_counts()
    # What is not stated comes last.
    counts = counts[sorted(counts.index, key=lambda value: (value == NOT_STATED, -counts[value], value))]
    more = len(counts) - most
    return ", ".join(f"{number:,} {value}" for value, number in counts.head(most).items()) + (
        f" and {more:,} more kinds" if more > 0 else ""
    )


def _films(number: int, name: str = "") -> str:
    return _counted(number, f"{name} X-ray".strip())


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"
