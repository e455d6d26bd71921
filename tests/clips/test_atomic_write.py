import errno
import json
import os

import pytest
from safetensors import SafetensorError

from dnt_core.atomic_write import atomic_path, is_part, write_json, write_text


def test_writes_and_leaves_no_part(tmp_path):
    target = tmp_path / "new folder" / "a.txt"
    with atomic_path(target) as part:
        assert part.suffix == ".txt"
        assert part.parent == target.parent
        assert is_part(part)
        part.write_text("one")
        assert not target.exists()
    assert target.read_text() == "one"
    assert os.listdir(target.parent) == ["a.txt"]


@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt])
def test_an_error_keeps_what_was_there(tmp_path, interruption):
    target = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(interruption), atomic_path(target) as part:
        part.write_text("half")
        raise interruption
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_says_when_nothing_was_written(tmp_path):
    with pytest.raises(ValueError, match="nothing was written for .*a.txt"), atomic_path(tmp_path / "a.txt"):
        pass
    with pytest.raises(ValueError, match="a folder of that name"), atomic_path(tmp_path):
        pass


def test_json_is_strict(tmp_path):
    path = write_json(tmp_path / "a.json", {"colour": "grün", "x": [1, 2.5]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"colour": "grün", "x": [1, 2.5]}
    with pytest.raises(ValueError, match="a.json.*finite"):
        write_json(path, {"x": float("nan")})
    assert json.loads(path.read_text(encoding="utf-8"))["colour"] == "grün"
    assert not is_part(path)
    assert is_part(tmp_path / ".a.0f.part.json")


def test_a_full_disk_is_said_with_the_file(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    with (
        pytest.raises(OSError, match="No space left on device, while writing: .*a.txt"),
        atomic_path(path) as part,
    ):
        part.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


class _LibraryError(PermissionError, ValueError):
    r"""As PyAV's are: an OSError and more, which whoever reads meanwhile would take for its own."""


def test_a_librarys_error_in_writing_is_a_plain_one(tmp_path):
    said = "Permission denied, while writing: .*a.mp4"
    with pytest.raises(OSError, match=said) as found, atomic_path(tmp_path / "a.mp4"):
        raise _LibraryError(errno.EACCES, "Permission denied", "part.mp4")
    assert not isinstance(found.value, ValueError)


def test_safetensors_own_error_on_a_full_disk_is_a_plain_one(tmp_path):
    path = tmp_path / "a.safetensors"
    said = "Error while serializing: I/O error: File too large (os error 27)"
    with pytest.raises(OSError, match="while writing: .*a.safetensors"), atomic_path(path):
        raise SafetensorError(said)
    with pytest.raises(SafetensorError, match="of another kind"), atomic_path(path):
        raise SafetensorError("of another kind")
