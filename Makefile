# `make app` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tools for the lock files and the bill of materials, apart from what they look at.
SUPPLY := .venv-supply
# Every version is named in a lock file with the hashes of its files; `make lock` renews them, UPGRADE=--upgrade takes the newest.
INSTALL := pip install --quiet --require-hashes
UPGRADE ?=
COMPILE = $(SUPPLY)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(UPGRADE)
OTHER_LOCKS = $(filter-out requirements,$(basename $(wildcard requirements*.txt)))
# Three processes, since browser tests mostly wait; a file of tests stays in one of them. Browser tests come first, those
# that share a dashboard in one process, the others in the next (tests/conftest.py).
SIDE_BY_SIDE := -n 3 --no-loadscope-reorder

.PHONY: app test install lint bench cluster lock sbom audit-packages rehearse clean

app: $(VENV)/.installed
	$(BIN)/streamlit run app.py

# Where a machine asks Python to keep nothing it has compiled, each of the processes that tests start would compile it all anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE)

install: $(VENV)/.installed

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/.installed-dev
	for benchmark in benchmarks/bench_*.py; do $(BIN)/python $$benchmark || exit 1; done

# A Ray cluster of two nodes on this machine (COVIDLAB_ENGINE=ray), until Ctrl-C.
cluster: $(VENV)/.installed-ray
	$(BIN)/python -m covidlab.runs.engines.ray_local

# Brings the catalogs of languages up to date with the messages in the code, and says what is left to translate.
messages: $(VENV)/.installed-dev
	$(BIN)/python .ci/messages.py

# The same versions everywhere, whatever the platform; the others keep to those of the app.
lock: $(SUPPLY)/.installed
	$(COMPILE) requirements.txt --output-file requirements.lock
	for name in $(OTHER_LOCKS); do \
		$(COMPILE) $$name.txt --constraint requirements.lock --output-file $$name.lock || exit 1; \
	done

sbom: $(VENV)/.installed $(SUPPLY)/.installed
	$(BIN)/python .ci/bill_of_materials.py --tool $(SUPPLY)/bin/cyclonedx-py --output sbom.cdx.json

audit-packages: $(SUPPLY)/.installed
	$(SUPPLY)/bin/python .ci/audit_packages.py requirements*.lock

# What the Dockerfile does, without Docker (Linux, as root).
rehearse: $(VENV)/.installed-dev
	$(BIN)/python docker/rehearse.py --packages $(VENV)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python requirements.lock
	$(BIN)/$(INSTALL) -r requirements.lock
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/$(INSTALL) -r requirements-dev.lock
	touch $@

$(VENV)/.installed-ray: $(VENV)/.installed requirements-ray.lock
	$(BIN)/$(INSTALL) -r requirements-ray.lock
	touch $@

$(SUPPLY)/.installed: requirements-supply.lock
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/$(INSTALL) -r requirements-supply.lock
	touch $@

clean:
	rm -rf $(VENV) $(SUPPLY)
