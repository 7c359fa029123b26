"""Whatever a file does while it is decoded, it gets one plain sentence, and the next file is read."""

import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from covidlab.errors import OtherPicture, TemporaryError, UnreadableImage
from covidlab.imaging import sandbox as sandbox_module
from covidlab.imaging.prepared import Recipe, prepare_image
from covidlab.imaging.sandbox import Sandbox

HOSTILE = (str(Path(__file__).with_name("hostile_process.py")),)
RECIPE = Recipe(picture_side=300, picture_quality=90, resizes=("area", "linear"), with_likeness=True)


def png(seed=0, *, size=(500, 400), mode="L") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, size[::-1]).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """One process, so that the next file needs the one that was just ended."""
    monkeypatch.setenv("HARM_FILE", str(tmp_path / "harm"))
    sandbox = Sandbox(program=HOSTILE, num_processes=1, wall_seconds=1.0)
    yield sandbox
    sandbox.close()


def test_sandbox_gives_what_the_same_recipe_gives_here(sandbox):
    data = png(mode="P")
    there, here = sandbox.prepare(data, recipe=RECIPE), prepare_image(data, recipe=RECIPE)
    for name in ("sha256", "format", "mode", "width", "height", "notes", "picture"):
        assert getattr(there, name) == getattr(here, name)
    assert np.array_equal(there.likeness, here.likeness)
    assert there.inputs.keys() == here.inputs.keys()
    assert all(np.array_equal(there.inputs[kind], here.inputs[kind]) for kind in here.inputs)


def test_sandbox_gives_tags_checks_and_the_plain_picture_of_a_dicom_file(sandbox, dicom, ramp):
    data = dicom(ramp(240, 256, bits=12), PatientAge="034Y", PixelSpacing=[0.1, 0.2])
    recipe = replace(RECIPE, with_checks=True, with_plain=True, patient_salt="secret")
    there, here = sandbox.prepare(data, recipe=recipe), prepare_image(data, recipe=recipe)
    for name in ("format", "tags", "checks", "plain", "patient", "picture"):
        assert getattr(there, name) == getattr(here, name)
    assert there.tags.pixel_spacing == (0.1, 0.2)
    assert there.patient.startswith("p-")


def test_sandbox_tells_another_kind_of_picture_from_a_damaged_file(sandbox, dicom):
    with pytest.raises(OtherPicture, match=r"This file cannot be read: .* Received: modality CT"):
        sandbox.prepare(dicom(Modality="CT"), recipe=RECIPE, name="This file")


@pytest.mark.curated
def test_sandbox_gives_what_is_given_here_for_real_films(sandbox, curated):
    for path in sorted((curated / "covid").iterdir())[:4]:
        data = path.read_bytes()
        there, here = sandbox.prepare(data, recipe=RECIPE), prepare_image(data, recipe=RECIPE)
        assert there.picture == here.picture
        assert np.array_equal(there.inputs["area"], here.inputs["area"])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "This file cannot be read: it is empty"),
        (b"abc", "no image format that is known here"),
        (png()[:-200], "its PNG data is damaged or ends early"),
        (png(size=(20, 20)), "sides of 64 to 16,384 pixels"),
        (bytes(2**25 + 1), "larger than the 32 MB"),
        (bytes(200 * 2**20), "larger than the 32 MB"),
    ],
)
def test_sandbox_refuses_what_is_refused_here(sandbox, data, reason):
    with pytest.raises(UnreadableImage, match=reason):
        sandbox.prepare(data, recipe=RECIPE, name="This file")


def test_sandbox_largest_file_that_is_allowed_fits_into_the_memory():
    file = io.BytesIO()
    pixels = Image.new("RGBA", (8000, 5000), (90, 90, 90, 128))
    pixels.putpixel((0, 0), (9, 9, 9, 9))
    pixels.save(file, "PNG")
    # Time of its own, since the machine may be busy with other tests.
    patient = Sandbox(num_processes=1, wall_seconds=60)
    assert patient.prepare(file.getvalue(), recipe=RECIPE).notes == ("Transparent areas were filled with black.",)
    patient.close()


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        ("memory", "This file cannot be read: it takes too much memory."),
        ("sleep", "This file cannot be read: decoding it takes longer than 1 seconds."),
        ("loop", "This file cannot be read: decoding it takes longer than 1 seconds."),
        ("crash", "This file cannot be read: the decoder crashed."),
        ("unexpected", "This file cannot be read: the decoder crashed."),
        ("write", "This file cannot be read: the decoder crashed."),
        ("other", "This file cannot be read: the decoder crashed."),
    ],
)
def test_sandbox_harm_costs_one_sentence_and_the_next_file_is_read(hostile, harm, sentence, tmp_path):
    with pytest.raises(UnreadableImage) as refusal:
        hostile.prepare(b"BM:" + harm.encode(), recipe=RECIPE, name="This file")
    assert str(refusal.value).startswith(sentence)
    assert hostile.prepare(png(), recipe=RECIPE).width == 500
    assert not (tmp_path / "harm").exists() or (tmp_path / "harm").stat().st_size == 0


def test_sandbox_endless_loop_ends_by_processor_time_where_nobody_watches_the_clock(hostile, monkeypatch):
    # As where the server stops (SIGSTOP) while it waits: the kernel counts on.
    hostile._wall_seconds = 0.2
    ask = sandbox_module.Child.ask
    monkeypatch.setattr(sandbox_module.Child, "ask", lambda child, message, seconds: ask(child, message, seconds=60))
    with pytest.raises(UnreadableImage, match="takes longer than"):
        hostile.prepare(b"BM:loop", recipe=RECIPE)


def test_sandbox_many_at_once_each_get_their_own(sandbox):
    files = [png(seed, size=(100 + seed, 90)) for seed in range(20)]
    with ThreadPoolExecutor(8) as pool:
        images = list(pool.map(lambda data: sandbox.prepare(data, recipe=RECIPE), files))
    assert [image.width for image in images] == [100 + seed for seed in range(20)]


def test_sandbox_says_that_it_is_busy_after_a_while(hostile, monkeypatch):
    monkeypatch.setattr(sandbox_module, "QUEUE_SECONDS", 0.05)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(hostile.prepare, b"BM:sleep", recipe=RECIPE)
        while hostile._free.qsize():
            time.sleep(0.001)
        with pytest.raises(TemporaryError, match="Try again"):
            hostile.prepare(png(), recipe=RECIPE)
        assert "takes longer" in str(first.exception())


def test_sandbox_child_knows_no_token_and_imports_no_tensorflow(sandbox, monkeypatch):
    for name in (
        "COVIDLAB_API_TOKEN",
        "COVIDLAB_ARCHIVE",
        "AWS_ACCESS_KEY_ID",
        "AZURE_STORAGE_CONNECTION_STRING",
        "PGPASSWORD",
    ):
        monkeypatch.setenv(name, "secret")
    sandbox.close()
    sandbox.prepare(png(), recipe=RECIPE)
    process = psutil.Process(next(child.pid for child in sandbox._children if child.pid))
    assert "secret" not in process.environ().values()
    maps = Path(f"/proc/{process.pid}/maps").read_text()
    assert "cv2" in maps
    assert not [name for name in ("tensorflow", "keras", "streamlit", "pandas", "sklearn") if name in maps]


def test_sandbox_children_end_with_the_process_that_started_them(tmp_path):
    program = (
        "import os, sys\nfrom covidlab.imaging.sandbox import Sandbox\n"
        "from covidlab.imaging.prepared import Recipe\n"
        "sandbox = Sandbox()\n"
        f"sandbox.prepare({png(size=(80, 80))!r}, recipe=Recipe(picture_side=64, picture_quality=90))\n"
        "sandbox.warm_up()\nprint(*[child.pid for child in sandbox._children], flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "parent.py").write_text(program)

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.run(
        [sys.executable, tmp_path / "parent.py"], capture_output=True, text=True, env=environment, check=False
    )
    pids = [int(pid) for pid in parent.stdout.split()]
    assert len(pids) == 2
    until = time.monotonic() + 20
    while not all(map(has_ended, pids)):
        assert time.monotonic() < until, "they live on"
        time.sleep(0.05)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or dead and not yet fetched by whoever adopted it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
