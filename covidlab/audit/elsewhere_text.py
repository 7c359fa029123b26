"""What people read of another hospital: how the model does there, how the X-rays differ, what was left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from covidlab.audit.words import figure_text
from covidlab.text import class_name, one_line, pluralize

Found = Mapping[str, Any]

NOT_ESTABLISHED = (
    "What it does not establish: why the model does so there, or how it does at a third hospital. The two sets differ in more than the "
    "disease, and in things that nobody has written down."
)
HOW_MEASURED = (
    "The models of all folds answer: in the set each of them for patients it has not seen, elsewhere for all. A figure is the median over "
    "these models at the operating point 0.5, with a 95 % interval over patients. Accuracy depends on how many X-rays "
    "of each class there are; sensitivity, specificity and AUC do not."
)
HOW_TOLD = (
    "A classifier that has not seen the patient says from the features which set an X-ray is of. The number is its balanced accuracy; "
    "chance is 0.50. The test shuffles the sets over patients."
)
# As in evaluation.two_samples.
TEST_SOURCE = "D. Lopez-Paz and M. Oquab (2017), Revisiting classifier two-sample tests, arXiv 1610.06545"

_LEFT_OUT = {
    "in the set": ("is an exact copy of an X-ray of the set", "are exact copies of X-rays of the set"),
    "nearly in the set": ("looks like an X-ray of the set", "look like X-rays of the set"),
    "of patients of the set": ("is of a patient of the set", "are of patients of the set"),
    "twice": ("came twice", "came twice"),
    "unreadable": ("cannot be read", "cannot be read"),
    "not frontal": ("is no frontal X-ray of a chest", "are no frontal X-rays of a chest"),
    "without a class": ("has no class", "have no class"),
}
_GROUPS = {"positive": "the {} X-rays", "others": "the other X-rays"}
# Of the test of the features; as elsewhere_shift has it for properties.
_LEVEL = 0.05
_FIGURES = ("accuracy", "sensitivity", "specificity", "auc")


def sentences(found: Found) -> list[str]:
    """Return what was found, the most telling sentence first."""
    return [
        *headline(found),
        *about_figures(found),
        *about_shift(found),
        HOW_TOLD,
        *about_differences(found),
        *about_left_out(found),
        NOT_ESTABLISHED,
    ]


def headline(found: Found) -> list[str]:
    """Return of each class elsewhere which share resembles the positive class, the other classes first, and the same in the set."""
    positive = _name(found["positive_class"])
    said = []
    for row in sorted(found["classes"], key=lambda row: row["is_positive"]):
        which = f"{positive} X-rays" if row["is_positive"] else f"X-rays of the class {_name(row['name'])}"
        if row["called"]["value"] is not None:
            said.append(
                f"Of {row['called']['n']:,} {which} from another hospital, {share_text(row['called'])} resemble the "
                f"{positive} X-rays of the set."
            )
    here = [
        f"{share_text(row['called'])} of {row['called']['n']:,} {_name(row['name'])}"
        for row in found["here_classes"]
        if row["called"]["value"] is not None
    ]
    return [*said, f"In the set itself, cross-validated: {', '.join(here)} X-rays."]


def of_model(found: Found) -> list[str]:
    """Return for one X-ray of another place what this model has done on X-rays of another hospital, the other classes first.

    The model's own answers where they were asked, else those of the models of the folds.
    """
    positive = _name(found["positive_class"])
    is_own = found.get("chosen") is not None
    rows = [
        (row, row["chosen_called"] if is_own else row["called"])
        for row in sorted(found["classes"], key=lambda row: row["is_positive"])
    ]
    shares = [
        f"{share_text(figure)} of {figure['n']:,} of the class {_name(row['name'])}"
        for row, figure in rows
        if figure and figure["value"] is not None
    ]
    area = (found["chosen"] if is_own else found["elsewhere"])["auc"]
    who = "this model" if is_own else "the models of its cross-validation"
    said = f"Of X-rays of another hospital {who} found these like the {positive} X-rays of the set: {_list(shares)}."
    return [said, f"AUC there: {figure_text(area)}."] if area["value"] is not None else [said]


def about_figures(found: Found) -> list[str]:
    """Return the figures elsewhere beside those in the set."""
    said = []
    for name in _FIGURES:
        here, elsewhere = found["here"][name], found["elsewhere"][name]
        if elsewhere["value"] is not None:
            title = "AUC" if name == "auc" else name.capitalize()
            said.append(f"{title} elsewhere {figure_text(elsewhere)}, in the set {figure_text(here)}.")
    return [*said, *about_classes(found), *about_model(found)]


def about_classes(found: Found) -> list[str]:
    """Return the AUC of the positive class beside each other class alone; empty where there is one other class or none."""
    areas = [(row["name"], row["auc"]) for row in found["classes"] if row.get("auc")]
    if len(areas) < 2:
        return []
    known = [f"{_name(name)} {figure_text(area)}" for name, area in areas]
    return [f"AUC of {_name(found['positive_class'])} elsewhere beside one other class alone: {', '.join(known)}."]


def about_model(found: Found) -> list[str]:
    """Return the figures of the model itself elsewhere; empty where it is not of this set."""
    chosen = found.get("chosen")
    known = [
        f"{'AUC' if name == 'auc' else name} {figure_text(chosen[name])}"
        for name in _FIGURES
        if chosen and chosen[name]["value"] is not None
    ]
    return [f"The model itself, elsewhere: {', '.join(known)}."] if known else []


def about_shift(found: Found) -> list[str]:
    """Return how well the two sets are told apart by the features, all X-rays first and then each class."""
    shift, positive = found["shift"], _name(found["positive_class"])
    said = [_told("All X-rays", shift["all"])]
    for row in shift["classes"]:
        beside = f"{positive} of the set" if row["is_positive"] else f"all of the set that are not {positive}"
        said.append(_told(f"{_name(row['name'])} beside {beside}", row))
    return said


def about_differences(found: Found) -> list[str]:
    """Return which of the usual confounders differ, which were not seen to, and which are not known."""
    said, unknown = [], {}
    for group, title in _GROUPS.items():
        rows = [row for row in found["differences"] if row["group"] == group]
        if not rows:
            continue
        who = title.format(_name(found["positive_class"]))
        differing = [row["name"] for row in rows if row["differs"]]
        what = _list(differing) if differing else "none of the properties that are known"
        said.append(
            f"Between {who} of the two sets {what} {'differ' if len(differing) > 1 else 'differs'} "
            "(permutation over patients, p at most 0.05 after Holm's correction)."
        )
        if names := [row["name"] for row in rows if row["p"] is None]:
            unknown.setdefault(_list(names), []).append(who)
    return [
        *said,
        *(f"Not known, since too little is stated of {_list(who)}: {names}." for names, who in unknown.items()),
    ]


def about_left_out(found: Found) -> list[str]:
    """Return which X-rays were not used and why, and where patients are taken from."""
    left_out, other = found["other"]["left_out"], found["other"]
    said = [
        f"{pluralize(left_out[reason], 'X-ray')} {words[left_out[reason] != 1]}, so "
        f"{'it was' if left_out[reason] == 1 else 'they were'} left out."
        for reason, words in _LEFT_OUT.items()
        if left_out.get(reason)
    ]
    number = sum(other["num_xrays"].values())
    if left_out.get("not drawn"):
        said.append(
            f"These {number:,} X-rays were drawn at random, whole patients, of each class about as many; "
            f"{left_out['not drawn']:,} were not drawn."
        )
    return [*said, _about_patients(other)]


def share_text(figure: Mapping[str, Any]) -> str:
    """Return "94 % (95 % interval 89 to 97 %)"."""
    low, value, high = (100 * figure[name] for name in ("low", "value", "high"))
    return f"{value:.0f} % (95 % interval {low:.0f} to {high:.0f} %)"


def difference_cells(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a property is here and elsewhere, e.g. "median 512 (367 to 512)" or "male 57 %, female 43 %"."""
    return _summary(row["here"]), _summary(row["elsewhere"])


def verdict_on(row: Mapping[str, Any]) -> str:
    """Return "differs", "not seen to differ" or "not known"."""
    if row["p"] is None:
        return "not known"
    return "differs" if row["differs"] else "not seen to differ"


def xray_rows(found: Found) -> Iterator[dict[str, Any]]:
    """Return a row for each X-ray elsewhere, for a table and a CSV file, those first that the models are furthest from."""
    is_positive = {row["name"]: row["is_positive"] for row in found["classes"]}
    for film in sorted(found["xrays"], key=lambda film: -abs(is_positive[film["class"]] - (film["probability"] or 0))):
        row = {
            "X-ray": film["file"],
            "Class": _name(film["class"]),
            "Probability": film["probability"],
            "Share of models": film["models"],
            "Distance": film["distance"],
        }
        if film["chosen"] is not None:
            row["Model itself"] = film["chosen"]
        yield row


def _summary(side: Mapping[str, Any]) -> str:
    if not side["stated"]:
        return "not stated"
    beside = "" if side["stated"] == side["of"] else f" (stated of {side['stated']:,} of {side['of']:,})"
    if "counts" in side:
        total = sum(side["counts"].values())
        return ", ".join(f"{value} {100 * number / total:.0f} %" for value, number in side["counts"].items()) + beside
    return f"median {_short(side['median'])}, 90 % from {_short(side['low'])} to {_short(side['high'])}{beside}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.2f}"


def _told(what: str, told: Mapping[str, Any]) -> str:
    what, numbers = (
        what[:1].upper() + what[1:],
        f"n = {told['num_here']:,} here and {told['num_elsewhere']:,} elsewhere",
    )
    if told["share"] is None:
        return f"{what}: too few patients to say whether the features differ ({numbers})."
    differ = "the features differ" if told["p"] <= _LEVEL else "the features are not seen to differ"
    return (
        f"{what}: {differ} (told apart with {told['share']:.2f}; shuffled, 95 of 100 stay below {told['by_chance']:.2f}; "
        f"p = {told['p']:.3f}; {numbers})."
    )


def _about_patients(other: Mapping[str, Any]) -> str:
    number, total = other["num_patients"], sum(other["num_xrays"].values())
    if number is None:
        return "The patients elsewhere are not known: the intervals count each X-ray as a patient of its own, so they may be too narrow."
    where = f" ({one_line(other['name'], max_length=40)})" if other["name"] else ""
    of = f"The {total:,} X-rays elsewhere{where} are of {pluralize(number, 'patient')}"
    if other["patients_from"] == "names":
        return f"{of}, as the names of the files say; an X-ray whose name says none counts as a patient of its own."
    return f"{of}, as stated; an X-ray of which none is stated counts as a patient of its own."


def _name(folder: str) -> str:
    """Name of a class, which may come from a folder of other people."""
    return one_line(class_name(folder), max_length=40)


def _list(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
