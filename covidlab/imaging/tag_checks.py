"""What the header of a file says: kind of picture, body part, view, grey levels, age, and that nothing else was kept."""

from covidlab.imaging.readers.base import DecodedImage
from covidlab.imaging.receipt import Check


def check_tags(image: DecodedImage) -> list[Check]:
    """Return the lines of the receipt that the header tells."""
    return []
