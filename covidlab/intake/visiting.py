"""X-rays of another place that are looked at once, to measure a model on them: read, drawn and prepared; nothing is added to a set."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from covidlab.data.layouts import Layout
from covidlab.errors import DataError, OtherPicture, UnreadableImage
from covidlab.imaging.decode import is_dicom
from covidlab.imaging.prepared import Prepare, PreparedImage, Recipe, prepare_image
from covidlab.imaging.stored import StoredFacts
from covidlab.intake.patient_salt import patient_salt
from covidlab.intake.sources import Brought, Source, content
from covidlab.intake.visit_drawing import draw
from covidlab.intake.visit_facts import age_group_of, sex_of, view_of
from covidlab.intake.visit_sources import FROM_TABLES, UNKNOWN, stated_patients
from covidlab.language import tr, tr_lazy
from covidlab.text import some_of

# A pass through the network takes some 70 ms on two cores, and more X-rays narrow an interval by little.
MOST_XRAYS = 400
# Why X-rays are left out.
IN_THE_SET, OF_ITS_PATIENTS, TWICE = tr_lazy("in the set"), tr_lazy("of patients of the set"), "twice"
UNREADABLE, NOT_FRONTAL, NO_CLASS, NOT_DRAWN = (
    "unreadable",
    tr_lazy("not frontal"),
    tr_lazy("without a class"),
    tr_lazy("not drawn"),
)

_PICTURE_SIDE, _PICTURE_QUALITY = 160, 80
# As many as the sandbox has processes; decoding leaves Python's lock.
_NUM_THREADS = 2

_Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class KnownXrays:
    """What is known of the set that a model learned from: contents (SHA-256) and the patients that somebody stated."""

    sha256s: Collection[str] = ()
    patients: Collection[str] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Visit:
    """X-rays of another place, drawn and prepared.

    name: of their folder or archive, "" of what a visitor brought. files: name of each. classes: folder of each.
    patients: (n,) int, the same number for the same patient. patients_from: where the patients are taken from. films:
    (n, side, side, 3) uint8. facts: how each file is stored. views, ages, sexes: of each, as stated. num_given: X-rays with a
    class, by class, before anything was left out. left_out: number of X-rays by reason. pictures: small JPEGs.
    """

    name: str
    files: tuple[str, ...]
    classes: tuple[str, ...]
    patients: np.ndarray
    patients_from: str
    sha256s: tuple[str, ...]
    films: np.ndarray
    facts: tuple[StoredFacts, ...]
    views: tuple[str, ...]
    ages: tuple[str, ...]
    sexes: tuple[str, ...]
    num_given: Mapping[str, int]
    left_out: Mapping[str, int]
    pictures: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def num_films(self) -> int:
        """Number of X-rays."""
        return len(self.classes)

    def only(self, kept: np.ndarray, reason: str) -> "Visit":
        """Return the X-rays of a mask, (n,) bool, the others counted as left out for a reason."""
        places = np.flatnonzero(kept)
        lists = ("files", "classes", "sha256s", "facts", "views", "ages", "sexes", "pictures")
        chosen = {name: tuple(getattr(self, name)[at] for at in places) for name in lists if getattr(self, name)}
        number = int((~kept).sum())
        return replace(
            self,
            **chosen,
            patients=self.patients[places],
            films=self.films[places],
            left_out={**self.left_out, **({reason: number} if number else {})},
        )


def read_visit(
    brought: Brought,
    layout: Layout,
    *,
    name: str,
    resize: str,
    known: KnownXrays,
    most: int = MOST_XRAYS,
    prepare: Prepare = prepare_image,
    progress: _Progress = lambda done, total: None,
) -> Visit:
    """Return the X-rays to measure a model on: of each class about as many, whole patients, at most about ``most``.

    Parameters
    ----------
    name : what the X-rays are called
    resize : how the network wants them made small
    known : exact copies of these X-rays, and X-rays of these patients, are left out
    prepare : decodes each file; for strangers' files that of a sandbox
    progress : called with the number of X-rays done and of all, again and again; may raise to end it

    Raises DataError where nothing is left.
    """
    patients, patients_from = stated_patients(layout)
    left_out: Counter[str] = Counter()
    left_out[NO_CLASS] = len(layout.pictures) - len(layout.classes)
    hashes = dict(_hashes(brought, layout, known, patients, left_out, progress))
    drawn = draw({file: layout.classes[file] for file in hashes}, patients, most=most)
    left_out[NOT_DRAWN] = len(hashes) - len(drawn)
    recipe = Recipe(picture_side=_PICTURE_SIDE, picture_quality=_PICTURE_QUALITY, resizes=(resize,), with_plain=True)
    rows = []
    for number, (file, data_bytes, image) in enumerate(_prepared(brought, drawn, recipe, prepare), start=1):
        progress(number, len(drawn))
        reason = _why_not(image, layout.rows.get(file, {}), known)
        if reason:
            left_out[reason] += 1
        else:
            rows.append((file, data_bytes, image))
    if not rows:
        raise DataError(
            tr(
                "At least one frontal X-ray that is not of the set is expected. Received: {some_of}.",
                some_of=some_of([f"{number:,} {why}" for why, number in left_out.items() if number], most=6)
                or tr("no X-rays"),
            )
        )
    return _visit(rows, layout, patients, patients_from, name=name, resize=resize, left_out=left_out)


def _hashes(
    brought: Brought,
    layout: Layout,
    known: KnownXrays,
    patients: Mapping[str, str],
    left_out: Counter[str],
    progress: _Progress,
) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of the X-rays that may be drawn; what is left out is counted."""
    seen: set[str] = set()
    for file in layout.classes:
        progress(0, len(layout.classes))
        try:
            sha256 = hashlib.sha256(content(brought.sources[file], file)).hexdigest()
        except UnreadableImage:
            left_out[UNREADABLE] += 1
            continue
        if sha256 in known.sha256s:
            left_out[IN_THE_SET] += 1
        elif patients[file] and patients[file] in known.patients:
            left_out[OF_ITS_PATIENTS] += 1
        elif sha256 in seen:
            left_out[TWICE] += 1
        else:
            seen.add(sha256)
            yield file, sha256


def _prepared(
    brought: Brought, names: Sequence[str], recipe: Recipe, prepare: Prepare
) -> Iterator[tuple[str, int, PreparedImage | UnreadableImage]]:
    """Name and bytes of each file with what was made of it, or why that cannot be, in order, several at a time."""

    def one(name: str) -> tuple[str, int, PreparedImage | UnreadableImage]:
        source: Source = brought.sources[name]
        try:
            data = content(source, name)
            own = replace(recipe, patient_salt=patient_salt()) if is_dicom(data) else recipe
            return name, len(data), prepare(data, recipe=own, name=tr("One of the X-rays"))
        except UnreadableImage as refusal:
            return name, 0, refusal

    pool = ThreadPoolExecutor(max_workers=_NUM_THREADS)
    try:
        yield from pool.map(one, names)
    finally:
        # Whoever stops looking does not wait for the rest.
        pool.shutdown(wait=True, cancel_futures=True)


def _why_not(image: PreparedImage | UnreadableImage, row: Mapping[str, str], known: KnownXrays) -> str:
    """Why an X-ray is left out once it was looked at, "" where it is not."""
    if isinstance(image, OtherPicture):
        return NOT_FRONTAL
    if isinstance(image, UnreadableImage):
        return UNREADABLE
    if view_of(image, row) == "LATERAL":
        return NOT_FRONTAL
    if _kept_sha256(image) in known.sha256s:
        return IN_THE_SET
    return OF_ITS_PATIENTS if image.patient and image.patient in known.patients else ""


def _kept_sha256(image: PreparedImage) -> str:
    """What a set would know the X-ray by: of DICOM it keeps the picture."""
    return hashlib.sha256(image.plain).hexdigest() if image.plain else image.sha256


def _visit(rows, layout: Layout, patients: Mapping[str, str], patients_from: str, *, name, resize, left_out) -> Visit:
    files = tuple(file for file, _, _ in rows)
    images: list[PreparedImage] = [image for _, _, image in rows]
    said = [layout.rows.get(file, {}) for file in files]
    owners = [patients[file] or image.patient or f"\0{file}" for file, image in zip(files, images, strict=True)]
    is_stated = [bool(patients[file] or image.patient) for file, image in zip(files, images, strict=True)]
    return Visit(
        name=name,
        files=files,
        classes=tuple(layout.classes[file] for file in files),
        patients=np.unique(owners, return_inverse=True)[1],
        patients_from=patients_from
        if any(is_stated) and patients_from != UNKNOWN
        else FROM_TABLES
        if any(is_stated)
        else UNKNOWN,
        sha256s=tuple(map(_kept_sha256, images)),
        films=np.stack([image.inputs[resize] for image in images]),
        facts=tuple(
            StoredFacts(image.format, image.mode, image.width, image.height, num_bytes, has_exif=False)
            for (_, num_bytes, image) in rows
        ),
        views=tuple(map(view_of, images, said)),
        ages=tuple(map(age_group_of, images, said)),
        sexes=tuple(map(sex_of, said)),
        num_given=dict(layout.class_counts),
        left_out={why: number for why, number in left_out.items() if number},
        pictures=tuple(image.picture for image in images),
    )
