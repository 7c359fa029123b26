"""What is wrong with a folder of X-rays, and every file of it that is not used."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from covidlab.data.catalog_checks import DEFAULT_POSITIVE_CLASS, MAX_UNREADABLE_SHARE, why_not_understood
from covidlab.data.conflicts import describe_conflicts, find_conflicts
from covidlab.data.curated import CURATED_LIST
from covidlab.data.film_table import normal_view_position
from covidlab.data.index import Progress
from covidlab.data.layouts import Layout, LeftOut, without_files
from covidlab.data.listing import read_layout
from covidlab.data.metadata import read_metadata
from covidlab.data.names import MASKS_FOLDER, METADATA_NAME
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.errors import UnreadableImage
from covidlab.imaging.decode import decode, read_bytes
from covidlab.imaging.readers.pillow import ENDS_EARLY
from covidlab.language import number_text, tr
from covidlab.text import pluralize


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What is wrong with a data set; every entry is a file, relative to the root.

    understood: how the folder is understood, a sentence. missing: listed, not there. changed: content is not the listed one.
    unreadable: no whole film, with the reason. duplicates: groups of films with the same content. conflicts: those of them
    that are in two classes. not_listed: films of which metadata.csv says nothing. left_out: files that are not used, by
    reason. notes: sentences on what is odd about a file or a table. why_not: why the set cannot be used, "" where it can.
    view_contradictions: films of the curated set's positive class that are AP, though the set was published as "PA only"
    (nothing to mend). masks_absent: lung masks are listed and none is there; everything works without them.
    """

    num_films: int = 0
    understood: str = ""
    num_positive: int = 0
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[str, ...], ...] = ()
    conflicts: tuple[tuple[str, ...], ...] = ()
    not_listed: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    why_not: str = ""
    view_contradictions: tuple[str, ...] = ()
    masks_absent: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        wrong = (self.missing, self.changed, self.unreadable, self.duplicates, self.not_listed, self.why_not)
        return self.num_films > 0 and not any(wrong)

    def sentences(self) -> list[str]:
        """What was found, one plain sentence each, the first one a summary."""
        if self.num_films == 0:
            return [self.why_not, *self._about_left_out()]
        lines = [
            tr(
                "{num_films:,} X-rays were checked: {value}",
                num_films=self.num_films,
                value=tr("nothing is wrong.") if self.ok else tr("see below."),
            )
        ]
        lines += [sentence for sentence in (self.understood, self.why_not) if sentence]
        for found, what in (
            (self.missing, tr("listed in metadata.csv but not there")),
            (self.changed, tr("not the listed content (another SHA-256)")),
            (self.not_listed, tr("not listed in metadata.csv")),
        ):
            if found:
                lines.append(
                    tr("{counted} {what}: {files}.", counted=_counted(len(found)), what=what, files=", ".join(found))
                )
        lines += self._about_unreadable()
        if self.conflicts:
            lines.append(describe_conflicts(self.conflicts, most=len(self.conflicts)))
        lines += [
            tr("The same content {num_group} times: {group}.", num_group=len(group), group=", ".join(group))
            for group in self.duplicates
            if group not in self.conflicts
        ]
        lines += [*self.notes, *self._about_left_out()]
        if self.masks_absent:
            lines.append(
                tr("The lung masks are not here: they come with `python -m covidlab dataset import SRC` only.")
            )
        if self.view_contradictions:
            lines.append(
                tr(
                    '"PA only" does not hold: {num_view_contradictions} of the {num_positive} X-rays of class '
                    "{default_positive_class} are AP, by their metadata or by text printed on the X-ray: "
                    "{view_contradictions}.",
                    num_view_contradictions=len(self.view_contradictions),
                    num_positive=self.num_positive,
                    default_positive_class=DEFAULT_POSITIVE_CLASS,
                    view_contradictions=", ".join(self.view_contradictions),
                )
            )
        return lines

    def _about_unreadable(self) -> list[str]:
        if not self.unreadable:
            return []
        allowed = int(MAX_UNREADABLE_SHARE * self.num_films)
        then = tr("passed over") if len(self.unreadable) <= allowed else tr("too many to use the set")
        names = ", ".join(file for file, _ in self.unreadable)
        summary = tr(
            "{counted} not readable as an X-ray ({then}): {names}.",
            counted=_counted(len(self.unreadable)),
            then=then,
            names=names,
        )
        return [summary, *(f"  {why}" for _, why in self.unreadable)]

    def _about_left_out(self) -> list[str]:
        return [
            tr(
                "Not used, {reason} ({num_files:,}): {files}.",
                reason=left.reason,
                num_files=len(left.files),
                files=", ".join(left.files),
            )
            for left in self.left_out
        ]


def check_dataset(root: Path, *, progress: Progress | None = None) -> CheckResult:
    """Understand a folder, compare it with its metadata.csv, decode every film, and name every file that is not used.

    Parameters
    ----------
    progress : called with the number of films decoded and of all

    Raises DataError where the folder or its metadata.csv cannot be used at all.
    """
    root = Path(root)
    layout = read_layout(root)
    contents, unreadable, notes = {}, [], []
    for number, file in enumerate(sorted(layout.classes), start=1):
        try:
            data = read_bytes(root / file, name=file)
            contents[file] = hashlib.sha256(data).hexdigest()
            notes += [f"{file}: {note}" for note in decode(data, name=file).notes if note == ENDS_EARLY]
        except UnreadableImage as refusal:
            unreadable.append((file, str(refusal)))
        if progress:
            progress(number, len(layout.classes))
    masks = sorted({row["mask"] for row in layout.rows.values() if row.get("mask")})
    masks_absent = bool(masks) and not (root / MASKS_FOLDER).is_dir()
    missing_masks = [] if masks_absent else [mask for mask in masks if not (root / mask).is_file()]
    contradictions, num_positive = _view_contradictions(layout.rows)
    return CheckResult(
        num_films=len(layout.classes),
        understood=_understood(layout),
        num_positive=num_positive,
        missing=(*sorted(layout.absent), *missing_masks),
        changed=tuple(file for file, sha256 in contents.items() if _claimed(layout, file) not in ("", sha256)),
        unreadable=tuple(unreadable),
        duplicates=_same_content(contents),
        conflicts=_in_two_classes(contents, layout.classes),
        not_listed=tuple(file for file in contents if METADATA_NAME in layout.tables and file not in layout.rows),
        left_out=without_files(layout.left_out, set(masks)),
        notes=(*layout.problems, *notes),
        why_not=why_not_understood(root, layout),
        view_contradictions=contradictions,
        masks_absent=masks_absent,
    )


def _understood(layout: Layout) -> str:
    classes = ", ".join(f"{name} {number_text(number)}" for name, number in layout.class_counts.items())
    patients = [layout.patients.get(file, "") for file in layout.classes]
    known = f"{pluralize(len(set(patients)), 'patient')}." if all(patients) else str(PATIENTS_NOT_KNOWN)
    return tr("Understood as {title}: {classes}. {known}", title=layout.title, classes=classes, known=known)


def _claimed(layout: Layout, file: str) -> str:
    """The SHA-256 that metadata.csv states for a film, "" where it states none."""
    return layout.rows.get(file, {}).get("sha256", "")


def _same_content(contents: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    groups = defaultdict(list)
    for file, sha256 in contents.items():
        groups[sha256].append(file)
    return tuple(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _in_two_classes(contents: dict[str, str], classes: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    films = pd.DataFrame(
        [(file, classes[file], sha256) for file, sha256 in contents.items()],
        columns=["file", "class", "sha256"],
    )
    return tuple(map(tuple, find_conflicts(films)))


def _view_contradictions(listed: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """AP films among the curated films of the positive class, and how many of that class there are."""
    curated = read_metadata(CURATED_LIST)
    curated = curated[(curated["class"] == DEFAULT_POSITIVE_CLASS) & curated["file"].isin(list(listed))]
    views = curated["view_printed_on_image"].where(curated["view_printed_on_image"] != "", curated["view_metadata"])
    return tuple(curated["file"][views.map(normal_view_position) == "AP"]), len(curated)


def _counted(number: int) -> str:
    return tr("1 file is") if number == 1 else tr("{number:,} files are", number=number)
