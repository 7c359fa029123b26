"""What a run keeps for judging X-rays: written and read again, distances without the own patient, the map."""

import numpy as np
import pytest

from covidlab.errors import ModelError
from covidlab.prediction.reference import distances, load_reference, positive_log_odds, save_reference
from tests.prediction.references import make_reference


def test_reference_comes_back_from_its_file(tmp_path):
    reference = make_reference()
    save_reference(tmp_path / "reference.npz", reference)
    read = load_reference(tmp_path / "reference.npz")
    np.testing.assert_allclose(read.features, reference.features, rtol=1e-3)
    assert (read.files, read.sha256s, read.classes) == (reference.files, reference.sha256s, reference.classes)
    assert (read.positive_index, read.patients_known) == (0, True)
    ours, theirs = (each.folds.probabilities(each.features, 0) for each in (reference, read))
    np.testing.assert_allclose(ours, theirs, atol=1e-2)


def test_reference_without_folds_comes_back_without(tmp_path):
    save_reference(tmp_path / "reference.npz", make_reference(folds=None))
    assert load_reference(tmp_path / "reference.npz").folds is None


def test_reference_that_is_damaged_or_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "reference.npz"
    path.write_bytes(b"PK\x03\x04 not whole")
    with pytest.raises(ModelError, match="missing or damaged"):
        load_reference(path)
    np.savez(path, format=99)
    with pytest.raises(ModelError, match="newer version"):
        load_reference(path)


def test_film_distances_leave_out_the_own_patient():
    reference = make_reference()
    twins = reference.features.copy()
    twins[1::2] = twins[::2]
    own = make_reference(features=twins)
    assert own.film_distances.min() > 0.01
    assert own.limit <= own.film_distances.max()


def test_alike_class_is_the_one_whose_xrays_lie_nearest_to_each_other():
    features = make_reference().features.copy()
    features[:10] += np.random.default_rng(1).uniform(0, 3, (10, 8))
    reference = make_reference(features=features)
    assert reference.alike_class == 1
    assert reference.film_class_distances[:10].min() > reference.film_class_distances[10:].max()
    turned = make_reference(features=features, labels=1 - make_reference().labels)
    assert turned.alike_class == 0
    np.testing.assert_array_equal(turned.film_class_distances, reference.film_class_distances)


def test_class_of_too_few_patients_is_not_chosen():
    patients = np.where(make_reference().labels == 0, 0, np.arange(20))
    assert make_reference(patients=patients).alike_class == 1


def test_limit_of_a_set_with_one_patient_is_unknown():
    assert np.isnan(make_reference(patients=np.zeros(20, int)).limit)


def test_distances_do_not_depend_on_how_strongly_features_answer():
    features = make_reference().features
    np.testing.assert_allclose(distances(features, 3 * features).diagonal(), 0, atol=1e-3)


def test_map_keeps_the_two_clusters_apart_and_finds_each_xray_again():
    reference = make_reference()
    points = reference.map_points(reference.features)
    assert points.shape == (20, 2)
    assert abs(points[:10, 0].mean() - points[10:, 0].mean()) > 3 * points[:10, 0].std()
    np.testing.assert_allclose(reference.map_points(reference.features[3:4])[0], points[3], atol=1e-6)


def test_map_share_is_what_two_directions_show_of_all_differences():
    assert 0.5 < make_reference().map_share < 1
    two_directions = np.array([[1, 0], [1, 1], [0, 1]], np.float32)
    assert make_reference(features=two_directions).map_share == pytest.approx(1)
    assert make_reference(features=np.ones((3, 4), np.float32)).map_share == pytest.approx(1)


def test_positive_log_odds_of_three_classes_are_against_both_others():
    probabilities = np.array([0.5, 0.3, 0.2])
    assert positive_log_odds(np.log(probabilities), 0) == pytest.approx(np.log(0.5 / 0.5))
    assert positive_log_odds(np.log(probabilities), 2) == pytest.approx(np.log(0.2 / 0.8))
