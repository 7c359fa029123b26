"""The precision a machine computes in: measured, kept, close to the reference."""

import numpy as np
import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import UsageError
from covidlab.evaluation.crossvalidation import cross_validate_head
from covidlab.files import write_json
from covidlab.learning import precision, processor
from covidlab.learning.activations import open_pack
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.device import Device, select_device
from covidlab.learning.film_activations import FilmActivations, forward
from covidlab.learning.learners import TailLearner
from covidlab.learning.modelfile import load_model
from covidlab.learning.network import build_model, tail_of
from covidlab.learning.precision import choose_precision, decision_key, kept_precision, measure
from covidlab.paths import DEFAULT_MODEL, home

CONFIG = TrainingConfig(dataset="")
DEVICE = Device(name="CPU (a test, 2 cores)", tensorflow_name="/CPU:0")


@pytest.fixture
def no_decision(covidlab_home, monkeypatch):
    """A machine with bfloat16 instructions where nothing was decided yet."""
    (covidlab_home / "precision.json").unlink(missing_ok=True)
    monkeypatch.setattr(precision, "has_bfloat16", lambda: True)
    return covidlab_home


def measuring(monkeypatch, **film_seconds):
    """Let measurements give these seconds; return the list of what was measured."""
    measured = []

    def pretend(backbone, device, fine_tune, candidates):
        measured.append((device.name, fine_tune, candidates))
        return film_seconds

    monkeypatch.setattr(precision, "measure", pretend)
    return measured


@pytest.mark.parametrize(
    ("film_seconds", "chosen"),
    [
        ({"float32": 0.139, "bfloat16": 0.068}, "bfloat16"),
        ({"float32": 0.139, "bfloat16": 0.1}, "float32"),
        ({"float32": 0.139}, "float32"),
        ({"float32": 0.02, "float16": 0.004, "bfloat16": 0.005}, "float16"),
    ],
)
def test_choose_precision_takes_the_fastest_that_is_worth_it_and_keeps_the_decision(
    no_decision, monkeypatch, film_seconds, chosen
):
    measured = measuring(monkeypatch, **film_seconds)
    assert kept_precision(CONFIG, BACKBONE, DEVICE.name) == "float32"
    assert choose_precision(CONFIG, BACKBONE, DEVICE) == choose_precision(CONFIG, BACKBONE, DEVICE) == chosen
    assert kept_precision(CONFIG, BACKBONE, DEVICE.name) == chosen
    assert len(measured) == 1


def test_choose_precision_another_device_depth_or_version_is_measured_anew(no_decision, monkeypatch):
    measured = measuring(monkeypatch, float32=0.2, bfloat16=0.1)
    choose_precision(CONFIG, BACKBONE, DEVICE)
    choose_precision(CONFIG, BACKBONE, Device(name="CPU (another)", tensorflow_name="/CPU:0"))
    choose_precision(TrainingConfig(dataset="", fine_tune="block5"), BACKBONE, DEVICE)
    monkeypatch.setattr(precision, "version", lambda package: "99.0")
    choose_precision(CONFIG, BACKBONE, DEVICE)
    assert len(measured) == 4


def test_choose_precision_without_instructions_measures_nothing(no_decision, monkeypatch):
    measured = measuring(monkeypatch, float32=0.2, bfloat16=0.1)
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)
    assert choose_precision(CONFIG, BACKBONE, DEVICE) == "float32"
    assert measured == []


def test_choose_precision_on_a_gpu_tries_both_small_types(no_decision, monkeypatch):
    measured = measuring(monkeypatch, float32=0.2, bfloat16=0.1, float16=0.09)
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)
    gpu = Device(name="a GPU", tensorflow_name="/GPU:0")
    assert choose_precision(CONFIG, BACKBONE, gpu) == "float16"
    assert measured == [("a GPU", "head", ("float16", "bfloat16"))]


def test_choose_precision_what_an_earlier_version_measured_with_two_on_a_gpu_is_measured_anew(no_decision, monkeypatch):
    gpu = Device(name="a GPU", tensorflow_name="/GPU:0")
    earlier = {"precision": "float32", "film_seconds": {"float32": 0.1}}
    write_json(
        home() / "precision.json",
        {decision_key(device.name, BACKBONE, "head"): earlier for device in (gpu, DEVICE)},
        durable=False,
    )
    measured = measuring(monkeypatch, float32=0.2, bfloat16=0.1, float16=0.09)
    assert choose_precision(CONFIG, BACKBONE, gpu) == choose_precision(CONFIG, BACKBONE, gpu) == "float16"
    assert choose_precision(CONFIG, BACKBONE, DEVICE) == "float32"
    assert len(measured) == 1


def test_choose_precision_what_is_asked_for_is_taken(no_decision, monkeypatch):
    measured = measuring(monkeypatch, float32=0.2, bfloat16=0.1)
    asked = TrainingConfig(dataset="", precision="float32")
    assert choose_precision(asked, BACKBONE, DEVICE) == kept_precision(asked, BACKBONE, DEVICE.name) == "float32"
    assert measured == []


@pytest.mark.parametrize("damage", [{}, {"key": "bfloat16"}, {"key": {"film_seconds": {}}}])
def test_kept_precision_damaged_file_is_the_reference(covidlab_home, damage):
    write_json(covidlab_home / "precision.json", damage)
    assert kept_precision(CONFIG, BACKBONE, DEVICE.name) == "float32"


def test_config_unknown_precision_is_refused():
    with pytest.raises(UsageError, match=r"precision must be one of auto, float32, bfloat16\. Received: float8"):
        TrainingConfig(dataset="", precision="float8").validate()


def test_measure_times_every_precision_on_real_layers(covidlab_home):
    taken = measure(BACKBONE, DEVICE, "head", ("bfloat16",), seconds=0.0)
    assert set(taken) == {"float32", "bfloat16"}
    assert all(0 < seconds < 60 for seconds in taken.values())


@pytest.mark.parametrize(("place", "depth", "together"), [("CPU", "head", 2), ("GPU", "head", 16), ("GPU", "all", 8)])
def test_measure_passes_as_many_films_as_a_run_does_on_a_gpu(covidlab_home, monkeypatch, place, depth, together):
    """On an H100 two X-rays at a time took as long in each type, and sixteen a fifth of it in float16."""
    seconds = iter(np.arange(0.0, 100.0))
    monkeypatch.setattr(precision.time, "monotonic", lambda: next(seconds))
    work = lambda *arguments: {"float32": lambda: np.ones((2, 3))}  # noqa: E731
    monkeypatch.setattr(precision, "_passes", work)
    monkeypatch.setattr(precision, "_steps", work)
    device = Device(name="a test", tensorflow_name=f"/{place}:0")
    assert measure(BACKBONE, device, depth, (), seconds=0.0) == {"float32": 1 / together}


def test_measure_precision_that_gives_something_else_is_left_out(covidlab_home, monkeypatch):
    values = {"float32": 1.0, "bfloat16": 1.1}

    def work(backbone, device, fine_tune, precisions):
        return {name: lambda name=name: np.full((2, 3), values[name]) for name in precisions}

    monkeypatch.setattr(precision, "_passes", work)
    assert set(measure(BACKBONE, DEVICE, "head", ("bfloat16",), seconds=0.0)) == {"float32"}
    values["bfloat16"] = np.nan
    assert set(measure(BACKBONE, DEVICE, "head", ("bfloat16",), seconds=0.0)) == {"float32"}


def test_pack_of_a_smaller_precision_has_a_name_of_its_own(covidlab_home):
    packs = [
        open_pack(BACKBONE, PRESETS["default"], fine_tune="head", precision=name) for name in ("float32", "bfloat16")
    ]
    assert [pack.folder.name.removeprefix("v1-area-block5_pool-imagenet-9b8947ba611c") for pack in packs] == [
        "",
        "-bfloat16",
    ]


def test_forward_survives_a_cleared_session(covidlab_home):
    import keras

    film = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8)
    before = forward(PRESETS["default"], BACKBONE, "head", "bfloat16")(film).numpy()
    keras.utils.clear_session()
    np.testing.assert_array_equal(forward(PRESETS["default"], BACKBONE, "head", "bfloat16")(film), before)


@pytest.mark.parametrize("small", ["bfloat16", "float16"])
def test_tail_learner_smaller_precision_learns_like_the_reference(small):
    """On the last block and small maps: float16 convolutions are slow on a processor."""
    shape = BACKBONE.cut_point("block5").shape
    inputs = np.random.default_rng(0).random((2, *shape), np.float32)
    labels, mask = np.array([0, 1]), np.ones((2, 64), np.float32)
    learners = {}
    for name in ("float32", small):
        import keras

        keras.utils.set_random_seed(3)
        model = build_model(PRESETS["default"], BACKBONE, num_classes=2)
        learners[name] = TailLearner(tail_of(model, BACKBONE, "block5"), precision=name)
    losses = {
        name: [each.train_batch(inputs, labels, mask, 1e-4)[0] for _ in range(2)] for name, each in learners.items()
    }
    np.testing.assert_allclose(losses[small], losses["float32"], rtol=0.1)
    weights = {name: each.keras_weights() for name, each in learners.items()}
    assert {array.dtype for array in weights[small]} == {np.dtype(np.float32)}
    assert [array.shape for array in weights[small]] == [array.shape for array in weights["float32"]]
    again = TailLearner(
        tail_of(build_model(PRESETS["default"], BACKBONE, num_classes=2), BACKBONE, "block5"), precision=small
    )
    again.restore(learners[small].arrays())
    np.testing.assert_array_equal(again.probabilities(inputs), learners[small].probabilities(inputs))


@pytest.mark.curated
@pytest.mark.usefixtures("warm_home")
def test_bfloat16_on_the_fifty_is_near_the_reference(curated):
    if not processor.has_bfloat16():
        pytest.skip("this processor has no bfloat16 instructions (avx512_bf16 or amx_bf16)")
    catalog = load_catalog(curated)
    features, probabilities, trained = {}, {}, {}
    model, _ = load_model(DEFAULT_MODEL / "model.keras")
    head = tail_of(model, BACKBONE, "head")
    for name in ("float32", "bfloat16"):
        activations = FilmActivations(
            catalog, BACKBONE, preset="default", fine_tune="head", device=select_device("cpu"), precision=name
        )
        features[name] = activations.features(range(catalog.num_films), 0)
        crossed = cross_validate_head(catalog, features[name][:, None], TrainingConfig(dataset="", views=1))
        trained[name] = crossed.probabilities
        probabilities[name] = head(activations.read(range(catalog.num_films), 0)).numpy()
    error = np.linalg.norm(features["bfloat16"] - features["float32"], axis=1)
    assert (error / np.linalg.norm(features["float32"], axis=1)).max() < 0.012
    # The shipped head on both.
    difference = np.abs(probabilities["bfloat16"] - probabilities["float32"])
    assert difference.max() < 0.01
    assert (probabilities["bfloat16"].argmax(-1) != probabilities["float32"].argmax(-1)).sum() <= 1
    # Heads trained on each, ten a film that never saw its patient: a film near the boundary may move.
    difference = np.abs(trained["bfloat16"] - trained["float32"])
    assert difference.mean() < 0.02
    assert (trained["bfloat16"].argmax(-1) != trained["float32"].argmax(-1)).mean() <= 0.02


def test_has_bfloat16_reads_the_flags_of_the_processor(tmp_path, monkeypatch):
    cpuinfo = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "_CPUINFO", cpuinfo)
    assert not processor.has_bfloat16()
    for line, expected in (
        ("flags\t: fpu avx512_bf16 sse", True),
        ("flags\t: fpu avx2", False),
        ("Features : fp bf16", True),
    ):
        cpuinfo.write_text(f"processor\t: 0\nmodel name\t: A Processor\n{line}\n\nprocessor\t: 1\n")
        assert processor.has_bfloat16() is expected
    assert processor.cpu_device_name().startswith("CPU (A Processor, ")
