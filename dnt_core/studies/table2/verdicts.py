r"""What Table 2 is claimed to show, and whether our numbers show it: one rule for every claim."""

from __future__ import annotations

from dataclasses import dataclass

from dnt_core.metrics.intervals import Interval
from dnt_core.studies.table2.results import LABELS, PAPER, Table2
from dnt_core.studies.table2.row import LABELS as METRIC_LABELS
from dnt_core.studies.table2.row import METRICS, UNITS

HOLDS, NOT, OPEN = "holds", "does not hold", "cannot be told"


@dataclass(frozen=True)
class Claim:
    r"""One method is better than others in a metric.

    Attributes:
        section: of the paper. text: the claim in a sentence.
        metric: in which. better: the method. than: those it is better than, each by itself.
    """

    section: str
    text: str
    metric: str
    better: str
    than: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    r"""What became of a claim.

    Attributes:
        claim: that was tested.
        verdict: one of :data:`HOLDS`, :data:`NOT`, :data:`OPEN`.
        numbers: the leads with their intervals, in words: by how much the claim's method is better.
    """

    claim: Claim
    verdict: str
    numbers: str


BASELINES = ("stargan", "exprgan")
AS_TRAINED = "as we trained them"
CLAIMS = (
    Claim("5.4", f"Ours has a higher PSNR than both baselines, {AS_TRAINED}.", "psnr", "ours", BASELINES),
    Claim("5.4", f"Ours has a higher SSIM than both baselines, {AS_TRAINED}.", "ssim", "ours", BASELINES),
    Claim("5.4", f"Ours shows the level more clearly than both baselines, {AS_TRAINED}.", "ce_level", "ours",
          BASELINES),
    Claim("5.4", "Ours shows the type more clearly than StarGAN, as we trained it.", "ce_type", "ours",
          ("stargan",)),
    Claim("5.4", f"The lips of ours are nearer to the film's than those of both baselines, {AS_TRAINED}.",
          "lmd_px", "ours", BASELINES),
    Claim("5.4", f"Lips and sound agree more in ours than in both baselines, {AS_TRAINED}.", "css", "ours",
          BASELINES),
    Claim("5.5", "The dynamic texture raises PSNR.", "psnr", "ours", ("without_dnt",)),
    Claim("5.5", "The dynamic texture shows the level more clearly.", "ce_level", "ours", ("without_dnt",)),
    Claim("5.5", "The dynamic texture shows the type more clearly.", "ce_type", "ours", ("without_dnt",)),
    Claim("5.5", "Decoupling raises PSNR.", "psnr", "ours", ("without_denet",)),
    Claim("5.5", "Decoupling brings the lips nearer to the film's.", "lmd_px", "ours", ("without_denet",)),
    Claim("5.5", "Decoupling makes lips and sound agree more.", "css", "ours", ("without_denet",)),
    Claim("5.5", "The teeth submodule raises PSNR.", "psnr", "ours", ("without_ts",)),
    Claim("5.5", "The teeth submodule shows the type more clearly.", "ce_type", "ours", ("without_ts",)),
    Claim("5.5", "The teeth submodule brings the lips nearer to the film's.", "lmd_px", "ours",
          ("without_ts",)),
)  # fmt: skip


def judge(table: Table2, claim: Claim) -> Verdict | None:
    r"""A claim holds if every lead's interval lies above zero, does not hold if one lies below, and cannot be
    told otherwise; None where a number is missing."""
    if not all(table.has(name, claim.metric) for name in (claim.better, *claim.than)):
        return None
    leads = {other: table.lead(claim.better, other, claim.metric) for other in claim.than}
    sides = [_side(gap) for gap in leads.values()]
    words = [in_words(gap, claim.metric) for gap in leads.values()]
    verdict = HOLDS if min(sides) > 0 else NOT if min(sides) < 0 else OPEN
    return Verdict(claim, verdict, "; ".join(words))


def in_words(lead: Interval, metric: str) -> str:
    r"""A lead with its sign, its unit and its interval.

    Args:
        lead: of one method over another.
        metric: in which.

    >>> in_words(Interval(0.2153, -0.0216, 0.454), "psnr")
    '+0.215 dB [-0.022, +0.45]'
    """
    unit = f" {UNITS[metric]}" if metric in UNITS else ""
    return f"{lead.mean:+.3g}{unit} [{lead.low:+.2g}, {lead.high:+.2g}]"


def _side(lead: Interval) -> int:
    return 1 if lead.low > 0 else -1 if lead.high < 0 else 0


def decisive_lead(table: Table2, claim: Claim) -> tuple[str, Interval]:
    r"""The lead that decides a claim against several methods: the other method and the interval.

    Of the leads with the worst verdict, the one whose interval reaches lowest.

    Args:
        table: has the numbers of all methods of the claim.
        claim: one of :data:`CLAIMS`.

    Returns:
        the method that ``claim.better`` is compared with; by how much ``claim.better`` is better.
    """
    leads = {other: table.lead(claim.better, other, claim.metric) for other in claim.than}
    worst = min(leads, key=lambda other: (_side(leads[other]), leads[other].low))
    return worst, leads[worst]


def judge_all(table: Table2) -> list[Verdict]:
    r"""All claims of :data:`CLAIMS` whose numbers are there."""
    return [verdict for claim in CLAIMS if (verdict := judge(table, claim)) is not None]


def papers_contradictions() -> list[str]:
    r"""Where the paper's own table says otherwise than its text, from its numbers."""
    found = []
    for number, (metric, higher) in enumerate(METRICS.items()):
        values = {name: row[number] for name, row in PAPER.items()}
        best = (max if higher else min)(values, key=values.__getitem__)
        if best != "ours":
            found.append(
                f"In {METRIC_LABELS[metric]} {LABELS[best]} is better than ours: it has {values[best]:g}, "
                f"and ours has {values['ours']:g}."
            )
    return found


def leads_trivial(table: Table2) -> list[Verdict]:
    r"""Does ours lead the strongest trivial row, in each metric?"""
    found = []
    for metric in (m for m in METRICS if table.has("ours", m)):
        rival = table.strongest_trivial(metric)
        text = f"Ours leads {LABELS[rival]}, the strongest trivial row, in {METRIC_LABELS[metric]}."
        if (verdict := judge(table, Claim("", text, metric, "ours", (rival,)))) is not None:
            found.append(verdict)
    return found
