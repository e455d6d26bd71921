r"""Serves a live face that takes 50 ms a picture, as ``dnt live`` does: ``python slow_page.py PORT``."""

import sys
from pathlib import Path

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from dnt_core.live.app_page import PAGE
from dnt_core.live.nodelay import send_at_once
from dnt_core.serving.voila_server import serve_widget

CELL = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from tests.live.drawn_face import DrawnFace
from dnt_core.live.widget import LiveFaceWidget
LiveFaceWidget(DrawnFace(cost_ms=50))
"""
port = int(sys.argv[1])
send_at_once(KernelWebsocketHandler)
serve_widget(CELL, PAGE, port, ready=lambda: print(f"The page is at {port}", flush=True))
