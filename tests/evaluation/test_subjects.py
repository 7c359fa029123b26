"""One X-ray of a set with its lungs, altered; the same pixels as an audit reads."""

import cv2
import numpy as np
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.evaluation import subjects
from covidlab.evaluation.alterations import LUNGS_BLACK, WHOLE
from covidlab.evaluation.subjects import altered_film, film_lungs, prepared_film


@pytest.fixture
def catalog(make_dataset):
    """Twelve X-rays, of which the first has a mask: its left half."""
    root = make_dataset()
    found = load_catalog(root)
    mask = np.zeros((100, 120), np.uint8)
    mask[:, :60] = 255
    found.films.loc[0, "mask"] = "mask.png"
    cv2.imwrite(str(root / "mask.png"), mask)
    return found


def test_altered_film_takes_the_lungs_from_the_mask_of_the_set(catalog):
    file = catalog.films["file"].iloc[0]
    whole = altered_film(catalog, file, WHOLE, preset="default")
    black = altered_film(catalog, file, LUNGS_BLACK, preset="default")
    assert whole.shape == (224, 224, 3) and np.array_equal(black[:, 112:], whole[:, 112:])
    assert not black[:, :112].any()


def test_altered_film_without_lungs_is_none(catalog, monkeypatch):
    monkeypatch.setattr(subjects, "estimated_lungs", lambda film: None)
    file = catalog.films["file"].iloc[1]
    assert altered_film(catalog, file, LUNGS_BLACK, preset="default") is None
    assert film_lungs(catalog, file, prepared_film(catalog, file, preset="default")) == (None, False)
