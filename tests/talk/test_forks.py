r"""What works with threads says so in a process that was forked from its own, where it would wait."""

import os
import signal

import numpy as np
import pytest

import dnt_core
from dnt_core.live.intermediate_outputs import INSIDES
from dnt_core.rendering.rasterizer_numba import rasterize_batch_numpy

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
SECONDS = 60


def in_a_fork(call):
    r"""What a call raises, or returns, in a forked process, as text; a signal's number where it hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        try:
            said = repr(call())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return said or f"signal {os.WTERMSIG(status)}"


def test_a_live_face():
    live = dnt_core.LiveFace(dnt_core.load("M003", 128, "cpu").weights, runtime="torch")
    for _ in range(2):
        live("happy", 1.0)
    assert live.settle()
    for call in (live.settle, live, lambda: live.inside(next(iter(INSIDES)))):
        said = in_a_fork(call)
        assert said.startswith("LiveError: a LiveFace works with threads") and "\n" not in said


def test_a_stream_of_frames(face, loudness):
    from dnt_core.talking import SampleSound, speak_frames

    sound = SampleSound(np.sin(np.arange(16_000) / 10).astype(np.float32), 16_000)
    frames = speak_frames(face, sound, loudness, dnt_core.parse_path("happy:0→1"))
    next(frames)
    said = in_a_fork(lambda: list(frames))
    assert said.startswith("RuntimeError: a stream of frames works with threads")
    assert in_a_fork(lambda: face(0, np.zeros(64), np.zeros(7))).startswith("RuntimeError: a SpeakingFace")
    assert len(list(frames)) == 24  # here it goes on


def test_the_rasterizers_threads_are_made_anew():
    screen = np.array([[[0, 0, 1], [9, 0, 1], [0, 9, 1]]] * 4, float)
    draw = lambda: rasterize_batch_numpy(screen, np.array([[0, 1, 2]]), 10, 10, threads=2)[0].sum()  # noqa: E731
    assert in_a_fork(draw) == repr(draw())
    assert in_a_fork(draw) == repr(draw())
