r"""The perceptual study (section 5.2, figure 6): orders of clips → order matrices M → scores s = Mx.

``responses`` (the tidy table), ``orders`` (M_i), ``score`` (M, s, slope, RMSE, τ), ``shrinkage`` (why s is
flatter than x), ``uncertainty`` (bootstrap, how many observers), ``ranking_models`` (Bradley–Terry,
Plackett–Luce), ``observers`` (simulated ones), ``crema_d`` (a real crowd), ``figure6``, ``report``
(``score_file``, behind ``dnt score``); ``collecting`` (the page that observers use, its storage and server).
"""

__all__ = ["score_file", "score_groups"]


def __getattr__(name: str):
    # On demand: a class of 30 has 30 kernels that collect answers, and none of them scores anything.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dnt_core.studies.perceptual_study import report

    return getattr(report, name)
