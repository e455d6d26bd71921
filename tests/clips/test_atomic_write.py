import errno
import json
import os
import stat
import threading

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

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


def test_a_link_stays_a_link_and_the_file_behind_it_is_written(tmp_path):
    real = write_text(tmp_path / "shared" / "a.txt", "old")
    link, dangling = tmp_path / "a.txt", tmp_path / "b.txt"
    link.symlink_to(real)
    dangling.symlink_to(tmp_path / "later" / "b.txt")
    write_text(link, "new")
    write_text(dangling, "made")
    assert link.is_symlink() and dangling.is_symlink()
    assert real.read_text() == "new" and (tmp_path / "later" / "b.txt").read_text() == "made"
    assert os.listdir(real.parent) == ["a.txt"]


def test_permissions_are_kept_and_those_of_a_new_file_are_the_systems(tmp_path):
    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    new = tmp_path / "a.safetensors"
    with atomic_path(new) as part:
        save_file({"a": np.zeros(1)}, part)  # it makes files that no one else may read
    assert mode(new) == mode(ordinary)
    for kept in (0o600, 0o664):
        new.chmod(kept)
        with atomic_path(new) as part:
            save_file({"a": np.ones(1)}, part)
        assert mode(new) == kept


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name on this system")
def test_a_pipe_gets_the_bytes_and_stays_a_pipe(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_text(pipe, "through")
    reader.join(10)
    assert got == ["through"] and stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_the_longest_name_that_a_file_may_have_can_be_written(tmp_path, letter):
    name = letter * (250 // len(letter.encode())) + ".json"
    assert write_json(tmp_path / name, 1).read_text() == "1\n"
    with pytest.raises(OSError, match=f"/longer{letter}"):  # not the temporary name
        write_json(tmp_path / ("longer" + name), 1)


def test_a_file_where_a_folder_should_be_is_named(tmp_path):
    file = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ValueError, match=f"{file} is a file, expected a folder"):
        write_text(file / "more" / "b.txt", "new")
    assert file.read_text() == "old"


def test_a_read_only_file_system_is_said_with_the_file(tmp_path, monkeypatch):
    def refuse(part, *_, **__):
        raise OSError(errno.EROFS, "Read-only file system", str(part))

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(type(tmp_path), "unlink", refuse)  # it refuses this of a file that is not there, too
    with pytest.raises(OSError, match="Read-only file system, while writing: .*/a.txt'"):
        write_text(tmp_path / "a.txt", "new")
