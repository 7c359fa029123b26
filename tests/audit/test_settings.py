"""What an audit computes: without X-rays of another hospital the part on it is left out, and asked for alone it is refused."""

import pytest

from covidlab.audit.settings import PARTS, AuditConfig
from covidlab.errors import UsageError


def test_part_on_another_hospital_is_left_out_where_none_is_named():
    assert AuditConfig().validate().parts == tuple(name for name in PARTS if name != "elsewhere")
    assert AuditConfig(other="/x").validate().parts == PARTS


def test_part_on_another_hospital_alone_needs_one():
    with pytest.raises(UsageError, match=r"X-rays of another hospital is expected, with --other\. Received: none"):
        AuditConfig(parts=("elsewhere",)).validate()
