"""Make the weights that tell how an X-ray lies (covidlab/imaging/posture.py), and say how well they do on other sources.

Each --source names the folders of one collection. Weights made from all other collections are tried on it, as they are, inverted and
turned; then the weights made from all are printed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from common import PROJECT_ROOT
from receipt_alarms import pictures, share
from scipy.optimize import minimize

sys.path.insert(0, str(PROJECT_ROOT))

from covidlab.imaging.decode import decode_file
from covidlab.imaging.picture_checks import INVERTED_FROM, TURNED_FROM
from covidlab.imaging.posture import SIDE, TURNS, Posture, postures, ranks
from covidlab.imaging.small_picture import small_picture

# Between 0.003 and 0.1 the figures on other sources differ by 0.2 % at most.
PENALTY = 0.01


def main() -> None:
    """Print the figures of each source, then the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--source", nargs="+", type=Path, action="append", required=True, help="folders of one collection"
    )
    sources = [measured(folders) for folders in parser.parse_args().source]
    for index, source in enumerate(sources):
        others = [other for position, other in enumerate(sources) if position != index]
        if others:
            print_figures(source, fitted(np.concatenate(others)))
    print(np.round(100 * fitted(np.concatenate(sources)).reshape(SIDE, SIDE)).astype(int).tolist())


def measured(folders: list[Path]) -> np.ndarray:
    """The ranks of the X-rays of a collection in all postures: (number, 8, 64)."""
    print(f"reading {', '.join(folder.name for folder in folders)}", flush=True)
    paths = [path for folder in folders for path in pictures(folder)]
    return np.array([postures(ranks(small_picture(decode_file(path).pixels).inner)) for path in paths])


def fitted(values: np.ndarray) -> np.ndarray:
    """Weights with which the first posture, upright, is the likeliest of the eight (softmax, ridge penalty): (64,)."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = values @ weights
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = (np.einsum("np,npk->nk", shares, values) - values[:, 0]).mean(axis=0)
        return -np.log(shares[:, 0] + 1e-12).mean() + PENALTY * weights @ weights / 2, slope + PENALTY * weights

    return minimize(loss, np.zeros(values.shape[2]), jac=True, method="L-BFGS-B").x


def print_figures(values: np.ndarray, weights: np.ndarray) -> None:
    """Print how many X-rays are taken for inverted or turned, before and after they are."""
    shown = values @ weights
    lies = [Posture(tuple(row)) for row in shown]
    inverted = [Posture(tuple(np.roll(row, TURNS))) for row in shown]
    total = len(lies)
    print(f"  taken for inverted: {share(sum(lie.inversion_evidence > INVERTED_FROM for lie in lies), total)}")
    print(f"  noticed once inverted: {share(sum(lie.inversion_evidence > INVERTED_FROM for lie in inverted), total)}")
    print(f"  taken for turned: {share(sum(lie.rotation_evidence > TURNED_FROM for lie in lies), total)}")
    for turn in range(1, TURNS):
        turned = [Posture((*np.roll(row[:TURNS], turn), *np.roll(row[TURNS:], turn))) for row in shown]
        noticed = sum(lie.rotation_evidence > TURNED_FROM for lie in turned)
        print(f"  noticed once turned by {90 * turn} degrees: {share(noticed, total)}")


if __name__ == "__main__":
    main()
