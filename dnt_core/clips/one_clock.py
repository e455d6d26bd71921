r"""Recordings one behind the other in one file (a chained Ogg of an internet radio, files of a browser's
recorder or transport streams put together): the clock begins anew with each, and here it runs on."""

from __future__ import annotations

import math

import av

_BACK = 0.5  # s that a clock goes back at least where it begins anew
_LEAP = 10.0  # s forward from which a stamp may be damage, and the next one no new beginning


class OneClock:
    r"""Moves the stamps of packets as they are demuxed.

    Args:
        container_format: FFmpeg's name. An mp4's index has one clock, and what its edit list hides goes back.

    Attributes:
        recordings: found so far.
    """

    def __init__(self, container_format: str) -> None:
        self._plain = "mov" in container_format.split(",")
        self._shifts = [0.0]  # s, of each recording
        self._number: dict[int, int] = {}  # of a track: which recording it is in
        self._last: dict[int, float] = {}  # of a track: s on the recording's own clock
        self._before: dict[int, float] = {}  # a leap
        self._end = -math.inf  # s on the clock that runs on

    @property
    def recordings(self) -> int:
        return len(self._shifts)

    def move(self, packet: av.Packet) -> None:
        r"""The next packet; its stamps are changed in place."""
        if self._plain or not packet.size:
            return
        track, unit = packet.stream_index, float(packet.time_base)
        number = self._number.get(track, 0)
        if packet.dts is not None:
            now = packet.dts * unit
            last = self._last.get(track, now)
            if now > last + _LEAP:
                self._before[track] = last
            elif now < min(last, self._before.pop(track, math.inf)) - _BACK:
                self._number[track] = number = number + 1
                if number == len(self._shifts):
                    self._shifts.append(self._end - now)
            self._last[track] = now
            self._end = max(self._end, now + self._shifts[number] + (packet.duration or 0) * unit)
        if number:
            ticks = round(self._shifts[number] / unit)
            packet.pts = None if packet.pts is None else packet.pts + ticks
            packet.dts = None if packet.dts is None else packet.dts + ticks
