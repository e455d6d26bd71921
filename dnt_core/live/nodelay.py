r"""A Jupyter server that sends small pictures at once, as the extension ``dnt_core.live.nodelay``.

TCP holds back a small piece of data until the last one is acknowledged (Nagle's algorithm), and kernels'
websockets leave it at that, which costs a picture up to 40 ms. A server loads this with
``--ServerApp.jpserver_extensions="{'dnt_core.live.nodelay': True}"``.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "dnt_core.live.nodelay"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    send_at_once(KernelWebsocketHandler)


def send_at_once(handler: type) -> None:
    r"""Makes a tornado websocket handler switch Nagle's algorithm off when its connection opens."""
    opened = handler.open
    if getattr(opened, "sends_at_once", False):
        return

    async def open_at_once(self: Any, *args: Any, **kwargs: Any) -> None:
        self.set_nodelay(True)
        result = opened(self, *args, **kwargs)
        if result is not None:
            await result

    open_at_once.sends_at_once = True
    handler.open = open_at_once
