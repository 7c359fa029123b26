"""What a part of an audit is given besides the X-rays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from covidlab.audit.data import AuditData
from covidlab.audit.settings import AuditConfig
from covidlab.prediction.loading import ModelFile


@dataclass(frozen=True, kw_only=True, eq=False)
class PartContext:
    """Settings of the audit, options of the part, the file of the audited model (None where there is none), what earlier
    parts found (by name), and what shows where a long part is: called with a share, 0 to 1."""

    config: AuditConfig
    options: Mapping[str, Any] = field(default_factory=dict)
    model: ModelFile | None = None
    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    on_share: Callable[[float], None] = lambda share: None


# Every part: the X-rays and the context in, plain JSON values out (no NaN: None where a figure is undefined). What it raises for
# people (CovidLabError) is kept as the part's sentence, and the other parts go on.
Part = Callable[[AuditData, PartContext], dict[str, Any]]
