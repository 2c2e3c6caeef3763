# Two commands: `make run` and `make test`. Every rule installs what it needs itself, in this folder.
# A stamp in .venv/ or node_modules/ says what is done already, so that a second run is quick.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
SKIP ?=
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-header --python-version 3.11
SAY = @printf '\033[1m→ %s\033[0m\n'

.PHONY: help run test check chaos hostile lint assets lock overdue clean
.DELETE_ON_ERROR:

help:
	@echo "make run     install what is needed and start everything on this machine"
	@echo "make test    install what is needed and run every test (SKIP=compose,browser,postgresql,asterisk)"
	@echo "make check   lint, types, import contracts, templates, migrations, then make test"
	@echo "make chaos   kill, stop and cut parts of the house under real calls; a table (ARGS='--only NAME --seed 7')"
	@echo "make hostile attack the running house on loopback: SIP, AMI, HTTP, files; a table (ARGS='--only line')"
	@echo "make assets  build the browser's files (before the images of docker-compose.yml)"
	@echo "make lock    resolve the locked requirements anew"
	@echo "make overdue are locked packages older than the policy allows? (docs/security/policy.md; once a month)"
	@echo "make clean   remove what was built (keeps the data folder var/)"

run: .venv/.run .venv/.pbx .venv/.fonts dashboard/static/built/.stamp
	@exec $(BIN)/tongdai up

test: .venv/.dev .venv/.pbx .venv/.fonts dashboard/static/built/.stamp
	$(SAY) "tests"
	@TONGDAI_TEST_SKIP="$(SKIP)" $(BIN)/python -m tests.install
	@TONGDAI_TEST_SKIP="$(SKIP)" $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: lint
	@$(MAKE) --no-print-directory test

chaos: .venv/.dev .venv/.pbx dashboard/static/built/.stamp
	$(SAY) "chaos"
	@$(BIN)/python -m bench.chaos $(ARGS)

hostile: .venv/.dev .venv/.pbx .hostile/.done dashboard/static/built/.stamp
	$(SAY) "hostile"
	@$(BIN)/python -m bench.hostile $(ARGS)

lint: .venv/.dev dashboard/static/built/.stamp
	$(SAY) "lint"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	$(SAY) "types"
	@$(BIN)/mypy
	@npm run --silent check
	$(SAY) "import contracts"
	@$(BIN)/lint-imports --no-cache
	$(SAY) "templates"
	@$(BIN)/djlint --quiet --lint dashboard/templates
	$(SAY) "migrations"
	@$(BIN)/tongdai db check

.venv/bin/python:
	$(SAY) "Python environment"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || \
		{ echo "Python 3.11 or 3.12 is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "venv is missing: apt-get install python3-venv"; exit 1; }

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(SAY) "Python packages"
	@$(PIP) --quiet --progress-bar on --require-hashes -r requirements.lock
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(SAY) "development packages"
	@$(PIP) --quiet --progress-bar on --require-hashes -r requirements-dev.lock
	@touch $@

# Generates requests; its pytest plugin is none of our tests', hence an environment of its own.
.hostile/.done: requirements-hostile.lock
	$(SAY) "schemathesis"
	@$(PYTHON) -m venv .hostile
	@.hostile/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r $<
	@touch $@

.venv/.pbx: telephony/pbx_install.py hotline/debs.py asterisk-conf/modules.list | .venv/.run
	$(SAY) "Asterisk"
	@$(BIN)/tongdai pbx install
	@touch $@

.venv/.fonts: intake/documents/typefaces.py hotline/debs.py | .venv/.run
	$(SAY) "typeface of documents"
	@$(BIN)/tongdai typefaces
	@touch $@

node_modules/.stamp: package.json package-lock.json
	$(SAY) "browser packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

dashboard/static/built/.stamp: node_modules/.stamp $(shell find dashboard/frontend dashboard/templates -type f)
	$(SAY) "browser assets"
	@npm run --silent build
	@touch $@

assets: dashboard/static/built/.stamp

lock: .venv/.dev
	@$(LOCK) --upgrade --group build pyproject.toml -o requirements.lock
	@$(LOCK) --upgrade --group dev pyproject.toml -o requirements-dev.lock
	@$(LOCK) --upgrade --group pyproject.toml:hostile -o requirements-hostile.lock
	@npm install --package-lock-only --no-audit --no-fund
	@node -e 'const fs = require("fs"), lock = JSON.parse(fs.readFileSync("package-lock.json")); \
		for (const one of Object.values(lock.packages)) delete one.funding; \
		fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")'

overdue: .venv/.dev
	$(SAY) "overdue packages"
	@$(BIN)/python -m bench.overdue

clean:
	rm -rf .venv node_modules dashboard/static/built .asterisk .fonts .sipp .debs .postgresql .faketime .chromium .compose
	rm -rf *.egg-info .hostile
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
