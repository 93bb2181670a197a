# Huitou's commands; `make help` lists them. Details of a set-up go to .data/setup.log.

SHELL := /bin/bash
SIZE ?= small
ARGS ?=
# The first Python that is new enough; PYTHON=/path/to/python names another one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin

.PHONY: help run setup setup-dev test lint bench screenshots clean python

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Install what is missing, then run everything in the foreground (PORT=8001 for another port)
	@exec $(VENV)/python -m crm.supervisor --demo

setup: python ## Packages, translations, static files, database: everything but running
	@$(PYTHON) scripts/setup.py

setup-dev: python
	@$(PYTHON) scripts/setup.py --dev

test: setup-dev ## The whole test suite (ARGS="tests/shops -x" for a part)
	@$(VENV)/python scripts/run_tests.py $(ARGS)

lint: setup-dev ## Style, templates, types, import rules, missing migrations, missing translations
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@find templates -type f -print0 | xargs -0 $(VENV)/djade --check --target-version 5.2
	@PATH="$(CURDIR)/$(VENV):$$PATH" $(VENV)/lint-imports
	@$(VENV)/mypy .
	@$(VENV)/python manage.py makemigrations --check --dry-run
	@$(VENV)/python scripts/messages.py check

bench: setup .bench-venv/installed ## Speed beside the floor (SIZE=small or full)
	@$(VENV)/python -m bench --size $(SIZE)

.bench-venv/installed: requirements/bench.txt
	@echo "  The peers of the benchmark (a minute)"
	@$(PYTHON) -m venv .bench-venv
	@.bench-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $< >.data/bench.log 2>&1 \
		|| { tail -n 5 .data/bench.log >&2; exit 1; }
	@touch $@

screenshots: setup-dev ## The pictures of the README, taken in a real browser
	@$(VENV)/python scripts/screenshots.py

clean: ## Remove everything that was installed or built; your data in .data stays
	rm -rf .venv .bench-venv node_modules staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.data/*' -prune -exec rm -rf {} +
	find . -name '*.mo' -not -path './.data/*' -delete

python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Huitou needs Python 3.11 or newer: install it, or name one: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3" >&2; exit 1; }
