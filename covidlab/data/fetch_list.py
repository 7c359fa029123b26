"""The list of the curated fifty: which X-rays to fetch, their sizes and checksums, and whose they are."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from covidlab.data.curated import CURATED_LIST
from covidlab.data.metadata import read_metadata
from covidlab.data.names import METADATA_NAME
from covidlab.errors import DataError
from covidlab.language import tr


@dataclass(frozen=True)
class ListedFilm:
    """An X-ray to fetch: its place in the set, its SHA-256 (hex, lower case) and its size."""

    file: str
    sha256: str
    num_bytes: int


def licence_sentences(list_folder: Path = CURATED_LIST) -> list[str]:
    """Whose the films are and what that allows, one plain sentence each, counted from metadata.csv."""
    lines = []
    rows = listed_rows(list_folder)
    for name in sorted({row.get("class", "") for row in rows}):
        films = [row for row in rows if row.get("class", "") == name]
        sources = ", ".join(sorted({row.get("source") or tr("source not stated") for row in films}))
        licences = Counter(row.get("licence") or tr("not stated") for row in films).most_common()
        counts = ", ".join(f"{licence} ({number})" for licence, number in licences)
        lines.append(
            tr(
                "X-rays of class {name}: {num_films}, from {sources}; licence {counts}.",
                name=name or tr("not stated"),
                num_films=len(films),
                sources=sources,
                counts=counts,
            )
        )
    return [
        *lines,
        tr("Where no licence is stated, all rights stay with those who published the X-ray."),
        tr(
            "In a licence, BY asks to name the source, NC forbids commercial use, ND forbids passing on "
            "changed copies, SA asks that these keep the licence."
        ),
        tr(
            "Fetch the X-rays for your own study and do not pass them on; source and licence of each are in "
            "dataset/README.md and dataset/metadata.csv."
        ),
    ]


def download_megabytes(list_folder: Path = CURATED_LIST) -> float:
    """Size of all films of the list together, in 10^6 bytes."""
    return sum(film.num_bytes for film in listed_films(list_folder)) / 1e6


def listed_rows(list_folder: Path) -> list[dict[str, str]]:
    """Rows of metadata.csv as they are; raises DataError where the folder has none."""
    table = read_metadata(Path(list_folder))
    if table is None:
        raise DataError(tr("The list of the X-rays is missing: {path}.", path=Path(list_folder) / METADATA_NAME))
    return table.to_dict("records")


def listed_films(list_folder: Path) -> list[ListedFilm]:
    """What to fetch, in the order of the list; raises DataError for a name outside the set, or no checksum or size."""
    films = []
    for row in listed_rows(list_folder):
        file, sha256, num_bytes = row["file"], row.get("sha256", "").lower(), row.get("bytes", "")
        if not _is_plain_name(file):
            raise DataError(
                tr("A listed X-ray must be named class/name, inside the data set. Received: {file!r}.", file=file)
            )
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef") or not num_bytes.isdecimal():
            raise DataError(
                tr(
                    "{metadata_name} must state sha256 and bytes of each X-ray. Not so for: {file}.",
                    metadata_name=METADATA_NAME,
                    file=file,
                )
            )
        films.append(ListedFilm(file, sha256, int(num_bytes)))
    return films


def _is_plain_name(file: str) -> bool:
    parts = file.split("/")
    return len(parts) == 2 and all(
        part and part.isprintable() and not part.startswith(".") and not set(part) & set("\\:") for part in parts
    )
