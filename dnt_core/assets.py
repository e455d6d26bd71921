r"""The one list of files that the product can use and never ships: where each is looked for, what it unlocks.

An asset is found, in this order, at its own environment variable (the file or folder itself),
or under one of the folders in ``DNT_ASSETS`` (separated as in ``PATH``), under ``assets/`` of
:func:`~dnt_core.paths.home_folder`, or under ``shared/data/`` beside the clone. Torchvision's weights are
also found in torch's download cache.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dnt_core.paths import HOME_VARIABLE, assets_folder, from_here, home_folder, path_of_variable, user_home

FOLDERS_VARIABLE = "DNT_ASSETS"
SHARED_FOLDER = "../shared/data"  # from the clone


@dataclass(frozen=True)
class Asset:
    r"""One optional file or folder.

    Args:
        key: name in code.
        title: name in words.
        names: file or folder names under an assets folder, the first one preferred; globs are allowed.
        variable: environment variable that names it directly.
        unlocks: what works with it that does not without.
        source: where its owners offer it, and under which terms.
        folder: it is a folder.
        torch_cache: it is also looked for in torch's download cache.
    """

    key: str
    title: str
    names: tuple[str, ...]
    variable: str
    unlocks: str
    source: str
    folder: bool = False
    torch_cache: bool = False


ASSETS: dict[str, Asset] = {
    a.key: a
    for a in (
        Asset(
            "bfm",
            "BFM 2009 face model",
            ("BFM_model_front.mat", "BFM/BFM_model_front.mat", "bfm.chj", "*.chj"),
            "DNT_BFM",
            "--face-model bfm2009: the paper's face model in place of the procedural one",
            "Basel Face Model 2009, licence by form; Deep3DFaceRecon's preparation of it",
        ),
        Asset(
            "bfm_uv",
            "BFM UV coordinates",
            ("BFM_UV.mat", "BFM/BFM_UV.mat"),
            "DNT_BFM_UV",
            "UV maps and textures on the BFM",
            "3DMMasSTN, Apache-2.0",
        ),
        Asset(
            "bfm_vertices",
            "BFM vertex selection",
            ("select_vertex_id.mat", "BFM/select_vertex_id.mat"),
            "DNT_BFM_VERTICES",
            "the 35,709 of BFM's vertices that the UV coordinates belong to",
            "Deep3DFaceRecon's preparation of the BFM",
        ),
        Asset(
            "bfm2017",
            "BFM 2017 face model",
            (
                "model2017-1_face12_nomouth.h5",
                "BFM/model2017-1_face12_nomouth.h5",
                "*2017*.h5",
                "BFM/*2017*.h5",
            ),
            "DNT_BFM2017",
            "--face-model bfm2017 (with h5py)",
            "Basel Face Model 2017, licence by form",
        ),
        Asset(
            "bfm2019",
            "BFM 2019 face model",
            ("model2019_face12.h5", "BFM/model2019_face12.h5", "*2019*.h5", "BFM/*2019*.h5"),
            "DNT_BFM2019",
            "--face-model bfm2019 (with h5py)",
            "Basel Face Model 2019, licence by form",
        ),
        Asset(
            "flame",
            "FLAME face model",
            ("generic_model.pkl", "FLAME/generic_model.pkl", "flame2023.pkl", "FLAME/flame2023.pkl"),
            "DNT_FLAME",
            "--face-model flame (with landmark_embedding.npy beside it)",
            "FLAME, Max Planck Institute, licence by form",
        ),
        Asset(
            "face_landmarker",
            "MediaPipe's face landmarker",
            ("face_landmarker.task", "mediapipe/face_landmarker.task"),
            "DNT_FACE_LANDMARKER",
            "dnt track on any video without landmarks of one's own (with mediapipe)",
            "Google, Apache-2.0",
        ),
        Asset(
            "mead",
            "MEAD videos",
            ("MEAD", "mead"),
            "DNT_MEAD",
            "the paper's data: dnt run --profile paper --data",
            "MEAD, research licence by form",
            folder=True,
        ),
        Asset(
            "wm3dr",
            "WM3DR checkpoint",
            ("wm3dr.pth", "WM3DR/final.pth", "checkpoints/wm3dr.pth"),
            "DNT_WM3DR",
            "3DMM parameters of real videos",
            "WM3DR's authors, no licence stated",
        ),
        Asset(
            "wav2lip",
            "Wav2Lip checkpoint",
            ("wav2lip.pth", "checkpoints/wav2lip.pth", "wav2lip_gan.pth"),
            "DNT_WAV2LIP",
            "lips of real videos driven by any speech",
            "Wav2Lip's authors, non-commercial",
        ),
        Asset(
            "syncnet",
            "SyncNet weights",
            ("syncnet_v2.model", "checkpoints/syncnet_v2.model"),
            "DNT_SYNCNET",
            "the CSS metric (lip-sync confidence) of table 2",
            "SyncNet's authors, research use",
        ),
        Asset(
            "vgg19",
            "VGG-19 weights",
            ("vgg19-dcbb9e9d.pth",),
            "DNT_VGG19",
            "the perceptual loss on ImageNet features, as in the paper",
            "torchvision, BSD-3-Clause",
            torch_cache=True,
        ),
        Asset(
            "resnet50",
            "ResNet-50 weights",
            ("resnet50-11ad3fa6.pth", "resnet50-0676ba61.pth"),
            "DNT_RESNET50",
            "expression classifiers that start from ImageNet",
            "torchvision, BSD-3-Clause",
            torch_cache=True,
        ),
        Asset(
            "ict_facekit",
            "ICT-FaceKit face model",
            ("ICT-FaceKit", "ICTFaceModel", "FaceXModel"),
            "DNT_ICT_FACEKIT",
            "--face-model ict: a face model from real scans",
            "ICT-FaceKit, MIT",
            folder=True,
        ),
        Asset(
            "crema_d",
            "CREMA-D videos and votes",
            ("CREMA-D", "crema_d"),
            "DNT_CREMA_D",
            "real clips at three rated intensities; 05's real crowd (tabulatedVotes.csv is enough)",
            "CREMA-D, ODbL",
            folder=True,
        ),
    )
}


def search_folders() -> list[Path]:
    r"""The assets folders in the order in which they are searched."""
    named = [
        path_of_variable(FOLDERS_VARIABLE, p)
        for p in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)
        if p.strip()
    ]
    assets, shared = (from_here(place) for place in (assets_folder(), home_folder() / SHARED_FOLDER))
    return [*named, assets, *([shared] if shared.is_dir() else [])]


def absolute_variables() -> dict[str, str]:
    r"""The variables that are set and name files or folders, for a process in another working directory."""
    names = (HOME_VARIABLE, FOLDERS_VARIABLE, "TORCH_HOME", *(asset.variable for asset in ASSETS.values()))
    found = {}
    for name in (name for name in names if os.environ.get(name, "").strip()):
        named = os.environ[name]
        parts = named.split(os.pathsep) if name == FOLDERS_VARIABLE else [named]
        places = (path_of_variable(name, part).absolute() for part in parts if part.strip())
        found[name] = os.pathsep.join(map(str, places))
    return found


def torch_cache_folder() -> Path:
    r"""The folder torch downloads weights to, found without importing torch."""
    if named := os.environ.get("TORCH_HOME"):
        return path_of_variable("TORCH_HOME", named) / "hub" / "checkpoints"
    cache = os.environ.get("XDG_CACHE_HOME", "")  # the XDG standard: relative ones are ignored
    folder = Path(cache) if os.path.isabs(cache) else (user_home() or Path.cwd()) / ".cache"
    return folder / "torch" / "hub" / "checkpoints"


def find_asset(key: str) -> Path | None:
    r"""Where an asset lies, or ``None``.

    Args:
        key: a key of ``ASSETS``.

    Raises:
        ValueError: there is no such asset.
        FileNotFoundError: the asset's environment variable is set and points at nothing; a wrong setting is
            said, not passed over.
    """
    asset = _asset(key)
    if named := os.environ.get(asset.variable):
        path = path_of_variable(asset.variable, named)
        if not _fits(path, asset):
            kind = "folder" if asset.folder else "file"
            raise FileNotFoundError(f"{asset.variable}={named} names no {kind}; expected the {asset.title}")
        return path
    for folder in [*search_folders(), *([torch_cache_folder()] if asset.torch_cache else [])]:
        for name in asset.names:
            for path in sorted(folder.glob(name)) if folder.is_dir() else []:
                if _fits(path, asset):
                    return path
    return None


def require_asset(key: str) -> Path:
    r"""Where an asset lies.

    Raises:
        FileNotFoundError: it is not there; the sentence says where it was looked for and who offers it.
    """
    if (path := find_asset(key)) is not None:
        return path
    asset = _asset(key)
    raise FileNotFoundError(f"{asset.title} was not found ({places(key)}); {asset.source}")


def places(key: str) -> str:
    r"""Where an asset is looked for, in words."""
    asset = _asset(key)
    folders = [*search_folders(), *([torch_cache_folder()] if asset.torch_cache else [])]
    where = ", ".join(map(short_path, folders))
    return f"looked for {' or '.join(asset.names[:2])} in {where}; ${asset.variable}"


def _asset(key: str) -> Asset:
    if key not in ASSETS:
        raise ValueError(f"there is no asset {key!r}; expected one of {', '.join(ASSETS)}")
    return ASSETS[key]


def _fits(path: Path, asset: Asset) -> bool:
    return path.is_dir() if asset.folder else path.is_file()


def short_path(path: Path) -> str:
    r"""A path with the home folder as ``~`` and folders with a trailing slash."""
    home = user_home()
    return (f"~/{path.relative_to(home)}" if home and path.is_relative_to(home) else str(path)) + "/"
