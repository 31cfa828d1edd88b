"""Imports go one way, warehouse → nlp → crawler: read from the source, so an import inside a function counts, too.

Run as `python -m tests.direction`; prints what it looked at and exits 1 with one line a violation.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FLOORS = {"crawler": 0, "nlp": 1, "warehouse": 2}
"""A package may import itself and those below it."""
BARE = {"crawler/document.py", "crawler/errors.py", "nlp/span.py", "nlp/event.py"}
"""Ground floors: they import nothing of paomo."""


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every absolute import in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def violations(root: Path) -> Iterator[str]:
    """One line a forbidden import below `root`."""
    for package, floor in FLOORS.items():
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for line, module in imported(path):
                top = module.partition(".")[0]
                if top in FLOORS and (FLOORS[top] > floor or name in BARE):
                    yield f"{name}:{line} imports {module}: imports go warehouse → nlp → crawler"
                if package == "nlp" and top in {"duckdb", "scrapy"}:
                    yield f"{name}:{line} imports {module}: nlp is a pure function of text"


def main() -> int:
    """Print every violation, else what was checked."""
    found = list(violations(ROOT))
    files = sum(1 for package in FLOORS for _ in (ROOT / package).rglob("*.py"))
    print("\n".join(found) or f"import direction holds in {files} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
