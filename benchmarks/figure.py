"""One measured figure: benchmarks print tables for people and report their figures here, for RESULTS.md."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

COLLECTED_IN = "PAOMO_FIGURES"
"""Environment variable with the file to which `report` adds lines; unset: nothing is collected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """What was measured of one stage, beside a peer in the same run and a goal, where there are such."""

    stage: str
    value: float
    unit: str
    peer: str | None = None
    """Who was measured beside it. None: nobody does the same work."""
    peer_value: float | None = None
    goal: float | None = None
    """What the value must reach; None: there is no goal beyond being above the peer."""
    ratio_goal: float | None = None
    """What the ratio to the peer must reach, where the goal is one."""
    less_is_better: bool = False
    note: str = ""
    listed: bool = True
    """Whether it stands in the table of all figures; else only in figures.json, for docs/scale.md."""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer: above 1 is better whichever way the unit counts."""
        if not self.peer_value or not self.value:
            return None
        return self.peer_value / self.value if self.less_is_better else self.value / self.peer_value

    @property
    def reached(self) -> bool | None:
        """Whether all goals are met; without one whether the peer is matched; None: nothing to hold it to."""
        met = []
        if self.goal is not None:
            met.append(self.value <= self.goal if self.less_is_better else self.value >= self.goal)
        if self.ratio_goal is not None:
            met.append(self.ratio is not None and self.ratio >= self.ratio_goal)
        if not met and self.ratio is not None:
            met.append(self.ratio >= 1)
        return all(met) if met else None


def report(*figures: Figure) -> None:
    """Add these to what is collected, if anybody collects."""
    name = os.environ.get(COLLECTED_IN)
    if name:
        with Path(name).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(figure), ensure_ascii=False) + "\n" for figure in figures)


def collected(lines: Iterable[str]) -> list[Figure]:
    """What `report` wrote."""
    return [Figure(**json.loads(line)) for line in lines if line.strip()]
