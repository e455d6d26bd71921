r"""The page without a kernel as files: its graphs draw what torch draws, its arrays come back."""

import gzip
import json
import os
import re
import shutil
import sys
import tarfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from dnt_core.ciec import CIEC_TYPES, encode
from dnt_core.cli import app
from dnt_core.live import LiveFace
from dnt_core.live.errors import LiveError
from dnt_core.live.static_page import build, build_page
from dnt_core.live.static_page.clip_arrays import (
    MASK,
    clip_arrays,
    pack_around,
    pack_planes,
    pack_uv,
    seen_texels,
)
from dnt_core.live.static_page.face_file import page_face, page_stem
from dnt_core.live.static_page.graph_files import WEIGHTS, WeightsFile, expand
from dnt_core.live.static_page.page_graphs import Prepare, ways_of_types
from dnt_core.live.static_page.runtime_files import (
    BINARY,
    FILES,
    GPU_BINARY,
    GPU_SCRIPTS,
    VARIABLE,
    find_runtime,
    served_name,
)
from dnt_core.networks.frame_inputs import face_and_hole
from dnt_core.rendering.uv_map import sample_texture
from tests.live.widget_stage import ROOT

GENERATOR = ROOT / "weights" / "generator_M003_128.safetensors"


def fetched_bytes(out, face):
    r"""What a visitor's browser fetches until a face is there, where the server compresses scripts."""
    later = {build.LIPS, f"{GPU_BINARY}.gz", *map(served_name, GPU_SCRIPTS)}
    faces = [f for f in (out / "faces").iterdir() if f.stem == page_stem(face)]
    files = [f for f in faces if f.suffix not in (".views", ".speech")]
    files += [f for f in out.rglob("*") if f.is_file() and f.parent.name != "faces" and f.name not in later]
    packed = (".gz", ".face", ".webp")
    return sum(len(f.read_bytes() if f.suffix in packed else gzip.compress(f.read_bytes())) for f in files)


@pytest.fixture(scope="module")
def live():
    return LiveFace(GENERATOR, runtime="torch")


@pytest.fixture(scope="module")
def face():
    return page_face(GENERATOR, captions="Bob thinks the movie was fun.", views=False)


@pytest.fixture(scope="module")
def drawn(face, tmp_path_factory):
    r"""(expression, intensity, frame) → the pictures of ``draw`` and ``rest``, drawn as a page does."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="the page's graphs run in ONNX Runtime")
    folder = tmp_path_factory.mktemp("graphs")
    expand(face.weights, face.header["weights"]).tofile(folder / WEIGHTS)
    options, sessions = onnxruntime.SessionOptions(), {}
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    for name, graph in face.graphs.items():
        (folder / f"{name}.onnx").write_bytes(graph)
        sessions[name] = onnxruntime.InferenceSession(
            str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
        )
    directions, bases = face.header["ways_shape"]
    shapes = {"center": (1, bases), "across": (bases, directions), "along": (directions, bases)}

    def run(name, values):
        session = sessions[name]
        results = session.run(None, {i.name: values[i.name] for i in session.get_inputs()})
        return values | dict(zip((o.name for o in session.get_outputs()), results, strict=True))

    def draw(expression, intensity, frame):
        way = face.header["ways"][CIEC_TYPES.index(expression)]
        values = {
            name: np.float32(numbers).reshape(shape)
            for (name, shape), numbers in zip(shapes.items(), way, strict=True)
        }
        arrays = (a.numpy() for a in face.arrays.inputs(frame))
        values |= dict(zip(Prepare.of_frame, arrays, strict=True))
        values["ciec"] = encode(expression, torch.tensor(float(intensity)))[None].numpy()
        values = run("prepare", values)
        return run("draw", values)["picture"], run("rest", run("fold", values))["picture"]

    return draw


@pytest.mark.parametrize(
    ("expression", "intensity", "frame"),
    [("happy", 0.0, 0), ("happy", 1.0, 40), ("surprised", 0.7, 20), ("angry", 1.0, 71), ("sad", 0.4, 55)],
)
def test_a_page_draws_what_torch_draws_moving_and_at_rest(face, drawn, live, expression, intensity, frame):
    (row, column), (height, width) = face.arrays.corners[frame], face.arrays.size
    wanted = live(expression, intensity, frame)[row : row + height, column : column + width].astype(int)
    for picture in drawn(expression, intensity, frame):
        off = np.abs(picture - wanted)
        assert off.max() <= 2 and (off > 1).mean() < 2e-4 and off.mean() < 0.1, (
            "of 255, with all that is rounded"
        )
    assert np.ptp(wanted) > 100


def test_each_type_needs_fewer_directions_than_there_are_bases(face, live):
    directions, bases = face.header["ways_shape"]
    assert directions <= 4 < bases <= live.generator.texture.n_bases


def test_ways_say_where_the_weights_go(live):
    from dnt_core.live.static_page.page_graphs import FewBases

    few = FewBases(live.generator.texture)
    with torch.no_grad():
        for k, way in enumerate(ways_of_types(few)):
            code = torch.zeros(1, 7)
            code[0, k] = 0.63
            weights = few.weights(code)
            told = way.center + (weights - way.center) @ way.across @ way.along
            change = ((told - weights) @ few.bases).square().mean().sqrt()
            assert change < 0.01 * ((weights - way.center) @ few.bases).square().mean().sqrt()


def test_a_clips_arrays_are_the_generators_inputs(face, live):
    for frame in (0, 33, 71):
        inputs = live.scene.inputs(frame)
        row, column = face.arrays.corners[frame]
        cut = np.s_[..., row : row + face.arrays.size[0], column : column + face.arrays.size[1]]
        background, hole, mask, mouth, uv, _ = face.arrays.inputs(frame)
        for name, mine in (("hole", hole), ("mask", mask), ("mouth", mouth)):
            torch.testing.assert_close(mine, getattr(inputs, name)[cut], rtol=0, atol=0)
        off = (uv - inputs.uv_map[cut]).abs().max() * live.generator.texture.size
        assert off <= 0.5 / 60, "texels: rounded to 1/64 of a texture of 128"
        assert (background - inputs.background[cut]).abs().max() <= 0.5 / 255 + 1e-6
    assert face.arrays.moved == 0


def test_beside_the_filmed_face_a_page_has_the_film(face, live):
    r"""The hole of the clip's own face may be larger than that of a face with another sound's lips."""
    beside = 0
    for frame in (0, 33, 71):
        seen = live.scene.seen[frame : frame + 1]
        hole = face_and_hole(live.scene.model, seen, None, live.size)[1][0, 0].numpy() > 0
        np.testing.assert_array_equal(face.arrays.around[frame][~hole], live.scene.frames[frame][~hole])
        beside += int(((live.scene.inputs(frame).hole[0, 0].numpy() > 0) & ~hole).sum())
    assert beside > 0


def test_uv_maps_come_back_exactly(face):
    arrays = face.arrays
    uv, mask = arrays.uv[:3], arrays.planes[:3] & MASK > 0
    data = np.frombuffer(pack_uv(uv, mask), np.uint8)
    low, high = data.reshape(2, -1).astype(np.int64)
    folded = (low | high << 8).reshape(uv.shape)
    rest = (folded >> 1) ^ -(folded & 1)
    found = np.zeros_like(folded)
    for y, x in np.ndindex(uv.shape[2:]):
        left = found[..., y, x - 1] if x else 0
        above = found[..., y - 1, x] if y else 0
        corner = found[..., y - 1, x - 1] if x and y else 0
        found[..., y, x] = (rest[..., y, x] + left + above - corner) & 65535
    np.testing.assert_array_equal(found * mask[:, None], uv * mask[:, None])
    assert len(gzip.compress(pack_uv(uv, mask))) < 0.15 * uv.nbytes


def test_backgrounds_and_planes_come_back_exactly(face):
    around, planes = face.arrays.around[:5], face.arrays.planes[:5]
    change = np.frombuffer(pack_around(around), np.uint8).reshape(around.shape).copy()
    change[..., 0] += change[..., 1]
    change[..., 2] += change[..., 1]
    np.testing.assert_array_equal(np.add.accumulate(change, 0, np.uint8), around)
    changed = np.frombuffer(pack_planes(planes), np.uint8).reshape(planes.shape)
    np.testing.assert_array_equal(np.bitwise_xor.accumulate(changed, 0), planes)


def test_texels_that_are_forgotten_are_read_nowhere():
    draw = torch.Generator().manual_seed(0)
    uv = torch.rand(2, 2, 12, 12, generator=draw) * 0.5 + 0.1
    mask = torch.rand(2, 1, 12, 12, generator=draw) > 0.5
    texture = torch.rand(1, 3, 32, 32, generator=draw)
    seen = torch.from_numpy(seen_texels(uv.numpy(), mask[:, 0].numpy(), 32))
    wanted = sample_texture(texture, uv, mask.float())
    torch.testing.assert_close(sample_texture(texture * seen, uv, mask.float()), wanted, rtol=0, atol=0)
    assert 0 < seen.float().mean() < 0.7


def test_weights_are_kept_once_and_within_half_a_step():
    draw, weights = np.random.default_rng(0), WeightsFile()
    texture = draw.normal(size=(6, 4, 4)).astype(np.float32) * np.arange(6)[:, None, None]
    convolution = draw.normal(size=(5, 3, 3, 3)).astype(np.float32)
    places = weights.add(texture, 6), weights.add(convolution), weights.add(texture.reshape(2, -1), 6)
    assert places[0] == places[2] != places[1]
    floats = expand(weights.to_bytes(), weights.table)
    off = np.abs(floats[places[0] :][: texture.size].reshape(6, -1) - texture.reshape(6, -1)).max(1)
    assert (off <= np.abs(texture).max((1, 2)) / 127 / 2 + 1e-6).all()
    kept = floats[places[1] :][: convolution.size].reshape(convolution.shape)
    np.testing.assert_array_equal(kept, convolution.astype(np.float16).astype(np.float32))


@pytest.fixture
def runtime(tmp_path):
    r"""What stands for ONNX Runtime Web where no browser runs it."""
    folder = tmp_path / "runtime" / "dist"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).write_bytes(b"runtime " + name.encode())
    return folder.parent


def test_a_face_of_any_name_has_files_that_servers_hand_out_and_no_name_comes_twice(
    tmp_path, runtime, face, monkeypatch
):
    names = ["Änn #1 50%_128", "Änn _1 50%_128", "ann_128"]
    headers = iter(
        [{**face.header, "name": name, "stem": page_stem(name)} for name in [*names, names[0], names[0]]]
    )
    monkeypatch.setattr(build, "page_face", lambda *given: replace(face, header=next(headers)))
    index = build_page(tmp_path / "page", [GENERATOR] * 3, ort=runtime)
    told = json.loads((index.parent / "faces.json").read_text(encoding="utf-8"))["faces"]
    assert [one["name"] for one in told] == names
    files = [one["file"] for one in told]
    assert len(set(files)) == 3 and files[2] == "./faces/ann_128.face"
    assert all(re.fullmatch(r"\./faces/[A-Za-z0-9_.-]+\.face", file) for file in files)
    assert all(
        (index.parent / file).with_suffix(kind).is_file() for file in files for kind in (".face", ".webp")
    )
    with pytest.raises(LiveError, match="two weights are named Änn #1 50%_128"):
        build_page(tmp_path / "page", [GENERATOR] * 2, ort=runtime)


def test_folders_of_weights_under_any_names_are_taken_one_after_the_other(
    tmp_path, runtime, face, monkeypatch
):
    taken = []

    def noting(file, *more):
        taken.append(file)
        return replace(face, header={**face.header, "name": file.stem})

    monkeypatch.setattr(build, "page_face", noting)
    for name in ("mine", "generator_M003_128"):
        (tmp_path / name).mkdir()
        shutil.copy(GENERATOR, tmp_path / name / f"{name}.safetensors")
    build_page(tmp_path / "page", [tmp_path / "mine", tmp_path / "generator_M003_128"], ort=runtime)
    assert [file.stem for file in taken] == ["mine", "generator_M003_128"]


def test_the_folder_is_whole_and_asks_nobody_else(tmp_path, runtime, face, monkeypatch):
    monkeypatch.setattr(build, "page_face", lambda *given: face)
    index = build_page(tmp_path / "page", GENERATOR, ort=runtime)
    files = {p.relative_to(index.parent).as_posix() for p in index.parent.rglob("*") if p.is_file()}
    text = index.read_text(encoding="utf-8")
    assert "SYNTHETIC" in text and "{{" not in text and "default-src 'none'" in text
    scripts = {
        name: (index.parent / name).read_text() for name in files if name.endswith((".js", ".html", ".css"))
    }
    for name, script in scripts.items():
        for wanted in re.findall(r"""(?:from |href="|src=")["']?(\.?/?[\w./-]+\.(?:m?js|css|txt))""", script):
            assert wanted.removeprefix("./") in files, f"{name} wants {wanted}"
        hosts = set(re.findall(r"https?://[\w.]+", script)) - {"http://www.w3.org"}
        assert not hosts, f"{name} names {hosts}"
    (told,) = json.loads((index.parent / "faces.json").read_text())["faces"]
    assert told["name"] == "M003_128" and told["bytes"] == (index.parent / told["file"]).stat().st_size
    assert gzip.decompress((index.parent / f"ort/{BINARY}.gz").read_bytes()).startswith(b"runtime ")
    assert fetched_bytes(index.parent, "M003_128") < 2e6


def test_where_the_runtime_is_looked_for(tmp_path, runtime, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ValueError, match="npm install onnxruntime-web"):
        find_runtime()
    with pytest.raises(ValueError, match="holds no ort-wasm"):
        find_runtime(tmp_path)
    assert find_runtime(runtime) == runtime / "dist"
    monkeypatch.setenv(VARIABLE, str(runtime / "dist"))
    assert find_runtime() == runtime / "dist"
    monkeypatch.setenv("HOME", str(runtime.parent))
    monkeypatch.setenv(VARIABLE, "~/" + runtime.name)  # as DNT_ASSETS takes it
    assert find_runtime() == runtime / "dist"
    monkeypatch.delenv(VARIABLE)
    (tmp_path / "node_modules").mkdir()
    runtime.rename(tmp_path / "node_modules" / "onnxruntime-web")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert find_runtime() == tmp_path / "node_modules" / "onnxruntime-web" / "dist"


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell stands for npm")
def test_npm_fetches_the_runtime_where_no_home_can_be_written(tmp_path, runtime, monkeypatch):
    with tarfile.open(tmp_path / "onnxruntime-web.tgz", "w:gz") as tar:
        tar.add(runtime / "dist", "package/dist")
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\n[ -w "$HOME" ] && cp "{tmp_path}/onnxruntime-web.tgz" "$5"\n')
    npm.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert sorted(file.name for file in find_runtime().iterdir()) == sorted(FILES)


def test_a_page_that_is_built_again_keeps_no_face_of_the_earlier_one(tmp_path, runtime, face, monkeypatch):
    monkeypatch.setattr(build, "page_face", lambda *given: face)
    for name in ("ann_256.face", "ann_256.views", "ann_256.webp", "ann_256.speech", "notes.txt"):
        (tmp_path / "page" / "faces").mkdir(parents=True, exist_ok=True)
        (tmp_path / "page" / "faces" / name).write_bytes(b"x")
    build_page(tmp_path / "page", GENERATOR, ort=runtime)
    left = {file.name for file in (tmp_path / "page" / "faces").iterdir()}
    assert "notes.txt" in left and not [name for name in left if name.startswith("ann")]
    assert {name for name in left if name.endswith(".face")} == {f"{face.header['stem']}.face"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--weights", "nowhere.safetensors"], "no weights nowhere.safetensors"),
        (["--weights", "."], "holds no file of `dnt train generator`"),
        (
            ["--weights", str(GENERATOR), "--weights", str(GENERATOR), "--clip", "a.mp4"],
            "one clip is for one face",
        ),
        (["--weights", str(GENERATOR), "--clip", "a.mp4"], "no clip a.mp4"),
    ],
)
def test_what_the_command_refuses(arguments, said, tmp_path, runtime, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = CliRunner().invoke(app, ["site", "live", "--out", "page", "--ort", str(runtime), *arguments])
    assert out.exit_code in (1, 2) and said in out.output.replace("\n", " ")
    assert not (tmp_path / "page" / "index.html").exists()


def test_arrays_of_a_clip_have_one_size(live):
    arrays = clip_arrays(live.generator, live.scene)
    assert len(arrays) == live.n_frames and arrays.planes.shape[1:] == tuple(arrays.size)
