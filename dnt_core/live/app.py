r"""``dnt live``: the live face as a page of its own, without a notebook around it."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dnt_core.serving.preflight import check_packages, check_port

if TYPE_CHECKING:
    from dnt_core.training.generator_weights import TrainedGenerator

SIZE = 256  # px: of an identity's generators the one nearest to it is shown


def run_live(
    port: int = 8867, host: str = "127.0.0.1", weights: Path | None = None, clip: Path | None = None,
    browser: bool = True, tell: Callable[[str], None] = print, prefix: str = "", captions: str | None = None,
) -> None:  # fmt: skip
    r"""Serves the live face of every identity that has weights until Ctrl-C.

    Args:
        port, host: of the page; the default host is loopback.
        weights: folder of generators, or one file; the shipped ones by default.
        clip: an mp4 with its ``.face3d.npz`` beside it, in which the face of its actor speaks; by default
            every built-in actor has one.
        browser: open the page in one when it is ready.
        tell: is given lines for whoever runs it.
        prefix: that a proxy leaves in front of every path.
        captions: what is said in the clip, shown below the face; None: the built-in clip's sentence.

    Raises:
        FileNotFoundError: no weights, no such clip. ValueError: foreign ones, of somebody without a clip, a
            clip without 3D face or of somebody else.
        OSError: the port is taken, a package that serves pages is not installed.
    """
    check_packages()
    check_port(host, port)  # before a clip is filmed
    faces = find_faces(weights, clip, tell)

    from dnt_core.live.app_page import serve_faces

    def opened(url: str) -> None:
        if browser:  # in a thread: some browsers let their caller wait
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    tell(f"getting {', '.join(faces)} ready …")
    serve_faces(faces, clip and clip.resolve(), port, host, tell, opened, prefix, captions)


def find_faces(weights: Path | None, clip: Path | None, tell: Callable[[str], None]) -> dict[str, Path]:
    r"""Identity → weights, all of them looked into, the clips they speak in filmed where they are missing.

    With a ``clip`` the one face that speaks in it: its actor's, or the only one.
    """
    from dnt_core.ciec import CIEC_TYPES
    from dnt_core.paths import weights_folder
    from dnt_core.training.generator_weights import find_generators, open_generator

    place = Path(weights or weights_folder())
    files = [place] if place.is_file() else list(find_generators(place, SIZE).values())
    if not files:
        why = "holds no generator_<identity>_<size>.safetensors" if place.is_dir() else "does not exist"
        raise FileNotFoundError(
            f"{place} {why}; `dnt train generator --actor M003` makes one in runs/weights, "
            "and --weights names its folder"
        )
    faces = {}
    for file in files:
        found = open_generator(file)
        _ = found.generator, found.decoupling()  # broken ones are said before a clip is filmed
        faces[found.identity] = found
        if said := found.unseen(CIEC_TYPES):
            tell(said)
    if clip is not None:
        faces = _face_in(clip, faces, tell)
    else:
        from dnt_core.live.default_clip import default_clip

        for found in faces.values():
            default_clip(found.identity, found.image_size, tell)
    return {found.identity or found.path.stem: found.path.resolve() for found in faces.values()}


def _face_in(
    clip: Path, faces: dict[str | None, TrainedGenerator], tell: Callable[[str], None]
) -> dict[str | None, TrainedGenerator]:
    """The one that speaks in the clip, which has been looked into, too."""
    from dnt_core.clips.face_cache import expect_clip
    from dnt_core.clips.scanner import clip_of_video
    from dnt_core.live.errors import LiveError
    from dnt_core.live.scene import Scene

    expect_clip(clip)
    actor = clip_of_video(clip).actor
    if actor not in faces and len(faces) > 1:
        whose = ", ".join(map(str, faces))
        raise LiveError(
            f"{clip} is of {actor!r}, the weights of {whose}; name one of them with --weights FILE"
        )
    name = actor if actor in faces else next(iter(faces))
    scene = Scene(clip, faces[name].image_size, faces[name].decoupling(), faces[name].face_model, faces[name])
    if scene.note:
        tell(scene.note)
    return {name: faces[name]}
