"""The examination of maps that comes with covidlab, so that its warnings stand from the first start.

``python -m covidlab.runs.shipped_exam`` remakes it with the default settings; it needs no data set, and takes a few minutes.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from covidlab.audit.data import FeatureMaker
from covidlab.audit.exam import VERSION, examine
from covidlab.config import TrainingConfig
from covidlab.files import replacing
from covidlab.language import tr
from covidlab.learning.backbones import find_backbone
from covidlab.learning.device import select_device
from covidlab.learning.precision import choose_precision
from covidlab.paths import SHIPPED_EXAM
from covidlab.runs.machine import machine_facts


def make_shipped_exam(path: Path = SHIPPED_EXAM) -> dict[str, Any]:
    """Examine the maps with the default settings and replace the file; return what was written."""
    config, device = TrainingConfig(dataset=""), select_device("auto")
    backbone = find_backbone(config.backbone)
    precision = choose_precision(config, backbone, device)
    found = examine(FeatureMaker(config, backbone, device, precision=precision), config, device)
    made = {"version": VERSION, "precision": precision, "versions": machine_facts(device)["versions"], "found": found}
    with replacing(path) as temporary:
        # On one line: its maps would fill a thousand.
        temporary.write_text(json.dumps(made) + "\n", encoding="utf-8")
    return made


def main() -> None:
    """Remake the examination that ships."""
    parser = argparse.ArgumentParser(description="Remake the examination of maps that comes with covidlab.")
    parser.add_argument("--output", type=Path, default=SHIPPED_EXAM)
    methods = make_shipped_exam(parser.parse_args().output)["found"]["methods"]
    for name, figures in methods.items():
        print(name, "passed" if figures["passed"] else tr("did not pass"), figures["power"], figures["wrong"])


if __name__ == "__main__":
    main()
