"""A process that probes nothing: what it answers is said by the name of the data set's folder."""

import os
from pathlib import Path

from covidlab.child import Message, serve
from covidlab.evaluation.probe_result import Probe, PropertyResult
from covidlab.metrics import WILSON_PATIENTS, Metric

_asked: dict[str, int] = {}


def answer(message: Message) -> Message:
    """First how far it is, then a probe that found the colour of the files, a refusal, or the end of the process."""
    fingerprint, name = message.values["fingerprint"], Path(message.values["root"]).name
    _asked[fingerprint] = _asked.get(fingerprint, 0) + 1
    if name == "deadly":
        os._exit(3)
    if name == "refused":
        return Message({"refusal": "The X-rays of the class covid cannot be read."})
    if _asked[fingerprint] == 1 or name == "endless":
        return Message({"done": 3, "total": 12})
    return Message({"probe": found(fingerprint).to_dict()})


def found(fingerprint: str) -> Probe:
    """A probe of twelve X-rays."""
    told, chance = Metric(0.9, 0.7, 1.0, 12, WILSON_PATIENTS), Metric(0.5, 0.3, 0.7, 12, WILSON_PATIENTS)
    return Probe(
        fingerprint=fingerprint,
        num_classes=2,
        num_films=12,
        num_known=12,
        num_unreadable=0,
        num_patients=12,
        header=told,
        stored=told,
        stored_is_alarm=True,
        properties=(PropertyResult("width", chance, False), PropertyResult("colour or grey", told, True)),
        thumbnail=chance,
    )


if __name__ == "__main__":
    serve(answer)
