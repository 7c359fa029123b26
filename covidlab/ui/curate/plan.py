"""Step 3 of adding: what will be added, what is left out and why, what else to know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from covidlab.data.catalog_checks import MAX_UNREADABLE_SHARE
from covidlab.data.conflicts import describe_conflicts
from covidlab.data.layouts import Layout
from covidlab.intake.adding import Review
from covidlab.intake.planning import conflicts_of, describe_patients, describe_shared_folders, left_out_files
from covidlab.language import number_text, tr, tr_lazy
from covidlab.text import class_name, markdown_escaped, pluralize, sentence_escaped
from covidlab.ui.curate.findings import draw_findings, draw_list
from covidlab.ui.curate.questions import answers_given
from covidlab.ui.curate.single import change_single_films
from covidlab.ui.curate.understood import UnderReview

PARTS = ("train", "validation", "test")
PART_NAMES = {"train": tr_lazy("train"), "validation": tr_lazy("validation"), "test": tr_lazy("test")}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will be added: class, patient and, where the given split is kept, part of each X-ray by its name.

    label: of the button that adds. is_ready: nothing stands in the way.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    patients: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    is_ready: bool = False


def draw_plan(waiting: UnderReview, layout: Layout) -> Plan | None:
    """Draw what will be added and what not, and return it; None where there is no X-ray to add."""
    review = waiting.review
    pictures = set(layout.pictures)
    films = [film for film in review.films if film.name in pictures]
    st.subheader(tr("{value}. What will be added", value=3 if layout.questions else 2), anchor=False)
    if not films:
        st.info(tr("There is no X-ray to add."), icon=":material/search_off:")
        _draw_problems(layout, review, {})
        _draw_left_out(layout, review, {})
        return None
    # Filled in after the table, which has the last word.
    said = st.container()
    classes, patients = change_single_films(waiting, layout, films)
    parts = {name: layout.parts[name] for name in classes if name in layout.parts} if answers_given().keep_split else {}
    with said:
        st.markdown("  \n".join(describe_plan(classes, patients, parts, num_pictures=len(pictures))))
        if shared := describe_shared_folders(layout.class_counts):
            st.error(sentence_escaped(shared))
        if layout.open_questions:
            st.info(tr("Answer first what is marked as needed."), icon=":material/help:")
        _draw_problems(layout, review, classes)
        _draw_left_out(layout, review, classes)
        draw_findings(review)
    return Plan(
        classes=classes,
        patients=patients,
        parts=parts,
        label=tr(
            "Add {x_rays} to {name}",
            x_rays=pluralize(len(classes), "X-ray") if classes else tr("X-rays"),
            name=markdown_escaped(waiting.name, max_length=40),
        ),
        is_ready=_accepts_unreadable(review, len(pictures)) and bool(classes) and not shared,
    )


def describe_plan(
    classes: Mapping[str, str], patients: Mapping[str, str], parts: Mapping[str, str], *, num_pictures: int
) -> list[str]:
    """Return in Markdown how many X-rays of each class will be added, of which patients, and which split is kept."""
    out = num_pictures - len(classes)
    left = tr(" {pictures} left out.", pictures=pluralize(out, "picture")) if out else ""
    if not classes:
        return [tr("**No X-ray is chosen yet.**{left}", left=left)]
    said = [f"**{pluralize(len(classes), 'X-ray')}: {_counted(classes.values())}.**{left}"]
    said.append(describe_patients([patients.get(name, "") for name in classes]))
    if parts:
        counts = Counter(parts.values())
        said.append(
            tr(
                "The given split is kept: {value}.",
                value=", ".join(
                    f"{number_text(counts[part])} {tr(PART_NAMES[part])}" for part in PARTS if counts[part]
                ),
            )
        )
    return said


def _counted(names: Sequence[str]) -> str:
    """Classes with their numbers, in Markdown."""
    counts = sorted(Counter(names).items())
    return ", ".join(
        f"{number_text(number)} {markdown_escaped(class_name(name, with_folder=True))}" for name, number in counts
    )


def _draw_problems(layout: Layout, review: Review, classes: Mapping[str, str]) -> None:
    twice = describe_conflicts(conflicts_of(review, {**layout.classes, **classes}))
    problems = dict.fromkeys([*layout.problems, *[twice] * bool(twice)])
    lines = [sentence_escaped(problem) for problem in problems]
    if lines:
        st.warning(lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines))


def _draw_left_out(layout: Layout, review: Review, classes: Mapping[str, str]) -> None:
    left_out = left_out_files(layout, review, classes)
    counts = Counter(left.reason for left in left_out)
    draw_list(
        tr("Left out"),
        [(left.file, f"{left.reason}: {left.why}" if left.why else left.reason) for left in left_out],
        (tr("file"), tr("why")),
        said=describe_reasons(counts),
    )


def describe_reasons(counts: Counter) -> str:
    """Return reasons with their numbers, the most frequent first; a single one needs no number."""
    if len(counts) == 1:
        return str(next(iter(counts)))
    return ", ".join(f"{reason} {number_text(number)}" for reason, number in counts.most_common())


def _accepts_unreadable(review: Review, num_pictures: int) -> bool:
    """Whether so many unreadable files may be passed over: few may, of more a person must say so."""
    number = len(review.unreadable)
    share = number / max(1, num_pictures)
    if share <= MAX_UNREADABLE_SHARE:
        return True
    st.warning(
        tr(
            "{number:,} of {pictures} cannot be read ({share:.0f} %). Something may be wrong with the others "
            "too; look at the list of what is left out.",
            number=number,
            pictures=pluralize(num_pictures, "picture"),
            share=100 * share,
        )
    )
    return st.checkbox(
        tr("Add the rest without these {x_rays}", x_rays=pluralize(number, "X-ray")), key="adding_without"
    )
