"""The process that predicts may be slow, busy or dead: who asks gets the answer or one sentence, and the next try works."""

import os
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from covidlab.errors import ModelError, TemporaryError
from covidlab.imaging.decode import decode_file
from covidlab.imaging.prepare import model_input
from covidlab.paths import DEFAULT_MODEL
from covidlab.prediction.loading import ModelFile, load_predictor
from covidlab.runs.models import model_file
from covidlab.runs.store import Run
from covidlab.services.reader import Reader
from covidlab.services.reader_messages import model_values

QUICK = (str(Path(__file__).with_name("quick_process.py")),)
TIMEOUT_SECONDS = 60


def model(name="quick") -> ModelFile:
    return ModelFile(path=Path("model.keras"), sha256="0" * 64, name=name)


def inputs(value=51) -> dict[str, np.ndarray]:
    return {kind: np.full((224, 224, 3), value, np.uint8) for kind in ("area", "linear")}


def wait_until(condition) -> None:
    until = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.005)


@pytest.fixture
def reader():
    reader = Reader(program=QUICK)
    yield reader
    reader.close()


def test_predict_gives_the_answer_with_the_notes_of_the_decoding(reader):
    prediction = reader.predict(inputs(51), model(), notes=("Converted.",))
    assert prediction.probability == pytest.approx(0.2)
    assert (prediction.resembles, prediction.threshold, prediction.notes) == ("normal", 0.5, ("Converted.",))
    assert prediction.heatmap.shape == (7, 7)


def test_predict_keeps_no_x_ray_once_it_has_answered(reader):
    given = inputs()
    kept = [weakref.ref(part) for part in given.values()]
    reader.predict(given, model())
    del given
    wait_until(lambda: not any(part() is not None for part in kept))


def test_predict_for_many_visitors_gives_each_their_own(reader):
    with ThreadPoolExecutor(8) as pool:
        predictions = list(pool.map(lambda value: reader.predict(inputs(value), model()), range(0, 240, 10)))
    assert [round(255 * prediction.probability) for prediction in predictions] == list(range(0, 240, 10))


def test_predict_with_an_unusable_model_says_why_and_the_next_one_answers(reader):
    with pytest.raises(ModelError, match="The model is damaged"):
        reader.predict(inputs(), model("refused"))
    assert reader.predict(inputs(), model()).probability == pytest.approx(0.2)


def test_predict_process_killed_meanwhile_says_one_sentence_and_the_next_try_works(reader):
    reader.predict(inputs(), model())
    with pytest.raises(TemporaryError, match="The process that reads X-rays ended unexpectedly; a new one is starting"):
        reader.predict(inputs(), model("deadly"))
    assert reader.predict(inputs(), model()).probability == pytest.approx(0.2)


def test_predict_process_that_hangs_is_ended_and_the_next_try_works():
    reader = Reader(program=QUICK, answer_seconds=0.2)
    with pytest.raises(TemporaryError, match="took too long and was ended"):
        reader.predict(inputs(), model("endless"))
    # On a busy machine even a quick answer takes longer.
    reader._answer_seconds = TIMEOUT_SECONDS
    assert reader.predict(inputs(), model()).probability == pytest.approx(0.2)
    reader.close()


def test_predict_does_not_wait_for_ever_for_its_turn():
    reader = Reader(program=QUICK, wait_seconds=0.2)
    with pytest.raises(TemporaryError, match="Reading the X-ray took too long"):
        reader.predict(inputs(), model("endless"))
    reader.close()


def test_predict_turns_away_who_finds_the_queue_full():
    reader = Reader(program=QUICK, max_waiting=2)
    reader.predict(inputs(), model())
    os.kill(reader.pid, 19)  # SIGSTOP: nothing is answered meanwhile
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(reader.predict, inputs(1), model())
        wait_until(lambda: first.running() and reader._waiting.empty())
        others = [pool.submit(reader.predict, inputs(value), model()) for value in (2, 3)]
        wait_until(reader._waiting.full)
        with pytest.raises(TemporaryError, match="The model is busy: 2 X-rays wait already"):
            reader.predict(inputs(4), model())
        os.kill(reader.pid, 18)  # SIGCONT
        values = [round(255 * waiting.result(TIMEOUT_SECONDS).probability) for waiting in (first, *others)]
    assert values == [1, 2, 3]
    reader.close()


def test_predict_starts_a_process_where_the_last_one_ended(reader):
    reader.predict(inputs(), model())
    ended = psutil.Process(reader.pid)
    ended.kill()
    ended.wait(timeout=TIMEOUT_SECONDS)
    assert reader.predict(inputs(), model()).probability == pytest.approx(0.2)


def test_warm_up_loads_once_and_does_not_wait(reader):
    assert not reader.is_warm(model())
    for _ in range(50):
        reader.warm_up(model())
    wait_until(lambda: reader.is_warm(model()))
    assert reader._waiting.empty()


def test_is_warm_knows_what_the_process_keeps(reader):
    for name in ("first", "second", "third"):
        reader.predict(inputs(), model(name))
    assert [reader.is_warm(model(name)) for name in ("first", "second", "third")] == [False, True, True]
    reader.ask("watch", model("fourth"), values={"distances": [0.4]})
    assert not reader.is_warm(model("fourth"))


def test_warm_up_after_the_process_died_loads_again(reader):
    reader.warm_up(model())
    wait_until(lambda: reader.is_warm(model()))
    psutil.Process(reader.pid).kill()
    wait_until(lambda: not reader.is_warm(model()))
    reader.warm_up(model())
    wait_until(lambda: reader.is_warm(model()))


def test_warm_up_of_an_unusable_model_is_told_until_it_can_be_used(reader):
    reader.warm_up(model("refused"))
    wait_until(lambda: reader.failure(model("refused")) is not None)
    assert "damaged" in str(reader.failure(model("refused")))
    assert reader.failure(model()) is None


def test_close_tells_who_still_waits():
    reader = Reader(program=QUICK)
    reader.predict(inputs(), model())
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(reader.predict, inputs(), model("endless")) for _ in range(2)]
        wait_until(lambda: reader._waiting.qsize() == 1)
        # Another test of this process may have a reader of its own, with a thread of the same name.
        thread = reader._thread
        reader.close()
        assert all(isinstance(future.exception(TIMEOUT_SECONDS), TemporaryError) for future in waiting)
    assert reader.pid is None
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def real():
    """The reader as it is, with TensorFlow in its process."""
    reader = Reader()
    yield reader
    reader.close()


def test_reader_process_predicts_as_the_predictor_does(real, make_dataset):
    shipped = model_file(Run(DEFAULT_MODEL))
    pixels = decode_file(make_dataset(name="films") / "covid" / "film-000.png").pixels
    prepared = {kind: model_input(pixels, resize=kind) for kind in ("area", "linear")}
    there = real.predict(prepared, shipped)
    here = load_predictor(shipped).predict_prepared(prepared["area"])
    assert there.probability == pytest.approx(here.probability, abs=1e-6)
    assert there.probabilities.keys() == here.probabilities.keys()
    np.testing.assert_allclose(there.heatmap, here.heatmap, atol=1e-6)


def test_reader_process_answers_every_other_task_about_an_xray(real):
    """What each says is held where it is made; here every way there and back is."""
    shipped, prepared = model_file(Run(DEFAULT_MODEL)), inputs(90)
    assessment = real.predict(prepared, shipped, sha256="0" * 64).assessment
    assert assessment.is_far and len(assessment.neighbours) == 3
    visit = {"distances": [assessment.distance] * 2, "class_distances": [assessment.class_distance, None]}
    assert len(real.ask("watch", shipped, values=visit).values["evidence"]) == 2
    known = real.ask("map", shipped)
    assert known.parts["points"].shape == (len(known.values["files"]), 2) == (50, 2)
    (vote,) = real.ask("vote", shipped, values={"models": [model_values(shipped)]}, parts=prepared).values["votes"]
    assert vote["probability"] == pytest.approx(real.predict(prepared, shipped).probability, abs=1e-4)
    assert real.is_warm(shipped)


def test_reader_process_makes_a_map_in_steps(real):
    shipped, prepared = model_file(Run(DEFAULT_MODEL)), inputs(90)
    values, steps = {"method": "grad-cam", "class": "covid"}, []
    while not steps or "numbers" in steps[-1].values:
        known = {"numbers": steps[-1].values["numbers"]} if steps else {}
        made = steps[-1].parts if steps else {}
        steps.append(real.ask("explain", shipped, values={**values, **known}, parts={**prepared, **made}))
    assert [len(step.values.get("numbers", ())) for step in steps] == [0, 4, 7, 11, 14, 18, 21, 0]
    assert steps[-1].parts["heatmap"].shape == (7, 7) and len(steps[-1].values["trial"]) == 3


def test_reader_process_refuses_a_changed_model(real, tmp_path):
    shipped = model_file(Run(DEFAULT_MODEL))
    (tmp_path / "model.keras").write_bytes(shipped.path.read_bytes() + b"\0")
    changed = ModelFile(path=tmp_path / "model.keras", sha256=shipped.sha256, name="run 7")
    with pytest.raises(ModelError, match="The file of run 7 is not the one its run saved"):
        real.predict(inputs(), changed)


def test_reader_process_without_tensorflow_lives_and_says_why():
    reader = Reader(program=(str(Path(__file__).with_name("without_tensorflow.py")),))
    shipped = model_file(Run(DEFAULT_MODEL))
    reader.warm_up(shipped)
    wait_until(lambda: reader.failure(shipped) is not None)
    assert str(reader.failure(shipped)).startswith("TensorFlow cannot be loaded here, so no X-ray can be read")
    alive = reader.pid
    with pytest.raises(ModelError, match="browsing works"):
        reader.predict(inputs(), shipped)
    assert reader.pid == alive is not None
    reader.close()


def test_reader_process_goes_behind_a_training(real):
    real.warm_up(model_file(Run(DEFAULT_MODEL)))
    wait_until(lambda: real.is_warm(model_file(Run(DEFAULT_MODEL))))
    assert psutil.Process(real.pid).nice() > psutil.Process().nice()
