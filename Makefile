# Thin: every target installs what it needs and calls one program. Only python3 >= 3.11 and make are
# expected of the machine.   make PYTHON=python3.12 ...   picks another interpreter.
PYTHON ?= python3
PY := .venv/bin/python
BABEL := $(PY) -m babel.messages.frontend --quiet
POT := locales/messages.pot
MO := $(patsubst %.po,%.mo,$(wildcard locales/*/LC_MESSAGES/messages.po))
CODE := bot handlers storage dialogs locales requirements benchmarks tests

.DEFAULT_GOAL := help
.PHONY: help run test lint fix bench golden translations migrate drill mutants docs lock screenshots clean \
        core dev with-bench catalogues
.NOTPARALLEL:

help:  ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: core $(MO)  ## install, migrate, seed the demo, serve on 127.0.0.1:8080
	@$(PY) -m bot migrate
	@$(PY) -m bot seed
	@exec $(PY) -m bot run

test: dev $(MO)  ## the whole suite; ARGS="-k name" narrows it
	@$(PYTHON) requirements/chromium.py
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: dev $(MO)  ## style, types, import contracts, catalogues, guards
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo
	@$(PY) -m pytest -q tests/guards

fix: dev  ## what ruff can mend by itself
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: with-bench $(MO)  ## measure against the budgets, write var/bench.json
	@$(PY) -m benchmarks $(ARGS)

golden: dev $(MO)  ## write the golden transcripts anew; read the diff
	@$(PY) -m pytest -q tests/golden --update-golden $(ARGS)

translations: dev  ## extract the keys, bring both catalogues up to date, compile
	@$(BABEL) extract -F pyproject.toml --no-location --sort-output --omit-header -o $(POT) .
	@$(BABEL) update -i $(POT) -d locales --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --no-wrap
	@$(MAKE) --no-print-directory catalogues

catalogues: core $(MO)

%.mo: %.po | core
	@$(BABEL) compile -i $< -o $@

migrate: core  ## bring the database schema up to date
	@$(PY) -m bot migrate

drill: dev $(MO)  ## kill the server again and again, prove nothing is lost; ARGS="--points"
	@$(PY) -m tests.drill $(ARGS)

mutants: dev $(MO)  ## seed known bugs one by one, show that the tests catch each; ARGS="--only WORDS"
	@$(PY) -m tests.mutants $(ARGS)

docs: core $(MO)  ## docs/openapi.json from the program
	@$(PY) -m bot openapi > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

screenshots: dev $(MO)  ## the pictures of the README from a real browser
	@$(PYTHON) requirements/chromium.py
	@$(PY) -m tests.screenshots $(ARGS)

UV_COMPILE := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-annotate
lock:  ## renew the locks (needs uv); ARGS=--upgrade takes the newest versions
	@command -v uv > /dev/null || { echo "make lock needs uv on PATH (pip install uv)." >&2; exit 1; }
	@$(UV_COMPILE) $(ARGS) -o requirements/core.lock
	@$(UV_COMPILE) $(ARGS) --extra postgresql -o requirements/server.lock
	@$(UV_COMPILE) $(ARGS) --group dev -o requirements/dev.lock
	@$(UV_COMPILE) $(ARGS) --group dev --group bench -o requirements/bench.lock

clean:  ## remove what was installed or compiled; var/ with its data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache $(MO)
	@find $(wildcard $(CODE)) -name __pycache__ -type d -prune -exec rm -rf {} +

core:
	@$(PYTHON) requirements/install.py core

dev:
	@$(PYTHON) requirements/install.py dev

with-bench:
	@$(PYTHON) requirements/install.py bench
