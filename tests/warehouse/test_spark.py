"""Spark writes the rows that the processes of one machine write, also when it loses a worker on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import EngineError
from tests.warehouse.shards import MORTAL, Clumsy, build, crawled, documents
from tests.warehouse.test_engine import dump, table
from warehouse import tasks
from warehouse.engine import pool, spark
from warehouse.engine.work import PIECE
from warehouse.extraction import Refused
from warehouse.home import Home

ROOT = Path(__file__).parents[2]
SMALL = 2_000
"""Bytes of a piece: every shard is cut."""
HANGS = 900
"""Seconds after which a job is taken to hang."""
needs_spark = pytest.mark.skipif(
    not (find_spec("pyspark") and spark.has_java()),
    reason="needs pyspark (pip install 'paomo[spark]') and Java (apt-get install openjdk-17-jre-headless)",
)
ON_TWO = spark.Cluster("local[2,4]", {"spark.executorEnv.PYTHONPATH": str(ROOT)})
"""Two threads, and a task may fail three times, as on a cluster."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("spark") / "archive")


@pytest.fixture(scope="module")
def local(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the local engine makes of the archive, whole files at a time."""
    out = tmp_path_factory.mktemp("local") / "table"
    pool.extract([str(archive)], out, jobs=1, extract=Clumsy())
    return out


@needs_spark
@pytest.mark.slow
def test_the_rows_are_those_of_the_local_engine(archive: Path, local: Path, tmp_path: Path) -> None:
    refused: list[Refused] = []
    out = tmp_path / "table"
    gone = tmp_path / "gone.warc.gz"
    done = spark.extract(
        [str(archive), str(gone)],
        str(out),
        cluster=ON_TWO,
        extract=Clumsy(mortal=True),
        size=SMALL,
        refuse=refused.append,
    )
    *got, missing = table(out)
    expected = table(local)
    (died,) = [n for n, (one, other) in enumerate(zip(expected, got, strict=True)) if one != other]
    assert MORTAL in got[died]["text"]
    assert [reject["reason"] for reject in got[died]["rejects"]] == ["extractor-died"]
    assert missing["rejects"][0] | {"location": gone.name} == {
        "location": gone.name,
        "stage": "read",
        "reason": "unreadable",
        "message": "no such file; check the name",
    }
    assert [r.location for r in refused] == [x["location"] for row in table(out) for x in row["rejects"]]
    assert (done.documents, done.rejected) == (
        sum(row["events"] is not None for row in table(out)),
        sum(row["events"] is None for row in table(out)),
    )
    assert done.events == sum(len(row["events"] or ()) for row in table(out))
    direct, by_table = Home(tmp_path / "direct"), Home(tmp_path / "by_table")
    tasks.fill(direct, [archive, gone], extract=Clumsy(), jobs=1)
    tasks.fill(by_table, [out], extract=Clumsy(), jobs=1)
    one, other = dump(direct), dump(by_table)
    lost = ("documents", "rejects", "loads", "contracts", "contract_mentions")
    assert {name for name in one if one[name] != other[name]} <= set(lost), "but for the one that died"
    assert [d for d in one["documents"] if d[0] != "mortal"] == other["documents"]


@needs_spark
@pytest.mark.slow
def test_uris_are_read_by_spark(archive: Path, tmp_path: Path) -> None:
    documents(tmp_path / "more" / "数据 1.parquet", 9) if (tmp_path / "more").mkdir() is None else None
    (tmp_path / "more" / "x.jsonl").write_text('{"id": "a", "text": "b"}\n', "utf-8")
    names = ["a.warc.gz", "b.warc.gz", "c.warc", "pictures.warc.gz", "torn.warc.gz"]
    pool.extract([*(str(archive / n) for n in names), str(tmp_path / "more")], tmp_path / "local", jobs=1)
    uris = [f"file://{archive}/*.warc*", f"file://{tmp_path}/more", "file:///no/such/place"]
    refused: list[Refused] = []
    spark.extract(uris, str(tmp_path / "spark"), cluster=ON_TWO, refuse=refused.append)

    def shown(row: dict[str, Any]) -> str:
        return json.dumps(row, default=str, ensure_ascii=False, sort_keys=True).replace("file:/", "/")

    expected = [shown(row) for row in table(tmp_path / "local") if row["doc_id"] != "a"]
    got = [shown(row) for row in table(tmp_path / "spark") if row["position"] or row["text"]]
    assert [line for line in expected if json.loads(line)["position"] or json.loads(line)["text"]] == got
    assert len(got) > 90
    told = Counter((Path(r.location.partition("#")[0]).name, r.reason) for r in refused)
    assert told["x.jsonl", "unsupported"] == told["place", "unreadable"] == 1
    assert told["pictures.warc.gz", "no-documents"] == told["torn.warc.gz", "truncated"] == 1


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The folder over FTP, which Spark's own Hadoop speaks without another jar; its port on loopback."""
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    authorizer = DummyAuthorizer()
    authorizer.add_user("reader", "of archives", str(folder))
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer})
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.2}, daemon=True)
    thread.start()
    try:
        yield server.address[1]
    finally:
        server.close_all()


@needs_spark
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The async:DeprecationWarning")  # pyftpdlib's own business
def test_uris_of_another_machine_are_read(archive: Path, tmp_path: Path) -> None:
    """Every byte comes through Hadoop's file system, as with HDFS and S3 (FTP can't seek: no Parquet)."""
    with served(archive) as port:
        remote = {
            "host.port": str(port),
            "user.127.0.0.1": "reader",
            "password.127.0.0.1": "of archives",
            "data.connection.mode": "PASSIVE_LOCAL_DATA_CONNECTION_MODE",
        }
        settings = {**ON_TWO.settings, **{f"spark.hadoop.fs.ftp.{k}": v for k, v in remote.items()}}
        remotely = spark.Cluster("local[2,4]", settings)
        spark.extract([f"ftp://127.0.0.1:{port}/*.warc*"], str(tmp_path / "ftp"), cluster=remotely)
    spark.extract([f"file://{archive}/*.warc*"], str(tmp_path / "file"), cluster=ON_TWO)

    def shown(name: str, home: str) -> list[str]:
        rows = (json.dumps(row, default=str, sort_keys=True) for row in table(tmp_path / name))
        return [line.replace(home, "") for line in rows]

    local = shown("file", f"file:{archive}")
    assert shown("ftp", f"ftp://127.0.0.1:{port}") == local
    assert len(local) > 80


def executors(driver: int) -> dict[int, int]:
    """Process ids of the executor machines below this process, with their number."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words and _is_below(entry, driver):
            found[int(entry.name)] = int(words[words.index(b"--executor-id") + 1])
    return found


def _is_below(entry: Path, ancestor: int) -> bool:
    pid = int(entry.name)
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            pid = int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return False
    return False


def told(log: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(log.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            yield from (json.loads(line) for line in file.read_text("utf-8").splitlines() if line[:1] == "{")


@needs_spark
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers in /proc")
def test_one_of_two_workers_is_killed_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two executor machines, processes of their own; one gets SIGKILL when part of the work is done."""
    shards = tmp_path / "shards"
    shards.mkdir()
    text = "鸿博股份公告,与客户签订的算力租赁合同于2024年10月11日解除,金额1亿元。" * 4
    for n in range(12):
        (shards / f"{n:02}.warc.gz").write_bytes(crawled(1000 * n, 10, text=text))
    log, out = tmp_path / "log", tmp_path / "table"
    log.mkdir()
    settings = {
        "spark.executorEnv.PYTHONPATH": str(ROOT),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": log.as_uri(),
        "spark.task.maxFailures": "8",
    }
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    call = [sys.executable, "-c", "from warehouse.cli import main; main()", "extract", "shards"]
    call += ["--engine", "spark", "--master", "local-cluster[2,1,1024]", "--out", str(out), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        call, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, encoding="utf-8"
    ) as job:
        killed, end = None, time.monotonic() + HANGS
        while job.poll() is None and killed is None and time.monotonic() < end:
            done = len(list(out.glob("_temporary/*/task_*")))
            alive = executors(job.pid)
            if done >= 2 and len(alive) == 2:
                killed, number = next(iter(alive.items()))
                os.kill(killed, signal.SIGKILL)
            time.sleep(0.02)
        try:
            _, said = job.communicate(timeout=HANGS)
        except subprocess.TimeoutExpired:
            job.kill()
            raise
    assert killed is not None, f"the job ended before two workers were seen: {said}"
    assert job.returncode == 1, said  # the pages without a body are rejects
    events = list(told(log))
    assert number in {int(e["Executor ID"]) for e in events if e["Event"] == "SparkListenerExecutorRemoved"}
    ended = [e for e in events if e["Event"] == "SparkListenerTaskEnd"]
    assert len({e["Task Info"]["Executor ID"] for e in ended}) >= 2
    assert {e["Task End Reason"]["Reason"] for e in ended} > {"Success"}, "a task was lost with it"
    monkeypatch.chdir(tmp_path)
    pool.extract(["shards"], tmp_path / "local", jobs=1)
    assert table(out) == table(tmp_path / "local")
    assert len(table(out)) == 12 * 9


def test_without_pyspark_or_java_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match=r"pip install 'paomo\[spark\]'"):
        spark.extract(["x"], str(tmp_path / "out"), cluster=ON_TWO, size=PIECE)


@pytest.mark.skipif(not find_spec("pyspark"), reason="needs pyspark (pip install 'paomo[spark]')")
def test_without_java_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="openjdk-17-jre-headless"):
        spark.extract(["x"], str(tmp_path / "out"), cluster=ON_TWO, size=PIECE)
