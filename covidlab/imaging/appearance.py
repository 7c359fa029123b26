"""How a picture was made and stored: colour, size, crop, exposure and sharpness, one sentence each."""

import cv2
import numpy as np

from covidlab.config import IMAGE_SIDE
from covidlab.imaging.receipt import NOT_CHANGED, Check, Verdict
from covidlab.imaging.small_picture import SmallPicture
from covidlab.language import tr_lazy

# Difference between the largest and the smallest of red, green and blue. Grey X-rays stored as RGB reach 7 (journals' JPEG files).
COLOURED_PIXEL = 30
# Red arrows colour 0.7 % of one X-ray; photographs 36 to 90 %.
MARKED_SHARE, COLOURED_SHARE = 0.0005, 0.1
# What the lightness does not explain of the colours: 0.2 to 0.6 for toned X-rays and pages, 4 to 39 for coloured pictures.
MANY_COLOURS = 2.5
# Mean difference: 4.6 at most for the X-rays measured, 20 for sepia.
TINTED_FROM = 8.0

# Width over height: 0.78 to 1.87 for all but one of the 1,174 X-rays measured; that one, cut to a strip, has 2.2.
NARROWEST, WIDEST = 0.7, 2.0
# Borders that are black or white take at most 9 % of a side in 98 % of them, 18 % in one.
WIDE_BORDER = 0.12

# Share of the pixels that are as good as black or white, without the borders: at most 0.31 and 0.20.
BLACK_UP_TO, WHITE_FROM = 8, 247
EMPTY_SHARE, EXTREME_SHARE = 0.98, 0.35
# Grey levels between the 1st and the 99th percentile: 100 to 255.
EMPTY_RANGE, LOW_RANGE = 12, 80

# Detail of 1/128 to 1/256 of a side as logarithm to base 2 of its share: -4.9 to -2.0. Of X-rays blurred by a hundredth of a side,
# 96 % lie below this.
BLURRED_BELOW = -5.1
# In the order of ``SmallPicture.borders``.
_BORDERS = (
    tr_lazy("A black or white border at the top"),
    tr_lazy("A black or white border at the bottom"),
    tr_lazy("A black or white border at the left"),
    tr_lazy("A black or white border at the right"),
)
_BLUR_SIDE = 256


def check_colour(picture: SmallPicture) -> Check:
    """Say whether the picture is grey, tinted, marked in colour or coloured."""
    red, green, blue = cv2.split(picture.colours)
    differences = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    share = float(np.count_nonzero(differences > COLOURED_PIXEL) / differences.size)
    if share > COLOURED_SHARE and _colour_variety(picture.colours) > MANY_COLOURS:
        sentence = tr_lazy("The picture is in colour ({value:.0f} % of it); an X-ray is grey.", value=100 * share)
        return Check("colour", Verdict.REFUSE, sentence)
    if share > COLOURED_SHARE or differences.mean() > TINTED_FROM:
        return Check(
            "colour", Verdict.WARN, tr_lazy("The picture is tinted in one colour; X-rays of the set are grey.")
        )
    if share > MARKED_SHARE:
        return Check("colour", Verdict.WARN, tr_lazy("There are coloured marks in the picture, such as arrows."))
    return Check("colour", Verdict.PASS, tr_lazy("The picture is grey."))


def _colour_variety(colours: np.ndarray) -> float:
    """How much hue and saturation differ among pixels that are as light (standard deviation in CIELAB).

    The tint of a toned picture depends on the lightness alone, so what a parabola of the lightness explains does not count.
    """
    values = cv2.cvtColor(np.ascontiguousarray(colours[::4, ::4]), cv2.COLOR_RGB2LAB).reshape(-1, 3) / 255.0
    lightness = np.vander(values[:, 0], 3)
    hues = values[:, 1:]
    explained = lightness @ np.linalg.lstsq(lightness, hues, rcond=None)[0]
    return float(255 * (hues - explained).std(axis=0).max())


def check_size(picture: SmallPicture) -> Check:
    """Say whether the picture has as many pixels as a model looks at."""
    size = tr_lazy("{width:,} x {height:,} pixels", width=picture.width, height=picture.height)
    if min(picture.width, picture.height) < IMAGE_SIDE:
        sentence = tr_lazy(
            "The X-ray has {size} and is enlarged: a model looks at {image_side} x {image_side}.",
            size=size,
            image_side=IMAGE_SIDE,
        )
        return Check("size", Verdict.WARN, sentence)
    return Check(
        "size",
        Verdict.PASS,
        tr_lazy(
            "The X-ray has {size}; a model looks at {image_side} x {image_side}.", size=size, image_side=IMAGE_SIDE
        ),
    )


def check_crop(picture: SmallPicture) -> Check:
    """Say whether the picture has wide borders or an unusual shape."""
    ratio = picture.width / picture.height
    if max(picture.borders) > WIDE_BORDER:
        border = tr_lazy(
            "{at_side} takes {value:.0f} % of the picture.",
            at_side=_BORDERS[int(np.argmax(picture.borders))],
            value=100 * max(picture.borders),
        )
        sentence = tr_lazy(
            "{border} {not_changed} Cut the border off with another program and upload the X-ray again.",
            border=border,
            not_changed=NOT_CHANGED,
        )
        return Check("crop", Verdict.WARN, sentence)
    if not NARROWEST <= ratio <= WIDEST:
        shape = tr_lazy("The X-ray is unusually wide") if ratio > 1 else tr_lazy("The X-ray is unusually narrow")
        sentence = tr_lazy(
            "{shape} ({ratio:.2f} times as wide as high); a model squeezes it to a square.", shape=shape, ratio=ratio
        )
        return Check("crop", Verdict.WARN, sentence)
    sentence = tr_lazy("The X-ray has no wide borders and no unusual shape. Whether lungs are cut off is not checked.")
    return Check("crop", Verdict.PASS, sentence)


def check_exposure(picture: SmallPicture) -> Check:
    """Say whether the picture is nearly all black or white, or has little contrast."""
    grey = picture.inner
    black, white = float((grey <= BLACK_UP_TO).mean()), float((grey >= WHITE_FROM).mean())
    low, high = np.percentile(grey, (1, 99))
    if max(black, white) > EMPTY_SHARE or high - low < EMPTY_RANGE:
        return Check("exposure", Verdict.REFUSE, tr_lazy("The picture is nearly one colour, so it shows nothing."))
    for share, what in (
        (black, tr_lazy("Much of the X-ray is black without detail")),
        (white, tr_lazy("Much of the X-ray is white without detail")),
    ):
        if share > EXTREME_SHARE:
            return Check("exposure", Verdict.WARN, tr_lazy("{what} ({value:.0f} %).", what=what, value=100 * share))
    if high - low < LOW_RANGE:
        sentence = tr_lazy("The contrast is low: the X-ray uses {high:.0f} of 256 grey levels.", high=high - low)
        return Check("exposure", Verdict.WARN, sentence)
    return Check("exposure", Verdict.PASS, tr_lazy("Black, white and contrast are as usual."))


def check_blur(picture: SmallPicture) -> Check:
    """Say whether fine detail is missing."""
    if sharpness(picture.inner) < BLURRED_BELOW:
        return Check(
            "blur",
            Verdict.WARN,
            tr_lazy("The X-ray is blurred: it has less fine detail than any X-ray it was compared with."),
        )
    return Check("blur", Verdict.PASS, tr_lazy("The X-ray is not blurred."))


def sharpness(grey: np.ndarray) -> float:
    """How much of the spread of the grey values is fine detail, as logarithm to base 2."""
    square = cv2.resize(grey, (_BLUR_SIDE, _BLUR_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    detail = square - cv2.pyrUp(cv2.pyrDown(square), dstsize=square.shape[::-1])
    return float(np.log2(detail.std() / (square.std() + 1e-6) + 1e-4))
