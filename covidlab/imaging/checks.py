"""What speaks for and against reading an X-ray, told from its tags and its pixels: lines of the receipt."""

from covidlab.imaging.picture_checks import check_picture
from covidlab.imaging.readers.base import DecodedImage
from covidlab.imaging.receipt import Check, in_order
from covidlab.imaging.tag_checks import check_tags


def check_image(image: DecodedImage) -> tuple[Check, ...]:
    """Return the lines of the receipt that need no model."""
    return tuple(in_order([*check_tags(image), *check_picture(image.pixels)]))
