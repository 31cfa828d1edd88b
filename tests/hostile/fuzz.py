"""Guided fuzzing: what comes in is changed until new lines of our code run, and nothing may break.

    python -m tests.hostile.fuzz [TARGET …] --seconds 60      html pdf warc listing text sql; none named: all
    python -m tests.hostile.fuzz html --input FILE            run one finding again, without atheris

Needs atheris (the extra `fuzz`). Inputs that run new lines are kept in FOLDER/TARGET and tried first the next
time; one that breaks something is written to FOLDER as `TARGET-crash-…` and ends the run with exit code 1. What
breaks: any exception but the reader's own complaint, evidence that is not exact, more than SLOW seconds of the
processor, more than MEMORY megabytes.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import NoReturn

SLOW = 3.0
"""Seconds of the processor for one input, our code counted line by line meanwhile: ten times what seeds take."""
MEMORY = 3000
LONGEST = {"text": 512, "sql": 2048}
"""Bytes of an input, else 8,192; a byte of a text is a word, and what grows with its length shows."""
Try = Callable[[bytes], None]


def in_time(reason: str) -> None:
    """A complaint is an answer, but for the one that took the whole time limit."""
    assert reason != "too-slow"


def html() -> Try:
    """One page, its address and header unknown."""
    from crawler.reading.html import read_html
    from crawler.reading.rejected import ReadingError

    def attempt(data: bytes) -> None:
        try:
            page = read_html(data, url="http://finance.sina.com.cn/" if data[:1] < b"@" else "http://[bad/")
        except ReadingError as error:
            in_time(error.reason)
        else:
            assert page.text.strip()

    return attempt


def pdf() -> Try:
    """One filing; PDFium itself is not looked into, what we make of its answers is."""
    from crawler.reading.pdf import read_pdf
    from crawler.reading.rejected import ReadingError

    def attempt(data: bytes) -> None:
        try:
            printed = read_pdf(data)
        except ReadingError as error:
            in_time(error.reason)
        else:
            assert printed.text.strip()

    return attempt


def warc() -> Try:
    """A whole archive file, whatever lies in it."""
    from crawler.reading import Rejected, read_path

    file = Path(tempfile.mkdtemp()) / "a.warc"

    def attempt(data: bytes) -> None:
        file.write_bytes(data)
        results = list(read_path(file))
        assert results
        for result in results:
            if isinstance(result, Rejected):
                in_time(result.reason)
            else:
                assert result.text.strip()

    return attempt


def listing() -> Try:
    """A JSON answer of one of the listings we know, or of none."""
    from crawler.reading.listing import read_listing
    from crawler.reading.rejected import ReadingError

    def attempt(data: bytes) -> None:
        try:
            items = read_listing(data)
        except ReadingError:
            return
        assert all(item.text.strip() for item in items)

    return attempt


def words() -> list[str]:
    """What a text is put together from: a byte a piece, so that a change of one byte changes one word."""
    from tests.hostile.test_text import ODD, OPENING, UNITS, WORDS

    pieces = dict.fromkeys(
        [*WORDS, *ODD, *UNITS, OPENING, *"0123456789零一二三四五六七八九十百千万亿元年月日的与和等"]
    )
    return [*pieces, *(chr(n) for n in range(0x4E00, 0x4E00 + 256 - len(pieces)))][:256]


def text() -> Try:
    """A document through the extractor; its evidence must be exact."""
    from crawler.document import Document
    from nlp.extract import extract

    pieces = words()

    def attempt(data: bytes) -> None:
        whole = "".join(pieces[byte] for byte in data)
        for event in extract(Document(doc_id="x", text=whole, published=date(2024, 11, 12))):
            assert whole[event.start : event.end] == event.quote, repr(whole)

    return attempt


def sql() -> Try:
    """A user's query of the published ledger: an answer or one line, and the ledger as it was."""
    from crawler.errors import QueryError
    from tests.warehouse.large import grow
    from warehouse import ask
    from warehouse.home import Home

    root = Path(tempfile.mkdtemp())
    home = Home(root / "home").make()
    grow(home, contracts=5, quotes=5)
    before = sorted(root.rglob("*"))

    def attempt(data: bytes) -> None:
        try:
            ask.sql(home, data.decode("utf-8", "replace"), seconds=1.0, memory="200MB")
        except QueryError as error:
            complaint = str(error)
        else:
            complaint = ""
        assert "\n" not in complaint
        assert ask.sql(home, "SELECT count(*) FROM documents").rows == [(5,)]
        assert sorted(root.rglob("*")) == before

    return attempt


TARGETS: dict[str, Callable[[], Try]] = {
    make.__name__: make for make in (html, pdf, warc, listing, text, sql)
}


def seeds(target: str) -> list[bytes]:
    """Inputs to begin with: those of the other tests of this folder."""
    from tests.hostile.test_files import SAID, SEEDS, SHOWN, pdf

    page, clue, notice, _, archive, _, _ = SEEDS
    if target == "text":
        return [bytes(range(first, 256, 7)) for first in range(7)]
    if target == "sql":
        queries = ("FROM cancellations", "SELECT count(*) FROM documents WHERE text LIKE '%x%'", "DROP TABLE documents",
                   "COPY documents TO 'x.csv'", "SELECT * FROM read_text('/etc/hostname')", "PRAGMA database_list",
                   "SET threads = 1", "ATTACH ':memory:' AS m; CREATE TABLE m.t (a INT)", "CALL duckdb_settings()",
                   "WITH RECURSIVE r AS (SELECT 1 UNION ALL FROM r) FROM r", "BEGIN; DELETE FROM contracts; COMMIT")  # fmt: skip
        return [query.encode() for query in queries]
    table = f"<meta charset=gb2312><table><tr><td>{SAID}<td>2024-11-12</table><script>{{}}</script>".encode(
        "gb18030"
    )
    drawn = pdf(zlib.compress(SHOWN + b"50 50 400 300 re S 50 200 m 450 200 l S 250 50 m 250 350 l S"))
    plain = pdf(SHOWN).replace(b"/Filter /FlateDecode", b"")
    return {"html": [page, table], "pdf": [drawn, plain], "warc": [archive], "listing": [clue, notice]}[
        target
    ]


def run(target: str, folder: Path, seconds: int) -> int:
    """One target in a process of its own, which libFuzzer ends; its exit code."""
    corpus = folder / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    # a long -timeout: the alarm signal is our readers', and SLOW is counted below
    options = [
        f"-max_total_time={seconds}",
        "-timeout=3600",
        f"-rss_limit_mb={MEMORY}",
        f"-max_len={LONGEST.get(target, 8192)}",
    ]
    options += [f"-artifact_prefix={folder / target}-", "-print_final_stats=1", "-verbosity=0"]
    command = [sys.executable, "-m", "tests.hostile.fuzz", target, "--inside", *options, str(corpus)]
    return subprocess.run(command, check=False).returncode


def _too_slow(number: int, frame: FrameType | None) -> NoReturn:
    raise AssertionError(f"takes longer than {SLOW} seconds of the processor")


def inside(target: str, options: list[str]) -> None:
    """In that process: our packages counted line by line, then libFuzzer's loop, which never returns."""
    import atheris

    with atheris.instrument_imports(include=["crawler", "nlp", "warehouse"], enable_loader_override=False):
        attempt = TARGETS[target]()

    def timed(data: bytes) -> None:
        # seconds of the processor, so that a busy machine finds nothing; stops a regular expression at work, too
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        attempt(data)
        signal.setitimer(signal.ITIMER_PROF, 0)

    for seed in seeds(target):  # what is loaded at first use is not counted
        attempt(seed)
    signal.signal(signal.SIGPROF, _too_slow)
    atheris.Setup([sys.argv[0], *options], timed)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets named, one after the other, or run one input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="one or more of " + " ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "paomo-fuzz")
    parser.add_argument("--input", type=Path, help="a finding to run again")
    asked = parser.parse_args()
    targets = asked.targets or list(TARGETS)
    if unknown := set(targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if asked.input:
        data = asked.input.read_bytes()
        print("".join(words()[byte] for byte in data) if targets == ["text"] else repr(data))
        TARGETS[targets[0]]()(data)
        return 0
    failed = [target for target in targets if run(target, asked.folder, asked.seconds)]
    for target in failed:
        print(f"{target}: found something, see {asked.folder}/{target}-*; run it again with --input FILE")
    return 1 if failed else 0


if __name__ == "__main__":
    if "--inside" in sys.argv:
        inside(sys.argv[1], sys.argv[3:])
    sys.exit(main())
