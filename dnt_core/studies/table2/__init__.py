r"""Table 2 and figure 7: the paper's metrics, ablations and baselines on the same inputs (sections 5.3–5.5).

``dnt train table2`` makes everything, ``dnt evaluate`` one row for anybody's weights.
"""
