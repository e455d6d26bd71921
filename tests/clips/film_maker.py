r"""Films of many kinds, made with PyAV: grey, a red bar at the top; a white flash and a beep at 0.5 s unless
said."""

import os
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dnt_core.clips.clip import Clip
from dnt_core.clips.clip_reading import load_clip

HEIGHT, WIDTH, EVENT = 64, 96, 0.5
RED = (200, 40, 40)
UNIT, W = 65536, 1 << 30
MATRICES = {  # how a player shows the stored picture → the display matrix
    "plain": (UNIT, 0, 0, 0, UNIT, 0, 0, 0, W),
    "clockwise": (0, UNIT, 0, -UNIT, 0, 0, 0, 0, W),
    "half": (-UNIT, 0, 0, 0, -UNIT, 0, 0, 0, W),
    "anticlockwise": (0, -UNIT, 0, UNIT, 0, 0, 0, 0, W),
    "left to right": (-UNIT, 0, 0, 0, UNIT, 0, 0, 0, W),
    "top to bottom": (UNIT, 0, 0, 0, -UNIT, 0, 0, 0, W),
    "transposed": (0, UNIT, 0, UNIT, 0, 0, 0, 0, W),
    "transposed the other way": (0, -UNIT, 0, -UNIT, 0, 0, 0, 0, W),
}


def picture(seconds, event=EVENT, height=HEIGHT, width=WIDTH):
    r"""(H, W, 3) uint8 of this instant; the lower left corner is green, to tell mirrored pictures."""
    rgb = np.full((height, width, 3), 60, np.uint8)
    rgb[: height // 4] = RED
    rgb[3 * height // 4 :, : width // 4] = (40, 180, 40)
    if event <= seconds + 1e-6 < event + 0.1:
        rgb[height // 4 : 3 * height // 4] = 255
    return rgb


def beep(seconds, rate, event=EVENT, channels=(1.0,)):
    r"""(channels, N) float32, 0.5 high from ``event`` for 0.1 s."""
    t = np.arange(round(seconds * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * 1000 * t) * ((t >= event) & (t < event + 0.1))
    return (np.array(channels)[:, None] * tone).astype(np.float32)


def make_film(
    path, codec="libx264", pix_fmt="yuv420p", times=None, rate=30, sound="aac", sample_rate=48000,
    layout="mono", channels=(1.0,), late_video=0.0, late_sound=0.0, container=None, options=None, shape=None,
    codec_options=None, sizes=None, base=Fraction(1, 90000), sound_first=False, seconds=1.0,
):  # fmt: skip
    r"""Writes a film. ``times``: s of each frame; ``late_*``: s that a track begins after the file does, the
    event
    staying at 0.5 s of the film's clock; ``shape``: of a pixel; ``sizes``: (H, W) of each frame."""
    times = np.arange(round(seconds * rate)) / rate if times is None else np.asarray(times)
    with av.open(str(path), "w", format=container, options=options or {}) as file:
        audio = None
        if sound and sound_first:
            audio = file.add_stream(sound, rate=sample_rate, layout=layout)
        video = file.add_stream(codec, rate=rate, options=codec_options or {})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, pix_fmt
        video.codec_context.time_base = video.time_base = base
        if shape is not None:
            video.codec_context.sample_aspect_ratio = shape
        if sound and audio is None:
            audio = file.add_stream(sound, rate=sample_rate, layout=layout)
        packets = []
        for seconds_in in times[times >= late_video - 1e-9] if late_video else times:
            frame = av.VideoFrame.from_ndarray(picture(seconds_in), format="rgb24").reformat(
                format=pix_fmt,
                dst_colorspace=5,
                src_color_range=2,
                dst_color_range=2 if "j" in pix_fmt else 1,
            )
            frame.pts, frame.time_base = round(seconds_in / base), base
            packets += video.encode(frame)
        packets += video.encode(None)
        if audio is not None:
            samples = beep(max(times[-1] + 1 / rate, 0.7), sample_rate, channels=channels)
            packets += encode_sound(audio, samples, sample_rate, layout, round(late_sound * sample_rate))
        for packet in sorted(packets, key=lambda p: float((p.dts or 0) * p.time_base)):
            file.mux(packet)
    leave_real_time()
    return Path(path)


def leave_real_time():
    r"""As root, SVT-AV1 makes the thread that encodes a real-time one, and all that it starts later: every
    other program of the machine would wait for the tests."""
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def encode_sound(audio, samples, sample_rate, layout, first=0):
    r"""Packets of (channels, N) float32 from sample ``first`` on, each at its time."""
    packets, at = [], first
    resampler = av.AudioResampler(format=audio.format.name, layout=layout, rate=sample_rate)
    fifo = av.AudioFifo()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, first:]), format="fltp", layout=layout)
    frame.sample_rate = sample_rate
    for out in resampler.resample(frame):
        out.pts = None
        fifo.write(out)
    while fifo.samples:
        block = fifo.read(audio.codec_context.frame_size or 1024, partial=True)
        block.pts, block.time_base = at, Fraction(1, sample_rate)
        at += block.samples
        packets += audio.encode(block)
    return packets + audio.encode(None)


def with_matrix(path, matrix):
    r"""Writes a display matrix into the first track header of an mp4."""
    data = bytearray(Path(path).read_bytes())
    at = data.index(b"tkhd") + 44
    data[at : at + 36] = struct.pack(">9i", *matrix)
    Path(path).write_bytes(data)
    return Path(path)


def as_clip(path):
    return Clip("M003", "front", "happy", 1, 1, Path(path))


def events(loaded):
    r"""Seconds of the flash and of the beep after row 0."""
    inner = loaded.frames[:, loaded.frames.shape[1] // 2].astype(float).mean((1, 2))
    loud = np.abs(loaded.audio)
    assert inner.max() > inner.min() + 80 and loud.max() > 0.1
    return np.argmax(inner > (inner.min() + inner.max()) / 2) / float(loaded.fps), np.argmax(
        loud > 0.3 * loud.max()
    ) / loaded.sample_rate


def flash_and_beep(path, **options):
    return events(load_clip(as_clip(path), **options))
