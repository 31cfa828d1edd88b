"""Spark as an engine: a session, the job, what came out of it. Imports pyspark only when a job runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import EngineError
from warehouse.engine.table import Tally
from warehouse.engine.work import PIECE, URI
from warehouse.extraction import Extract, Refused, extract_one

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "64",
    "spark.log.level": "ERROR",
}
_ON_ONE_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}
"""What a job on one machine adds: it listens on loopback only."""
_JAVA = "it needs Java 17 or newer: apt-get install openjdk-17-jre-headless, or set JAVA_HOME"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the job runs."""

    master: str | None = None
    """As `spark-submit --master`. None: what spark-submit says, else all cores of this machine."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """As `spark-submit --conf`; they win over ours."""


def extract(
    paths: Iterable[str],
    out: str,
    *,
    cluster: Cluster = Cluster(),
    extract: Extract = extract_one,
    size: int = PIECE,
    refuse: Callable[[Refused], None] = lambda refused: None,
) -> Tally:
    """Extract what lies at these paths into a new folder of Parquet; `refuse` hears of each reject then.

    Raises EngineError where Spark is missing or the job fails.
    """
    from warehouse.engine.stored import refuse_existing

    paths = list(paths)
    if not URI.match(out):
        refuse_existing(Path(out), (path for path in paths if not URI.match(path)))
    with session(cluster) as spark:
        from warehouse.engine import spark_frames as frames

        target = out if URI.match(out) else Path(out).absolute().as_uri()
        frames.extracted(spark, paths, extract=extract, size=size).write.parquet(target)
        return frames.tally(spark, target, refuse)


@contextmanager
def session(cluster: Cluster) -> Iterator[SparkSession]:
    """A Spark session for one job; EngineError says what is missing, or why the job failed."""
    _check()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("paomo extract")
    for name, value in _settings(cluster).items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        raise EngineError(f"Spark does not start ({told_by(error)}); {_JAVA}") from error
    try:
        yield spark
    except (PySparkException, Py4JError) as error:
        raise EngineError(f"the Spark job failed: {told_by(error)}") from error
    finally:
        spark.stop()


def _check() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise EngineError("pyspark is not installed; pip install 'paomo[spark]'") from error
    if not has_java():
        raise EngineError(f"Spark finds no Java; {_JAVA}")


def has_java() -> bool:
    """Whether there is a Java where Spark looks for it."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None) is not None


def _settings(cluster: Cluster) -> dict[str, str]:
    master = cluster.master or cluster.settings.get("spark.master")
    if master is None and "PYSPARK_GATEWAY_PORT" not in os.environ:  # spark-submit sets it, and has a master
        master = "local[*,4]"  # a task may fail three times, as on a cluster
    settings = dict(_SETTINGS)
    if master is not None:
        settings["spark.master"] = master
    if master is not None and master.startswith("local"):
        settings |= _ON_ONE_MACHINE
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings["spark.ui.showConsoleProgress"] = str(sys.stderr.isatty()).lower()
    return settings | dict(cluster.settings)


def told_by(error: Exception) -> str:
    """What an error of Spark says, in one line: of a Python traceback the last."""
    lines = [
        line.strip() for line in str(error).splitlines() if line.strip() and "JVM stacktrace" not in line
    ]
    if any(line.startswith("Traceback") for line in lines):
        return lines[-1]
    return lines[0] if lines else type(error).__name__
