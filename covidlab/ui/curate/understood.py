"""Step 1 of adding: what the files were understood to be, as a tree of folders, and each class with some of its X-rays."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from covidlab.data.layouts import Answers, Layout
from covidlab.intake.adding import Brought, Candidate, Review, own_dataset
from covidlab.language import language, tr
from covidlab.text import markdown_escaped, pluralize
from covidlab.ui.shared.folder_tree import branches_html, samples_html

NUM_SAMPLES = 5
_MOST_CLASSES = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class UnderReview:
    """X-rays that were looked through and wait for the person's answers; ``name`` of the set they are to be added to."""

    brought: Brought
    review: Review
    name: str
    _layouts: dict[tuple[Answers, str], Layout] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> Path:
        """Folder of the set they are to be added to."""
        return own_dataset(self.name)

    def layout(self, answers: Answers) -> Layout:
        """Return what the files were understood to be with these answers; raises DataError as ``Brought.understand``."""
        # It holds sentences in the visitor's language.
        place = (answers, language())
        if place not in self._layouts:
            self._layouts[place] = self.brought.understand(answers)
        return self._layouts[place]


def draw_understood(waiting: UnderReview, layout: Layout) -> None:
    """Draw the layout: its title, the tree with numbers, the classes with five X-rays each."""
    st.subheader(tr("1. What is this?"), anchor=False)
    pictures = pluralize(len(layout.pictures), "picture")
    title = markdown_escaped(layout.title, max_length=200)
    st.markdown(
        tr(
            "**{upper}{title}** ({pictures}). Nothing has been added yet.",
            upper=title[:1].upper(),
            title=title[1:],
            pictures=pictures,
        )
    )
    samples = samples_of_classes(layout, waiting.review.films)
    tree, classes = st.columns([3, 4], gap="large") if samples else (st.container(), None)
    if layout.branches:
        tree.html(branches_html(layout.branches))
    if samples:
        numbers = layout.class_counts
        with classes:
            st.html(samples_html([(name, numbers[name], films) for name, films in samples[:_MOST_CLASSES]]))
            if len(samples) > _MOST_CLASSES:
                st.caption(
                    tr(
                        "And {more_classs}.",
                        more_classs=pluralize(len(samples) - _MOST_CLASSES, "more class", "more classes"),
                    )
                )


def samples_of_classes(
    layout: Layout, films: tuple[Candidate, ...], *, most: int = NUM_SAMPLES
) -> list[tuple[str, list[Candidate]]]:
    """Return each class with readable X-rays of it, spread over its files; a class without any has none."""
    readable: dict[str, list[Candidate]] = defaultdict(list)
    for film in films:
        if name := layout.classes.get(film.name):
            readable[name].append(film)
    return [(name, _spread(readable[name], most)) for name in layout.class_counts]


def _spread(films: list[Candidate], most: int) -> list[Candidate]:
    if len(films) <= most:
        return films
    return [films[place * len(films) // most] for place in range(most)]
