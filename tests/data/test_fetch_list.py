"""The list of X-rays to fetch: whose they are, and which lists are refused."""

import pytest

from covidlab.data.fetch_list import licence_sentences
from covidlab.errors import DataError
from tests.data.archive import NAMES, write_list


def test_licence_sentences_count_the_fifty():
    sentences = " ".join(licence_sentences())
    assert "covid: 25, from ieee8023/covid-chestxray-dataset" in sentences
    assert "licence not stated upstream (20), CC BY-NC-ND (4), CC BY-NC-SA (1)." in sentences
    assert "licence CC BY 4.0 (25)." in sentences


@pytest.mark.parametrize(
    "name",
    [
        "../a.jpg",
        "covid/../../a.jpg",
        "/etc/a.jpg",
        "covid/..",
        "covid\\..\\a.jpg",
        "C:/a.jpg",
        ".fetch/a",
        "a.jpg",
    ],
)
def test_fetch_curated_listed_name_outside_the_set_is_refused(archive, fetch, tmp_path, name):
    write_list(tmp_path / "list", {NAMES[0]: b"a", name: b"b"})
    with pytest.raises(DataError, match="must be named class/name, inside the data set"):
        fetch(archive)
    assert archive.requests == []
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("change", [("sha256", "", "sha256"), ("sha256", "md5:1", "sha256"), ("bytes", "-1", "bytes")])
def test_fetch_curated_list_without_hash_or_size_is_refused(archive, fetch, tmp_path, change):
    column, value, named = change
    row = {"file": NAMES[0], "patient_id": "1", "bytes": "4", "sha256": "0" * 64} | {column: value}
    (tmp_path / "list/metadata.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    with pytest.raises(DataError, match=rf"must state .*{named}.* Not so for: covid/a\.jpg"):
        fetch(archive)


def test_fetch_curated_without_a_list_is_said(archive, fetch, tmp_path):
    with pytest.raises(DataError, match=r"list of the X-rays is missing: .*nowhere"):
        fetch(archive, list_folder=tmp_path / "nowhere")
