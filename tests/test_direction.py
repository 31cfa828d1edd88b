"""The house's one rule of imports, and that its check can see a break of it."""

import subprocess
import sys
from pathlib import Path

from tests.direction import ROOT, violations


def test_imports_go_one_way() -> None:
    assert list(violations(ROOT)) == []


def test_the_check_sees_a_forbidden_import(tmp_path: Path) -> None:
    for package in ("crawler", "nlp", "warehouse"):
        (tmp_path / package).mkdir()
    (tmp_path / "crawler" / "ledger.py").write_text(
        "def f():\n    from nlp.span import Span\n", encoding="utf-8"
    )
    (tmp_path / "nlp" / "extract.py").write_text("import duckdb\n", encoding="utf-8")
    found = list(violations(tmp_path))
    assert [line.split(" ")[0] for line in found] == ["crawler/ledger.py:2", "nlp/extract.py:1"]


def test_a_document_loads_no_scrapy() -> None:
    code = "import sys, crawler.document; print('scrapy' in sys.modules or 'twisted' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"
