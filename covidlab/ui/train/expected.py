"""What a run will take, before Start: in which time, on which device, and how well that is known."""

import os
from collections.abc import Sequence

from covidlab.config import TrainingConfig
from covidlab.language import tr
from covidlab.learning.processor import cpu_device_name
from covidlab.runs.calibration import ask_for_calibration
from covidlab.runs.estimate import Estimate
from covidlab.runs.jobs import EngineName
from covidlab.runs.queue import Place, describe_wait
from covidlab.text import about_seconds, markdown_escaped, pluralize


def is_being_measured(config: TrainingConfig, expected: Estimate) -> bool:
    """Return whether the trainer measures this depth as soon as it is idle; asks for it where nothing is known."""
    return not expected.measured and ask_for_calibration(config)


def describe_expected(
    config: TrainingConfig, expected: Estimate, *, places: Sequence[Place], is_being_measured: bool
) -> str:
    """Return in Markdown what a run is expected to take, from which place in the queue on."""
    sentences = [_describe_time(config, expected)]
    if expected.num_passes and not expected.note:
        sentences.append(tr("Later runs reuse their results."))
    sentences.append(expected.note)
    if is_being_measured:
        sentences.append(tr("This is a guess. The trainer measures a few batches at this depth once it is idle."))
    elif not expected.measured:
        sentences.append(tr("This is a guess until this machine has trained once at this depth."))
    sentences.append(describe_wait(places))
    return " ".join(sentence for sentence in sentences if sentence)


def describe_missing_gpu(config: TrainingConfig, expected: Estimate) -> str:
    """Return that there is no GPU where one was chosen; "" where one was found or none was chosen."""
    # A cluster may have what this machine lacks.
    is_elsewhere = os.environ.get("COVIDLAB_ENGINE") == EngineName.RAY
    if config.device != "gpu" or is_elsewhere or not _is_cpu(expected.device):
        return ""
    return tr("No GPU was found on this machine, so a run on the device gpu fails. Choose auto or cpu under Advanced.")


def _describe_time(config: TrainingConfig, expected: Estimate) -> str:
    time = about_seconds(expected.total)
    time = tr("At most {time}", time=time) if config.patience else f"{time[:1].upper()}{time[1:]}"
    device = tr("the CPU") if _is_cpu(expected.device) else markdown_escaped(expected.device)
    if not expected.num_passes:
        return tr("{time} on {device}.", time=time, device=device)
    passes = pluralize(expected.num_passes, "pass", "passes")
    return tr(
        "{time} on {device}, of which {about_seconds} for {passes} through VGG16.",
        time=time,
        device=device,
        about_seconds=about_seconds(expected.activations),
        passes=passes,
    )


def _is_cpu(device: str) -> bool:
    return device == cpu_device_name()
