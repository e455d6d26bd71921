r"""The workbook's machinery: profiles, the papermill runner, metrics and their bands, notebooks as text."""

from dnt_core.actor.profile_film import actor_names, clips_folder, film_config
from dnt_core.profiles import PROFILES, Profile, get_profile
from dnt_core.workbook.metrics import check_bands, collect_metrics, load_bands, record_metrics
from dnt_core.workbook.session import NotebookSession, actor_folder, open_notebook, repository_root

__all__ = [
    "PROFILES",
    "NotebookSession",
    "Profile",
    "actor_folder",
    "actor_names",
    "check_bands",
    "clips_folder",
    "collect_metrics",
    "film_config",
    "get_profile",
    "load_bands",
    "open_notebook",
    "record_metrics",
    "repository_root",
]
