"""The exchangeability watch of a visit: how strong the evidence is that its X-rays are not like the set."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from covidlab.errors import CovidLabError
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.prediction.watch import ALARM
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import shared_reader
from covidlab.text import pluralize
from covidlab.ui.predict.reading import model_key
from covidlab.ui.predict.uploads import EVIDENCE_KEY

_MEANING = tr_lazy(
    "covidlab bets against the statement that these X-rays come from where the set comes from, one "
    "bet for each X-ray, by its distance to the set and to the class whose X-rays are most alike. "
    "Were the statement true, the stake would grow 20-fold in at most 1 of 20 visits. X-rays of the "
    "set do not count. A visit with X-rays of one class only is unlike the set too."
)


def draw_watch(films: Sequence[VisitorFilm], run: Run) -> None:
    """Draw the evidence over the visitor's own X-rays, the oldest first; nothing before the first one."""
    seen = visit_distances(films, run)
    if not seen:
        return
    evidence = _evidence(tuple(seen), run)
    if not evidence:
        return
    strongest = max(evidence)
    if strongest >= ALARM:
        after = next(number for number, value in enumerate(evidence, start=1) if value >= ALARM)
        st.warning(
            tr(
                "After {x_rays} the evidence is over {floor} to 1 that these are not like the set. It is {odds} "
                "after {num_evidence}. The numbers below may mean nothing for them. X-rays of one class only can "
                "give the same evidence, for the set has X-rays of all classes.",
                x_rays=pluralize(after, "X-ray"),
                floor=math.floor(ALARM),
                odds=odds(evidence[-1]),
                num_evidence=len(evidence),
            ),
            icon=":material/monitoring:",
        )
    else:
        st.caption(
            tr(
                "After {x_rays} of your own, the evidence that they are not like the set is {odds}. From {floor} "
                "to 1 on, covidlab warns. Little evidence does not mean that they are like it.",
                x_rays=pluralize(len(evidence), "X-ray"),
                odds=odds(evidence[-1]),
                floor=math.floor(ALARM),
            )
        )
    # A question mark beside text has no name of its own for a screen reader.
    with st.popover(tr("What the evidence means"), type="tertiary", icon=":material/help:", key="predict_watch_help"):
        st.markdown(_MEANING)


def visit_distances(films: Sequence[VisitorFilm], run: Run) -> list[tuple[float, float | None]]:
    """Return both distances that the evidence rests on, the second None where unknown, of each X-ray that is not of the set, the
    oldest first, each content once."""
    found: dict[str, tuple[float, float | None]] = {}
    for film in reversed(films):
        reading = film.readings.get(model_key(run))
        assessment = reading.assessment if reading else None
        if film.file or assessment is None or assessment.known_as or not math.isfinite(assessment.distance):
            continue
        to_class = assessment.class_distance if math.isfinite(assessment.class_distance) else None
        found.setdefault(film.sha256, (assessment.distance, to_class))
    return list(found.values())


def odds(value: float) -> str:
    """Return evidence as "3.2 to 1"."""
    if value >= 1000:
        return tr("over {floor:,} to 1", floor=1000)
    return tr("{value:.1f} to 1", value=value) if value < 10 else tr("{value:.0f} to 1", value=value)


def _evidence(seen: tuple[tuple[float, float | None], ...], run: Run) -> list[float]:
    """The evidence after each X-ray, asked for once for the same X-rays; empty where it cannot be had now."""
    key = (model_key(run), seen)
    known = st.session_state.get(EVIDENCE_KEY)
    if known is None or known[0] != key:
        try:
            to_set, to_class = map(list, zip(*seen, strict=True))
            values = {"distances": to_set, "class_distances": to_class}
            answer = shared_reader().ask("watch", model_file(run), values=values)
            known = (key, _whole(answer.values, len(seen)))
        except (CovidLabError, LookupError, TypeError, ValueError):
            # The X-rays themselves say why; the next look asks again.
            return []
        st.session_state[EVIDENCE_KEY] = known
    return known[1]


def _whole(values: Mapping[str, Any], num: int) -> list[float]:
    """The evidence after each of ``num`` X-rays; raises LookupError, TypeError or ValueError for anything else."""
    evidence = [float(value) for value in values["evidence"]]
    if len(evidence) != num or not all(math.isfinite(value) and value >= 0 for value in evidence):
        raise ValueError(tr("evidence after each X-ray is expected"))
    return evidence
