# make demo    a Genesys Cloud and a PostgreSQL on this machine, and the tap between
# make test-fast    what needs no server and no process, in seconds
# make test    the whole test suite
# make chaos   300 runs with everything going wrong, long
# make fuzz    5,000 runs, each with one thing changed in one answer
# make bench   the tap against other ways to do the same job, about an hour
# make check   lint and types
# make docs    the manual as a site, in site/
# make generate    everything that is generated: models, then documents
# make backfill-demo    a backfill on Dagster, with its UI on loopback
# make clean   forget what the demo loaded

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# No telemetry is sent, and nothing but the package index is asked.
export MELTANO_CLI_DISABLE_VERSION_CHECK := 1
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-long chaos fuzz bench check lint types format constraints clean \
	backfill-demo dagster docs docs-serve generate

help:
	@sed -n 's/^# make/make/p' Makefile

$(VENV)/.pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	@touch $@

SANDBOX := --editable './sandbox[postgres]'

$(VENV)/.demo: $(VENV)/.pip pyproject.toml sandbox/pyproject.toml constraints.txt
	@echo "Installing the tap, the sandbox and Meltano into $(VENV) ..."
	$(PIP) --constraint constraints.txt --editable . $(SANDBOX) --group demo
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	@echo "Installing what tests and checks need into $(VENV) ..."
	$(PIP) --constraint constraints.txt --editable . $(SANDBOX) --group dev
	@touch $@

demo: $(VENV)/.demo
	@MELTANO_ENVIRONMENT=sandbox \
	MELTANO_STATE_BACKEND_URI=file://$(CURDIR)/.sandbox/state \
	genesys-sandbox run --days 7 --conversations-per-day 250 -- sh -c '\
	  echo "meltano run tap-genesys target-postgres ..." && \
	  meltano --log-level=warning run tap-genesys target-postgres && \
	  python -m demo.summary'

# Dagster needs other versions than Meltano: it has an environment of its own.
ORCHESTRATE := orchestrate/dagster
DAGSTER := $(ORCHESTRATE)/.venv

$(DAGSTER)/.installed: $(ORCHESTRATE)/pyproject.toml $(ORCHESTRATE)/constraints.txt
	@echo "Installing Dagster into $(DAGSTER) ..."
	$(PYTHON) -m venv $(DAGSTER)
	$(DAGSTER)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint $(ORCHESTRATE)/constraints.txt --editable $(ORCHESTRATE)
	@touch $@

dagster: $(DAGSTER)/.installed

backfill-demo: $(VENV)/.demo $(DAGSTER)/.installed
	@export MELTANO_ENVIRONMENT=sandbox \
	  MELTANO_STATE_BACKEND_URI=file://$(CURDIR)/.sandbox/backfill \
	  DAGSTER_HOME=$(CURDIR)/.sandbox/dagster \
	  SECOND_CLIENT_ID=second SECOND_CLIENT_SECRET=second-secret && \
	meltano --log-level=warning install && \
	genesys-sandbox run --conversations-per-day 50 --client second:second-secret -- \
	  sh -c '$(DAGSTER)/bin/python -m genesys_backfill.demo && \
	    python -m demo.summary'

# A file at a time in each process: files share servers. One process more than there are
# cores, because tests wait a third of the time: for servers, and for runs to end.
PARALLEL := --dist loadfile --numprocesses $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
PYTEST := $(abspath $(BIN))/python -m pytest

test: $(VENV)/.dev
	$(PYTEST) $(PARALLEL)
	cd sandbox && $(PYTEST) $(PARALLEL)

# Tests that start nothing. With --fast, one that does fails, and property tests try few
# examples: `make test` tries many.
FAST := tests/settings tests/intervals tests/records tests/test_imports.py \
	tests/streams/test_derived_columns.py tests/api/test_get_pages.py \
	tests/api/test_parallel.py tests/api/test_post_pages.py tests/api/test_rate_limit.py \
	tests/api/test_responses.py

test-fast: $(VENV)/.dev
	$(PYTEST) --fast --quiet $(FAST)

# A day of 250,000 conversations takes many minutes.
test-long: $(VENV)/.dev
	$(PYTEST) -m long --timeout 3600

chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos --runs 300

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz --runs 5000

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks all

check: lint types

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.dev
	$(BIN)/mypy
	cd sandbox && $(abspath $(BIN))/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(VENV)/.docs: $(VENV)/.pip pyproject.toml constraints.txt
	@echo "Installing what the manual is built with into $(VENV) ..."
	$(PIP) --constraint constraints.txt --group docs
	@touch $@

# --strict: a link that leads nowhere fails the build. --clean: it looks at every page.
docs: $(VENV)/.docs
	$(BIN)/zensical build --strict --clean

docs-serve: $(VENV)/.docs
	$(BIN)/zensical serve

# In this order: documents are written from the streams, streams from the models. The
# sandbox has files of its own, from the official SDK as well.
generate: $(VENV)/.dev
	$(BIN)/python -m scripts.update_models
	$(BIN)/python -m scripts.update_documents
	cd sandbox && $(abspath $(BIN))/python -m scripts.update_models
	cd sandbox && $(abspath $(BIN))/python -m scripts.update_documents

# Pins without addresses. --universal: one file for all Pythons and platforms.
constraints: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --group dev --group docs pyproject.toml sandbox/pyproject.toml --extra postgres --output-file constraints.txt

clean:
	rm -rf .sandbox .meltano
