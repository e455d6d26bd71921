r"""The built-in actor: makes the default data, in MEAD's layout, with the truth beside it."""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.ciec": ["EXPRESSIONS"],
        "dnt_core.actor.film_frame": ["FilmRenderer"],
        "dnt_core.actor.film_config": ["FilmConfig"],
        "dnt_core.actor.filming": ["film"],
        "dnt_core.actor.actor_config": ["ActorConfig"],
        "dnt_core.actor.people": ["PEOPLE", "get_person"],
        "dnt_core.actor.performance": ["Performance", "perform"],
    },
)
