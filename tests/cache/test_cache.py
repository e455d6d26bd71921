r"""What is built once per machine: right after a change, safe beside other processes, one place, emptied."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dnt_core.cache import built_once as store
from dnt_core.cache.folder import cache_size, clear_cache, remove_unused
from dnt_core.cli import app
from dnt_core.paths import cache_folder

NOWHERE = "/proc/nowhere"  # no folder can be made there, not even by root


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    r"""A cache of this test's own, and a package of one file whose code decides what is built."""
    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))
    package = tmp_path / "package"
    (package / "face").mkdir(parents=True)
    (package / "face" / "mesh.py").write_text("spacing = 1")
    monkeypatch.setattr(store, "PACKAGE", package)
    store.code_digest.cache_clear()
    yield tmp_path / "home" / "cache"
    store.code_digest.cache_clear()


def edit(text: str) -> None:
    (store.PACKAGE / "face" / "mesh.py").write_text(text)
    store.code_digest.cache_clear()  # another process starts


class Builder:
    r"""Counts how often it had to build."""

    def __init__(self):
        self.times = 0

        @store.built_once("face")
        def mesh(n: int, name: str = ""):
            self.times += 1
            return {"flat": np.arange(n, dtype=np.float64) / 7, "used": np.ones((n, 2), bool)}

        self.mesh = mesh


def test_the_second_process_maps_what_the_first_built():
    builder = Builder()
    first, second = builder.mesh(50), builder.mesh(50)
    assert builder.times == 1
    for key, array in first.items():
        assert np.array_equal(array, second[key]) and array.dtype == second[key].dtype
    second["flat"][:] = -1  # a process may write into its own copy
    assert np.array_equal(builder.mesh(50)["flat"], first["flat"])


def test_one_array_comes_back_as_one_array():
    one = store.built_once("face")(lambda n: np.full((n, 3), 2, np.int32))
    one.__wrapped__.__name__ = "ones"
    assert one(4).shape == (4, 3) and np.array_equal(one(4), np.full((4, 3), 2)) and one(4).dtype == np.int32


def test_other_knobs_or_other_code_are_built_anew():
    builder = Builder()
    builder.mesh(50), builder.mesh(51), builder.mesh(50, "M003")
    assert builder.times == 3
    edit("spacing = 2")
    builder.mesh(50)
    assert builder.times == 4
    edit("spacing = 1")  # back again, as between two branches: what was built is still there
    builder.mesh(50)
    assert builder.times == 4


def test_a_new_file_in_a_folder_of_code_counts():
    before = store.code_digest("face")
    (store.PACKAGE / "face" / "lips.py").write_text("")
    store.code_digest.cache_clear()
    assert store.code_digest("face") != before
    with pytest.raises(FileNotFoundError):
        store.code_digest("no_such_file.py")


@pytest.mark.parametrize("keep", [0, 4, 60, -1])
def test_a_damaged_file_is_built_anew(keep):
    builder = Builder()
    whole = builder.mesh(50)
    (path,) = (cache_folder() / "built").glob("mesh-50-*.safetensors")
    path.write_bytes(path.read_bytes()[:keep])
    again = builder.mesh(50)
    assert builder.times == 2 and np.array_equal(again["flat"], whole["flat"])
    builder.mesh(50)
    assert builder.times == 2


def test_a_full_disk_costs_time_only(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "atomic_path", full)
    builder = Builder()
    assert np.array_equal(builder.mesh(5)["flat"], builder.mesh(5)["flat"]) and builder.times == 2


BUILD = """
import sys, time
import numpy as np
from dnt_core.cache.built_once import built_once

@built_once("face3d/topology.py")
def slow(n):
    print("builds", flush=True)
    time.sleep(float(sys.argv[1]))
    return np.arange(n)

print(int(slow(1000).sum()))
"""


def start(seconds: float, **environment) -> subprocess.Popen:
    command = [sys.executable, "-c", BUILD, str(seconds)]
    return subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True)


def test_two_that_start_at_once_and_one_that_is_killed(home):
    killed = start(60)
    assert killed.stdout.readline() == "builds\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    together = [start(0.3), start(0.3)]
    assert [p.communicate()[0].split()[-1] for p in together] == ["499500", "499500"]
    assert start(60).communicate()[0] == "499500\n"  # built nothing
    assert [p.name.split("-")[0] for p in (home / "built").iterdir()] == ["slow"]


def test_without_home_and_with_nothing_to_write_the_temporary_folder_serves(tmp_path):
    places = {"DNT_HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE, "HOME": NOWHERE, "TMPDIR": str(tmp_path)}
    code = (
        "import numpy as np\n"
        "from dnt_core.paths import cache_folder\n"
        "from dnt_core.face3d.procedural.plane_distance import distance_to_curve\n"
        "far = distance_to_curve(np.array([[.5, 2.], [.5, 1.]]), np.array([[0, 0], [1., 0]]))[0]\n"
        "print(far, cache_folder())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | places, capture_output=True, text=True, check=True
    )
    truth, folder = said.stdout.strip().rsplit(maxsplit=1)
    assert truth == "[2. 1.]" and Path(folder).parent == tmp_path
    assert list(Path(folder, "kernels").rglob("*.nbc"))


def test_the_place_is_the_first_that_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    assert cache_folder() == tmp_path / "home" / "cache"
    monkeypatch.setenv("DNT_HOME", NOWHERE)
    assert cache_folder() == tmp_path / "xdg" / "dnt"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == tmp_path / "user" / ".cache" / "dnt"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs POSIX owners")
def test_a_temporary_folder_that_others_may_write_is_not_trusted(tmp_path, monkeypatch):
    for name in ("DNT_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, NOWHERE)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    planted = tmp_path / f"dnt-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    assert cache_folder() != planted


def test_size_and_clearing_leave_what_is_not_ours(home):
    Builder().mesh(50)
    (home / "notes.txt").write_text("mine")
    there = cache_size()
    assert there.files == 1 and there.size > 500 and str(home) in str(there)
    said = CliRunner().invoke(app, ["cache"])
    assert said.exit_code == 0 and "1 files" in said.output.replace("\n", "")
    assert CliRunner().invoke(app, ["cache", "--clear"]).exit_code == 0
    assert cache_size().files == 0 and (home / "notes.txt").read_text() == "mine"
    assert clear_cache().files == 0  # nothing there: nothing happens


def test_what_nobody_used_for_long_is_removed(home):
    builder = Builder()
    builder.mesh(1), builder.mesh(2)
    old, new = sorted((home / "built").iterdir())
    left = old.with_name(".mesh.abcd.part.safetensors")
    left.write_bytes(b"half")
    now = time.time()
    remove_unused(home / "built", now + 2 * 86_400)
    assert not left.exists() and old.exists() and new.exists()
    os.utime(old, (now - 40 * 86_400,) * 2)
    builder.mesh(1)  # used again today
    remove_unused(home / "built", now)
    assert old.exists()
    os.utime(old, (now - 40 * 86_400,) * 2)
    remove_unused(home / "built", now)
    assert not old.exists() and new.exists()


def test_importing_what_draws_compiles_nothing(home):
    code = (
        "import dnt_core.actor.film_frame, dnt_core.rendering.rasterizer_numba\n"
        "import sys, numba\n"
        "found = [f for name, m in list(sys.modules.items()) if name.startswith('dnt_core')"
        " for f in vars(m).values() if isinstance(f, numba.core.dispatcher.Dispatcher)]\n"
        "print(len(found), sum(len(f.signatures) for f in found))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kernels, compiled = map(int, said.stdout.split())
    assert kernels > 5 and compiled == 0
    assert not list(home.rglob("*.nbc"))


def test_every_kernel_keeps_its_machine_code_in_the_cache():
    r"""numba's own ``njit`` cannot be imported where neither the repository nor a home can be written."""
    package = Path(__file__).parents[2] / "dnt_core"
    direct = [p.name for p in package.rglob("*.py") if "@njit" in p.read_text(encoding="utf-8")]
    assert direct == []


def test_a_shipped_result_is_mapped_until_the_code_changes(home, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    builder = Builder()
    store.ship((builder.mesh, 3))
    assert builder.times == 1 and not (home / "built").exists()
    monkeypatch.setattr(np, "__version__", "0.0")  # it serves every version
    assert np.array_equal(builder.mesh(3)["flat"], np.arange(3) / 7)
    assert builder.times == 1 and not (home / "built").exists()
    edit("spacing = 2")
    builder.mesh(3)
    assert builder.times == 2 and len(list((home / "built").iterdir())) == 1
    store.ship((builder.mesh, 4))
    assert len(list((tmp_path / "shipped").iterdir())) == 1  # the stale one is gone
