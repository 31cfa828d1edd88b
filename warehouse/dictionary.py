"""The data dictionary: every table, view and column with its comment, made from the schema itself.

`python -m warehouse.dictionary > docs/dictionary.md` writes it; a test holds that it is current.
"""

from __future__ import annotations

import duckdb

from warehouse.store import migrate_in_memory

_HEAD = """# Data dictionary

Made from the comments of the schema by `python -m warehouse.dictionary`; do not edit by hand.
`paomo sql "SELECT table_name, column_name, comment FROM duckdb_columns()"` asks the database itself.
Times are UTC, dates are Shanghai dates, amounts are exact decimals.
"""


def dictionary() -> str:
    """The whole page, in Markdown."""
    connection = duckdb.connect()
    try:
        migrate_in_memory(connection)
        return _HEAD + "".join(
            f"\n## {heading}\n" + "".join(_page(connection, name, comment) for name, comment in found)
            for heading, found in (
                ("Views", _listed(connection, "duckdb_views()", "view_name")),
                ("Tables", _listed(connection, "duckdb_tables()", "table_name")),
            )
        )
    finally:
        connection.close()


def _listed(connection: duckdb.DuckDBPyConnection, catalogue: str, name: str) -> list[tuple[str, str | None]]:
    return connection.execute(
        f"SELECT {name}, comment FROM {catalogue} WHERE NOT internal AND schema_name = 'main'"
        f" ORDER BY starts_with({name}, 'stage_'), {name}"
    ).fetchall()


def _page(connection: duckdb.DuckDBPyConnection, name: str, comment: str | None) -> str:
    columns = connection.execute(
        "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns()"
        " WHERE table_name = ? AND schema_name = 'main' ORDER BY column_index",
        [name],
    ).fetchall()
    lines = [f"\n### {name}\n\n{comment or ''}\n\n| column | type | meaning |\n| --- | --- | --- |\n"]
    for column, kind, nullable, meaning in columns:
        never = "" if nullable else ", never NULL"
        lines.append(f"| {column} | {kind}{never} | {(meaning or '').replace('|', '/')} |\n")
    return "".join(lines)


if __name__ == "__main__":
    print(dictionary(), end="")
