# `make app` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Three processes, since browser tests mostly wait; a file of tests stays in one of them. Browser tests come first, those
# that share a dashboard in one process, the others in the next (tests/conftest.py).
SIDE_BY_SIDE := -n 3 --no-loadscope-reorder

.PHONY: app test install lint bench clean

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

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.installed: $(BIN)/python requirements.txt
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV)
