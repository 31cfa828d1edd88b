# Two commands do everything on a machine that has Python 3.11+, make and the package index:
#   make demo   the main job on a stand-in publisher: crawl, archive, read, extract, load, ask
#   make test   the tests
PYTHON ?= python3
BIN := .venv/bin
# What is installed beside the package: make test EXTRAS=dev,redis,spark,fuzz,audit runs every test there is.
EXTRAS ?= dev

.PHONY: demo test lint types direction scores audit bench bench-crawl bench-warehouse bench-serve test-duckdb15 clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@

demo: .venv/installed
	$(BIN)/paomo demo

test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# The warehouse on the older DuckDB that is supported, too.
.venv-duckdb15/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-duckdb15
	grep -v '^duckdb==' constraints.txt > .venv-duckdb15/constraints.txt
	.venv-duckdb15/bin/pip install --quiet --constraint .venv-duckdb15/constraints.txt \
		'duckdb==1.5.5' --editable '.[dev]'
	@# DuckLake's extensions come as wheels for this DuckDB only; without them its tests skip, with the reason.
	-.venv-duckdb15/bin/pip install --quiet duckdb-extension-ducklake==1.5.5 \
		duckdb-extension-sqlite-scanner==1.5.5 duckdb-extension-postgres-scanner==1.5.5
	@touch $@

test-duckdb15: .venv-duckdb15/installed
	.venv-duckdb15/bin/python -m pytest --numprocesses 2 --dist loadfile tests/warehouse

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

direction: .venv/installed
	$(BIN)/python -m tests.direction

scores: .venv/installed
	$(BIN)/python -m benchmarks.scores

# Whether a pinned dependency has a known hole; says so where the list of holes can't be reached.
audit: .venv/installed
	$(BIN)/python -m tests.audit --offline-ok

# Each figure beside a peer's, measured in the same run: benchmarks/RESULTS.md.
bench: .venv/installed
	$(BIN)/python -m benchmarks.results

bench-crawl: .venv/installed
	$(BIN)/python -m benchmarks.crawl
	$(BIN)/python -m benchmarks.crawl --memory

bench-warehouse: .venv/installed
	$(BIN)/python -m benchmarks.warehouse

bench-serve: .venv/installed
	$(BIN)/python -m benchmarks.serve

clean:
	rm -rf .venv .venv-duckdb15 paomo-data build *.egg-info .mypy_cache .ruff_cache .pytest_cache
