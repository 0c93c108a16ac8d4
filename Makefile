# make demo · make test · make bench · make lint: each makes the environment it needs in .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint bench docs web clean

demo: .venv/runtime.stamp
	$(BIN)/pixel-llm demo --out demo

# Two test processes share the cores, so each keeps its BLAS to one thread.
test: export OPENBLAS_NUM_THREADS = 1
test: .venv/dev.stamp
	$(BIN)/pixel-llm pull smollm2-135m
	$(BIN)/python -m pytest pixel_llm/tests -n 2 --cov --cov-report=term:skip-covered $(ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The fast half of the benchmarks; benchmarks/README.md lists all of them, their peers and how to run each.
bench: .venv/dev.stamp
	$(BIN)/python benchmarks/formats_vs_peers.py "$$($(BIN)/pixel-llm pull smollm2-135m)"
	$(BIN)/python benchmarks/opening.py
	$(BIN)/python benchmarks/pixelfs.py

# The map's page, from web/ into pixel_llm/viewer/page; needs Node 20.19 or newer. Its result is committed.
web:
	cd web && npm ci && npm run lint && npm test && npm run build

docs: .venv/dev.stamp
	$(BIN)/python -m pixel_llm.cli.docs > docs/cli.md
	$(BIN)/python -m pixel_llm.cli.docs_formats > docs/formats.md
	$(BIN)/python -m pixel_llm.cli.docs_coach

.venv/runtime.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pixel-LLM needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Making .venv and installing what Pixel-LLM runs on (about a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) -e '.[viewer,coach]'
	@touch $@

.venv/dev.stamp: .venv/runtime.stamp
	@echo "Installing the test tools ..."
	@$(PIP) -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache .coverage .coverage.*
