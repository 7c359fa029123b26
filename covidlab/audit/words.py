"""Figures in words, for the sentences of all parts of an audit."""

from collections.abc import Mapping
from typing import Any

from covidlab.language import tr


def figure_text(figure: Mapping[str, Any] | None) -> str:
    """Return "0.90 (95 % interval 0.60 to 0.98, n = 10)" from a metric's dict."""
    if not figure or figure.get("value") is None:
        return tr("not defined (no X-ray to compute it on)")
    return f"{figure['value']:.2f} (95 % interval {figure['low']:.2f} to {figure['high']:.2f}, n = {figure['n']:,})"


def of_how_many(number: float, total: float) -> str:
    """Return "3.6 of 5", whole numbers without a decimal."""
    return tr("{short} of {short_2}", short=_short(number), short_2=_short(total))


def _short(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
