r"""What Table 2 is claimed to show, and whether our numbers show it: one rule for every claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dnt_core.metrics.intervals import Interval
from dnt_core.studies.table2.results import LABELS, ORDER, PAPER, Table2
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
CLAIMS = (
    Claim("5.4", "Ours draws better pictures than the baselines (PSNR).", "psnr", "ours", BASELINES),
    Claim("5.4", "Ours draws better pictures than the baselines (SSIM).", "ssim", "ours", BASELINES),
    Claim("5.4", "Ours shows the level more clearly than the baselines.", "ce_level", "ours", BASELINES),
    Claim("5.4", "Ours shows the type more clearly than StarGAN.", "ce_type", "ours", ("stargan",)),
    Claim("5.4", "Ours keeps the lips better than the baselines (LMD).", "lmd_px", "ours", BASELINES),
    Claim("5.4", "Ours is more in sync than the baselines (CSS).", "css", "ours", BASELINES),
    Claim("5.5", "The dynamic texture raises PSNR.", "psnr", "ours", ("without_dnt",)),
    Claim("5.5", "The dynamic texture shows the level more clearly.", "ce_level", "ours", ("without_dnt",)),
    Claim("5.5", "The dynamic texture shows the type more clearly.", "ce_type", "ours", ("without_dnt",)),
    Claim("5.5", "Decoupling raises PSNR.", "psnr", "ours", ("without_denet",)),
    Claim("5.5", "Decoupling keeps the lips (LMD).", "lmd_px", "ours", ("without_denet",)),
    Claim("5.5", "Decoupling keeps lips and sound in sync (CSS).", "css", "ours", ("without_denet",)),
    Claim("5.5", "The teeth submodule raises PSNR.", "psnr", "ours", ("without_ts",)),
    Claim("5.5", "The teeth submodule shows the type more clearly.", "ce_type", "ours", ("without_ts",)),
    Claim("5.5", "The teeth submodule makes the mouth more alike (LMD).", "lmd_px", "ours", ("without_ts",)),
)


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
                f'"Ours" is not the best in {METRIC_LABELS[metric]}: {values["ours"]:g} against '
                f"{values[best]:g} {LABELS[best]}."
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


def unclaimed_leads(table: Table2, verdicts: Sequence[Verdict]) -> list[str]:
    r"""Where ours clearly differs from a method of the paper and no claim says so.

    Args:
        table: what was measured.
        verdicts: of the claims.

    Returns:
        a phrase per lead of ours whose interval does not contain zero: the direction, the method, the metric
        and the numbers.
    """
    claimed = {(v.claim.metric, other) for v in verdicts for other in v.claim.than}
    found = []
    for metric in METRICS:
        for other in (m for m in ORDER if m != "ours" and (metric, m) not in claimed):
            if not (table.has("ours", metric) and table.has(other, metric)):
                continue
            gap = table.lead("ours", other, metric)
            if not gap.excludes_zero:
                continue
            word = "leads" if gap.mean > 0 else "trails"
            found.append(f"ours {word} {LABELS[other]} in {METRIC_LABELS[metric]} ({in_words(gap, metric)})")
    return found
