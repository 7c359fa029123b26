"""The actions of the command dataset."""

import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from covidlab.cli import main
from covidlab.data.catalog import Catalog, load_catalog
from covidlab.data.metadata import read_metadata

KEYS = {"layout", "classes", "num_patients", "left_out", "problems", "questions"}


def write_pictures(root: Path, *names: str) -> Path:
    """Write a small picture of its own for each name below a folder, and return the folder."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = sum(name.encode()) + 1000 * len(name)
        pixels = np.random.default_rng([seed, *name.encode()]).integers(0, 256, (72, 64)).astype(np.uint8)
        Image.fromarray(pixels).save(path, "JPEG" if path.suffix.startswith(".j") else "PNG")
    return root


def in_folders(*folders: str, number: int, suffix=".png") -> list[str]:
    return [f"{folder}/{at}{suffix}" for folder in folders for at in range(number)]


@pytest.fixture
def inspect(capsys):
    """Return a function that gives the exit status and the JSON of dataset inspect."""

    def run(*arguments) -> tuple[int, dict]:
        status = main(["dataset", "inspect", *map(str, arguments), "--json"])
        out = capsys.readouterr().out
        return status, json.loads(out) if out else {}

    return run


def classes_of(catalog: Catalog) -> dict[str, int]:
    return dict(Counter(catalog.films["class"]))


def test_dataset_fetch_without_the_licences_read_is_wrong_use(tmp_path, one_sentence):
    assert main(["dataset", "fetch", "--dataset", str(tmp_path / "films")]) == 2
    assert "--accept-licences" in one_sentence()
    assert not (tmp_path / "films").exists()


@pytest.mark.curated
def test_dataset_import_then_check(curated, tmp_path, capsys):
    target = tmp_path / "my X-rays"
    assert main(["dataset", "import", str(curated), "--dataset", str(target)]) == 0
    assert main(["dataset", "check", "--dataset", str(target)]) == 0
    assert "7 of" in capsys.readouterr().out


def test_dataset_inspect_of_the_radiography_database_leaves_out_the_masks(tmp_path, inspect):
    top = "COVID-19_Radiography_Dataset"
    kinds = ("COVID", "Normal", "Viral Pneumonia")
    root = write_pictures(
        tmp_path / "set",
        *in_folders(*(f"{top}/{kind}/{sub}" for kind in kinds for sub in ("images", "masks")), number=3),
    )
    status, values = inspect(root)
    assert status == 0
    assert set(values) == KEYS
    assert values["classes"] == dict.fromkeys(kinds, 3)
    assert values["num_patients"] is None
    assert [(left["reason"], left["number"]) for left in values["left_out"]] == [("masks", 9)]


def test_dataset_inspect_writes_nothing(tmp_path, folder, covidlab_home, inspect):
    root = write_pictures(tmp_path / "set", *in_folders("covid", "normal", number=2))
    before = sorted(path for place in (root, folder, covidlab_home) for path in place.rglob("*"))
    assert inspect(root)[0] == 0
    assert sorted(path for place in (root, folder, covidlab_home) for path in place.rglob("*")) == before


def test_dataset_inspect_without_json_is_sentences(tmp_path, capsys):
    root = write_pictures(tmp_path / "set", "covid/a.png", "normal/b.png", "masks/a.png")
    assert main(["dataset", "inspect", str(root)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Understood as: one folder for each class.",
        "  covid: 1 X-ray",
        "  normal: 1 X-ray",
        "Patients are not known: X-rays of one patient may be on both sides, and the figures too good.",
        "Left out, masks: 1 (masks/a.png).",
    ]


@pytest.mark.parametrize("names", [[], ["images/a.png"]])
def test_dataset_inspect_where_nothing_can_be_taken_has_exit_status_1(tmp_path, inspect, names):
    (tmp_path / "set").mkdir()
    status, values = inspect(write_pictures(tmp_path / "set", *names))
    assert status == 1
    assert values["classes"] == {}
    assert values["problems"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--class-column", "nothing"],
            "There is no column of this name. No table lists these X-rays. Received: nothing.",
        ),
        (["--class-level", "4"], "A level of folders is a number from 1 to 1. Received: 4."),
        (["--classes-from", "table"], "No table lists these X-rays"),
        (["--keep-split"], "No split comes with these X-rays."),
    ],
)
def test_dataset_inspect_with_an_answer_that_cannot_be_is_wrong_use(tmp_path, one_sentence, arguments, said):
    root = write_pictures(tmp_path / "set", "covid/a.png", "normal/b.png")
    assert main(["dataset", "inspect", str(root), *arguments]) == 2
    assert said in one_sentence()


def test_dataset_inspect_of_no_folder_is_wrong_use(tmp_path, one_sentence):
    assert main(["dataset", "inspect", str(tmp_path / "nowhere")]) == 2
    assert "A folder or a ZIP file is expected." in one_sentence()


@pytest.mark.parametrize("action", [["inspect"], ["add", "--dataset", "new"]])
def test_dataset_with_a_doubled_column_is_one_sentence(tmp_path, folder, one_sentence, action):
    root = write_pictures(tmp_path / "set", "covid/a.png", "normal/b.png")
    (root / "metadata.csv").write_text("file,patient_id,patient_id\ncovid/a.png,p,p\n")
    assert main(["dataset", action[0], str(root), *action[1:]]) == 2
    assert "metadata.csv has the column patient_id twice" in one_sentence()
    assert not (folder / "new").exists()


def test_dataset_inspect_of_several_zips_takes_a_class_from_each(tmp_path, inspect):
    zips = []
    for kind in ("covid", "normal"):
        root = write_pictures(tmp_path / kind, *(f"{kind}{at}.jpg" for at in range(2)))
        zips.append(tmp_path / f"{kind}-samples.zip")
        with zipfile.ZipFile(zips[-1], "w") as archive:
            for path in sorted(root.iterdir()):
                archive.write(path, path.name)
    status, values = inspect(*zips)
    assert (status, values["classes"]) == (0, {"covid": 2, "normal": 2})
    assert values["layout"] == "one class a ZIP file, named after it"


def test_dataset_add_makes_what_inspect_said(tmp_path, capsys, inspect):
    rows = [f"{at};{('Pneumonia/Viral/COVID-19', 'No Finding')[at % 2]};p{at // 2}" for at in range(6)]
    root = write_pictures(tmp_path / "set", *in_folders("images", number=6, suffix=".jpg"), "masks/0.png")
    (root / "metadata.csv").write_text(
        "\n".join(["filename;finding;patientid", *(row.replace(";", ".jpg;", 1) for row in rows)])
    )
    _, said = inspect(root)
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "new")]) == 0
    out = capsys.readouterr().out
    assert "The class Pneumonia/Viral/COVID-19 is the folder Pneumonia-Viral-COVID-19." in out
    assert "Left out, masks: 1 (masks/0.png)." in out
    catalog = load_catalog(tmp_path / "new")
    assert {name.replace("/", "-"): number for name, number in said["classes"].items()} == classes_of(catalog)
    assert catalog.num_patients == said["num_patients"] == 3


def test_dataset_add_keeps_the_split_where_it_is_asked_to(tmp_path, capsys):
    parts = [f"chest_xray/{part}/{kind}" for part in ("train", "val", "test") for kind in ("NORMAL", "PNEUMONIA")]
    root = write_pictures(tmp_path / "set", *in_folders(*parts, number=2))
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "own")]) == 0
    assert "A split comes with these X-rays (train 4, validation 4, test 4)." in capsys.readouterr().out
    assert "split" not in read_metadata(tmp_path / "own")
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "kept"), "--keep-split"]) == 0
    assert classes_of(load_catalog(tmp_path / "kept", positive_class="PNEUMONIA")) == {"NORMAL": 6, "PNEUMONIA": 6}
    assert Counter(read_metadata(tmp_path / "kept")["split"]) == {"train": 4, "validation": 4, "test": 4}


def test_dataset_add_takes_patients_from_names_only_where_it_is_told(tmp_path, inspect):
    names = [f"{kind}/0000{at // 2:04d}_00{at % 2}.png" for at in range(6) for kind in ("covid", "normal")]
    root = write_pictures(tmp_path / "set", *names)
    assert inspect(root)[1]["num_patients"] is None
    assert inspect(root, "--patients-from-names")[1]["num_patients"] == 3
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "own"), "--patients-from-names"]) == 0
    assert load_catalog(tmp_path / "own").num_patients == 3


def test_dataset_add_with_an_open_question_adds_nothing_and_asks(tmp_path, one_sentence):
    root = write_pictures(tmp_path / "set", *in_folders("images", number=4))
    rows = [f"{at}.png,{('Mass|Effusion', 'No Finding')[at % 2]}" for at in range(4)]
    (root / "Data_Entry_2017.csv").write_text("\n".join(["Image Index,Finding Labels", *rows]))
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "own")]) == 2
    assert "Which labels are the classes?" in one_sentence()
    assert not (tmp_path / "own").exists()
    answered = ["--contains", "Mass", "--contains", "No Finding"]
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "own"), *answered]) == 0
    assert classes_of(load_catalog(tmp_path / "own", positive_class="Mass")) == {"Mass": 2, "No Finding": 2}


def test_dataset_add_of_people_told_to_be_classes_can_be_loaded(tmp_path):
    root = write_pictures(tmp_path / "set", *in_folders("Anna", "Bert", "Carl", "Dora", number=2))
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "own")]) == 2
    assert main(["dataset", "add", str(root), "--dataset", str(tmp_path / "own"), "--classes-from", "folders"]) == 0
    assert len(classes_of(load_catalog(tmp_path / "own", positive_class="Anna"))) == 4


def test_dataset_add_again_adds_only_what_is_new(tmp_path, capsys, one_sentence):
    root, own = write_pictures(tmp_path / "set", *in_folders("Covid-19", "normal", number=2)), tmp_path / "own"
    assert main(["dataset", "add", str(root), "--dataset", str(own)]) == 0
    assert main(["dataset", "add", str(root), "--dataset", str(own)]) == 2
    assert "All X-rays with a class are in the data set already." in one_sentence()
    write_pictures(root, "covid_19/new.png")
    assert main(["dataset", "add", str(root), "--dataset", str(own)]) == 0
    assert "Left out, in the data set already: 4" in capsys.readouterr().out
    assert classes_of(load_catalog(own)) == {"Covid-19": 3, "normal": 2}
