"""What speaks for and against reading an X-ray, told from its tags and its pixels: lines of the receipt."""

from covidlab.imaging.picture_checks import check_picture
from covidlab.imaging.readers.base import DecodedImage
from covidlab.imaging.receipt import Check, in_order, worst
from covidlab.imaging.tag_checks import check_tags
from covidlab.spoken import joined as in_one


def check_image(image: DecodedImage) -> tuple[Check, ...]:
    """Return the lines of the receipt that need no model, one for each property."""
    lines: dict[str, Check] = {}
    for line in (*check_tags(image), *check_picture(image.pixels)):
        lines[line.name] = joined(lines[line.name], line) if line.name in lines else line
    return tuple(in_order(lines.values()))


def joined(stated: Check, seen: Check) -> Check:
    """Return what a header states of a property and what the pixels show of it as one line with the graver verdict."""
    return Check(
        stated.name, worst([stated, seen]), in_one([stated.sentence, seen.sentence]), stated.is_known or seen.is_known
    )
