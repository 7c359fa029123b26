"""Decisions leave X-rays out or put them into another class; what that leaves must still be a set."""

import numpy as np
import pandas as pd
import pytest

from covidlab.data.catalog import load_catalog
from covidlab.data.decisions import Selection, apply_selection, changed_films, films_by_loss, missing_films
from covidlab.errors import DataError
from tests.data.decided import decided, decision


@pytest.fixture
def catalog(make_dataset):
    """Six covid and six normal films, two of each patient."""
    return load_catalog(make_dataset(films_per_patient=2))


def test_apply_leaves_films_out_and_moves_them_to_their_class(catalog):
    result = apply_selection(catalog, decided(catalog, covid_0="exclude", normal_1="covid"))
    assert (result.num_films, catalog.num_films) == (11, 12)
    assert "covid/film-000.png" not in set(result.films["file"])
    assert result.row("normal/film-001.png")["class"] == "covid"
    assert result.labels.tolist().count(0) == 6
    assert result.film_path("normal/film-001.png").is_file()
    assert list(result.films.index) == list(range(11))


def test_apply_changes_the_fingerprint_and_empty_selection_does_not(catalog):
    assert apply_selection(catalog, Selection(name="empty")).fingerprint == catalog.fingerprint
    applied = apply_selection(catalog, decided(catalog, covid_0="exclude"))
    assert applied.fingerprint != catalog.fingerprint


def test_apply_where_a_class_would_vanish_names_it(catalog):
    everything = decided(catalog, **{f"normal_{number}": "exclude" for number in range(6)})
    with pytest.raises(DataError, match="The selection s leaves no X-ray of class normal"):
        apply_selection(catalog, everything)


def test_apply_to_a_changed_film_names_it(catalog):
    selection = decided(catalog, covid_0="exclude")
    (catalog.root / "covid/film-000.png").write_bytes((catalog.root / "covid/film-001.png").read_bytes())
    after = load_catalog(catalog.root)
    assert changed_films(after, selection) == ["covid/film-000.png"]
    with pytest.raises(DataError, match=r"made for other content of covid/film-000\.png"):
        apply_selection(after, selection)


def test_apply_passes_over_a_film_that_is_gone(make_dataset):
    catalog = load_catalog(make_dataset())
    selection = decided(catalog, covid_0="exclude", covid_1="normal")
    (catalog.root / "covid/film-000.png").unlink()
    after = load_catalog(catalog.root)
    assert missing_films(after, selection) == ["covid/film-000.png"]
    assert apply_selection(after, selection).num_films == 11


def test_apply_to_an_unknown_class_names_it(catalog):
    with pytest.raises(DataError, match="the classes are covid, normal"):
        apply_selection(catalog, decided(catalog, covid_0="measles"))


def test_selection_fingerprint_is_of_what_it_does_not_of_why(catalog):
    file = "covid/film-000.png"
    selection = decided(catalog, covid_0="exclude")
    other = selection.decide(file, decision(catalog, file, "exclude", reason="another"))
    assert other.fingerprint == selection.fingerprint
    assert other.decide(file, decision(catalog, file, "include")).fingerprint != selection.fingerprint


def test_films_by_loss_puts_the_worst_first_and_the_unseen_last(catalog):
    files = ["covid/film-001.png", "normal/film-002.png", "covid/film-003.png"]
    predictions = pd.DataFrame({"file": files, "p_covid": [0.9, 0.8, 0.0], "p_normal": [0.1, 0.2, 1.0]})
    ordered = films_by_loss(catalog, predictions)
    assert ordered["file"][:3].tolist() == ["covid/film-003.png", "normal/film-002.png", "covid/film-001.png"]
    assert ordered["loss"][1:3].tolist() == pytest.approx([-np.log(0.2), -np.log(0.9)])
    assert ordered["loss"][3:].isna().all() and np.isfinite(ordered["loss"][0])
    assert len(ordered) == 12


@pytest.mark.parametrize("columns", [{"p_covid": ["torn"]}, {"p_covid": [7.0]}, {"p_other": [0.5]}, {}])
def test_films_by_loss_of_unusable_predictions_has_no_loss(catalog, columns):
    ordered = films_by_loss(catalog, pd.DataFrame({"file": ["covid/film-001.png"], **columns}))
    assert ordered["loss"].isna().all()
    assert ordered["file"].tolist() == catalog.films["file"].tolist()
