"""Batches that are read while others are learned."""

import threading

import numpy as np
import pytest

from covidlab.learning.reading_ahead import read_ahead, read_in_order

BATCHES = [np.array([0, 1]), np.array([2, 3]), np.array([4])]


@pytest.mark.parametrize("read", [read_ahead, read_in_order])
def test_batches_come_in_order_with_what_was_read_of_them(read):
    found = [(films.tolist(), inputs.tolist()) for films, inputs in read(BATCHES, lambda films: 10 * films)]
    assert found == [([0, 1], [0, 10]), ([2, 3], [20, 30]), ([4], [40])]
    assert list(read([], lambda films: films)) == []


def test_next_batch_is_read_while_one_is_learned_and_no_further():
    second_is_read, read = threading.Event(), []

    def look(films):
        read.append(films[0])
        if films[0] == 2:
            second_is_read.set()
        return films

    reading = read_ahead(BATCHES, look)
    next(reading)
    assert second_is_read.wait(10)
    reading.close()
    assert read == [0, 2]


def test_error_of_a_batch_comes_when_it_is_asked_for():
    def look(films):
        if films[0] == 2:
            raise ValueError("the second batch")
        return films

    reading = read_ahead(BATCHES, look)
    assert next(reading)[0].tolist() == [0, 1]
    with pytest.raises(ValueError, match="the second batch"):
        next(reading)
