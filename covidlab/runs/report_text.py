"""A run's report in words and aligned lines."""

from covidlab.runs.store import Run

METRIC_NAMES = ("accuracy", "sensitivity", "specificity", "precision", "f1", "auc")


def metric_text(figure: dict | None) -> str:
    """Return "0.90 (95 % interval 0.60 to 0.98, n = 10)"."""
    if not figure or figure.get("value") is None:
        return "not defined (no X-ray to compute it on)"
    return f"{figure['value']:.2f} (95 % interval {figure['low']:.2f} to {figure['high']:.2f}, n = {figure['n']})"


def report_lines(run: Run) -> list[str]:
    """Return the report of a finished run for a terminal."""
    report = run.report() or {}
    data = run.load_facts().get("data", {})
    lines = [
        "",
        f"Run {run.number} on {report.get('device', '')}",
        "",
        f"On {data.get('num_validation')} validation X-rays:",
    ]
    lines += [f"  {name:<12} {metric_text(report.get(name))}" for name in METRIC_NAMES]
    lines += [f"  {_shared_patients(data)}"] if _shared_patients(data) else []
    lines += ["", *_confusion_lines(report), "", *_cross_validation_lines(report.get("cross_validation") or {})]
    seconds = report.get("seconds", {})
    lines.append(
        f"Seconds: {seconds.get('total', 0):.1f} in all, {seconds.get('activations', 0):.1f} on activations, "
        f"{seconds.get('training', 0):.1f} on training."
    )
    return [*lines, "Not for diagnosis.", ""]


def _shared_patients(data: dict) -> str:
    shared = data.get("num_validation_with_patient_in_training", 0)
    return (
        f"{shared} of these X-rays show a patient who is also in training, so they flatter the model." if shared else ""
    )


def _confusion_lines(report: dict) -> list[str]:
    classes = report.get("classes", [])
    width = max([8, *map(len, classes)]) + 2
    header = "X-ray is \\ model says".ljust(22) + "".join(name.rjust(width) for name in classes)
    rows = zip(classes, report.get("confusion", []), strict=True)
    return [header, *(name.ljust(22) + "".join(str(count).rjust(width) for count in row) for name, row in rows)]


def _cross_validation_lines(figures: dict) -> list[str]:
    if "skipped" in figures or not figures:
        return [f"No cross-validation: {figures.get('skipped', 'none was done')}", ""]
    header = (
        f"The same settings, {figures['repeats']} repeats of patient-grouped {figures['folds']}-fold cross-validation "
        f"({figures['num_patients']} patients):"
    )
    return [header, *(f"  {name:<12} {metric_text(figures.get(name))}" for name in METRIC_NAMES), ""]
