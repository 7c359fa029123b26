"""Plotly's own script, as its Python package brings it, for the charts that the browser draws."""

import gzip
from functools import cache
from pathlib import Path

import plotly
from plotly.offline import get_plotlyjs_version

_SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@cache
def plotly_name() -> str:
    """Name of the script with its version, so that a browser may keep it for ever."""
    return f"plotly-{get_plotlyjs_version()}.min.js"


@cache
def plotly_gzipped() -> bytes:
    """The script, gzipped once: 4.8 MB are 1.4 MB then."""
    return gzip.compress(_SCRIPT.read_bytes(), compresslevel=6)


def plotly_plain() -> bytes:
    """The script as it is, for a client that takes no gzip."""
    return _SCRIPT.read_bytes()
