"""Another hospital: figures, shares of classes, shift, confounders; copies of the set are left out; one class is enough."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from covidlab.audit import elsewhere_visit
from covidlab.audit.elsewhere import compute
from covidlab.audit.settings import AuditConfig
from covidlab.errors import DataError, UsageError
from covidlab.evaluation import two_samples
from covidlab.files import read_json, write_json
from covidlab.imaging.prepared import prepare_image
from covidlab.intake.visit_files import visits_folder, write_visit
from covidlab.intake.visit_sources import bring
from covidlab.intake.visiting import KnownXrays, read_visit
from tests.audit.made_up import MadeUpData, context
from tests.other_hospital import class_names, pattern, write_patterns


class Inside:
    """Decodes in this process, as a sandbox would."""

    prepare = staticmethod(prepare_image)


class OtherData(MadeUpData):
    """X-rays elsewhere have features that lie on the side of the positive class, whatever they are."""

    def __init__(self, root):
        super().__init__(root, signal=4.0)
        self.kept: list[str] = []
        self.maker.kept_features = self._kept
        self.maker.features = self._made

    def _kept(self, keys, make, *, of):
        self.kept += keys
        assert make([0]).shape == (1, 224, 224, 3)
        return self._made(keys)

    def _made(self, films):
        made = np.random.default_rng(7).normal(size=(len(films), 16)).astype(np.float32)
        made[:, 0] += 4 if self.positive_index else -4
        made[:, 1] += 6
        return made


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(elsewhere_visit, "shared_sandbox", Inside)
    monkeypatch.setattr(two_samples, "NUM_PERMUTATIONS", 199)


@pytest.fixture
def data(tmp_path) -> OtherData:
    """Twelve patients of each class with one X-ray each."""
    names = {
        f"{kind}/set-{place}.png": seed * 100 + place
        for seed, kind in enumerate(("covid", "normal"))
        for place in range(12)
    }
    rows = {name: {"patient_id": f"p{place}", "age_group": "child"} for place, name in enumerate(names)}
    return OtherData(write_patterns(tmp_path / "set", names, rows))


def found_in(data, path) -> dict:
    settings = context()
    return compute(data, replace(settings, config=AuditConfig(repeats=2, other=str(path))))


def test_figures_elsewhere_stand_beside_those_here(data, tmp_path):
    found = found_in(data, write_patterns(tmp_path / "other", class_names(covid=6, no_finding=8, pneumonia=5)))
    assert (
        found["here"]["accuracy"]
        == data.figures(data.held_out(data.train(data.view_features(), data.splits), data.features()))[
            "accuracy"
        ].to_dict()
    )
    assert found["here"]["accuracy"]["value"] > 0.9
    # All are called COVID-19.
    assert found["elsewhere"]["specificity"]["value"] < 0.05
    assert found["elsewhere"]["sensitivity"]["value"] > 0.9
    assert found["elsewhere"]["accuracy"]["n"] == 19 and found["num_models"] == len(data.splits)


def test_share_of_each_class_that_is_called_positive_has_interval_and_n(data, tmp_path):
    found = found_in(data, write_patterns(tmp_path / "other", class_names(covid=6, no_finding=8)))
    covid, no_finding = found["classes"]
    assert (covid["name"], covid["is_positive"], no_finding["is_positive"]) == ("covid", True, False)
    assert no_finding["called"]["n"] == 8 and no_finding["called"]["value"] > 0.9
    assert 0 < no_finding["called"]["low"] < no_finding["called"]["value"] <= no_finding["called"]["high"] <= 1
    assert covid["called"] == found["elsewhere"]["sensitivity"]
    assert no_finding["called"]["value"] == pytest.approx(1 - found["elsewhere"]["specificity"]["value"])


def test_each_other_class_has_an_auc_of_its_own(data, tmp_path):
    found = found_in(data, write_patterns(tmp_path / "other", class_names(covid=3, no_finding=4, pneumonia=5)))
    covid, no_finding, pneumonia = (row["auc"] for row in found["classes"])
    assert covid is None and (no_finding["n"], pneumonia["n"]) == (7, 8)
    # Each is a median over models, so the mean over the pairs holds nearly.
    pairs = (4 * no_finding["value"] + 5 * pneumonia["value"]) / 9
    assert found["elsewhere"]["auc"]["value"] == pytest.approx(pairs, abs=0.05)


def test_each_xray_has_its_probability_and_distance(data, tmp_path):
    found = found_in(data, write_patterns(tmp_path / "other", class_names(covid=2, no_finding=3)))
    first = found["xrays"][0]
    assert len(found["xrays"]) == 5 and first["file"] == "covid/xray-0.png" and first["class"] == "covid"
    assert (
        0.9 < first["probability"] <= 1 and first["models"] == 1 and first["distance"] > 0 and first["chosen"] is None
    )
    assert len(found["shift"]["map"]["elsewhere"]) == 5 and len(found["shift"]["map"]["here"]) == 24


def test_shift_and_confounders_that_differ_are_found_and_unknown_ones_named(data, tmp_path):
    names = class_names(no_finding=24)
    rows = {name: {"patient_id": f"q{place}", "age_group": "adult"} for place, name in enumerate(names)}
    found = found_in(data, write_patterns(tmp_path / "other", names, rows))
    assert found["shift"]["all"]["p"] < 0.05 and found["shift"]["all"]["share"] > found["shift"]["all"]["by_chance"]
    properties = {row["name"]: row for row in found["differences"]}
    assert properties["age group"]["difference"] == 1
    assert (properties["sex"]["differs"], properties["sex"]["p"]) == (None, None)
    assert properties["file format"]["differs"] is False
    assert {row["group"] for row in found["differences"]} == {"others"}


def test_xrays_without_the_disease_alone_give_a_specificity_and_no_auc(data, tmp_path):
    found = found_in(data, write_patterns(tmp_path / "no_finding", {f"{place}.png": 500 + place for place in range(6)}))
    assert found["elsewhere"]["specificity"]["n"] == 6
    assert all(found["elsewhere"][name]["value"] is None for name in ("sensitivity", "auc", "accuracy", "f1"))
    assert found["other"]["positive"] == [] and found["other"]["num_patients"] is None
    assert found["elsewhere"]["specificity"]["method"].endswith("over X-rays")


def test_copies_that_were_stored_again_are_left_out(data, tmp_path):
    root = write_patterns(tmp_path / "other", class_names(covid=4, no_finding=4))
    assert cv2.imwrite(str(root / "covid/copy.jpg"), cv2.resize(pattern(3), (120, 100)))
    found = found_in(data, root)
    assert found["other"]["left_out"] == {"nearly in the set": 1} and len(found["xrays"]) == 8


def test_folder_of_copies_alone_is_refused(data, tmp_path):
    root = write_patterns(tmp_path / "other", {})
    for place in range(3):
        (root / "covid").mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(root / f"covid/{place}.bmp"), pattern(place))
    with pytest.raises(DataError, match="all of which look like X-rays of the set"):
        found_in(data, root)


def test_what_a_visitor_brought_is_measured_without_being_kept_and_is_deleted(data, tmp_path):
    brought, layout = bring(write_patterns(tmp_path / "other", class_names(covid=3, no_finding=3)))
    path = write_visit(read_visit(brought, layout, name="", resize="area", known=KnownXrays()))
    found = found_in(data, path)
    assert data.kept == [] and list(visits_folder().iterdir()) == []
    assert found["xrays"][0]["file"] == "X-ray 1" and found["other"]["name"] == ""
    with pytest.raises(DataError, match="are gone"):
        found_in(data, path)


def test_what_is_found_is_plain_json(data, tmp_path):
    found = found_in(data, write_patterns(tmp_path / "other", class_names(no_finding=3)))
    write_json(tmp_path / "found.json", found)
    assert "NaN" not in (tmp_path / "found.json").read_text() and read_json(tmp_path / "found.json") == found


def test_part_without_another_hospital_says_what_is_expected(data):
    with pytest.raises(UsageError, match=r"X-rays of another hospital is expected\. Received: none"):
        compute(data, context())


def test_classes_that_do_not_match_are_a_sentence(data, tmp_path):
    with pytest.raises(DataError, match="A folder called covid is expected"):
        found_in(data, write_patterns(tmp_path / "other", class_names(mild=2, severe=2)))
