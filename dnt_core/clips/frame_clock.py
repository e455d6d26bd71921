r"""When each stored frame is shown: from the stamps on a track's packets to the grid of :mod:`timeline`."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from dnt_core.clips.timeline import Timeline, regular_timeline, timeline

_BARE = frozenset("h264 hevc vvc h263 m4v mpegvideo mjpeg obu vc1 dirac cavsvideo".split())  # no container


class FrameClock:
    r"""Notes packets as they are demuxed; after :meth:`begin` it knows the grid and every frame's place.

    Args:
        container_format: FFmpeg's name. AVI stores no time of showing: FFmpeg guesses one, wrongly where
            frames are reordered, so there the n-th decoded frame is shown at the n-th time of decoding.

    Attributes:
        timeline: the grid.
        start: s on the file's clock of row 0.
        assumed: the file stores no times, as a bare H.264 stream: the rate is its header's, or FFmpeg's 25.
    """

    timeline: Timeline
    start: float

    def __init__(self, container_format: str) -> None:
        self.assumed = container_format in _BARE
        self._by_stamp = "avi" not in container_format.split(",") and not self.assumed
        self._shown: list[tuple[int | None, int | None, int]] = []  # pts, dts, duration
        self._hidden: list[int | None] = []
        self._stamps: list[int] = []
        self._base = Fraction(1)

    @property
    def hidden(self) -> int:
        r"""Stored frames that an edit list hides."""
        return len(self._hidden)

    def note(self, packet: av.Packet) -> None:
        r"""The next packet of the track."""
        if packet.is_discard:
            self._hidden.append(packet.pts)
            return
        self._by_stamp = self._by_stamp and packet.pts is not None
        self._shown.append((packet.pts, packet.dts, packet.duration or 0))

    def begin(self, first: av.VideoFrame, base: Fraction, rates: list[Fraction | None]) -> None:
        r"""Fits the grid. Frames before the first that is decoded (a broken beginning) do not count.

        Args:
            first: the first frame that is shown.
            base: s of a stamp's unit.
            rates: frames a second that the container names.

        Raises:
            ValueError: no frame, no rate, stamps that make no sense.
        """
        if not self._shown:
            raise ValueError("its video track has no frame that is shown")
        self._by_stamp = self._by_stamp and first.pts is not None
        # of a bare stream the second is what its own header says, the first FFmpeg's default of 25
        rates = rates[::-1] if self.assumed else rates
        if self._by_stamp:
            begin = first.pts
            shown = sorted([(pts, last) for pts, _, last in self._shown if pts >= begin])
            shown = shown or [(first.pts, 0)]
        elif not self.assumed and all(dts is not None for _, dts, _ in self._shown):
            shown = sorted((dts, last) for _, dts, last in self._shown)
        else:
            rate = next((rate for rate in rates if rate), None)
            if rate is None:
                raise ValueError("it says neither its frame rate nor when its frames are shown")
            base, shown = 1 / Fraction(rate), [(i, 1) for i in range(len(self._shown))]
        self._stamps, self._base, self._unit = [stamp for stamp, _ in shown], base, float(base)
        last = shown[-1][1] * self._unit
        even = self._even_step()
        self.timeline = (even and regular_timeline(even * base, len(shown), last, rates)) or timeline(
            self.times(), last, rates
        )
        self.start = self._stamps[0] * base.numerator / base.denominator + self.timeline.phase

    def _even_step(self) -> int:
        r"""How far the stamps lie apart, 0 where they do not lie evenly."""
        stamps = self._stamps
        step = stamps[1] - stamps[0] if len(stamps) > 1 else 0
        # counted before it is listed: a damaged stamp may lie years away
        if step <= 0 or stamps[-1] - stamps[0] != step * (len(stamps) - 1):
            return 0
        return step if stamps == list(range(stamps[0], stamps[-1] + 1, step)) else 0

    def times(self, with_hidden: bool = False) -> np.ndarray:
        r"""(N,) s after the first shown frame of every stored frame, in the order they are shown."""
        hidden = [pts for pts in self._hidden if pts is not None] if with_hidden and self._by_stamp else []
        stamps = np.array(sorted(self._stamps + hidden), np.int64)
        return (stamps - self._stamps[0]) * self._unit

    def seconds(self, frame: av.VideoFrame, number: int) -> float:
        r"""When a frame, the n-th decoded, is shown: s after the first one."""
        if self._by_stamp and frame.pts is not None:
            stamp = frame.pts
        else:
            stamp = self._stamps[min(number, len(self._stamps) - 1)]
        return (stamp - self._stamps[0]) * self._unit
