"""What the part on another hospital finds, made up."""

from typing import Any


def figure(value: float, low: float, high: float, n: int) -> dict[str, Any]:
    """A figure as a part keeps it."""
    return {"value": value, "low": low, "high": high, "n": n, "method": "bootstrap over patients"}


def figures(auc: float) -> dict[str, Any]:
    """All figures of 249 X-rays."""
    return {
        "accuracy": figure(0.1, 0.07, 0.14, 249),
        "sensitivity": figure(0.9, 0.7, 0.97, 20),
        "specificity": figure(0.03, 0.01, 0.06, 229),
        "precision": figure(0.07, 0.04, 0.11, 240),
        "f1": figure(0.14, 0.1, 0.2, 240),
        "auc": figure(auc, auc - 0.07, auc + 0.08, 249),
    }


def elsewhere_found() -> dict[str, Any]:
    """229 X-rays without finding and 20 of COVID-19, of which three are listed."""
    numbers = {"here": {"stated": 25, "of": 25}, "elsewhere": {"stated": 229, "of": 229}}
    unknown = {"here": {"stated": 25, "of": 25, "counts": {"male": 25}}, "elsewhere": {"stated": 0, "of": 229}}
    spread = {"median": 512.0, "low": 480.0, "high": 520.0}
    told = {"num_here": 25, "num_elsewhere": 229, "share": 0.94, "by_chance": 0.6, "p": 0.001}
    return {
        "other": {
            "name": "larger",
            "num_given": {"covid": 31, "no_finding": 600},
            "num_xrays": {"covid": 20, "no_finding": 229},
            "num_patients": 200,
            "patients_from": "names",
            "left_out": {"nearly in the set": 11, "twice": 1, "not drawn": 722},
            "positive": ["covid"],
        },
        "positive_class": "covid",
        "threshold": 0.5,
        "num_models": 50,
        "here": figures(0.9),
        "elsewhere": figures(0.65),
        "chosen": figures(0.62),
        "classes": [
            {
                "name": "no_finding",
                "is_positive": False,
                "called": figure(0.97, 0.94, 0.99, 229),
                "chosen_called": figure(0.98, 0.95, 0.99, 229),
                "far": 0.1,
            },
            {
                "name": "covid",
                "is_positive": True,
                "called": figure(0.9, 0.7, 0.97, 20),
                "chosen_called": figure(0.95, 0.76, 0.99, 20),
                "far": 0.0,
            },
        ],
        "here_classes": [
            {"name": "covid", "is_positive": True, "called": figure(0.9, 0.73, 0.97, 25)},
            {"name": "normal", "is_positive": False, "called": figure(0.06, 0.01, 0.23, 25)},
        ],
        "limit": 0.72,
        "xrays": [
            {
                "file": f"{kind}/{name}.png",
                "class": kind,
                "probability": said,
                "models": 1.0,
                "chosen": said,
                "distance": 0.5,
            }
            for kind, name, said in (("covid", "a", 0.9), ("covid", "b", 0.4), ("no_finding", "a", 0.98))
        ],
        "shift": {
            "all": {**told, "num_here": 50},
            "classes": [
                {"name": "covid", "is_positive": True, **told, "share": None, "by_chance": None, "p": None},
                {"name": "no_finding", "is_positive": False, **told},
            ],
            "map": {
                "share": 0.33,
                "here": [[0.0, 0.1], [0.2, 0.3]],
                "here_classes": ["covid", "normal"],
                "elsewhere": [[0.5, 0.5], [0.4, 0.6], [0.3, 0.1]],
            },
        },
        "differences": [
            {
                "name": "age group",
                "group": "others",
                "here": {**numbers["here"], "counts": {"child": 25}},
                "elsewhere": {**numbers["elsewhere"], "counts": {"adult": 229}},
                "difference": 1.0,
                "p": 0.018,
                "differs": True,
            },
            {
                "name": "width in pixels",
                "group": "others",
                "here": {**numbers["here"], **spread},
                "elsewhere": {**numbers["elsewhere"], **spread},
                "difference": 0.9,
                "p": 0.018,
                "differs": True,
            },
            {
                "name": "file format",
                "group": "others",
                "here": {**numbers["here"], "counts": {"JPEG": 25}},
                "elsewhere": {**numbers["elsewhere"], "counts": {"JPEG": 229}},
                "difference": 0.0,
                "p": 1.0,
                "differs": False,
            },
            {"name": "sex", "group": "others", **unknown, "difference": None, "p": None, "differs": None},
        ],
    }
