r"""Where the parts of ONNX Runtime Web come from: a folder given, ``node_modules``, or npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from dnt_core.atomic_write import atomic_path
from dnt_core.live.errors import LiveError
from dnt_core.paths import cache_folder, path_of_variable, user_home

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
SCRIPTS = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs")
BINARY = "ort-wasm-simd-threaded.wasm"
GPU_SCRIPTS = ("ort.jspi.min.mjs", "ort-wasm-simd-threaded.jspi.mjs")  # the same with WebGPU
GPU_BINARY = "ort-wasm-simd-threaded.jspi.wasm"
FILES = (*SCRIPTS, BINARY, *GPU_SCRIPTS, GPU_BINARY)
VARIABLE = "DNT_ORT_WEB"

LICENSE = """\
ONNX Runtime Web (npm package onnxruntime-web)
MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def served_name(script: str) -> str:
    r"""A script's name on the page: nginx and others hand out ``.mjs`` as bytes, and browsers then refuse it.

    Args:
        script: its name in the package.
    """
    return str(Path(script).with_suffix(".js"))


def find_runtime(given: str | os.PathLike | None = None) -> Path:
    r"""The folder that holds ONNX Runtime Web's built files.

    Args:
        given: its ``dist`` folder, the package's folder, or one with ``node_modules``; None: what the
            variable ``DNT_ORT_WEB`` names, else ``node_modules`` here or above, else what was fetched before,
            else what npm fetches, once per machine.

    Raises:
        LiveError: it is not there, and how to get it.
    """
    if given is None and (named := os.environ.get(VARIABLE)):
        given = path_of_variable(VARIABLE, named)
    if given is not None:
        if (found := _within(Path(given))) is None:
            raise LiveError(
                f"{given} holds no {BINARY}, or not all that belongs to it; expected the folder dist of "
                f"npm's {PACKAGE} {VERSION}"
            )
        return found
    here = Path.cwd()
    kept = cache_folder() / f"{PACKAGE}-{VERSION}"
    for place in (here, *here.parents, kept):
        if (found := _within(place)) is not None:
            return found
    if npm := shutil.which("npm"):
        return _fetch(npm, kept)
    raise LiveError(
        f"the page needs {PACKAGE} and found none: run `npm install {PACKAGE}@{VERSION}` in this folder, or "
        f"name its folder with --ort or {VARIABLE}"
    )


def _within(place: Path) -> Path | None:
    package = place / "node_modules" / PACKAGE
    folders = (place, place / "dist", package / "dist")
    return next((f for f in folders if all((f / name).is_file() for name in FILES)), None)


def _fetch(npm: str, kept: Path) -> Path:
    r"""Unpacks the files that a page needs, as ``npm`` (npm.cmd on Windows) gives them, into ``kept``."""
    with tempfile.TemporaryDirectory(prefix="dnt_npm_") as folder:
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", folder]
        home = (
            user_home()
        )  # npm ends without one that it can write to, as in a container under a foreign user
        own = {} if home and os.access(home, os.W_OK) else {"HOME": folder}
        try:
            subprocess.run(
                command, check=True, capture_output=True, timeout=600, cwd=folder, env=os.environ | own
            )
            (packed,) = Path(folder).glob("*.tgz")
            with tarfile.open(packed) as tar:
                for name in FILES:
                    data = tar.extractfile(f"package/dist/{name}")
                    with atomic_path(kept / name) as part:
                        part.write_bytes(data.read())
        except (subprocess.SubprocessError, ValueError, KeyError, tarfile.TarError, OSError) as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            line = (said.decode(errors="replace").strip().splitlines() or ["no answer"])[-1]
            raise LiveError(
                f"npm could not fetch {PACKAGE} {VERSION} ({line}); name its folder with --ort or {VARIABLE}"
            ) from error
    return kept
