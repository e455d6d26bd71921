#!/bin/sh
# jupytext: a comment that begins with a shell's word comes back as a command.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jupytext==1.19.6 nbformat==5.11.1
cd "$folder"
venv/bin/python - <<'PY'
import jupytext

text = '# %%\n# copy the texture, then look\nx = 1\n\n# %%\n# cat the two halves\n'
cells = [cell.source for cell in jupytext.reads(text, fmt="py:percent").cells]
print(f"jupytext {jupytext.__version__}; cells read from py:percent:")
for cell in cells:
    print("   ", repr(cell))
# Read as a notebook a comment has become code; comment_magics=False keeps it.
kept = [c.source for c in jupytext.reads(text, fmt={"extension": ".py", "format_name": "percent", "comment_magics": False}).cells]
assert any(not line.startswith("#") for line in cells[1].splitlines()), "the behaviour has changed"
assert all(line.startswith("#") for line in kept[1].splitlines()), "the behaviour has changed"
PY
