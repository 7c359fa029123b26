"""What of the preparation of X-rays fits on the disk, and how that is said."""

import pytest

from covidlab.config import TrainingConfig
from covidlab.data.catalog import load_catalog
from covidlab.learning.cache_space import SPARE_BYTES, Kept, Missing, count_missing, describe_kept, plan_kept

MISSING = Missing(num_passes=10, num_films=4, pass_bytes=100, film_bytes=50)


@pytest.mark.parametrize(
    ("room", "activations", "num_passes", "films"),
    [
        (1200, True, 0, True),
        (1199, False, 6, True),
        (699, False, 1, True),
        (199, False, 0, False),
        (-5, False, 0, False),
    ],
)
def test_plan_keeps_what_fits_beside_the_run(monkeypatch, room, activations, num_passes, films):
    monkeypatch.setattr("covidlab.learning.cache_space.LEFT_FREE_BYTES", 399)
    free = SPARE_BYTES + 7 + room
    monkeypatch.setattr("covidlab.learning.cache_space.free_bytes", lambda folder: free)
    kept = plan_kept(MISSING, run_bytes=7)
    assert (kept.activations, kept.num_passes, kept.films) == (activations, num_passes, films)
    assert (kept.missing_bytes, kept.disk_bytes) == (1200, max(0, room))


@pytest.mark.parametrize(("depth", "num_passes"), [("head", 36), ("block4", 36), ("all", 0)])
def test_count_missing_names_what_a_run_would_write(make_dataset, depth, num_passes):
    catalog = load_catalog(make_dataset())
    config = TrainingConfig(dataset="", views=3, fine_tune=depth)
    missing = count_missing(config, catalog.films["sha256"].tolist(), precision="float32")
    assert (missing.num_passes, missing.num_films) == (num_passes, 12)
    assert missing.pass_bytes == {"head": 50_176, "block4": 401_408, "all": 0}[depth]
    assert missing.film_bytes == 224 * 224 * 3


def test_describe_says_what_is_missing_and_what_follows():
    assert describe_kept(Kept(), fine_tune="head") == ""
    kept = Kept(activations=False, missing_bytes=32_100_000_000, disk_bytes=12_000_000)
    assert describe_kept(kept, fine_tune="block4") == (
        "What the frozen layers give would take 32.1 GB of the disk and 12 MB can be used, so the run computes it again in "
        "every epoch, which takes longer."
    )
    assert "in memory" in describe_kept(kept, fine_tune="head")
    some = Kept(activations=False, num_passes=5400, missing_bytes=5_000_000_000, disk_bytes=1_300_000_000)
    assert describe_kept(some, fine_tune="block5") == (
        "What the frozen layers give would take 5.0 GB of the disk and 1.3 GB can be used, so the run keeps it on the disk for 5,400 "
        "passes of an X-ray, and computes the others again in every epoch, which takes longer."
    )
    only_films = Kept(films=False, missing_bytes=2_000_000_000)
    assert describe_kept(only_films, fine_tune="all").startswith("The prepared X-rays would take 2.0 GB")
