# Every target sets up what it needs by itself: a virtual environment in .venv, filled from the requirements files.

.DEFAULT_GOAL := help
.PHONY: help run test pytest lint format clean

VENV := .venv
BIN := $(VENV)/bin

# The first Python that is new enough and can make virtual environments; `make PYTHON=/some/python3.12 run` overrides.
USABLE := import sys, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c '$(USABLE)' >/dev/null 2>&1 && echo $$python && break; done)

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/app.installed ## set everything up and open the app
	$(BIN)/python -m gpff_app

test: $(VENV)/dev.installed ## set everything up, then lint and run every test
	@$(MAKE) --no-print-directory --jobs=2 lint pytest

pytest: $(VENV)/dev.installed
	$(BIN)/pytest

lint: $(VENV)/dev.installed ## ruff, mypy and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.installed ## rewrite the code as `make lint` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "GPFF Studio needs Python 3.11 or later with its venv module, and none was found;" \
		"install one (on Debian: apt install python3 python3-venv) or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/app.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev.installed: requirements-dev.txt requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	touch $(VENV)/app.installed $@
