"""Figures in words, for the sentences of all parts of an audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.language import number_text, tr
from covidlab.text import decimal_text


def figure_text(figure: Mapping[str, Any] | None) -> str:
    """Return "0.90 (95 % interval 0.60 to 0.98, n = 10)" from a metric's dict."""
    if not figure or figure.get("value") is None:
        return tr("not defined (no X-ray to compute it on)")
    return tr(
        "{value:.2f} (95 % interval {low:.2f} to {high:.2f}, n = {n:,})",
        value=figure["value"],
        low=figure["low"],
        high=figure["high"],
        n=figure["n"],
    )


def short_figure(figure: Mapping[str, Any] | None) -> str:
    """Return "0.90 (0.60 to 0.98, n = 10)" from a metric's dict, for columns of a table."""
    if not figure or figure.get("value") is None:
        return tr("not defined")
    return tr(
        "{value:.2f} ({low:.2f} to {high:.2f}, n = {n})",
        **{name: figure[name] for name in ("value", "low", "high", "n")},
    )


def of_how_many(number: float, total: float) -> str:
    """Return "3.6 of 5", whole numbers without a decimal."""
    return tr("{short} of {short_2}", short=_short(number), short_2=_short(total))


def _short(number: float) -> str:
    return number_text(number, ",.0f" if float(number).is_integer() else ",.1f")


def plain_number(value: float) -> str:
    """Return ``text.decimal_text`` with the decimal mark of the language, for people."""
    return number_text(value, f".{len(decimal_text(value).partition('.')[2])}f")


def all_of(names: Sequence[str]) -> str:
    """Return "a, b and c"."""
    *first, last = names
    return tr("{first} and {last}", first=", ".join(first), last=last) if first else last


def people(*, patients_known: object) -> str:
    """Return "patients", or "X-rays" where patients are not known."""
    return tr("patients") if patients_known else tr("X-rays")
