# Every target sets up what it needs in .venv by itself; nothing but Python 3.11+ and make has to be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MODULES := tests/peers/node_modules/.ready
MASTRA := tests/peers/mastra-adapter
PEERS := $(MASTRA)/dist/.ready
WORKERS = $(shell $(PYTHON) -c 'import os; print(max(2, os.cpu_count() * 3 // 2))') # a third of the tests' time is waiting

.DEFAULT_GOAL := check
.PHONY: check test lint bench evidence peers format clean

check: $(READY) ## the suite against the bundled reference adapter, over the bundled cassettes; reports in reports/
	@mkdir -p reports
	$(BIN)/streamchunk run reference --report json=reports/check.json --report html=reports/check.html --report md=reports/check.md

test: $(READY) $(PEERS) ## every test that needs nothing from outside this folder
	$(BIN)/python -m pytest -n $(WORKERS) -m "not evidence and not slow"

lint: $(READY) ## ruff and mypy, strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) $(PEERS) ## ratios of medians, interleaved in one run; printed and written to reports/bench.json
	$(BIN)/python tests/bench/bench.py --json reports/bench.json

evidence: $(READY) $(PEERS) ## the figures that need the recordings beside this folder; fails where they are missing
	$(BIN)/python -m pytest -m "evidence or slow" -rP tests

peers: $(READY) $(PEERS) ## the matrix of the real adapters, written anew: reports/real-adapters.md, .html and .json
	cd tests && $(abspath $(BIN))/python -m peers.matrix

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist build reports/bench.json reports/check.*

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

$(MODULES): tests/peers/package-lock.json $(READY) ## the real adapters, as their lock file says (`npm ci` refuses a lock file without the natives of other systems)
	cd tests/peers && PATH="$(abspath $(BIN)):$$PATH" npm install --no-save --loglevel=error
	@touch $@

$(PEERS): $(MODULES) $(MASTRA)/tsconfig.json $(wildcard $(MASTRA)/src/*.ts $(MASTRA)/src/*/*.ts) ## our own adapter among them, compiled
	rm -rf $(MASTRA)/dist
	cd tests/peers && $(abspath $(BIN))/node node_modules/typescript/bin/tsc -p mastra-adapter
	@touch $@
