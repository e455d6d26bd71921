r"""How loud a recording is, without its clicks: a knock on the microphone, or the button that starts it, may
be a hundred times as loud as the voice."""

from __future__ import annotations

import numpy as np

LEVEL_BLOCK = 0.1  # s
HELD = 4  # blocks in a row that reach a level: longer than a click or a knock, shorter than words


class HeldLevel:
    r"""Takes a sound piece by piece, however it is cut.

    Args:
        rate: of its samples, Hz.
    """

    def __init__(self, rate: int) -> None:
        self._step = max(1, round(LEVEL_BLOCK * rate))
        self._rest, self._sizes = np.zeros((0, 0), np.float32), [np.zeros(0)]

    def add(self, samples: np.ndarray) -> None:
        r"""(N,) or (N, channels) more samples; of several channels the loudest counts."""
        samples = samples.reshape(len(samples), -1)
        if samples.shape[1] == self._rest.shape[1]:
            samples = np.concatenate([self._rest, samples])
        whole = len(samples) // self._step * self._step
        blocks = samples[:whole].reshape(-1, self._step, samples.shape[1])
        self._sizes.append(np.ptp(blocks, axis=1).max(1) / 2)
        self._rest = samples[whole:]

    @property
    def value(self) -> float:
        r"""Half the height that the sound holds for :data:`HELD` blocks, at the ends for half of them."""
        sizes = np.pad(np.concatenate(self._sizes), HELD // 2, constant_values=np.inf)
        if len(sizes) <= HELD:
            return 0.0
        return float(np.lib.stride_tricks.sliding_window_view(sizes, HELD).min(1).max())
