"""A reporting checklist as a document: each item with its number, what it asks in our own words, and the answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from covidlab.runs.documents.content import Answer, Document, Rows, Section, count_states
from covidlab.runs.documents.facts import Facts

# Of the width of a page: number, question, answer.
_SHARES = (0.08, 0.3, 0.62)
OWN_WORDS = (
    "Items have the numbers of the published list; what each asks is put in our own short words. Read the source before you submit. "
    "What covidlab does not know stays open: the person who reports has to fill it in."
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """number: of the published list. asks: in our own words. answer: from what is known."""

    number: str
    asks: str
    answer: Callable[[Facts], Answer]


def checklist(facts: Facts, sections: Mapping[str, Sequence[Item]], *, name: str, title: str, source: str) -> Document:
    """Return a checklist filled in.

    Parameters
    ----------
    sections : items by the heading under which the published list has them
    name, title : of the document
    source : where the list was published
    """
    answers = {item.number: item.answer(facts) for items in sections.values() for item in items}
    return Document(
        name=name,
        title=title,
        about=(
            f"{facts.model_title} on the X-rays of {facts.catalog.name}. Source of the list: {source}",
            OWN_WORDS,
            count_states(list(answers.values())),
        ),
        sections=tuple(
            Section(
                title=heading,
                rows=Rows(
                    head=("Item", "What it asks", "Answer"),
                    rows=tuple((item.number, item.asks, answers[item.number].in_words()) for item in items),
                    shares=_SHARES,
                ),
            )
            for heading, items in sections.items()
        ),
        footer=facts.footer,
    )
