r"""Serves a live face that takes 50 ms a picture, as ``dnt live`` does: ``python slow_page.py PORT``."""

import functools
import sys

from dnt_core.live.app_page import serve_page
from tests.live.drawn_face import DrawnFace

serve_page({"face": DrawnFace(cost_ms=50)}, int(sys.argv[1]), tell=functools.partial(print, flush=True))
