# make run | make test | make lint | make format | make bench | make clean

PORT ?= 8501
VENV ?= .venv
BIN := $(VENV)/bin

# The first Python that is new enough; PYTHON=/path/to/python chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && { echo $$python; break; }; done)

# Stamps hold "installed from these very files", so that a second make has nothing to do.
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

.PHONY: run test lint format bench install install-dev browser clean
.DEFAULT_GOAL := run

run: install
	@$(BIN)/python -m ui.announce $(PORT) & \
	exec $(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: lint browser
	$(BIN)/python -m pytest --cov=efficiency --cov-report=term --cov-fail-under=95

lint: install-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy efficiency

format: install-dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: browser
	$(BIN)/python -m benchmarks

install: $(RUN_STAMP)
	@$(BIN)/python -m ui.precompress

install-dev: install $(DEV_STAMP)

browser: install-dev
	@$(BIN)/python -m tests.browsers

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(NEW_ENOUGH)' || \
		{ echo "Twenty Watts needs Python 3.11 or newer as python3, or make PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } || \
		{ echo "Python's venv module is missing: install python3-venv (Debian, Ubuntu), then try again." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN_STAMP): requirements.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt requirements.txt | $(RUN_STAMP)
	$(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
