"""What a document is made of, as plain values: sections of paragraphs, lists and tables; and an answer to a question."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A table. head: of the columns. rows: texts. shares: of the width of a page that each column takes, together 1."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Under one heading: paragraphs, then a list of points, then a table; each may be missing."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    rows: Rows | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document. name: its file without ending. about: sentences under the title. footer: stands below each page."""

    name: str
    title: str
    about: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: str


class State(StrEnum):
    """Whether a question has an answer."""

    ANSWERED = "answered"
    NOT_KNOWN = "not known"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, or that there is none and why."""

    text: str
    state: State = State.ANSWERED

    def in_words(self) -> str:
        """Return the text, with what it is where it is no answer."""
        return self.text if self.state is State.ANSWERED else f"{self.state.capitalize()}. {self.text}".strip()


def answered(*sentences: str) -> Answer:
    """Return an answer of those sentences that say something; not known where none does."""
    text = " ".join(sentence for sentence in sentences if sentence)
    return Answer(text=text) if text else not_known()


def not_known(*sentences: str) -> Answer:
    """Return that nobody told covidlab, and what would have to be asked."""
    return Answer(text=" ".join(sentence for sentence in sentences if sentence), state=State.NOT_KNOWN)


def not_applicable(why: str) -> Answer:
    """Return that a question does not fit, and why."""
    return Answer(text=why, state=State.NOT_APPLICABLE)


def count_states(answers: Sequence[Answer]) -> str:
    """Return e.g. "Of 44 items 30 are answered, 11 are not known and 3 are not applicable."."""
    counts = {state: sum(answer.state is state for answer in answers) for state in State}
    said = [f"{number} {'is' if number == 1 else 'are'} {state}" for state, number in counts.items()]
    return f"Of {len(answers)} items {said[0]}, {said[1]} and {said[2]}."


def document_values(document: Document) -> dict[str, Any]:
    """Return a document as values that JSON knows: its way to the process that prints it."""
    return asdict(document)


def document_from_values(values: Mapping[str, Any]) -> Document:
    """Return the document that ``document_values`` took apart."""
    return Document(
        **{**values, "about": tuple(values["about"]), "sections": tuple(map(_section_from, values["sections"]))}
    )


def _section_from(values: Mapping[str, Any]) -> Section:
    rows = values["rows"]
    return Section(
        title=values["title"],
        paragraphs=tuple(values["paragraphs"]),
        points=tuple(values["points"]),
        rows=rows
        and Rows(head=tuple(rows["head"]), rows=tuple(map(tuple, rows["rows"])), shares=tuple(rows["shares"])),
    )
