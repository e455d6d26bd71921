r"""A small MEAD-layout folder of real files, written once and copied."""

import shutil
from pathlib import Path

import numpy as np

from dnt_core.clips.sound import write_audio
from dnt_core.clips.video import write_video


class MeadFolder:
    r"""Puts clips where a test wants them."""

    def __init__(self, root: Path, stock: Path) -> None:
        self.root, self.stock = root, stock

    def video(self, place: str, *numbers: int, name: str = "silent.mp4") -> Path:
        return self._put(self.stock / name, place, numbers or (1,), ".mp4")

    def sound(self, place: str, *numbers: int) -> Path:
        return self._put(self.stock / "sound.m4a", place, numbers or (1,), ".m4a")

    def _put(self, source: Path, place: str, numbers: tuple[int, ...], suffix: str) -> Path:
        folder = self.root / place
        folder.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            path = folder / f"{number:03d}{suffix}"
            shutil.copy(source, path)
        return path


def write_stock(folder: Path, frames: np.ndarray, sound: np.ndarray) -> Path:
    write_video(folder / "silent.mp4", frames, 30, mark=False)
    write_video(folder / "talking.mp4", frames, 30, sound, mark=False)
    write_audio(folder / "sound.m4a", sound)
    return folder
