r"""One person of a page in one file: graphs, weights, clip, sound, compressed."""

from __future__ import annotations

import copy
import hashlib
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dnt_core.ciec import CIEC_TYPES
from dnt_core.live.engine import LiveFace
from dnt_core.live.static_page.clip_arrays import (
    MASK,
    ClipArrays,
    clip_arrays,
    pack_around,
    pack_planes,
    pack_uv,
    seen_texels,
)
from dnt_core.live.static_page.graph_files import WEIGHTS, WeightsFile, graph_bytes
from dnt_core.live.static_page.page_graphs import GRAPHS, FewBases, Prepare, ways_of_types
from dnt_core.live.static_page.parts_file import parts_file
from dnt_core.live.static_page.speech_file import page_speech
from dnt_core.networks.generator import Generator

EXPRESSION, INTENSITY, FRAME = "happy", 0.8, 40  # seen first; there the built-in clips' mouths are open


@dataclass(frozen=True)
class PageFace:
    r"""A face as a page draws it.

    Attributes:
        graphs: name → ONNX file's bytes, whose weights are ``weights``.
        weights: bytes that ``graph_files.expand`` takes with ``header["weights"]``.
        header: what ``face_file.js`` reads, without the parts' places.
        arrays: the clip. sound: (N,) int16. still: a picture of it, WebP.
        views: all pictures of the geometry one after the other, WebP; ``header["views"]`` says their bytes.
        speech: another file, what it takes to move the lips with any sound; empty where nothing can.
        note: a sentence on frames of the clip that are left out, or "".
    """

    graphs: dict[str, bytes]
    weights: bytes
    header: dict[str, Any]
    arrays: ClipArrays
    sound: np.ndarray
    still: bytes
    views: bytes
    speech: bytes
    note: str = ""

    def to_bytes(self) -> bytes:
        r"""The file."""
        parts = {f"{name}.onnx": data for name, data in self.graphs.items()} | {
            WEIGHTS: self.weights,
            "planes": pack_planes(self.arrays.planes),
            "uv": pack_uv(self.arrays.uv, self.arrays.planes & MASK > 0),
            "around": pack_around(self.arrays.around),
            "sound": self.sound.tobytes(),
        }
        return parts_file(self.header, parts)


def page_stem(name: str) -> str:
    r"""A face's name as its files on a page have it: letters, digits, ``_.-``, which any server hands out."""
    plain = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return plain if plain == name else f"{plain}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def page_face(
    weights: str | os.PathLike, clip: str | os.PathLike | None = None, captions: str | None = None,
    views: bool = True,
) -> PageFace:  # fmt: skip
    r"""A trained generator and its clip for a page.

    Args:
        weights: a file of ``dnt train generator``.
        clip: as ``LiveFace`` takes it.
        captions: as ``LiveFace`` takes them.
        views: with pictures of the geometry for looking inside.

    Raises:
        FileNotFoundError, ValueError: as ``LiveFace``; a generator that cannot be exported.
    """
    face = LiveFace(weights, clip, runtime="torch", captions=captions)
    arrays = clip_arrays(face.generator, face.scene)
    generator = forget_unseen(face.generator, arrays)
    few = FewBases(generator.texture)
    ways, store = ways_of_types(few), WeightsFile()
    textures = [
        (generator.texture.neutral, len(generator.texture.neutral)),
        (few.bases, len(few.bases) * few.shape[0]),
    ]
    kinds = {kind.__name__.lower(): kind(generator, few, arrays.size) for kind in GRAPHS}
    examples = example_arguments(kinds, arrays, ways)
    graphs = {name: graph_bytes(graph, examples[name], textures, store) for name, graph in kinds.items()}
    samples, rate = face.audio or (np.zeros(0, np.float32), 0)
    name = Path(weights).stem.removeprefix("generator_")
    header = {
        "name": name,
        "stem": page_stem(name),
        "image_size": face.size,
        "size": arrays.size,
        "n_frames": len(arrays),
        "fps": face.fps,
        "rate": int(rate),
        "uv_steps": arrays.uv_steps,
        "mouth": kinds["draw"].mouth or [0, 0],
        "corners": arrays.corners.tolist(),
        "mouths": arrays.mouths.tolist(),
        "inputs": {name: list(graph.inputs) for name, graph in kinds.items()},
        "types": list(CIEC_TYPES),
        "ways": [[part.flatten().tolist() for part in way] for way in ways],
        "ways_shape": list(ways[0].along.shape),
        "captions": face.captions,
        "provenance": face.provenance,
        "weights": store.table,
    }
    pictures = {what: _views(face, arrays, what) for what in ("geometry", "captured")} if views else {}
    header["views"] = {what: [len(data) for data in files] for what, files in pictures.items()}
    sound = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    still = _webp(face(EXPRESSION, INTENSITY, min(FRAME, len(arrays) - 1)), 85)
    together = b"".join(data for files in pictures.values() for data in files)
    speech = page_speech(face.scene, generator.config.face_window, arrays.size)
    return PageFace(graphs, store.to_bytes(), header, arrays, sound, still, together, speech, face.scene.note)


@torch.no_grad()
def example_arguments(kinds, arrays: ClipArrays, ways) -> dict[str, tuple[torch.Tensor, ...]]:
    r"""Name of each graph → its arguments for the first frame, at neutral."""
    prepare = arrays.inputs(0)
    named = dict(zip(Prepare.of_frame, prepare, strict=True)) | ways[0]._asdict()
    named["ciec"] = torch.zeros(1, 7)
    for name in ("prepare", "fold"):
        graph = kinds[name]
        named |= zip(graph.outputs, graph(*(named[key] for key in graph.inputs)), strict=True)
    return {name: tuple(named[key] for key in graph.inputs) for name, graph in kinds.items()}


@torch.no_grad()
def forget_unseen(generator: Generator, arrays: ClipArrays) -> Generator:
    r"""A copy whose texels are 0 where no frame of the clip reads them: the same pictures, fewer bytes."""
    generator = copy.deepcopy(generator)
    texture = generator.texture
    uv, mask = arrays.uv.astype(np.float32) / arrays.uv_steps, arrays.planes & MASK > 0
    texture.neutral *= torch.from_numpy(seen_texels(uv, mask, texture.size))
    if texture.basis is not None:
        small = texture.basis.shape[-1]
        seen = seen_texels(uv, mask, small, reach=1 if small == texture.size else 2)
        texture.basis *= torch.from_numpy(seen)
    return generator


def _views(face: LiveFace, arrays: ClipArrays, what: str) -> list[bytes]:
    """An inside of every frame, its rectangle alone, as WebP."""
    (height, width), pictures = arrays.size, []
    for frame, (row, column) in enumerate(arrays.corners):
        shown = face.inside(what, frame=frame)[row : row + height, column : column + width]
        pictures.append(_webp(shown, 60))
    return pictures


def _webp(picture: np.ndarray, quality: int) -> bytes:
    from PIL import Image

    with io.BytesIO() as file:
        Image.fromarray(picture).save(file, "webp", quality=quality, method=4)
        return file.getvalue()
