"""All benchmarks in one go: `python -m benchmarks.results` writes RESULTS.md and figures.json beside it.

    python -m benchmarks.results                          everything; let nothing else run meanwhile
    python -m benchmarks.results --only growth crawl      these anew, the others as they were measured last
    python -m benchmarks.results --beside SITE            with JioNLP and Recognizers-Text installed in SITE
    python -m benchmarks.results --quick --out FOLDER     small sizes, to see that it works; no figure counts
    python -m benchmarks.results --render                 the page from figures.json again, nothing measured

Each benchmark is a command of its own, runs in a process of its own and can be run alone; what it prints is
quoted whole, and the figures it reports (benchmarks/figure.py) make the table at the top. One that fails or
cannot run here is listed with the reason. docs/scale.md is computed from the same figures and written, too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.figure import COLLECTED_IN, Figure, collected

HERE = Path(__file__).parent
PACKAGES = (
    "paomo",
    "scrapy",
    "warcio",
    "fastwarc",
    "trafilatura",
    "resiliparse",
    "pypdfium2",
    "pdfplumber",
    "pdfminer.six",
    "opencc",
    "jieba",
    "rjieba",
    "spacy",
    "daachorse",
    "rensa",
    "duckdb",
    "pyarrow",
    "pandas",
    "starlette",
    "uvicorn",
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One command, and what it says of which stages."""

    name: str
    title: str
    words: tuple[str, ...]
    """Module and arguments."""
    quick: tuple[str, ...] | None = None
    """The same with small sizes; None: left out by --quick."""
    part_of: str | None = None
    """A benchmark of which this is a part, measured again alone where --only names it."""


BENCHMARKS = (
    Benchmark("scores", "What is found in labelled texts", ("scores",)),
    Benchmark("quantities", "Amounts, rates and dates read right", ("quantities",), ("quantities",)),
    Benchmark("calibration", "What a confidence is worth", ("calibration",)),
    Benchmark("crawl", "Crawling", ("crawl",), ("crawl", "--pages", "60", "--rounds", "1")),
    Benchmark("crawl-memory", "Memory of a long crawl", ("crawl", "--memory")),
    Benchmark("reading", "Bytes to text", ("reading",)),
    Benchmark("text", "Normalising, scanning, segmenting", ("text",)),
    Benchmark("extraction", "Documents to events", ("extraction",)),
    Benchmark(
        "warehouse",
        "Loading, resolving, asking",
        ("warehouse",),
        ("warehouse", "--mentions", "2000"),
    ),
    Benchmark("serve", "Serving", ("serve",)),
    Benchmark("growth", "How cost grows", ("growth",), ("growth", "--quick")),
    Benchmark(
        "growth-warehouse",
        "How cost grows: loading and resolving, measured again",
        ("growth", "--stage", "load", "--stage", "resolve"),
        part_of="growth",
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One benchmark's outcome."""

    name: str
    command: str
    measured: str
    """UTC, to the minute."""
    seconds: float
    code: int
    """Its exit code; 0 where it reached its own goals."""
    printed: str
    figures: list[Figure] = field(default_factory=list)


def run(benchmark: Benchmark, words: Sequence[str]) -> Run:
    """The command in a process of its own, its figures collected."""
    command = ["python", "-m", f"benchmarks.{words[0]}", *words[1:]]
    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.jsonl"
        done = subprocess.run(
            [sys.executable, *command[1:]],
            cwd=HERE.parent,
            env=os.environ | {COLLECTED_IN: str(figures)},
            capture_output=True,
            text=True,
            check=False,
        )
        found = collected(figures.read_text("utf-8").splitlines() if figures.exists() else ())
    # a command that could not begin says why on the other stream, in its last line
    printed = done.stdout or "\n".join(done.stderr.strip().splitlines()[-1:])
    # a path of this machine says nothing to the reader
    printed = printed.replace(str(HERE.parent.parent), "..")
    seconds = time.perf_counter() - begun
    return Run(benchmark.name, shown(command), moment, seconds, done.returncode, printed, found)


def shown(command: Sequence[str]) -> str:
    """The command as one types it; the folder named by --beside is the reader's own."""
    text = " ".join(command)
    return re.sub(r"--beside \S+", "--beside SITE", text)


def machine() -> list[str]:
    """One line a fact about where this runs."""
    model = memory = "unknown"
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            memory = f"{int(line.split()[1]) / 1024**2:.0f} GiB"
    return [
        f"machine: {os.cpu_count()} cores ({model}), {memory}, {platform.system()} {platform.machine()}",
        f"load when it began: {os.getloadavg()[0]:.2f}",
        f"Python {platform.python_version()}; {', '.join(versions())}",
    ]


def _lines(path: str) -> Iterable[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return ()


def versions() -> Iterator[str]:
    """`name version` of what was measured and what stood beside it."""
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} not installed"


# the page ------------------------------------------------------------------------------------------------

HEAD = """# Results

Written by `make bench` (`python -m benchmarks.results`); every figure below is what the command named beside
it printed. A ratio above 1 is better than the peer, measured in the same run on the same input; a goal is
what the project set itself. Commands that need the labelled texts in `../shared` say so where these are
missing.

"""


def page(runs: Sequence[Run], about: Sequence[str], *, quick: bool) -> str:
    """RESULTS.md."""
    parts = [HEAD]
    if quick:
        parts.append(
            "**Small sizes (`--quick`): this shows that the benchmarks run. No figure here counts.**\n\n"
        )
    parts += [*(f"* {line}\n" for line in about), "\n", table(runs), "\n", wanting(runs)]
    for benchmark in BENCHMARKS:
        for done in runs:
            if done.name == benchmark.name:
                parts.append(section(benchmark.title, done))
    return "".join(parts)


def table(runs: Sequence[Run]) -> str:
    """A row a figure."""
    rows = ["| stage | figure | peer | ratio | goal | reached |\n| --- | ---: | --- | ---: | --- | --- |\n"]
    rows += [row(figure) for figure in newest(runs) if figure.listed]
    return "## All figures\n\n" + "".join(rows)


def newest(runs: Sequence[Run]) -> list[Figure]:
    """Every figure once: of one that a part of a benchmark has measured again, what it measured then."""
    found = {(figure.stage, figure.peer): figure for done in runs for figure in done.figures}
    return list(found.values())


def row(figure: Figure) -> str:
    """One figure beside its peer and its goal."""
    peer = f"{figure.peer}: {number(figure.peer_value)}" if figure.peer and figure.peer_value else ""
    ratio = f"{figure.ratio:.2f}" if figure.ratio else ""
    limit = "at most" if figure.less_is_better else "at least"
    goals = [f"{limit} {number(figure.goal)}"] if figure.goal is not None else []
    goals += [f"{figure.ratio_goal:g} × the peer"] if figure.ratio_goal is not None else []
    reached = {True: "yes", False: "**no**", None: ""}[figure.reached]
    note = f" ({figure.note})" if figure.note else ""
    value = f"{number(figure.value)} {figure.unit}"
    return f"| {figure.stage}{note} | {value} | {peer} | {ratio} | {', '.join(goals)} | {reached} |\n"


def number(value: float | None) -> str:
    """Three digits that count, no more."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def wanting(runs: Sequence[Run]) -> str:
    """What is below its peer or its goal, and what could not be measured."""
    below = [f"* {f.stage}: {number(f.value)} {f.unit}" + _why(f) for f in newest(runs) if f.reached is False]
    failed = [f"* `{r.command}` ended with exit code {r.code}" for r in runs if r.code]
    said = "\n".join(below + failed) or "Nothing: every figure reaches its goal and its peer."
    return f"## Below the goal or the peer\n\n{said}\n\n"


def _why(figure: Figure) -> str:
    words = []
    if figure.goal is not None:
        words.append(f"{'at most' if figure.less_is_better else 'at least'} {number(figure.goal)} is asked")
    if figure.ratio is not None:
        words.append(f"{figure.ratio:.2f} times {figure.peer}")
    return f" ({'; '.join(words)})" if words else ""


def section(title: str, done: Run) -> str:
    """One command and what it printed."""
    head = f"## {title}\n\n`{done.command}`, {done.measured} UTC, {done.seconds:.0f} seconds\n\n"
    printed = "\n".join(line.rstrip() for line in done.printed.splitlines())
    return f"{head}```text\n{printed}\n```\n\n"


# running -------------------------------------------------------------------------------------------------


def kept(file: Path) -> dict[str, Run]:
    """The runs of an earlier figures.json, by name."""
    if not file.exists():
        return {}
    runs = json.loads(file.read_text("utf-8"))["runs"]
    return {r["name"]: Run(**r | {"figures": [Figure(**f) for f in r["figures"]]}) for r in runs}


def write(out: Path, runs: Sequence[Run], about: Sequence[str], *, quick: bool) -> None:
    """RESULTS.md and figures.json."""
    facts = {"quick": quick, "about": list(about), "runs": [asdict(done) for done in runs]}
    (out / "figures.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (out / "RESULTS.md").write_text(page(runs, about, quick=quick).rstrip() + "\n", "utf-8")


def main() -> int:
    """Run them, write the page; 1 where a benchmark missed a goal or failed (in small: never)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [benchmark.name for benchmark in BENCHMARKS]
    whole = [benchmark.name for benchmark in BENCHMARKS if benchmark.part_of is None]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=" ".join(names))
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--render", action="store_true", help="only write the page anew")
    parser.add_argument("--beside", type=Path, help="site-packages with JioNLP and Recognizers-Text")
    parser.add_argument("--out", type=Path, help="folder to write into (with --quick it must be named)")
    asked = parser.parse_args()
    if asked.quick and not asked.out:
        parser.error("--quick figures do not count: name another folder with --out")
    out = asked.out or HERE
    out.mkdir(parents=True, exist_ok=True)
    about, runs = machine(), kept(out / "figures.json")
    if asked.render:
        about = json.loads((out / "figures.json").read_text("utf-8"))["about"]
        write(out, [runs[name] for name in names if name in runs], about, quick=asked.quick)
    for benchmark in () if asked.render else BENCHMARKS:
        words = benchmark.quick if asked.quick else benchmark.words
        if words is None or benchmark.name not in (asked.only or whole):
            continue
        if benchmark.name == "quantities" and asked.beside:
            words = (*words, "--beside", str(asked.beside))
        print(f"{benchmark.name} …", end=" ", flush=True)
        done = runs[benchmark.name] = run(benchmark, words)
        for part in (b.name for b in BENCHMARKS if b.part_of == benchmark.name):
            runs.pop(part, None)
        print(f"{done.seconds:.0f} s, exit code {done.code}", flush=True)
        write(out, [runs[name] for name in names if name in runs], about, quick=asked.quick)
    if not asked.quick and not asked.out:
        from benchmarks import arithmetic

        arithmetic.write()
    print(f"{out / 'RESULTS.md'} and {out / 'figures.json'} are written")
    return 1 if any(done.code for done in runs.values()) and not asked.quick else 0


if __name__ == "__main__":
    sys.exit(main())
