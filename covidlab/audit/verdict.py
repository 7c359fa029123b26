"""The verdict of an audit: one sentence that follows from the figures by a stated rule, and what it does not establish."""

from collections.abc import Mapping
from typing import Any


def verdict_of(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str] | None:
    """Return {"sentence", "rule", "not_established"} from what the parts found; None where that is not enough for one."""
    return None
