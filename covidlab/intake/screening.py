"""What is to know of films before they are added to a data set: doubles, likenesses, patients, what cannot be read."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from covidlab.config import IMAGE_SIDE
from covidlab.data.catalog import list_films
from covidlab.data.index import Progress
from covidlab.data.layouts import Layout, LeftOut
from covidlab.data.metadata import read_metadata
from covidlab.data.names import simple
from covidlab.data.understanding import understand
from covidlab.errors import OtherPicture, UnreadableImage
from covidlab.imaging.decode import is_dicom
from covidlab.imaging.prepared import Prepare, PreparedImage, Recipe, prepare_image
from covidlab.imaging.readers.base import Tags
from covidlab.intake.candidates import Candidate
from covidlab.intake.duplicates import Pair, find_pairs
from covidlab.intake.patient_salt import patient_salt
from covidlab.intake.sources import Brought, Source, content
from covidlab.language import said_by, tr_lazy

_RECIPE = Recipe(picture_side=160, picture_quality=80, with_likeness=True, with_plain=True)
LATERAL_VIEW = tr_lazy("a lateral view, as its tags say")
NO_CHEST_XRAY = tr_lazy("no X-ray of a chest, as its tags say")
BURNED_IN_TEXT = tr_lazy("Text is part of the picture, as its tags say: it may name the patient, and it is kept.")
_ODD_ASPECT_RATIO = 1.5
# As many as the sandbox has processes; decoding leaves Python's lock.
_NUM_THREADS = 2


@dataclass(frozen=True, kw_only=True)
class SamePatient:
    """Films of a patient of whom the set, or another of the files, has films already."""

    patient_id: str
    names: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Review:
    """What was found in the files; nothing has been written.

    films: readable ones. unreadable: name and reason. exact: the same content as another film. near: look like another
    film, a hint. apart: what is no frontal X-ray of a chest by its tags, by reason. same_patient: patients with films on
    both sides, or with several of the new films. left_out: what is no film by its name or first bytes, by reason.
    sentences: what else to know. pictures_there: small JPEG of films of the set named in a Pair.
    """

    films: tuple[Candidate, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    exact: tuple[Pair, ...] = ()
    near: tuple[Pair, ...] = ()
    apart: tuple[LeftOut, ...] = ()
    same_patient: tuple[SamePatient, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    sentences: tuple[str, ...] = ()
    pictures_there: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def odd(self) -> tuple[tuple[str, str], ...]:
        """Name and sentence of what is unusual about a film's size or pixels."""
        return tuple((film.name, note) for film in self.films for note in film.notes)


def review_files(
    files: Iterable[tuple[str, Source]],
    *,
    target: Path | None = None,
    layout: Layout | None = None,
    progress: Progress | None = None,
    prepare: Prepare = prepare_image,
) -> Review:
    """Look through films before they are added; nothing is written.

    Parameters
    ----------
    files : name and content, path or a function that returns the content, of each
    target : folder of the set they are to be added to; it need not exist
    layout : what they were understood to be
    progress : called with the number of films read and of all, those already in the set included
    prepare : decodes each file; a server gives that of a sandbox

    Raises DataError where the set in ``target`` cannot be read.
    """
    files = list(files)
    layout = layout or understand([name for name, _ in files])
    there = _films_there(target)
    step = counter(progress, len(files) + len(there))
    films, unreadable, lateral, other = [], [], {}, {}
    for name, source, image in _prepared(files, prepare):
        if isinstance(image, OtherPicture):
            other[name] = said_by(image)
        elif isinstance(image, PreparedImage) and image.tags and image.tags.view_position == "LATERAL":
            lateral[name] = ""
        elif isinstance(image, UnreadableImage):
            unreadable.append((name, said_by(image)))
        else:
            films.append(_candidate(name, source, image, layout))
        step()
    present = []
    for name, path, image in _prepared(there, prepare):
        # A film of the set that cannot be read is Browse's to tell; it has no likeness to anything.
        if not isinstance(image, UnreadableImage):
            present.append(_candidate(name, path, image, Layout(title="")))
        step()
    exact, near = find_pairs(films, present)
    pictures = {film.name: film.picture for film in present}
    named = {pair.other for pair in (*exact, *near) if pair.is_there}
    return Review(
        films=tuple(films),
        unreadable=tuple(unreadable),
        exact=tuple(exact),
        near=tuple(near),
        apart=tuple(_apart({LATERAL_VIEW: lateral, NO_CHEST_XRAY: other})),
        same_patient=_same_patients(films, target),
        pictures_there={name: pictures[name] for name in named},
    )


def review_brought(
    brought: Brought,
    *,
    target: Path | None = None,
    layout: Layout | None = None,
    progress: Progress | None = None,
    prepare: Prepare = prepare_image,
) -> Review:
    """``review_files`` of what a person brings, with what names, folders and tables say of it (``layout``)."""
    layout = layout or brought.understand()
    review = review_files(brought.files, target=target, layout=layout, progress=progress, prepare=prepare)
    return replace(review, left_out=layout.left_out, sentences=layout.problems)


def _prepared(
    files: Iterable[tuple[str, Source]], prepare: Prepare
) -> Iterator[tuple[str, Source, PreparedImage | UnreadableImage]]:
    """Each file decoded, or why it cannot be, in order, several at a time."""

    def one(named: tuple[str, Source]) -> tuple[str, Source, PreparedImage | UnreadableImage]:
        name, source = named
        try:
            data = content(source, name)
            # The secret is made where the first DICOM file needs it.
            recipe = replace(_RECIPE, patient_salt=patient_salt()) if is_dicom(data) else _RECIPE
            return name, source, prepare(data, recipe=recipe, name=name)
        except UnreadableImage as refusal:
            return name, source, refusal

    pool = ThreadPoolExecutor(max_workers=_NUM_THREADS)
    try:
        yield from pool.map(one, files)
    finally:
        # Whoever stops looking does not wait for the rest.
        pool.shutdown(wait=True, cancel_futures=True)


def _apart(by_reason: Mapping[str, dict[str, str]]) -> Iterator[LeftOut]:
    for reason, whys in by_reason.items():
        if whys:
            yield LeftOut(
                reason=reason, files=tuple(sorted(whys)), why={name: why for name, why in whys.items() if why}
            )


def _candidate(name: str, source: Source, image: PreparedImage, layout: Layout) -> Candidate:
    return Candidate(
        name=name,
        source=source,
        sha256=hashlib.sha256(image.plain).hexdigest() if image.plain else image.sha256,
        format=image.format,
        width=image.width,
        height=image.height,
        likeness=image.likeness,
        picture=image.picture,
        suggested_class=layout.classes.get(name, ""),
        patient_id=layout.patients.get(name, "") or image.patient,
        tag_patient=image.patient,
        metadata=_with_tags(layout.rows.get(name, {}), image.tags),
        notes=tuple(_notes(image)),
    )


def _with_tags(row: Mapping[str, str], tags: Tags | None) -> Mapping[str, str]:
    """What tables say, and what they leave open and tags state."""
    if tags is None:
        return row
    stated = {"view_position": tags.view_position, "modality": tags.modality, "age_group": tags.age_group}
    said = {simple(column) for column, text in row.items() if text}
    return {**row, **{column: text for column, text in stated.items() if text and simple(column) not in said}}


def _notes(image: PreparedImage) -> Iterator[str]:
    yield from image.notes
    if image.tags and image.tags.burned_in == "YES":
        yield BURNED_IN_TEXT
    width, height = image.width, image.height
    if min(height, width) < IMAGE_SIDE:
        yield tr_lazy(
            "Only {width} × {height} pixels: smaller than the {image_side} × {image_side} pixels the model uses.",
            width=width,
            height=height,
            image_side=IMAGE_SIDE,
        )
    short, long = sorted((height, width))
    if long > _ODD_ASPECT_RATIO * short:
        yield tr_lazy(
            "{width} × {height} pixels: the long side is {long:.1f} times the short one; the model gets a square.",
            width=width,
            height=height,
            long=long / short,
        )


def _same_patients(films: list[Candidate], target: Path | None) -> tuple[SamePatient, ...]:
    metadata = read_metadata(target) if target else None
    there, new = defaultdict(list), defaultdict(list)
    for row in () if metadata is None else metadata.to_dict("records"):
        there[row["patient_id"].strip()].append(row["file"])
    for film in films:
        new[film.patient_id].append(film.name)
    return tuple(
        SamePatient(patient_id=patient, names=tuple(names), there=tuple(there.get(patient, ())))
        for patient, names in sorted(new.items())
        if patient and (patient in there or len(names) > 1)
    )


def _films_there(target: Path | None) -> list[tuple[str, Path]]:
    if target is None or not target.is_dir():
        return []
    return [(path.relative_to(target).as_posix(), path) for path in list_films(target)]


def counter(progress: Progress | None, total: int) -> Callable[[], None]:
    """Return a function that, called after each film, tells ``progress`` how many are done."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    return step
