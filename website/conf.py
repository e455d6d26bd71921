r"""Sphinx's settings; ``python -m website`` lays out the sources beside which they stand."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import dnt_core  # noqa: E402
from website.code_pages import source_link as linkcode_resolve  # noqa: E402, F401

project = "Dynamic Neural Textures"
author = "The dnt-core authors"
copyright = "the dnt-core authors, MIT"
release = version = dnt_core.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.linkcode",
    "sphinx.ext.githubpages",  # a branch's pages would lose the folder _static
    "website.mathml",
    "website.code_pages",
    "website.repository_links",
    "website.glossary_links",
]
root_doc = "index"
exclude_patterns = []
nitpicky = True

# Notebooks: what is stored is shown, nothing runs, and no script is fetched for widgets.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
suppress_warnings = ["mystnb.unknown_mime_type"]

# The API: Google's sections, types in the signature.
autodoc_default_options = {"members": True, "member-order": "bysource", "special-members": "__call__"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 88
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"Dynamic Neural Textures {release}"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
html_js_files = ["calm.js"]
html_favicon = str(Path(__file__).parent / "static" / "face.svg")
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
pygments_style = "a11y-light"  # every colour stands out 4.5 : 1, as WCAG asks
pygments_dark_style = "monokai"
