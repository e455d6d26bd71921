r"""Where things lie: one function per question, the same answer from any working directory.

``DNT_HOME`` names the folder under which runs, caches and a user's assets and weights lie. Without it that is
the clone of the repository; a package that was installed without a clone uses ``dnt/`` in the user's home.
"""

from __future__ import annotations

import getpass
import os
import stat
import tempfile
from functools import lru_cache
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
    return _named_home() or find_repository() or (user_home() or _temporary(tempfile.gettempdir())) / "dnt"


def runs_folder() -> Path:
    r"""The folder of runs: results, filmed clips, trained weights. It may not exist yet."""
    return home_folder() / "runs"


def run_folder(profile: str, out_dir: str | Path | None = None) -> Path:
    r"""The folder of one run of the notebooks: executed notebooks, ``metrics.json``, figures.

    Args:
        profile: the run's profile, which names the folder below :func:`runs_folder`.
        out_dir: another folder, if one was asked for.
    """
    return user_path(out_dir) if out_dir else runs_folder() / profile


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


def shipped_file(name: str | os.PathLike) -> Path | None:
    r"""A file of the shipped weights; None where it is not shipped, or none are found."""
    try:
        path = weights_folder() / name
    except FileNotFoundError:
        return None
    return path if path.is_file() else None


def weights_file(path: str | os.PathLike) -> Path:
    r"""A file of weights as it was named; a mere name that is not here is a shipped file's, where one has it.

    So the commands in the records of ``weights/`` can be run from anywhere.
    """
    path = Path(path)
    mere_name = path.parent == Path() and not path.exists()
    return (shipped_file(path) if mere_name else None) or path


def cache_folder() -> Path:
    r"""A folder for what can be computed again, made and writable.

    The first of these that can be written: ``cache/`` of ``DNT_HOME``, ``dnt/`` in ``$XDG_CACHE_HOME`` or in
    ``~/.cache``, a folder of this user among the machine's temporary files, one of this process among them.
    """
    named, xdg = os.environ.get(HOME_VARIABLE, ""), os.environ.get("XDG_CACHE_HOME", "")
    return _first_writable(named, xdg, str(user_home() or ""), tempfile.gettempdir())


@lru_cache(maxsize=8)
def _first_writable(named: str, xdg: str, home: str, temporary: str) -> Path:
    places = [
        _expanded(named) / "cache" if named.strip() else None,
        Path(xdg) / "dnt" if os.path.isabs(xdg) else None,  # the XDG standard: relative ones are ignored
        Path(home) / ".cache" / "dnt" if home else None,
    ]
    found = (place for place in places if place is not None and _can_write(place))
    return next(found, None) or _temporary(temporary)


def _can_write(folder: Path, private: bool = False) -> bool:
    r"""Makes ``folder`` and tries to write into it; a ``private`` one must belong to this user alone."""
    try:
        folder.mkdir(parents=not private, exist_ok=True, mode=0o700 if private else 0o777)
        if private and hasattr(os, "getuid"):
            status = folder.lstat()
            mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
            if not mine or status.st_mode & 0o077:  # compiled code is read from it: nobody else may write
                return False
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _temporary(folder: str) -> Path:
    r"""A folder in the system's temporary one that nobody but this user can have made."""
    place = Path(folder) / f"dnt-{_user_name()}"
    return place if _can_write(place, private=True) else Path(tempfile.mkdtemp(prefix="dnt-", dir=folder))


def _user_name() -> str:
    if hasattr(os, "getuid"):
        return str(os.getuid())
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "user"


def _named_home() -> Path | None:
    named = os.environ.get(HOME_VARIABLE, "")
    return _expanded(named) if named.strip() else None


def _expanded(named: str) -> Path:
    return path_of_variable(HOME_VARIABLE, named).absolute()


def user_path(path: str | os.PathLike) -> Path:
    r"""A path as a user gives it, ``~`` and ``~ann`` at its beginning as home folders: no shell expands it in
    ``--out=~/talk.mp4``, in quotes, or in Python.

    Args:
        path: of a file or a folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:  # ~name, of nobody: a file may be called so
        return Path(path)


def path_of_variable(variable: str, named: str) -> Path:
    r"""The path that an environment variable names, ``~`` and ``~ann`` expanded.

    Args:
        variable: its name. named: what it holds.

    Raises:
        ValueError: the home folder that it begins with is not there.
    """
    try:
        return Path(named).expanduser()
    except RuntimeError as error:  # ~ann, of whom this machine knows no home folder
        raise ValueError(f"{variable} is {named!r}, but this machine knows no such home folder") from error


def from_here(place: Path) -> Path:
    r"""A path relative to the working directory, which is short for a reader; absolute on another drive."""
    try:
        return Path(os.path.relpath(place))
    except ValueError:  # Windows has no way from one drive to another
        return place


def version_of(path: str | os.PathLike) -> tuple[Path, int, int]:
    r"""A file, when it was changed and its size: the key of what was read from it before.

    Args:
        path: of the file; the key has it absolute, so that another working directory's is another file.
    """
    path = Path(path).resolve()
    status = path.stat() if path.is_file() else None
    return (path, 0, 0) if status is None else (path, status.st_mtime_ns, status.st_size)


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
