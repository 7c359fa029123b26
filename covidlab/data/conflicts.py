"""The same X-ray in two classes: no model can be right on both."""

from collections.abc import Sequence

import pandas as pd

from covidlab.language import tr, tr_many

MOST_NAMED = 3


def find_conflicts(films: pd.DataFrame) -> list[list[str]]:
    """Files with the same content in different classes: a sorted list for each such content, in order of the first file.

    Parameters
    ----------
    films : a row an X-ray with the columns file, class and sha256
    """
    # Few are there twice, and pages ask again and again.
    twice = films[films["sha256"].duplicated(keep=False)]
    groups = (group for _, group in twice.groupby("sha256") if group["class"].nunique() > 1)
    return sorted(sorted(map(str, group["file"])) for group in groups)


def describe_conflicts(conflicts: Sequence[Sequence[str]], *, most: int = MOST_NAMED) -> str:
    """Return e.g. "2 X-rays are in two classes: covid/a.jpg and normal/b.jpg, covid/c.jpg and normal/d.jpg."; "" where none is.

    Parameters
    ----------
    conflicts : of ``find_conflicts``
    most : how many of them are named
    """
    if not conflicts:
        return ""
    named = ", ".join(tr(" and ").join(files) for files in conflicts[:most])
    more = len(conflicts) - most
    return tr_many(
        "{number:,} X-ray is in two classes: {named}{others}. No model can be right on both; decide which class is "
        "the true one.",
        "{number:,} X-rays are in two classes: {named}{others}. No model can be right on both; decide which class is "
        "the true one.",
        len(conflicts),
        named=named,
        others=tr(" and {more:,} more", more=more) if more > 0 else "",
    )
