"""Another hospital: how the model does on other labelled X-rays, beside how it does here."""

from typing import Any

from covidlab.audit.context import PartContext
from covidlab.audit.data import AuditData
from covidlab.errors import UsageError

VERSION = 0


def compute(data: AuditData, context: PartContext) -> dict[str, Any]:
    """Not there yet."""
    raise UsageError("This part of the audit is not there yet.")
