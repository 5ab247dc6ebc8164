# Every command of the project. Each one installs what it needs first.
.DEFAULT_GOAL := help
.PHONY: help run test lint format unit e2e bench screenshots translations setup clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the portal with a demo shop and print its address (PORT, RETURNSITE_DATA)
	@scripts/run

test: ## everything: lint, types, translations, unit, integration and browser tests on both databases
	@scripts/test

lint: setup ## style, formatting and types
	@scripts/lint

format: setup ## let ruff put the code in the house style
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

unit: setup ## unit and integration tests on SQLite: quick feedback
	@scripts/translations compile
	@.venv/bin/pytest tests --ignore tests/e2e -q -n 2

e2e: setup ## browser tests on SQLite
	@scripts/system-packages chromium
	@scripts/translations compile
	@.venv/bin/pytest tests/e2e -q -n 2

bench: setup ## measure against the goals, results in bench/RESULTS.md
	@scripts/system-packages postgresql
	@scripts/translations compile
	@scripts/with-postgres .venv/bin/python -m bench

screenshots: setup ## take the pictures of the README anew
	@scripts/system-packages chromium
	@scripts/translations compile
	@.venv/bin/python -m scripts.screenshots

translations: setup ## collect texts from the code, update and compile the catalogs
	@scripts/translations update
	@scripts/translations compile

setup: ## make or refresh the virtual environment
	@scripts/setup

clean: ## remove the virtual environment and caches; data is kept
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
