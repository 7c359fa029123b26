"""What people write about a run: a note and tags, in notes.json in its directory; replaced whole, never part of what the run says."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from covidlab.errors import RunError, UsageError
from covidlab.files import load_dataclass, read_json, write_json
from covidlab.language import tr
from covidlab.runs.store import Run
from covidlab.text import one_line, some_of

LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 1000, 24, 8
_FILE = "notes.json"


@dataclass(frozen=True, kw_only=True)
class Notes:
    """A note of several lines, and tags that are one line each."""

    note: str = ""
    tags: tuple[str, ...] = ()


def load_notes(run: Run) -> Notes:
    """Return what was written about a run; nothing where nobody wrote, or the file is damaged."""
    try:
        read = load_dataclass(Notes, read_json(run.path / _FILE))
    except ValueError:
        return Notes()
    tags = read.tags if isinstance(read.tags, list) else ()
    return Notes(note=_lines(read.note)[:LONGEST_NOTE], tags=_clean(map(str, tags))[:MOST_TAGS])


def save_notes(run: Run, *, note: str, tags: Sequence[str]) -> None:
    """Replace the note and the tags of a run.

    Raises UsageError where they are too long or too many, RunError where the run has been deleted.
    """
    note, tags = _lines(note), _clean(tags)
    if len(note) > LONGEST_NOTE:
        raise UsageError(
            tr(
                "A note has at most {longest_note:,} characters. Shorten it. Received: {num_note:,}.",
                longest_note=LONGEST_NOTE,
                num_note=len(note),
            )
        )
    if too_long := [tag for tag in tags if len(tag) > LONGEST_TAG]:
        raise UsageError(
            tr(
                "A tag has at most {longest_tag} characters. Shorten it. Received: {too_long}.",
                longest_tag=LONGEST_TAG,
                too_long=one_line(too_long[0], max_length=60),
            )
        )
    if len(tags) > MOST_TAGS:
        raise UsageError(
            tr(
                "A run has at most {most_tags} tags. Remove some. Received: {some_of}.",
                most_tags=MOST_TAGS,
                some_of=some_of(list(tags)),
            )
        )
    if not run.path.is_dir():
        raise RunError(
            tr("A note is kept with its run, and this one has been deleted. Received: {name}.", name=run.name)
        )
    write_json(run.path / _FILE, asdict(Notes(note=note, tags=tags)))


def all_tags(runs: Iterable[Run]) -> list[str]:
    """Return every tag in use, sorted."""
    return sorted({tag for run in runs for tag in load_notes(run).tags}, key=str.casefold)


def _lines(text: object) -> str:
    """A text of several lines without control and direction characters."""
    lines = str(text).splitlines() if isinstance(text, str) else []
    return "\n".join(one_line(line, max_length=10 * LONGEST_NOTE) for line in lines).strip()


def _clean(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags on one line each, each once, in the order given."""
    lines = (one_line(tag, max_length=10 * LONGEST_TAG) for tag in tags)
    return tuple(dict.fromkeys(line for line in lines if line))
