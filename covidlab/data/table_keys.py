"""Tables that name X-rays by a patient, a study or an image number instead of by their file."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from covidlab.data.endings import without_suffix
from covidlab.data.tables import Roles, Table

_ID = re.compile(
    r".*(?:id|uid|ids|nr|number|code|key|name|accession|study|patient|participant|subject|case|image|scan)"
)
_END = re.compile(r"[_-](?:study|image|series)$", re.IGNORECASE)
_PREFIX = re.compile(r"^[a-z]{1,4}(?=\d{4,}$)")
# A number of fewer digits may be anything: patient 3 need not be 3.png.
_FEWEST_DIGITS = 4
_FITTING_SHARE = 0.5


class Keyed(NamedTuple):
    """column: whose values name files or the folders above them. rows: picture -> its rows."""

    column: str
    rows: dict[str, list[Mapping[str, str]]]


class Keys:
    """Pictures by their name without suffix, and by each folder above them."""

    def __init__(self, pictures: Sequence[str]):
        self._num_pictures = len(pictures)
        self._stems: dict[str, list[str]] = defaultdict(list)
        self._folders: dict[str, list[str]] = defaultdict(list)
        for picture in pictures:
            *above, name = picture.casefold().split("/")
            self._stems[without_suffix(name)].append(picture)
            for folder in above:
                for key in {folder, _PREFIX.sub("", folder)}:
                    self._folders[key].append(picture)

    def find(self, table: Table, roles: Roles) -> Keyed | None:
        """The column whose values name most pictures, the finest of these; None where none names half of the pictures or rows."""
        found = [self._by(table, column) for column in table.columns if self._may_be_key(column, roles)]
        fitting = [
            keyed
            for keyed in found
            if keyed.rows
            and max(len(keyed.rows) / self._num_pictures, _num_rows(keyed) / len(table.rows)) >= _FITTING_SHARE
        ]
        return max(fitting, key=lambda keyed: (len(keyed.rows), -_num_rows(keyed)), default=None)

    def _may_be_key(self, column: str, roles: Roles) -> bool:
        plain = re.sub(r"[\W_]+", "", column.casefold())
        return column in roles.patient or (bool(_ID.fullmatch(plain)) and column not in (*roles.label, *roles.yes_no))

    def _by(self, table: Table, column: str) -> Keyed:
        rows: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for row in table.rows:
            for picture in self._meant(row[column]):
                rows[picture].append(row)
        return Keyed(column, rows)

    def _meant(self, text: str) -> Sequence[str]:
        key = _END.sub("", text.casefold())
        if not key or (key.isdigit() and len(key) < _FEWEST_DIGITS):
            return ()
        stems = self._stems.get(without_suffix(key), ())
        # A name that several files share says nothing of which is meant; a folder means all X-rays below it.
        return stems if len(stems) == 1 else self._folders.get(key, ()) if not stems else ()


def _num_rows(keyed: Keyed) -> int:
    return sum(map(len, keyed.rows.values()))
