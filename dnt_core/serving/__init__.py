r"""A widget as a page of its own, served by Voilà to people who have no Jupyter: ``dnt study``, ``dnt live``.

``voila_server`` (a kernel for each tab, started ahead, ended with it), ``served_page`` and ``page/`` (what a
tab gets: the widget's script and a line to its kernel, nothing of JupyterLab), ``preflight`` (before anything
takes minutes), ``address`` (where the page is).
"""
