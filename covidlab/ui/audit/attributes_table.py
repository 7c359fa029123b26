"""Attributes inside each class as a table: a bar with its interval where something was tested, words where not."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from covidlab.audit.attributes_text import (
    attribute_title,
    chance,
    describe_class,
    describe_kind,
    state_title,
)
from covidlab.language import tr_lazy
from covidlab.text import class_name, one_line

Found = Mapping[str, Any]

_NOTHING_TO_TEST = tr_lazy("All other attributes: too few patients to tell")
_STYLE = """<style>
.attributes { margin: 0 !important; padding: 0 !important; max-width: 60rem; font-size: 0.95rem; line-height: 1.4; }
.attributes dl > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 0 1.25rem; padding: 0.6rem 0; border-top: 1px solid rgba(128, 140, 145, 0.3); }
.attributes dl { margin: 0 !important; padding: 0 !important; }
.attributes summary { padding: 0.6rem 0; border-top: 1px solid rgba(128, 140, 145, 0.3); cursor: pointer; }
.attributes dt { font-weight: 600; overflow-wrap: anywhere; }
.attributes dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.attributes p { margin: 0 0 0.35rem; font-size: inherit; }
.attributes .state { font-weight: 600; }
.attributes .told { position: relative; height: 1rem; max-width: 28rem; margin: 0.35rem 0; background: rgba(128, 140, 145, 0.2); border-radius: 0.25rem; }
.attributes .told i { position: absolute; top: 0.4rem; height: 0.2rem; background: light-dark(#0f6b80, #6cc6dc); }
.attributes .told b { position: absolute; top: 0.15rem; width: 0.7rem; height: 0.7rem; margin-left: -0.35rem; border-radius: 50%; background: light-dark(#0f6b80, #6cc6dc); }
.attributes .told u { position: absolute; top: -0.2rem; bottom: -0.2rem; width: 2px; margin-left: -1px; background: currentColor; }
@media (max-width: 40rem) { .attributes dl > div { grid-template-columns: minmax(0, 1fr); } }
</style>"""


def attributes_html(found: Found) -> str:
    """Return the table, a row an attribute: those tested, those that coincide with the class, then, folded, all others."""
    first, second, others = grouped(found)
    rows = _rows(found, [*first, *second])
    rest = f"<details><summary>{_NOTHING_TO_TEST}</summary>{_rows(found, others)}</details>" if others else ""
    return f'{_STYLE}<div class="attributes">{rows}{rest}</div>'


def grouped(found: Found) -> tuple[list[Mapping[str, Any]], ...]:
    """Return the attributes of which something was tested, those of which one thing holds for all classes, and all others."""
    groups: tuple[list, list, list] = ([], [], [])
    for attribute in found["attributes"]:
        is_tested = any(of["state"] == "tested" for of in attribute["classes"])
        groups[0 if is_tested else 1 if describe_kind(attribute) else 2].append(attribute)
    return groups


def _rows(found: Found, attributes: Sequence[Mapping[str, Any]]) -> str:
    return f"<dl>{''.join(_row(found, attribute) for attribute in attributes)}</dl>" if attributes else ""


def _row(found: Found, attribute: Mapping[str, Any]) -> str:
    kind = describe_kind(attribute)
    words = f"<p>{escape(kind)}</p>" if kind else ""
    classes = "".join(_class(found, attribute, of) for of in attribute["classes"])
    return f"<div><dt>{escape(attribute_title(attribute['column']))}</dt><dd>{words}{classes}</dd></div>"


def _class(found: Found, attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    name = escape(one_line(class_name(of["class"]), max_length=40))
    said = escape(describe_class(found, attribute, of))
    if of["state"] != "tested":
        return f"<p>{name}: {said}</p>"
    said = f'<span class="state">{escape(state_title(found, of))}.</span> {said[:1].upper()}{said[1:]}'
    return f"<p>{name}: {said}</p>{_bar(of)}"


def _bar(of: Mapping[str, Any]) -> str:
    """Balanced accuracy from 0 to 1 with its interval; the upright line is chance. The words beside it say the same."""
    told = of["told"]
    low, value, high, by_chance = (100 * share for share in (told["low"], told["value"], told["high"], chance(of)))
    return (
        f'<div class="told" aria-hidden="true"><u style="left: {by_chance:.1f}%"></u>'
        f'<i style="left: {low:.1f}%; width: {high - low:.1f}%"></i><b style="left: {value:.1f}%"></b></div>'
    )
