"""metadata.csv is read as people and programs write it; what is no such table is refused."""

import pytest

from covidlab.data.metadata import read_metadata
from covidlab.errors import DataError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; a table begins with a row of column names"),
        ("day,patient\na,b\n", "needs a column that names the files, called file. Received: day, patient"),
        ("file,File\na,b\n", "File"),
        ("file,patient_id\ncovid/a.png,1\ncovid/a.png,2\n", r"list each file once. Listed again: covid/a\.png"),
        ("file,patient_id\ncovid/a.png,1,2\n", "more values than columns"),
        ('file,patient_id\n"covid/a.png,1\n', "a quote that is not closed"),
    ],
)
def test_read_metadata_that_is_no_such_table_is_refused(tmp_path, text, message):
    (tmp_path / "metadata.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_metadata(tmp_path)


def test_read_metadata_of_other_programs_is_read(tmp_path):
    (tmp_path / "metadata.csv").write_bytes("Filename;Patient ID\ncovid\\ä.png;1\n".encode("latin-1"))
    assert read_metadata(tmp_path).to_dict("records") == [{"file": "covid/ä.png", "patient_id": "1"}]


def test_read_metadata_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "metadata.csv").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(DataError, match=r"metadata\.csv"):
        read_metadata(tmp_path)


def test_read_metadata_with_byte_order_mark_is_read(tmp_path):
    (tmp_path / "metadata.csv").write_text("file,patient_id\ncovid/a.png,1\n", encoding="utf-8-sig")
    assert read_metadata(tmp_path).to_dict("records") == [{"file": "covid/a.png", "patient_id": "1"}]
