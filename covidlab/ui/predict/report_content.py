"""What the downloads about an X-ray hold, gathered from the X-ray, the model's run and the set: no name, no hash, no tag."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import covidlab
from covidlab.config import NUM_FOLDS, NUM_REPEATS
from covidlab.data.catalog import Catalog
from covidlab.data.film_table import NOT_STATED
from covidlab.data.patients import are_patients_known
from covidlab.data.words import value_text
from covidlab.errors import DataError
from covidlab.imaging.receipt import Check, Verdict
from covidlab.intake.upload import VisitorFilm
from covidlab.language import tr, tr_lazy
from covidlab.prediction.answer import OfTheSet, is_clear, of_the_set
from covidlab.prediction.assessment import Assessment
from covidlab.prediction.prediction import Prediction
from covidlab.prediction.result_export import XrayResult
from covidlab.prediction.xray_report import MAX_REFERENCE, Interval, Nearest, XrayReport
from covidlab.runs.store import Run
from covidlab.runs.training_data import describe_training_data
from covidlab.runs.verdicts import verdict_lines
from covidlab.text import class_name, one_line
from covidlab.ui.predict.origin import not_from_here, set_file, set_of
from covidlab.ui.predict.permission import receipt_of, shows_number
from covidlab.ui.predict.reading import model_key
from covidlab.ui.predict.report_map import map_for_report

_FIGURES = {
    "sensitivity": tr_lazy("sensitivity"),
    "specificity": tr_lazy("specificity"),
    "accuracy": tr_lazy("accuracy"),
    "auc": "AUC",
}
_NEARLY = tr_lazy(
    "Nearly the same X-ray is in the set. What the receipt says of that one holds for this one too: "
    "a number for what a model has learned from proves nothing."
)
_MODELS = tr_lazy("models of {num_repeats} repeats of {num_folds} folds", num_repeats=NUM_REPEATS, num_folds=NUM_FOLDS)


def today() -> str:
    """Return the date that stands on what is made now."""
    return date.today().isoformat()


def result_of(film: VisitorFilm, run: Run, catalog: Catalog | None = None, *, number: int) -> XrayResult:
    """Return what a file says of an X-ray; ``number`` is its place on the page, from 1. ``catalog``: the set in use."""
    reading = film.readings.get(model_key(run))
    # The refusal of an X-ray of the set may name its file; an upload's never does.
    refusal = str(film.refusal).replace(film.name, tr("This file")) if film.file else film.refusal
    if film.refusal or reading is None:
        return XrayResult(number=number, reference=film.reference, refusal=refusal, checks=film.checks)
    return XrayResult(
        number=number,
        reference=film.reference,
        checks=receipt_of(film, run),
        prediction=reading,
        shows_number=shows_number(film, run),
        has_content=bool(set_file(film, catalog)),
        limits=_limits(film, run, catalog),
    )


def model_facts_for_file(run: Run) -> dict[str, Any]:
    """Return what a file says of the model that read."""
    config = run.load_config()
    data = run.load_facts().get("data", {})
    return {
        "name": run.name,
        "preset": config.preset,
        "fine_tune": config.fine_tune,
        "learned_from": describe_training_data(data),
        "patients_known": are_patients_known(data),
        "audit": verdict_lines(run),
    }


def xray_report(film: VisitorFilm, run: Run, catalog: Catalog | None, *, further: Sequence[str] = ()) -> XrayReport:
    """Return the page about an X-ray that the run's model has read.

    Parameters
    ----------
    further : sentences that go with the number, e.g. how all saved models voted
    """
    reading: Prediction = film.readings[model_key(run)]
    assessment, lines = reading.assessment, receipt_of(film, run)
    report = XrayReport(
        made_on=today(),
        version=covidlab.__version__,
        reference=one_line(film.reference, max_length=MAX_REFERENCE),
        checks=tuple(replace(line, sentence=str(line.sentence)) for line in lines),
        picture=film.picture,
        limits=tuple(map(str, _limits(film, run, catalog))),
        refusal=_refusal(lines),
        nearest=tuple(_nearest(assessment, set_of(run, catalog))),
        **_distances(assessment),
        **map_for_report(film, run),
        **_about_model(run),
    )
    return _with_number(report, reading, further) if shows_number(film, run) else report


def _with_number(report: XrayReport, reading: Prediction, further: Sequence[str]) -> XrayReport:
    """The page with the model's number."""
    return replace(
        report,
        label=class_name(reading.resembles) if is_clear(reading) else "",
        positive_label=class_name(reading.positive_class),
        probability=_interval(reading),
        probability_source=tr(_MODELS),
        limits=(*_asked_anyway(report.refusal), *report.limits),
        further=tuple(further),
        refusal="",
    )


def _asked_anyway(refusal: str) -> list[str]:
    return [tr("The number was asked for anyway. {refusal}", refusal=refusal)] if refusal else []


def _refusal(lines: Sequence[Check]) -> str:
    """What speaks against a number, "" where nothing does."""
    against = [str(line.sentence) for line in lines if line.verdict is Verdict.REFUSE]
    return " ".join([tr("covidlab gives no plain number for this X-ray."), *against]) if against else ""


def _limits(film: VisitorFilm, run: Run, catalog: Catalog | None) -> tuple[str, ...]:
    """What limits any number by where the X-ray comes from; of one of the set the receipt says what follows from it."""
    assessment = film.readings[model_key(run)].assessment
    known = of_the_set(assessment, has_content=bool(set_file(film, catalog)))
    said = {OfTheSet.YES: (), OfTheSet.NEARLY: (_NEARLY,)}
    return said[known] if known in said else (not_from_here(run),)


def _interval(reading: Prediction) -> Interval:
    spread = reading.assessment.calibrated if reading.assessment else None
    if spread is None:
        return Interval(value=reading.probability, low=None, high=None, n=0)
    return Interval(value=spread.value, low=spread.low, high=spread.high, n=spread.num_models)


def _distances(assessment: Assessment | None) -> dict[str, float]:
    if assessment is None or not (math.isfinite(assessment.distance) and math.isfinite(assessment.limit)):
        return {}
    return {"distance": assessment.distance, "distance_limit": assessment.limit}


def _nearest(assessment: Assessment | None, catalog: Catalog | None) -> Iterator[Nearest]:
    """The nearest X-rays of the set; view and age group where the set of the model is here."""
    for neighbour in assessment.neighbours if assessment else ():
        row: Mapping[Hashable, Any] = {}
        if catalog is not None:
            with suppress(DataError):
                row = catalog.row(neighbour.file).to_dict()
        yield Nearest(
            label=class_name(neighbour.class_folder),
            view=value_text(str(row.get("view_position") or NOT_STATED)),
            age_group=value_text(str(row.get("age_group") or NOT_STATED)),
            distance=neighbour.distance,
        )


def _about_model(run: Run) -> dict[str, Any]:
    """What the page says of a model: its name, what it learned from, its cross-validated figures."""
    data, crossed = run.load_facts().get("data", {}), (run.report() or {}).get("cross_validation") or {}
    figures = {name: crossed.get(key) or {} for key, name in _FIGURES.items()}
    return {
        "model": run.name,
        "dataset": str(data.get("name", "")) or str(NOT_STATED),
        "num_films": int(data.get("num_training", 0)),
        "num_patients": _num_patients(data),
        "audit": tuple(verdict_lines(run)),
        "figures": tuple(
            (str(name), Interval(**{part: figure[part] for part in ("value", "low", "high", "n")}))
            for name, figure in figures.items()
            if figure.get("value") is not None
        ),
    }


def _num_patients(data: Mapping[str, Any]) -> int | None:
    """Of the X-rays a model learned from: None where patients are not known, 0 where that number was not written down."""
    if not are_patients_known(data):
        return None
    return int(data.get("num_patients") or 0) if data.get("num_training") == data.get("num_films") else 0
