"""The model a run saves, and the checksum it is held against."""

import pytest

from covidlab.config import PRESETS, TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.errors import ModelError
from covidlab.learning.backbones.vgg16 import BACKBONE
from covidlab.learning.modelcard import file_sha256, read_card
from covidlab.learning.network import build_head
from covidlab.runs.models import model_file, save_run_model
from covidlab.runs.store import RunStore


@pytest.fixture
def run(make_dataset):
    return RunStore().create(TrainingConfig(dataset=str(make_dataset())))


def test_save_run_model_writes_card_and_checksum(run):
    catalog = load_catalog(run.load_config().dataset)
    save_run_model(run, build_head(PRESETS["default"], BACKBONE, num_classes=2), catalog, threshold=0.4)
    card = read_card(run.model_path)
    assert (card.kind, card.run_id, card.data_fingerprint) == ("tail", run.id, catalog.fingerprint)
    assert (card.classes, card.positive_class, card.threshold) == (["covid", "normal"], "covid", 0.4)
    assert model_file(run).sha256 == file_sha256(run.model_path)


def test_model_file_of_a_run_without_checksum_is_refused(run):
    with pytest.raises(ModelError, match=f"^Run {run.number} has no checksum"):
        model_file(run)
