r"""``dnt doctor``: what is installed, which optional assets are found, and what each would unlock."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dnt_core import paths
from dnt_core.assets import ASSETS, find_asset, places, search_folders, short_path, torch_cache_folder
from dnt_core.cache.folder import cache_size

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Finding:
    r"""One line of the report: ``state`` is ``ok``, ``missing`` (and needed) or ``optional``.

    ``looked`` says where an asset was looked for.
    """

    group: str
    name: str
    state: str
    detail: str
    unlocks: str = ""
    looked: str = ""


def examine() -> list[Finding]:
    r"""Look at the interpreter, the packages, the codecs and the optional assets."""
    return [
        _python(),
        *_torch(),
        *_packages(),
        *_codecs(),
        *_folders(),
        *(_asset(key) for key in ASSETS),
    ]


def as_json(findings: list[Finding]) -> list[dict[str, str]]:
    r"""The findings as plain dictionaries."""
    return [asdict(f) for f in findings]


def print_report(findings: list[Finding], console: Console) -> None:
    r"""Print the findings as tables, one a group."""
    from rich.table import Table
    from rich.text import Text

    marks = {"ok": ("✓", "green"), "missing": ("✗", "red"), "optional": ("–", "dim")}
    for group in dict.fromkeys(f.group for f in findings):
        table = Table(
            title=group, title_justify="left", title_style="bold", box=None, pad_edge=False, expand=False
        )
        unlocks = any(f.unlocks for f in findings if f.group == group)
        for heading, style in [
            ("", ""),
            ("what", "bold"),
            ("found", ""),
            *([("unlocks", "cyan")] if unlocks else []),
        ]:
            table.add_column(heading, style=style, overflow="fold")
        for f in (f for f in findings if f.group == group):
            detail = Text(f.detail, "" if f.state == "ok" else "dim")
            table.add_row(Text(*marks[f.state]), f.name, detail, *([f.unlocks] if unlocks else []))
        console.print(table, "")
    console.print(
        f"Assets are looked for in {', '.join(map(short_path, search_folders()))} (set $DNT_ASSETS to add "
        f"folders), weights also in {short_path(torch_cache_folder())}, or where the named variable points.",
        style="dim",
    )
    broken = [f.name for f in findings if f.state == "missing"]
    if broken:
        console.print(f"Needed and missing: {', '.join(broken)}", style="red")
    else:
        console.print("Everything needed is here; the optional assets are optional.")


def _python() -> Finding:
    version = platform.python_version()
    place = f"{version} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("Machine", "Python", "ok" if sys.version_info >= (3, 11) else "missing", place)


def _torch() -> list[Finding]:
    try:
        import torch
    except ImportError as error:
        return [Finding("Machine", "torch", "missing", f"cannot be imported: {error}")]
    from dnt_core.own_torch import one_device

    version = Finding("Machine", "torch", "ok", torch.__version__)
    try:
        used = one_device()
    except ValueError as error:
        return [version, Finding("Machine", "device", "missing", str(error))]
    device = {
        "cuda": lambda: f"cuda: {torch.cuda.get_device_name(used)}",
        "mps": lambda: "mps: Apple's GPU (never tried; DNT_DEVICE=cpu is the way around)",
        "cpu": lambda: f"cpu, {torch.get_num_threads()} threads",
    }.get(used.type, lambda: str(used))()
    return [
        version,
        Finding(
            "Machine",
            "device",
            "ok",
            device,
            "" if used.type != "cpu" else "a GPU would train generators and classifiers",
        ),
    ]


def _required() -> Finding:
    """All that the package itself asks for, by its metadata."""
    from packaging.requirements import Requirement  # of matplotlib, JupyterLab and others

    try:
        asked = [Requirement(text) for text in importlib.metadata.requires("dnt-core") or ()]
    except importlib.metadata.PackageNotFoundError:
        return Finding("Packages", "dnt-core", "missing", "not installed; `make env` installs it")
    needed = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = []
    for one in needed:
        try:
            found = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            found = "not installed"
        if found == "not installed" or not one.specifier.contains(found, prereleases=True):
            wrong.append(f"{one.name} {found}, expected {one.specifier}")
    said = "; ".join(wrong) or f"all {len(needed)} that dnt-core needs"
    return Finding("Packages", "required", "missing" if wrong else "ok", said)


def _packages() -> list[Finding]:
    wanted = [
        ("numba", "numba", True, "the fast rasteriser on the CPU"),
        ("torchvision", "torchvision", True, "VGG-19 and ResNet-50"),
        ("papermill", "papermill", True, "dnt run"),
        ("jupyterlab", "jupyterlab", True, "make lab"),
        ("PyTorch3D", "pytorch3d", False, "a further rasteriser to compare with (conda: environment.yml)"),
        ("ONNX Runtime", "onnxruntime", False, "faster live sliders on the CPU"),
        ("uvicorn", "uvicorn", True, "dnt live and dnt study, as pages of their own"),
        ("Starlette", "starlette", True, "dnt live and dnt study, as pages of their own"),
        ("h5py", "h5py", False, "the face models bfm2017 and bfm2019"),
        ("MediaPipe", "mediapipe", False, "dnt track without landmarks of your own"),
        ("Dask", "distributed", False, "independent fits on a cluster"),
        ("Lightning Fabric", "lightning", False, "training on several GPUs"),
    ]
    return [_required(), *(_package(*row) for row in wanted)]


def _package(title: str, module: str, needed: bool, unlocks: str) -> Finding:
    if importlib.util.find_spec(module) is None:
        return Finding("Packages", title, "missing" if needed else "optional", "not installed", unlocks)
    try:
        version = importlib.metadata.version(module)
    except importlib.metadata.PackageNotFoundError:
        version = "version unknown"
    return Finding("Packages", title, "ok", version, unlocks)


def _codecs() -> list[Finding]:
    try:
        import av
    except ImportError as error:
        return [Finding("Video", "PyAV", "missing", f"cannot be imported: {error}")]
    findings = [Finding("Video", "PyAV", "ok", f"{av.__version__}")]
    for title, names, mode, use in [
        ("H.264 encoder", ("libx264", "h264", "libopenh264"), "w", "filming and exporting mp4"),
        ("H.264 decoder", ("h264",), "r", "reading mp4"),
        ("AAC encoder", ("aac",), "w", "sound beside the video"),
        ("AAC decoder", ("aac",), "r", "reading m4a"),
    ]:
        found = next((n for n in names if _has_codec(av, n, mode)), None)
        findings.append(
            Finding("Video", title, "ok" if found else "missing", found or "this FFmpeg has none", use)
        )
    return findings


def _folders() -> list[Finding]:
    try:
        weights = Finding("Folders", "shipped weights", "ok", str(paths.weights_folder()))
    except FileNotFoundError as error:
        weights = Finding("Folders", "shipped weights", "missing", str(error))
    home = paths.home_folder()
    there = next(place for place in (home, *home.parents) if place.exists())
    runs = str(paths.runs_folder())
    state = "ok" if os.access(there, os.W_OK | os.X_OK) else "missing"
    if state == "missing":
        runs += f" cannot be written; {paths.HOME_VARIABLE} names another folder"
    cache = Finding("Folders", "cache", "ok", str(cache_size()), "emptied by dnt cache --clear")
    return [Finding("Folders", "runs", state, runs), weights, cache]


def _has_codec(av: object, name: str, mode: str) -> bool:
    try:
        return bool(av.codec.Codec(name, mode))
    except ValueError:  # PyAV's UnknownCodecError
        return False


def _asset(key: str) -> Finding:
    asset = ASSETS[key]
    try:
        path = find_asset(key)
    except FileNotFoundError as error:
        return Finding("Optional assets", asset.title, "optional", str(error), asset.unlocks, places(key))
    if path is None:
        detail = f"{asset.names[0]} or ${asset.variable}"
        return Finding("Optional assets", asset.title, "optional", detail, asset.unlocks, places(key))
    return Finding("Optional assets", asset.title, "ok", str(path), asset.unlocks, places(key))
