r"""``docs/claims.md``: the claims of all notebooks on one page, made from the outputs that are committed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from dnt_core.atomic_write import write_text
from dnt_core.plain_files import read_text
from dnt_core.workbook.claims import (
    CLAIM_MIME,
    CLAIMS_FILE,
    FAILS,
    HOLDS,
    OPEN,
    Claim,
    claim_rows,
    read_claims,
)
from dnt_core.workbook.notebook_lint import read_notebook

_HEAD = """\
# Claims

This page is made by `dnt run` and `dnt notebooks publish` from the outputs of the notebooks; do not edit it.
Each row is a sentence that is true or false, the number that decides it, and the verdict that follows:
**holds** when the whole 95 % interval lies on the claimed side, **does not hold** when all of it lies on the
other side, **cannot be told** when the limit lies inside, or when nothing was measured. A number without an
interval is a count or an identity, or its row says why it has none. All clips are the built-in actor's where
a row does not say otherwise, so no verdict here is about people.
"""


def claims_in_notebook(path: str | Path) -> list[Claim]:
    r"""The claims in a notebook's outputs, in their order; a table may repeat those that stand alone.

    Raises:
        ValueError: two claims have one name, or a stored verdict is not what its numbers say.
    """
    found: dict[str, Claim] = {}
    for cell in read_notebook(path).cells:
        for output in cell.get("outputs", []):
            content = output.get("data", {}).get(CLAIM_MIME)
            in_table = isinstance(content, list)
            for claim in map(Claim.from_dict, content if in_table else [content] if content else []):
                if claim.name in found and not (in_table and claim == found[claim.name]):
                    raise ValueError(f"{path}: two claims are called {claim.name}")
                found[claim.name] = claim
    return list(found.values())


def committed_claims(notebooks: str | Path) -> list[Claim]:
    r"""The claims of all notebooks ``NN_name.ipynb`` in a folder."""
    paths = sorted(Path(notebooks).glob("[0-9][0-9]_*.ipynb"))
    return [claim for path in paths for claim in claims_in_notebook(path)]


def claims_of_run(out_dir: str | Path, notebooks: Collection[str] | None = None) -> list[Claim]:
    r"""The claims of a run's folder, from each ``<notebook>/claims.json``, or of some notebooks."""
    paths = sorted(Path(out_dir).glob(f"*/{CLAIMS_FILE}"))
    return [c for p in paths if notebooks is None or p.parent.name in notebooks for c in read_claims(p)]


def claims_page(claims: Sequence[Claim], notebooks: str = "../notebooks") -> str:
    r"""The page as Markdown.

    Args:
        claims: in the notebooks' order. notebooks: path from the page to the notebooks, for links.
    """
    counts = {verdict: sum(c.verdict == verdict for c in claims) for verdict in (HOLDS, FAILS, OPEN)}
    told = ", ".join(f"{verdict}: {number}" for verdict, number in counts.items())
    lines = [_HEAD, f"{len(claims)} claims ({told})."]
    for name in dict.fromkeys(c.notebook for c in claims):
        own = [c for c in claims if c.notebook == name]
        profiles = ", ".join(sorted({c.profile for c in own}))
        lines += [
            "",
            f"## [{name}]({notebooks}/{name}.ipynb)",
            "",
            f"Profile: {profiles}.",
            "",
            claim_rows(own),
        ]
    return "\n".join(lines) + "\n"


def write_claims_page(notebooks: str | Path, page: str | Path) -> Path:
    r"""Write the page of the committed notebooks' claims."""
    write_text(page, claims_page(committed_claims(notebooks)))
    return Path(page)


def page_problems(notebooks: str | Path, page: str | Path) -> list[str]:
    r"""One sentence when the page is not what the notebooks' outputs say."""
    page = Path(page)
    if not page.exists() or read_text(page) != claims_page(committed_claims(notebooks)):
        return [f"{page.name} is not what the notebooks' outputs say; run `dnt notebooks claims`"]
    return []
