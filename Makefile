PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test prove bench golden clean

# The stamp is newer than pyproject.toml only after an install that succeeded. pip compiles what it installs, but not an
# editable install: without bytecode every start would compile the package anew where the environment forbids to write it.
$(VENV)/.demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m compileall -q policy_engine
	touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m compileall -q policy_engine
	touch $@ $(VENV)/.demo

$(VENV)/.bench: $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	touch $@

demo: $(VENV)/.demo
	$(BIN)/policy-engine validate policies
	$(BIN)/policy-engine replay examples/recorded/bot.log

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 -m "not prove"

# Proofs that take longer than a change should wait for; mutation testing alone takes ten minutes on two cores.
prove: $(VENV)/.dev
	$(BIN)/pytest -m prove

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

# Writes the golden outputs anew; read the difference before committing it.
golden: $(VENV)/.dev
	POLICY_ENGINE_WRITE_GOLDEN=1 $(BIN)/pytest -m "not prove" tests/cli

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
