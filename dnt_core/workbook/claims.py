r"""Claims: a sentence, the number that decides it, and the verdict that follows from the number.

A notebook states a claim beside the cell that measures it (``run.claim(…)``). The cell shows the sentence
with its verdict, and the same numbers travel in the output; ``claims_page`` gathers them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dnt_core.atomic_write import without_nan, write_json
from dnt_core.plain_files import read_json

CLAIMS_FILE = "claims.json"
#: The output of a notebook's cell under which a claim's numbers lie, beside the sentence that is shown.
CLAIM_MIME = "application/vnd.dnt.claim+json"

#: The interval of a number that was measured too few times to have one.
UNTOLD = (math.nan, math.nan)
HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be told"
#: Profiles whose sizes show that everything runs, and no more.
TOO_SMALL = ("nbval",)

Named = tuple[str, float]


@dataclass(frozen=True)
class Claim:
    r"""One claim with what decides it.

    Args:
        name: letters, digits, ``_`` and dots, unique in its notebook.
        sentence: what is claimed, one sentence that is true or false.
        value: what was measured; None where it cannot be measured here.
        side, limit: the claim says that the value lies ``"below"`` or ``"above"`` the limit.
        limit_name: what the limit is, such as "chance" or "the linear map".
        interval: 95 % interval of the value, or None for a number without scatter (a count, an identity);
            (NaN, NaN) where too few were measured to tell it, as of one clip. Such a claim cannot be told.
        over: what the interval is over, such as "3 seeds and 134 clips".
        unit: of all its numbers, such as "mm".
        baseline, control: (name, number): what does without the method, and what should come out otherwise.
        whose: "paper" or "ours".
        note: where the claim cannot be measured, why; else whatever limits it.
        notebook: the notebook's stem.
        profile: sizes of the run.
    """

    name: str
    sentence: str
    value: float | None
    side: Literal["below", "above"]
    limit: float
    limit_name: str = ""
    interval: tuple[float, float] | None = None
    over: str = ""
    unit: str = ""
    baseline: Named | None = None
    control: Named | None = None
    whose: Literal["paper", "ours"] = "ours"
    note: str = ""
    notebook: str = ""
    profile: str = ""

    def __post_init__(self) -> None:
        for name in ("interval", "baseline", "control"):
            if (pair := getattr(self, name)) is not None:
                object.__setattr__(self, name, tuple(pair))
        if self.interval and all(end is None or math.isnan(end) for end in self.interval):  # None: of JSON
            object.__setattr__(self, "interval", UNTOLD)
        if self.side not in ("below", "above"):
            raise ValueError(f"claim {self.name}: side is {self.side!r}; expected below or above")
        if self.whose not in ("paper", "ours"):
            raise ValueError(f"claim {self.name}: whose is {self.whose!r}; expected paper or ours")
        ends = () if self.interval == UNTOLD else self.interval or ()
        numbers = [self.limit, *([] if self.value is None else [self.value]), *ends]
        numbers += [pair[1] for pair in (self.baseline, self.control) if pair]
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"claim {self.name} has numbers {numbers}; expected finite ones")
        if ends and self.value is not None:
            low, high = ends
            if not low <= self.value <= high:
                raise ValueError(f"claim {self.name}: {self.value} lies outside its interval [{low}, {high}]")

    @property
    def verdict(self) -> str:
        r"""Holds when the whole interval lies on the claimed side, does not hold when all of it lies on the
        other, and cannot be told when it has the limit inside, is not known, or when nothing was measured.
        """
        if self.value is None or self.profile in TOO_SMALL:
            return OPEN
        low, high = self.interval or (self.value, self.value)
        if self.side == "above":
            low, high, limit = -high, -low, -self.limit
        else:
            limit = self.limit
        return HOLDS if high < limit else FAILS if low >= limit else OPEN

    @property
    def measured(self) -> str:
        r"""The number with unit and interval."""
        if self.value is None:
            return "not measured"
        unit = f" {self.unit}" if self.unit else ""
        between = ""
        if self.interval:
            between = f" [{in_short(self.interval[0])}, {in_short(self.interval[1])}]"
        if self.interval == UNTOLD:
            between = " (too few for an interval)"
        return f"{in_short(self.value)}{unit}{between}"

    @property
    def expected(self) -> str:
        r"""The side and the limit in words."""
        limit = f"{in_short(self.limit)}{f' {self.unit}' if self.unit else ''}"
        return f"{self.side} {limit}" + (f" ({self.limit_name})" if self.limit_name else "")

    def named(self, which: Literal["baseline", "control"]) -> str:
        r"""The baseline or the control in words, "–" without one."""
        pair = getattr(self, which)
        return f"{pair[0]}: {in_short(pair[1])}" if pair else "–"

    def to_dict(self) -> dict[str, Any]:
        r"""For JSON, the verdict included."""
        return without_nan({**asdict(self), "verdict": self.verdict})

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Claim:
        r"""The claim of :meth:`to_dict`.

        Raises:
            ValueError: fields are missing or unknown, or the stored verdict is not what its numbers say.
        """
        fields = {key: value for key, value in content.items() if key != "verdict"}
        try:
            claim = cls(**fields)
        except TypeError as error:
            raise ValueError(f"no claim: {error}") from error
        if content.get("verdict") != claim.verdict:
            raise ValueError(
                f"claim {claim.name} is stored as {content.get('verdict')!r}, "
                f"its numbers say {claim.verdict!r}"
            )
        return claim

    def _repr_markdown_(self) -> str:
        whose = "The paper's claim" if self.whose == "paper" else "Claim"
        parts = [f"{whose}: {self.sentence}", f"**{self.verdict}**."]
        if self.value is not None:
            over = f"over {self.over}" if self.interval == UNTOLD else f"95 % over {self.over}"
            over = f", {over}" if self.interval and self.over else ""
            parts.append(f"Measured {self.measured}{over}; claimed {self.expected}.")
        parts += [f"{w.capitalize()}: {self.named(w)}." for w in ("baseline", "control") if getattr(self, w)]
        if self.profile in TOO_SMALL:
            parts.append("(This profile's sizes only show that everything runs.)")
        return "> " + " ".join([*parts, *([self.note] if self.note else [])])

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        text = self._repr_markdown_()
        return {"text/markdown": text, "text/plain": text.removeprefix("> "), CLAIM_MIME: self.to_dict()}


class ClaimTable:
    r"""Several claims as one table; where a notebook shows only the table, it carries their numbers."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.claims = list(claims)

    def __repr__(self) -> str:
        return "\n".join(f"{claim.verdict:15} {claim.sentence}" for claim in self.claims)

    def _repr_markdown_(self) -> str:
        return claim_rows(self.claims, all_columns=False)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        carried = [claim.to_dict() for claim in self.claims]
        return {"text/markdown": self._repr_markdown_(), "text/plain": repr(self), CLAIM_MIME: carried}


def claim_rows(claims: Sequence[Claim], all_columns: bool = True) -> str:
    r"""A table in Markdown, one row per claim.

    Args:
        claims: the rows.
        all_columns: False leaves out a baseline or control that no claim has, and whose the claims are where
            all are of one.
    """
    rows = []
    for c in claims:
        over = f" over {c.over}" if c.interval and c.over else ""
        rows.append({
            "claim": c.sentence + (f" *{c.note}*" if c.note else ""), "whose": c.whose,
            "measured (95 %)": c.measured + over, "claimed": c.expected,
            "baseline": c.named("baseline"), "control": c.named("control"), "verdict": f"**{c.verdict}**",
        })  # fmt: skip
    heads = ["claim", "whose", "measured (95 %)", "claimed", "baseline", "control", "verdict"]
    if not all_columns:
        said = {head: {row[head] for row in rows} for head in heads}
        dull = {head for head in ("baseline", "control") if said[head] <= {"–"}}
        heads = [head for head in heads if head not in dull and not (head == "whose" and len(said[head]) < 2)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for row in rows:
        lines.append("| " + " | ".join(row[head].replace("|", "\\|") for head in heads) + " |")
    return "\n".join(lines)


def record_claim(claim: Claim, folder: str | Path) -> Path:
    r"""Add a claim to ``folder/claims.json``; a later one of the same name takes the place of the earlier."""
    path = Path(folder) / CLAIMS_FILE
    kept = {c.name: c for c in read_claims(path)} if path.exists() else {}
    write_json(path, [c.to_dict() for c in (kept | {claim.name: claim}).values()])
    return path


def read_claims(path: str | Path) -> list[Claim]:
    r"""The claims of a run's notebook, in the order in which they were stated.

    Raises:
        ValueError: not such a file.
    """
    return [Claim.from_dict(one) for one in read_json(path, list)]


def in_short(number: float) -> str:
    r"""Three significant digits, whole thousands in full.

    >>> in_short(0.37899), in_short(35699), in_short(-12.0)
    ('0.379', '35,699', '-12')
    """
    if number and abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"
