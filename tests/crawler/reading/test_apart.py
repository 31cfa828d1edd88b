"""PDFs are read in a process that may die of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.reading.apart import Reader, _answer
from crawler.reading.pdf import Printed, read_pdf
from crawler.reading.rejected import ReadingError
from tests.crawler.reading.printing import filing

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="on Windows PDFs are read in the process itself"
)
LONG = "某某科技公告，全资子公司与云服务商签订的算力服务协议已经解除，涉及金额约9亿元，双方互不承担违约责任。"


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader(seconds=60)
    yield reader
    reader.close()


def child(reader: Reader) -> int:
    assert reader._child is not None
    return reader._child.pid


def test_what_comes_back_is_what_read_pdf_gives(reader: Reader) -> None:
    for data in (filing(LONG), filing(LONG, "第二段。" * 3000), filing("𠮷林𰻝面馆，" + LONG)):
        assert reader.read(data) == read_pdf(data)


def test_one_child_reads_all_and_complaints_are_the_same(reader: Reader) -> None:
    reader.read(filing(LONG))
    first = child(reader)
    for data in (b"%PDF-1.4 torn", filing(LONG, password="x"), b"no PDF at all", b""):
        with pytest.raises(ReadingError) as here:
            read_pdf(data)
        with pytest.raises(ReadingError) as there:
            reader.read(data)
        assert (there.value.reason, str(there.value)) == (here.value.reason, str(here.value))
    assert child(reader) == first


def stopped(reader: Reader) -> int:
    """The reader's child, which answers nobody: as if PDFium were stuck in a page."""
    reader.read(filing(LONG))
    os.kill(pid := child(reader), signal.SIGSTOP)
    return pid


def test_a_child_that_dies_is_a_reject_and_the_next_pdf_is_read(reader: Reader) -> None:
    pid = stopped(reader)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(ReadingError, match=r"died \(SIGKILL\)") as caught:
        reader.read(filing(LONG * 50))
    assert caught.value.reason == "broken"
    assert reader.read(filing(LONG)).text == LONG
    assert child(reader) != pid


def test_a_child_that_hangs_is_ended(reader: Reader) -> None:
    pid = stopped(reader)
    reader.seconds = 0.5
    with pytest.raises(ReadingError) as caught:
        reader.read(filing(LONG))
    assert caught.value.reason == "too-slow"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    reader.seconds = 60
    assert reader.read(filing(LONG)).text == LONG


def test_ctrl_c_leaves_no_answer_for_the_next_question(reader: Reader) -> None:
    stopped(reader)
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        reader.read(filing("问的是这一份，" + LONG))
    assert reader.read(filing(LONG)).text == LONG


def test_threads_ask_in_turn(reader: Reader) -> None:
    texts = [f"第{n}份，{LONG}" for n in range(24)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda text: reader.read(filing(text)).text, texts)) == texts


def test_more_memory_than_allowed_is_a_reject() -> None:
    """So little that the child can't even begin; what a bomb does is in tests/hostile/test_files.py."""
    reader = Reader(memory=20_000_000)
    with pytest.raises(ReadingError, match="died"):
        reader.read(filing(LONG))


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [(MemoryError(), "too-large", "memory"), (KeyError("x\ny"), "broken", "a fault of paomo's")],
)
def test_what_python_raises_in_the_child_is_a_reject(error: Exception, reason: str, words: str) -> None:
    def fails(data: bytes) -> Printed:
        raise error

    answer = _answer(b"", fails)
    assert answer["reason"] == reason
    assert words in answer["message"]
    assert "\n" not in answer["message"]


def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os, time\nfrom crawler.reading.apart import Reader\n"
        "reader = Reader()\nchild = reader._running().pid\nprint(child, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    for _ in range(200):
        if not alive(pid):
            break
        time.sleep(0.1)
    assert not alive(pid)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be asked for its code does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
