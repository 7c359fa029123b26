"""What a description must say, and that a file is all a second backbone needs."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from covidlab.config import FINE_TUNE_DEPTHS, IMAGE_SIDE, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import UsageError
from covidlab.learning import backbones
from covidlab.learning.backbones import backbone_names, find_backbone
from covidlab.learning.modelcard import file_sha256
from covidlab.learning.modelfile import load_model
from covidlab.paths import PROJECT_ROOT
from covidlab.runs.estimate import estimate
from covidlab.runs.execution import Execution
from covidlab.runs.jobs import EngineName
from covidlab.runs.store import RunStore

TINY = '''
"""Two convolutions for the tests."""
from pathlib import Path

from covidlab.learning.backbones.base import INPUT, Backbone, CutPoint, Preprocessing

WEIGHTS = Path(__file__).with_name("tiny.weights.h5")


def build():
    import keras

    model = layers()
    model.load_weights(WEIGHTS)
    return model


def layers():
    import keras

    films = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="early")(films)
    return keras.Model(films, keras.layers.Conv2D(12, 3, strides=4, padding="same", activation="relu", name="late")(x))


def cut(layer, shape, num_learning):
    return CutPoint(
        layer=layer,
        shape=shape,
        learns="Something learns",
        num_learning=num_learning,
        checkpoint_bytes=100_000,
        film_seconds=0.001,
    )


BACKBONE = Backbone(
    name="tiny",
    title="Tiny",
    input_side=32,
    build=build,
    preprocessing=Preprocessing(matrix=((1, 0, 0), (0, 1, 0), (0, 0, 1)), offset=(0, 0, 0)),
    weights_path=WEIGHTS,
    weights_sha256="{sha256}",
    cut_points={{"head": cut("late", (4, 4, 12), 962), "all": cut(INPUT, (32, 32, 3), 2062)}},
    num_features=12,
    whole_model_bytes=100_000,
    pass_seconds=0.001,
)
'''


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A second backbone: one file, and its weights beside it, in a folder that counts as the folder of backbones."""
    folder = tmp_path / "backbones"
    folder.mkdir()
    keras.utils.set_random_seed(1)
    weights = folder / "tiny.weights.h5"
    scope: dict = {"__file__": str(folder / "tiny.py")}
    exec(TINY.format(sha256=""), scope)
    scope["layers"]().save_weights(weights)
    (folder / "tiny.py").write_text(TINY.format(sha256=file_sha256(weights)))
    monkeypatch.setattr(backbones, "__path__", [*backbones.__path__, str(folder)])
    yield find_backbone("tiny")
    sys.modules.pop(f"{backbones.__name__}.tiny", None)


@pytest.mark.parametrize("depth", ["head", "all"])
def test_second_backbone_one_file_is_enough_to_train_save_and_estimate(tiny, make_dataset, covidlab_home, depth):
    folder = make_dataset()
    config = TrainingConfig(dataset=str(folder), backbone="tiny", epochs=3, views=2, fine_tune=depth)
    assert estimate(config, load_catalog(folder)).num_passes == (24 if depth == "head" else 0)
    run = RunStore().create(config, engine=EngineName.INLINE)
    with run.locked():
        status = Execution(run).execute()
    assert (status.state, status.epoch) == ("finished", 3), status.reason
    assert run.load_config().backbone == "tiny"
    model, card = load_model(run.model_path)
    assert (model.input_shape, card.frozen_sha256) == ((None, 32, 32, 3), tiny.weights_sha256)
    assert np.isfinite(run.predictions()["probability"]).all()
    packs = {pack.name.split("-")[2] for pack in (covidlab_home / "activations").iterdir()}
    assert packs == ({"input", "late"} if depth == "head" else {"input"})


def test_cut_point_the_network_does_not_have_is_refused(tiny):
    with pytest.raises(UsageError, match=r"Tiny can be fine-tuned at these depths: head, all. Received: block5"):
        tiny.cut_point("block5")


def test_find_backbone_unknown_name_is_refused():
    with pytest.raises(UsageError, match=r"must be one of vgg16. Received: \.\./vgg19"):
        find_backbone("../vgg19")


@pytest.mark.parametrize("name", backbone_names())
def test_description_fits_the_network(name):
    backbone = find_backbone(name)
    network = backbone.build()
    assert backbone.name == name
    assert network.input_shape == (None, backbone.input_side, backbone.input_side, 3)
    assert network.output_shape == (None, *backbone.cut_point("head").shape)
    assert backbone.cut_point("head").shape[-1] == backbone.num_features
    shapes = {layer.name: layer.output.shape[1:] for layer in network.layers}
    frozen = [cut for cut in backbone.cut_points.values() if cut.layer in shapes]
    assert all(shapes[cut.layer] == cut.shape for cut in frozen)


def test_vgg16_has_every_depth_and_takes_films_as_they_are_prepared():
    backbone = find_backbone("vgg16")
    assert tuple(backbone.cut_points) == FINE_TUNE_DEPTHS
    assert backbone.input_side == IMAGE_SIDE


def test_descriptions_are_read_without_tensorflow():
    code = (
        "import sys; from covidlab.learning.backbones import backbone_names, find_backbone; "
        "[find_backbone(name).cut_point('head') for name in backbone_names()]; "
        "import covidlab.runs.estimate; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=True)
