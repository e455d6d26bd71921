r"""Decoding, encoding and scanning: frames or clips a second, beside the same done in PyAV's plainest way.

``decode.*`` is H.264 → RGB arrays. The peers are PyAV's ``frame.to_image()`` in a loop, as in its own
examples, and torchvision's reader where this version of torchvision has one. Ours rounds accurately and
keeps full chroma, which the peers leave out: their colours come back about one level of 255 too dark.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import av
import numpy as np

from dnt_core.clips import Clip, load_clip, read_video, scan, write_audio, write_video


def run() -> dict[str, float]:
    r"""Measures in a temporary folder; best of several rounds."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        small = _clip(folder / "small.mp4", 90, 256, 256)
        large = _clip(folder / "large.mp4", 16, 1080, 1920)
        frames = read_video(small).frames
        rates = {
            "decode.frames_per_s": 90 / _best(lambda: read_video(small)),
            "decode.pyav_to_image.frames_per_s": 90 / _best(lambda: _to_image_loop(small)),
            "decode.1080p_to_256.frames_per_s": 16 / _best(lambda: read_video(large, size=256)),
            "decode.1080p_crop_to_256.frames_per_s": 16
            / _best(lambda: read_video(large, size=256, crop=(200, 600, 700, 700))),
            "encode.frames_per_s": 90
            / _best(lambda: write_video(folder / "out.mp4", frames, 30, mark=False)),
            "scan.clips_per_s": _scan_rate(folder),
            "clips.load_ms": _load_ms(folder),
            "clips.scan_s_per_1000": _verified_scan(folder),
            "clips.stream_peak_mb": _stream_peak_mb(folder),
        }
        reader = _torchvision_reader()
        if reader is not None:
            rates["decode.torchvision.frames_per_s"] = 90 / _best(lambda: reader(str(small)))
        return rates


def _clip(path: Path, count: int, height: int, width: int, sound: bool = False) -> Path:
    r"""Drifting waves with a little grain, so that the encoder has some work."""
    generator = np.random.default_rng(0)
    row, column = np.mgrid[0:height, 0:width].astype(np.float32) / height

    def frame(t: int) -> np.ndarray:
        waves = [0.5 + 0.3 * np.sin(6 * row + k * column + t / 10) for k in (2, 5, 9)]
        grain = generator.normal(0, 2, (height, width, 1))
        return (np.stack(waves, -1) * 255 + grain).clip(0, 255).astype(np.uint8)

    audio = _tone(count / 30) if sound else None
    return write_video(path, map(frame, range(count)), 30, audio, mark=False)


def _to_image_loop(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([np.asarray(frame.to_image()) for frame in container.decode(video=0)])


def _torchvision_reader() -> Callable | None:
    try:
        from torchvision.io import read_video as reader  # gone from newer versions
    except ImportError:
        return None
    return lambda path: reader(path, pts_unit="sec")


def _scan_rate(folder: Path) -> float:
    video = write_video(folder / "one.mp4", np.zeros((2, 64, 64, 3), np.uint8), 30, mark=False)
    sound = write_audio(folder / "one.m4a", np.zeros(1000, np.float32))
    for source, place in ((video, "M003/video/front/happy"), (sound, "M003/audio/happy")):
        for level in (1, 2, 3):
            cell = folder / "mead" / place / f"level_{level}"
            cell.mkdir(parents=True)
            for number in range(1, 101):
                shutil.copy(source, cell / f"{number:03d}{source.suffix}")
    return 300 / _best(lambda: scan(folder / "mead"))


def _load_ms(folder: Path) -> float:
    r"""``load_clip`` of 2 s at 256 px with the sound of its own track."""
    path = _clip(folder / "two_seconds.mp4", 60, 256, 256, sound=True)
    clip = Clip("M003", "front", "happy", 1, 1, path)
    return 1000 * _best(lambda: load_clip(clip), rounds=10)


def _verified_scan(folder: Path, count: int = 96) -> float:
    r"""``scan(verify=True)`` of clips of 2 s at 256 px with their sound files, seconds per 1,000."""
    video = folder / "two_seconds.mp4"
    sound = write_audio(folder / "two_seconds.m4a", _tone(2))
    for source, place in ((video, "M003/video/front/sad/level_1"), (sound, "M003/audio/sad/level_1")):
        cell = folder / "verified" / place
        cell.mkdir(parents=True)
        for number in range(1, count + 1):
            shutil.copy(source, cell / f"{number:03d}{source.suffix}")
    return 1000 / count * _best(lambda: scan(folder / "verified", verify=True), rounds=3)


def _stream_peak_mb(folder: Path) -> float:
    r"""How far memory grows, in a process of its own, while 10 minutes are read part by part with sound."""
    second = _clip(folder / "second.mp4", 30, 256, 256)
    frames = list(read_video(second).frames)
    path = write_video(
        folder / "ten_minutes.mp4", _repeated(frames, 18000), 30, _tone(600), mark=False, preset="ultrafast"
    )
    # not ru_maxrss: on Linux a new process inherits that of the one that started it
    code = (
        "import os, sys; from pathlib import Path; from dnt_core.clips import Clip, iterate_parts\n"
        "def now():\n"
        "    return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 2**20\n"
        "clip = Clip('M003', 'front', 'happy', 1, 1, Path(sys.argv[1])); before = now()\n"
        "print(max(now() for part in iterate_parts(clip)) - before)"
    )
    if not Path("/proc/self/statm").exists():
        return 0.0
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _repeated(frames: list[np.ndarray], count: int) -> Iterator[np.ndarray]:
    return islice(cycle(frames), count)


def _tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(np.arange(round(seconds * 16000)) / 10)).astype(np.float32)


def _best(action: Callable, rounds: int = 5) -> float:
    r"""The shortest of several times, in seconds: other work on the machine only ever adds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:42s} {value:10.1f}")
