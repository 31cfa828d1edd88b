"""What a confidence is worth: `python -m benchmarks.calibration`, for each kind of event and each step.

`told`: the share of events that a label tells, too; `whole`: those with every labelled slot right. Left out
are events whose label is optional, and those without a label that say of themselves that they are denied or
rumoured. Texts: ../shared/gold (where it is there) and tests/nlp/examples/own.jsonl; the rules were mended on
all of them, so on texts nobody has seen the shares are lower.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.scores import ROOT, SHARED, document
from nlp.extract import extract
from nlp.score import SLOTS, pairs, same_slot

TEXTS = (
    SHARED / "gold" / "seeds.jsonl",
    SHARED / "gold" / "dev.jsonl",
    ROOT / "tests" / "nlp" / "examples" / "own.jsonl",
    ROOT / "tests" / "nlp" / "examples" / "later.jsonl",
)
STEPS = (0.7, 0.8, 0.9)
"""Where one step of confidence ends and the next begins."""


@dataclass(slots=True)
class Step:
    """Events of one kind whose confidence lies in one step."""

    events: int = 0
    confidence: float = 0.0
    """Sum over the events."""
    told: int = 0
    whole: int = 0


def main() -> None:
    """Print the table."""
    table: dict[tuple[str, int], Step] = defaultdict(Step)
    documents = 0
    for path in TEXTS:
        if not path.exists():
            print(f"{path.name} is not there: left out")
            continue
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        documents += len(records)
        for record in records:
            for event, told, whole in judged(record):
                step = table[event["event"], sum(event["confidence"] >= limit for limit in STEPS)]
                step.events += 1
                step.confidence += event["confidence"]
                step.told += told
                step.whole += whole
    print(
        f"{documents} labelled documents\n{'':14}{'confidence':>14}{'n':>6}{'mean':>7}{'told':>7}{'whole':>7}"
    )
    for kind in SLOTS:
        for number, name in enumerate(_names()):
            step = table[kind, number]
            if step.events:
                shares = (x / step.events for x in (step.confidence, step.told, step.whole))
                print(f"{kind:14}{name:>14}{step.events:6}" + "".join(f"{share:7.2f}" for share in shares))


def judged(record: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bool, bool]]:
    """Each event found in a labelled document, whether a label tells it, and whether all of its slots do."""
    golds, founds = record["events"], [e.record() for e in extract(document(record))]
    labels = {j: golds[i] for i, j in pairs(golds, founds)}
    for j, found in enumerate(founds):
        gold = labels.get(j)
        if gold is None:
            if found.get("status") not in ("denied", "rumoured"):
                yield found, False, False
        elif not gold.get("optional"):
            asked = [slot for slot in SLOTS[found["event"]] if gold.get(slot) is not None]
            yield found, True, all(same_slot(slot, gold[slot], found.get(slot)) for slot in asked)


def _names() -> list[str]:
    edges = [f"{limit:.1f}" for limit in STEPS]
    return [
        f"below {edges[0]}",
        *(f"{a} to {b}" for a, b in pairwise(edges)),
        f"{edges[-1]} up",
    ]


if __name__ == "__main__":
    main()
