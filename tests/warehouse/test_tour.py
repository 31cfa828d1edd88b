"""docs/tour.md asks real questions: every answer in it is the demo's.

`python -m tests.warehouse.test_tour` writes the answers anew; read what changed before you commit it.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from warehouse import ask, demo
from warehouse.home import Home
from warehouse.render import Format, render

TOUR = Path(__file__).parents[2] / "docs" / "tour.md"
QUESTION = re.compile(r"```sql\n(?P<query>.*?)```\n(?:\n```text\n(?P<answer>.*?)```\n)?", re.DOTALL)


def answered(home: Home, page: str) -> str:
    """The page with the answer of this ledger below every question."""

    def answer(found: re.Match[str]) -> str:
        out = io.StringIO()
        render(ask.sql(home, found["query"]), Format.TABLE, stream=out)
        text = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
        return f"```sql\n{found['query']}```\n\n```text\n{text}\n```\n"

    return QUESTION.sub(answer, page)


def test_the_tour_gives_the_demos_answers(tmp_path: Path) -> None:
    page = TOUR.read_text("utf-8")
    assert len(QUESTION.findall(page)) == 10
    demo.run(tmp_path)
    assert answered(Home(tmp_path), page) == page, "python -m tests.warehouse.test_tour writes it anew"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        demo.run(Path(folder))
        TOUR.write_text(answered(Home(Path(folder)), TOUR.read_text("utf-8")), "utf-8")
