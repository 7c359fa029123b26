"""What a sweep has found, in words: the best trial, what mattered, luck, and the command that makes a trial a run."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from covidlab.config import TrainingConfig
from covidlab.evaluation.luck import Luck
from covidlab.evaluation.sweep_space import FINISHED, Settings, SweepConfig, Trial
from covidlab.language import tr, tr_lazy
from covidlab.text import decimal_text, metric_text, plain_number, pluralize

NAMES = {
    "fine_tune": tr_lazy("depth"),
    "learning_rate": tr_lazy("learning rate"),
    "batch_size": tr_lazy("batch size"),
    "epochs": tr_lazy("epochs"),
}
SAMPLER_NAMES = {
    "grid": tr_lazy("a grid"),
    "random": tr_lazy("drawn at random"),
    "tpe": tr_lazy("TPE: each batch of trials looks near the best ones so far"),
}
MOST_IN_TABLE = 10
BEST_IS_TOO_GOOD = tr_lazy("The best of many is too good by chance: on other folds its accuracy tends to be lower.")


def describe_trial(settings: Settings) -> str:
    """Return the settings of a trial, e.g. "learning rate 0.001, batch size 8, 25 epochs"."""
    text = tr(
        "learning rate {decimal_text}, batch size {batch_size}, {epochs}",
        decimal_text=plain_number(settings.learning_rate),
        batch_size=settings.batch_size,
        epochs=pluralize(settings.epochs, "epoch"),
    )
    return (
        text
        if settings.fine_tune == "head"
        else tr("depth {fine_tune}, {text}", fine_tune=settings.fine_tune, text=text)
    )


def describe_sweep(sweep: SweepConfig) -> str:
    """Return what a sweep searches in one line."""
    rates = range_in_words(sweep.learning_rates)
    batches, epochs = map(range_in_words, (sweep.batch_sizes, sweep.epochs))
    return tr(
        "{trials}, {sampler_names}. Learning rate {rates}, batch size {batches}, epochs {epochs}, depth "
        "{depths}, seed {seed}.",
        trials=pluralize(sweep.trials, "trial"),
        sampler_names=SAMPLER_NAMES[sweep.sampler],
        rates=rates,
        batches=batches,
        epochs=epochs,
        depths=", ".join(sweep.depths),
        seed=sweep.seed,
    )


def range_in_words(ends: Sequence[float]) -> str:
    """Return "0.001 to 0.1", or one number where both ends are the same."""
    low, high = (plain_number(end) for end in (ends[0], ends[-1]))
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def describe_folds(report: Mapping[str, Any]) -> str:
    """Return how the accuracy of each trial was measured."""
    folds = tr("{get} folds", get=report.get("folds", "?"))
    if report.get("split_by") == "patient":
        folds = tr(
            "{folds} with whole patients together ({get} patients)", folds=folds, get=report.get("num_patients", "?")
        )
    return tr(
        "Each accuracy is of X-rays that the model had not seen, on the same {folds} for all trials, once.", folds=folds
    )


def describe_best(report: Mapping[str, Any]) -> str:
    """Return the best trial with its interval, and why that figure is too good."""
    best = report.get("best")
    if not best:
        return tr("No trial has finished.")
    settings = Settings(**{name: best[name] for name in NAMES})
    number = (report.get("trials") or {}).get("done", 0)
    return tr(
        "Best of {trials}: trial {number}, {describe_trial}: accuracy {metric_text}.",
        trials=pluralize(number, "trial"),
        number=best["number"],
        describe_trial=describe_trial(settings),
        metric_text=metric_text(best["accuracy"]),
    )


def describe_states(counts: Mapping[str, int]) -> str:
    """Return how the trials ended, e.g. "61 finished, 39 were given up early."."""
    given_up, diverged = counts.get("given_up", 0), counts.get("diverged", 0)
    parts = [tr("{get} finished", get=counts.get("finished", 0))]
    parts += [tr("{given_up} were given up early", given_up=given_up)] * bool(given_up)
    parts += [tr("{diverged} diverged", diverged=diverged)] * bool(diverged)
    return ", ".join(parts) + "."


def describe_importance(shares: Mapping[str, float]) -> str:
    """Return how much of the differences in accuracy each setting explains, the most first; "" where that is not known."""
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    parts = [
        tr("{setting} {share:.0f} %", setting=tr(NAMES.get(name, name)), share=100 * share) for name, share in ranked
    ]
    return tr("Of the differences in accuracy, {parts} (fANOVA).", parts=", ".join(parts)) if parts else ""


def luck_of(report: Mapping[str, Any]) -> Luck | None:
    """Return what the luck meter found, None where it was not measured."""
    with suppress(ValueError, TypeError):
        return Luck.from_dict(report.get("luck"))
    return None


def describe_luck(luck: Luck) -> str:
    """Return what the luck meter says, and by which rule."""
    lowest, highest = min(luck.by_chance), max(luck.by_chance)
    times = len(luck.by_chance)
    xrays = pluralize(luck.num_films, "X-ray")
    n = (
        tr("{xrays} of {patients}", xrays=xrays, patients=pluralize(luck.num_patients, "patient"))
        if luck.num_patients
        else xrays
    )
    if luck.is_beyond:
        verdict = tr(
            "That is above all {times}, so this is more than luck. Luck alone does that once in {times_2} times.",
            times=times,
            times_2=times + 1,
        )
    else:
        as_good = round(luck.p * (times + 1)) - 1
        verdict = tr(
            "{as_good} of the {times} are as good or better, so luck alone explains it.", as_good=as_good, times=times
        )
    return tr(
        "With the classes permuted over patients, the best of {trials} reached {lowest:.2f} to "
        "{highest:.2f} ({times} times, n = {n}). With the real classes, learned in the same way, it "
        "reached {best:.2f}. {verdict}",
        trials=pluralize(luck.num_trials, "trial"),
        lowest=lowest,
        highest=highest,
        times=times,
        n=n,
        best=luck.best,
        verdict=verdict,
    )


def train_command(config: TrainingConfig, settings: Settings) -> str:
    """Return the command that makes a trial a run."""
    chosen, plain = settings.applied_to(config), TrainingConfig(dataset="")
    words = ["python", "-m", "covidlab", "train", "-d", chosen.dataset, "-lr", decimal_text(chosen.learning_rate)]
    words += ["-e", str(chosen.epochs), "-bs", str(chosen.batch_size)]
    further = ("preset", "fine_tune", "views", "seed", "selection", "optimizer", "weight_decay", "class_weights")
    for name in further:
        if (value := getattr(chosen, name)) != getattr(plain, name):
            words += [f"--{name.replace('_', '-')}", decimal_text(value) if isinstance(value, float) else str(value)]
    if chosen.positive_class not in (None, plain.positive_class):
        words += ["--positive-class", chosen.positive_class]
    return shlex.join(words)


def best_trials(trials: Sequence[Trial], *, most: int = MOST_IN_TABLE) -> list[Trial]:
    """Return the best finished trials, the best first."""
    finished = [trial for trial in trials if trial.state == FINISHED]
    return sorted(finished, key=lambda trial: trial.score, reverse=True)[:most]


def sweep_lines(report: Mapping[str, Any], trials: Sequence[Trial], config: TrainingConfig) -> list[str]:
    """Return the report of a sweep for a terminal."""
    ranked = best_trials(trials)
    lines = [
        "",
        describe_best(report),
        str(BEST_IS_TOO_GOOD),
        describe_states(report.get("trials") or {}),
        describe_folds(report),
        "",
    ]
    lines += [
        tr(
            "{value:>7}  {value_2:>9}  {value_3:>5}  {value_4:>6}  {value_5:>6}  accuracy (95 % interval), n = {get}",
            value="trial",
            value_2="rate",
            value_3="batch",
            value_4="epochs",
            value_5="depth",
            get=(report.get("best") or {}).get("accuracy", {}).get("n", "?"),
        )
    ]
    for trial in ranked:
        own = trial.settings
        lines.append(
            tr(
                "{number:>7}  {decimal_text:>9}  {batch_size:>5}  {epochs:>6}  {fine_tune:>6}  {accuracy:.2f} "
                "({low:.2f} to {high:.2f})",
                number=trial.number,
                decimal_text=plain_number(own.learning_rate),
                batch_size=own.batch_size,
                epochs=own.epochs,
                fine_tune=own.fine_tune,
                accuracy=trial.accuracy,
                low=trial.low,
                high=trial.high,
            )
        )
    said = [describe_importance((report.get("importance") or {}).get("fanova") or {})]
    luck = luck_of(report)
    said += [tr("Luck: {describe_luck}", describe_luck=describe_luck(luck))] if luck else []
    lines += ["", *(sentence for sentence in said if sentence)]
    if ranked:
        lines += ["", tr("Make the best trial a run:"), f"    {train_command(config, ranked[0].settings)}"]
    return [*lines, tr("Not for diagnosis."), ""]
