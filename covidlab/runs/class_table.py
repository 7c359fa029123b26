"""The run cards of a class side by side: each one's best stands beside what luck would give."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from covidlab.errors import UsageError
from covidlab.evaluation.best_of import best_by_luck, chance_of
from covidlab.language import ENGLISH, speaking, tr, tr_lazy
from covidlab.metrics import Metric
from covidlab.runs.run_card import LARGEST_CARD, RunCard, read_card
from covidlab.text import cell_text, one_line, short_metric_text

MOST_CARDS = 500
LARGEST_PASTE = 5 * LARGEST_CARD
# Luck that gives as much in more than this part of cases explains a result.
LEVEL = 0.05
# Where a card does not say what one answer for all gives.
EVEN_CHANCE = 0.5

COLUMNS = (
    *(
        tr_lazy("handed in by"),
        tr_lazy("what it says"),
        tr_lazy("over all splits (95 % interval)"),
        tr_lazy("best on one split (95 % interval)"),
        tr_lazy("of runs"),
    ),
    *(tr_lazy("luck gives"), tr_lazy("run")),
)


@dataclass(frozen=True)
class Standing:
    """One person's best run on the one split, and what luck gives for the best of as many runs.

    tries: the larger of the number of cards handed in and of what the cards say. luck: expected accuracy; high: what luck
    stays at or below in 95 of 100 cases; chance: how often luck gives as much as ``best``. All nan without validation X-rays.
    """

    alias: str
    best: RunCard
    tries: int
    luck: float = float("nan")
    high: float = float("nan")
    chance: float = float("nan")


def split_cards(text: str) -> list[str]:
    """Return the JSON objects in a text that somebody pasted, one after another; raises UsageError where it goes wrong."""
    if len(text) > LARGEST_PASTE:
        raise UsageError(
            tr(
                "Paste at most {largest_paste} MB of run cards. Received: {num_text:,} characters.",
                largest_paste=LARGEST_PASTE // 1000000,
                num_text=len(text),
            )
        )
    found, place, decoder = [], 0, json.JSONDecoder()
    while place < len(text):
        if text[place].isspace() or text[place] in ",[]":
            place += 1
            continue
        try:
            _, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            start = one_line(text[place : place + 100], max_length=40)
            raise UsageError(
                tr("Paste the content of run cards, one after another. Received: {start}.", start=start)
            ) from error
        found.append(text[place:end])
        place = end
        if len(found) > MOST_CARDS:
            raise UsageError(
                tr("A class table takes at most {most_cards} run cards. Remove some.", most_cards=MOST_CARDS)
            )
    return found


def standings(cards: Iterable[RunCard]) -> list[Standing]:
    """Return the standing of each person, the best cross-validated accuracy first; cards without a name stand alone."""
    people: dict[tuple, list[RunCard]] = {}
    for number, card in enumerate(dict.fromkeys(map(_Same, cards))):
        people.setdefault((card.card.alias or number, not card.card.alias), []).append(card.card)
    found = [_standing(handed_in) for handed_in in people.values()]
    return sorted(found, key=lambda one: (-_value(one.best.crossed), -_value(one.best.single), one.alias))


def read_cards(texts: Iterable[str | bytes]) -> tuple[list[RunCard], list[str]]:
    """Return the cards that can be read, and for each of the others one sentence that says why not."""
    cards, problems = [], []
    for number, text in enumerate(texts, start=1):
        try:
            cards.append(read_card(text))
        except UsageError as error:
            problems.append(tr("Card {number} is left out. {error}", number=number, error=error))
    return cards, problems


def class_table(found: Iterable[Standing]) -> pd.DataFrame:
    """Return the table of a class under ``COLUMNS``, as people read it."""
    return pd.DataFrame([_row(standing) for standing in found], columns=[str(column) for column in COLUMNS])


def class_csv(found: Iterable[Standing]) -> str:
    """Return the table of a class as CSV; no cell is taken for a formula."""
    with speaking(ENGLISH):
        return class_table(found).map(cell_text).to_csv(index=False, lineterminator="\n")


def describe_class(found: list[Standing]) -> str:
    """Return what luck would give the whole class, in one or two sentences."""
    same = [one for one in found if one.best.single]
    if not same:
        return ""
    tries, num_xrays = sum(one.tries for one in same), same[0].best.single.n
    if len({(one.best.single.n, _chance(one.best)) for one in same}) > 1:
        return tr(
            "The runs were validated on different X-rays, so there is no figure of luck for the class as a whole."
        )
    expected, high = best_by_luck(tries, num_xrays=num_xrays, chance=_chance(same[0].best))
    return tr(
        "The class tried {tries:,} runs. The best of so many runs that only guess has an accuracy of "
        "{expected:.2f} on average, and of at most {high:.2f} in 95 of 100 classes (n = {num_xrays} "
        "validation X-rays).",
        tries=tries,
        expected=expected,
        high=high,
        num_xrays=num_xrays,
    )


@dataclass(frozen=True)
class _Same:
    """A card as what it says, so that the same one counts once."""

    card: RunCard

    def _key(self) -> tuple:
        card = self.card
        return (card.name, card.alias, card.best_of, card.fingerprint, card.single, card.crossed, str(card.settings))

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._key() == other._key()


def _standing(cards: list[RunCard]) -> Standing:
    best = max(cards, key=lambda card: (_value(card.single), _value(card.crossed)))
    tries = max(len(cards), *(card.best_of for card in cards))
    if best.single is None or not best.single.n:
        return Standing(best.alias, best, tries)
    num_xrays, chance = best.single.n, _chance(best)
    expected, high = best_by_luck(tries, num_xrays=num_xrays, chance=chance)
    as_much = chance_of(round(best.single.value * num_xrays), tries, num_xrays=num_xrays, chance=chance)
    return Standing(best.alias, best, tries, expected, high, as_much)


def _row(one: Standing) -> list:
    luck = (
        tr("{luck:.2f}, at most {high:.2f}", luck=one.luck, high=one.high) if one.luck == one.luck else tr("not known")
    )
    figures = _short(one.best.crossed, tr("not cross-validated")), _short(one.best.single, tr("none"))
    return [one.alias or tr("no name"), _verdict(one), *figures, one.tries, luck, one.best.name]


def _short(figure: Metric | None, missing: str) -> str:
    return short_metric_text(figure and figure.to_dict(), missing=missing)


def _verdict(one: Standing) -> str:
    """What may be said of the best run: first by all splits, where it has them, then by luck on the one split."""
    crossed = one.best.crossed
    if crossed is not None:
        if crossed.low <= _chance(one.best):
            return tr("no better than one answer for all")
        return tr("better than one answer for all")
    if one.chance != one.chance:
        return tr("no validation X-rays")
    if one.chance > LEVEL:
        return tr("luck gives as much in {value:.0f} % of cases", value=100 * one.chance)
    return tr("more than such luck, but one split only")


def _chance(card: RunCard) -> float:
    return EVEN_CHANCE if card.majority is None else card.majority


def _value(figure: Metric | None) -> float:
    return -1.0 if figure is None else figure.value
