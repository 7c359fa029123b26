"""What a set of X-rays holds, one plain sentence each with the numbers behind it."""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import column_text, flag_table, is_curated_positive, is_curated_set, is_synthetic
from covidlab.data.patients import PATIENTS_NOT_KNOWN, stated_patients
from covidlab.data.words import value_text
from covidlab.language import language, number_text, tr, tr_lazy, tr_many
from covidlab.text import pluralize

# How well very little tells the two folders of the curated fifty apart: logistic regression, patient-grouped 5-fold,
# 20 repeats, n = 50 films; measured beforehand, not by this program. What is seen, accuracy, area under the ROC curve.
CURATED_SHORTCUTS = (
    (tr_lazy("one bit: is the JPEG stored as RGB or as grey"), "94 %", ".90"),
    (tr_lazy("the file's header only: size, aspect, bytes per pixel, RGB or grey"), "97 %", ".985"),
    (tr_lazy("a grey thumbnail of 16 × 16 pixels"), "93.5 %", ".988"),
    (tr_lazy("the same with the lungs black"), "88 %", ".96"),
    (tr_lazy("the same, margins of the picture only"), "84 %", ".87"),
    (tr_lazy("the same, lungs only"), "80 %", ".875"),
    (tr_lazy("outline of the lung mask only"), "76 %", ".79"),
)


_NUMBER_WORDS = (
    *(tr_lazy("no"), tr_lazy("one"), tr_lazy("two"), tr_lazy("three"), tr_lazy("four"), tr_lazy("five")),
    *(tr_lazy("six"), tr_lazy("seven"), tr_lazy("eight"), tr_lazy("nine"), tr_lazy("ten")),
)


def statements(catalog: Catalog, *, name_of: Callable[[str], str]) -> list[str]:
    """What is in the set, one plain sentence each with the numbers behind it; what cannot be computed is left out.

    Parameters
    ----------
    name_of : gives the name of a class for people from that of its folder; both and the findings are foreign text
    """
    return list(_statements(language(), catalog, name_of))


# A page asks at every click; a catalog never changes.
@lru_cache(maxsize=8)
def _statements(code: str, catalog: Catalog, name_of: Callable[[str], str]) -> list[str]:
    """``statements`` in the language ``code``, the one of now."""
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
        yield tr(
            "{synthetic:,} of {films} are synthetic: they are computed and show no patient.",
            synthetic=synthetic,
            films=_films(catalog.num_films),
        )


def _about_patients(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if not catalog.patients_known:
        counts = ", ".join(f"{number_text(len(films))} {name}" for name, films in groups.items())
        yield f"{_films(catalog.num_films)}: {counts}."
        stated = int((stated_patients(catalog.films["patient_id"]) != "").sum())
        yield tr("The patient is stated for {stated:,} of {films}.", stated=stated, films=_films(catalog.num_films))
        yield tr(PATIENTS_NOT_KNOWN)
        return
    for name, films in groups.items():
        sizes = films["patient_id"].value_counts().to_numpy()
        yield tr(
            "{films} come from {counted}{films_each}.",
            films=_films(len(films), name),
            counted=pluralize(len(sizes), "patient"),
            films_each=_films_each(sizes),
        )
    shared = catalog.films.groupby("patient_id")["class"].nunique().gt(1).sum()
    if shared:
        yield tr(
            "{shared:,} of {counted} have X-rays in more than one class.",
            shared=shared,
            counted=pluralize(catalog.num_patients, "patient"),
        )


def _about_ages(groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    stated = {name: set(films["age_group"].unique()) - {NOT_STATED} for name, films in groups.items()}
    if not any(stated.values()):
        return
    for name, films in groups.items():
        years = pd.to_numeric(column_text(films, "age_years"), errors="coerce").dropna()
        span = (
            tr(
                "; {num_years:,} have an age in years, {min:.0f} to {max:.0f}",
                num_years=len(years),
                min=years.min(),
                max=years.max(),
            )
            if len(years)
            else ""
        )
        yield tr(
            "Age in {films}: {shares}{span}.",
            films=_films(len(films), name),
            shares=_shares(films["age_group"]),
            span=span,
        )
    if all(stated.values()) and len(set().union(*stated.values())) == sum(map(len, stated.values())):
        num_stated = sum((films["age_group"] != NOT_STATED).sum() for films in groups.values())
        yield (
            tr(
                "No age group is in two classes (n = {num_stated:,} X-rays with a stated age group): a model may "
                "tell ages apart instead of diseases.",
                num_stated=num_stated,
            )
        )


def _about_findings(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    for name, films in groups.items():
        if films["finding"].nunique() > 1:
            yield tr("Finding in {films}: {shares}.", films=_films(len(films), name), shares=_shares(films["finding"]))
    if is_curated_set(catalog):
        others = catalog.films[catalog.films["class"] != catalog.positive_class]
        ill = others["finding"].str.contains("pneumonia").sum()
        yield tr(
            'The folder normal means "not COVID-19", not "healthy": {ill} of {num_others} show pneumonia, by '
            "file name.",
            ill=ill,
            num_others=len(others),
        )
    clear = flag_table(catalog)["no abnormality"]
    for name, films in groups.items():
        if num_clear := clear[films.index].sum():
            yield tr_many(
                "{number:,} of {films} is reported without thoracic abnormality.",
                "{number:,} of {films} are reported without thoracic abnormality.",
                int(num_clear),
                films=_films(len(films), name),
            )


def _about_views(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if (catalog.films["view_position"] == NOT_STATED).all():
        return
    for name, films in groups.items():
        yield tr("View in {films}: {shares}.", films=_films(len(films), name), shares=_shares(films["view_position"]))
    contradicting = int(flag_table(catalog)["AP called PA"].sum())
    if contradicting:
        total = int(is_curated_positive(catalog.films).sum())
        yield tr(
            '"PA only", as the set was called, does not hold: at least {contradicting} of {total} X-rays are AP.',
            contradicting=contradicting,
            total=total,
        )


def _about_marks(catalog: Catalog, groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    if "panel_letter_or_caption" in catalog.films:
        panel = flag_table(catalog)["panel letter"]
        parts = [
            tr("{sum:,} of {films}", sum=int(panel[films.index].sum()), films=_films(len(films), name))
            for name, films in groups.items()
        ]
        yield tr("Journal panel letters or captions: {parts}.", parts=", ".join(parts))
    if "intubated" in catalog.films:
        said = column_text(catalog.films, "intubated").isin(("Y", "N"))
        yes = flag_table(catalog)["intubated"].sum()
        if said.any():
            yield tr(
                "Intubated: {yes:,} of the {films} whose metadata state it.",
                yes=int(yes),
                films=_films(int(said.sum())),
            )


def _about_files(groups: dict[str, pd.DataFrame]) -> Iterator[str]:
    colour = {name: int((films["channels"] == 3).sum()) for name, films in groups.items()}
    if any(colour.values()):
        parts = [
            tr("{colour:,} of {films}", colour=colour[name], films=_films(len(films), name))
            for name, films in groups.items()
        ]
        yield tr("Stored as RGB instead of grey: {parts}.", parts=", ".join(parts))


def _films_each(sizes: np.ndarray) -> str:
    """How many films the patients of a class have, e.g. " (4, 4, 3 films and two with a single one)"."""
    several, single = sizes[sizes > 1], int((sizes == 1).sum())
    if not len(several):
        return tr(", one X-ray each")
    if len(several) > 12:
        return tr(" (up to {max:,} X-rays a patient)", max=int(several.max()))
    sizes_text = ", ".join(map(str, several))
    if not single:
        return tr(" ({sizes} X-rays)", sizes=sizes_text)
    rest = tr(_NUMBER_WORDS[single]) if single < len(_NUMBER_WORDS) else number_text(single)
    return tr(" ({sizes} X-rays and {rest} with a single one)", sizes=sizes_text, rest=rest)


def _shares(values: pd.Series, *, most: int = 6) -> str:
    counts = values.value_counts()
    # What is not stated comes last.
    counts = counts[sorted(counts.index, key=lambda value: (value == NOT_STATED, -counts[value], value))]
    more = len(counts) - most
    return ", ".join(
        f"{number_text(number)} {value_text(str(value))}" for value, number in counts.head(most).items()
    ) + (tr(" and {more:,} more kinds", more=more) if more > 0 else "")


def _films(number: int, name: str = "") -> str:
    if not name:
        return pluralize(number, "X-ray")
    return tr_many("{number:,} {name} X-ray", "{number:,} {name} X-rays", number, name=name)
