"""What is to know of films before they are added to a data set: doubles, likenesses, patients, what cannot be read."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from covidlab.config import IMAGE_SIDE
from covidlab.data.catalog import list_films, read_metadata
from covidlab.data.index import Progress
from covidlab.errors import UnreadableFilm
from covidlab.imaging.decode import Film, read_film
from covidlab.intake.sources import Brought, Source, check_number, content

# Of 255 bits. Measured on 450 films: the same film made smaller, recompressed, brightened or with another gamma differs
# in at most 28, with 2 % cut off in 53 (9 of 10); films of different content in 62 or more of 100,000 pairs.
NEAR_BITS = 40
_HASH_SIDE, _HASH_TERMS = 64, 16

_PICTURE_SIDE = 160
_ODD_ASPECT_RATIO = 1.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Candidate:
    """A readable film that may be added.

    name: as it came, with the folders above it. suggested_class: name of the folder it lay in, "" if none.
    patient_id: as metadata.csv beside it says, "" if not. metadata: what else that says. picture: small JPEG.
    likeness: uint8 (32,), the perceptual hash. notes: conversions and odd sizes, plain sentences.
    """

    name: str
    source: Source = field(repr=False)
    sha256: str
    format: str
    width: int
    height: int
    likeness: np.ndarray = field(repr=False)
    picture: bytes = field(repr=False)
    suggested_class: str = ""
    patient_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two films that are the same or look alike; ``is_there``: the other one is in the set already."""

    name: str
    other: str
    is_there: bool
    num_bits: int = 0


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
    film, a hint. same_patient: patients with films on both sides, or with several of the new films. left_out: what is
    no film by its name. sentences: what else to know. pictures_there: small JPEG of films of the set named in a Pair.
    """

    films: tuple[Candidate, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    exact: tuple[Pair, ...] = ()
    near: tuple[Pair, ...] = ()
    same_patient: tuple[SamePatient, ...] = ()
    left_out: tuple[str, ...] = ()
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
    metadata: Mapping[str, Mapping[str, str]] | None = None,
    progress: Progress | None = None,
) -> Review:
    """Look through films before they are added; nothing is written.

    Parameters
    ----------
    files : name and content, path or a function that returns the content, of each
    target : folder of the set they are to be added to; it need not exist
    metadata : name of a film -> its row of metadata.csv (file, patient_id, ...)
    progress : called with the number of films read and of all, those already in the set included

    Raises
    ------
    DataError
        More than 5,000 files, or the set in ``target`` cannot be read.
    """
    files = list(files)
    check_number(len(files))
    there = _films_there(target)
    step = counter(progress, len(files) + len(there))
    known = metadata or {}
    films, unreadable = [], []
    for name, source in files:
        try:
            films.append(_candidate(name, source, known))
        except UnreadableFilm as refusal:
            unreadable.append((name, str(refusal)))
        step()
    present = []
    for name, path in there:
        # A film of the set that cannot be read is Browse's to tell; it has no likeness to anything.
        with suppress(UnreadableFilm):
            present.append(_candidate(name, path, {}))
        step()
    exact, near = _pairs(films, present)
    pictures = {film.name: film.picture for film in present}
    named = {pair.other for pair in (*exact, *near) if pair.is_there}
    return Review(
        films=tuple(films),
        unreadable=tuple(unreadable),
        exact=tuple(exact),
        near=tuple(near),
        same_patient=_same_patients(films, target),
        pictures_there={name: pictures[name] for name in named},
    )


def review_brought(brought: Brought, *, target: Path | None = None, progress: Progress | None = None) -> Review:
    """``review_files`` of a folder or a ZIP, with what its metadata.csv says."""
    review = review_files(brought.files, target=target, metadata=brought.metadata, progress=progress)
    return replace(review, left_out=brought.left_out, sentences=brought.sentences)


def likeness(pixels: np.ndarray) -> np.ndarray:
    """Perceptual hash of a film: which of the 255 coarsest cosine terms of its grey values lie above their median.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB

    Returns
    -------
    ndarray of shape (32,), uint8; films of which few bits differ look alike (pHash, C. Zauner, 2010, 3.2.1)
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    terms = cv2.dct(small)[:_HASH_TERMS, :_HASH_TERMS].ravel()[1:]
    return np.packbits(terms > np.median(terms))


def _candidate(name: str, source: Source, known: Mapping[str, Mapping[str, str]]) -> Candidate:
    data = content(source, name)
    film = read_film(data, name=name)
    path = PurePosixPath(name)
    row = known.get(name, {})
    height, width = film.pixels.shape[:2]
    return Candidate(
        name=name,
        source=source,
        sha256=hashlib.sha256(data).hexdigest(),
        format=film.format,
        width=width,
        height=height,
        likeness=likeness(film.pixels),
        picture=_picture(film.pixels),
        suggested_class=path.parent.name or PurePosixPath(row.get("file", "")).parent.name,
        patient_id=str(row.get("patient_id", "")).strip(),
        metadata={
            column: text for column, text in row.items() if column not in ("file", "patient_id", "mask", "class")
        },
        notes=tuple(_notes(film)),
    )


def _notes(film: Film) -> Iterator[str]:
    yield from film.notes
    height, width = film.pixels.shape[:2]
    if min(height, width) < IMAGE_SIDE:
        yield f"Only {width} × {height} pixels: smaller than the {IMAGE_SIDE} × {IMAGE_SIDE} the model looks at."
    short, long = sorted((height, width))
    if long > _ODD_ASPECT_RATIO * short:
        yield f"{width} × {height} pixels: the long side is {long / short:.1f} times the short one; the model sees a square."


def _picture(pixels: np.ndarray) -> bytes:
    height, width = pixels.shape[:2]
    scale = min(1.0, _PICTURE_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def _pairs(films: list[Candidate], present: list[Candidate]) -> tuple[list[Pair], list[Pair]]:
    """For each film the one it is the same as, else the one most like it, of the set or of the films before it."""
    everything = [*present, *films]
    if not films or not everything:
        return [], []
    bits = np.stack([film.likeness for film in everything]).view(np.uint64)
    first_of: dict[str, int] = {}
    for place, film in enumerate(everything):
        first_of.setdefault(film.sha256, place)
    exact, near = [], []
    for place, film in enumerate(films, start=len(present)):
        first = first_of[film.sha256]
        if first < place:
            exact.append(Pair(name=film.name, other=everything[first].name, is_there=first < len(present)))
        elif place:
            different = np.bitwise_count(bits[:place] ^ bits[place]).sum(axis=1)
            nearest = int(different.argmin())
            if different[nearest] <= NEAR_BITS:
                other = everything[nearest].name
                number = int(different[nearest])
                near.append(Pair(name=film.name, other=other, is_there=nearest < len(present), num_bits=number))
    return exact, near


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
