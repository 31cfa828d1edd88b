"""PDFs are read in a process of their own: PDFium is C++, and what it dies of must not end the run.

The child runs `serve`, is begun with the first PDF and kept for the next. A frame is eight bytes of length
and the bytes: a PDF one way, JSON the other. What comes back is never unpickled: whoever takes over PDFium
by a hostile file has a process that can only send text. On Windows, whose pipes can't be waited for, PDFs
are read in the process itself.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from select import select
from typing import IO, Any

from crawler.reading.pdf import Printed, read_pdf
from crawler.reading.rejected import SECONDS, ReadingError

MEMORY = 4 * 1024**3
"""Bytes of address space a child may have; a prospectus of a thousand pages takes some 300 million."""
GRACE = 10.0
"""Seconds after its own time limit that a child is waited for: PDFium can't be stopped inside one page."""
_LENGTH = struct.Struct(">Q")


class Reader:
    """One child process; any thread may ask, one at a time."""

    def __init__(self, *, seconds: float = SECONDS + GRACE, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._begin_anew()
        if hasattr(os, "register_at_fork"):  # two processes must not speak with one child
            os.register_at_fork(after_in_child=self._begin_anew)
        atexit.register(self.close)

    def _begin_anew(self) -> None:
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, data: bytes) -> Printed:
        """As `read_pdf`, and `broken`, `too-large` or `too-slow` where the child died or hangs."""
        with self._turn:
            child = self._running()
            try:
                _send(child.stdin, data)
                answer = json.loads(_received(child.stdout, until=time.monotonic() + self.seconds))
            except TimeoutError:
                self.close()
                message = f"not read after {self.seconds:.0f} seconds, the process was ended; leave it out"
                raise ReadingError("too-slow", message) from None
            except OSError:  # a pipe that ends: there is nobody on the other side
                raise self._died() from None
            except BaseException:  # Ctrl-C: the answer to this question must not be taken for the next one's
                self.close()
                raise
        if "reason" in answer:
            raise ReadingError(answer["reason"], answer["message"])
        unread = tuple((page, reason) for page, reason in answer["unread"])
        return Printed(answer["text"], tuple(answer["pages"]), unread, answer["reader"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            program = f"from {__name__} import serve; serve({self.memory})"
            command = [sys.executable, "-P", "-c", program]  # -P: no module out of the user's folder
            # paomo may be on our path only, as in a task of Spark's
            path = os.pathsep.join(entry for entry in sys.path if entry)
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}
            )
        return self._child

    def _died(self) -> ReadingError:
        assert self._child is not None
        self._child.communicate()
        code, self._child = self._child.returncode, None
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        message = f"the process that read it died ({how}): damaged, hostile or too large; leave it out"
        return ReadingError("broken", message)

    def close(self) -> None:
        """End the child; the next PDF begins another."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _send(pipe: IO[bytes] | None, data: bytes) -> None:
    assert pipe is not None
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _received(pipe: IO[bytes] | None, *, until: float) -> bytes:
    """One frame. Raises TimeoutError, and BrokenPipeError where the other side is gone."""
    assert pipe is not None
    (length,) = _LENGTH.unpack(_exactly(pipe.fileno(), _LENGTH.size, until))
    return _exactly(pipe.fileno(), length, until)


def _exactly(file: int, count: int, until: float) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        if not select([file], [], [], max(0.0, until - time.monotonic()))[0]:
            raise TimeoutError
        if not (part := os.read(file, min(count - len(parts), 1 << 20))):
            raise BrokenPipeError
        parts += part
    return bytes(parts)


_READER = Reader()


def read_pdf_apart(data: bytes) -> Printed:
    """`read_pdf` in this process's child."""
    return read_pdf(data) if sys.platform == "win32" else _READER.read(data)


# the child ------------------------------------------------------------------------------------------------


def serve(memory: int, *, read: Callable[[bytes], Printed] = read_pdf) -> None:
    """Answer PDF after PDF until the parent is gone."""
    with suppress(ImportError, ValueError, OSError):  # not on Windows; or less is allowed already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what PDFium prints must not come between the frames
    while head := asked.read(_LENGTH.size):
        _send(answers, json.dumps(_answer(asked.read(*_LENGTH.unpack(head)), read)).encode())


def _answer(data: bytes, read: Callable[[bytes], Printed]) -> dict[str, Any]:
    try:
        return asdict(read(data))
    except ReadingError as error:
        return {"reason": error.reason, "message": str(error)}
    except MemoryError:
        return {"reason": "too-large", "message": "takes more memory than any honest PDF; leave it out"}
    except Exception as error:
        told = f"{type(error).__name__}: {error}".replace("\n", " ")
        return {"reason": "broken", "message": f"reading it failed ({told}), a fault of paomo's: report it"}
