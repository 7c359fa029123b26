"""What the probe inside each class found, in plain sentences; read by pages and the command line."""

from collections.abc import Mapping
from typing import Any

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS
from covidlab.language import language, number_text, tr, tr_lazy
from covidlab.text import class_name, one_line, pluralize

Found = Mapping[str, Any]

METHOD = tr_lazy(
    "The features are those that the frozen layers give for the whole X-ray. Inside one class, a "
    "cross-validated ridge classifier that has not seen the patient reads the value from them. "
    "Values count alike. A permutation test gives values to patients at random; its p-values are "
    "corrected for the number of comparisons (Holm)."
)
# As audit.attributes stores it.
COINCIDES = "coincides with the class"
_TITLES = {
    "view_position": tr_lazy("View"),
    "panel_letter_or_caption": tr_lazy("Panel letter or caption"),
    "channels": tr_lazy("Colour or grey file"),
    "rt_pcr_positive": tr_lazy("RT-PCR positive"),
    "location": tr_lazy("Place"),
    "sex": tr_lazy("Sex"),
    "age": tr_lazy("Age"),
    "age_group": tr_lazy("Age group"),
    "finding": tr_lazy("Finding"),
    "source": tr_lazy("Source"),
    "intubated": tr_lazy("Intubated"),
}
_YES, _NO = tr_lazy("yes"), tr_lazy("no")
_WORDS = {
    "panel_letter_or_caption": {"1": _YES, "0": _NO},
    "sex": {"F": tr_lazy("female"), "M": tr_lazy("male")},
    "channels": {"1": tr_lazy("grey"), "3": tr_lazy("colour"), "4": tr_lazy("colour")},
    "intubated": {"Y": _YES, "N": _NO},
    "rt_pcr_positive": {"Y": _YES, "N": _NO},
}


def sentences(found: Found) -> list[str]:
    """Return what can be read inside the classes and what cannot be told, a sentence for each test, and how it was measured."""
    tested = [one for one in found["attributes"] if any(of["state"] == "tested" for of in one["classes"])]
    said = [describe_attribute(found, attribute) for attribute in tested]
    return [describe_summary(found), *said, describe_yardstick(found), *_about_patients(found)]


def describe_attribute(found: Found, attribute: Mapping[str, Any]) -> str:
    """Return how one attribute stands in all classes."""
    words = [describe_kind(attribute), *(_class_sentence(found, attribute, of) for of in attribute["classes"])]
    return f"{attribute_title(attribute['column'])}. {' '.join(word for word in words if word)}"


def describe_summary(found: Found) -> str:
    """Return which attributes can be read inside a class, which are not found to be, and which cannot be identified."""
    tested = [(one, of) for one in found["attributes"] for of in one["classes"] if of["state"] == "tested"]
    read, unread = (
        [_inside(one, of) for one, of in tested if is_read(found, of) == wanted] for wanted in (True, False)
    )
    too_few = [
        _within_sentence(one["column"])
        for one in found["attributes"]
        if any(of["state"] == "too few" for of in one["classes"])
    ]
    coincide = [_within_sentence(one["column"]) for one in found["attributes"] if one["kind"] == COINCIDES]
    said = [
        tr("Can be read inside a class: {read}.", read=", ".join(read) or tr("nothing that was tested")),
        tr("Not found to be readable: {unread}.", unread=", ".join(unread)) if unread else "",
        tr("Not identifiable, since they coincide with the class: {coincide}.", coincide=", ".join(coincide))
        if coincide
        else "",
        tr("Too few patients to tell: {too_few}.", too_few=", ".join(too_few)) if too_few else "",
    ]
    return " ".join(sentence for sentence in said if sentence)


def attribute_title(column: str) -> str:
    """Return what a column is called, e.g. "Panel letter or caption"."""
    name = str(_TITLES.get(column, "")) or one_line(column.replace("_", " "), max_length=40)
    return name[:1].upper() + name[1:]


def value_text(column: str, value: str) -> str:
    """Return what a value of a column is called, e.g. "female"."""
    return str(_WORDS.get(column, {}).get(value, "")) or one_line(value, max_length=50)


def describe_kind(attribute: Mapping[str, Any]) -> str:
    """Return what holds for all classes together; "" where the classes are to be looked at."""
    if attribute["kind"] == COINCIDES:
        return tr(
            "Not identifiable: it coincides with the class. A model that reads it looks like one that reads the class."
        )
    if attribute["kind"] == "the same for all":
        return tr("It is the same for all X-rays, so it tells nothing.")
    return ""


def describe_class(found: Found, attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    """Return how an attribute stands inside one class, as one sentence."""
    if of["state"] == "not stated":
        return tr("not stated.")
    if of["state"] == "constant":
        named = [value_text(attribute["column"], value["value"]) for value in of["values"]]
        return tr(
            "always {named} ({films_of}).", named=named[0] if named else tr("one value"), films_of=_films_of(found, of)
        )
    patients = values_text(attribute, of)
    if of["state"] == "too few":
        return tr(
            "too few patients ({patients}); {fewest_patients} of each are needed.",
            patients=patients,
            fewest_patients=found["fewest_patients"],
        )
    told = of["told"]
    return tr(
        "balanced accuracy {value:.2f} (95 % interval {low:.2f} to {high:.2f}, n = {films_of}; chance "
        "{chance:.2f}), {p_text}. {value_2}: {patients}.",
        value=told["value"],
        low=told["low"],
        high=told["high"],
        films_of=_films_of(found, of),
        chance=chance(of),
        p_text=_p_text(of["adjusted"]),
        value_2=tr("Patients") if found["patients_known"] else tr("X-rays"),
        patients=patients,
    )


def state_title(found: Found, of: Mapping[str, Any]) -> str:
    """Return what a test found, e.g. "Can be read"."""
    return tr("Can be read") if is_read(found, of) else tr("Not found to be readable")


def values_text(attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    """Return how many patients have each value, e.g. "PA 10, AP 3"; rare values are not named."""
    parts = [f"{value_text(attribute['column'], value['value'])} {value['num_patients']}" for value in of["values"]]
    if of["rare_films"]:
        parts.append(tr("rarer values in {x_rays}", x_rays=pluralize(of["rare_films"], "X-ray")))
    return ", ".join(parts)


def is_read(found: Found, of: Mapping[str, Any]) -> bool:
    """Whether an attribute is told beyond chance inside a class, all comparisons allowed for."""
    return of["state"] == "tested" and of["adjusted"] <= found["level"]


def chance(of: Mapping[str, Any]) -> float:
    """Return the balanced accuracy of guessing."""
    return 1 / of["num_values"]


def describe_yardstick(found: Found) -> str:
    """Return how well the class itself is read in the same way, and the number of comparisons."""
    told, number = found["class_told"], found["num_tests"]
    return tr(
        "For comparison, the class itself is read with a balanced accuracy of {value:.2f} ({low:.2f} to "
        "{high:.2f}, n = {n:,}). p-values allow for {comparisons}. What is not found may still be there: "
        "few patients tell little.",
        value=told["value"],
        low=told["low"],
        high=told["high"],
        n=told["n"],
        comparisons=pluralize(number, "comparison"),
    )


def _about_patients(found: Found) -> list[str]:
    return [] if found["patients_known"] else [str(INTERVALS_WITHOUT_PATIENTS)]


def _films_of(found: Found, of: Mapping[str, Any]) -> str:
    films = pluralize(of["num_films"], "X-ray")
    return (
        tr("{films} of {patients}", films=films, patients=pluralize(of["num_patients"], "patient"))
        if found["patients_known"]
        else films
    )


def _inside(attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    return f"{_within_sentence(attribute['column'])} ({class_name(of['class'])})"


def _within_sentence(column: str) -> str:
    title = attribute_title(column)
    # "RT-PCR" keeps its letters; German writes nouns with a capital letter.
    return title if title[1:2].isupper() or language() == "de" else title[:1].lower() + title[1:]


def _class_sentence(found: Found, attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    state = f"{state_title(found, of).lower()}, " if of["state"] == "tested" else ""
    return f"{class_name(of['class'])}: {state}{describe_class(found, attribute, of)}"


def _p_text(p_value: float) -> str:
    return f"p = {number_text(p_value, '.3f' if p_value < 0.1 else '.2f')}"
