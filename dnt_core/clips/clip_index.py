r"""What a scan found: labelled clips to filter and walk over, and one summary of all that is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import CELLS, LEVELS, VIEWS, Clip, Problem

if TYPE_CHECKING:
    import pandas

Cell = tuple[str, str, str, float]  # actor, view, expression, level


@dataclass(frozen=True)
class ClipIndex:
    r"""Clips in the order actor, view, expression (that of ``EXPRESSIONS``), level, number.

    Args:
        root: the folder that was scanned.
        clips: what was found.
        problems: what is wrong with the folder.
    """

    root: Path
    clips: tuple[Clip, ...]
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.clips)

    def __iter__(self) -> Iterator[Clip]:
        return iter(self.clips)

    def __getitem__(self, item: int | slice) -> Clip | ClipIndex:
        r"""One clip, or an index of some of them."""
        return replace(self, clips=self.clips[item]) if isinstance(item, slice) else self.clips[item]

    @property
    def actors(self) -> tuple[str, ...]:
        return tuple(sorted({clip.actor for clip in self.clips}))

    @property
    def views(self) -> tuple[str, ...]:
        return tuple(sorted({clip.view for clip in self.clips}))

    def filter(
        self,
        actor: str | Collection[str] | None = None,
        view: str | Collection[str] | None = None,
        expression: str | Collection[str] | None = None,
        level: float | Collection[float] | None = None,
    ) -> ClipIndex:
        r"""The clips that match everything given; each argument is one value or several. Problems are kept.

        Args:
            actor: folder name, or several; None: all.
            view: one of :data:`VIEWS`, or several; None: all.
            expression: one of ``EXPRESSIONS``, or several; None: all.
            level: 1, 2 or 3, or several; None: all.

        Raises:
            ValueError: an actor that is not there, a view, expression or level that does not exist.
        """
        wanted = {
            "actor": (actor, self.actors),
            "view": (view, VIEWS),
            "expression": (expression, EXPRESSIONS),
            "level": (level, sorted({*LEVELS, *(clip.level for clip in self.clips)})),
        }
        clips = self.clips
        for name, (value, known) in wanted.items():
            if value is None:
                continue
            values: set[Any] = set([value] if isinstance(value, str | Real) else value)  # a NumPy number, too
            if name == "expression":  # in any case
                values = {value.lower() if isinstance(value, str) else value for value in values}
            if values - set(known):
                unknown = ", ".join(sorted(map(repr, values - set(known))))
                raise ValueError(f"no {name} {unknown}; expected one of {', '.join(map(str, known))}")
            clips = tuple(clip for clip in clips if getattr(clip, name) in values)
        return replace(self, clips=clips)

    def to_frame(self) -> pandas.DataFrame:
        r"""One row a clip: labels, intensity, type_index, the files' paths as text relative to the root."""
        import pandas

        def text(path: Path | None) -> str | None:
            return None if path is None else path.relative_to(self.root).as_posix()

        labels = ("name", "actor", "view", "expression", "level", "number", "intensity", "type_index")
        columns = {name: [getattr(clip, name) for clip in self.clips] for name in labels}
        for name in ("video", "audio", "face_cache"):
            columns[name] = [text(getattr(clip, name)) for clip in self.clips]
        return pandas.DataFrame(columns)

    def missing_cells(self) -> list[Cell]:
        r"""(actor, view, expression, level) without a single clip, of the 22 cells (7 × 3 + neutral)
        that each actor should have in every view that any actor has."""
        there = {(clip.actor, clip.view, clip.expression, clip.level) for clip in self.clips}
        wanted = ((actor, view, *cell) for actor in self.actors for view in self.views for cell in CELLS)
        return [cell for cell in wanted if cell not in there]

    def summary(self, lines_per_kind: int = 20) -> str:
        r"""What is there, what is missing, every problem with path and reason, as text; grouped by kind.

        Args:
            lines_per_kind: how many problems of a kind are listed before the rest is counted.
        """
        text = [f"{self.root}: {_count(len(self), 'clip')} of {_count(len(self.actors), 'actor')}"]
        for actor in self.actors:
            counts = [f"{view} {len(self.filter(actor=actor, view=view))}" for view in self.views]
            text.append(f"  {actor}: {', '.join(counts)}")
        text += self.missing_lines()
        for (left_out, kind), group in groupby(
            sorted(self.problems, key=lambda p: (not p.left_out, p.kind, p.path)),
            key=lambda p: (p.left_out, p.kind),
        ):
            group = list(group)
            what = "left out" if left_out else "used all the same"
            text.append(f"{kind}: {_count(len(group), 'file')} ({what})")
            for problem in group[:lines_per_kind]:
                path = problem.path
                shown = path.relative_to(self.root) if path.is_relative_to(self.root) else path
                text.append(f"  {shown.as_posix()}: {problem.reason.partition(':')[2].strip()}")
            if len(group) > lines_per_kind:
                text.append(f"  … and {len(group) - lines_per_kind} more")
        if not self.problems:
            text.append("no problems")
        return "\n".join(text)

    def missing_lines(self) -> list[str]:
        r"""How many cells are missing, and a line with them for each actor and view; none: no line."""
        missing = self.missing_cells()
        lines = [f"missing cells: {len(missing)} of {len(self.actors) * len(self.views) * len(CELLS)}"]
        for (actor, view), group in groupby(missing, key=lambda cell: cell[:2]):
            cells = [cell[2:] for cell in group]
            if len(cells) == len(CELLS):
                lines.append(f"  {actor} {view}: the whole view")
                continue
            names = [
                f"{expression} {', '.join(str(level) for _, level in levels)}"
                for expression, levels in groupby(cells, key=lambda cell: cell[0])
            ]
            lines.append(f"  {actor} {view}: level of {'; '.join(names)}")
        return lines if missing else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
