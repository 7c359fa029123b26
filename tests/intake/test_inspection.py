"""What would be taken of what a person brings, in numbers and sentences."""

import io

import numpy as np
import pytest
from PIL import Image

from covidlab.data.layouts import Answers
from covidlab.data.patients import PATIENTS_NOT_KNOWN
from covidlab.errors import DataError, UsageError
from covidlab.intake.inspection import Inspection
from covidlab.intake.screening import review_brought
from covidlab.intake.sources import from_folder


def png(seed: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (100, 90)).astype(np.uint8)).save(data, "PNG")
    return data.getvalue()


PICTURES = [png(seed) for seed in range(24)]


@pytest.fixture
def inspected(tmp_path):
    """Return a function that writes files (name -> content, or the number of a picture) and inspects their folder."""

    def inspect(files, **answers) -> Inspection:
        for name, content in files.items():
            path = tmp_path / "brought" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PICTURES[content] if isinstance(content, int) else content)
        brought = from_folder(tmp_path / "brought")
        return Inspection(layout=brought.understand(Answers(**answers)), review=review_brought(brought))

    return inspect


def two_classes(number=2) -> dict[str, int]:
    return {f"{kind}/{at}.png": first + at for first, kind in ((0, "covid"), (12, "normal")) for at in range(number)}


def test_inspection_says_classes_patients_and_what_is_left_out(inspected):
    values = inspected({**two_classes(), "covid/masks/0.png": b"", "readme.txt": b""}).to_dict()
    assert values == {
        "layout": "one folder for each class",
        "classes": {"covid": 2, "normal": 2},
        "num_patients": None,
        "left_out": [
            {"reason": "masks", "number": 1, "examples": ["covid/masks/0.png"]},
            {"reason": "no pictures", "number": 1, "examples": ["readme.txt"]},
        ],
        "problems": [],
        "questions": [],
    }


def test_inspection_of_known_patients_counts_them(inspected):
    table = b"file,patient_id\ncovid/0.png,p\ncovid/1.png,p\nnormal/0.png,q\nnormal/1.png,r\n"
    inspection = inspected({**two_classes(), "metadata.csv": table})
    assert inspection.num_patients == 3
    assert "3 patients, known for all X-rays." in list(inspection.lines())


def test_inspection_of_patients_known_in_part_does_not_know_them(inspected):
    inspection = inspected({**two_classes(), "metadata.csv": b"file,patient_id\ncovid/0.png,p\n"})
    assert inspection.num_patients is None
    assert PATIENTS_NOT_KNOWN in list(inspection.lines())


def test_inspection_passes_over_one_bad_file_and_names_it(inspected):
    inspection = inspected({**two_classes(12), "covid/torn.png": b"\x89PNG\r\n\x1a\n"})
    (left,) = inspection.to_dict()["left_out"]
    assert (left["reason"], left["number"], left["examples"]) == ("cannot be read", 1, ["covid/torn.png"])
    assert inspection.can_be_taken
    assert any(line.startswith("  covid/torn.png cannot be read") for line in inspection.lines())


def test_inspection_of_too_many_bad_files_takes_nothing_and_names_all(inspected):
    bad = {f"covid/torn{at}.png": b"\x89PNG\r\n\x1a\n" for at in range(7)}
    inspection = inspected({**two_classes(), **bad})
    assert not inspection.can_be_taken
    assert "7 of 11 pictures cannot be read" in inspection.problems[0]
    assert len(inspection.to_dict()["left_out"][0]["examples"]) == 7
    with pytest.raises(DataError, match="7 of 11 pictures cannot be read"):
        inspection.folders()


def test_inspection_says_what_is_in_two_classes_and_what_came_twice(inspected):
    conflict = inspected({"covid/a.png": 1, "covid/b.png": 2, "normal/a.png": 1})
    assert "1 X-ray is in two classes" in " ".join(conflict.problems)


def test_inspection_says_what_came_twice(inspected):
    twice = inspected({"covid/a.png": 1, "covid/b.png": 1, "normal/a.png": 3})
    assert twice.problems == ["1 X-ray came twice, with the same content: covid/b.png."]


def test_inspection_of_an_open_question_can_be_taken_once_it_is_answered(inspected):
    files = {f"{outer}/{inner}/a.png": at for at, (outer, inner) in enumerate((o, i) for o in "xy" for i in "uv")}
    inspection = inspected(files)
    assert inspection.can_be_taken
    assert inspection.to_dict()["questions"][0].endswith("Answer with --class-level.")
    with pytest.raises(UsageError, match="Which level names the class"):
        inspection.folders()
    assert set(inspected(files, class_level=1).folders().values()) == {"x", "y"}


def test_inspection_without_a_class_cannot_be_taken(inspected):
    inspection = inspected({"images/a.png": 1, "images/b.png": 2})
    assert not inspection.can_be_taken
    assert inspection.problems[-1].startswith("No X-ray has a class")
    with pytest.raises(DataError, match="No X-ray has a class"):
        inspection.folders()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"readme.txt": b""}, "There are no X-rays here."),
        ({"masks/a.png": 1}, "no X-rays here but 1 picture that the names"),
    ],
)
def test_inspection_of_no_x_rays_says_so(inspected, files, sentence):
    inspection = inspected(files)
    assert not inspection.can_be_taken
    assert sentence in inspection.problems[0]


def test_inspection_gives_each_class_a_folder(inspected):
    table = b"filename,finding\n0.png,Pneumonia/Viral\n1.png,PA\n2.png,PA\n"
    files = {f"images/{at}.png": at for at in range(3)}
    folders = inspected({**files, "t.csv": table}).folders()
    assert folders == {"images/0.png": "Pneumonia-Viral", "images/1.png": "class PA", "images/2.png": "class PA"}


def test_inspection_of_classes_that_would_share_a_folder_says_so(inspected):
    table = b"filename,finding\n0.png,a/b+\n1.png,a-b+\n2.png,a/b+\n"
    files = {f"images/{at}.png": at for at in range(3)}
    with pytest.raises(DataError, match="Each class needs a folder of its own"):
        inspected({**files, "t.csv": table}).folders()


def test_inspection_lines_show_a_name_with_control_characters_on_one_line(inspected):
    lines = list(inspected({**two_classes(), "covid/Icon\r": b"", "covid/a\n\x1b[2Jb.txt": b""}).lines())
    assert not any(set("\r\n\x1b") & set(line) for line in lines)
