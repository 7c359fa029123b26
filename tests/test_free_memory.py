"""Free memory: that of the machine, within the limit of a container, without files that may be dropped."""

import psutil
import pytest

from covidlab import free_memory
from covidlab.free_memory import machine_memory


@pytest.fixture
def group(tmp_path, monkeypatch):
    """Return a function that puts this process into a container with a limit and a use of memory."""

    def put(limit, used, statistics=""):
        places = tuple(tmp_path / name for name in ("max", "current", "stat"))
        for place, text in zip(places, (limit, used, statistics), strict=True):
            place.write_text(text)
        monkeypatch.setattr(free_memory, "_GROUPS", (places,))

    return put


@pytest.mark.parametrize(("limit", "free"), [("1500", 1000), ("400", 0)])
def test_memory_is_within_the_limit_of_a_container(group, limit, free):
    group(limit, "500")
    assert machine_memory() == (int(limit), free)


@pytest.mark.parametrize("name", ["inactive_file", "total_inactive_file"])
def test_files_that_were_read_some_time_ago_are_free(group, name):
    group("1500", "500", f"cache 450\n{name} 300\n")
    assert machine_memory().free == 1300


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_memory_without_a_limit_is_that_of_the_machine(group, limit):
    group(limit, "0")
    assert machine_memory().total == psutil.virtual_memory().total >= machine_memory().free > 0


def test_memory_of_a_machine_without_containers_is_all_of_it(monkeypatch):
    monkeypatch.setattr(free_memory, "_GROUPS", ())
    assert machine_memory().total == psutil.virtual_memory().total
