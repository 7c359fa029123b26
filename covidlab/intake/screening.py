"""What is to know of films before they are added to a data set: doubles, likenesses, patients, what cannot be read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from covidlab.config import IMAGE_SIDE
from covidlab.data.catalog import list_films, read_metadata
from covidlab.data.index import Progress
from covidlab.errors import UnreadableImage
from covidlab.imaging.prepared import Prepare, PreparedImage, Recipe, prepare_image
from covidlab.intake.candidates import Candidate
from covidlab.intake.duplicates import Pair, find_pairs
from covidlab.intake.sources import Brought, Source, check_number, content

_RECIPE = Recipe(picture_side=160, picture_quality=80, with_likeness=True)
_ODD_ASPECT_RATIO = 1.5


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
    prepare: Prepare = prepare_image,
) -> Review:
    """Look through films before they are added; nothing is written.

    Parameters
    ----------
    files : name and content, path or a function that returns the content, of each
    target : folder of the set they are to be added to; it need not exist
    metadata : name of a film -> its row of metadata.csv (file, patient_id, ...)
    progress : called with the number of films read and of all, those already in the set included
    prepare : decodes each file; a server gives that of a sandbox

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
            films.append(_candidate(name, source, known, prepare))
        except UnreadableImage as refusal:
            unreadable.append((name, str(refusal)))
        step()
    present = []
    for name, path in there:
        # A film of the set that cannot be read is Browse's to tell; it has no likeness to anything.
        with suppress(UnreadableImage):
            present.append(_candidate(name, path, {}, prepare))
        step()
    exact, near = find_pairs(films, present)
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


def review_brought(
    brought: Brought,
    *,
    target: Path | None = None,
    progress: Progress | None = None,
    prepare: Prepare = prepare_image,
) -> Review:
    """``review_files`` of a folder or a ZIP, with what its metadata.csv says."""
    review = review_files(brought.files, target=target, metadata=brought.metadata, progress=progress, prepare=prepare)
    return replace(review, left_out=brought.left_out, sentences=brought.sentences)


def _candidate(name: str, source: Source, known: Mapping[str, Mapping[str, str]], prepare: Prepare) -> Candidate:
    image = prepare(content(source, name), recipe=_RECIPE, name=name)
    path = PurePosixPath(name)
    row = known.get(name, {})
    return Candidate(
        name=name,
        source=source,
        sha256=image.sha256,
        format=image.format,
        width=image.width,
        height=image.height,
        likeness=image.likeness,
        picture=image.picture,
        suggested_class=path.parent.name or PurePosixPath(row.get("file", "")).parent.name,
        patient_id=str(row.get("patient_id", "")).strip(),
        metadata={
            column: text for column, text in row.items() if column not in ("file", "patient_id", "mask", "class")
        },
        notes=tuple(_notes(image)),
    )


def _notes(image: PreparedImage) -> Iterator[str]:
    yield from image.notes
    width, height = image.width, image.height
    if min(height, width) < IMAGE_SIDE:
        yield f"Only {width} × {height} pixels: smaller than the {IMAGE_SIDE} × {IMAGE_SIDE} pixels the model uses."
    short, long = sorted((height, width))
    if long > _ODD_ASPECT_RATIO * short:
        yield f"{width} × {height} pixels: the long side is {long / short:.1f} times the short one; the model gets a square."


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
