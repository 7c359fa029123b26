"""Whether columns tell classes apart beyond chance: a permutation test over patients, for several sets of columns at once."""

from collections.abc import Callable, Sequence

import numpy as np

# An alarm on one of a hundred sets without a shortcut, at most.
LEVEL = 0.01
NUM_PERMUTATIONS = 499
NUM_FOLDS, NUM_REPEATS, SEED = 5, 3, 42

_RIDGE = 1.0


def beyond_chance(columns: Sequence[np.ndarray], labels: np.ndarray, patient_ids: np.ndarray) -> list[bool]:
    """For each set of columns, whether it tells the classes apart better than any set does when classes are permuted.

    Parameters
    ----------
    columns : float arrays of shape (films, columns)
    labels : int array of shape (films,), 0 to num_classes - 1
    patient_ids : array of shape (films,)

    Returns
    -------
    list of bool, whether the p-value is at most ``LEVEL``, the number of sets allowed for

    Notes
    -----
    The classes are permuted among patients, since X-rays of one patient resemble each other. The statistic is the balanced
    accuracy of a cross-validated least-squares classifier, whose folds do not depend on the classes: one
    factorisation serves all permutations, where a logistic regression would take thousands of times as long. That the
    highest value of all sets is compared keeps the level for all of them together: P. H. Westfall and S. S. Young (1993),
    Resampling-Based Multiple Testing, section 2.3. A bootstrap interval above chance is no such test: with classes permuted
    among the 37 patients of the curated set it was above chance in 7 of 60 cases, Bonferroni's correction included.
    """
    if not columns:
        return []
    shares = shares_told(columns, labels, patient_ids)
    return [bool(value <= LEVEL) for value in _reached(shares.max(axis=0), shares).mean(axis=1)]


def shares_told(
    columns: Sequence[np.ndarray],
    labels: np.ndarray,
    patient_ids: np.ndarray,
    *,
    num_permutations: int = NUM_PERMUTATIONS,
    alike: bool = False,
    on_step: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """The statistic of ``beyond_chance``: balanced accuracy of each set with the classes as they are, then with permuted ones.

    Parameters
    ----------
    columns, labels, patient_ids : as ``beyond_chance``
    alike : whether the columns of a set have one unit, as features of a network have: they are then taken as they are, and shrunk
        by their mean variance
    on_step : called again and again; may raise to end it

    Returns
    -------
    ndarray of shape (sets, 1 + num_permutations), float in [0, 1]
    """
    drawn, repeats = _drawn(labels, patient_ids, num_permutations)
    shares = np.zeros((len(columns), len(drawn)))
    for place, one in enumerate(columns):
        for folds in repeats:
            on_step()
            shares[place] += _shares_told(one, drawn, folds, alike) / NUM_REPEATS
    return shares


def held_out_answers(
    columns: np.ndarray,
    labels: np.ndarray,
    patient_ids: np.ndarray,
    *,
    num_permutations: int = NUM_PERMUTATIONS,
    alike: bool = False,
) -> np.ndarray:
    """The answers whose balanced accuracy ``shares_told`` gives first, for an interval of it; int (repeats, films)."""
    drawn, repeats = _drawn(labels, patient_ids, num_permutations)
    return np.concatenate([_answers(columns, drawn[:1], folds, alike) for folds in repeats])


def permutation_p(shares: np.ndarray) -> float:
    """Share of all ways to give classes, the real one included, that are told as well as the real one, (1 + permutations,).

    B. Phipson and G. K. Smyth (2010), Permutation p-values should never be zero, doi 10.2202/1544-6115.1585.
    """
    return float(_reached(shares, shares[None]).mean())


def _reached(compared: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Where what is compared reaches the first of each row, the classes as they are; rounding must not make equals differ."""
    return compared >= shares[:, :1] - 1e-9


def _drawn(labels, patient_ids, num_permutations: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Classes as they are and permuted, and the fold of each film in each repeat; the same at every call."""
    patients = np.unique(np.asarray(patient_ids), return_inverse=True)[1]
    generator = np.random.default_rng(SEED)
    drawn = _permuted(np.asarray(labels), patients, generator, num_permutations)
    return drawn, [_folds(patients, generator) for _ in range(NUM_REPEATS)]


def _permuted(labels: np.ndarray, patients: np.ndarray, generator: np.random.Generator, number: int) -> np.ndarray:
    """Classes as they are, then permuted among the patients; (1 + permutations, films). A patient with X-rays of two classes
    counts as two."""
    pairs, unit_of = np.unique(np.stack([patients, labels], axis=1), axis=0, return_inverse=True)
    of_units = np.tile(pairs[:, 1], (1 + number, 1))
    generator.permuted(of_units[1:], axis=1, out=of_units[1:])
    return of_units[:, unit_of.ravel()]


def _folds(patients: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Fold of each film, whole patients together."""
    num_patients = patients.max() + 1
    return generator.permutation(np.arange(num_patients) % min(NUM_FOLDS, num_patients))[patients]


def _shares_told(columns: np.ndarray, drawn: np.ndarray, folds: np.ndarray, alike: bool) -> np.ndarray:
    """Balanced accuracy of the held-out answers for each row of ``drawn``; (1 + permutations,)."""
    right = _answers(columns, drawn, folds, alike) == drawn
    of_class = [drawn == label for label in np.unique(drawn)]
    return np.mean([(right & one).sum(axis=1) / one.sum(axis=1) for one in of_class], axis=0)


def _answers(columns: np.ndarray, drawn: np.ndarray, folds: np.ndarray, alike: bool) -> np.ndarray:
    """The held-out answers for each row of ``drawn``, of its shape."""
    classes = np.unique(drawn)
    best, answers = np.full(drawn.shape, -np.inf), np.zeros_like(drawn)
    fits = [(_fit_alike if alike else _fit)(columns, folds == fold) for fold in np.unique(folds)]
    for label in classes:
        targets = (drawn == label).astype(float)
        for held_out, weights in fits:
            # How far above its share among the others a class is expected to be, so that classes count alike.
            learnt = targets[:, ~held_out]
            scores = (learnt - learnt.mean(axis=1, keepdims=True)) @ weights
            better = scores > best[:, held_out]
            best[:, held_out] = np.where(better, scores, best[:, held_out])
            answers[:, held_out] = np.where(better, label, answers[:, held_out])
    return answers


def _fit(columns: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Films held out, and the weights (films learnt from, films held out) that turn targets into scores."""
    learnt = columns[~held_out]
    spread = learnt.std(axis=0)
    scaled = (columns - learnt.mean(axis=0)) / np.where(spread > 0, spread, 1)
    learnt, others = scaled[~held_out], scaled[held_out]
    if columns.shape[1] > len(learnt):
        # X (X'X + r)^-1 = (XX' + r)^-1 X: the same from the smaller of both tables.
        return held_out, np.linalg.solve(learnt @ learnt.T + _RIDGE * np.eye(len(learnt)), learnt @ others.T)
    solved = np.linalg.solve(learnt.T @ learnt + _RIDGE * np.eye(columns.shape[1]), others.T)
    return held_out, learnt @ solved


def _fit_alike(columns: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for columns of one unit, of which there may be many more than films."""
    centred = columns - columns[~held_out].mean(axis=0)
    learnt, others = centred[~held_out], centred[held_out]
    alike = learnt @ learnt.T
    shrunk = alike + max(np.trace(alike) / len(alike), 1e-12) * np.eye(len(alike))
    return held_out, np.linalg.solve(shrunk, learnt @ others.T)
