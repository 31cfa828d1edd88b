"""report, serve, alert: for people who would rather look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warehouse.cli.options import HomeOption, home_of, progress, say


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(report)
    app.command()(serve)
    app.command()(alert)


def report(
    home: HomeOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("paomo-report.html"),
    lang: Annotated[str, typer.Option("--lang", help="Labels in zh or en.")] = "en",
    folder: Annotated[
        Path | None, typer.Option("--charts", help="Write each chart as SVG and PNG into this folder too.")
    ] = None,
) -> None:
    """Write the report: one HTML file that opens from disk and loads nothing.

    Example: paomo report --out report.html --lang zh
    """
    from warehouse.report.words import LANGUAGES
    from warehouse.report.write import write

    if lang not in LANGUAGES:
        raise typer.BadParameter(f"{lang}: choose zh or en", param_hint="--lang")
    with progress("drawing", ""):
        done = write(home_of(home), out, language=lang, folder=folder)
    say(
        f"wrote {done.file} ({done.size / 1e6:.2f} MB)"
        + (f" and {len(done.charts)} chart files" if folder else "")
    )


def serve(
    home: HomeOption = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8080,
    prefix: Annotated[str, typer.Option("--prefix", help="Path behind a proxy: /paomo.")] = "",
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="A name the site may be asked for by; `*` is any."),
    ] = None,
    proxy: Annotated[str, typer.Option("--proxy", help="Addresses of proxies to believe.")] = "127.0.0.1",
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en; else what the browser wants.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds a query may take.")] = 10.0,
) -> None:
    """Serve the ledger: the report live, events, companies, search, SQL, an API and feeds. Read only.

    Listens on loopback unless told otherwise; a newer snapshot is picked up without a restart.

    Example: paomo serve --port 8080
    """
    from warehouse.publish import readable
    from warehouse.report.words import LANGUAGES
    from warehouse.server import app as server

    if lang is not None and lang not in LANGUAGES:
        raise typer.BadParameter(f"{lang}: choose zh or en", param_hint="--lang")
    if prefix and not prefix.startswith("/"):
        raise typer.BadParameter(f"{prefix}: begins with /", param_hint="--prefix")
    place = home_of(home)
    if not place.root.is_dir():
        readable(place)  # says that there is no such folder
    app = server.application(
        place, prefix=prefix, hosts=[host, *(allow or [])], language=lang, seconds=timeout
    )
    listening = server.listening(host, port)
    shown = f"[{host}]" if ":" in host else host
    say(f"serving http://{shown}:{port}{prefix.rstrip('/')}/ (Ctrl-C ends)")
    server.serve(app, listening, trusted=proxy)


def alert(
    home: HomeOption = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", help="The rules; else alerts.yml in the data folder.")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Print what would be told; tell nobody.")] = False,
    backlog: Annotated[
        bool, typer.Option("--backlog", help="A new rule tells what happened before it, too.")
    ] = False,
) -> None:
    """Look at the rules and tell their channels what is new, once; what fails is tried again next time.

    The file has `channels:` (a name and an Apprise address; $NAME is taken from the environment) and `rules:`
    (name, kind, options, to). Kinds: cancellation (above, currency), company (companies: codes or names),
    rent_moved (percent), source_stale (days). Prints one JSON line a notice.

    A rule asked for the first time tells only what happens from then on: what it finds already is counted,
    and marked as told. --backlog, or `backlog: true` in the rule, tells that as well.

    Example: paomo alert --rules alerts.yml --dry-run
    """
    from warehouse import alert as alerts
    from warehouse import telling

    folder = home_of(home)
    found = alerts.rules(rules or folder.root / alerts.RULES)
    done = telling.tell(folder, found, send=telling.through_apprise, dry=dry, backlog=backlog)
    for told in done:
        print(telling.as_line(told, dry=dry))
    if any(isinstance(told, telling.Marked) for told in done):
        say("what was there before a new rule is not told; --backlog at its first look tells it, too")
    if any(isinstance(told, telling.Told) and told.outcome == "failed" for told in done):
        raise typer.Exit(1)
