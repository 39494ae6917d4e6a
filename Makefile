# The same verbs by hand and in CI. `make demo` needs no root; `make test` installs Chromium,
# Mosquitto and curl with the system's package manager when they are missing.
VENV := .venv
PY := $(VENV)/bin/python
JOBS ?= 2

.PHONY: demo test check bench drill docs install install-dev lock messages client clean

install: $(VENV)/.runtime

$(VENV)/bin/python:
	@sh tools/make-venv.sh $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml hatch_build.py $(wildcard src/jalon/locale/*/LC_MESSAGES/*.po)
	@echo "Installing Jalon into $(VENV)…"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install-dev: $(VENV)/.runtime $(VENV)/.dev

$(VENV)/.dev: requirements-dev.lock
	@echo "Installing what the tests need into $(VENV)…"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: install
	@$(PY) -m jalon.cli demo examples/school-air

test: install-dev check
	@sh tools/install-programs.sh chromium mosquitto curl postgresql
	@$(VENV)/bin/pytest -n $(JOBS) --dist worksteal

check: install-dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench: install-dev
	@sh tools/install-programs.sh mosquitto
	@$(PY) -m bench

drill: install-dev
	@$(VENV)/bin/pytest -m drill tests/drills -s

docs: install-dev
	@sh tools/install-programs.sh chromium
	@$(PY) tools/screenshots.py

lock:
	@$(VENV)/bin/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --extra build -o requirements.lock pyproject.toml
	@$(VENV)/bin/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

messages: install-dev
	@mkdir -p build
	@PYTHONPATH=. $(VENV)/bin/pybabel -q extract -F babel.cfg -k N_ --no-location --sort-output -o build/jalon.pot src
	@$(VENV)/bin/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 100 -i build/jalon.pot -o src/jalon/locale/fr/LC_MESSAGES/jalon.po -l fr
	@$(VENV)/bin/pybabel -q compile -i src/jalon/locale/fr/LC_MESSAGES/jalon.po -o src/jalon/locale/fr/LC_MESSAGES/jalon.mo

client: install-dev
	@$(PY) tools/make_client.py

clean:
	rm -rf $(VENV) build examples/*/.jalon
