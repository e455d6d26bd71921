r"""The perceptual study (section 5.2, figure 6): orders of clips → order matrices M → scores s = Mx.

``responses`` (the tidy table), ``orders`` (M_i), ``score`` (M, s, slope, RMSE, τ), ``shrinkage`` (why s is
flatter than x), ``uncertainty`` (bootstrap, how many observers), ``ranking_models`` (Bradley–Terry,
Plackett–Luce), ``observers`` (simulated ones), ``crema_d`` (a real crowd), ``figure6``, ``report``
(``score_file``, behind ``dnt score``); ``collecting`` (the page that observers use, its storage and server).
"""

from dnt_core.lazy_exports import lazy_exports

# On demand: a class of 30 has 30 kernels that collect answers, and none of them scores anything.
__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {"dnt_core.studies.perceptual_study.report": ["score_file", "score_groups"]}
)
