"""A reading session: its order, what is shown, and what is counted."""

import math

import pandas as pd
import pytest

from covidlab.errors import UsageError
from covidlab.evaluation.reader_study import (
    TALLIES,
    WRONG_SHARE,
    Case,
    Mode,
    Study,
    begin_study,
    held_out_cases,
    tally,
)
from covidlab.intervals import wilson_interval

CLASSES = ("covid", "normal")


def cases_of(num_cases: int = 12, *, num_model_errors: int = 2) -> list[Case]:
    """Cases of either class in turn, the model wrong on the first ones; each of its own patient."""
    truths = [CLASSES[number % 2] for number in range(num_cases)]
    answers = [other(truth) if number < num_model_errors else truth for number, truth in enumerate(truths)]
    return [
        Case(f"file-{number}", truth, answer, patient=f"patient-{number}")
        for number, (truth, answer) in enumerate(zip(truths, answers, strict=True))
    ]


def other(name: str) -> str:
    return CLASSES[1 - CLASSES.index(name)]


def read_through(study: Study, first, *, final=lambda case, first, shown: first) -> Study:
    """Answer all X-rays: ``first`` gets the case, ``final`` the case, the first answer and what is shown."""
    while (case := study.current) is not None:
        said = first(case)
        study = study.answered(said, 3, final_class=final(case, said, study.shown_class()))
    return study


def test_begin_study_same_seed_draws_the_same_session():
    first, second = (begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=5) for _ in range(2))
    assert first == second and first.seed == 5
    assert begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=6).cases != first.cases


def test_begin_study_takes_as_many_x_rays_as_asked_each_once():
    assert len(begin_study(cases_of(), CLASSES, mode=Mode.PLAIN, seed=0, num_cases=5).cases) == 5
    study = begin_study(cases_of(), CLASSES, mode=Mode.PLAIN, seed=0, num_cases=99)
    assert sorted(study.cases, key=lambda case: case.file) == sorted(cases_of(), key=lambda case: case.file)


def test_begin_study_plain_shows_what_the_model_said():
    study = begin_study(cases_of(), CLASSES, mode=Mode.PLAIN, seed=1)
    assert study.shown == tuple(case.model_class for case in study.cases)


@pytest.mark.parametrize("seed", range(5))
def test_begin_study_drill_turns_a_third_of_the_advice_where_the_model_is_right(seed):
    study = begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=seed)
    turned = [(case, shown) for case, shown in zip(study.cases, study.shown, strict=True) if shown != case.model_class]
    assert len(turned) == round(12 * WRONG_SHARE)
    assert all(case.model_class == case.true_class != shown for case, shown in turned)


def test_begin_study_drill_of_one_x_ray_turns_it():
    study = begin_study([Case("a", "covid", "covid")], CLASSES, mode=Mode.DRILL, seed=0)
    assert study.shown == ("normal",)


@pytest.mark.parametrize(
    ("cases", "mode", "message"),
    [
        ([], Mode.PLAIN, "at least one held-out X-ray"),
        ([Case("a", "covid", "normal")], Mode.DRILL, "the model gets right"),
    ],
)
def test_begin_study_without_what_it_needs_refuses(cases, mode, message):
    with pytest.raises(UsageError, match=message):
        begin_study(cases, CLASSES, mode=mode, seed=0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"first_class": "mild", "confidence": 3}, "one of covid, normal. Received: mild"),
        ({"first_class": "covid", "confidence": 3, "final_class": "mild"}, "Received: mild"),
        ({"first_class": "covid", "confidence": 6}, "from 1 to 5. Received: 6"),
    ],
)
def test_answered_with_what_there_is_not_refuses(answer, message):
    study = begin_study(cases_of(), CLASSES, mode=Mode.PLAIN, seed=0)
    with pytest.raises(UsageError, match=message):
        study.answered(**answer)


def test_answered_after_the_last_x_ray_refuses():
    study = read_through(begin_study(cases_of(1), CLASSES, mode=Mode.PLAIN, seed=0), lambda case: "covid")
    with pytest.raises(UsageError, match="All X-rays of this session are answered"):
        study.answered("covid", 3)


def test_without_current_drops_the_x_ray_with_what_is_shown_for_it():
    study = begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=3).answered("covid", 1)
    shorter = study.without_current()
    assert shorter.cases == study.cases[:1] + study.cases[2:]
    assert shorter.shown == study.shown[:1] + study.shown[2:]
    assert shorter.answers == study.answers


def test_tally_of_no_answers_is_undefined():
    figures = tally(begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=0))
    assert tuple(figures) == TALLIES[Mode.DRILL]
    assert all(math.isnan(figure.value) and figure.n == 0 for figure in figures.values())


def test_tally_plain_counts_reader_model_and_changed_minds_with_intervals():
    study = begin_study(cases_of(), CLASSES, mode=Mode.PLAIN, seed=2)
    # Wrong on one X-ray; the model, wrong on the first two, brings this reader from wrong to right once and back once.
    done = read_through(
        study,
        lambda case: case.true_class if case.file != "file-7" else "covid",
        final=lambda case, first, shown: first if case.file == "file-1" else shown,
    )
    figures = tally(done)
    assert tuple(figures) == TALLIES[Mode.PLAIN]
    assert {name: round(figure.value * 12) for name, figure in figures.items()} == {
        "reader_right": 11,
        "reader_right_at_last": 11,
        "model_right": 10,
        "changed": 2,
        "changed_to_right": 1,
        "changed_to_wrong": 1,
        "agreed_with_model": 9,
    }
    assert all(figure.n == 12 for figure in figures.values())
    assert (figures["reader_right"].low, figures["reader_right"].high) == wilson_interval(11, 12)


def test_tally_drill_of_a_right_reader_who_takes_all_advice():
    study = begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=4)
    figures = tally(read_through(study, lambda case: case.true_class, final=lambda case, first, shown: shown))
    # Four pieces of advice are wrong on purpose, two because the model is wrong.
    assert (figures["followed_wrong_advice"].value, figures["followed_wrong_advice"].n) == (1, 6)
    assert figures["followed_right_advice"].n == 0
    assert (figures["reader_right"].value, figures["reader_right_at_last"].value) == (1, 0.5)
    assert figures["changed_to_wrong"].value == figures["changed"].value == 0.5
    assert figures["changed_to_right"].value == 0


def test_tally_drill_of_a_wrong_reader_who_takes_right_advice_only():
    study = begin_study(cases_of(), CLASSES, mode=Mode.DRILL, seed=4)
    done = read_through(study, lambda case: other(case.true_class), final=lambda case, first, shown: case.true_class)
    figures = tally(done)
    # Wrong advice says what this reader has said: nobody can go along with it.
    assert (figures["followed_right_advice"].value, figures["followed_right_advice"].n) == (1, 6)
    assert figures["followed_wrong_advice"].n == 0
    assert figures["changed_to_right"].value == 1


def test_tally_of_one_patient_is_wider_than_of_many():
    cases = [Case(f"file-{number}", "covid", "covid", patient="one") for number in range(10)]
    study = read_through(begin_study(cases, CLASSES, mode=Mode.PLAIN, seed=0), lambda case: "covid")
    figure = tally(study)["reader_right"]
    assert figure.low < wilson_interval(10, 10)[0]
    assert figure.method == "wilson over patients"


def test_held_out_cases_leaves_out_rows_without_an_answer():
    table = pd.DataFrame(
        {
            "file": ["a", "b", "c"],
            "patient_id": ["one", None, "three"],
            "class": ["covid", "normal", None],
            "predicted": ["normal", "normal", "normal"],
        }
    )
    assert held_out_cases(table) == (Case("a", "covid", "normal", "one"), Case("b", "normal", "normal", ""))


def test_held_out_cases_of_no_predictions_is_empty():
    assert held_out_cases(pd.DataFrame(columns=["file", "probability"])) == ()
