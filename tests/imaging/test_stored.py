"""How a file is stored is read from its header."""

import io

import pytest
from PIL import Image

from covidlab.errors import UnreadableImage
from covidlab.imaging.stored import stored_facts


def stored(kind="JPEG", *, mode="L", **settings) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((100, 80), 50).convert(mode).save(stream, kind, **settings)
    return stream.getvalue()


def test_stored_facts_of_a_grey_jpeg():
    data = stored()
    facts = stored_facts(data)
    assert (facts.format, facts.mode, facts.width, facts.height, facts.num_bytes) == ("JPEG", "L", 100, 80, len(data))
    assert not (facts.has_exif or facts.is_progressive or facts.has_coarser_colours)


def test_stored_facts_of_a_lower_quality_have_larger_steps():
    assert stored_facts(stored(quality=60)).quantisation > stored_facts(stored(quality=95)).quantisation > 0


@pytest.mark.parametrize(("subsampling", "is_coarser"), [("4:4:4", False), ("4:2:2", True), ("4:2:0", True)])
def test_stored_facts_of_a_colour_jpeg_tell_the_sampling(subsampling, is_coarser):
    facts = stored_facts(stored(mode="RGB", subsampling=subsampling))
    assert (facts.mode, facts.has_coarser_colours) == ("RGB", is_coarser)


def test_stored_facts_tell_a_progressive_jpeg():
    assert stored_facts(stored(progressive=True)).is_progressive


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_stored_facts_tell_exif_data(kind):
    exif = Image.Exif()
    exif[0x010F] = "maker"
    assert stored_facts(stored(kind, exif=exif)).has_exif


def test_stored_facts_of_a_png_have_no_jpeg_settings():
    facts = stored_facts(stored("PNG"))
    assert (facts.quantisation, facts.is_progressive, facts.has_coarser_colours) == (0, False, False)


def test_stored_facts_of_what_is_no_picture_are_refused_by_name():
    with pytest.raises(UnreadableImage, match=r"notes\.txt cannot be read"):
        stored_facts(b"hello", name="notes.txt")
