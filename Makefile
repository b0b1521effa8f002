SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python
.DEFAULT_GOAL := help

.PHONY: help run setup test format lint types contracts docs pytest bench lock audit clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## Set up, then run the bot: in Slack where its settings are present, else in the sandbox
	@$(PY) -m bot up

setup: .venv/.runtime ## Create .venv and install the locked dependencies

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dlvm needs Python 3.11 or newer: make PYTHON=python3.12 run")'
	@echo "Creating .venv"
	@$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked dependencies (once, about a minute)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tools: requirements-dev.lock .venv/.runtime
	@echo "Installing the locked test tools"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

test: .venv/.tools format lint types contracts docs pytest ## The whole gate

format: .venv/.tools
	@$(PY) -m ruff format --check --quiet . || { echo "Run: .venv/bin/ruff format ."; exit 1; }

lint: .venv/.tools
	@$(PY) -m ruff check --quiet .

types: .venv/.tools
	@$(PY) -m mypy --no-error-summary

contracts: .venv/.tools
	@.venv/bin/lint-imports --no-cache > .venv/contracts.txt 2>&1 || { cat .venv/contracts.txt; exit 1; }

docs: .venv/.tools ## Build the documentation site into docs/_build; a warning or a dead link fails
	@$(PY) -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build

pytest: .venv/.tools
	@$(PY) -m pytest -n auto --dist worksteal --cov --cov-report=term -q

bench: .venv/.tools ## Measure dlvm beside bare floors (about 5 minutes); writes docs/benchmarks.md
	@$(PY) -m tests.benchmarks

lock: ## Lock the dependencies again (needs uv)
	uv pip compile pyproject.toml --extra postgres --group build --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o requirements.lock
	uv pip compile pyproject.toml --extra postgres --group build --group dev -c requirements.lock --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o requirements-dev.lock

audit: .venv/.tools ## Check the locked dependencies for known vulnerabilities (needs a network)
	@$(PY) -m pip_audit --require-hashes -r requirements.lock --progress-spinner off || echo "pip-audit did not pass or could not ask: see above"

clean: ## Remove what was installed and built; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* docs/_build
