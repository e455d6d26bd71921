r"""The workbook as a site: notebooks with their outputs, pages of ``docs/``, the API from its docstrings.

``python -m website`` (``make site``) lays the sources out (``layout``, ``notebook_pages``, ``api_pages``),
has Sphinx build them (``conf``), adds the live page and checks every link of what came out (``link_check``).
Nothing is executed and nothing fetched: the site asks no other host for anything.
"""
