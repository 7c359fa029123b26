"""A set that does not fit the memory is refused before anything is computed, with what it would need."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import DataError
from covidlab.free_memory import Memory
from covidlab.runs import memory
from covidlab.runs.memory import (
    audit_memory_bytes,
    describe_shortage,
    require_memory,
    run_memory_bytes,
)

CONFIG = TrainingConfig(dataset="", views=2, epochs=2)


def test_run_memory_grows_with_views_and_not_with_the_set_where_it_streams():
    assert run_memory_bytes(CONFIG, 100_000) == 100_000 * (20_000 + 2 * 512 * 4 * 3)
    assert run_memory_bytes(TrainingConfig(dataset="", fine_tune="block5"), 100_000) == 0


def test_audit_memory_holds_all_xrays_and_their_lungs():
    assert audit_memory_bytes(CONFIG, 10) == 10 * 224 * 224 * 4 + run_memory_bytes(CONFIG, 10)


def test_require_memory_says_what_is_needed_and_how_many_fit(monkeypatch):
    monkeypatch.setattr(memory, "machine_memory", lambda: Memory(8_000_000_000, 5_000_000_000))
    require_memory(5_000_000_000, num_films=100_000, what="An audit")
    with pytest.raises(
        DataError, match=r"An audit on 100,000 X-rays needs at least 20.0 GB .* 5.0 GB are free.* at most 25,000"
    ):
        require_memory(20_000_000_000, num_films=100_000, what="An audit")
    assert describe_shortage(1, num_films=1, what="An audit") == ""
