r"""On how many threads torch draws one small picture: few, and never on all cores.

The threads of a team wait for each other many times a picture, spinning. Where another program has one of the
cores, and a browser shows what is drawn here, the one that is left out keeps the whole team waiting: on two
cores we measured 900 ms in place of 7.
"""

from __future__ import annotations

import torch

MOST = 2  # more do not help one small picture


def picture_threads() -> int:
    r"""Half of those that torch has, at least one, at most ``MOST``."""
    return max(1, min(MOST, torch.get_num_threads() // 2))
