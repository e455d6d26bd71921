r"""Pages of their own, served by one process to people who have no Jupyter: ``dnt study``, ``dnt live``.

``http_server`` (an ASGI application until Ctrl-C), ``guard`` (headers, prefixes of proxies, sizes),
``access`` (who may use a page: this machine, or whoever has its code), ``served_page`` and ``page/`` (one
script and one style, addresses relative), ``message_bytes`` (a message with bytes in one body), ``preflight``
(before anything takes minutes), ``address`` and ``qr`` (where the page is).
"""
