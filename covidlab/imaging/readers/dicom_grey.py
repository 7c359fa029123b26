"""From the stored values of a DICOM file to grey, 0 to 255: rescale, window or table, padding, inversion (PS3.3 C.11, C.7.6.3).

Each stored value has one grey, so a table is made of all 256 to 65,536 of them, and applied to the pixels in one go.
"""

from dataclasses import dataclass, field

import numpy as np
from pydicom.dataset import Dataset

from covidlab.imaging.readers.base import Refusal
from covidlab.imaging.readers.dicom_layout import Layout
from covidlab.imaging.readers.dicom_tags import code, number, values_of, whole
from covidlab.language import tr_lazy
from covidlab.text import decimal_text

# A window that is this many times as wide as all values there may be leaves next to nothing of the picture.
_HUGE = 8


@dataclass
class GreyTable:
    """Grey of each stored value, (2 ** bits,) uint8, and what people should know of how it came about."""

    grey: np.ndarray
    notes: list[str] = field(default_factory=list)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Return the picture, (rows, columns) uint8, of values as stored."""
        return self.grey[_index(values, len(self.grey))]


def grey_table(header: Dataset, layout: Layout, stored: np.ndarray) -> GreyTable:
    """Return the grey of each value that the X-ray may hold.

    Parameters
    ----------
    header : its tags
    layout : how the values are stored
    stored : ndarray of shape (rows, columns), the values; where the file has no window, they are its bounds
    """
    num_values = 2**layout.bits_stored
    levels = np.arange(num_values)
    if layout.is_signed:
        levels[num_values // 2 :] -= num_values
    padding = _padding(header, levels)
    is_there = np.bincount(_index(stored, num_values).ravel(), minlength=num_values) > 0
    is_padded = bool((is_there & padding).any())
    seen = is_there & ~padding if (is_there & ~padding).any() else is_there
    values = _rescaled(header, levels, layout)
    table = GreyTable(np.empty(0, np.uint8))
    shares = _shares(header, layout, values, seen, table.notes)
    grey = np.rint(255 * shares.clip(0, 1)).astype(np.uint8)
    if layout.photometric == "MONOCHROME1":
        grey = 255 - grey
        table.notes.append(tr_lazy("White was stored as the lowest value (MONOCHROME1); the X-ray was inverted."))
    if is_padded:
        grey[padding] = 0
        table.notes.append(tr_lazy("The padding beside the X-ray was set to black."))
    table.grey = grey
    return table


def _index(values: np.ndarray, num_values: int) -> np.ndarray:
    """Stored values, signed or not, as places in a table."""
    return values.view(f"u{values.itemsize}") & (num_values - 1)


def _padding(header: Dataset, levels: np.ndarray) -> np.ndarray:
    """Which of the values fill what is no picture; PS3.3 C.7.5.1.1.2."""
    first = whole(header, "PixelPaddingValue")
    if first is None:
        return np.zeros(len(levels), bool)
    last = whole(header, "PixelPaddingRangeLimit")
    low, high = sorted((first, first if last is None else last))
    return (levels >= low) & (levels <= high)


def _rescaled(header: Dataset, levels: np.ndarray, layout: Layout) -> np.ndarray:
    """PS3.3 C.11.1: a table, or slope and intercept."""
    if table := values_of(header, "ModalityLUTSequence"):
        entries, first, _ = _entries(table[0], layout)
        return _looked_up(levels, entries, first).astype(np.float64)
    slope, intercept = number(header, "RescaleSlope"), number(header, "RescaleIntercept")
    slope = 1.0 if slope is None else slope
    if slope == 0:
        raise Refusal(tr_lazy("a rescale slope other than 0 is expected, since 0 makes all values equal"))
    return levels * slope + (intercept or 0.0)


def _shares(header: Dataset, layout: Layout, values: np.ndarray, seen: np.ndarray, notes: list[str]) -> np.ndarray:
    """Brightness of each value, 0 to 1."""
    if table := values_of(header, "VOILUTSequence"):
        entries, first, bits = _entries(table[0], layout)
        return _looked_up(values, entries, first) / (2**bits - 1)
    window = _window(header, values, notes)
    if window is not None:
        shares = _windowed(values, *window, function=code(header, "VOILUTFunction")).clip(0, 1)
        if np.ptp(shares[seen]) > 0:
            return shares
        notes.append(_unusable(*window, tr_lazy("shows none of its values")))
    elif layout.bits_stored == 8 and np.array_equal(values, np.arange(256)):
        return values / 255
    low, high = values[seen].min(), values[seen].max()
    notes.append(
        tr_lazy(
            "The values {decimal_text} to {decimal_text_2} of the X-ray were scaled to 0 to 255.",
            decimal_text=decimal_text(low),
            decimal_text_2=decimal_text(high),
        )
    )
    return (values - low) / max(high - low, 1e-9)


def _window(header: Dataset, values: np.ndarray, notes: list[str]) -> tuple[float, float] | None:
    """Centre and width of the first window, None where there is none that can be applied."""
    centre, width = number(header, "WindowCenter"), number(header, "WindowWidth")
    if centre is None or width is None:
        return None
    if width <= 0:
        notes.append(_unusable(centre, width, tr_lazy("has no width")))
        return None
    if width > _HUGE * max(np.ptp(values), 1):
        notes.append(_unusable(centre, width, tr_lazy("is far wider than its values")))
        return None
    if (num_windows := len(values_of(header, "WindowCenter"))) > 1:
        notes.append(tr_lazy("The file states {number:,} windows; the first was applied.", number=num_windows))
    return centre, width


def _unusable(centre: float, width: float, why: str) -> str:
    return tr_lazy(
        "The window of the file (centre {decimal_text}, width {decimal_text_2}) {why}; it was not applied.",
        decimal_text=decimal_text(centre),
        decimal_text_2=decimal_text(width),
        why=why,
    )


def _windowed(values: np.ndarray, centre: float, width: float, *, function: str) -> np.ndarray:
    """PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    if function == "SIGMOID":
        return 1 / (1 + np.exp((-4 * (values - centre) / width).clip(-500, 500)))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    if width <= 1:
        return (values > centre - 0.5).astype(np.float64)
    return (values - (centre - 0.5)) / (width - 1) + 0.5


def _entries(table: Dataset, layout: Layout) -> tuple[np.ndarray, int, int]:
    """Entries of a table, the value of the first, and bits of each; PS3.3 C.11.1.1.1, C.11.2.1.1."""
    num_entries, first, bits = (int(value) for value in values_of(table, "LUTDescriptor"))
    num_entries = num_entries or 2**16
    if not (1 <= bits <= 16 and 0 < num_entries <= 2**16):
        raise Refusal(tr_lazy("its grey table (LUT) is damaged; 1 to 65,536 entries of at most 16 bits are expected"))
    data = table.get("LUTData")
    if isinstance(data, bytes):
        # Entries of 8 bits may stand one or two bytes wide.
        data = np.frombuffer(data, "<u2" if len(data) >= 2 * num_entries else "u1")
    entries = np.asarray(data, np.int64)[:num_entries]
    if len(entries) < num_entries:
        raise Refusal(tr_lazy("its grey table (LUT) ends early"))
    if layout.is_signed and first >= 2**15:
        first -= 2**16
    return entries & (2**bits - 1), first, bits


def _looked_up(values: np.ndarray, entries: np.ndarray, first: int) -> np.ndarray:
    return entries[(np.rint(values).astype(np.int64) - first).clip(0, len(entries) - 1)]
