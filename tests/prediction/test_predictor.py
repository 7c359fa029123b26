"""One predictor for films of the set and of strangers, and for files that are not to be trusted."""

import json
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import keras
import numpy as np
import pytest

from covidlab.errors import ModelError
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import model_input
from covidlab.imaging.readers.base import DecodedImage
from covidlab.learning.modelcard import CARD
from covidlab.learning.modelfile import export_whole
from covidlab.prediction.answer import describe
from covidlab.prediction.explaining import explain
from covidlab.prediction.predictor import Predictor


@pytest.fixture(scope="module")
def predictor(trained):
    run, _ = trained
    return Predictor(run.model_path)


def films_of(run):
    rows = run.predictions()
    return [(decode_file(f"{run.load_config().dataset}/{row.file}"), row) for row in rows.itertuples()]


def test_read_validation_film_gives_the_probability_of_the_run(trained, predictor):
    for film, row in films_of(trained[0]):
        reading = predictor.predict(film)
        # The run read its activations from the cache, where they are float16.
        assert reading.probability == pytest.approx(row.probability, abs=5e-3)
        assert reading.resembles == row.predicted


def test_read_whole_model_file_gives_the_same_answer(trained, predictor, tmp_path):
    run, _ = trained
    export_whole(run.model_path, tmp_path / "covid19.model")
    film, _ = films_of(run)[0]
    whole = Predictor(tmp_path / "covid19.model").predict(film)
    assert whole.probability == pytest.approx(predictor.predict(film).probability, abs=1e-5)
    np.testing.assert_allclose(whole.heatmap, predictor.predict(film).heatmap, atol=1e-5)


def test_read_gives_probabilities_that_sum_to_one_and_a_small_map(trained, predictor):
    reading = predictor.predict(films_of(trained[0])[0][0])
    assert sum(reading.probabilities.values()) == pytest.approx(1)
    assert reading.heatmap.shape == (7, 7)
    assert reading.heatmap.min() >= 0


def test_read_keeps_the_notes_of_the_film(predictor):
    film = DecodedImage(np.zeros((80, 80, 3), np.uint8), "PNG", "P", notes=("Converted.",))
    assert predictor.predict(film).notes == ("Converted.",)


def test_read_by_many_threads_gives_each_its_own_film(trained, predictor):
    films = [film for film, _ in films_of(trained[0])] * 2
    alone = [predictor.predict(film).probability for film in films]
    with ThreadPoolExecutor(4) as pool:
        together = [reading.probability for reading in pool.map(predictor.predict, films)]
    assert together == pytest.approx(alone, abs=1e-6)


def test_describe_says_what_the_film_resembles(trained, predictor):
    for film, _ in films_of(trained[0]):
        sentence = describe(predictor.predict(film))
        assert "resembles the COVID-19 X-rays" in sentence or "resembles the non-COVID X-rays" in sentence
        assert "positive" not in sentence.lower()


def test_predictor_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no model file of this name"):
        Predictor(tmp_path / "model.keras")


def test_predictor_truncated_file_is_refused(trained, tmp_path):
    damaged = tmp_path / "model.keras"
    damaged.write_bytes(trained[0].model_path.read_bytes()[:5000])
    with pytest.raises(ModelError, match="not a model saved by covidlab, or it is damaged"):
        Predictor(damaged)


def test_predictor_damaged_weights_are_refused(trained, tmp_path):
    damaged = tmp_path / "model.keras"
    data = bytearray(trained[0].model_path.read_bytes())
    with zipfile.ZipFile(trained[0].model_path) as archive:
        start = archive.getinfo("model.weights.h5").header_offset
    data[start + 20_000] ^= 0xFF
    damaged.write_bytes(data)
    with pytest.raises(ModelError, match="damaged"):
        Predictor(damaged)


def test_predictor_foreign_keras_file_is_refused(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(tmp_path / "foreign.keras")
    with pytest.raises(ModelError, match="was not saved by covidlab"):
        Predictor(tmp_path / "foreign.keras")


def test_predictor_other_weights_below_are_refused(trained, tmp_path):
    path = rewritten(trained[0].model_path, tmp_path, frozen_sha256="0" * 64)
    with pytest.raises(ModelError, match="other VGG16 weights"):
        Predictor(path)


def test_predictor_never_executes_a_lambda_of_the_file(trained, predictor, tmp_path):
    run, marker = trained[0], str(tmp_path / "executed")
    layers = [keras.Input((7, 7, 512)), keras.layers.Lambda(lambda x: (open(marker, "w").close(), x)[1])]
    keras.Sequential(layers).save(tmp_path / "harm.keras")
    with zipfile.ZipFile(tmp_path / "harm.keras") as archive:
        hostile = rewritten(run.model_path, tmp_path, config=archive.read("config.json"))
    Path(marker).unlink()
    with suppress(ValueError):
        keras.saving.load_model(hostile, safe_mode=False)
    assert Path(marker).exists(), "the file must do harm where it is trusted, or this test proves nothing"

    Path(marker).unlink()
    film, _ = films_of(run)[0]
    assert Predictor(hostile).predict(film).probability == pytest.approx(predictor.predict(film).probability, abs=1e-6)
    assert not Path(marker).exists()


def rewritten(source, folder, *, config=None, **card_changes):
    """A copy of a model file with another config.json or another card."""
    target = folder / "rewritten.keras"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json" and config is not None:
                data = config
            if name == CARD:
                data = json.dumps({**json.loads(data), **card_changes}).encode()
            new.writestr(name, data)
    return target


def test_predictor_reads_a_file_under_any_name(trained, predictor, tmp_path):
    run, _ = trained
    shutil.copy(run.model_path, tmp_path / "covid19.model")
    film, _ = films_of(run)[0]
    assert Predictor(tmp_path / "covid19.model").predict(film).probability == pytest.approx(
        predictor.predict(film).probability
    )


def test_explain_by_grad_cam_is_the_map_of_the_prediction(trained, predictor):
    film, _ = films_of(trained[0])[0]
    prepared = model_input(film.pixels, resize=predictor.resize)
    explanation = explain(predictor, prepared, method="grad-cam", class_name=predictor.card.positive_class)
    np.testing.assert_allclose(explanation.heatmap, predictor.predict(film).heatmap, atol=1e-4)
