"""What the figures against the amount of a change say, in sentences; read by pages and the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.language import tr, tr_lazy
from covidlab.text import class_name, metric_text, plain_number, pluralize, short_metric_text

Found = Mapping[str, Any]

# The option of the part for the changes without an amount.
NAMED = "named"
LABELS = {
    "rotation": tr_lazy("Rotation"),
    "contrast": tr_lazy("Contrast"),
    "jpeg": tr_lazy("JPEG quality"),
    "exposure": tr_lazy("Exposure in stops"),
}
# A stop doubles the brightness.
UNITS = {"rotation": "°", "contrast": "×", "jpeg": "", "exposure": ""}


def sentences(found: Found) -> list[str]:
    """Return what the part found: unchanged, then each scale, then the named change that costs most."""
    said = [tr("Unchanged X-rays: accuracy {figure_text}.", figure_text=metric_text(found["whole"]["accuracy"]))]
    said += [describe_scale(found, name) for name in found["scales"]]
    if worst := _worst(list(found["named"].values())):
        said.append(
            tr(
                "Of the named changes, accuracy is lowest with {title}: {figure_text}.",
                title=tr(worst["title"]),
                figure_text=metric_text(worst["accuracy"]),
            )
        )
    return [*said, how_read(found)]


def describe_scale(found: Found, name: str) -> str:
    """Return at which amount of a change the accuracy is lowest, and whether it leaves the interval of unchanged X-rays."""
    worst = _worst(found["scales"][name])
    if worst is None:
        return tr("{labels}: the accuracy is not defined.", labels=LABELS[name])
    amounts = [each["value"] for each in found["scales"][name]]
    span = tr(
        "from {amount_text} to {amount_text_2}",
        amount_text=amount_text(name, amounts[0]),
        amount_text_2=amount_text(name, amounts[-1]),
    )
    lowest = tr(
        "lowest at {amount_text}, {figure_text}",
        amount_text=amount_text(name, worst["value"]),
        figure_text=metric_text(worst["accuracy"]),
    )
    low = found["whole"]["accuracy"]["low"]
    if low is not None and worst["accuracy"]["value"] >= low:
        return tr(
            "{labels} {span}: accuracy does not fall below the interval of unchanged X-rays; it is {lowest}.",
            labels=LABELS[name],
            span=span,
            lowest=lowest,
        )
    return tr(
        "{labels} {span}: accuracy falls below the interval of unchanged X-rays; it is {lowest}.",
        labels=LABELS[name],
        span=span,
        lowest=lowest,
    )


def how_read(found: Found) -> str:
    """Return whose answers the figures are."""
    heads = pluralize(found["num_heads"], "head")
    if found["num_patients"]:
        return tr(
            "Figures are of {heads} that learned from unchanged X-rays; each changed X-ray is read by heads "
            "that did not learn from its patient.",
            heads=heads,
        )
    return tr(
        "Figures are of {heads} that learned from unchanged X-rays; each changed X-ray is read by heads "
        "that did not learn from it.",
        heads=heads,
    )


def amount_text(name: str, value: float) -> str:
    """Return an amount with its unit, e.g. "-10°", "0.5×"."""
    return f"{plain_number(value)}{UNITS[name]}"


def curve_data(found: Found, name: str) -> dict[str, Any] | None:
    """Return the curve of a scale by columns, and the sentence that says the same; None where it was not computed."""
    points = found["scales"].get(name)
    if not points:
        return None
    columns = {
        figure: {part: [point[figure][part] for point in points] for part in ("value", "low", "high")}
        for figure in ("accuracy", "sensitivity", "specificity")
    }
    said = describe_scale(found, name)
    return {
        "values": [point["value"] for point in points],
        **columns,
        "heading": tr("all {x_rays}", x_rays=pluralize(found["num_films"], "X-ray")),
        "alt": f"{said} {describe_unchanged(found)}",
        "caption": tr(
            "{said} The band is the 95 % interval of the accuracy. {describe_means}",
            said=said,
            describe_means=describe_means(found, points),
        ),
    }


def describe_unchanged(found: Found) -> str:
    """Return the accuracy of unchanged X-rays."""
    return tr("Unchanged: {figure_text}.", figure_text=metric_text(found["whole"]["accuracy"]))


def describe_means(found: Found, points: Sequence[Mapping[str, Any]]) -> str:
    """Return the mean probability of the positive class of both ends of a scale, by class."""
    positive = class_name(found["positive_class"])
    parts = []
    for folder in found["classes"]:
        first, last = (point["means"][folder] for point in (points[0], points[-1]))
        if first is not None and last is not None:
            parts.append(
                tr(
                    "{class_name} X-rays {first:.2f} at the left end and {last:.2f} at the right end",
                    class_name=class_name(folder),
                    first=first,
                    last=last,
                )
            )
    return tr("Mean probability of {positive}: {parts}.", positive=positive, parts="; ".join(parts)) if parts else ""


def _cell(figure: Mapping[str, Any] | None) -> str:
    return short_metric_text(figure, missing=tr("not defined"))


def named_rows(found: Found) -> list[dict[str, Any]]:
    """Return a row for the unchanged X-rays and for each named change: title, figures with interval and n, means by class."""
    rows = [{"title": tr_lazy("unchanged"), **found["whole"]}, *found["named"].values()] if found["named"] else []
    return [
        {
            tr("Change"): tr(row["title"]),
            tr("Accuracy"): _cell(row["accuracy"]),
            tr("Sensitivity"): _cell(row["sensitivity"]),
            tr("Specificity"): _cell(row["specificity"]),
            **{
                tr("Mean, {class_name} X-rays", class_name=class_name(folder)): row["means"][folder]
                for folder in found["classes"]
            },
        }
        for row in rows
    ]


def _worst(points: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    known = [point for point in points if point["accuracy"]["value"] is not None]
    return min(known, key=lambda point: point["accuracy"]["value"], default=None)
