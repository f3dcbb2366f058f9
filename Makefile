# Everything a newcomer or CI needs, one line each. Only Python 3.11 or newer and make have to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What the tool and its server need is set up first; what tests and checks need besides, when they are run.
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
# The library of SSSOM wants other versions of what we use: it lives apart.
SSSOM := .venv-sssom
# The pages the benchmark builds: the shared corpus where it is beside this checkout, else the samples.
CORPUS ?= $(wildcard ../shared/corpus)

.PHONY: help demo test test-all check format lint types layers notebooks bench golden lock sssom-test wheel-test clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

$(DEV): requirements-dev.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $(DEV)

demo: $(READY)  ## set everything up, build the samples, answer a first question
	$(BIN)/kg demo

test: $(DEV)  ## the everyday tests
	$(BIN)/python -m pytest -q -n auto -m "not slow and not packaging and not sssom and not alone"
	$(BIN)/python -m pytest -q -m "alone and not slow"

test-all: $(DEV)  ## all tests, those over the whole corpus and the suites included
	$(BIN)/python -m pytest -q -n auto -m "not packaging and not sssom and not alone"
	$(BIN)/python -m pytest -q -m alone

check: lint types layers test-all sssom-test wheel-test  ## every check there is

format: $(DEV)  ## put the code into its one format
	$(BIN)/ruff format kg tests
	$(BIN)/ruff check --fix --quiet kg tests

lint: $(DEV)
	$(BIN)/ruff format --check kg tests
	$(BIN)/ruff check kg tests
	$(BIN)/codespell README.md CHANGELOG.md DECISIONS.md kg ontology/README.md shapes/README.md

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports

notebooks: $(DEV)  ## run the notebooks and keep what they show
	PYTHONPATH=. $(BIN)/python -m tests.run_notebooks

bench: $(DEV)  ## the speed of everything, as ratios to bare engines in one run
	$(BIN)/kg bench $(CORPUS) --rounds 1

wheel-test: $(DEV)  ## build the wheel, install it in an empty environment, run its demo there
	$(BIN)/python -m pytest -q -m packaging tests/test_packaging.py

$(SSSOM)/.ready: requirements-sssom.lock
	$(PYTHON) -m venv $(SSSOM)
	$(SSSOM)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-sssom.lock
	@touch $@

sssom-test: $(DEV) $(SSSOM)/.ready  ## read our mappings with the library of SSSOM, in an environment of its own
	$(BIN)/python -m pytest -q -m sssom tests/test_sssom.py

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header --no-config

lock: $(DEV)  ## write the lock files anew from pyproject.toml
	$(COMPILE) --upgrade --extra dev --extra setup --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --extra web --extra setup --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	echo "sssom>=0.4.21" | $(COMPILE) --upgrade --output-file requirements-sssom.lock -

clean:
	rm -rf $(VENV) $(SSSOM) dist build graph
