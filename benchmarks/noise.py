"""What real pages do to a text and what comes out: `python -m benchmarks.noise > docs/noise.md`."""

from __future__ import annotations

import json
from pathlib import Path

from nlp.normalise import normalise

EXAMPLES = Path(__file__).parent.parent / "tests" / "nlp" / "examples" / "noise.jsonl"
HEAD = """# What real pages do to a text, and what comes out

Printed by `python -m benchmarks.noise` from `tests/nlp/examples/noise.jsonl`; a test holds the two together.
Every character of the view points back at what it came from, so evidence is always quoted as printed.

| kind | as printed | the view | evidence for the whole view |
| --- | --- | --- | --- |
"""


def table() -> str:
    """The page as Markdown."""
    rows = []
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        view = normalise(case["printed"]).view
        evidence = view.origin(0, len(view.text)).of(case["printed"])
        rows.append(
            f"| {case['kind']} | {_shown(case['printed'])} | {_shown(view.text)} | {_shown(evidence)} |\n"
        )
    return HEAD + "".join(rows)


def _shown(text: str) -> str:
    """A cell in which invisible characters can be seen."""
    text = text.replace("\n", "\\n").replace("\r", "\\r")
    cell = "".join(c if c.isprintable() or c >= "\U00010000" else f"\\u{ord(c):04x}" for c in text)
    return f"`{cell}`".replace("|", "\\|")


if __name__ == "__main__":
    print(table(), end="")
