"""Reading X-rays from the command line."""

import hashlib
import io
import json
import shutil
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from covidlab.cli import main
from covidlab.cli.predict import _model
from covidlab.imaging.prepared import prepare_image
from covidlab.imaging.sandbox import Sandbox
from covidlab.paths import DEFAULT_MODEL
from covidlab.phantom.film import PhantomConfig, make_phantom
from covidlab.prediction.assessment import Assessment
from tests.prediction.predictions import make_assessment, make_prediction

pytestmark = pytest.mark.usefixtures("warm_home")


class StubPredictor:
    """Says the same of every X-ray, at once; ``interrupt_at`` is the X-ray at which somebody presses Ctrl-C."""

    resize = "area"

    def __init__(self, interrupt_at: int | None = None, assessment: Assessment | None = None) -> None:
        self.num_read, self._interrupt_at, self._assessment = 0, interrupt_at, assessment

    def predict_prepared(self, prepared, *, notes=(), sha256=""):
        if self.num_read == self._interrupt_at:
            raise KeyboardInterrupt
        self.num_read += 1
        return make_prediction(0.25, notes=notes, assessment=self._assessment)


def assessment(distance: float) -> Assessment:
    """An X-ray at this distance of a set whose limit is 0.7."""
    return make_assessment(distance=distance, limit=0.7)


@pytest.fixture(scope="module")
def phantom() -> bytes:
    """A synthetic X-ray, which passes the checks."""
    made = io.BytesIO()
    Image.fromarray(make_phantom(PhantomConfig(size=256), 0).pixels).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def xrays(folder, phantom):
    """A folder of four synthetic X-rays, a file that is none and a table; the names are in order."""
    (folder / "xrays").mkdir()
    for name in ("a.png", "b.png", "c.png", "e.png"):
        (folder / "xrays" / name).write_bytes(phantom)
    (folder / "xrays" / "d.jpg").write_text("not an X-ray")
    (folder / "xrays" / "table.csv").write_text("file")
    return "xrays"


@pytest.fixture
def stub(monkeypatch):
    """Return a function that puts a stub in place of the model and of the sandbox, and returns it."""

    def replace(**settings) -> StubPredictor:
        predictor = StubPredictor(**settings)
        sandbox = SimpleNamespace(prepare=prepare_image, warm_up=lambda: None)
        monkeypatch.setattr("covidlab.cli.predict.shared_sandbox", lambda: sandbox)
        monkeypatch.setattr("covidlab.cli.predict.load_tensorflow_quietly", lambda: None)
        monkeypatch.setattr("covidlab.prediction.loading.load_predictor", lambda model: predictor)
        return predictor

    return replace


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_predict_refuses_a_file_and_reads_the_next_with_the_shipped_model(folder, phantom, capsys):
    (folder / "text.jpg").write_text("not an X-ray")
    (folder / "xray.png").write_bytes(phantom)
    assert main(["predict", "--json", "--anyway", "text.jpg", "xray.png"]) == 1
    refused, read = lines_of(capsys.readouterr().out)
    assert (refused["status"], refused["probability"], refused["checks"]) == ("refused", None, [])
    assert "text.jpg" in refused["reasons"][0]
    assert (read["status"], read["positive_class"]) == ("read", "covid")
    assert {check["name"] for check in read["checks"]} >= {"file", "size"}
    assert read["sha256"] == hashlib.sha256(phantom).hexdigest()


def test_predict_says_what_an_audit_of_the_model_found(folder, stub, phantom, monkeypatch, capsys):
    stub()
    lines = ["Audit: With the lungs black the model still reaches 0.94.", "What it does not establish: why."]
    monkeypatch.setattr("covidlab.runs.verdicts.verdict_lines", lambda run: lines)
    (folder / "xray.png").write_bytes(phantom)
    main(["predict", "--json", "--anyway", "xray.png"])
    assert lines_of(capsys.readouterr().out)[0]["audit"] == lines
    main(["predict", "--anyway", "xray.png"])
    assert capsys.readouterr().err.splitlines() == [*lines, "Not for diagnosis."]


def test_predict_of_a_folder_prints_a_line_for_each_x_ray_and_says_what_it_passed_over(xrays, stub, capsys):
    stub()
    assert main(["predict", xrays]) == 1
    said = capsys.readouterr()
    names = [line.split(":")[0] for line in said.out.splitlines()]
    assert names == [f"xrays/{name}" for name in ("a.png", "b.png", "c.png", "d.jpg", "e.png")]
    assert "xrays/d.jpg: refused. d.jpg" in said.out
    assert said.err.splitlines() == [
        "covidlab: 1 file of the folders passed over, which are no X-rays.",
        "Not for diagnosis.",
    ]


def test_predict_gives_no_number_for_what_a_check_refuses(folder, stub, make_dataset, capsys):
    predictor = stub()
    gradient = make_dataset({"covid": 1}) / "covid" / "film-000.png"
    assert main(["predict", "--json", str(gradient)]) == 1
    (line,) = lines_of(capsys.readouterr().out)
    assert (line["status"], line["probability"], predictor.num_read) == ("refused", None, 0)
    assert line["reasons"] == [check["sentence"] for check in line["checks"] if check["verdict"] == "refuse"]


def test_predict_gives_no_number_for_what_is_too_unlike_the_set_unless_asked(folder, stub, phantom, capsys):
    (folder / "xray.png").write_bytes(phantom)
    stub(assessment=assessment(0.9))
    assert main(["predict", "--json", "xray.png"]) == 1
    (line,) = lines_of(capsys.readouterr().out)
    assert (line["status"], line["probability"]) == ("refused", None)
    assert line["reasons"] == ["Too unlike the 50 X-rays of the set: distance 0.90, limit 0.70."]
    assert main(["predict", "--anyway", "--json", "xray.png"]) == 0
    (line,) = lines_of(capsys.readouterr().out)
    assert (line["status"], line["probability"]) == ("read", 0.25)
    assert line["checks"][-1]["verdict"] == "refuse"


def test_predict_with_a_model_without_features_says_that_the_distance_is_not_known(folder, stub, phantom, capsys):
    (folder / "xray.png").write_bytes(phantom)
    stub()
    assert main(["predict", "xray.png"]) == 0
    assert "How unlike the set this X-ray is cannot be told" in capsys.readouterr().out


def test_predict_goes_on_after_a_file_that_makes_the_decoder_crash(folder, stub, phantom, monkeypatch, capsys):
    stub()
    (folder / "bad.bmp").write_bytes(b"BM" + bytes(60) + b":crash")
    (folder / "xray.png").write_bytes(phantom)
    program = Path(__file__).parent.parent / "imaging" / "hostile_process.py"
    with closing(Sandbox(program=(str(program),), num_processes=1)) as sandbox:
        monkeypatch.setattr("covidlab.cli.predict.shared_sandbox", lambda: sandbox)
        assert main(["predict", "--json", "bad.bmp", "xray.png"]) == 1
    bad, good = lines_of(capsys.readouterr().out)
    assert bad["reasons"] == ["bad.bmp cannot be read: the decoder crashed. The file is damaged or harmful."]
    assert good["status"] == "read"


def test_predict_resumed_reads_only_what_does_not_stand_there(xrays, stub, capsys):
    stub(interrupt_at=2)
    assert main(["predict", xrays, "--resume", "out.jsonl"]) == 130
    assert "covidlab: Interrupted after 2 of 5 X-rays. The same command goes on from there." in capsys.readouterr().err
    with open("out.jsonl", "a") as torn:
        torn.write('{"file": "xrays/c.png", "sta')
    predictor = stub()
    assert main(["predict", xrays, "--resume", "out.jsonl"]) == 1
    assert predictor.num_read == 2
    assert "2 X-rays passed over, which had been read before." in capsys.readouterr().err
    with open("out.jsonl") as file:
        whole = [json.loads(line) for line in file if line.endswith("}\n")]
    assert [line["file"][-5:] for line in whole] == ["a.png", "b.png", "c.png", "d.jpg", "e.png"]


def test_predict_resumed_with_all_done_reads_nothing_and_still_fails_where_one_was_refused(xrays, stub, capsys):
    stub()
    assert main(["predict", xrays, "--resume", "out.jsonl"]) == 1
    before = Path("out.jsonl").read_bytes()
    predictor = stub()
    assert main(["predict", xrays, "--resume", "out.jsonl"]) == 1
    assert (predictor.num_read, Path("out.jsonl").read_bytes()) == (0, before)


def test_predict_resumed_anyway_reads_what_was_refused_before(folder, stub, phantom):
    (folder / "xray.png").write_bytes(phantom)
    for option, status in (("--json", 1), ("--anyway", 0), ("--json", 0)):
        stub(assessment=assessment(0.9))
        assert main(["predict", option, "xray.png", "--resume", "out.jsonl"]) == status
    assert [line["status"] for line in lines_of(Path("out.jsonl").read_text())] == ["refused", "read"]


def test_predict_resumed_reads_a_file_again_whose_content_changed(xrays, stub, folder, phantom):
    stub()
    main(["predict", f"{xrays}/a.png", f"{xrays}/b.png", "--resume", "out.jsonl"])
    (folder / xrays / "b.png").write_bytes(phantom + b"more")
    predictor = stub()
    main(["predict", f"{xrays}/a.png", f"{xrays}/b.png", "--resume", "out.jsonl"])
    assert predictor.num_read == 1


def test_predict_interrupted_says_how_far_it_came(xrays, stub, one_sentence):
    stub(interrupt_at=1)
    assert main(["predict", xrays]) == 130
    assert one_sentence() == (
        "covidlab: Interrupted after 1 of 5 X-rays. With --resume OUT.jsonl, the same command can go on later where it ended."
    )


def test_predict_of_a_folder_without_x_rays_says_so(folder, one_sentence):
    (folder / "table.csv").write_text("file")
    assert main(["predict", str(folder)]) == 2
    assert "At least one X-ray is expected; 1 file" in one_sentence()


def test_predict_with_the_model_file_of_a_run_takes_what_the_run_kept(folder):
    copied = shutil.copytree(DEFAULT_MODEL, folder / "run")
    model = _model(str(copied / "model.keras"))
    assert model.reference == copied / "reference.npz"
    assert model.sha256 and model.reference_sha256
    alone = shutil.copy(copied / "model.keras", folder / "model.keras")
    assert _model(str(alone)).reference is None


def test_predict_unknown_model_says_so(folder, one_sentence):
    assert main(["predict", "--model", "nothing here", "film.png"]) == 1
    assert "no model file of this name" in one_sentence()


def test_predict_with_a_model_setting_that_names_no_run_says_so(monkeypatch, one_sentence):
    monkeypatch.setenv("COVIDLAB_MODEL", "9999-none")
    assert main(["predict", "film.png"]) == 1
    assert "COVIDLAB_MODEL names no run with a model" in one_sentence()


def test_predict_with_a_model_from_elsewhere_says_what_it_is(folder, one_sentence, monkeypatch):
    (folder / "keras_model.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    monkeypatch.setattr("covidlab.cli.predict.load_tensorflow_quietly", lambda: pytest.fail("TensorFlow was loaded"))
    assert main(["predict", "--model", "keras_model.h5", "film.png"]) == 1
    assert "This is a Keras model or its weights in HDF5 (.h5)" in one_sentence()
