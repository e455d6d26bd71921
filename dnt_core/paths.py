r"""Where things lie: one function per question, the same answer from any working directory.

``DNT_HOME`` names the folder under which runs, caches and a user's assets and weights lie. Without it that is
the clone of the repository; a package that was installed without a clone uses ``dnt/`` in the user's home.
"""

from __future__ import annotations

import getpass
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOME_VARIABLE = "DNT_HOME"
PROJECT = 'name = "dnt-core"'  # a line of the pyproject.toml of a clone
PACKAGE = Path(__file__).resolve().parent


def repository_root() -> Path:
    r"""The clone of the repository: ``DNT_HOME`` if it holds ``notebooks/``, else the clone that this package
    lies in, else the one that the working directory lies in.

    Raises:
        FileNotFoundError: there is no clone.
    """
    if (found := find_repository()) is not None:
        return found
    raise FileNotFoundError(
        f"no clone of the repository was found around {PACKAGE} or {Path.cwd()}; "
        f"work inside a clone, or set {HOME_VARIABLE} to one"
    )


def find_repository() -> Path | None:
    r"""As :func:`repository_root`, or None."""
    here = Path.cwd()
    if (home := _named_home()) and (home / "notebooks").is_dir():
        return home
    return next((place for place in (PACKAGE.parent, here, *here.parents) if _is_clone(place)), None)


def home_folder() -> Path:
    r"""The folder under which the product writes and under which it looks for what its user adds:
    ``DNT_HOME``, else the clone, else ``~/dnt``.
    """
    return _named_home() or find_repository() or (user_home() or _temporary()) / "dnt"


def runs_folder() -> Path:
    r"""The folder of runs: results, filmed clips, trained weights. It may not exist yet."""
    return home_folder() / "runs"


def assets_folder() -> Path:
    r"""The folder for optional files that the product never ships (see ``dnt_core.assets``)."""
    return home_folder() / "assets"


def weights_folder() -> Path:
    r"""The folder of the shipped weights: ``weights/`` of ``DNT_HOME``, of the clone, or of the package, the
    first that holds any.

    Raises:
        FileNotFoundError: none does.
    """
    places = [folder / "weights" for folder in (_named_home(), find_repository(), PACKAGE) if folder]
    for place in places:
        if any(place.glob("*.safetensors")):
            return place
    raise FileNotFoundError(
        f"the shipped weights were not found in {' or '.join(map(str, places))}; "
        f"install from a clone of the repository, or set {HOME_VARIABLE} to a folder that holds weights/"
    )


def cache_folder() -> Path:
    r"""A folder for what can be computed again, made and writable: ``cache/`` of ``DNT_HOME`` if that is set;
    else ``dnt/`` in ``$XDG_CACHE_HOME`` or ``~/.cache``; where none can be written, a temporary folder of
    this user's own.
    """
    for place in _cache_places():
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK | os.X_OK):
            return place
    return _temporary()


def _cache_places() -> Iterator[Path]:
    if home := _named_home():
        yield home / "cache"
    elif named := os.environ.get("XDG_CACHE_HOME"):
        yield Path(named).expanduser() / "dnt"
    elif user := user_home():
        yield user / ".cache" / "dnt"


def _temporary() -> Path:
    r"""A folder in the system's temporary one that nobody but this user can have made."""
    place = Path(tempfile.gettempdir()) / f"dnt-{_user_name()}"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        mine = not hasattr(os, "getuid") or place.lstat().st_uid == os.getuid()
        if mine and not place.is_symlink() and os.access(place, os.W_OK | os.X_OK):
            return place
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="dnt-"))


def _user_name() -> str:
    if hasattr(os, "getuid"):
        return str(os.getuid())
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "user"


def _named_home() -> Path | None:
    named = os.environ.get(HOME_VARIABLE)
    return Path(named).expanduser().absolute() if named else None


def user_home() -> Path | None:
    r"""The user's home folder; None where there is none, as in a container under a foreign user."""
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and no entry of this user in the system's list
        return None


def _is_clone(folder: Path) -> bool:
    project = folder / "pyproject.toml"
    try:
        return (folder / "notebooks").is_dir() and PROJECT in project.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
