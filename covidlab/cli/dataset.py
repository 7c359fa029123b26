"""``dataset``: import, fetch, check, and make synthetic X-rays."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from covidlab.paths import dataset_folder, home
from covidlab.phantom.film import SHORTCUTS, PhantomConfig

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
    action = actions.add_parser("phantom", help="make synthetic X-rays with exact masks")
    add_phantom_options(action)
    action.set_defaults(command=make_synthetic_films)
    action = actions.add_parser("check", help="report missing, changed, unreadable and duplicate X-rays")
    action.add_argument("--dataset", metavar="DIR", help=f"folder to check {_DEFAULT_FOLDER}")
    action.set_defaults(command=check)


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
    from covidlab.data.curated import check_dataset

    result = check_dataset(Path(options.dataset) if options.dataset else dataset_folder())
    print("\n".join(result.sentences()))
    return 0 if result.ok else 1
