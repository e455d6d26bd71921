r"""Builds the live face as a folder of files that any web server can hand out."""

from __future__ import annotations

import gzip
import html
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from dnt_core.atomic_write import atomic_path, make_folder
from dnt_core.audio.lip_motion import QUIETEST, SHORTEST
from dnt_core.ciec import EXPRESSIONS
from dnt_core.live.errors import LiveError
from dnt_core.live.page_words import BUILT_IN, GIVEN
from dnt_core.live.static_page.face_file import EXPRESSION, FRAME, INTENSITY, page_face
from dnt_core.live.static_page.lips_graph import lips_file
from dnt_core.live.static_page.runtime_files import (
    BINARY,
    GPU_BINARY,
    GPU_SCRIPTS,
    LICENSE,
    SCRIPTS,
    find_runtime,
    served_name,
)
from dnt_core.live.widget.page_files import page_script, page_style
from dnt_core.paths import user_path, weights_folder
from dnt_core.training.generator_weights import all_generators

LIPS = "lips.gz"  # fetched when the first sound is given
PAGE = Path(__file__).with_name("page")
FACE_FILES = (".face", ".views", ".webp", ".speech")
INSIDES = ("texture", "channels", "sampled", "uv", "attention", "teeth", "geometry", "captured", "background",
    "static")  # fmt: skip


def build_page(
    out: str | os.PathLike, weights: Sequence[str | os.PathLike] | str | os.PathLike | None = None,
    clip: str | os.PathLike | None = None, ort: str | os.PathLike | None = None, captions: str | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Path:  # fmt: skip
    r"""Writes the page: ``index.html``, its scripts, the runtime, one file per face.

    Args:
        out: folder, made if missing; files of an earlier page in it are replaced, and faces that this page
            does not show are removed: a server would hand them out.
        weights: a file of ``dnt train generator``, or a folder of them, all of which are taken, or several
            of either; None: the shipped ones.
        clip: an mp4 with its ``.face3d.npz`` beside it, in which the face speaks: then ``weights`` are one
            file. None: every built-in actor has one.
        ort: folder of ONNX Runtime Web, see :func:`~dnt_core.live.static_page.runtime_files.find_runtime`.
        captions: what is said in the clip; None: the built-in clip's sentence.
        tell: is given a line per step.

    Returns:
        ``index.html``.

    Raises:
        FileNotFoundError: no such weights or clip.
        LiveError: a clip that cannot be shown.
        ValueError: foreign weights, a generator that cannot be exported, no runtime.
    """
    files = _weights(weights)
    if clip is not None and len(files) != 1:
        raise LiveError(f"one clip is for one face, got {len(files)} weights; name one file with --weights")
    out, runtime = make_folder(user_path(out)), find_runtime(ort and user_path(ort))
    faces = []
    for file in files:
        tell(f"{file.name}: graphs, weights and clip …")
        face = page_face(file, clip, captions)
        if face.note:
            tell(face.note)
        data, name, stem = face.to_bytes(), face.header["name"], face.header["stem"]
        if name in {other["name"] for other in faces}:
            raise LiveError(f"two weights are named {name}; a page shows one of each name")
        _write(out / "faces" / f"{stem}.face", data)
        _write(out / "faces" / f"{stem}.views", face.views)
        _write(out / "faces" / f"{stem}.webp", face.still)
        speech = f"./faces/{stem}.speech" if face.speech else None
        if speech:
            _write(out / speech, face.speech)
        faces.append({"name": name, "file": f"./faces/{stem}.face", "bytes": len(data), "speech": speech} | {
            key: face.header[key] for key in ("image_size", "n_frames")})  # fmt: skip
        tell(f"{name}: {len(data) / 1e6:.1f} MB")
    shown = {Path(face["file"]).stem for face in faces}
    for old in (out / "faces").iterdir():
        if old.suffix in FACE_FILES and old.stem not in shown:
            old.unlink()
    faces.sort(key=lambda face: -face["image_size"])  # a desktop begins with the largest
    _write(out / "faces.json", json.dumps(_first_values(faces), ensure_ascii=False).encode())
    for script in (*SCRIPTS, *GPU_SCRIPTS):
        _write(out / "ort" / served_name(script), (runtime / script).read_bytes())
    _write(out / "ort" / "LICENSE.txt", LICENSE.encode())
    for binary in (BINARY, GPU_BINARY):
        _write(out / "ort" / f"{binary}.gz", gzip.compress((runtime / binary).read_bytes(), 9, mtime=0))
    if any(face["speech"] for face in faces):
        _write(out / LIPS, lips_file())
    _write(out / "live.js", page_script().encode())
    _write(out / "live.css", page_style().encode())
    for file in sorted(PAGE.iterdir()):
        if file.suffix in (".js", ".css"):
            _write(out / file.name, file.read_bytes())
    text = (PAGE / "index.html").read_text(encoding="utf-8")
    about = BUILT_IN if clip is None else GIVEN
    made = "Faces: " + ", ".join(face["name"] for face in faces) + "."
    text = text.replace("{{about}}", html.escape(about)).replace("{{made}}", html.escape(made))
    _write(out / "index.html", text.encode())
    return out / "index.html"


def _weights(weights: Sequence[str | os.PathLike] | str | os.PathLike | None) -> list[Path]:
    files: list[Path] = []
    given = [weights] if weights is None or isinstance(weights, (str, os.PathLike)) else weights
    for place in (weights_folder() if one is None else user_path(one) for one in given):
        if place.is_dir():
            inside = [found.path for sizes in all_generators(place).values() for found in sizes.values()]
            if not inside:
                raise FileNotFoundError(f"{place} holds no file of `dnt train generator`")
            files += inside
        elif place.is_file():
            files.append(place)
        else:
            raise FileNotFoundError(f"no weights {place}; expected a file of `dnt train generator`")
    if not files:
        raise LiveError("a page needs at least one file of weights")
    return files


def _first_values(faces: list[dict]) -> dict:
    from dnt_core.live.intermediate_outputs import INSIDES as ABOUT
    from dnt_core.plotting import EXPRESSION_COLORS

    frame = min(FRAME, min(face["n_frames"] for face in faces) - 1)
    colors = {name: EXPRESSION_COLORS[name] for name in EXPRESSIONS}
    return {
        "faces": faces, "expression": EXPRESSION, "intensity": INTENSITY, "frame": frame, "pose": [0, 0, 0],
        "playing": False, "path": "happy:0@0%→1@50%→0@100%", "inside": "", "error": "", "colors": colors,
        "sounds": {"shortest": SHORTEST, "quietest": QUIETEST},
        "insides": {name: ABOUT[name] for name in INSIDES}, "pose_limit": [0, 0, 0],
    }  # fmt: skip


def _write(path: Path, data: bytes) -> None:
    with atomic_path(path) as part:
        part.write_bytes(data)
