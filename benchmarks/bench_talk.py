r"""From a sound file to an mp4, beside Wav2Lip's own network on the same cores in the same run.

``talk.frames_per_s`` and ``talk.realtime_factor`` (seconds of film per second) are of ``dnt_core.talk`` on a
minute of sound at 256 px, everything included from opening the weights to the finished file, with a new mouth
and a new expression in every frame; the actor's idle clip is filmed before. ``talk.ratio_to_wav2lip`` is that
over the frames per second of Wav2Lip's network alone (96 px, batches of 16, random weights, all cores), which
is measured before and after. ``talk.first_frame_s`` is the time from the start of a new process until the
first frame is drawn, Python's own start and all imports included. ``talk.peak_mb.<seconds>`` is the largest
resident memory of a process that makes a film of so many seconds, at 128 px.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SECONDS, LONG, SIZE, SMALL = 60, 600, 256, 128
PATH = "happy:0→1→0, sad:0→0.8→0, surprised:0→1→0, angry:0→0.7"


def run() -> dict[str, float]:
    r"""Each film in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="dnt_bench_talk_") as folder:
        for seconds in (SECONDS, LONG):
            _write_speech(Path(folder) / f"{seconds}.wav", seconds)
        sound = Path(folder) / f"{SECONDS}.wav"
        _in_process("film", sound, SIZE, folder, "happy:0→0.1")  # the idle clip, graphs and kernels are made
        alone = _in_process("film", sound, SIZE, folder, PATH)
        made = _in_process("film", sound, SIZE, folder, PATH, "wav2lip")
        numbers = {
            "talk.frames_per_s": made["frames"] / made["seconds"],
            "talk.realtime_factor": SECONDS / made["seconds"],
            "talk.wav2lip_ms": 1000 * made["wav2lip_s"],
            "talk.ratio_to_wav2lip": made["frames"] / made["seconds"] * made["wav2lip_s"],
            "talk.first_frame_s": alone["first_frame_s"],
        }
        for seconds in (SECONDS, LONG):
            peak = _in_process("film", Path(folder) / f"{seconds}.wav", SMALL, folder, PATH)["peak_mb"]
            numbers[f"talk.peak_mb.{seconds}"] = peak
        return numbers


def _in_process(*arguments) -> dict[str, float]:
    command = [sys.executable, __file__, repr(time.time()), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _write_speech(path: Path, seconds: int) -> None:
    r"""The actor says all it knows, again and again, from another place on in every run.

    So parts that a stopped film has left in the runs folder are never taken for this run's.
    """
    from dnt_core.actor.speech import SENTENCES, synthesize
    from dnt_core.clips import write_audio

    said = np.concatenate([synthesize(sentence, seed).waveform for seed, sentence in enumerate(SENTENCES)])
    begun = time.time_ns() // 1000 % len(said)
    write_audio(path, np.resize(np.roll(said, -begun), seconds * 16_000))


def film(started: float, sound: str, size: str, folder: str, path: str, beside: str = "") -> dict[str, float]:
    r"""One film in this process, and what it took; ``beside``: Wav2Lip's network before and after."""
    import dnt_core
    from dnt_core.paths import weights_folder

    first: list[float] = []  # s since this process was started, frames in all

    def progress(done: int, total: int) -> None:
        if done == 1:
            first.extend((time.time() - started, total))

    wav2lip = [_wav2lip_seconds()] if beside else []
    begun = time.perf_counter()
    weights = weights_folder() / f"generator_M003_{size}.safetensors"
    out = Path(folder) / f"{time.time_ns()}.mp4"
    dnt_core.talk(sound, path, out, weights=weights, lips=_lips(), progress=progress)
    seconds = time.perf_counter() - begun
    wav2lip += [_wav2lip_seconds()] if beside else []
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds, "frames": first[1], "first_frame_s": first[0], "peak_mb": peak,
        "wav2lip_s": float(np.mean(wav2lip)) if beside else 0.0,
    }  # fmt: skip


def _lips():
    from dnt_core.audio.built_in import BuiltInLips

    return BuiltInLips()


def _wav2lip_seconds(batch: int = 16, times: int = 4) -> float:
    r"""Seconds per frame of Wav2Lip's network on all cores."""
    import torch

    from dnt_core.networks.wav2lip import Wav2Lip

    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    network = Wav2Lip().eval()
    mel, faces = torch.zeros(batch, 1, 80, 16), torch.zeros(batch, 6, 96, 96)
    with torch.inference_mode():
        network(mel, faces)
        begun = time.perf_counter()
        for _ in range(times):
            network(mel, faces)
        seconds = (time.perf_counter() - begun) / times / batch
    torch.set_num_threads(before)
    return seconds


if __name__ == "__main__":
    if sys.argv[2:3] == ["film"]:
        print(json.dumps(film(float(sys.argv[1]), *sys.argv[3:])))
    else:
        for key, value in run().items():
            print(f"{key:40s} {value:10.4g}")
