"""The model that ships with the package, held against a remake."""

import json

import numpy as np
import pytest

from covidlab.errors import DataError
from covidlab.learning.modelcard import file_sha256
from covidlab.learning.modelfile import load_model
from covidlab.metrics import METRICS
from covidlab.paths import DEFAULT_MODEL
from covidlab.runs.active_model import model_in_use
from covidlab.runs.shipped import CARD_NAME, make_default_model, model_card
from covidlab.runs.status import State
from covidlab.runs.store import Run

SHIPPED = json.loads((DEFAULT_MODEL / "report.json").read_text())


@pytest.mark.curated
@pytest.mark.usefixtures("warm_home")
def test_default_model_shipped_file_equals_a_remake(curated, tmp_path):
    figures = make_default_model(curated, tmp_path)
    shipped, card = load_model(DEFAULT_MODEL / "model.keras")
    remade, _ = load_model(tmp_path / "model.keras")
    for name in ("hidden", "probabilities"):
        for ours, theirs in zip(
            shipped.get_layer(name).get_weights(), remade.get_layer(name).get_weights(), strict=True
        ):
            # Other processors round convolutions differently; 375 Adam steps of at most 0.001 move a weight by 0.1.
            np.testing.assert_allclose(ours, theirs, atol=5e-3)
    assert figures["data"]["fingerprint"] == SHIPPED["data"]["fingerprint"] == card.data_fingerprint
    remade_run = Run(tmp_path)
    assert (remade_run.status().state, remade_run.status().epoch) == (State.FINISHED, 25)
    assert remade_run.load_facts()["data"]["num_validation"] == 0
    assert remade_run.report() == figures
    for name in METRICS:
        shipped_value = SHIPPED["cross_validation"][name]["value"]
        assert figures["cross_validation"][name]["value"] == pytest.approx(shipped_value, abs=0.02)


def test_default_model_is_in_use_until_somebody_chooses_and_its_checksum_holds():
    run = model_in_use()
    assert run.path == DEFAULT_MODEL
    assert run.status().state == "finished"
    assert run.load_facts()["model_sha256"] == file_sha256(run.model_path)


def test_default_model_is_a_head_only():
    assert (DEFAULT_MODEL / "model.keras").stat().st_size < 1_000_000


def test_default_model_card_holds_the_shipped_figures():
    text = (DEFAULT_MODEL / CARD_NAME).read_text()
    assert text == model_card(SHIPPED)
    for words in ("Not for diagnosis", "must not be used", "94 to 99 %", "95 % interval"):
        assert words in text


def test_default_model_from_other_films_is_refused(make_dataset, tmp_path):
    with pytest.raises(DataError, match="curated fifty"):
        make_default_model(make_dataset(), tmp_path)
