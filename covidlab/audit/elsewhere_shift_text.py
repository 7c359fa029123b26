"""What people read of how the X-rays of another hospital differ from those of the set: features and the usual confounders."""

from collections.abc import Mapping, Sequence
from typing import Any

from covidlab.language import number_text, tr, tr_lazy, tr_many
from covidlab.text import class_name, listed, one_line

Found = Mapping[str, Any]

HOW_TOLD = tr_lazy(
    "A classifier that has not seen the patient says from the features which set an X-ray is of. The "
    "number is its balanced accuracy; chance is 0.50. The test shuffles the sets over patients."
)
# As in evaluation.two_samples.
TEST_SOURCE = tr_lazy("D. Lopez-Paz and M. Oquab (2017), Revisiting classifier two-sample tests, arXiv 1610.06545")

# Names and values of properties are stored in English.
_STORED = {
    text: text
    for text in (
        *(tr_lazy("width in pixels"), tr_lazy("height in pixels"), tr_lazy("width over height")),
        *(tr_lazy("file format"), tr_lazy("colour or grey"), tr_lazy("bytes a pixel")),
        *(tr_lazy("brightness (mean grey value)"), tr_lazy("contrast (spread of grey values)")),
        *(tr_lazy("black part of the X-ray"), tr_lazy("view"), tr_lazy("age group"), tr_lazy("sex")),
        *(tr_lazy("grey"), tr_lazy("male"), tr_lazy("female"), tr_lazy("adult"), tr_lazy("child")),
    )
}
_GROUPS = {"positive": tr_lazy("the {name} X-rays"), "others": tr_lazy("the other X-rays")}
# Of the test of the features; as elsewhere_shift has it for properties.
_LEVEL = 0.05


def about_shift(found: Found) -> list[str]:
    """Return how well the two sets are told apart by the features, all X-rays first and then each class."""
    shift, positive = found["shift"], name_of_class(found["positive_class"])
    said = [_told(tr("All X-rays"), shift["all"])]
    for row in shift["classes"]:
        beside = (
            tr("{positive} of the set", positive=positive)
            if row["is_positive"]
            else tr("all of the set that are not {positive}", positive=positive)
        )
        said.append(_told(tr("{name} beside {beside}", name=name_of_class(row["name"]), beside=beside), row))
    return said


def about_differences(found: Found) -> list[str]:
    """Return which of the usual confounders differ, which were not seen to, and which are not known."""
    said, unknown = [], {}
    for group, title in _GROUPS.items():
        rows = [row for row in found["differences"] if row["group"] == group]
        if not rows:
            continue
        who = str(title).format(name=name_of_class(found["positive_class"]))
        said.append(_differing(who, [property_text(row["name"]) for row in rows if row["differs"]]))
        if names := [property_text(row["name"]) for row in rows if row["p"] is None]:
            unknown.setdefault(listed(names), []).append(who)
    return [
        *said,
        *(
            tr("Not known, since too little is stated of {list}: {names}.", list=listed(who), names=names)
            for names, who in unknown.items()
        ),
    ]


def _differing(who: str, names: Sequence[str]) -> str:
    """Which properties differ between X-rays of both sets."""
    if not names:
        return tr(
            "Between {who} of the two sets none of the properties that are known differs (permutation over "
            "patients, p at most {level:.2f} after Holm's correction).",
            who=who,
            level=_LEVEL,
        )
    return tr_many(
        "Between {who} of the two sets {what} differs (permutation over patients, p at most {level:.2f} after "
        "Holm's correction).",
        "Between {who} of the two sets {what} differ (permutation over patients, p at most {level:.2f} after "
        "Holm's correction).",
        len(names),
        who=who,
        what=listed(names),
        level=_LEVEL,
    )


def difference_cells(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a property is here and elsewhere, e.g. "median 512 (367 to 512)" or "male 57 %, female 43 %"."""
    return _summary(row["here"]), _summary(row["elsewhere"])


def verdict_on(row: Mapping[str, Any]) -> str:
    """Return "differs", "not seen to differ" or "not known"."""
    if row["p"] is None:
        return tr("not known")
    return tr("differs") if row["differs"] else tr("not seen to differ")


def _summary(side: Mapping[str, Any]) -> str:
    if not side["stated"]:
        return tr("not stated")
    beside = (
        ""
        if side["stated"] == side["of"]
        else tr(" (stated of {stated:,} of {of:,})", stated=side["stated"], of=side["of"])
    )
    if "counts" in side:
        total = sum(side["counts"].values())
        return (
            ", ".join(
                f"{property_text(value)} {100 * number / total:.0f} %" for value, number in side["counts"].items()
            )
            + beside
        )
    return tr(
        "median {short}, 90 % from {short_2} to {short_3}{beside}",
        short=_short(side["median"]),
        short_2=_short(side["low"]),
        short_3=_short(side["high"]),
        beside=beside,
    )


def _short(value: float) -> str:
    return number_text(value, ",.0f" if abs(value) >= 20 else ".2f")


def _told(what: str, told: Mapping[str, Any]) -> str:
    what, numbers = (
        what[:1].upper() + what[1:],
        tr(
            "n = {num_here:,} here and {num_elsewhere:,} elsewhere",
            num_here=told["num_here"],
            num_elsewhere=told["num_elsewhere"],
        ),
    )
    if told["share"] is None:
        return tr(
            "{what}: too few patients to say whether the features differ ({numbers}).", what=what, numbers=numbers
        )
    differ = tr("the features differ") if told["p"] <= _LEVEL else tr("the features are not seen to differ")
    return tr(
        "{what}: {differ} (told apart with {share:.2f}; shuffled, 95 of 100 stay below {by_chance:.2f}; "
        "p = {p:.3f}; {numbers}).",
        what=what,
        differ=differ,
        share=told["share"],
        by_chance=told["by_chance"],
        p=told["p"],
        numbers=numbers,
    )


def name_of_class(folder: str) -> str:
    """Name of a class, which may come from a folder of other people."""
    return one_line(class_name(folder), max_length=40)


def property_text(value: str) -> str:
    """Return what a property or one of its values is called, e.g. "view", "male"; both are stored in English."""
    return str(_STORED.get(value, value))
