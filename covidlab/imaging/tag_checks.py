"""What the header of a file says: kind of picture, body part, view, grey levels, age, and that nothing else was kept."""

from collections.abc import Iterator

from covidlab.imaging.readers.base import DecodedImage, Tags
from covidlab.imaging.receipt import Check, Verdict
from covidlab.language import tr_lazy

_READ = tr_lazy(
    "modality, body part, view, photometric interpretation, burned-in annotation, age (only whether "
    "child or adult), pixel spacing and how the pixels are stored"
)
# Said in the first line about an X-ray too.
OTHERS_DROPPED = tr_lazy("All other tags, names and dates among them, were dropped.")
_VIEWS = {
    "PA": (Verdict.PASS, tr_lazy("The view is PA (from back to front), as the file states.")),
    "AP": (
        Verdict.WARN,
        tr_lazy("The view is AP (from front to back), as the file states: the heart looks larger than in PA."),
    ),
    "LATERAL": (
        Verdict.REFUSE,
        tr_lazy("The view is lateral, as the file states. The model was trained on frontal X-rays."),
    ),
    "": (Verdict.WARN, tr_lazy("The view is not stated by the file."), False),
}
_AGES = {
    "adult": (Verdict.PASS, tr_lazy("Adult, as the file states.")),
    "child": (
        Verdict.WARN,
        tr_lazy(
            "A child (below 18), as the file states. Where class and age coincide in a set, a model tells the age."
        ),
    ),
    "": (Verdict.PASS, tr_lazy("The age is not stated by the file."), False),
}


def check_tags(image: DecodedImage) -> list[Check]:
    """Return the lines of the receipt that the header tells.

    Files of other formats than DICOM state nothing of this; then each line says that it is unknown.
    """
    size = tr_lazy("{shape:,} x {shape_2:,} pixels", shape=image.pixels.shape[1], shape_2=image.pixels.shape[0])
    read = Check(
        "file", Verdict.PASS, tr_lazy("{format}, {size}: the whole picture was read.", format=image.format, size=size)
    )
    about = _stated(image.tags) if image.tags is not None else _not_stated(image)
    return [read, *about]


def _not_stated(image: DecodedImage) -> Iterator[Check]:
    for name, subject in (
        ("modality", tr_lazy("The kind of picture")),
        ("body part", tr_lazy("The body part")),
        ("view", tr_lazy("The view")),
    ):
        yield Check(
            name,
            Verdict.PASS,
            tr_lazy("{subject} is unknown: a {format} file does not state it.", subject=subject, format=image.format),
            False,
        )
    bits = tr_lazy("16 bits a value, scaled to 8.") if image.mode.startswith("I;16") else tr_lazy("8 bits a value.")
    yield Check("depth", Verdict.PASS, tr_lazy("1 bit a value: black and white only.") if image.mode == "1" else bits)
    yield Check(
        "age",
        Verdict.PASS,
        tr_lazy("The age is unknown: a {format} file does not state it.", format=image.format),
        False,
    )
    yield Check("tags", Verdict.PASS, tr_lazy("No tags were kept: of Exif data only the orientation is read."))


def _stated(tags: Tags) -> Iterator[Check]:
    yield _of_code("modality", tr_lazy("The kind of picture"), tags.modality)
    yield _of_code("body part", tr_lazy("The body part"), tags.body_part)
    other = (
        Verdict.WARN,
        tr_lazy(
            "The view is {view_position}, as the file states; the model was trained on PA and AP.",
            view_position=tags.view_position,
        ),
    )
    yield Check("view", *_VIEWS.get(tags.view_position, other))
    yield _depth(tags)
    if tags.burned_in == "YES":
        yield Check(
            "text", Verdict.WARN, tr_lazy("The file states that text is part of the picture (burned-in annotation).")
        )
    yield Check("age", *_AGES[tags.age_group])
    yield Check(
        "tags", Verdict.PASS, tr_lazy("Read: {read}. {others_dropped}", read=_READ, others_dropped=OTHERS_DROPPED)
    )


def _of_code(name: str, subject: str, code: str) -> Check:
    if not code:
        return Check(name, Verdict.WARN, tr_lazy("{subject} is not stated by the file.", subject=subject), False)
    return Check(name, Verdict.PASS, tr_lazy("{subject} is {code}, as the file states.", subject=subject, code=code))


def _depth(tags: Tags) -> Check:
    if tags.bits_stored == 8:
        return Check("depth", Verdict.PASS, tr_lazy("8 bits a value."))
    stored = tr_lazy(
        "{bits_stored} of {bits_allocated} bits a value are in use",
        bits_stored=tags.bits_stored,
        bits_allocated=tags.bits_allocated,
    )
    return Check("depth", Verdict.PASS, tr_lazy("{stored}; they were scaled to 8.", stored=stored))
