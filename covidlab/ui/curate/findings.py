"""What was found in the X-rays that a person brings: doubles, likenesses, patients with several, odd sizes."""

from collections.abc import Iterable
from html import escape

import pandas as pd
import streamlit as st

from covidlab.imaging.encode import data_address
from covidlab.intake.adding import Pair, Review
from covidlab.language import number_text, tr
from covidlab.text import one_line, pluralize

_MOST_LISTED = 60


def draw_findings(review: Review) -> None:
    """Draw what to know of the readable X-rays, each kind in a panel; nothing where there is nothing to know."""
    _draw_pairs(
        tr("The same as another X-ray"), review.exact, review, tr("They are left out unless you tick them below.")
    )
    _draw_pairs(
        tr("Similar to another X-ray"),
        review.near,
        review,
        tr(
            "A coarse comparison found these: each may be the same X-ray in another size, or only a similar "
            "one. If one X-ray is in training and its copy in validation, the results are too good."
        ),
    )
    patients = [
        (
            found.patient_id,
            pluralize(len(found.names), "new X-ray"),
            tr("{x_rays} in the set", x_rays=pluralize(len(found.there), "X-ray")),
        )
        for found in review.same_patient
    ]
    draw_list(tr("Several X-rays of one patient"), patients, (tr("patient"), tr("here"), tr("there")))
    draw_list(tr("Notes on single X-rays"), review.odd, (tr("file"), tr("what")))


def draw_list(title: str, rows: Iterable[tuple[str, ...]], columns: tuple[str, ...], *, said: str = "") -> None:
    """Draw all rows in a panel with their number and, on top of it, what is ``said``; nothing where there are none."""
    rows = [tuple(one_line(text, max_length=300) for text in row) for row in rows]
    if rows:
        with st.expander(f"{title}: {number_text(len(rows))}{f' ({one_line(said, max_length=200)})' if said else ''}"):
            st.dataframe(pd.DataFrame(rows, columns=list(columns)), hide_index=True, alt=title)


def _draw_pairs(title: str, pairs: tuple[Pair, ...], review: Review, explanation: str) -> None:
    if not pairs:
        return
    with st.expander(f"{title}: {number_text(len(pairs))}", expanded=len(pairs) <= 6):
        st.caption(explanation)
        st.html(pairs_html(pairs[:_MOST_LISTED], review))
        if len(pairs) > _MOST_LISTED:
            st.caption(tr("And {num_pairs:,} more.", num_pairs=len(pairs) - _MOST_LISTED))


def pairs_html(pairs: Iterable[Pair], review: Review) -> str:
    """Return both X-rays of each pair side by side, each with its name and whether it is new."""
    pictures = {film.name: film.picture for film in review.films}
    drawn = []
    for pair in pairs:
        there = tr("in the set") if pair.is_there else tr("also new")
        other = (review.pictures_there if pair.is_there else pictures)[pair.other]
        sides = (_figure(pictures[pair.name], pair.name, tr("new")), _figure(other, pair.other, there))
        drawn.append(f'<div class="film-pair">{"".join(sides)}</div>')
    return f'<div class="film-pairs">{"".join(drawn)}</div>'


def _figure(picture: bytes, name: str, what: str) -> str:
    alt = f"{escape(one_line(name))}, {what}"
    shown = escape(one_line(name, max_length=36))
    return f'<figure><img src="{data_address(picture)}" alt="{alt}"><figcaption>{shown}, {what}</figcaption></figure>'
