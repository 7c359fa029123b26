"""One X-ray with more or less of a change: slider, picture, number, and the curve of the figures over all X-rays; in the browser."""

from collections.abc import Mapping
from typing import Any

from covidlab.audit.curves_text import LABELS, UNITS, curve_data
from covidlab.evaluation.alterations import SCALES
from covidlab.language import tr, tr_lazy
from covidlab.ui.shared.components import page_component
from covidlab.ui.shared.components.alter import BAR, LIBRARY, Asked

_draw_scale = page_component("alter_scale", with_scripts=(LIBRARY, "preview_library"), with_styles=("alter", BAR))

_NO_CURVE = tr_lazy("The curve of the figures over all X-rays is not computed yet. The button below computes it.")


def alter_scale(asked: Asked, curves: Mapping[str, Any], *, key: str) -> None:
    """Draw the sliders; ``curves``: what the part of that name found, {} where there is nothing."""
    _draw_scale(key=key, data={**scale_data(asked.data(), curves), "key": key, "alt": asked.alt})


def scale_data(asked: Mapping[str, Any], curves: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the browser is given of the scales, besides where it asks."""
    scales = [
        {
            "name": name,
            "label": LABELS[name],
            "unit": UNITS[name],
            "values": list(scale.values),
            "neutral": scale.neutral,
            "step": scale.step,
            "curve": curve_data(curves, name) if curves.get("scales") else None,
            "no_curve": _NO_CURVE,
        }
        for name, scale in SCALES.items()
    ]
    return {**asked, "scales": scales, "words": {**asked["words"], "tools": tr("What is changed")}}
