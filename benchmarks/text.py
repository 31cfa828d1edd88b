"""Speed of the text room on one core, beside its peers, in one run: `python -m benchmarks.text [FOLDER]`.

FOLDER holds news as *.jsonl.gz (a `text` in every line) and texts as *.txt; without one, ../shared is looked
for, else a sample of our own sentences is repeated. MB are of UTF-8.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jieba
import opencc
import spacy

from benchmarks.figure import Figure, report
from nlp import segment, topic
from nlp.company import registry
from nlp.noise import fold
from nlp.normalise import normalise

SAMPLE = [
    "公司今日公告，与供应商签订的设备采购合同已解除，合同总价（含税）为 4.2 亿元。\n双方互不担责。\n",
    "气象部门表示，受冷空气影响，未来三天北方大部分地区将有小到中雪，请市民注意出行安全，减少户外活动。\n",
]
ROUNDS = 3
BESIDE = {
    "normalise, ordinary text": "OpenCC, then jieba",
    "may_hold_event, off-topic documents": "OpenCC, then jieba",
    "our words (rjieba, names whole)": 'spacy.blank("zh") with jieba',
}
"""What stands beside which peer in RESULTS.md: the peer's first step, without which it can say nothing."""


def main(arguments: list[str]) -> None:
    jieba.setLogLevel(60)
    ordinary, dense = _texts(
        Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2] / "shared"
    )
    off_topic = [text for text in ordinary if not topic.may_hold_event(text)]
    print(
        f"ordinary n={len(ordinary)}, off topic n={len(off_topic)}, dense n={len(dense)}; best of {ROUNDS}\n"
    )
    print(f"{'':44}{'MB/s':>8}")
    speeds = {}
    for name, work, texts in _works(ordinary, off_topic, dense):
        work(texts[0])
        speeds[name] = _speed(work, texts)
        print(f"{name:44}{speeds[name]:8.1f}")
    for name, peer in BESIDE.items():
        value = speeds[name]
        report(
            Figure(stage=name, value=value, unit="MB/s", peer=peer, peer_value=speeds.get(f"peer: {peer}"))
        )


def _works(
    ordinary: list[str], off_topic: list[str], dense: list[str]
) -> Iterable[tuple[str, Callable[[str], Any], list[str]]]:
    yield "fold, width only", fold, ordinary
    yield "normalise, ordinary text", normalise, ordinary
    yield "normalise, dense or spun text", normalise, dense
    yield "may_hold_event, off-topic documents", topic.may_hold_event, off_topic
    yield "registry().find, ordinary text", registry().find, ordinary
    yield "our words (rjieba, names whole)", segment.cut, ordinary
    converter = opencc.OpenCC("t2s")
    peer = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    few = ordinary[:: max(1, len(ordinary) // 8)][:8]
    yield "peer: OpenCC, then jieba", lambda text: jieba.lcut(converter.convert(text)), few
    yield 'peer: spacy.blank("zh") with jieba', peer, few


def _speed(work: Callable[[str], Any], texts: list[str]) -> float:
    size = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for text in texts:
            work(text)
        best = min(best, time.perf_counter() - start)
    return size / best


def _texts(folder: Path) -> tuple[list[str], list[str]]:
    news = [
        json.loads(line)["text"]
        for path in sorted(folder.rglob("*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    dense = [path.read_text() for path in sorted(folder.rglob("*.txt"))]
    return news or [text * 20 for text in SAMPLE * 20], dense or [SAMPLE[0] * 20]


if __name__ == "__main__":
    main(sys.argv[1:])
