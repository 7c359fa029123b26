"""Two thousand damaged files, each made from a valid one: every one is read or refused, and nothing else suffers."""

import re
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pydicom import datadict

from covidlab.errors import UnreadableImage
from covidlab.imaging.sandbox import WALL_SECONDS
from covidlab.intake.upload import UPLOAD_RECIPE

NUM_FILES = 2000
SEED = 10
MAX_BYTES = 2**30
EXTREME = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)


def place(random: np.random.Generator, data: bytes) -> int:
    """A position in a file; each second time near its beginning, where the header is."""
    return int(random.integers(min(len(data), 400 if random.random() < 0.5 else len(data))))


def flip(random, data, other):
    flipped = bytearray(data)
    for _ in range(random.integers(1, 9)):
        flipped[place(random, data)] ^= 1 << random.integers(8)
    return bytes(flipped)


def cut(random, data, other):
    return data[: place(random, data)]


def splice(random, data, other):
    return data[: place(random, data)] + other[place(random, other) :]


def insert(random, data, other):
    at = place(random, data)
    return data[:at] + random.bytes(int(random.integers(1, 200))) + data[at:]


def leave_out(random, data, other):
    at = place(random, data)
    return data[:at] + data[at + int(random.integers(1, 60)) :]


def swap_length(random, data, other):
    """An extreme number where the file may say how long or how many."""
    at, size = place(random, data), int(random.choice((1, 2, 4)))
    value = int(random.choice(EXTREME)) % 256**size
    return data[:at] + value.to_bytes(size, str(random.choice(("little", "big")))) + data[at + size :]


def repeat(random, data, other):
    at = place(random, data)
    return data[:at] + data[at : at + 300] * int(random.integers(2, 20)) + data[at:]


MUTATIONS: tuple[Callable, ...] = (flip, cut, splice, insert, leave_out, swap_length, repeat)


def with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks have the checksum that fits them, as far as there are whole chunks, so that more than it is read."""
    mended, at = bytearray(data), 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        mended[end : end + 4] = zlib.crc32(data[at + 4 : end]).to_bytes(4, "big") if end + 4 <= len(data) else b""
        at = end + 4
    return bytes(mended)


def mutated(number: int, valid_files: dict[str, bytes]) -> tuple[str, bytes]:
    """What was done to which file, and the file; the same for the same number."""
    random = np.random.default_rng([SEED, number])
    names = list(valid_files)
    name, mutation = names[number % len(names)], MUTATIONS[number // len(names) % len(MUTATIONS)]
    other = valid_files[names[random.integers(len(names))]]
    data = mutation(random, valid_files[name], other)
    return f"{name}: {mutation.__name__} ({number})", with_checksums(data) if name.startswith("PNG") else data


@dataclass(frozen=True)
class Outcome:
    """What came of a file: "read", a refusal, or what must not be."""

    name: str
    said: str
    seconds: float


def try_to_read(sandbox, name: str, data: bytes) -> Outcome:
    begun = time.monotonic()
    try:
        said = "read" if is_whole(sandbox.prepare(data, recipe=UPLOAD_RECIPE, name="This file")) else "half an answer"
    except UnreadableImage as refusal:
        said = str(refusal)
    return Outcome(name, said, time.monotonic() - begun)


def is_whole(image) -> bool:
    """Whether everything that was asked for is there."""
    inputs = [(pixels.shape, pixels.dtype) for pixels in image.inputs.values()]
    return image.picture[:2] == b"\xff\xd8" and inputs == [((224, 224, 3), np.uint8)] * len(UPLOAD_RECIPE.resizes)


def most_memory(sandbox) -> int:
    """Bytes that a process of the sandbox has had in memory at most."""
    statuses = [Path(f"/proc/{child.pid}/status").read_text() for child in sandbox._children if child.pid]
    return max(1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) for status in statuses)


@pytest.fixture(scope="module")
def outcomes(sandbox, valid_files) -> list[Outcome]:
    """What came of all of them, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        files = (mutated(number, valid_files) for number in range(NUM_FILES))
        return list(pool.map(lambda file: try_to_read(sandbox, *file), files))


def test_valid_files_are_read(sandbox, valid_files):
    said = {name: try_to_read(sandbox, name, data).said for name, data in valid_files.items()}
    assert said == dict.fromkeys(valid_files, "read")


def test_mutated_files_are_read_or_refused_in_one_sentence(outcomes):
    assert len(outcomes) == NUM_FILES
    others = [each for each in outcomes if each.said != "read" and not is_plain(each.said)]
    assert others == []
    # Damage of both kinds: some is seen, some changes pixels only.
    assert 200 < sum(each.said == "read" for each in outcomes) < NUM_FILES - 200


def is_plain(said: str) -> bool:
    """Whether this is a refusal of the kind that people are shown."""
    return said.startswith("This file cannot be read: ") and said.endswith(".") and "Traceback" not in said


@pytest.mark.parametrize(
    ("tag", "kind"), [("RescaleSlope", "DS"), ("WindowCenter", "DS"), ("PixelPaddingValue", "US"), ("BitsStored", "US")]
)
def test_dicom_number_that_cannot_be_read_is_never_taken_as_left_out(sandbox, dicom, tag, kind):
    # Two bytes of a whole number are changed to three, or a digit to a letter.
    data = dicom(**{tag: 8 if kind == "US" else 1.25, "WindowWidth": 90.0})
    number = datadict.tag_for_keyword(tag).to_bytes(4, "little")
    number = number[2:] + number[:2] + kind.encode()
    whole, broken = (b"\2\0\x08\0", b"\1\0\x08") if kind == "US" else (b"\4\x001.25", b"\4\x001.2x")
    assert data.count(number + whole) == 1
    said = try_to_read(sandbox, tag, data.replace(number + whole, number + broken)).said
    assert said.startswith("This file cannot be read: its DICOM header is damaged"), said


def test_mutated_files_hang_nothing(outcomes):
    # A process that has to be replaced takes its time to start.
    assert max(each.seconds for each in outcomes) < WALL_SECONDS + 10


def test_mutated_files_crash_no_decoder(outcomes):
    crashed = [each.name for each in outcomes if "crashed" in each.said]
    assert crashed == []


def test_mutated_files_leave_the_memory_bounded_and_the_next_file_is_read(outcomes, sandbox, valid_files):
    assert most_memory(sandbox) < MAX_BYTES
    assert {try_to_read(sandbox, name, data).said for name, data in valid_files.items()} == {"read"}
