"""Copies: the same article reworded, converted or shortened counts as one source.

Two marks find them. A MinHash of three-character shingles catches plain and converted copies. A spinner
that replaces every tenth word kills the shingles, but leaves numbers, tickers and Latin words: the set of
these catches spun copies.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.rows import registered

PERMUTATIONS = 64
SEED = 20241011
ROWS_A_BAND = 4
"""Sixteen bands of four rows: pairs of similarity 0.5 are compared, those of 0.2 hardly ever."""
SAME_TEXT = 0.55
"""Share of equal MinHash values from which one text is a copy of the other."""
SAME_TOKENS, ENOUGH_TOKENS = 0.7, 8
"""Share of tokens in common, and how many, from which a text is a spun copy: five numbers agree by chance."""
DAYS = 45
"""Copies come out soon after; a yearly report repeats last year's sentences and is none."""
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9-]+|\d+(?:\.\d+)?")
_KEPT = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")
LONGEST = 20_000
"""Characters of a text that are looked at."""


@cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def searchable(text: str) -> str:
    """The text simplified and in lower case, code point for code point, so that offsets stay."""
    simple = str(_simplifier().convert(text))
    lower = simple.lower()
    # a few characters (İ) grow in lower case, a future OpenCC may change a length: offsets come first
    return lower if len(lower) == len(text) else simple if len(simple) == len(text) else text


def _folded(simple: str) -> str:
    return unicodedata.normalize("NFKC", simple[:LONGEST]).casefold()


def minhash(folded: str) -> list[int]:
    """The MinHash of a folded text's shingles."""
    import rensa

    kept = _KEPT.sub("", folded)
    mark = rensa.RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    mark.update([kept[i : i + 3] for i in range(max(1, len(kept) - 2))])
    return list(mark.digest())


def tokens(folded: str) -> list[int]:
    """Digests of the distinct numbers of two digits or more, tickers and Latin words."""
    found = {token for token in _TOKEN.findall(folded) if len(token) > 1}
    return sorted(
        int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "big") for token in found
    )


def mark(connection: duckdb.DuckDBPyConnection) -> None:
    """Store the marks of documents that have none yet; inside the caller's transaction."""
    cursor = connection.cursor()  # of its own: the rows are read while marks are written
    cursor.execute(
        "SELECT doc_id, sha256, text FROM documents ANTI JOIN document_marks USING (doc_id, sha256)"
    )
    while rows := cursor.fetchmany(AT_ONCE):
        _store_marks(connection, rows)
    cursor.close()


AT_ONCE = 1000
"""Documents marked at a time: their texts are all that is held."""


def _store_marks(connection: duckdb.DuckDBPyConnection, documents: Sequence[tuple[str, str, str]]) -> None:
    simple = [searchable(text) for _, _, text in documents]
    folded = [_folded(text) for text in simple]
    rows = pa.table(
        {
            "doc_id": pa.array([doc_id for doc_id, _, _ in documents], pa.string()),
            "sha256": pa.array([sha256 for _, sha256, _ in documents], pa.string()),
            "minhash": pa.array([minhash(f) for f in folded], pa.list_(pa.uint32())),
            "tokens": pa.array([tokens(f) for f in folded], pa.list_(pa.uint64())),
            "folded": pa.array(simple, pa.string()),
        }
    )
    with registered(connection, rows):
        connection.execute("INSERT INTO document_marks BY NAME FROM incoming")


_PAIRS = f"""
    WITH marked AS (
        SELECT d.doc_id, m.minhash, m.tokens, coalesce(d.published, d.first_seen::DATE) AS told
        FROM document_marks m JOIN documents d USING (doc_id, sha256)
        WHERE d.is_current
    ),
    bands AS (
        SELECT doc_id, unnest(list_transform(
            range({PERMUTATIONS // ROWS_A_BAND}),
            lambda b: hash(b, minhash[b * {ROWS_A_BAND} + 1 : (b + 1) * {ROWS_A_BAND}])
        )) AS band
        FROM marked
        UNION ALL
        -- the smallest digests of the token set are a MinHash of their own: any two of the six least
        SELECT doc_id, unnest(flatten(list_transform(
            range(1, 6), lambda i: list_transform(range(i + 1, 7), lambda j: hash(tokens[i], tokens[j]))
        )))
        FROM (SELECT doc_id, tokens FROM marked WHERE len(tokens) >= {ENOUGH_TOKENS})
    ),
    crowded AS (SELECT band FROM bands GROUP BY band HAVING count(DISTINCT doc_id) BETWEEN 2 AND 400),
    pairs AS (
        SELECT DISTINCT a.doc_id AS first, b.doc_id AS second
        FROM bands a JOIN bands b ON a.band = b.band AND a.doc_id < b.doc_id
        WHERE a.band IN (FROM crowded)
    )
    SELECT p.first, p.second
    FROM pairs p JOIN marked a ON a.doc_id = p.first JOIN marked b ON b.doc_id = p.second
    WHERE abs(a.told - b.told) <= {DAYS} AND (
        len(list_filter(range(1, {PERMUTATIONS + 1}), lambda i: a.minhash[i] = b.minhash[i]))
            >= {SAME_TEXT * PERMUTATIONS}
        OR (
            len(list_intersect(a.tokens, b.tokens)) >= {ENOUGH_TOKENS}
            AND len(list_intersect(a.tokens, b.tokens))
                >= {SAME_TOKENS} * len(list_distinct(list_concat(a.tokens, b.tokens)))
        )
    )
"""


def find_copies(connection: duckdb.DuckDBPyConnection) -> None:
    """Set documents.copies_of: of texts that are one, the best source that came first is the original."""
    mark(connection)
    pairs = connection.execute(_PAIRS).fetchall()
    originals = _originals(connection, pairs)
    rows = pa.table(
        {
            "doc_id": pa.array(list(originals), pa.string()),
            "copies_of": pa.array(list(originals.values()), pa.string()),
        }
    )
    with registered(connection, rows):
        connection.execute(
            "UPDATE documents d SET copies_of = i.copies_of FROM incoming i"
            " WHERE d.doc_id = i.doc_id AND d.copies_of IS DISTINCT FROM i.copies_of"
        )
        connection.execute(
            "UPDATE documents SET copies_of = NULL"
            " WHERE copies_of IS NOT NULL AND doc_id NOT IN (SELECT doc_id FROM incoming)"
        )


def _originals(
    connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[str, str]]
) -> dict[str, str | None]:
    """Every document that has a copy or is one, with its original; None for the original itself."""
    if not pairs:
        return {}
    home: dict[str, str] = {}

    def root(doc_id: str) -> str:
        while home.setdefault(doc_id, doc_id) != doc_id:
            home[doc_id] = home[home[doc_id]]
            doc_id = home[doc_id]
        return doc_id

    for first, second in pairs:
        home[root(first)] = root(second)
    with registered(connection, pa.table({"doc_id": pa.array(list(home), pa.string())})):
        rank = {
            doc_id: (tier, str(published or "9999"), doc_id)
            for doc_id, tier, published in connection.execute(
                "SELECT doc_id, tier_rank, published FROM stage_documents WHERE doc_id IN (FROM incoming)"
            ).fetchall()
        }
    groups: dict[str, list[str]] = {}
    for doc_id in home:
        groups.setdefault(root(doc_id), []).append(doc_id)
    best = {key: min(group, key=lambda d: rank[d]) for key, group in groups.items()}
    return {doc_id: None if best[root(doc_id)] == doc_id else best[root(doc_id)] for doc_id in home}
