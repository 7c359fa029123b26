"""One X-ray of a set with its lungs, altered; the same pixels as an audit reads."""

import cv2
import numpy as np
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.evaluation import subjects
from covidlab.evaluation.alterations import LUNGS_BLACK
from covidlab.evaluation.subjects import film_lungs, prepared_subject


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


def test_lungs_come_from_the_mask_of_the_set(catalog):
    file = catalog.films["file"].iloc[0]
    film, subject = prepared_subject(catalog, file, preset="default")
    assert film.shape == (224, 224, 3) and subject.aspect == pytest.approx(96 / 80)
    black = LUNGS_BLACK(film, subject)
    assert not black[:, :112].any() and np.array_equal(black[:, 112:], film[:, 112:])


def test_xray_without_mask_and_estimate_has_no_lungs(catalog, monkeypatch):
    monkeypatch.setattr(subjects, "estimated_lungs", lambda film: None)
    file = catalog.films["file"].iloc[1]
    film, subject = prepared_subject(catalog, file, preset="default")
    assert subject.lungs is None and film_lungs(catalog, file, film) == (None, False)
