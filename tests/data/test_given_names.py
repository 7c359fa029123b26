"""A name that people give is fit to be the name of a file."""

import pytest

from covidlab.data.given_names import checked_name
from covidlab.errors import UsageError


def test_checked_name_of_many_bytes_is_refused():
    with pytest.raises(UsageError, match="must be shorter"):
        checked_name("\U0001f9d1" * 60)
