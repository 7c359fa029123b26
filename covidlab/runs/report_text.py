"""A run's report in words and aligned lines."""

from covidlab.metrics import METRICS
from covidlab.runs.store import Run
from covidlab.text import pluralize, seconds_in_words


def metric_text(figure: dict | None) -> str:
    """Return "0.90 (95 % interval 0.60 to 0.98, n = 10)"."""
    if not figure or figure.get("value") is None:
        return "not defined (no X-ray to compute it on)"
    return f"{figure['value']:.2f} (95 % interval {figure['low']:.2f} to {figure['high']:.2f}, n = {figure['n']})"


def describe_device(facts: dict) -> str:
    """Return where a run computed, e.g. "bfloat16 on CPU (AMD EPYC, 2 cores)"; ``facts`` are its run.json or its report."""
    # In a report "precision" is a metric, so it says "computed_in".
    device, precision = facts.get("device", ""), facts.get("computed_in", facts.get("precision"))
    return f"{precision} on {device}" if isinstance(precision, str) else device


def describe_times(report: dict) -> str:
    """Return what a run took, e.g. "Trained in 0.4 s; prepared 150 views of 50 X-rays in 23 s, once."

    What is prepared, the activations of the frozen layers, is kept for all later runs: so the two are told apart.
    """
    seconds, prepared = report.get("seconds") or {}, report.get("prepared") or {}
    if "training" not in seconds:
        return ""
    trained = f"Trained in {_seconds(seconds['training'])}"
    if not seconds.get("activations"):
        return f"{trained}."
    # Reports of earlier versions do not say how many.
    what = "the X-rays"
    if prepared:
        views, xrays = pluralize(prepared["num_views"], "view"), pluralize(prepared["num_films"], "X-ray")
        what = f"{views} of {xrays}"
    return f"{trained}; prepared {what} in {_seconds(seconds['activations'])}, once."


def describe_end(run: Run) -> str:
    """Return how a finished run went, e.g. "Finished: 25 epochs. Trained in 0.4 s." and where it computed."""
    report = run.report() or {}
    epochs = pluralize(report.get("epochs_done", run.recorded_status().epoch), "epoch")
    sentences = [
        f"Finished: {epochs}.",
        describe_times(report),
        f"Computed in {describe_device(report)}." if report.get("computed_in") else "",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _seconds(seconds: float) -> str:
    return f"{max(seconds, 0.1):.1f} s" if seconds < 9.95 else seconds_in_words(seconds)


def report_lines(run: Run) -> list[str]:
    """Return the report of a finished run for a terminal."""
    report = run.report() or {}
    data = run.load_facts().get("data", {})
    lines = [
        "",
        f"Run {run.number}, {describe_device(report)}",
        "",
        f"On {data.get('num_validation')} validation X-rays:",
    ]
    lines += [f"  {name:<12} {metric_text(report.get(name))}" for name in METRICS]
    lines += [f"  {_shared_patients(data)}"] if _shared_patients(data) else []
    lines += ["", *_confusion_lines(report), "", *_cross_validation_lines(report.get("cross_validation") or {})]
    total = (report.get("seconds") or {}).get("total", 0.0)
    lines.append(f"{describe_times(report)} {_seconds(total)} in all.")
    return [*lines, "Not for diagnosis.", ""]


def _shared_patients(data: dict) -> str:
    shared = data.get("num_validation_with_patient_in_training", 0)
    return (
        f"{shared} of these X-rays show a patient who is also in training, so these results are too good."
        if shared
        else ""
    )


def _confusion_lines(report: dict) -> list[str]:
    classes = report.get("classes", [])
    width = max([8, *map(len, classes)]) + 2
    header = "true class \\ predicted".ljust(22) + "".join(name.rjust(width) for name in classes)
    rows = zip(classes, report.get("confusion", []), strict=True)
    return [header, *(name.ljust(22) + "".join(str(count).rjust(width) for count in row) for name, row in rows)]


def _cross_validation_lines(figures: dict) -> list[str]:
    if "skipped" in figures or not figures:
        return [f"No cross-validation: {figures.get('skipped', 'none was done')}", ""]
    header = (
        f"The same settings, {figures.get('repeats', '?')} repeats of patient-grouped {figures.get('folds', '?')}-fold "
        f"cross-validation ({figures.get('num_patients', '?')} patients):"
    )
    return [header, *(f"  {name:<12} {metric_text(figures.get(name))}" for name in METRICS), ""]
