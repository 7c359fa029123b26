"""The actions of the command dataset."""

import pytest

from covidlab.cli import main


def test_dataset_fetch_without_the_licences_read_is_wrong_use(tmp_path, one_sentence):
    assert main(["dataset", "fetch", "--dataset", str(tmp_path / "films")]) == 2
    assert "--accept-licences" in one_sentence()
    assert not (tmp_path / "films").exists()


@pytest.mark.curated
def test_dataset_import_then_check(curated, tmp_path, capsys):
    target = tmp_path / "my X-rays"
    assert main(["dataset", "import", str(curated), "--dataset", str(target)]) == 0
    assert main(["dataset", "check", "--dataset", str(target)]) == 0
    assert "7 of" in capsys.readouterr().out
