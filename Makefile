# Everything starts here, with Python 3.11+, make and git alone. What is downloaded is pinned by its hash and kept in
# .hub/ (ignored by git); .venv/ is made anew whenever a lock or pyproject.toml changes.

PYTHON ?= python3
ARGS ?=
UV_VERSION := 0.13.9
BIN := .venv/bin
UV := .hub/bootstrap/bin/uv
INSTALLED := .venv/.installed
BENCH := .hub/bench
ALONE := "not real and not demo and not corpus"
WITH_PARTS := "real or demo or corpus"
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

export UV_CACHE_DIR ?= $(CURDIR)/.hub/uv
export RUFF_CACHE_DIR := $(CURDIR)/.hub/ruff
export MYPY_CACHE_DIR := $(CURDIR)/.hub/mypy
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE  # else every program compiles all that it imports, at every start

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo check lint test faults bench install lock lock-kafka clean

help:
	@echo "make demo        play the story on real parts (make demo ARGS=--keep leaves them running)"
	@echo "make check       lint, and the unit tests with a few examples of each property: seconds"
	@echo "make lint        style, types, layers"
	@echo "make test        all that CI runs: lint, the unit tests in full, tests on real parts, the demo"
	@echo "make faults      break everything under load and count what is left: an hour (ARGS=--short: minutes)"
	@echo "make bench       measure the engine and what else one would take: an hour (ARGS=--quick: minutes; ARGS=--help)"
	@echo "make install     what the others do first: Python packages into .venv, Kafka into .hub"
	@echo "make lock        resolve the Python packages anew (ARGS=--upgrade for newer ones)"
	@echo "make lock-kafka  resolve Kafka's jars anew"
	@echo "make clean       remove what was installed and downloaded"
	@echo "Another Python than python3: make demo PYTHON=python3.12"

install: $(INSTALLED)

demo: $(INSTALLED)
	@$(BIN)/hub demo $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/pytest -q -n logical -m $(ALONE) --hypothesis-profile=quick

test: lint
	$(BIN)/pytest -n logical -m $(ALONE) --hypothesis-profile=full
	$(BIN)/pytest -m $(WITH_PARTS)

faults: $(INSTALLED)
	@$(BIN)/python -m tests.faults $(ARGS)

bench: $(INSTALLED) $(BENCH)/.installed
	@$(BIN)/python -m tests.bench $(ARGS)

lock: $(UV)
	$(COMPILE) pyproject.toml --all-extras --group dev $(ARGS) --output-file requirements-dev.lock
	$(COMPILE) pyproject.toml --extra local --constraint requirements-dev.lock --output-file requirements.lock
	$(COMPILE) --group bench $(ARGS) --output-file requirements-bench.lock
	echo "uv==$(UV_VERSION)" | $(COMPILE) - --output-file requirements-bootstrap.lock

lock-kafka: $(INSTALLED)
	$(BIN)/python -m deploy.jars lock

clean:
	rm -rf .venv .hub/bootstrap .hub/uv $(BENCH) .hub/jars .hub/kafka.aot .hub/ruff .hub/mypy

$(UV): requirements-bootstrap.lock
	@command -v $(PYTHON) >/dev/null || { echo "expected Python 3.11 or newer as '$(PYTHON)', there is none: \
	install it, or name yours: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "expected Python 3.11 or newer, $(PYTHON) is \
	%d.%d: install a newer one, or name yours: make demo PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Installing into .venv and .hub (once)"
	@$(PYTHON) -m venv --clear .hub/bootstrap
	@.hub/bootstrap/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r requirements-bootstrap.lock
	@touch $@

$(INSTALLED): $(UV) requirements-dev.lock pyproject.toml deploy/kafka.lock
	@$(PYTHON) -m venv --without-pip .venv
	@$(UV) pip sync $$([ -t 2 ] || echo --quiet) --python $(BIN)/python --require-hashes --no-build \
		requirements-dev.lock
	@$(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m deploy.jars fetch
	@$(BIN)/python -m deploy.training || echo "Kafka will start more slowly: its first start failed, see above" >&2
	@touch $@

$(BENCH)/.installed: $(UV) requirements-bench.lock
	@$(PYTHON) -m venv --clear --without-pip $(BENCH)
	@$(UV) pip sync $$([ -t 2 ] || echo --quiet) --python $(BENCH)/bin/python --require-hashes --no-build \
		requirements-bench.lock
	@touch $@
