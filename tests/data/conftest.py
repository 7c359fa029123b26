"""A small set with masks that takes the place of the curated fifty."""

import csv
import hashlib

import numpy as np
import pytest
from PIL import Image

from covidlab.data import checking as checking_module
from covidlab.data import curated as curated_module


@pytest.fixture
def source(make_dataset, tmp_path, monkeypatch):
    """A small set with masks that takes the place of the fifty, its list kept where the code looks for it."""
    root = make_dataset({"covid": 4, "normal": 3}, name="source")
    films = []
    for file in sorted(path.relative_to(root).as_posix() for path in root.glob("*/*.png")):
        mask = np.zeros((80, 96), np.uint8)
        mask[20:60, 20:70] = 255
        path = root / "masks" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).convert("1").save(path)
        sha256 = hashlib.sha256((root / file).read_bytes()).hexdigest()
        films.append({"file": file, "class": file.split("/")[0], "patient_id": file, "sha256": sha256, "width": 96})
        films[-1] |= {"height": 80, "mask": f"masks/{file}", "view_metadata": "PA", "view_printed_on_image": ""}
    films[1]["view_printed_on_image"] = "AP"
    (tmp_path / "list").mkdir()
    for folder in (tmp_path / "list", root):
        with open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(films[0]))
            writer.writeheader()
            writer.writerows(films)
    for module in (curated_module, checking_module):
        monkeypatch.setattr(module, "CURATED_LIST", tmp_path / "list")
    return root
