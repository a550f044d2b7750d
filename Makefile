# Every target works on a fresh machine with Python >= 3.11 and make. PYTHON chooses the interpreter.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo serve test bench lint types compiled docs clean lock

.venv/runtime: locks/runtime.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Tutela needs Python 3.11 or newer; set PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --requirement locks/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/runtime locks/dev.txt
	$(PIP) install --require-hashes --requirement locks/dev.txt
	touch $@

.venv/bench: .venv/dev locks/bench.txt
	$(PIP) install --requirement locks/bench.txt
	touch $@

demo: .venv/runtime
	$(BIN)/tutela demo

serve: .venv/runtime
	$(BIN)/tutela serve --bank sqlite:///serve-data/bank.db

test: .venv/dev
	scripts/system-needs
	$(MAKE) --no-print-directory -j2 compiled lint types
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal  # its threads wait by turning in circles

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/dev
	$(BIN)/mypy

compiled: .venv/runtime  # or each process that runs tests would compile it, which takes half a minute in a new folder
	$(BIN)/python scripts/compile.py

docs: .venv/dev
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

bench: .venv/bench
	$(BIN)/python bench/run.py

lock: .venv/dev
	scripts/lock

clean:
	rm -rf .venv demo-report demo-data docs/_build  # serve-data may hold people's cases: it stays
