# `make help` lists everything. Works with git, make and python3 >= 3.11 with venv.
SHELL := /bin/bash
VENV ?= .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.stamp
UV := $(shell command -v uv 2>/dev/null)
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run test campaigns lint check fix bench screenshots lock wheelhouse

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): requirements.txt requirements-dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed: install python3 (Debian: apt-get install python3)."; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing: on Debian run apt-get install python3-venv."; exit 1; }
	@test -x $(PY) || python3 -m venv $(VENV)
ifdef UV
	$(UV) pip install -q --python $(PY) --require-hashes -r requirements.txt -r requirements-dev.txt
else
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
endif
	@touch $(STAMP)

setup: $(STAMP) ## Make .venv with every locked package, nothing else

run: $(STAMP) ## The product with demonstration data, scheduler and robot simulator
	@$(PY) -m jobs.demo_run

test: $(STAMP) ## All tests, of each long campaign a short form
	$(PY) -m pytest -n $(WORKERS) -m "not slow"

campaigns: $(STAMP) ## The long campaigns: kills, frozen leaders, thousands of drawn worlds
	$(PY) -m pytest -m slow -s

lint: $(STAMP) ## Style, format, types, imports, templates
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	PATH="$(VENV)/bin:$$PATH" $(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/djlint templates tracker/wecom_sandbox/templates --lint --quiet

check: lint test ## lint + test

fix: $(STAMP) ## Let the tools repair what they can
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(STAMP) ## Ratios to the bare library or bare SQL, measured in one run
	$(PY) -m tests.bench

screenshots: $(STAMP) ## Pictures of the pages into var/screenshots (needs Chromium)
	$(PY) -m tests.browser.screenshots

lock: ## Lock the requirements anew (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header requirements.in -o requirements.txt
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header -c requirements.txt requirements-dev.in -o requirements-dev.txt

wheelhouse: $(STAMP) ## Collect the runtime packages for a machine without a network
	$(PY) -m pip download -q -d wheelhouse --require-hashes -r requirements.txt
