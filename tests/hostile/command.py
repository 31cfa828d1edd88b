"""The command line as a process of its own, as a user runs it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any


def paomo(*arguments: str | Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; five minutes are a hang."""
    call = [sys.executable, "-c", "from warehouse.cli import main; main()", *map(str, arguments)]
    where = ["--home", str(home)] if home else []
    return subprocess.run([*call, *where], capture_output=True, encoding="utf-8", check=False, timeout=300)


def rows(home: Path, query: str) -> list[dict[str, Any]]:
    """What a query on the published ledger answers."""
    answer = paomo("sql", query, "--format", "json", home=home)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


def documents(count: int, *, size: int = 0) -> str:
    """So many JSON Lines documents, each tells the end of one contract; `size` characters more that cannot be packed."""
    return "".join(
        json.dumps(
            {
                "id": f"d{n}",
                "text": f"鸿博股份公告,与客户{n}签订的算力租赁合同于2024年10月11日解除,金额{n + 1}亿元。"
                + "".join(map(chr, random.Random(n).choices(range(0x4E00, 0x9FA0), k=size))),
                "published": "2024-10-12",
            },
            ensure_ascii=False,
        )
        + "\n"
        for n in range(count)
    )
