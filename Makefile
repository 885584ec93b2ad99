# Two commands: `make run` and `make test`. Both start from nothing but Python 3.11.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
JOBS ?= 2
ONCE ?=
SCALE ?= 1

.PHONY: help run test check fast lock soak screens messages clean

help:  ## what can be asked
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what the product runs on ..." && $(PIP) install --require-hashes -r requirements.txt && touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing what the tests need ..." && $(PIP) install --require-hashes -r requirements-dev.txt && touch $@

run: $(VENV)/.runtime  ## set up, run the main job on the sample market, print its report, serve at 127.0.0.1:8000 (ONCE=1: stop after the report)
	@$(BIN)/python manage.py migrate -v0
	@$(BIN)/python manage.py sample_market
ifeq ($(ONCE),)
	@$(BIN)/supervisord -n -c deploy/supervisord.conf
endif

check: $(VENV)/.dev  ## lint (bandit's rules among them), types, import contracts, migrations, deploy check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-cache > .import_contracts || { cat .import_contracts; exit 1; }
	@tail -2 .import_contracts | head -1; rm -f .import_contracts
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@PUBLIC_URL=https://jicai.example $(BIN)/python manage.py check --deploy --fail-level WARNING

# Tests run on SQLite with the embedded broker, then, where DATABASE_URL names a PostgreSQL, all of them again there.
test: check  ## make check, then every test on SQLite, then on PostgreSQL and Redis where DATABASE_URL and REDIS_URL are set
ifeq ($(DATABASE_URL),)
	@$(BIN)/python -m pytest -n $(JOBS) -q
else
	@echo "== SQLite, embedded broker" && env -u DATABASE_URL -u REDIS_URL $(BIN)/python -m pytest -n $(JOBS) -q -m "not postgres and not redis"
	@echo "== PostgreSQL, Redis" && $(BIN)/python -m pytest -n $(JOBS) -q
endif

fast: $(VENV)/.dev  ## the tests on SQLite alone, stopping at the first failure
	@$(BIN)/python -m pytest -n $(JOBS) -q -x

soak: $(VENV)/.dev  ## the long counts of the reliability tests (SCALE=n), logged under var/soak
	@mkdir -p var/soak && SCALE=$(SCALE) $(BIN)/python -m pytest -q -m soak --timeout=0 2>&1 | tee -a var/soak/$$(git rev-parse --short HEAD).log

lock: $(VENV)/.dev  ## lock requirements with hashes
	@$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt

screens: $(VENV)/.dev  ## take the screenshots under docs/screens of the sample market served at 127.0.0.1:8000
	@$(BIN)/python docs/screens/take.py

messages: $(VENV)/.dev  ## collect texts for translation and compile them (needs gettext)
	@$(BIN)/python manage.py collect_labels
	@cd $(CURDIR) && $(BIN)/python manage.py makemessages -l zh_Hans --ignore .venv --ignore var --no-location --no-wrap && $(BIN)/python manage.py compilemessages -v0 --ignore .venv

clean:  ## forget the environment and everything under var/
	@rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
