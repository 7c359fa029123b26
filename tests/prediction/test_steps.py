"""One step of a long work: what is known is not read again, and one batch is all that is read."""

import numpy as np
import pytest

from covidlab.prediction.steps import MoreToRead, OneStep

FILMS = np.arange(6, dtype=np.uint8)[:, None, None, None]


def test_step_reads_one_batch_and_ends_before_the_second():
    read = []
    step = OneStep(lambda films: read.append(films[:, 0, 0, 0].tolist()) or films[:, 0, 0, 0])
    assert step(FILMS[:2]).tolist() == [0, 1]
    with pytest.raises(MoreToRead, match="next step"):
        step(FILMS[2:4])
    assert (read, step.numbers) == ([[0, 1]], [0, 1])


def test_step_reads_part_of_a_large_batch_and_the_next_one_the_rest():
    step = OneStep(lambda films: films[:, 0, 0, 0])
    with pytest.raises(MoreToRead, match="next step"):
        step(FILMS)
    assert step.numbers == [0, 1, 2, 3]
    assert OneStep(lambda films: films[:, 0, 0, 0], step.numbers)(FILMS).tolist() == [0, 1, 2, 3, 4, 5]


def test_step_takes_known_numbers_and_reads_only_what_is_missing():
    read = []
    step = OneStep(lambda films: read.append(films[:, 0, 0, 0].tolist()) or films[:, 0, 0, 0], [7.5, 8.5, 9.5])
    assert step(FILMS[:2]).tolist() == [7.5, 8.5]
    assert step(FILMS[2:5]).tolist() == [9.5, 3, 4]
    assert (read, step.numbers) == ([[3, 4]], [7.5, 8.5, 9.5, 3, 4])
