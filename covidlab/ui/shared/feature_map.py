"""The X-rays that a model knows as a map: the two directions in which they differ most, coloured by what is known of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.flags import column_text, with_groups
from covidlab.data.words import value_text
from covidlab.language import number_text, tr, tr_lazy, tr_many
from covidlab.text import class_name, in_sentence, listed, one_line, pluralize

OPERATING_POINT = 0.5
RIGHT, WRONG, NOT_CROSS_VALIDATED = tr_lazy("right"), tr_lazy("wrong"), tr_lazy("not cross-validated")
OTHERS = tr_lazy("other values")
_WORDS = {word: word for word in (RIGHT, WRONG, NOT_CROSS_VALIDATED, OTHERS)}
# As many colours as people and the colour-blind tell apart; the rest is one group.
MOST_GROUPS = 6

CLASS, ANSWER = tr_lazy("Class"), tr_lazy("Right or wrong")
# What a map can be coloured by, as people read it, and the column.
COLOURS = {
    CLASS: "class",
    tr_lazy("Age group"): "age_group",
    tr_lazy("View"): "view_position",
    tr_lazy("Source"): "source",
    tr_lazy("Colour mode"): "colour_mode",
    ANSWER: "answer",
}
_FROM_CATALOG = ("age_group", "view_position", "source", "colour_mode")


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """X-rays that a model knows, and where they lie.

    points: (n, 2) float. films: a row for each point with file, class, age_group, view_position, source, colour_mode,
    is_here (whether the data set in use holds it), out_of_fold (probability of the positive class from models that had not
    seen its patient, nan where there is none) and answer. classes: folders. share: of all differences that the map shows.
    """

    points: np.ndarray
    films: pd.DataFrame
    classes: tuple[str, ...]
    positive_class: str
    share: float
    patients_known: bool

    @property
    def num_films(self) -> int:
        """Number of X-rays on the map."""
        return len(self.points)

    @cached_property
    def offered(self) -> list[str]:
        """What the X-rays of this map differ in, of ``COLOURS``; the class always."""
        return [name for name, column in COLOURS.items() if name == CLASS or self.films[column].nunique() > 1]

    def groups(self, colour_by: str) -> pd.Series:
        """The group of each X-ray by one of ``COLOURS``: folders, or words; what is rare is one group."""
        values = self.films[COLOURS[colour_by]]
        counts = values[values != NOT_STATED].value_counts()
        rare = set(counts.index[MOST_GROUPS:])
        return values.where(~values.isin(rare), OTHERS)

    def here(self) -> "FeatureMap":
        """The same map with the X-rays alone that the data set in use holds."""
        kept = self.films["is_here"].to_numpy()
        films = self.films[kept].reset_index(drop=True)
        return FeatureMap(self.points[kept], films, self.classes, self.positive_class, self.share, self.patients_known)


def feature_map(known: Mapping[str, Any], points: np.ndarray, catalog: Catalog | None) -> FeatureMap:
    """Return the map of a model, with what the data set in use says of its X-rays.

    Parameters
    ----------
    known : values that the process which predicts answers to "map"
    points : (n, 2), of the same answer
    catalog : the data set in use, None where there is none; an X-ray is found in it by its name and content
    """
    films = pd.DataFrame({"file": known["files"], "class": known["classes"]})
    films["out_of_fold"] = np.array(known["out_of_fold"], dtype=float)
    facts = _facts(catalog).reindex(films["file"])
    films["is_here"] = facts["sha256"].to_numpy() == np.array(known["sha256s"], dtype=object)
    for column in _FROM_CATALOG:
        words = column_text(facts, column).to_numpy()
        films[column] = np.where(films["is_here"] & (words != ""), words, NOT_STATED)
    films["answer"] = _answers(films, known["positive_class"])
    return FeatureMap(
        points=np.asarray(points, dtype=float),
        films=films,
        classes=tuple(sorted(set(known["classes"]))),
        positive_class=known["positive_class"],
        share=float(known["share"]),
        patients_known=bool(known["patients_known"]),
    )


def coinciding(known_map: FeatureMap) -> list[str]:
    """Names of the properties, of ``COLOURS``, of which no stated value lies in two classes."""
    names = [name for name in known_map.offered if name not in (CLASS, ANSWER)]
    return [name for name in names if lies_in_one_class(known_map.films, COLOURS[name])]


def lies_in_one_class(films: pd.DataFrame, column: str) -> bool:
    """Whether no stated value of a column lies in two classes, so that it tells the classes apart as well as they do."""
    stated = films[~films[column].isin((NOT_STATED, ""))]
    num_classes = stated.groupby(column)["class"].nunique()
    return len(num_classes) > 1 and num_classes.max() == 1 and set(stated["class"]) == set(films["class"])


def is_outside(points: np.ndarray, place: Sequence[float]) -> bool:
    """Whether a place lies outside the region of the points, their convex hull.

    Seen from outside, all points lie within half a circle, so the largest gap between their directions is above 180 degrees.

    Parameters
    ----------
    points : (n, 2) float
    place : (2,)
    """
    steps = np.asarray(points, dtype=float) - np.asarray(place, dtype=float)
    if not len(steps):
        return True
    if not steps.any(axis=1).all():
        # It is where a point is, and a point has no direction from itself.
        return False
    angles = np.sort(np.arctan2(steps[:, 1], steps[:, 0]))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    return bool(gaps.max() > np.pi)


def group_name(colour_by: str, value: str) -> str:
    """What a group is called, plain text."""
    if colour_by == CLASS and value != OTHERS:
        return one_line(class_name(value), max_length=40)
    word = _WORDS.get(value)
    return str(word) if word else one_line(value_text(value), max_length=40)


def describe_map(known_map: FeatureMap, *, colour_by: str) -> str:
    """Return what the map shows as one sentence."""
    counts = known_map.groups(colour_by).value_counts()
    parts = ", ".join(f"{number_text(number)} {group_name(colour_by, value)}" for value, number in counts.items())
    return tr(
        "Map of {x_rays}, coloured by {colour_by}: {parts}.",
        x_rays=pluralize(known_map.num_films, "X-ray"),
        colour_by=in_sentence(tr(colour_by)),
        parts=parts,
    )


def map_caption(known_map: FeatureMap, *, colour_by: str) -> str:
    """Return what the map means and what it cannot mean, plain text."""
    sentences = [
        tr(
            "The two directions in which these X-rays differ most, to the model: {value:.0f} % of all "
            "differences (n = {x_rays}). The axes have no unit.",
            value=100 * known_map.share,
            x_rays=pluralize(known_map.num_films, "X-ray"),
        ),
        tr(
            "X-rays that are near each other need not show the same disease: the machine, the view, the age "
            "or a marker can bring them together."
        ),
    ]
    if names := coinciding(known_map):
        words = listed([in_sentence(tr(name)) for name in names])
        sentences.append(
            tr_many(
                "In this set {words} coincides with the class, so the colours look alike, and the map cannot say "
                "which of them it shows.",
                "In this set {words} coincide with the class, so the colours look alike, and the map cannot say "
                "which of them it shows.",
                len(names),
                words=words,
            )
        )
    if colour_by == ANSWER:
        sentences.append(
            tr(
                "Right or wrong: the mean of models that had not seen the patient, at the operating point "
                "{operating_point}.",
                operating_point=OPERATING_POINT,
            )
            if known_map.patients_known
            else tr(
                "Right or wrong: the mean of models that had not seen the X-ray, at the operating point "
                "{operating_point}.",
                operating_point=OPERATING_POINT,
            )
        )
    return " ".join(sentences)


def chosen_files(known_map: FeatureMap, points: Collection[Mapping[str, Any]]) -> list[str]:
    """Files of the points that a browser says are chosen; what is no X-ray of the map is passed over."""
    places = {int(point["customdata"][0]) for point in points if point.get("customdata")}
    return [known_map.films["file"].iloc[place] for place in sorted(places) if 0 <= place < known_map.num_films]


def _facts(catalog: Catalog | None) -> pd.DataFrame:
    """What a data set says of its X-rays, by file."""
    if catalog is None:
        return pd.DataFrame({"sha256": []}, dtype=str)
    return with_groups(catalog).set_index("file")


def _answers(films: pd.DataFrame, positive_class: str) -> np.ndarray:
    """Whether the models that had not seen an X-ray's patient are right on it, (n,) of str."""
    says_positive = films["out_of_fold"] >= OPERATING_POINT
    is_right = says_positive == (films["class"] == positive_class)
    return np.where(films["out_of_fold"].isna(), NOT_CROSS_VALIDATED, np.where(is_right, RIGHT, WRONG))
