"""What a file may weigh and measure; checked before any pixel is decoded."""

from covidlab.imaging.readers.base import Refusal

MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE_RANGE = (64, 16_384)
MAX_ASPECT_RATIO = 4


def check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    fits = SIDE_RANGE[0] <= short and long <= SIDE_RANGE[1] and width * height <= MAX_PIXELS
    if not (fits and long <= MAX_ASPECT_RATIO * short):
        raise Refusal(
            f"sides of {SIDE_RANGE[0]} to {SIDE_RANGE[1]:,} pixels, at most {MAX_PIXELS // 1_000_000} megapixels and a "
            f"long side at most {MAX_ASPECT_RATIO} times the short one are expected. Received: {width:,} x {height:,}"
        )
