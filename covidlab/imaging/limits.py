"""What a file may weigh and measure; checked before any pixel is decoded."""

from covidlab.imaging.readers.base import Refusal
from covidlab.language import tr_lazy

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE_RANGE = (64, 16_384)
MAX_ASPECT_RATIO = 4


def check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    fits = SIDE_RANGE[0] <= short and long <= SIDE_RANGE[1] and width * height <= MAX_PIXELS
    if not (fits and long <= MAX_ASPECT_RATIO * short):
        raise Refusal(
            tr_lazy(
                "sides of {side_range} to {side_range_2:,} pixels, at most {max_pixels} megapixels and a long "
                "side at most {max_aspect_ratio} times the short one are expected. Received: {width:,} x "
                "{height:,}",
                side_range=SIDE_RANGE[0],
                side_range_2=SIDE_RANGE[1],
                max_pixels=MAX_PIXELS // 1000000,
                max_aspect_ratio=MAX_ASPECT_RATIO,
                width=width,
                height=height,
            )
        )
