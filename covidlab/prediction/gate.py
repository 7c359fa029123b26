"""Whether an X-ray may be given a plain number, and in which words it is not."""

import math
from collections.abc import Sequence

from covidlab.imaging.receipt import Check, Verdict, in_order, worst
from covidlab.language import tr, tr_lazy
from covidlab.prediction.assessment import Assessment

# Where the receipt gives no reason, an X-ray is far for one of these; nobody can tell which.
_UNKNOWN_REASON = tr_lazy("The receipt shows no reason. Another view, age, device or body part could be one.")


def receipt(checks: Sequence[Check], assessment: Assessment | None) -> list[Check]:
    """Return all lines of the receipt in order: what header and pixels show, and what the set says."""
    return in_order([*checks, *(known_check(assessment) if assessment else []), distance_check(assessment)])


def may_show_number(lines: Sequence[Check]) -> bool:
    """Whether a plain number may be shown for an X-ray with this receipt; else only to who asks for it all the same."""
    return worst(lines) is not Verdict.REFUSE


def refusal(lines: Sequence[Check]) -> str:
    """Return why an X-ray is not read at all, "" where it is.

    A lateral view is read, with a warning, though a page shows its number only to who asks for it.
    """
    return " ".join(str(line.sentence) for line in lines if line.verdict is Verdict.REFUSE and line.name != "view")


def likely_reason(lines: Sequence[Check]) -> str:
    """Return in one sentence why an X-ray is probably far from the set."""
    speaks_against = [line for line in lines if line.name != "distance" and line.verdict is not Verdict.PASS]
    speaks_against.sort(key=lambda line: line.verdict is not Verdict.REFUSE)
    return tr("A likely reason: {sentence}", sentence=speaks_against[0].sentence) if speaks_against else _UNKNOWN_REASON


def known_check(assessment: Assessment) -> list[Check]:
    """Return whether the X-ray is in the set, as a list of one line."""
    # What a model learned from before its run began is not known.
    learned = tr("the model learned from it") if assessment.trained else tr("the model's run did not learn from it")
    if assessment.known_as:
        sentence = tr("This X-ray is in the set, and {learned}.", learned=learned)
    elif assessment.nearly_known_as:
        sentence = tr("An X-ray of the set looks nearly the same, and {learned}.", learned=learned)
    else:
        # A run keeps features of some of its X-rays only, where there are many.
        compared = tr("None of the {num_films:,} X-rays of the set that were compared", num_films=assessment.num_films)
        return [
            Check("known", Verdict.PASS, tr("{compared} has this content or looks nearly the same.", compared=compared))
        ]
    return [
        Check(
            "known",
            Verdict.WARN,
            tr("{sentence} Its result proves nothing.", sentence=sentence) if assessment.trained else sentence,
        )
    ]


def distance_check(assessment: Assessment | None) -> Check:
    """Return how far the X-ray is from the set. One where that cannot be known is refused too, one of the set itself is not."""
    if assessment is None:
        return Check(
            "distance",
            Verdict.REFUSE,
            tr(
                "How unlike the set this X-ray is cannot be told: this model kept no features of its X-rays. "
                "Train it again."
            ),
        )
    if not (math.isfinite(assessment.limit) and math.isfinite(assessment.distance)):
        return Check("distance", Verdict.REFUSE, tr("The set is too small to tell how unlike it this X-ray is."))
    measured = tr("distance {distance:.2f}, limit {limit:.2f}", distance=assessment.distance, limit=assessment.limit)
    if assessment.is_far and assessment.known_as:
        # The limit is a quantile of the set's own distances, so a few of its X-rays lie beyond it.
        return Check(
            "distance",
            Verdict.WARN,
            tr(
                "This X-ray is in the set, and few others lie so far from the rest of it: {measured}. Of X-rays "
                "like this one the model knows little.",
                measured=measured,
            ),
        )
    if assessment.is_far:
        return Check(
            "distance",
            Verdict.REFUSE,
            tr(
                "Too unlike the {num_films:,} X-rays of the set: {measured}.",
                num_films=assessment.num_films,
                measured=measured,
            ),
        )
    share = round(100 * assessment.share_farther)
    words = tr("{share} % of the set's own X-rays are as far or farther", share=share)
    return Check(
        "distance",
        Verdict.PASS,
        tr(
            "Not farther from the set than its own X-rays are from each other: {measured}; {words}. That "
            "does not mean that the number is right: X-rays of other hospitals pass too.",
            measured=measured,
            words=words,
        ),
    )
