"""load, extract, score: documents in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.cli.options import HomeOption, own_home_of, progress, say, text_of
from warehouse.timely import SECONDS, Timely

if TYPE_CHECKING:
    from warehouse.engine.table import Tally
    from warehouse.extraction import Extracted, Refused

PATHS_HELP = "Files (.txt .html .pdf .jsonl .jsonl.gz .warc .warc.gz .parquet) or folders of them."
JobsOption = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Processes that read; all cores where not said.")
]

LimitOption = Annotated[
    float, typer.Option("--time-limit", min=0.01, help="Seconds a document may take; longer is a reject.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(load)
    app.command()(extract)
    app.command()(score)


def load(
    paths: Annotated[list[Path] | None, typer.Argument(help=f"{PATHS_HELP} None: the archive.")] = None,
    home: HomeOption = None,
    again: Annotated[bool, typer.Option("--again", help="Read known documents anew.")] = False,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Publish a snapshot when done.")
    ] = True,
    jobs: JobsOption = None,
    limit: LimitOption = SECONDS,
) -> None:
    """Read documents and load what they say into the warehouse.

    Loading the same thing twice changes nothing. What cannot be read is a line on stderr and a row in
    `rejects`; the exit code is then 1.

    Example: paomo load reports/*.pdf news.jsonl
    """
    from warehouse.tasks import fill

    place = own_home_of(home)
    with progress("loading") as step:
        done = fill(
            place,
            paths or [],
            again=again,
            publishing=publish,
            jobs=jobs,
            watch=step,
            refuse=_complain,
            extract=Timely(limit),
        )
    for dropped in done.dropped:
        _complain(dropped)
    bad = len(done.rejected)
    read = f"{done.seen - bad} read, {done.documents} new or read again"
    say(f"{read}, {done.mentions} mentions, {bad} rejected")
    nothing = not done.seen and (paths or not any(place.archive.iterdir()))
    if nothing and not paths:
        say("the archive is empty; fill it with `paomo crawl`, or name files to load")
    if done.rejected or nothing:
        raise typer.Exit(1)


def _complain(refused: Refused) -> None:
    say(f"{refused.location}: {refused.message}")


def extract(
    paths: Annotated[list[str], typer.Argument(help=f"{PATHS_HELP} Spark reads URIs, too.")],
    jobs: JobsOption = None,
    limit: LimitOption = SECONDS,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", help="Write a new .parquet file or folder for `paomo load` instead."),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="local: processes of this machine. spark: writes a folder --out.")
    ] = "local",
    master: Annotated[
        str | None, typer.Option("--master", help="Spark's master; else spark-submit's, else this machine.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--conf", help="A setting of Spark: spark.executor.memory=4g.")
    ] = None,
) -> None:
    """Print the events of documents as JSON Lines, one event a line; no database is touched.

    Fields are those of docs/events.md. A bad document is a line on stderr, the rest goes on, the exit
    code is then 1. With --out, documents and events are written as Parquet (docs/spark.md) and nothing is
    printed.

    Example: paomo extract article.txt | jq 'select(.event == "contract")'
    """
    if engine not in ("local", "spark"):
        raise typer.BadParameter(f"{engine}: choose local or spark", param_hint="--engine")
    if engine == "spark" and out is None:
        raise typer.BadParameter("spark writes files; name a folder", param_hint="--out")
    if engine == "local" and (master or settings):
        raise typer.BadParameter("--master and --conf are for --engine spark", param_hint="--engine")
    if out is None:
        failed = _printed(map(Path, paths), jobs, limit)
    elif engine == "spark":
        failed = _by_spark(paths, out, master, settings or [], limit)
    else:
        failed = _by_processes(paths, Path(out), jobs, limit)
    if failed:
        raise typer.Exit(1)


def _printed(paths: Iterable[Path], jobs: int | None, limit: float) -> bool:
    from warehouse.extraction import Extracted
    from warehouse.plain import as_json

    failed = False
    with progress("extracting") as step:
        for result in _results(paths, jobs, limit):
            step()
            if isinstance(result, Extracted):
                for event in result.events:
                    print(as_json(event.record()))
                for dropped in result.dropped:
                    _complain(dropped)
            else:
                failed = True
                _complain(result)
    return failed


def _by_processes(paths: list[str], out: Path, jobs: int | None, limit: float) -> bool:
    from warehouse.engine import pool

    with progress("extracting") as step:
        done = pool.extract(paths, out, jobs=jobs, extract=Timely(limit), refuse=_complain, watch=step)
    return _told(done, out)


def _by_spark(paths: list[str], out: str, master: str | None, settings: list[str], limit: float) -> bool:
    from warehouse.engine import spark

    if wrong := [setting for setting in settings if "=" not in setting]:
        raise typer.BadParameter(f"{wrong[0]}: is not NAME=VALUE", param_hint="--conf")
    cluster = spark.Cluster(master, dict(setting.split("=", 1) for setting in settings))
    return _told(spark.extract(paths, out, cluster=cluster, extract=Timely(limit), refuse=_complain), out)


def _told(done: Tally, out: Path | str) -> bool:
    say(f"{done.documents} documents, {done.events} events, {done.rejected} rejected: {out}")
    return bool(done.rejected)


def _results(
    paths: Iterable[Path], jobs: int | None = None, limit: float | None = None
) -> Iterator[Extracted | Refused]:
    from warehouse.crew import attempt_all
    from warehouse.tasks import documents_of

    return attempt_all(documents_of(paths), jobs=jobs, extract=Timely(limit))


def score(
    gold: Annotated[Path, typer.Argument(help="Labelled documents: JSON Lines with text and events.")],
    predicted: Annotated[
        Path | None, typer.Argument(help="Events as `paomo extract` prints them; none: extract now.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    show: Annotated[
        list[str] | None, typer.Option("--show", help="misses, extras or slots: print each of them.")
    ] = None,
) -> None:
    """Measure extraction against labelled documents: precision, recall, F1, slots, evidence.

    docs/events.md shows a labelled document ("Labelled documents").

    Example: paomo score gold.jsonl
    """
    from nlp.score import SHOWN, measure, read_found, read_labels

    if unknown := set(show or []) - set(SHOWN):
        raise typer.BadParameter(
            f"{', '.join(sorted(unknown))}: choose {', '.join(SHOWN)}", param_hint="--show"
        )
    documents = read_labels(text_of(gold), str(gold))
    if predicted is not None:
        events = read_found(text_of(predicted), str(predicted))
    else:
        events = [e.record() for r in _results([gold]) for e in getattr(r, "events", ())]
    result = measure(documents, events)
    print(result.as_json() if as_json else result.as_text(show or []))
