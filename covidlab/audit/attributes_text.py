"""What the probe inside each class found, in plain sentences; read by pages and the command line."""

from collections.abc import Mapping
from typing import Any

from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS
from covidlab.text import class_name, one_line, pluralize

Found = Mapping[str, Any]

METHOD = (
    "The features are those that the frozen layers give for the whole X-ray. Inside one class, a cross-validated ridge classifier that "
    "has not seen the patient reads the value from them. Values count alike. A permutation test gives values to "
    "patients at random; its p-values are corrected for the number of comparisons (Holm)."
)
COINCIDES = "coincides with the class"
_TITLES = {
    "view_position": "View",
    "panel_letter_or_caption": "Panel letter or caption",
    "channels": "Colour or grey file",
    "rt_pcr_positive": "RT-PCR positive",
    "location": "Place",
}
_WORDS = {
    "panel_letter_or_caption": {"1": "yes", "0": "no"},
    "sex": {"F": "female", "M": "male"},
    "channels": {"1": "grey", "3": "colour", "4": "colour"},
    "intubated": {"Y": "yes", "N": "no"},
    "rt_pcr_positive": {"Y": "yes", "N": "no"},
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
        f"Can be read inside a class: {', '.join(read) or 'nothing that was tested'}.",
        f"Not found to be readable: {', '.join(unread)}." if unread else "",
        f"Not identifiable, since they coincide with the class: {', '.join(coincide)}." if coincide else "",
        f"Too few patients to tell: {', '.join(too_few)}." if too_few else "",
    ]
    return " ".join(sentence for sentence in said if sentence)


def attribute_title(column: str) -> str:
    """Return what a column is called, e.g. "Panel letter or caption"."""
    name = _TITLES.get(column) or one_line(column.replace("_", " "), max_length=40)
    return name[:1].upper() + name[1:]


def value_text(column: str, value: str) -> str:
    """Return what a value of a column is called, e.g. "female"."""
    return _WORDS.get(column, {}).get(value) or one_line(value, max_length=50)


def describe_kind(attribute: Mapping[str, Any]) -> str:
    """Return what holds for all classes together; "" where the classes are to be looked at."""
    if attribute["kind"] == COINCIDES:
        return (
            "Not identifiable: it coincides with the class. A model that reads it looks like one that reads the class."
        )
    if attribute["kind"] == "the same for all":
        return "It is the same for all X-rays, so it tells nothing."
    return ""


def describe_class(found: Found, attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    """Return how an attribute stands inside one class, as one sentence."""
    if of["state"] == "not stated":
        return "not stated."
    if of["state"] == "constant":
        named = [value_text(attribute["column"], value["value"]) for value in of["values"]]
        return f"always {named[0] if named else 'one value'} ({_films_of(found, of)})."
    patients = values_text(found, attribute, of)
    if of["state"] == "too few":
        return f"too few patients ({patients}); {found['fewest_patients']} of each are needed."
    told = of["told"]
    return (
        f"balanced accuracy {told['value']:.2f} (95 % interval {told['low']:.2f} to {told['high']:.2f}, n = {_films_of(found, of)}; "
        f"chance {chance(of):.2f}), {_p_text(of['adjusted'])}. {'Patients' if found['patients_known'] else 'X-rays'}: {patients}."
    )


def state_title(found: Found, of: Mapping[str, Any]) -> str:
    """Return what a test found, e.g. "Can be read"."""
    return "Can be read" if is_read(found, of) else "Not found to be readable"


def values_text(found: Found, attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    """Return how many patients have each value, e.g. "PA 10, AP 3"; rare values are not named."""
    parts = [f"{value_text(attribute['column'], value['value'])} {value['num_patients']}" for value in of["values"]]
    if of["rare_films"]:
        parts.append(f"rarer values in {pluralize(of['rare_films'], 'X-ray')}")
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
    return (
        f"For comparison, the class itself is read with a balanced accuracy of {told['value']:.2f} ({told['low']:.2f} to "
        f"{told['high']:.2f}, n = {told['n']:,}). p-values allow for {pluralize(number, 'comparison')}. What is not found may still be there: "
        "few patients tell little."
    )


def _about_patients(found: Found) -> list[str]:
    return [] if found["patients_known"] else [INTERVALS_WITHOUT_PATIENTS]


def _films_of(found: Found, of: Mapping[str, Any]) -> str:
    films = pluralize(of["num_films"], "X-ray")
    return f"{films} of {pluralize(of['num_patients'], 'patient')}" if found["patients_known"] else films


def _inside(attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    return f"{_within_sentence(attribute['column'])} ({class_name(of['class'])})"


def _within_sentence(column: str) -> str:
    title = attribute_title(column)
    # "RT-PCR" keeps its letters.
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _class_sentence(found: Found, attribute: Mapping[str, Any], of: Mapping[str, Any]) -> str:
    state = f"{state_title(found, of).lower()}, " if of["state"] == "tested" else ""
    return f"{class_name(of['class'])}: {state}{describe_class(found, attribute, of)}"


def _p_text(p_value: float) -> str:
    return f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"
