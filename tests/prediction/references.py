"""A reference of a small set: two clusters of points, two X-rays a patient."""

import numpy as np

from covidlab.prediction.reference import FoldModels, Reference

NUM_FEATURES, NUM_FILMS, NUM_HEADS = 8, 20, 6


def make_reference(**changes) -> Reference:
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], NUM_FILMS // 2)
    centres = np.eye(NUM_FEATURES)[[0, 1]] * 4 + 1
    features = (centres[labels] + generator.uniform(0, 0.5, (NUM_FILMS, NUM_FEATURES))).astype(np.float32)
    values = {
        "features": features,
        "files": tuple(f"{('covid', 'normal')[label]}/{film}.png" for film, label in enumerate(labels)),
        "sha256s": tuple(f"{film:064d}" for film in range(NUM_FILMS)),
        "labels": labels,
        "classes": ("covid", "normal"),
        "positive_index": 0,
        "patients": np.arange(NUM_FILMS) // 2,
        "patients_known": True,
        "trained": np.arange(NUM_FILMS) % 2 == 0,
        "out_of_fold": np.where(labels == 0, 0.9, 0.1),
        "folds": make_folds(generator),
    }
    return Reference(**{**values, **changes})


def make_folds(generator) -> FoldModels:
    """Heads whose first hidden unit is the first feature and whose second is the second one, with a little noise."""
    hidden = np.zeros((NUM_HEADS, NUM_FEATURES, 64))
    hidden[:, [0, 1], [0, 1]] = 1 + generator.normal(0, 0.1, (NUM_HEADS, 2))
    output = np.zeros((NUM_HEADS, 64, 2))
    output[:, [0, 1], [0, 1]] = 1
    biases = np.zeros((NUM_HEADS, 1, 64)), np.zeros((NUM_HEADS, 1, 2))
    ones = np.ones(NUM_HEADS, np.float32)
    return FoldModels(weights=(hidden, biases[0], output, biases[1]), slopes=ones, intercepts=0 * ones)
