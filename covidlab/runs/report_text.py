"""A run's report in words and aligned lines."""

from covidlab.data.catalog_checks import CANNOT_BE_READ
from covidlab.data.conflicts import MOST_NAMED, describe_conflicts
from covidlab.data.patients import INTERVALS_WITHOUT_PATIENTS, PATIENTS_NOT_KNOWN, are_patients_known
from covidlab.language import number_text, tr
from covidlab.metrics import METRICS, constant_answer, majority
from covidlab.runs.over_splits import describe_repeats
from covidlab.runs.store import Run
from covidlab.runs.verdicts import verdict_lines
from covidlab.text import class_name, device_text, metric_text, pluralize, seconds_in_words


def describe_device(facts: dict) -> str:
    """Return where a run computed, e.g. "bfloat16 on CPU (AMD EPYC, 2 cores)"; ``facts`` are its run.json or its report."""
    # In a report "precision" is a metric, so it says "computed_in".
    device, precision = device_text(facts.get("device", "")), facts.get("computed_in", facts.get("precision"))
    return tr("{precision} on {device}", precision=precision, device=device) if isinstance(precision, str) else device


def describe_answers(report: dict) -> str:
    """Return what it gives to answer one class always, and whether the model does so; "" where nothing was validated.

    For example "Every X-ray was called non-COVID; that alone gives 0.95 here.", else "Always answering non-COVID gives 0.60."
    Taken from the confusion matrix, so that reports of earlier versions say it too.
    """
    classes, confusion = report.get("classes") or [], report.get("confusion") or []
    if not confusion or not any(map(any, confusion)):
        return ""
    most, size, total = majority(confusion)
    constant = constant_answer(confusion)
    always = tr(
        "Always answering {class_name} gives {size:.2f} (n = {total}).",
        class_name=class_name(classes[most]),
        size=size / total,
        total=total,
    )
    if constant is None:
        return always
    share = sum(confusion[constant]) / total
    said = tr(
        "Every X-ray was called {class_name}; that alone gives {share:.2f} here.",
        class_name=class_name(classes[constant]),
        share=share,
    )
    return said if constant == most else f"{said} {always}"


def describe_patients(data: dict) -> str:
    """Return the number of patients of a run's X-rays, "not known", or "" where the run had not come so far."""
    if not data:
        return ""
    return (
        number_text(data["num_patients"]) if are_patients_known(data) and data.get("num_patients") else tr("not known")
    )


def describe_unknown_patients(data: dict) -> str:
    """Return what must be said of the figures of a run where patients are not known; "" where they are."""
    return "" if are_patients_known(data) else f"{PATIENTS_NOT_KNOWN} {INTERVALS_WITHOUT_PATIENTS}"


def describe_recorded_conflicts(data: dict) -> str:
    """Return which X-rays of a run are in two classes, as its run.json says; "" where none is, or nobody looked."""
    return describe_conflicts(data.get("conflicts") or [])


def describe_unused(data: dict) -> str:
    """Return which files of the set a run did not use, as its run.json says, those that cannot be read all by name.

    "" where there are none, or nobody wrote it down (before version 0.2).
    """
    sentences = []
    for left in data.get("left_out") or []:
        number, reason = left["number"], left["reason"]
        is_short = reason == CANNOT_BE_READ or number <= MOST_NAMED
        names = (
            left["examples"]
            if is_short
            else [*left["examples"][:MOST_NAMED], tr("{number:,} more", number=number - MOST_NAMED)]
        )
        sentences.append(
            tr("Not used, {reason} ({number:,}): {names}.", reason=tr(reason), number=number, names=", ".join(names))
        )
    return " ".join(sentences)


def describe_times(report: dict) -> str:
    """Return what a run took, e.g. "Trained in 0.4 s; prepared 150 views of 50 X-rays in 23 s, once."

    What is prepared, the activations of the frozen layers, is kept for all later runs: so the two are told apart.
    """
    seconds, prepared = report.get("seconds") or {}, report.get("prepared") or {}
    if "training" not in seconds:
        return ""
    trained = tr("Trained in {seconds}", seconds=_seconds(seconds["training"]))
    if not seconds.get("activations"):
        return f"{trained}."
    # Reports of earlier versions do not say how many.
    what = tr("the X-rays")
    if prepared:
        views, xrays = pluralize(prepared["num_views"], "view"), pluralize(prepared["num_films"], "X-ray")
        what = tr("{views} of {xrays}", views=views, xrays=xrays)
    return tr(
        "{trained}; prepared {what} in {seconds}, once.",
        trained=trained,
        what=what,
        seconds=_seconds(seconds["activations"]),
    )


def describe_end(run: Run) -> str:
    """Return how a finished run went, e.g. "Finished: 25 epochs. Trained in 0.4 s." and where it computed."""
    report = run.report() or {}
    epochs = pluralize(report.get("epochs_done", run.recorded_status().epoch), "epoch")
    sentences = [
        tr("Finished: {epochs}.", epochs=epochs),
        describe_times(report),
        tr("Computed in {describe_device}.", describe_device=describe_device(report))
        if report.get("computed_in")
        else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _seconds(seconds: float) -> str:
    return tr("{seconds:.1f} s", seconds=max(seconds, 0.1)) if seconds < 9.95 else seconds_in_words(seconds)


def report_lines(run: Run) -> list[str]:
    """Return the report of a finished run for a terminal."""
    report = run.report() or {}
    data = run.load_facts().get("data", {})
    lines = [
        "",
        tr("Run {number}, {describe_device}", number=run.number, describe_device=describe_device(report)),
        "",
        tr("On {get} validation X-rays:", get=data.get("num_validation")),
    ]
    lines += [f"  {name:<12} {metric_text(report.get(name))}" for name in METRICS]
    said = (
        describe_answers(report),
        _shared_patients(data),
        describe_unknown_patients(data),
        describe_recorded_conflicts(data),
        describe_unused(data),
    )
    lines += [f"  {sentence}" for sentence in said if sentence]
    crossed = report.get("cross_validation") or {}
    lines += ["", *_confusion_lines(report), "", *_cross_validation_lines(crossed, known=are_patients_known(data))]
    if verdict := verdict_lines(run):
        lines += [*verdict, ""]
    total = (report.get("seconds") or {}).get("total", 0.0)
    lines.append(
        tr("{describe_times} {seconds} in all.", describe_times=describe_times(report), seconds=_seconds(total))
    )
    return [*lines, tr("Not for diagnosis."), ""]


def _shared_patients(data: dict) -> str:
    shared = data.get("num_validation_with_patient_in_training", 0)
    return (
        tr(
            "{shared} of these X-rays show a patient who is also in training, so these results are too good.",
            shared=shared,
        )
        if shared
        else ""
    )


def _confusion_lines(report: dict) -> list[str]:
    classes = report.get("classes", [])
    width = max([8, *map(len, classes)]) + 2
    header = tr("true class \\ predicted").ljust(22) + "".join(name.rjust(width) for name in classes)
    rows = zip(classes, report.get("confusion", []), strict=True)
    return [header, *(name.ljust(22) + "".join(str(count).rjust(width) for count in row) for name, row in rows)]


def _cross_validation_lines(figures: dict, *, known: bool) -> list[str]:
    if "skipped" in figures or not figures:
        return [tr("No cross-validation: {get}", get=tr(figures["skipped"]) if figures else tr("none was done")), ""]
    folds = tr("{get}-fold cross-validation", get=figures.get("folds", "?"))
    how = (
        tr("patient-grouped {folds} ({patients} patients)", folds=folds, patients=figures.get("num_patients", "?"))
        if known
        else tr("{folds} split by X-ray", folds=folds)
    )
    header = tr("The same settings, {describe_repeats} of {how}:", describe_repeats=describe_repeats(figures), how=how)
    return [header, *(f"  {name:<12} {metric_text(figures.get(name))}" for name in METRICS), ""]
