"""Films added to a data set of a person's own: all of them or none.

The way of an addition: ``from_zip``, ``from_folder`` or ``from_files`` -> ``review_brought`` -> a person's answers ->
``add_films``. A set lies in ``home()/datasets/<name>``: a folder a class, and metadata.csv. While films are added they
lie in a hidden folder of the set; once all of them are whole there, a plan is written, and from then on a kill is made
good by carrying the plan out (``finish_interrupted``); before that nothing of the set has changed.
"""

import hashlib
import os
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import pandas as pd
from filelock import FileLock, Timeout

from covidlab.data.catalog import list_classes
from covidlab.data.folder_classes import classes_from_folders
from covidlab.data.given_names import checked_name
from covidlab.data.index import Progress
from covidlab.data.listing import holds_pictures, read_layout
from covidlab.data.metadata import read_metadata
from covidlab.data.names import FILM_SUFFIXES, METADATA_NAME, is_hidden, is_made_folder, is_mask_folder, is_own
from covidlab.data.spellings import folded_name
from covidlab.data.tables import Table, find_roles
from covidlab.errors import CovidLabError, DataError, StorageError, UsageError
from covidlab.files import read_json, replacing, require_free_space, storage_errors, write_json
from covidlab.imaging.prepared import Prepare, Recipe, prepare_image
from covidlab.intake.candidates import Candidate
from covidlab.intake.duplicates import Pair
from covidlab.intake.screening import Review, SamePatient, counter, review_brought, review_files
from covidlab.intake.sources import Brought, content, from_files, from_folder, from_zip
from covidlab.language import tr
from covidlab.paths import dataset_folder, home, is_dataset_named
from covidlab.text import some_of

__all__ = [
    "Brought",
    "Cancelled",
    "Candidate",
    "Pair",
    "Review",
    "SamePatient",
    "add_films",
    "class_folder",
    "classes_there",
    "datasets_folder",
    "finish_interrupted",
    "from_files",
    "from_folder",
    "from_zip",
    "list_datasets",
    "locked",
    "own_dataset",
    "review_brought",
    "review_files",
]

DATASETS_FOLDER = "datasets"
PHANTOMS_FOLDER = "phantoms"

_STAGING_PREFIX = ".adding-"
_PLAN_NAME = "plan.json"
_LOCK_SECONDS = 10
_SUFFIX_OF_FORMAT = {"JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "BMP": ".bmp", "WebP": ".webp"}
# A set keeps the picture of a DICOM file, and nothing of its header.
_PLAIN = Recipe(picture_side=16, picture_quality=1, with_plain=True)
_MAX_FILE_NAME_BYTES = 180
_SAID_OTHERWISE = frozenset(("file", "filename", "patient_id", "class", "mask", "split"))


class Cancelled(CovidLabError):
    """A person has stopped an addition; nothing of it is left."""


def datasets_folder() -> Path:
    """Where the data sets of this installation's user lie."""
    return home() / DATASETS_FOLDER


def list_datasets() -> list[tuple[str, Path]]:
    """Name and folder of every data set present: the configured one, the user's own, the phantoms.

    The one that COVIDLAB_DATASET names is there even where it holds no picture.

    Additions that a kill interrupted are finished first, so that no half of one is shown.
    """
    own = []
    with suppress(OSError):
        own = sorted(path for path in datasets_folder().iterdir() if path.is_dir() and path.name[0] != ".")
    for folder in own:
        with suppress(DataError, StorageError, OSError):
            finish_interrupted(folder)
    named = [dataset_folder()] if is_dataset_named() else []
    here = [path for path in (dataset_folder(), *own, home() / PHANTOMS_FOLDER) if holds_pictures(path)]
    # A folder that a person named is listed whatever it holds: nothing stands in for it silently.
    found = dict.fromkeys(path.absolute() for path in (*named, *here))
    names = [path.name for path in found]
    return [(path.name if names.count(path.name) == 1 else f"{path.name} ({path.parent.name})", path) for path in found]


def classes_there(target: Path) -> list[str]:
    """Classes that the set in ``target`` has films of, sorted; none where there is no set yet."""
    with suppress(DataError):
        return list_classes(target)
    return []


def own_dataset(name: str) -> Path:
    """Folder of the user's own data set of this name, there or not; raises UsageError for a name that cannot be used."""
    return datasets_folder() / checked_name(name, what=tr("data set"))


def add_films(
    review: Review,
    target: Path,
    classes: Mapping[str, str],
    *,
    patients: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    prepare: Prepare = prepare_image,
) -> list[str]:
    """Add films to a set: all of them or, where anything fails, none; the set is made where there is none.

    Parameters
    ----------
    review : Review of the films
    target : folder of the set
    classes : name of a film -> class; a film without an entry is not added
    patients : name of a film -> patient_id, where it differs from what the review says; "" for not known
    parts : name of a film -> "train", "validation" or "test", where the split that came with the films is to be kept
    progress : called with the number of films copied and of all
    should_stop : asked before each film is copied and once all are; from then on the addition is carried out
    prepare : decodes DICOM files, of which the picture is written as PNG; a server gives that of a sandbox

    Returns
    -------
    list of str, the files added, relative to ``target``

    Raises
    ------
    DataError
        Nothing to add, an unknown film, or a film whose file has changed since the review.
    UsageError
        A class name that cannot be a folder.
    StorageError
        The disk is full or the folder cannot be written.
    Cancelled
        ``should_stop`` said so.
    """
    target, patients = Path(target), patients or {}
    by_name = {film.name: film for film in review.films}
    if not classes or set(classes) - set(by_name):
        unknown = some_of(sorted(set(classes) - set(by_name))) or "none"
        raise DataError(
            tr("At least one X-ray of the review is needed, each with a class. Received: {unknown}.", unknown=unknown)
        )
    # A class that is there in another spelling is the same one.
    there = {folded_name(kind): kind for kind in classes_there(target)}
    folders = {name: there.get(folded_name(folder), _checked_class(folder)) for name, folder in classes.items()}
    with locked(target):
        _finish(target)
        _check_plain(target)
        films = [by_name[name] for name in folders]
        places = _places([(folders[film.name], _file_name(film)) for film in films], target)
        table = _joined(target, films, places, patients, parts or {})
        staging = target / f"{_STAGING_PREFIX}{secrets.token_hex(4)}"
        try:
            _stage(staging, films, table, progress, should_stop or (lambda: False), prepare)
            # From here on the addition is carried out, by whoever comes next if not by this process.
            write_json(staging / _PLAN_NAME, {"files": places})
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            _remove_if_empty(target)
            raise
        _carry_out(target, staging)
    return places


def finish_interrupted(target: Path) -> None:
    """Finish or forget the additions to a set that a kill interrupted; leaves alone those another process makes."""
    if any(Path(target).glob(f"{_STAGING_PREFIX}*")):
        with suppress(_Busy), locked(Path(target), seconds=0):
            _finish(Path(target))
            _remove_if_empty(Path(target))


class _Busy(StorageError):
    """Another process changes the set."""


def class_folder(name: str) -> str:
    """Name of a class as the name of a folder that is taken for one.

    Slashes, as in "Pneumonia/Viral/COVID-19", become hyphens. A name that means something else for a folder, such as PA, test
    or "cases", gets the word class before it.
    """
    folder = unicodedata.normalize("NFC", name.replace("/", "-").replace("\\", "-")).strip()
    if not folder or _is_taken_for_class(folder):
        return folder
    # Hidden where it begins with a dot, left out where it says mask.
    bare = folder.lstrip(". ")
    return next((other for other in (bare, f"class {bare}") if other and _is_taken_for_class(other)), folder)


def _checked_class(folder: str) -> str:
    folder = checked_name(folder, what=tr("class"))
    if not _is_taken_for_class(folder):
        raise UsageError(
            tr(
                "A class needs another name, since a folder of this name is not taken for a class. Received: {folder}.",
                folder=folder,
            )
        )
    return folder


def _is_taken_for_class(folder: str) -> bool:
    path = PurePosixPath(folder, "x.png")
    left_out = is_own(path) or is_hidden(path) or is_mask_folder(folder) or is_made_folder(folder)
    return not left_out and bool(classes_from_folders({"x": path.as_posix()}).classes)


def _check_plain(target: Path) -> None:
    """Raise UsageError where the folder holds X-rays otherwise than in a folder for each class."""
    if not target.is_dir():
        return
    layout = read_layout(target)
    kinds = {name: folded_name(kind) for name, kind in layout.classes.items()}
    if any(folded_name(name.split("/", 1)[0]) != kinds.get(name) for name in layout.pictures):
        raise UsageError(
            tr(
                "X-rays can be added only to a data set with one folder for each class. Choose a new folder; "
                "this one holds {title}. Received: {target}.",
                title=layout.title,
                target=target,
            )
        )


def _file_name(film: Candidate) -> str:
    """The film's own name, made fit for a file that the catalog takes for a film."""
    if film.format == "DICOM":
        # The name may be that of the patient.
        return f"{film.sha256[:16]}.png"
    name = unicodedata.normalize("NFC", PurePosixPath(film.name).name)
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in "/\\").strip().lstrip(".")
    stem, suffix = os.path.splitext(name)
    if not suffix or suffix.lower() not in FILM_SUFFIXES:
        stem, suffix = name, _SUFFIX_OF_FORMAT[film.format]
    return f"{stem.encode()[:_MAX_FILE_NAME_BYTES].decode(errors='ignore') or 'film'}{suffix}"


def _places(wanted: list[tuple[str, str]], target: Path) -> list[str]:
    """A free place for each (class, file name), relative to the set; also free where upper and lower case are one."""
    taken = {path.relative_to(target).as_posix().casefold() for path in target.glob("*/*")}
    places = []
    for folder, name in wanted:
        stem, suffix = os.path.splitext(name)
        place, number = f"{folder}/{name}", 1
        while place.casefold() in taken:
            number += 1
            place = f"{folder}/{stem} ({number}){suffix}"
        taken.add(place.casefold())
        places.append(place)
    return places


def _joined(
    target: Path, films: list[Candidate], places: list[str], patients: Mapping[str, str], parts: Mapping[str, str]
) -> pd.DataFrame:
    """The set's metadata.csv as it is to be: its own rows as they are, then one for each new film."""
    table = read_metadata(target)
    rows = [
        {
            "file": place,
            "patient_id": patients.get(film.name, film.patient_id).strip(),
            **_further(film),
            **({"split": parts[film.name]} if film.name in parts else {}),
        }
        for film, place in zip(films, places, strict=True)
    ]
    new = pd.DataFrame(rows, dtype=str)
    return (new if table is None else pd.concat([table, new], ignore_index=True)).fillna("")


def _further(film: Candidate) -> dict[str, str]:
    """What else tables say of a film: no file, patient, class, mask or part, and no column twice in another case."""
    roles = find_roles(Table(name="", columns=tuple(film.metadata), rows=(film.metadata,)))
    said: dict[str, str] = {}
    for column, text in film.metadata.items():
        if column not in roles.patient and column.casefold() not in {*_SAID_OTHERWISE, *map(str.casefold, said)}:
            said[column] = text
    return said


def _stage(
    staging: Path,
    films: list[Candidate],
    table: pd.DataFrame,
    progress: Progress | None,
    should_stop: Callable[[], bool],
    prepare: Prepare,
) -> None:
    """All new files, whole and on the disk, in the hidden folder, by number."""
    with storage_errors(staging):
        staging.mkdir(parents=True)
    require_free_space(staging, sum(film.width * film.height // 4 for film in films) + 1_000_000)
    step = counter(progress, len(films))
    for number, film in enumerate(films):
        _go_on_unless(should_stop)
        data = _kept(film, prepare)
        if hashlib.sha256(data).hexdigest() != film.sha256:
            raise DataError(
                tr("{name} has changed since it was looked through. Look through the X-rays again.", name=film.name)
            )
        with replacing(staging / str(number)) as temporary:
            temporary.write_bytes(data)
        step()
    _go_on_unless(should_stop)
    with replacing(staging / METADATA_NAME) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def _kept(film: Candidate, prepare: Prepare) -> bytes:
    """What the set keeps of a file: its bytes or, where these name a patient, its picture."""
    data = content(film.source, film.name)
    return prepare(data, recipe=_PLAIN, name=film.name).plain if film.format == "DICOM" else data


def _go_on_unless(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Cancelled(tr("The addition was cancelled."))


def _carry_out(target: Path, staging: Path) -> None:
    """Move the staged files to their places, metadata.csv last; again from any point, with the same result."""
    plan = read_json(staging / _PLAN_NAME) or {}
    for number, place in enumerate(plan.get("files", ())):
        staged, final = staging / str(number), target / place
        if staged.exists():
            with storage_errors(final):
                final.parent.mkdir(exist_ok=True)
                os.replace(staged, final)
    if (staging / METADATA_NAME).exists():
        with storage_errors(target / METADATA_NAME):
            os.replace(staging / METADATA_NAME, target / METADATA_NAME)
    shutil.rmtree(staging, ignore_errors=True)


def _finish(target: Path) -> None:
    for staging in sorted(target.glob(f"{_STAGING_PREFIX}*")):
        if (staging / _PLAN_NAME).exists():
            _carry_out(target, staging)
        else:
            shutil.rmtree(staging, ignore_errors=True)


def _remove_if_empty(target: Path) -> None:
    with suppress(OSError):
        target.rmdir()


@contextmanager
def locked(target: Path, *, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
    """One process at a time changes a set; the lock lies in home(), since the set's folder may not be there yet."""
    folder = home() / "locks"
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(os.fsencode(target.absolute())).hexdigest()[:16]
    try:
        lock = FileLock(folder / f"{key}.lock").acquire(timeout=seconds)
    except Timeout as error:
        raise _Busy(
            tr("Another process is changing the data set {name}. Try again when it is done.", name=target.name)
        ) from error
    with lock:
        yield
