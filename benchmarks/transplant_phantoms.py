"""The lung transplant on phantoms whose truth is known: a mark beside the lungs and no opacities (the frame is all), opacities
and no mark (the lungs are all). Prints the share of the frame that is found, with its interval, and by how many points it is off.

A phantom with opacities is exposed a little differently, also beside its lungs. So that the frame says nothing there, all outside the
lungs is taken from the same phantom without opacities.
"""

import argparse
import os
from pathlib import Path

from common import fresh_home, print_load

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from dataclasses import replace

import cv2
import numpy as np

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.audit.settings import AuditConfig
from covidlab.audit.transplant import compute
from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import select_device
from covidlab.learning.precision import choose_precision
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig, make_phantom

TARGET_POINTS = 5.0
# What is planted, and the share of the frame.
TRUTHS = {
    "a letter, no opacities": (PhantomConfig(shortcut="letter", lesion_extent=0, lesion_contrast=0), 1.0),
    "a border, no opacities": (PhantomConfig(shortcut="border", lesion_extent=0, lesion_contrast=0), 1.0),
    "opacities, no mark": (PhantomConfig(lesion_extent=0.8, lesion_contrast=0.8), 0.0),
}


def main() -> None:
    """Make each set, audit it, print what is found beside what is true."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num-films", type=int, default=60, help="phantoms of each set")
    parser.add_argument("--repeats", type=int, default=10, help="of the cross-validation")
    parser.add_argument("--only", nargs="+", choices=list(TRUTHS), default=list(TRUTHS), help="sets to make")
    options = parser.parse_args()
    print_load()
    with fresh_home() as home:
        for number, name in enumerate(options.only):
            config, truth = TRUTHS[name]
            folder = home / f"phantoms-{number}"
            config = replace(config, num_films=options.num_films)
            make_phantoms(folder, config)
            if truth == 0:
                even_frames(folder, config)
            print_found(name, found_of(folder, options.repeats), truth)


def even_frames(folder: Path, config: PhantomConfig) -> None:
    """Write each phantom with opacities again, all outside its lungs as it would be without them."""
    for number in range(config.num_films):
        phantom = make_phantom(config, number)
        if phantom.positive:
            plain = make_phantom(config, number, opacities=False).pixels
            film = np.where(phantom.lung_mask, phantom.pixels, plain)
            film = np.repeat(film[..., None], 3, axis=2) if phantom.in_colour else film
            cv2.imwrite(str(folder / "covid" / f"phantom-{number + 1:05d}.jpg"), film, [cv2.IMWRITE_JPEG_QUALITY, 95])


def found_of(folder: Path, repeats: int) -> dict:
    """What the part finds of a set with one view an X-ray."""
    catalog = load_catalog(folder)
    config, backbone, device = (
        TrainingConfig(dataset=str(folder), views=1),
        find_backbone("vgg16"),
        select_device("auto"),
    )
    precision = choose_precision(config, backbone, device)
    data = AuditData(catalog, config, backbone, device, precision=precision, num_repeats=repeats)
    return compute(data, PartContext(config=AuditConfig(repeats=repeats)))


def print_found(name: str, found: dict, truth: float) -> None:
    """Print one line, and what the controls say."""
    frame, gap = found["frame"], found["gap"]
    if frame["value"] is None:
        print(f"{name}: the model does not tell the classes apart", flush=True)
        return
    off = 100 * abs(frame["value"] - truth)
    print(
        f"{name}: frame {frame['value']:.3f} ({frame['low']:.3f} to {frame['high']:.3f}), truth {truth:.0f}, off by {off:.1f} points "
        f"(target at most {TARGET_POINTS:g}: {'met' if off <= TARGET_POINTS else 'MISSED'}); gap {gap['value']:.1f} logits",
        flush=True,
    )
    for control in ("same_class", "put_back"):
        moved = ", ".join(f"{side} {100 * one['value']:+.1f} %" for side, one in found[control].items())
        print(f"  {control}: {moved} of the gap", flush=True)


if __name__ == "__main__":
    main()
