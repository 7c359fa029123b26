"""Many X-rays: which files of folders are taken, and that they are decoded ahead, in order and a few at a time."""

import hashlib
import threading
from pathlib import Path

import pytest

from covidlab.errors import TemporaryError, UnreadableImage
from covidlab.imaging.limits import MAX_BYTES
from covidlab.imaging.prepared import Recipe
from covidlab.prediction import batch
from covidlab.prediction.batch import AHEAD, decoded_ahead, find_xrays

RECIPE = Recipe(picture_side=64, picture_quality=50)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(130)


def write(folder: Path, *names: str, content: bytes = PNG) -> list[str]:
    """Write files below ``folder``; return their paths."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return [str(folder / name) for name in names]


def test_find_xrays_takes_files_as_named_and_pictures_of_folders_in_order(tmp_path):
    taken = write(tmp_path, "b/9.png", "b/deep/1.DCM", "b/without suffix")
    write(tmp_path, "b/.hidden.png", "b/masks/9.png", "b/table.csv", "b/results/map.png")
    write(tmp_path, "b/other", content=b"not a picture")
    assert find_xrays(["missing.png", str(tmp_path)]) == (
        ["missing.png", *sorted(taken[:1] + taken[2:]), taken[1]],
        5,
    )


def test_decoded_ahead_keeps_the_order_and_names_what_is_refused(tmp_path):
    files = write(tmp_path, *(f"{number}.png" for number in range(6)))

    def prepare(data, *, recipe, name):
        if name == "2.png":
            raise UnreadableImage(f"{name} cannot be read: damaged.")
        return name

    done = list(decoded_ahead([*files, str(tmp_path / "none.png")], prepare, recipe=RECIPE))
    assert [each.image for each in done] == ["0.png", "1.png", None, "3.png", "4.png", "5.png", None]
    assert done[2].refusal == "2.png cannot be read: damaged."
    assert done[2].sha256 == hashlib.sha256(PNG).hexdigest()
    assert (done[6].sha256, done[6].refusal[:28]) == ("", "none.png cannot be opened: N")


def test_decoded_ahead_decodes_while_one_is_used_and_never_more_than_a_few(tmp_path):
    files, begun = write(tmp_path, *(f"{number:02}.png" for number in range(20))), threading.Semaphore(0)

    def prepare(data, *, recipe, name):
        begun.release()
        return name

    decoded = decoded_ahead(files, prepare, recipe=RECIPE)
    next(decoded)
    # Without anybody asking for the next ones.
    assert all(begun.acquire(timeout=5) for _ in range(AHEAD))
    assert not begun.acquire(timeout=0.05)
    decoded.close()


def test_decoded_ahead_passes_over_what_is_known_without_decoding(tmp_path):
    files = write(tmp_path, "a.png", "b.png")
    known = {(files[0], hashlib.sha256(PNG).hexdigest())}
    done = list(
        decoded_ahead(
            files, lambda *_, name, **__: name, recipe=RECIPE, is_known=lambda file, sha256: (file, sha256) in known
        )
    )
    assert [(each.is_known, each.image) for each in done] == [(True, None), (False, "b.png")]


@pytest.mark.parametrize("error", [TemporaryError("Try again."), None], ids=["busy", "too large"])
def test_decoded_ahead_gives_no_hash_of_what_should_be_tried_again(tmp_path, monkeypatch, error):
    files = write(tmp_path, "a.png")
    if error is None:
        monkeypatch.setattr(batch, "read_bytes", lambda path: bytes(MAX_BYTES + 1))

    def prepare(data, **_):
        raise error or UnreadableImage("Too large.")

    (done,) = decoded_ahead(files, prepare, recipe=RECIPE)
    assert (done.sha256, done.image) == ("", None)
    assert done.refusal
