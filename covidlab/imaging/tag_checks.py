"""What the header of a file says: kind of picture, body part, view, grey levels, age, and that nothing else was kept."""

from collections.abc import Iterator

from covidlab.imaging.readers.base import DecodedImage, Tags
from covidlab.imaging.receipt import Check, Verdict

_READ = (
    "modality, body part, view, photometric interpretation, burned-in annotation, age (only whether child or adult), "
    "pixel spacing and how the pixels are stored"
)
# Said in the first line about an X-ray too.
OTHERS_DROPPED = "All other tags, names and dates among them, were dropped."
_VIEWS = {
    "PA": (Verdict.PASS, "The view is PA (from back to front), as the file states."),
    "AP": (Verdict.WARN, "The view is AP (from front to back), as the file states: the heart looks larger than in PA."),
    "LATERAL": (Verdict.REFUSE, "The view is lateral, as the file states. The model was trained on frontal X-rays."),
    "": (Verdict.WARN, "The view is not stated by the file.", False),
}
_AGES = {
    "adult": (Verdict.PASS, "Adult, as the file states."),
    "child": (
        Verdict.WARN,
        "A child (below 18), as the file states. Where class and age coincide in a set, a model tells the age.",
    ),
    "": (Verdict.PASS, "The age is not stated by the file.", False),
}


def check_tags(image: DecodedImage) -> list[Check]:
    """Return the lines of the receipt that the header tells.

    Files of other formats than DICOM state nothing of this; then each line says that it is unknown.
    """
    size = f"{image.pixels.shape[1]:,} x {image.pixels.shape[0]:,} pixels"
    read = Check("file", Verdict.PASS, f"{image.format}, {size}: the whole picture was read.")
    about = _stated(image.tags) if image.tags is not None else _not_stated(image)
    return [read, *about]


def _not_stated(image: DecodedImage) -> Iterator[Check]:
    for name, subject in (("modality", "The kind of picture"), ("body part", "The body part"), ("view", "The view")):
        yield Check(name, Verdict.PASS, f"{subject} is unknown: a {image.format} file does not state it.", False)
    bits = "16 bits a value, scaled to 8." if image.mode.startswith("I;16") else "8 bits a value."
    yield Check("depth", Verdict.PASS, "1 bit a value: black and white only." if image.mode == "1" else bits)
    yield Check("age", Verdict.PASS, f"The age is unknown: a {image.format} file does not state it.", False)
    yield Check("tags", Verdict.PASS, "No tags were kept: of Exif data only the orientation is read.")


def _stated(tags: Tags) -> Iterator[Check]:
    yield _of_code("modality", "The kind of picture", tags.modality)
    yield _of_code("body part", "The body part", tags.body_part)
    other = (Verdict.WARN, f"The view is {tags.view_position}, as the file states; the model was trained on PA and AP.")
    yield Check("view", *_VIEWS.get(tags.view_position, other))
    yield _depth(tags)
    if tags.burned_in == "YES":
        yield Check("text", Verdict.WARN, "The file states that text is part of the picture (burned-in annotation).")
    yield Check("age", *_AGES[tags.age_group])
    yield Check("tags", Verdict.PASS, f"Read: {_READ}. {OTHERS_DROPPED}")


def _of_code(name: str, subject: str, code: str) -> Check:
    if not code:
        return Check(name, Verdict.WARN, f"{subject} is not stated by the file.", False)
    return Check(name, Verdict.PASS, f"{subject} is {code}, as the file states.")


def _depth(tags: Tags) -> Check:
    if tags.bits_stored == 8:
        return Check("depth", Verdict.PASS, "8 bits a value.")
    stored = f"{tags.bits_stored} of {tags.bits_allocated} bits a value are in use"
    return Check("depth", Verdict.PASS, f"{stored}; they were scaled to 8.")
