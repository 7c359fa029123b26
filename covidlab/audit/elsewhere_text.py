"""What people read of another hospital: how the model does there, how the X-rays differ, what was left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from covidlab.audit.words import all_of, figure_text
from covidlab.language import language, number_text, tr, tr_lazy, tr_many
from covidlab.text import class_name, one_line, pluralize

Found = Mapping[str, Any]

NOT_ESTABLISHED = tr_lazy(
    "What it does not establish: why the model does so there, or how it does at a third hospital. "
    "The two sets differ in more than the disease, and in things that nobody has written down."
)
HOW_MEASURED = tr_lazy(
    "The models of all folds answer: in the set each of them for patients it has not seen, elsewhere "
    "for all. A figure is the median over these models at the operating point 0.5, with a 95 % "
    "interval over patients. Accuracy depends on how many X-rays of each class there are; "
    "sensitivity, specificity and AUC do not."
)
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
# A whole sentence each: what stands for "it was" and "they were" differs in other languages.
_LEFT_OUT: dict[str, Callable[[int], str]] = {
    "in the set": lambda number: tr_many(
        "{number:,} X-ray is an exact copy of an X-ray of the set, so it was left out.",
        "{number:,} X-rays are exact copies of X-rays of the set, so they were left out.",
        number,
    ),
    "nearly in the set": lambda number: tr_many(
        "{number:,} X-ray looks like an X-ray of the set, so it was left out.",
        "{number:,} X-rays look like X-rays of the set, so they were left out.",
        number,
    ),
    "of patients of the set": lambda number: tr_many(
        "{number:,} X-ray is of a patient of the set, so it was left out.",
        "{number:,} X-rays are of patients of the set, so they were left out.",
        number,
    ),
    "twice": lambda number: tr_many(
        "{number:,} X-ray came twice, so it was left out.",
        "{number:,} X-rays came twice, so they were left out.",
        number,
    ),
    "unreadable": lambda number: tr_many(
        "{number:,} X-ray cannot be read, so it was left out.",
        "{number:,} X-rays cannot be read, so they were left out.",
        number,
    ),
    "not frontal": lambda number: tr_many(
        "{number:,} X-ray is no frontal X-ray of a chest, so it was left out.",
        "{number:,} X-rays are no frontal X-rays of a chest, so they were left out.",
        number,
    ),
    "without a class": lambda number: tr_many(
        "{number:,} X-ray has no class, so it was left out.",
        "{number:,} X-rays have no class, so they were left out.",
        number,
    ),
}
_GROUPS = {"positive": tr_lazy("the {name} X-rays"), "others": tr_lazy("the other X-rays")}
FIGURE_TITLES = {
    "accuracy": tr_lazy("Accuracy"),
    "sensitivity": tr_lazy("Sensitivity"),
    "specificity": tr_lazy("Specificity"),
    "auc": tr_lazy("AUC"),
}
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
        which = (
            tr("{positive} X-rays", positive=positive)
            if row["is_positive"]
            else tr("X-rays of the class {name}", name=_name(row["name"]))
        )
        if row["called"]["value"] is not None:
            said.append(
                tr(
                    "Of {n:,} {which} from another hospital, {share_text} resemble the {positive} X-rays of the set.",
                    n=row["called"]["n"],
                    which=which,
                    share_text=share_text(row["called"]),
                    positive=positive,
                )
            )
    here = [
        tr(
            "{share_text} of {n:,} {name}",
            share_text=share_text(row["called"]),
            n=row["called"]["n"],
            name=_name(row["name"]),
        )
        for row in found["here_classes"]
        if row["called"]["value"] is not None
    ]
    return [*said, tr("In the set itself, cross-validated: {here} X-rays.", here=", ".join(here))]


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
        tr(
            "{share_text} of {n:,} of the class {name}",
            share_text=share_text(figure),
            n=figure["n"],
            name=_name(row["name"]),
        )
        for row, figure in rows
        if figure and figure["value"] is not None
    ]
    area = (found["chosen"] if is_own else found["elsewhere"])["auc"]
    who = tr("this model") if is_own else tr("the models of its cross-validation")
    said = tr(
        "Of X-rays of another hospital {who} found these like the {positive} X-rays of the set: {list}.",
        who=who,
        positive=positive,
        list=all_of(shares),
    )
    return (
        [said, tr("AUC there: {figure_text}.", figure_text=figure_text(area))] if area["value"] is not None else [said]
    )


def about_figures(found: Found) -> list[str]:
    """Return the figures elsewhere beside those in the set."""
    said = []
    for name in _FIGURES:
        here, elsewhere = found["here"][name], found["elsewhere"][name]
        if elsewhere["value"] is not None:
            said.append(
                tr(
                    "{title} elsewhere {figure_text}, in the set {figure_text_2}.",
                    title=FIGURE_TITLES[name],
                    figure_text=figure_text(elsewhere),
                    figure_text_2=figure_text(here),
                )
            )
    return [*said, *about_classes(found), *about_model(found)]


def about_classes(found: Found) -> list[str]:
    """Return the AUC of the positive class beside each other class alone; empty where there is one other class or none."""
    areas = [(row["name"], row["auc"]) for row in found["classes"] if row.get("auc")]
    if len(areas) < 2:
        return []
    known = [f"{_name(name)} {figure_text(area)}" for name, area in areas]
    return [
        tr(
            "AUC of {name} elsewhere beside one other class alone: {known}.",
            name=_name(found["positive_class"]),
            known=", ".join(known),
        )
    ]


def about_model(found: Found) -> list[str]:
    """Return the figures of the model itself elsewhere; empty where it is not of this set."""
    chosen = found.get("chosen")
    known = [
        f"{_within_sentence(name)} {figure_text(chosen[name])}"
        for name in _FIGURES
        if chosen and chosen[name]["value"] is not None
    ]
    return [tr("The model itself, elsewhere: {known}.", known=", ".join(known))] if known else []


def about_shift(found: Found) -> list[str]:
    """Return how well the two sets are told apart by the features, all X-rays first and then each class."""
    shift, positive = found["shift"], _name(found["positive_class"])
    said = [_told(tr("All X-rays"), shift["all"])]
    for row in shift["classes"]:
        beside = (
            tr("{positive} of the set", positive=positive)
            if row["is_positive"]
            else tr("all of the set that are not {positive}", positive=positive)
        )
        said.append(_told(tr("{name} beside {beside}", name=_name(row["name"]), beside=beside), row))
    return said


def about_differences(found: Found) -> list[str]:
    """Return which of the usual confounders differ, which were not seen to, and which are not known."""
    said, unknown = [], {}
    for group, title in _GROUPS.items():
        rows = [row for row in found["differences"] if row["group"] == group]
        if not rows:
            continue
        who = str(title).format(name=_name(found["positive_class"]))
        said.append(_differing(who, [property_text(row["name"]) for row in rows if row["differs"]]))
        if names := [property_text(row["name"]) for row in rows if row["p"] is None]:
            unknown.setdefault(all_of(names), []).append(who)
    return [
        *said,
        *(
            tr("Not known, since too little is stated of {list}: {names}.", list=all_of(who), names=names)
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
        what=all_of(names),
        level=_LEVEL,
    )


def about_left_out(found: Found) -> list[str]:
    """Return which X-rays were not used and why, and where patients are taken from."""
    left_out, other = found["other"]["left_out"], found["other"]
    said = [sentence(left_out[reason]) for reason, sentence in _LEFT_OUT.items() if left_out.get(reason)]
    number = sum(other["num_xrays"].values())
    if left_out.get("not drawn"):
        said.append(
            tr(
                "These {number:,} X-rays were drawn at random, whole patients, of each class about as many; "
                "{not_drawn:,} were not drawn.",
                number=number,
                not_drawn=left_out["not drawn"],
            )
        )
    return [*said, _about_patients(other)]


def share_text(figure: Mapping[str, Any]) -> str:
    """Return "94 % (95 % interval 89 to 97 %)"."""
    low, value, high = (100 * figure[name] for name in ("low", "value", "high"))
    return tr("{value:.0f} % (95 % interval {low:.0f} to {high:.0f} %)", value=value, low=low, high=high)


def difference_cells(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a property is here and elsewhere, e.g. "median 512 (367 to 512)" or "male 57 %, female 43 %"."""
    return _summary(row["here"]), _summary(row["elsewhere"])


def verdict_on(row: Mapping[str, Any]) -> str:
    """Return "differs", "not seen to differ" or "not known"."""
    if row["p"] is None:
        return tr("not known")
    return tr("differs") if row["differs"] else tr("not seen to differ")


def xray_rows(found: Found) -> Iterator[dict[str, Any]]:
    """Return a row for each X-ray elsewhere, for a table and a CSV file, those first that the models are furthest from."""
    is_positive = {row["name"]: row["is_positive"] for row in found["classes"]}
    model_itself = tr("Model itself")
    for film in sorted(found["xrays"], key=lambda film: -abs(is_positive[film["class"]] - (film["probability"] or 0))):
        row = {
            tr("X-ray"): film["file"],
            tr("Class"): _name(film["class"]),
            tr("Probability"): film["probability"],
            tr("Share of models"): film["models"],
            tr("Distance"): film["distance"],
        }
        if film["chosen"] is not None:
            row[model_itself] = film["chosen"]
        yield row


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


def _about_patients(other: Mapping[str, Any]) -> str:
    number, total = other["num_patients"], sum(other["num_xrays"].values())
    if number is None:
        return tr(
            "The patients elsewhere are not known: the intervals count each X-ray as a patient of its own, "
            "so they may be too narrow."
        )
    where = f" ({one_line(other['name'], max_length=40)})" if other["name"] else ""
    of = tr(
        "The {total:,} X-rays elsewhere{where} are of {patients}",
        total=total,
        where=where,
        patients=pluralize(number, "patient"),
    )
    if other["patients_from"] == "names":
        return tr(
            "{of}, as the names of the files say; an X-ray whose name says none counts as a patient of its own.", of=of
        )
    return tr("{of}, as stated; an X-ray of which none is stated counts as a patient of its own.", of=of)


def _name(folder: str) -> str:
    """Name of a class, which may come from a folder of other people."""
    return one_line(class_name(folder), max_length=40)


def _within_sentence(name: str) -> str:
    title = str(FIGURE_TITLES[name])
    # "AUC" keeps its letters; German writes nouns with a capital letter.
    return title if title.isupper() or language() == "de" else title[:1].lower() + title[1:]


def property_text(value: str) -> str:
    """Return what a property or one of its values is called, e.g. "view", "male"; both are stored in English."""
    return str(_STORED.get(value, value))
