"""Write the software bill of materials of what runs (CycloneDX 1.6, JSON): the locked packages that are installed, and the weights.

cyclonedx-py reads the environment with licences and dependencies. Packages of the tests are taken out; the network's weights,
which no package registry knows, are added with their hash and licence.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LOCK = ROOT / "requirements.lock"


def main() -> int:
    """Write the file; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the software bill of materials.")
    parser.add_argument("--tool", required=True, help="the command cyclonedx-py")
    parser.add_argument("--output", required=True, type=Path, help="file to write")
    options = parser.parse_args()
    command = [options.tool, "environment", sys.executable, "--output-reproducible", "--output-format", "JSON"]
    command += ["--spec-version", "1.6", "--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    bill = only(json.loads(done.stdout), locked_names(LOCK.read_text(encoding="utf-8")))
    bill["components"].append(weights())
    options.output.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
    print(f"{options.output}: {len(bill['components'])} components.")
    return 0


def locked_names(lock: str) -> set[str]:
    """Return the names in a lock file, as package registries compare them."""
    return {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}


def only(bill: dict, names: set[str]) -> dict:
    """Return a bill with the components of these names, and the dependencies between them."""
    kept = [part for part in bill["components"] if normal(part["name"]) in names]
    root = bill.get("metadata", {}).get("component", {}).get("bom-ref")
    known = {part["bom-ref"] for part in kept} | {root}
    dependencies = [
        {**entry, "dependsOn": [name for name in entry.get("dependsOn", ()) if name in known]}
        for entry in bill.get("dependencies", ())
        if entry["ref"] in known
    ]
    return {**bill, "components": kept, "dependencies": dependencies}


def weights() -> dict:
    """The weights of VGG16 as a component."""
    from covidlab.learning.backbones.vgg16 import BACKBONE

    return {
        "type": "machine-learning-model",
        "bom-ref": BACKBONE.weights_path.name,
        "name": BACKBONE.title,
        "description": "Weights of the convolutional layers, trained on ImageNet by the Visual Geometry Group, Oxford.",
        "hashes": [{"alg": "SHA-256", "content": BACKBONE.weights_sha256}],
        "licenses": [{"license": {"id": "CC-BY-4.0"}}],
    }


def normal(name: str) -> str:
    """Return a package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
