# Two commands do everything on a machine that has Python 3.11+, make and the package index:
#   make demo   the main job on a stand-in publisher: crawl, archive, read, extract, load, ask
#   make test   the tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types direction scores bench clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: .venv/installed
	$(BIN)/paomo demo

test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

direction: .venv/installed
	$(BIN)/python -m tests.direction

scores: .venv/installed
	$(BIN)/python -m benchmarks.scores

clean:
	rm -rf .venv paomo-data build *.egg-info .mypy_cache .ruff_cache .pytest_cache
