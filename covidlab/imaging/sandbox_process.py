"""The process that decodes strangers' files within limits; ``imaging.sandbox`` starts it and asks it."""

import resource
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import cv2

from covidlab.child import Message, serve
from covidlab.errors import OtherPicture, UnreadableImage
from covidlab.imaging.prepared import Recipe, prepare_image

# Loaded before the first file comes: a DICOM file would wait for it.
from covidlab.imaging.readers import dicom as _dicom  # noqa: F401
from covidlab.language import said_by
from covidlab.spoken import packed, unpacked

MEMORY_BYTES = 2**30


def main() -> None:
    """Take on the limits, then decode one file after another."""
    cv2.setNumThreads(1)
    limit_resources()
    serve(answer)


def limit_resources() -> None:
    """Take 1 GB of memory beside what is loaded, and write no file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Linux says how much is in use; elsewhere the system would not hold the limit either.
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def answer(message: Message) -> Message:
    """Return the prepared image of the file in ``message``, or why it is refused."""
    _limit_processor_time(message.values["cpu_seconds"])
    recipe = Recipe(**message.values["recipe"])
    try:
        image = prepare_image(message.parts["data"], recipe=recipe, name=unpacked(message.values["name"]))
    except UnreadableImage as refusal:
        return Message({"refusal": packed(said_by(refusal)), "is_other": isinstance(refusal, OtherPicture)})
    parts = {
        "picture": image.picture,
        **{f"input {kind}": pixels for kind, pixels in image.inputs.items()},
    }
    if image.likeness is not None:
        parts["likeness"] = image.likeness
    if image.plain:
        parts["plain"] = image.plain
    measured = ("sha256", "format", "mode", "width", "height", "patient")
    values = {name: getattr(image, name) for name in measured}
    values["notes"] = [packed(note) for note in image.notes]
    values["tags"] = None if image.tags is None else asdict(image.tags)
    values["checks"] = [{**check.to_dict(), "sentence": packed(check.sentence)} for check in image.checks]
    return Message(values, parts)


def _limit_processor_time(seconds: float) -> None:
    """End this process by SIGXCPU once it has used ``seconds`` more, rounded up, since the kernel counts whole ones."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
