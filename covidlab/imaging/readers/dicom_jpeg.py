"""JPEG of more than 8 bits, lossless or extended, for pydicom: its own decoders of these are under the GPL."""

from imagecodecs import jpeg8_decode
from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner

# What pydicom asks of a plugin.
_NEEDS = ("imagecodecs>=2025.3.30",)
DECODER_DEPENDENCIES = dict.fromkeys((uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1), _NEEDS)


def is_available(syntax: str) -> bool:
    """Whether frames of this transfer syntax are decoded here."""
    return syntax in DECODER_DEPENDENCIES


def decode_frame(frame: bytes, runner: DecodeRunner) -> bytes:
    """Return the decoded values of one frame; ``runner`` learns in how many bits each stands."""
    values = jpeg8_decode(frame)
    runner.set_option("bits_allocated", 8 * values.itemsize)
    return values.tobytes()
