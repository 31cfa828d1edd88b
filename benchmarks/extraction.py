"""Speed of extraction beside its peer, in one run: `python -m benchmarks.extraction [--jobs 2]`.

The peer is what most projects build: spacy.blank("zh") with the jieba segmenter, then spaCy's Matcher with
our lexicons as token rules (a role a rule: its plain words as a set, its patterns as a regex; numbers with
units; dates). It stops there: no value, party or date is read and no evidence mapped, so its time is a lower
bound. Texts: the two labelled articles and the news of ../shared; without them, small ones of our own. MB are
of UTF-8; CPU seconds of this process, but for the run in several processes, which goes by the clock.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jieba
import pyarrow as pa
import spacy
from spacy.matcher import Matcher

from benchmarks.figure import Figure, report
from benchmarks.scores import document
from crawler.document import Document
from nlp.batches import batch_of, extract_batches
from nlp.deed import ACTIONS
from nlp.extract import extract
from nlp.lexicon import words
from nlp.reading import read
from nlp.topic import may_hold_event

SHARED = Path(__file__).resolve().parents[2] / "shared"
NEWS = ("wind_digest", "xwlb")
DENSE = (
    "云岫股份(300000)10月11日公告,与某客户签订的《算力服务合同》已解除,合同总价约4.2亿元,租期36个月。"
    "H100八卡服务器的月租由去年的18万元降到7.5万元左右。公司在湖北宜昌的智算中心规划10000P,一期投资12亿元,"
    "目前上架率约32%。\n"
)
QUIET = "气象部门表示,受冷空气影响,未来三天北方大部分地区将有小到中雪,请市民注意出行安全,减少户外活动。\n"
ROUNDS = 3
COPIES = 12
"""Of the news, so that the run in several processes lasts long beside the start and the end of a process."""
PEER_SHARE = 40
"""One news document in so many is enough to time the peer on."""
_PLAIN = re.compile(r"[\w%/·]+")
_NUMBER: dict[str, Any] = {"TEXT": {"REGEX": r"^[\d.,]+$|^[一二三四五六七八九十百千万亿两]+$"}}
_UNITS = [
    *"元万亿台张P个架亩%卡月年天",
    "万元",
    "亿元",
    "美元",
    "PFLOPS",
    "MW",
    "兆瓦",
    "千瓦",
    "机柜",
    "小时",
]
_DATES = ["今年", "去年", "本月", "上月", "同日", "次日", "上半年", "下半年", "年底"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes of the last lines")
    jobs = parser.parse_args().jobs
    jieba.setLogLevel(60)
    dense, news = _texts()
    quiet = [d for d in news if not may_hold_event(d.text)]
    sizes = [f"{name} n={len(ds)} ({_size(ds):.2f} MB)" for name, ds in (("seeds", dense), ("news", news))]
    print(f"{', '.join(sizes)}; best of {ROUNDS}")
    _against_the_peer(dense, news)
    scanned = _speed(lambda d: may_hold_event(d.text), quiet)
    print(f"{'scan of documents without an event':44}{scanned:8.1f} MB/s")
    report(Figure(stage="scan of documents without an event", value=scanned, unit="MB/s"))
    print(f"{'full reading of the seeds, every mention':44}{_speed(_read_all, dense):8.1f} MB/s")
    _memory(news)
    _processes(news, jobs)


def _against_the_peer(dense: Sequence[Document], news: Sequence[Document]) -> None:
    language, matcher = _peer()
    few = news[::PEER_SHARE]
    print(f"\n{'MB/s on one core':44}{'seeds':>8}{'news':>8}")
    ours = _row("paomo, documents to events", extract, dense, news)
    _row('peer: spacy.blank("zh") with jieba, no rule', lambda d: language(d.text), dense, few)
    rules = f"peer: the same with {len(matcher)} Matcher rules"
    theirs = _row(rules, lambda d: matcher(language(d.text)), dense, few)
    for name, speed, beside, goal in zip(("dense text", "news"), ours, theirs, (5.0, 50.0), strict=True):
        report(
            Figure(
                stage=f"documents to events, {name}",
                value=speed,
                unit="MB/s",
                peer="spaCy with jieba and Matcher rules",
                peer_value=beside,
                ratio_goal=goal,
            )
        )
    print(f"{'times the peer (goal: 5 and 50)':44}{ours[0] / theirs[0]:8.1f}{ours[1] / theirs[1]:8.1f}\n")


def _row(
    name: str, work: Callable[[Document], Any], dense: Sequence[Document], news: Sequence[Document]
) -> tuple[float, float]:
    speeds = _speed(work, dense), _speed(work, news)
    print(f"{name:44}{speeds[0]:8.2f}{speeds[1]:8.2f}")
    return speeds


def _read_all(given: Document) -> None:
    reading = read(given)
    _ = (
        reading.sentences,
        reading.quantities,
        reading.periods,
        reading.companies,
        reading.hardware,
        reading.places,
    )


def _memory(news: Sequence[Document]) -> None:
    """Peak memory of this process after each quarter of twice the news: flat, if nothing is kept."""
    peaks = []
    for part in range(4):
        for given in [*news, *news][part::4]:
            extract(given)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(
        f"{'peak memory by quarters (with the peer in it)':44}" + " ".join(f"{p:7.0f}" for p in peaks) + " MB"
    )


def _processes(news: Sequence[Document], jobs: int) -> None:
    """By the clock, and by CPU time, which other work on the machine does not spoil."""
    many = [replace(d, doc_id=f"{d.doc_id}.{i}") for i in range(COPIES) for d in news]
    batches = [batch_of(many[at : at + 32]) for at in range(0, len(many), 32)]
    (clock, alone), (clocks, together) = _cost(batches, 1), _cost(batches, jobs)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{f'{jobs} processes, times one, by the clock':44}{clock / clocks:8.2f} ({load})")
    report(Figure(stage=f"{jobs} processes beside one, by the clock", value=clock / clocks, unit="times"))
    print(f"{f'{jobs} processes, times one, by CPU seconds':44}{jobs * alone / together:8.2f}", end="")
    print(f" ({alone:.1f} s in one, {together:.1f} s in {jobs} together, parent and pickling in both)")


def _cost(batches: Sequence[pa.RecordBatch], processes: int) -> tuple[float, float]:
    """Seconds by the clock and of CPU for these batches, workers started and warm."""
    warm = batches[: 12 * processes]
    before = _cpu()
    for _ in extract_batches(warm, processes=processes):
        pass
    between = _cpu()
    stream: Iterator[pa.RecordBatch] = extract_batches([*warm, *batches], processes=processes)
    for _ in warm:
        next(stream)
    begun = time.perf_counter()
    for _ in stream:
        pass
    return time.perf_counter() - begun, (_cpu() - between) - (between - before)


def _cpu() -> float:
    """CPU seconds of this process and of those it started that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


# -- the peer


def _peer() -> tuple[Any, Any]:
    language = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    matcher = Matcher(language.vocab)
    for name, items in _roles():
        plain = [str(i) for i in items if _PLAIN.fullmatch(str(i))]
        regular = [str(i) for i in items if not _PLAIN.fullmatch(str(i))]
        tests = ({"IN": plain} if plain else None, {"REGEX": "|".join(regular)} if regular else None)
        matcher.add(name, [[{"TEXT": test}] for test in tests if test])
    scaled = [_NUMBER, {"TEXT": {"IN": ["万", "亿"]}}, {"TEXT": {"IN": _UNITS}}]
    matcher.add("quantity", [[_NUMBER, {"TEXT": {"IN": _UNITS}}], scaled])
    matcher.add(
        "period", [[_NUMBER, {"TEXT": {"IN": ["年", "月", "日", "季度"]}}], [{"TEXT": {"IN": _DATES}}]]
    )
    return language, matcher


def _roles() -> Iterator[tuple[str, Iterable[Any]]]:
    contract = words("contract")
    for role in (*ACTIONS, "noun", "rumoured", "proposed", "denied", "hypothetical", "amount_cue"):
        yield f"contract.{role}", contract[role]
    for name in ("price", "utilisation", "project"):
        for role, entries in words(name).items():
            if role == "facts":
                continue
            for value, items in entries.items() if isinstance(entries, dict) else [("", entries)]:
                if isinstance(items, list):
                    yield f"{name}.{role}.{value}", items
    yield "hardware", [alias for facts in words("hardware")["models"].values() for alias in facts["aliases"]]


# -- texts


def _texts() -> tuple[list[Document], list[Document]]:
    if not SHARED.is_dir():
        long = [
            Document(doc_id=f"quiet-{i}", text=QUIET * 60 + DENSE * (i % 8 == 0) + QUIET * 60)
            for i in range(60)
        ]
        return [Document(doc_id="dense", text=DENSE * 20)], long
    seeds = (SHARED / "gold" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    packed = [(SHARED / "data" / "news" / f"{name}.jsonl.gz").read_bytes() for name in NEWS]
    news = [line for data in packed for line in gzip.decompress(data).splitlines()]
    return [document(json.loads(line)) for line in seeds], [document(json.loads(line)) for line in news]


def _size(documents: Iterable[Document]) -> float:
    return sum(len(d.text.encode("utf-8", "replace")) for d in documents) / 1e6


def _speed(work: Callable[[Document], Any], documents: Sequence[Document]) -> float:
    """MB a CPU second, the best of some rounds; what is loaded at first use is not counted."""
    taken = []
    for _ in range(ROUNDS + 1):
        begun = time.process_time()
        for given in documents:
            work(given)
        taken.append(time.process_time() - begun)
    return _size(documents) / min(taken[1:])


if __name__ == "__main__":
    main()
