"""``dataset``: import, fetch, check, and make synthetic X-rays."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from covidlab.data.layouts import FROM_FOLDERS, FROM_NAMES, FROM_TABLE, Answers
from covidlab.data.understanding import check_answers
from covidlab.paths import dataset_folder, home
from covidlab.phantom.film import SHORTCUTS, PhantomConfig

if TYPE_CHECKING:
    from covidlab.intake.inspection import Inspection

_DEFAULT_FOLDER = "(default: COVIDLAB_DATASET or dataset/)"


def add_parser(commands) -> None:
    """Add the command, its actions and their options."""
    parser = commands.add_parser("dataset", help="import, fetch, make and check X-rays")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("import", help="copy the curated X-rays from a folder and verify them")
    action.add_argument("source", metavar="SRC", help="folder that holds covid, normal and, if at hand, masks")
    action.add_argument("--dataset", metavar="DIR", help=f"folder to copy to {_DEFAULT_FOLDER}")
    action.set_defaults(command=import_films)
    action = actions.add_parser("fetch", help="download the curated X-rays from their public archive and verify them")
    action.add_argument("--accept-licences", action="store_true", help="I have read the licences of the X-rays")
    action.add_argument("--dataset", metavar="DIR", help=f"folder to save in {_DEFAULT_FOLDER}")
    action.set_defaults(command=fetch_films)
    action = actions.add_parser("inspect", help="say what would be taken of folders or ZIP files; writes nothing")
    _add_intake_options(action)
    action.add_argument("--json", action="store_true", help="print one JSON object")
    action.set_defaults(command=inspect)
    action = actions.add_parser("add", help="add the X-rays of folders or ZIP files to a data set of your own")
    _add_intake_options(action)
    action.add_argument(
        "--dataset", metavar="DIR", required=True, help="folder of the data set, made where it is missing"
    )
    action.set_defaults(command=add)
    action = actions.add_parser("phantom", help="make synthetic X-rays with exact masks")
    add_phantom_options(action)
    action.set_defaults(command=make_synthetic_films)
    action = actions.add_parser("check", help="report missing, changed, unreadable and duplicate X-rays")
    action.add_argument("--dataset", metavar="DIR", help=f"folder to check {_DEFAULT_FOLDER}")
    action.add_argument("--croissant", metavar="FILE", help="also describe the set in FILE, as Croissant 1.0 (JSON-LD)")
    action.set_defaults(command=check)


def _add_intake_options(parser: argparse.ArgumentParser) -> None:
    """Add what is looked through, and the answers to what may be asked of it."""
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SRC",
        help="a folder, a ZIP file, or several; also in an object store, such as s3://bucket/folder",
    )
    origins = (FROM_FOLDERS, FROM_TABLE, FROM_NAMES)
    parser.add_argument("--classes-from", choices=origins, help="what names the class of an X-ray")
    parser.add_argument("--class-level", type=int, metavar="N", help="which level of folders names the class, from 1")
    parser.add_argument("--class-column", metavar="C", help="column of the table that holds the class")
    parser.add_argument(
        "--contains",
        action="append",
        default=[],
        metavar="LABEL",
        help="label that is a class; may be given several times",
    )
    parser.add_argument("--patient-column", metavar="P", help="column of the table that holds the patient")
    parser.add_argument(
        "--patients-from-names", action="store_true", help="the offered part of a file's name is the patient"
    )
    parser.add_argument(
        "--keep-split", action="store_true", help="keep the split into train and others that the folders give"
    )


def add_phantom_options(parser: argparse.ArgumentParser) -> None:
    """Add the settings of synthetic films."""
    default = PhantomConfig()
    parser.add_argument("--dataset", metavar="DIR", help="folder to save in (default: phantoms in COVIDLAB_HOME)")
    parser.add_argument("--number", dest="num_films", type=int, default=default.num_films, help="number of X-rays")
    parser.add_argument("--size", type=int, default=default.size, help="side of an X-ray in pixels")
    parser.add_argument("--seed", type=int, default=default.seed, help="seed of all that is drawn at random")
    parser.add_argument(
        "--lesion-extent", type=float, default=default.lesion_extent, help="share of the lungs with opacities, 0 to 1"
    )
    parser.add_argument(
        "--lesion-contrast", type=float, default=default.lesion_contrast, help="density of the opacities, 0 to 1"
    )
    parser.add_argument(
        "--positive-share", type=float, default=default.positive_share, help="share of X-rays with opacities"
    )
    parser.add_argument(
        "--films-per-patient", type=float, default=default.films_per_patient, help="X-rays of each patient, on average"
    )
    parser.add_argument(
        "--shortcut", choices=SHORTCUTS, default=default.shortcut, help="a planted mark that is no disease"
    )
    parser.add_argument(
        "--shortcut-strength",
        type=float,
        default=default.shortcut_strength,
        help="0: the mark is independent of the class; 1: it always goes with the class",
    )


def import_films(options: argparse.Namespace) -> int:
    """Copy the curated films into the data set folder and verify each."""
    from covidlab.data.curated import import_curated

    target = Path(options.dataset) if options.dataset else dataset_folder()
    result = import_curated(Path(options.source), target)
    print(f"{result.num_copied} files copied and verified, {result.num_present} were there already: {target}")
    if result.masks_absent:
        print("The source has no lung masks. Everything works without them, except their display.")
    return 0


def fetch_films(options: argparse.Namespace) -> int:
    """Download the curated films from their public archive; a second try continues where the first ended."""
    from tqdm import tqdm

    from covidlab.data.fetch import fetch_curated

    target = Path(options.dataset) if options.dataset else dataset_folder()
    with tqdm(total=0, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

        def show(progress) -> None:
            bar.total = progress.num_bytes
            bar.set_description_str(f"{progress.films_done} of {progress.num_films} X-rays", refresh=False)
            bar.n = progress.bytes_done
            bar.refresh()

        result = fetch_curated(target, accept_licences=options.accept_licences, progress=show)
    print("\n".join(result.sentences()))
    return 0


def inspect(options: argparse.Namespace) -> int:
    """Say what would be taken; exit status 1 where nothing can be."""
    with _inspected(options) as inspection:
        print(json.dumps(inspection.to_dict()) if options.json else "\n".join(inspection.lines()))
        return 0 if inspection.can_be_taken else 1


def add(options: argparse.Namespace) -> int:
    """Add X-rays to a data set: all that can be read, or none."""
    from tqdm import tqdm

    from covidlab.intake.adding import add_films, class_folder

    target = Path(options.dataset)
    with _inspected(options, target=target) as inspection:
        folders = inspection.folders()
        layout = inspection.layout
        with tqdm(total=len(folders), unit=" X-ray", file=sys.stderr, disable=None) as bar:
            added = add_films(
                inspection.review,
                target,
                folders,
                patients=inspection.patients,
                parts=layout.parts if options.keep_split else None,
                progress=lambda done, total: bar.update(done - bar.n),
            )
    print("\n".join(inspection.lines()))
    for name in sorted(set(inspection.classes.values())):
        if class_folder(name) != name:
            print(f"The class {name} is the folder {class_folder(name)}.")
    print(f"{len(added):,} X-rays added: {target}")
    return 0


@contextmanager
def _inspected(options: argparse.Namespace, *, target: Path | None = None) -> "Iterator[Inspection]":
    """What was understood of the sources; what lies in an object store is copied until the end."""
    from tqdm import tqdm

    from covidlab.cli.copying import sources_with_progress
    from covidlab.intake.inspection import Inspection
    from covidlab.intake.screening import review_brought
    from covidlab.intake.sources import from_paths

    answers = Answers(
        classes_from=options.classes_from,
        class_level=options.class_level,
        class_column=options.class_column,
        patient_column=options.patient_column,
        contains=tuple(options.contains),
        patients_from_names=options.patients_from_names,
        keep_split=options.keep_split,
    )
    with sources_with_progress(options.sources, beside=target or home()) as sources:
        brought = from_paths(sources)
        layout = brought.understand(answers)
        check_answers(layout, answers)
        with tqdm(total=len(brought.files), unit=" X-ray", file=sys.stderr, disable=None) as bar:
            review = review_brought(
                brought, target=target, layout=layout, progress=lambda done, total: bar.update(done - bar.n)
            )
        yield Inspection(layout=layout, review=review, answers=answers)


def make_synthetic_films(options: argparse.Namespace) -> int:
    """Make synthetic films, with exact masks and, if asked for, a planted shortcut."""
    from tqdm import tqdm

    from covidlab.phantom.dataset import make_phantoms

    folder = Path(options.dataset) if options.dataset else home() / "phantoms"
    values = {field.name: getattr(options, field.name) for field in fields(PhantomConfig)}
    with tqdm(total=options.num_films, unit=" X-ray", file=sys.stderr, disable=None) as bar:
        summary = make_phantoms(folder, PhantomConfig(**values), progress=lambda done, total: bar.update(done - bar.n))
    print(
        f"{summary.num_films} synthetic X-rays, {summary.num_positive} with opacities, {summary.num_patients} patients: {folder}"
    )
    return 0


def check(options: argparse.Namespace) -> int:
    """Report what is wrong with a data set; exit status 1 where something is."""
    from covidlab.cli.probing import compare_classes
    from covidlab.data.checking import check_dataset

    folder = Path(options.dataset) if options.dataset else dataset_folder()
    result = check_dataset(folder)
    print("\n".join(result.sentences()))
    print("\n".join(compare_classes(folder, croissant=options.croissant)))
    return 0 if result.ok else 1
