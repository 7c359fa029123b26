"""How many patients a share must be measured on to be known to within some points; no SciPy."""

import math

from covidlab.errors import UsageError
from covidlab.intervals import REACH, wilson_interval
from covidlab.language import tr

MOST_PATIENTS = 100_000_000


def patients_needed(share: float, *, within: float) -> int:
    """Return the smallest number of patients on which the 95 % interval of a share reaches no further than ``within``.

    Parameters
    ----------
    share : expected, in [0, 1]; of right answers, say, in one class
    within : half the length of the interval, in (0, 0.5), e.g. 0.05 for 5 points to each side

    Returns
    -------
    int, patients with one X-ray each; more X-rays of the same patients stand for fewer

    Raises
    ------
    UsageError
        A number is out of range.

    Notes
    -----
    The interval is Wilson's (1927, doi 10.1080/01621459.1927.10502953). Its half length z sqrt(p (1 - p) / n + z^2 / 4 n^2) /
    (1 + z^2 / n) is at most d where d^2 (n + z^2)^2 - z^2 n p (1 - p) - z^4 / 4 is at least 0; the larger root of that is the number.
    The formula of textbooks, z^2 p (1 - p) / d^2 (W. G. Cochran, 1977, Sampling Techniques, 3rd edition, section 4.4), gives nearly
    the same for large n: 139 in place of 141 for 5 points at 0.9. At 0 and 1 it gives none.
    """
    if not (0 <= share <= 1 and 0 < within < 0.5):
        raise UsageError(
            tr(
                "The share must lie between 0 and 1, and the precision between 0 and 0.5. Received: {share}, {within}.",
                share=share,
                within=within,
            )
        )
    squared, spread = REACH**2, share * (1 - share)
    # In m = n + z^2: d^2 m^2 - z^2 p (1 - p) m + z^4 (p (1 - p) - 1 / 4) = 0.
    linear, constant = squared * spread, squared**2 * (0.25 - spread)
    root = (linear + math.sqrt(linear**2 + 4 * within**2 * constant)) / (2 * within**2)
    number = max(1, math.ceil(root - squared - 1e-9))
    if number > MOST_PATIENTS:
        raise UsageError(
            tr(
                "The precision asks for more than {most_patients:,} patients. Received: {within}.",
                most_patients=MOST_PATIENTS,
                within=within,
            )
        )
    return number


def precision_reached(share: float, num_patients: int) -> float:
    """Return half the length of the 95 % interval (Wilson's) of a share of so many patients, at least one."""
    low, high = wilson_interval(share * num_patients, num_patients)
    return (high - low) / 2
