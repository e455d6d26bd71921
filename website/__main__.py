r"""``python -m website``: builds the site into ``runs/site``, and checks it."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from website import link_check
from website.layout import ROOT, lay_out


def add_live_page(out: Path) -> bool:
    r"""Builds the live page into a folder; False where it cannot be had, and the site says how to get it."""
    if importlib.util.find_spec("dnt_core.live.static_page") is None:
        return False
    done = subprocess.run([sys.executable, "-m", "dnt_core", "site", "live", "--out", str(out)], check=False)
    if done.returncode:
        print("The site goes without its live page: see above.", file=sys.stderr)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "site", help="the site's folder")
    parser.add_argument("--without-live", action="store_true", help="leave the live page out")
    options = parser.parse_args()
    live = not options.without_live and add_live_page(options.out / "live")
    sources = options.out.with_name(options.out.name + "_sources")
    lay_out(sources, live)
    words = [
        str(sources),
        str(options.out),
        "-c",
        str(Path(__file__).parent),
        "-b",
        "html",
        "-E",
        "-q",
        "-W",
        "--keep-going",
    ]
    words += ["-d", str(sources / ".doctrees")]
    if code := build_main(words):
        return code
    found = link_check.faults(options.out)
    print(*found, sep="\n", file=sys.stderr)
    if not found:
        print(
            f"The site is in {options.out}: open its index.html, or serve it with "
            f"python -m http.server -d {options.out}"
        )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
