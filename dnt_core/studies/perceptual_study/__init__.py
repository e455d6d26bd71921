r"""The perceptual study (section 5.2, figure 6): orders of clips → order matrices M → scores s = Mx.

``responses`` (the tidy table), ``orders`` (M_i), ``score`` (M, s, slope, RMSE, τ), ``shrinkage`` (why s is
flatter than x), ``uncertainty`` (bootstrap, how many observers), ``ranking_models`` (Bradley–Terry,
Plackett–Luce), ``observers`` (simulated ones), ``crema_d`` (a real crowd), ``figure6``, ``report``
(``score_file``, behind ``dnt score``).
"""

from dnt_core.studies.perceptual_study.report import score_file, score_groups

__all__ = ["score_file", "score_groups"]
