"""What the pixels of an X-ray show: colour, size, inversion, rotation, crop, exposure, sharpness, text, and whether it is a chest."""

import numpy as np

from covidlab.imaging.appearance import check_blur, check_colour, check_crop, check_exposure, check_size
from covidlab.imaging.chest_gate import WEAK_POSTURE, check_chest
from covidlab.imaging.posture import Posture, posture
from covidlab.imaging.receipt import NOT_CHANGED, Check, Verdict, in_order
from covidlab.imaging.small_picture import small_picture
from covidlab.imaging.text_marks import check_text
from covidlab.language import tr_lazy

# Of 1,174 chest X-rays, each judged by weights made from other sources, 0.4 % lie above the first as they are, and 99.3 % do once
# they are inverted. 0.4 % lie above the second; one of these is upside down in its collection.
INVERTED_FROM = 0.5
TURNED_FROM = 1.0
_UNKNOWN = tr_lazy("cannot be told, since the picture resembles a chest X-ray only weakly.")


def check_picture(pixels: np.ndarray) -> list[Check]:
    """Return the lines of the receipt that the pixels tell, in the order of the receipt.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8, RGB
    """
    picture = small_picture(pixels)
    lie = posture(picture.inner)
    chest = check_chest(picture, lie)
    checks = [chest, check_colour(picture), check_size(picture), check_crop(picture), check_exposure(picture)]
    # How a picture of something else lies, and whether it is sharp, is nothing to speak of.
    if chest.verdict is not Verdict.REFUSE:
        checks += [check_inversion(lie), check_rotation(lie), check_blur(picture), check_text(picture)]
    return in_order(checks)


def check_inversion(lie: Posture) -> Check:
    """Say whether black and white seem exchanged."""
    if lie.best < WEAK_POSTURE:
        return Check(
            "inversion",
            Verdict.WARN,
            tr_lazy("Whether black and white are exchanged {unknown}", unknown=_UNKNOWN),
            is_known=False,
        )
    if lie.inversion_evidence > INVERTED_FROM:
        sentence = tr_lazy(
            "Black and white seem exchanged: lungs should be dark and bones bright. {not_changed} Save the "
            "X-ray inverted with another program and upload it again. The viewer inverts only what you see.",
            not_changed=NOT_CHANGED,
        )
        return Check("inversion", Verdict.WARN, sentence)
    return Check("inversion", Verdict.PASS, tr_lazy("Black and white do not seem exchanged."))


def check_rotation(lie: Posture) -> Check:
    """Say whether the picture seems turned by a quarter or a half."""
    if lie.best < WEAK_POSTURE:
        return Check(
            "rotation",
            Verdict.WARN,
            tr_lazy("Whether the X-ray is upright {unknown}", unknown=_UNKNOWN),
            is_known=False,
        )
    if lie.rotation_evidence > TURNED_FROM:
        turned = tr_lazy("The X-ray seems turned by {turn}.", turn=_turn(lie.turn_degrees))
        sentence = tr_lazy(
            "{turned} {not_changed} Save it upright with another program and upload it again.",
            turned=turned,
            not_changed=NOT_CHANGED,
        )
        return Check("rotation", Verdict.WARN, sentence)
    return Check(
        "rotation", Verdict.PASS, tr_lazy("The X-ray seems upright. A mirrored X-ray cannot be told from the pixels.")
    )


def _turn(degrees: int) -> str:
    """The turn in words."""
    return {
        90: tr_lazy("90 degrees clockwise"),
        180: tr_lazy("180 degrees"),
        270: tr_lazy("90 degrees counter-clockwise"),
    }[degrees]
