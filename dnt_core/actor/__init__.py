r"""The built-in actor: makes the default data, in MEAD's layout, with the truth beside it."""

__all__ = [
    "EXPRESSIONS",
    "FilmConfig",
    "FilmRenderer",
    "ActorConfig",
    "PEOPLE",
    "Performance",
    "film",
    "get_person",
    "perform",
]
_HOMES = {
    "EXPRESSIONS": "dnt_core.ciec",
    "FilmConfig": "dnt_core.actor.film_config",
    "FilmRenderer": "dnt_core.actor.film_frame",
    "ActorConfig": "dnt_core.actor.actor_config",
    "PEOPLE": "dnt_core.actor.people",
    "Performance": "dnt_core.actor.performance",
    "film": "dnt_core.actor.filming",
    "get_person": "dnt_core.actor.people",
    "perform": "dnt_core.actor.performance",
}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
