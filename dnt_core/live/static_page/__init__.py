r"""The live face as a page without a server: the exported generator in the browser, the widget's front end.

``page_graphs`` (the generator as graphs), ``graph_files`` (small ONNX files), ``clip_arrays`` and
``face_file`` (a clip as a page reads it), ``runtime_files`` (ONNX Runtime Web), ``build`` (the folder),
``page/`` (what runs in the browser).
"""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(__name__, {"dnt_core.live.static_page.build": ["build_page"]})
