"""Results that a batch adds to a file, and finds there again."""

import json

import pytest

from covidlab.errors import StorageError, UsageError
from covidlab.prediction.result_file import ResultFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.jsonl"


def result(file="a.png", sha256="1", status="read"):
    return {"file": file, "status": status, "reasons": [], "sha256": sha256}


def test_result_file_knows_a_file_by_its_content_and_the_model(path):
    ResultFile(path, model_sha256="m").append(result(status="refused"))
    again = ResultFile(path, model_sha256="m")
    assert again.status_of("a.png", "1") == "refused"
    assert again.status_of("a.png", "2") == again.status_of("b.png", "1") == ""
    assert ResultFile(path, model_sha256="other").status_of("a.png", "1") == ""


def test_result_file_does_not_count_what_could_not_be_read_whole(path):
    ResultFile(path, model_sha256="m").append(result(sha256="", status="refused"))
    assert ResultFile(path, model_sha256="m").status_of("a.png", "") == ""


def test_result_file_skips_a_torn_last_line_and_goes_on_behind_it(path):
    ResultFile(path, model_sha256="m").append(result())
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:30])
    results = ResultFile(path, model_sha256="m")
    results.append(result(file="b.png"))
    lines = path.read_text().splitlines()
    assert [json.loads(lines[place])["file"] for place in (0, 2)] == ["a.png", "b.png"]
    assert ResultFile(path, model_sha256="m").status_of("b.png", "1") == "read"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b'{"accuracy": 1}\n', b"file,status\n"])
def test_result_file_that_is_something_else_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"that --resume has written.*out\.jsonl"):
        ResultFile(path, model_sha256="m")
    assert path.read_bytes() == content


def test_result_file_that_was_torn_in_its_first_line_is_taken(path):
    path.write_bytes(b'{"fi')
    assert ResultFile(path, model_sha256="m").status_of("a.png", "1") == ""


def test_result_file_in_place_of_a_folder_says_so(tmp_path):
    with pytest.raises(StorageError, match="cannot be read: Is a directory"):
        ResultFile(tmp_path, model_sha256="m")
