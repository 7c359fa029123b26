"""What people read of another hospital: how the model does there, how the X-rays differ, what was left out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from covidlab.audit.elsewhere_shift_text import HOW_TOLD, about_differences, about_shift, name_of_class
from covidlab.language import language, tr, tr_lazy, tr_many
from covidlab.text import listed, metric_text, one_line, pluralize

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
FIGURE_TITLES = {
    "accuracy": tr_lazy("Accuracy"),
    "sensitivity": tr_lazy("Sensitivity"),
    "specificity": tr_lazy("Specificity"),
    "auc": tr_lazy("AUC"),
}
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
    positive = name_of_class(found["positive_class"])
    said = []
    for row in sorted(found["classes"], key=lambda row: row["is_positive"]):
        which = (
            tr("{positive} X-rays", positive=positive)
            if row["is_positive"]
            else tr("X-rays of the class {name}", name=name_of_class(row["name"]))
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
            name=name_of_class(row["name"]),
        )
        for row in found["here_classes"]
        if row["called"]["value"] is not None
    ]
    return [*said, tr("In the set itself, cross-validated: {here} X-rays.", here=", ".join(here))]


def of_model(found: Found) -> list[str]:
    """Return for one X-ray of another place what this model has done on X-rays of another hospital, the other classes first.

    The model's own answers where they were asked, else those of the models of the folds.
    """
    positive = name_of_class(found["positive_class"])
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
            name=name_of_class(row["name"]),
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
        list=listed(shares),
    )
    return (
        [said, tr("AUC there: {figure_text}.", figure_text=metric_text(area))] if area["value"] is not None else [said]
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
                    figure_text=metric_text(elsewhere),
                    figure_text_2=metric_text(here),
                )
            )
    return [*said, *about_classes(found), *about_model(found)]


def about_classes(found: Found) -> list[str]:
    """Return the AUC of the positive class beside each other class alone; empty where there is one other class or none."""
    areas = [(row["name"], row["auc"]) for row in found["classes"] if row.get("auc")]
    if len(areas) < 2:
        return []
    known = [f"{name_of_class(name)} {metric_text(area)}" for name, area in areas]
    return [
        tr(
            "AUC of {name} elsewhere beside one other class alone: {known}.",
            name=name_of_class(found["positive_class"]),
            known=", ".join(known),
        )
    ]


def about_model(found: Found) -> list[str]:
    """Return the figures of the model itself elsewhere; empty where it is not of this set."""
    chosen = found.get("chosen")
    known = [
        f"{_within_sentence(name)} {metric_text(chosen[name])}"
        for name in _FIGURES
        if chosen and chosen[name]["value"] is not None
    ]
    return [tr("The model itself, elsewhere: {known}.", known=", ".join(known))] if known else []


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


def xray_rows(found: Found) -> Iterator[dict[str, Any]]:
    """Return a row for each X-ray elsewhere, for a table and a CSV file, those first that the models are furthest from."""
    is_positive = {row["name"]: row["is_positive"] for row in found["classes"]}
    model_itself = tr("Model itself")
    for film in sorted(found["xrays"], key=lambda film: -abs(is_positive[film["class"]] - (film["probability"] or 0))):
        row = {
            tr("X-ray"): film["file"],
            tr("Class"): name_of_class(film["class"]),
            tr("Probability"): film["probability"],
            tr("Share of models"): film["models"],
            tr("Distance"): film["distance"],
        }
        if film["chosen"] is not None:
            row[model_itself] = film["chosen"]
        yield row


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


def _within_sentence(name: str) -> str:
    title = str(FIGURE_TITLES[name])
    # "AUC" keeps its letters; German writes nouns with a capital letter.
    return title if title.isupper() or language() == "de" else title[:1].lower() + title[1:]
