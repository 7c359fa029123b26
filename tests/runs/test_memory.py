"""A set that does not fit the memory is refused before anything is computed, with what it would need."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.errors import DataError
from covidlab.runs import memory
from covidlab.runs.memory import (
    audit_memory_bytes,
    describe_shortage,
    free_memory_bytes,
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
    monkeypatch.setattr(memory, "free_memory_bytes", lambda: 5_000_000_000)
    require_memory(5_000_000_000, num_films=100_000, what="An audit")
    with pytest.raises(
        DataError, match=r"An audit on 100,000 X-rays needs at least 20.0 GB .* 5.0 GB are free.* at most 25,000"
    ):
        require_memory(20_000_000_000, num_films=100_000, what="An audit")
    assert describe_shortage(1, num_films=1, what="An audit") == ""


@pytest.mark.parametrize(("limit", "free"), [("1500", 1000), ("400", 0)])
def test_free_memory_is_within_the_limit_of_a_container(monkeypatch, tmp_path, limit, free):
    (tmp_path / "max").write_text(limit)
    (tmp_path / "current").write_text("500")
    monkeypatch.setattr(memory, "_LIMIT", tmp_path / "max")
    monkeypatch.setattr(memory, "_USED", tmp_path / "current")
    assert free_memory_bytes() == free


def test_free_memory_without_a_limit_is_that_of_the_machine(monkeypatch, tmp_path):
    (tmp_path / "max").write_text("max")
    monkeypatch.setattr(memory, "_LIMIT", tmp_path / "max")
    assert free_memory_bytes() > 0
