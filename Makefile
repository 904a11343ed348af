# make run | make serve | make test | make lint | make format | make bench | make load | make lock | make sbom | make clean

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
PIP_OPTIONS := --quiet --disable-pip-version-check --no-input --require-hashes
PIP := $(BIN)/python -m pip install $(PIP_OPTIONS)

# What writes locks and the bill of materials stays apart from what is measured by them.
TOOLS := .cache/tools-venv
LOCK := $(TOOLS)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

.PHONY: run serve test lint format bench load install install-dev browser haproxy lock sbom clean
.DEFAULT_GOAL := run

run: install
	@$(BIN)/python -m ui.announce '$(PORT)' --check
	@$(BIN)/python -m ui.announce $(PORT) & \
	exec $(BIN)/python -m streamlit run app.py --server.port $(PORT)

serve: install haproxy
	@exec $(BIN)/python -m deploy.serve --port $(PORT)

test: lint browser haproxy
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal --cov=efficiency --cov-report=term --cov-fail-under=95

lint: install-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy efficiency deploy
	$(BIN)/python -m bandit --quiet --recursive --configfile pyproject.toml app.py efficiency ui pages deploy

format: install-dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: browser
	$(BIN)/python -m benchmarks

load: install-dev haproxy
	$(BIN)/python -m benchmarks.load

install: $(RUN_STAMP)
	@$(BIN)/python -m ui.precompress

install-dev: install $(DEV_STAMP)

browser: install-dev
	@$(BIN)/python -m tests.browsers

# Several processes need it in front of them; one does not.
haproxy:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; command -v haproxy >/dev/null || \
		{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq haproxy >/dev/null; } || \
		{ echo "HAProxy is missing: apt-get install haproxy (Debian, Ubuntu), then try again." >&2; \
		test "$(MAKECMDGOALS)" != serve; }

lock: $(TOOLS)/.installed
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(LOCK) requirements-tools.in -o requirements-tools.txt

sbom: $(TOOLS)/.installed install-dev
	$(BIN)/python -m tests.licences
	$(TOOLS)/bin/cyclonedx-py requirements --output-reproducible --of JSON -o .cache/sbom.json requirements.txt
	$(BIN)/python -m deploy.bill .cache/sbom.json deploy/sbom.json

$(TOOLS)/.installed: requirements-tools.txt
	@$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install $(PIP_OPTIONS) -r requirements-tools.txt
	@touch $@

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
