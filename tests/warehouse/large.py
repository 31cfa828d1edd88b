"""A warehouse with as many cancellations and quotes as wanted, written straight into its tables."""

from __future__ import annotations

from warehouse.home import Home
from warehouse.store import locked, writing

_ROWS = """
INSERT INTO documents BY NAME
    SELECT 'd' || i AS doc_id, 's' || i AS sha256, '公告称第' || i || '份算力合同终止。H100每卡时租金' || (5 + i % 9) || '元。' AS text,
        length(text) AS characters, DATE '2023-01-01' + (i % 1000)::INTEGER AS published, 'filings' AS source, 'filing' AS kind,
        'official' AS tier, 'test' AS reader, [] AS pages, now()::TIMESTAMP AS first_seen, now()::TIMESTAMP AS last_seen,
        true AS is_current, 'f' AS fingerprint, 't' AS extractor_version
    FROM range({most}) t(i);
INSERT INTO document_marks BY NAME
    SELECT doc_id, sha256, [] AS minhash, [] AS tokens, lower(text) AS folded FROM documents;
INSERT INTO contract_mentions BY NAME
    SELECT 'c' || printf('%015x', i) AS event_id, 'contract' AS event, 'd' || i AS doc_id, 's' || i AS sha256, 0 AS start,
        length('公告称第' || i || '份算力合同终止') AS "end", '公告称第' || i || '份算力合同终止' AS quote, 0.9 AS confidence,
        'told' AS rule, 't' AS extractor_version, 'terminated' AS action, 'effective' AS status
    FROM range({contracts}) t(i);
INSERT INTO contracts BY NAME
    SELECT i + 1 AS contract_no, 'c' || printf('%015x', i) AS contract_id, '公司' || (i % 300) AS company, '客户' || i AS counterparty,
        'compute_rental' AS category, 1000000 * (1 + i % 977) AS amount, 'exact' AS bound, 'CNY' AS currency,
        strftime(DATE '2023-01-01' + (i % 1000)::INTEGER, '%Y-%m-%d') AS cancelled,
        DATE '2023-01-01' + (i % 1000)::INTEGER AS cancelled_from, cancelled_from AS cancelled_to, 'terminated' AS state,
        ['supply', 'demand', 'policy', 'mutual'][1 + i % 4] AS reason, 1 AS mentions, 1 AS sources, 1 AS independent_sources,
        cancelled_from AS first_told, cancelled_from AS last_told
    FROM range({contracts}) t(i);
INSERT INTO contract_events BY NAME
    SELECT contract_no, 1 AS event_no, 'terminated' AS action, 'effective' AS status, cancelled AS event_date, reason,
        1 AS mentions, 1 AS sources, 1 AS independent_sources, first_told, contract_id AS event_id
    FROM contracts;
INSERT INTO price_mentions BY NAME
    SELECT 'b' || printf('%015x', i) AS event_id, 'price' AS event, 'd' || i AS doc_id, 's' || i AS sha256,
        length(regexp_extract(d.text, '^.*?。')) AS start, d.characters - 1 AS "end", substring(d.text, start + 1, "end" - start) AS quote,
        0.9 AS confidence, 'told' AS rule, 't' AS extractor_version, 'rent' AS kind, 'H100' AS item, 5 + i % 9 AS amount
    FROM range({quotes}) t(i) JOIN documents d ON d.doc_id = 'd' || i;
INSERT INTO price_observations BY NAME
    SELECT i + 1 AS observation_no, 'rent' AS kind, ['H100', 'A800', 'RTX 4090'][1 + i % 3] AS item, 'card' AS unit, 1 AS gpus,
        5 + i % 9 AS amount, 'exact' AS bound, 'CNY' AS currency, 'hour' AS period, DATE '2023-01-01' + (i % 1000)::INTEGER AS as_of_from,
        as_of_from AS as_of_to, strftime(as_of_from, '%Y-%m-%d') AS as_of, 1 AS mentions, 1 AS sources, 1 AS independent_sources,
        as_of_from AS first_told, 'b' || printf('%015x', i) AS event_id
    FROM range({quotes}) t(i);
"""
_OTHERS = """
INSERT INTO project_mentions BY NAME
    SELECT 'a' || printf('%015x', i) AS event_id, 'project' AS event, 'd' || i AS doc_id, 's' || i AS sha256, 0 AS start,
        length('公告称第' || i || '份') AS "end", '公告称第' || i || '份' AS quote, 0.9 AS confidence, 'told' AS rule,
        't' AS extractor_version, 'compute' AS measure, 1000 + i AS amount, 'PFLOPS' AS unit
    FROM range({others}) t(i);
INSERT INTO project_entities BY NAME
    SELECT i + 1 AS project_no, 'a' || printf('%015x', i) AS project_id, '第' || i || '智算中心' AS name, '公司' || (i % 300) AS operator,
        $1[1 + i % len($1)] AS province, 1 AS mentions, 1 AS sources, DATE '2023-01-01' AS first_told, DATE '2023-01-01' AS last_told
    FROM range({others}) t(i);
INSERT INTO project_stages BY NAME
    SELECT project_no, ['announced', 'approved', 'under_construction', 'operating', 'idle'][1 + project_no % 5] AS stage, [stage] AS stages
    FROM project_entities;
INSERT INTO utilisation_mentions BY NAME
    SELECT 'd' || printf('%015x', i) AS event_id, 'utilisation' AS event, 'd' || i AS doc_id, 's' || i AS sha256, 0 AS start,
        length('公告称第' || i || '份') AS "end", '公告称第' || i || '份' AS quote, 0.9 AS confidence, 'told' AS rule,
        't' AS extractor_version, ['vacancy', 'rack_rate', 'utilisation'][1 + i % 3] AS metric, i % 100 AS rate,
        '第' || i || '智算中心' AS scope, 'observed' AS status, DATE '2023-01-01' + (i % 1000)::INTEGER AS as_of_from,
        as_of_from AS as_of_to, strftime(as_of_from, '%Y-%m-%d') AS as_of
    FROM range({others}) t(i);
INSERT INTO conflicts BY NAME
    SELECT contract_no, 'contract' AS kind, company AS about, 'amount' AS field, amount::VARCHAR AS kept, contract_id AS kept_event, '1' AS other, contract_id AS other_event,
        'tier' AS why
    FROM contracts ORDER BY contract_no LIMIT {others};
"""
PLACES = (
    "北京",
    "上海",
    "内蒙古",
    "贵州",
    "甘肃",
    "宁夏",
    "广东",
    "河北",
    "重庆",
    "新疆",
    "四川",
    "香港",
    None,
)


def grow(home: Home, *, contracts: int, quotes: int, others: int = 0) -> None:
    """Write that many cancelled contracts and quoted rents, each with its document and evidence.

    `others`: as many projects, utilisation claims and conflicts besides; at most as many as contracts.
    """
    with locked(home), writing(home) as connection:
        connection.execute(_ROWS.format(contracts=contracts, quotes=quotes, most=max(contracts, quotes)))
        for statement in _OTHERS.format(others=others).split(";\n")[:-1]:
            connection.execute(statement, [list(PLACES)] if "$1" in statement else None)
