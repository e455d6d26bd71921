r"""Links of notebooks and docs to files that are no pages of the site."""

import re

import pytest

pytest.importorskip("sphinx")

from website.repository_links import ROOT, code_of, repository_path


@pytest.mark.parametrize(
    ("docname", "target", "path", "code"),
    [
        ("notebooks/03_x", "../dnt_core/clips/", "dnt_core/clips", "dnt_core/clips/__init__.py"),
        ("notebooks/03_x", "../dnt_core/ciec.py#l1", "dnt_core/ciec.py", "dnt_core/ciec.py"),
        ("index", "weights/generator.md", "weights/generator.md", None),
        ("docs/teaching", "../README.md", "README.md", None),
    ],
)
def test_a_link_means_a_file_and_its_code(docname, target, path, code):
    assert repository_path(docname, target) == path and code_of(path) == code


@pytest.mark.parametrize("target", ["../../etc", "#a-heading", "no_such_file.py"])
def test_other_links_are_left_to_myst(target):
    assert repository_path("notebooks/03_x", target) is None


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_headings_go_down_one_level_at_a_time(page):
    r"""``make site`` takes a warning for an error, and this is one."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    levels = [len(marks) for marks in re.findall(r"^(#{1,6}) ", text, re.M)]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
