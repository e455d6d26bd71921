r"""Links of the texts to files of the repository: to the page of their code where they have one."""

from __future__ import annotations

import posixpath

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from website import code_pages
from website.code_pages import ROOT


def repository_path(docname: str, target: str) -> str | None:
    r"""The file or folder that a link means, from the repository's root; None where there is none.

    Args:
        docname: of the page, such as "notebooks/03_decoupling_network".
        target: of the link, relative to the page.
    """
    file = target.partition("#")[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), file))
    return path if file and not path.startswith("..") and (ROOT / path).exists() else None


def code_of(path: str) -> str | None:
    r"""The file whose code is shown for a path: itself, or a folder's ``__init__.py``."""
    if path.endswith(".py"):
        return path
    return f"{path}/__init__.py" if (ROOT / path / "__init__.py").is_file() else None


class RepositoryLinks(SphinxPostTransform):
    r"""Runs before MyST's own, which would make a dead anchor of such a link."""

    default_priority = 8

    def run(self, **kwargs) -> None:
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node["reftype"] != "myst" or node.get("refdomain") == "doc":
                continue
            path = repository_path(self.env.docname, node["reftarget"])
            if path is None:
                continue
            shown = [child.deepcopy() for child in node.children]
            if address := self.address(path):
                node.replace_self(nodes.reference("", "", *shown, refuri=address, internal=True))
            else:
                node.replace_self(shown)

    def address(self, path: str) -> str | None:
        r"""Where a link to it leads: a page of the site, else the repository's own page, else nowhere."""
        if path == "README.md":
            return self.app.builder.get_relative_uri(self.env.docname, "index")
        if file := code_of(path):
            return code_pages.uri(self.app, self.env.docname, file, None)
        return code_pages.in_repository(path)


def setup(app: Sphinx) -> dict:
    app.add_post_transform(RepositoryLinks)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
