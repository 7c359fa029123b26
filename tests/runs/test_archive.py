"""Copies of runs in an object store: whole or absent, once, and brought back only as they were."""

import json
from collections import namedtuple
from dataclasses import replace

import fsspec
import pytest

from covidlab.cli import main
from covidlab.config import TrainingConfig
from covidlab.errors import RunError, StorageError, UsageError
from covidlab.learning.modelcard import file_sha256
from covidlab.object_store import StoreError
from covidlab.runs.archive import MANIFEST, is_copied, open_archive
from covidlab.runs.archiver import Archiver
from covidlab.runs.engines.ray_dispatcher import Dispatcher
from covidlab.runs.engines.worker import Worker
from covidlab.runs.restoring import restore
from covidlab.runs.status import State
from covidlab.runs.store import RunStore
from tests.stores import BREAKING, MEMORY, BreakingFileSystem, empty_stores, fail_after, names_in

Usage = namedtuple("Usage", "total used free")
COPIED = ["history.csv", "log.txt", "manifest.json", "model.keras", "parts/ladder.json", "run.json", "status.json"]


@pytest.fixture(autouse=True)
def archive_of_the_test(monkeypatch):
    """An archive in memory that is empty for each test."""
    monkeypatch.setenv("COVIDLAB_ARCHIVE", MEMORY)
    with empty_stores():
        yield


@pytest.fixture
def elsewhere(tmp_path):
    """The runs of another installation, which has none yet."""
    return RunStore(tmp_path / "other home" / "runs")


def ended(state=State.FINISHED):
    """A run with the files that matter here, which has ended."""
    run = RunStore().create(TrainingConfig(dataset="set"))
    (run.path / "parts").mkdir()
    (run.path / "parts" / "ladder.json").write_text("{}")
    (run.path / "history.csv").write_text("epoch\n1\n")
    run.model_path.write_bytes(b"model")
    run.update_facts(model_sha256=file_sha256(run.model_path))
    for name in ("lock", "lease.json", "stop", ".reserve"):
        (run.path / name).touch()
    run.log("Begun.")
    run.write_status(replace(run.recorded_status(), state=state, phase=""))
    return run


def change(name, content, address=MEMORY):
    """Replace an object behind the back of the archive."""
    fs, top = fsspec.core.url_to_fs(address)
    fs.pipe_file(f"{top}/{name}", content)


def manifest_of(run):
    fs, top = fsspec.core.url_to_fs(MEMORY)
    return json.loads(fs.cat_file(f"{top}/{run.id}/{MANIFEST}"))


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("lock", "lease.json", "stop", ".reserve", "archived.json")
    }


def let_archiver_work(*runs, archiver=None):
    archiver = archiver or Archiver()
    for run in runs:
        archiver.offer(run)
    archiver._waiting.join()
    return archiver


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPED, State.FAILED])
def test_run_that_has_ended_is_copied_without_locks_and_leases(state):
    run = ended(state)
    assert open_archive().copy(run).size_text == "6 files, 0.0 MB"
    assert names_in(MEMORY) == [f"{run.id}/{name}" for name in COPIED]
    assert open_archive().run_ids() == [run.id]
    assert is_copied(run, MEMORY)


@pytest.mark.parametrize("state", [State.QUEUED, State.INTERRUPTED])
def test_run_that_has_not_ended_is_not_copied(state):
    run = ended(state)
    with pytest.raises(RunError, match="Only a run that has ended"):
        open_archive().copy(run)
    assert names_in(MEMORY) == []


def test_links_in_a_run_are_not_followed(tmp_path):
    run = ended()
    (tmp_path / "secret").write_text("secret")
    (run.path / "link.txt").symlink_to(tmp_path / "secret")
    open_archive().copy(run)
    assert f"{run.id}/link.txt" not in names_in(MEMORY)


@pytest.mark.parametrize("number", range(7))
def test_copy_that_breaks_off_is_absent_and_leaves_nothing_and_the_next_one_is_whole(number, monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", BREAKING)
    run = ended()
    BreakingFileSystem.breaks = staticmethod(fail_after(number, "write", ConnectionError("gone")))
    with pytest.raises(StoreError, match="ConnectionError: gone"):
        open_archive().copy(run)
    BreakingFileSystem.breaks = staticmethod(lambda act, path: None)
    assert names_in(BREAKING) == []
    assert not is_copied(run, BREAKING)
    assert open_archive().copy(run)
    assert names_in(BREAKING) == [f"{run.id}/{name}" for name in COPIED]


def test_copy_that_was_killed_is_not_there():
    run = ended()
    open_archive().copy(run)
    fsspec.filesystem("memory").rm_file(f"/bucket/folder/{run.id}/{MANIFEST}")
    assert open_archive().run_ids() == []
    change(f"{run.id}/{MANIFEST}", b'{"run": "0001')
    with pytest.raises(RunError, match="no list of files that can be used"):
        open_archive().manifest(run.id)


def test_run_that_went_on_replaces_its_copy_and_files_that_are_gone_go():
    run = ended(State.STOPPED)
    (run.path / "checkpoint.npz").write_bytes(b"123")
    open_archive().copy(run)
    (run.path / "checkpoint.npz").unlink()
    run.write_status(replace(run.recorded_status(), state=State.FINISHED))
    assert not is_copied(run, MEMORY)
    open_archive().copy(run)
    assert names_in(MEMORY) == [f"{run.id}/{name}" for name in COPIED]
    assert manifest_of(run)["state"] == "finished"


def test_run_that_changes_while_it_is_copied_is_not_in_the_archive(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", BREAKING)
    run = ended()

    def queue_again(act, path):
        if path.endswith("model.keras"):
            run.write_status(replace(run.recorded_status(), state=State.QUEUED))

    BreakingFileSystem.breaks = staticmethod(queue_again)
    with pytest.raises(RunError, match=f"^Run {run.number} changed while it was copied"):
        open_archive().copy(run)
    assert names_in(BREAKING) == []


def test_another_run_of_the_same_name_is_never_replaced():
    run = ended()
    open_archive().copy(run)
    run.update_facts(created="1999-01-01T00:00:00+00:00")
    with pytest.raises(RunError, match="has another run of this name"):
        open_archive().copy(run)
    assert manifest_of(run)["created"] != "1999-01-01T00:00:00+00:00"


def test_restored_run_is_the_same_and_counts_as_copied(elsewhere):
    run = ended()
    open_archive().copy(run)
    restore(open_archive(), run.id, elsewhere)
    restored = elsewhere.get(run.id)
    assert contents(restored.path) == contents(run.path)
    assert restored.status().state is State.FINISHED
    assert is_copied(restored, MEMORY)
    assert elsewhere.create(TrainingConfig(dataset="set")).number == run.number + 1


def test_run_that_is_here_is_never_replaced():
    run = ended()
    open_archive().copy(run)
    (run.path / "log.txt").write_text("mine")
    with pytest.raises(RunError, match="here already; nothing was changed"):
        restore(open_archive(), run.id, RunStore())
    assert (run.path / "log.txt").read_text() == "mine"


@pytest.mark.parametrize("content", [b"MODEL", b"models", b"mode", b""])
def test_file_with_another_checksum_or_size_is_refused_and_nothing_stays(content, elsewhere):
    run = ended()
    open_archive().copy(run)
    change(f"{run.id}/model.keras", content)
    with pytest.raises(RunError, match=r"model\.keras in .* is not what was copied there"):
        restore(open_archive(), run.id, elsewhere)
    assert list(elsewhere.folder.iterdir()) == []


def test_model_that_its_run_did_not_save_is_refused_though_the_manifest_agrees(elsewhere):
    run = ended()
    run.model_path.write_bytes(b"another")
    open_archive().copy(run)
    with pytest.raises(RunError, match=r"The model in the copy .* is not used.*not the one its run saved"):
        restore(open_archive(), run.id, elsewhere)
    assert elsewhere.list() == []


@pytest.mark.parametrize(
    "name", ["../0009-ffff/run.json", "/etc/x", "a/../../x", "lock", ".hidden", "a\\b", "a//b", "archived.json"]
)
def test_manifest_with_a_name_that_leads_out_of_the_run_is_refused(name, elsewhere):
    run = ended()
    open_archive().copy(run)
    values = manifest_of(run)
    values["files"][name] = values["files"].pop("history.csv")
    change(f"{run.id}/{MANIFEST}", json.dumps(values).encode())
    with pytest.raises(RunError, match="no list of files that can be used"):
        restore(open_archive(), run.id, elsewhere)


@pytest.mark.parametrize(
    "values",
    [
        [],
        {"files": []},
        {"run": "0009-ffff"},
        {"files": {"a": {"num_bytes": -1, "sha256": "0" * 64}}},
        {"files": {"a": 1}},
    ],
)
def test_manifest_that_is_none_is_refused(values, elsewhere):
    run = ended()
    open_archive().copy(run)
    mixed = {**manifest_of(run), **values} if isinstance(values, dict) else values
    change(f"{run.id}/{MANIFEST}", json.dumps(mixed).encode())
    with pytest.raises(RunError, match="no list of files that can be used"):
        restore(open_archive(), run.id, elsewhere)


def test_copy_that_would_be_executed_is_refused(elsewhere, monkeypatch):
    run = ended(State.QUEUED)
    monkeypatch.setattr("covidlab.runs.archive.COPIED_STATES", tuple(State))
    open_archive().copy(run)
    with pytest.raises(RunError, match="is no run that has ended"):
        restore(open_archive(), run.id, elsewhere)
    assert elsewhere.list() == []


@pytest.mark.parametrize("run_id", ["../0001-abcd", "0001-abcd/..", "run", ""])
def test_name_that_is_no_runs_is_refused(run_id, elsewhere):
    with pytest.raises(RunError, match="name of a run's folder is expected"):
        restore(open_archive(), run_id, elsewhere)


def test_disk_that_is_too_small_is_said_first(elsewhere, monkeypatch):
    run = ended()
    open_archive().copy(run)
    monkeypatch.setattr("covidlab.files.free_bytes", lambda folder: 10)
    with pytest.raises(StorageError, match="The disk is too full"):
        restore(open_archive(), run.id, elsewhere)


@pytest.mark.parametrize("address", ["", "/mnt/archive", "bucket"])
def test_archive_that_is_no_address_is_wrong_use(address, monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", address)
    with pytest.raises(UsageError, match="COVIDLAB_ARCHIVE should name the object store"):
        open_archive()


def test_archiver_copies_what_has_ended_once_and_says_so_in_both_logs(capfd):
    run = ended()
    archiver = let_archiver_work(run, run)
    let_archiver_work(run, archiver=archiver)
    assert not archiver.is_busy
    assert open_archive().run_ids() == [run.id]
    assert (run.path / "log.txt").read_text().count("Copied to the archive (6 files, 0.0 MB).") == 1
    assert capfd.readouterr().err == f"run {run.number} ({run.id}): Copied to the archive (6 files, 0.0 MB).\n"
    let_archiver_work(run)
    assert capfd.readouterr().err == ""


def test_worker_and_dispatcher_hand_over_what_has_ended():
    runs = [ended(), ended(State.FAILED)]
    worker = Worker(RunStore())
    assert worker._next_run() is None
    worker._archiver._waiting.join()
    assert open_archive().run_ids() == [run.id for run in runs]
    last = ended()
    dispatcher = Dispatcher(RunStore(), cluster=None)
    assert dispatcher._waiting() == []
    dispatcher._archiver._waiting.join()
    assert last.id in open_archive().run_ids()


def test_archiver_without_an_archive_does_nothing(monkeypatch):
    monkeypatch.delenv("COVIDLAB_ARCHIVE")
    archiver = let_archiver_work(ended())
    assert archiver._thread is None
    assert not archiver.is_busy


def test_archiver_tries_again_in_the_next_process_what_failed(monkeypatch, capfd):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", BREAKING)
    run = ended()
    BreakingFileSystem.breaks = staticmethod(fail_after(2, "write", ConnectionError("gone")))
    archiver = let_archiver_work(run)
    BreakingFileSystem.breaks = staticmethod(lambda act, path: None)
    let_archiver_work(run, archiver=archiver)
    assert open_archive().run_ids() == []
    assert (run.path / "log.txt").read_text().count("Not copied to the archive.") == 1
    assert "It is tried again when the trainer starts next." in capfd.readouterr().err
    let_archiver_work(run)
    assert open_archive().run_ids() == [run.id]


def test_archiver_leaves_the_others_where_the_store_does_not_answer(monkeypatch):
    monkeypatch.setenv("COVIDLAB_ARCHIVE", BREAKING)
    runs = [ended() for _ in range(3)]
    asked = []
    archiver = Archiver()

    def breaks(act, path):
        asked.append(path)
        if len(asked) == 1:
            [archiver.offer(run) for run in runs[1:]]
        raise ConnectionError("gone")

    BreakingFileSystem.breaks = staticmethod(breaks)
    let_archiver_work(runs[0], archiver=archiver)
    said = ["Not copied" in (run.path / "log.txt").read_text() for run in runs]
    assert said == [True, False, False]


def test_archiver_passes_over_a_run_that_was_deleted_meanwhile():
    run = ended()
    RunStore().delete(run.id)
    let_archiver_work(run)
    assert names_in(MEMORY) == []


def test_recording_that_comes_with_covidlab_is_not_copied():
    run = RunStore().create(TrainingConfig(dataset="set"), is_numbered=False)
    run.write_status(replace(run.recorded_status(), state=State.FINISHED))
    let_archiver_work(run)
    assert names_in(MEMORY) == []


def test_runs_archive_and_restore_on_the_command_line(tmp_path, monkeypatch, capsys):
    runs = [ended(), ended()]
    ended(State.QUEUED)
    assert main(["runs", "archive", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["archive"] == MEMORY
    assert [(one["run"], one["files"]) for one in said["copied"]] == [(run.id, 6) for run in runs]
    assert (said["present"], said["failed"]) == (0, [])
    assert main(["runs", "archive"]) == 0
    assert capsys.readouterr().out == f"0 runs copied, 2 there already: {MEMORY}\n"
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path))
    assert main(["runs", "restore", runs[0].id]) == 0
    assert f"{runs[0].id}: restored, 6 files, 0.0 MB." in capsys.readouterr().out
    assert main(["runs", "restore", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert ([one["run"] for one in said["restored"]], said["present"]) == ([runs[1].id], 1)


def test_runs_archive_finds_that_a_copy_is_gone():
    run = ended()
    open_archive().copy(run)
    fsspec.filesystem("memory").rm("/bucket/folder", recursive=True)
    assert is_copied(run, MEMORY)
    assert main(["runs", "archive"]) == 0
    assert open_archive().run_ids() == [run.id]


def test_runs_restore_of_what_is_here_or_not_there_fails_with_a_sentence_each(capsys):
    run = ended()
    open_archive().copy(run)
    assert main(["runs", "restore", run.id, "0999-abcd", "--json"]) == 1
    captured = capsys.readouterr()
    assert [one["run"] for one in json.loads(captured.out)["failed"]] == [run.id, "0999-abcd"]
    assert captured.err.count("covidlab: ") == 2


def test_runs_restore_names_runs_whose_number_is_taken(tmp_path, monkeypatch, capsys):
    run = ended()
    open_archive().copy(run)
    monkeypatch.setenv("COVIDLAB_HOME", str(tmp_path))
    ended()
    assert main(["runs", "restore"]) == 0
    assert f"Another run has the number {run.number} as well" in capsys.readouterr().out
