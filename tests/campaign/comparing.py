r"""Are a command's files whole, and is its result the one that an undisturbed run has?"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from PIL import Image
from safetensors.numpy import load_file

from dnt_core.atomic_write import is_part
from dnt_core.clips import read_audio, read_video
from dnt_core.clips.container_ends import why_broken
from dnt_core.plain_files import read_arrays, read_json
from dnt_core.workbook.notebook_lint import read_notebook

_TOLERANCE = 1e-6
#: what differs between two undisturbed runs: durations, names of observers
_CHANGING = re.compile(r"second|duration|started|finished|time|machine|date|^ms$", re.IGNORECASE)


def half_files(folder: Path) -> list[str]:
    r"""Files under their final names that cannot be read to their end."""
    return [said for path in _files(folder) if (said := _why_half(path))]


def _files(folder: Path) -> Iterable[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.is_file() and not is_part(p))


def _why_half(path: Path) -> str | None:
    try:
        match path.suffix:
            case ".mp4" | ".m4a":
                return f"{path.name}: {why}" if (why := why_broken(path)) else None
            case ".npz" | ".npy":
                read_arrays(path)
            case ".safetensors" | ".checkpoint":
                load_file(path)
            case ".json":
                read_json(path)
            case ".ipynb":
                read_notebook(path)
            case ".png" | ".webp":
                Image.open(path).load()
            case ".gz":
                gzip.decompress(path.read_bytes())
            case ".onnx":
                onnx.load(path)
            case ".csv" | ".py" | ".md":
                if not path.read_text(encoding="utf-8").endswith("\n"):
                    return f"{path.name}: ends within a line"
            case ".sqlite":
                return _why_damaged(path)
    except (ValueError, OSError) as error:
        return f"{path.name}: {error}"
    except Exception as error:
        return f"{path.name}: {type(error).__name__} {error}"
    return None


def _why_damaged(path: Path) -> str | None:
    with sqlite3.connect(path) as db:
        (said,) = db.execute("PRAGMA integrity_check").fetchone()
    return None if said == "ok" else f"{path.name}: {said}"


def faults_of(folder: Path) -> None:
    r"""Raises a ValueError with a line for each half file."""
    if found := half_files(folder):
        raise ValueError("\n".join(found))


def compare(folder: Path, whole: Path, patterns: Iterable[str], random_names: bool = False) -> None:
    r"""Raises a ValueError with a line for each file that differs from an undisturbed run's."""
    wanted, got = result(whole, patterns), result(folder, patterns)
    if random_names:
        wanted, got = _by_content(wanted), _by_content(got)
    if not wanted:
        raise ValueError("an undisturbed run leaves no result")
    if found := differences(got, wanted):
        raise ValueError("\n".join(found))


def _by_content(held: dict[str, object]) -> dict[str, object]:
    digests = (hashlib.sha256(np.ascontiguousarray(frames)).hexdigest() for frames in held.values())
    return {f"{n}": digest for n, digest in enumerate(sorted(digests))}


def result(folder: Path, patterns: Iterable[str]) -> dict[str, object]:
    r"""What the files hold, in a form that two runs can be compared by."""
    paths = sorted(
        {p for pattern in patterns for p in folder.glob(pattern) if p.is_file() and not is_part(p)}
    )
    return {str(p.relative_to(folder)): _held(p) for p in paths}


def _held(path: Path) -> object:
    match path.suffix:
        case ".mp4":
            return read_video(path).frames
        case ".m4a":
            return read_audio(path)
        case ".npz":
            return dict(read_arrays(path))
        case ".safetensors":
            return dict(load_file(path))
        case ".json":
            return _steady(read_json(path))
        case ".csv":  # observers have random names; their rows are compared without them
            return sorted(re.sub(r"p-[0-9a-f]{12}", "p", line) for line in path.read_text().splitlines())
        case ".png":
            return np.asarray(Image.open(path))
        case _:
            return hashlib.sha256(path.read_bytes()).hexdigest()


def _steady(value: object) -> object:
    if isinstance(value, dict):
        return {key: _steady(item) for key, item in value.items() if not _CHANGING.search(str(key))}
    return value


def differences(got: dict[str, object], wanted: dict[str, object]) -> list[str]:
    r"""One sentence for each file that is missing, too many or of another content; arrays within 1e-6."""
    found = [f"{name} is missing" for name in wanted if name not in got]
    found += [f"{name} is too many" for name in got if name not in wanted]
    return found + [name for name in wanted if name in got and not _same(got[name], wanted[name])]


def _same(a: object, b: object) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        if a.dtype.kind == "f":
            return bool(np.allclose(a, b, rtol=0, atol=_TOLERANCE, equal_nan=True))
        return bool((a == b).all())
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
