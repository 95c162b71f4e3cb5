# The commands of ccops. `make run` and `make test` prepare everything they need.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
SIMULATOR ?= on
CONFIG ?=
# Most tests wait for calls rather than compute: two for each core.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never

# -I: the machine's own PYTHON… variables and user packages must not reach the first step.
BOOTSTRAP := $(PYTHON) -I ccops/provision/bootstrap.py
RUN_OPTIONS := $(if $(filter off,$(SIMULATOR)),,--simulator) $(if $(CONFIG),--config $(CONFIG))
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadgroup

.PHONY: help setup setup-tests run test test-long lint fmt types unit e2e bench bench-wait check-compose clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: ## prepare everything that running needs (a second time: nothing to do)
	@$(BOOTSTRAP)

setup-tests: ## prepare also what only the tests need: promtool, a browser
	@$(BOOTSTRAP) --tests

run: setup ## start the hotline and a simulated public (SIMULATOR=off: the hotline alone)
	@exec $(BIN)/ccops run $(RUN_OPTIONS)

test: setup-tests lint types ## lint, format, types and every test but the long ones
	@$(PYTEST) -m "not long"

test-long: setup-tests ## the long campaigns
	@# Where no test is marked long, pytest collects nothing and ends with 5.
	@if $(BIN)/pytest --collect-only -m long >/dev/null || test $$? -ne 5; then $(PYTEST) -m long; fi

lint: ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

fmt: ## bring the code into format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

types: ## strict mypy
	@$(BIN)/mypy

unit: setup ## the quick tests: unit, property, golden
	@$(PYTEST) tests/unit tests/property tests/golden

e2e: setup-tests ## the tests on the real Asterisk
	@$(PYTEST) -m "e2e and not long"

bench: setup ## CPU per call, latencies, memory: see docs/performance.md
	@exec $(BIN)/python -m tests.bench

bench-wait: setup ## how good the announced waits are, on simulated days
	@exec $(BIN)/python -m tests.bench.wait

check-compose: setup ## docker-compose.yml against the compose specification
	@$(BIN)/pytest tests/unit/test_compose.py
	@if docker compose version >/dev/null 2>&1; then docker compose config --quiet; fi

clean: ## remove state, caches of tools and .venv (the programs' cache outside stays)
	@rm -rf var .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
