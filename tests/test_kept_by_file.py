"""What is kept of files: one result a file and variant, forgotten with the file."""

import pytest

from covidlab.kept_by_file import KeptByFile


def test_result_is_made_once_for_a_content(tmp_path):
    kept, made = KeptByFile(100), []
    for stamp in (1, 1, 2, 2, 1):
        assert kept.get(tmp_path, stamp, lambda stamp=stamp: made.append(stamp) or stamp * 10) == stamp * 10
    assert made == [1, 2, 1] and len(kept) == 1


def test_variants_of_a_file_are_kept_beside_each_other(tmp_path):
    kept = KeptByFile(100)
    assert [kept.get(tmp_path, 1, lambda word=word: word, variant=word) for word in ("de", "fr", "de")] == [
        "de",
        "fr",
        "de",
    ]
    assert len(kept) == 2


def test_what_was_made_of_files_that_are_gone_is_forgotten(tmp_path):
    kept = KeptByFile(1000)
    stays = tmp_path / "stays"
    stays.touch()
    for number in range(500):
        file = tmp_path / str(number)
        file.touch()
        kept.get(file, 1, lambda: "")
        kept.get(stays, 1, lambda: "made")
        file.unlink()
    assert len(kept) <= 65
    assert kept.get(stays, 1, lambda: "made again") == "made"


def test_beyond_the_most_the_oldest_quarter_is_dropped(tmp_path):
    kept = KeptByFile(100)
    files = [tmp_path / str(number) for number in range(101)]
    for number, file in enumerate(files):
        file.touch()
        kept.get(file, 1, lambda: "made")
        kept.get(files[0], 1, lambda: "made again")
        assert len(kept) <= 100, number
    assert len(kept) == 75
    assert kept.get(files[0], 1, lambda: "made again") == "made"
    assert kept.get(files[1], 1, lambda: "made again") == "made again"


def test_error_of_what_makes_a_result_reaches_who_asks_and_keeps_nothing(tmp_path):
    kept = KeptByFile(100)
    with pytest.raises(ZeroDivisionError):
        kept.get(tmp_path, 1, lambda: 1 / 0)
    assert len(kept) == 0
