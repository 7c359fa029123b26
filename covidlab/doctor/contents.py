"""What comes with covidlab and what is put beside it: weights, the X-rays, and that a file can be decoded."""

import hashlib
import io
from pathlib import Path

from covidlab.doctor.findings import Finding, fails, limited, works
from covidlab.errors import CovidLabError
from covidlab.paths import DEFAULT_MODEL, dataset_folder, is_dataset_named
from covidlab.text import pluralize, some_of

_GET = "Get the real ones with `python3 -m covidlab dataset import FOLDER` or `python3 -m covidlab dataset fetch --accept-licences`."
_TRIAL_SIDE = 256


def look_at_weights() -> Finding:
    """The weights of VGG16 and the model that ships with covidlab, by their checksums."""
    from covidlab.learning.backbones.vgg16 import BACKBONE
    from covidlab.learning.modelcard import require_sha256
    from covidlab.runs.models import model_file
    from covidlab.runs.store import Run

    try:
        BACKBONE.require_weights()
        shipped = model_file(Run(DEFAULT_MODEL))
        require_sha256(shipped.path, shipped.sha256, name="the model that ships with covidlab")
    except (CovidLabError, OSError) as error:
        advice = "Get the files of covidlab again: `git checkout covidlab/assets`, or install it again."
        return fails(f"Weights are damaged or missing. Received: {error}", advice)
    return works(f"The weights of {BACKBONE.title} and the model that ships with covidlab have their checksums.")


def look_at_dataset() -> Finding:
    """Where the X-rays are and whether all are there."""
    from covidlab.data.listing import holds_pictures

    folder = dataset_folder()
    facts = {"folder": str(folder), "is_named": is_dataset_named()}
    if holds_pictures(folder):
        return _look_at_xrays(folder, facts)
    if is_dataset_named():
        return fails(
            f"COVIDLAB_DATASET names {folder}, which holds no X-rays.",
            "Name a folder with X-rays, or unset it.",
            **facts,
        )
    return limited(f"There are no X-rays in {folder}, so the app shows synthetic ones.", _GET, **facts)


def look_at_decoding() -> Finding:
    """Decode a made-up picture in a process with limits, as every upload is."""
    import numpy as np
    from PIL import Image

    from covidlab.imaging.prepared import Recipe
    from covidlab.imaging.sandbox import Sandbox

    content = io.BytesIO()
    Image.fromarray(np.add.outer(np.arange(_TRIAL_SIDE), np.arange(_TRIAL_SIDE)).astype(np.uint8)).save(content, "PNG")
    sandbox = Sandbox(num_processes=1)
    try:
        made = sandbox.prepare(
            content.getvalue(), recipe=Recipe(picture_side=64, picture_quality=80), name="A made-up picture"
        )
    except CovidLabError as error:
        advice = (
            "Uploads need a process with limits of memory and time. Look for limits that this machine sets (ulimit -a)."
        )
        return fails(f"An upload cannot be decoded. Received: {error}", advice)
    finally:
        sandbox.close()
    return works("An upload is decoded in a process with limits.", width=made.width, height=made.height)


def _look_at_xrays(folder: Path, facts: dict) -> Finding:
    """The fifty by their checksums, any other set by its names."""
    from covidlab.data.listing import read_layout

    if right := _listed(folder):
        return _look_at_the_fifty(folder, right, facts)
    try:
        layout = read_layout(folder)
    except CovidLabError as error:
        return fails(
            f"The X-rays in {folder} cannot be used. Received: {error}",
            "Name another folder in COVIDLAB_DATASET.",
            **facts,
        )
    facts = {**facts, "xrays": sum(layout.class_counts.values()), "absent": len(layout.absent)}
    look = f"`python3 -m covidlab dataset inspect {folder}` says more."
    if layout.open_questions:
        return limited(f"{folder} holds pictures, and their classes are not clear.", look, **facts)
    said = f"{pluralize(facts['xrays'], 'X-ray')} in {len(layout.class_counts)} classes in {folder}."
    if layout.absent:
        return limited(f"{said} Its list names {len(layout.absent)} more that are not there.", look, **facts)
    return works(said, **facts)


def _look_at_the_fifty(folder: Path, listed: dict[str, str], facts: dict) -> Finding:
    wrong = [file for file, sha256 in listed.items() if _sha256(folder / file) != sha256]
    facts = {**facts, "xrays": len(listed) - len(wrong), "listed": len(listed), "wrong": wrong}
    if wrong:
        sentence = (
            f"{len(wrong)} of the {len(listed)} curated X-rays in {folder} are missing or changed: {some_of(wrong)}."
        )
        return limited(sentence, _GET, **facts)
    return works(f"The {len(listed)} curated X-rays are complete in {folder}.", **facts)


def _listed(folder: Path) -> dict[str, str]:
    """Checksum of each curated X-ray by its file; empty where the folder holds none of them."""
    from covidlab.data.curated import CURATED_LIST
    from covidlab.data.metadata import read_metadata

    listed = read_metadata(CURATED_LIST)
    if listed is None:
        return {}
    files = dict(zip(listed["file"], listed["sha256"], strict=True))
    return files if any((folder / file).is_file() for file in files) else {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
