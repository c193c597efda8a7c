# One way to run everything; CI runs the same commands.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
MODELS := .venv-models
BENCH_TEAM ?= --simulated --seeds 2

.PHONY: help demo test test-models check format bench bench-judge bench-packs bench-first-suggestion bench-latency bench-team lock clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 26

demo: $(VENV)/.demo  ## prove the planted slow functions in examples/ faster, with no model configured
	@$(BIN)/python -m paceline trust examples $(if $(UNSANDBOXED),--unsandboxed) >/dev/null
	@$(BIN)/python -m paceline optimize examples

test: $(VENV)/.dev  ## every test (PYTEST="-n 2" runs them side by side)
	$(BIN)/python -m pytest $(PYTEST)

test-models: $(MODELS)/.done  ## the team with a real vLLM on the processor, in a virtual environment of its own
	PYTHONPATH=$(CURDIR)/server:$(CURDIR)/lessons $(MODELS)/bin/python -m pytest tests/models

check: $(VENV)/.dev  ## formatter, linter, type checker, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python client-vscode/scripts/settings.py

bench: bench-judge bench-packs bench-first-suggestion bench-latency bench-team  ## every benchmark

bench-judge: $(VENV)/.dev  ## the proof that the judge works (BENCH_JUDGE=--quick for the short form)
	$(BIN)/python -m paceline bench judge $(BENCH_JUDGE)

bench-packs: $(VENV)/.dev  ## the judge confirms every shipped recipe on its own example
	$(BIN)/python -m paceline bench packs

bench-first-suggestion: $(VENV)/.dev  ## seconds from the request to the first proven suggestion
	$(BIN)/python -m paceline bench first-suggestion

bench-latency: $(VENV)/.dev  ## how long an editor waits (BENCH_LATENCY="--session-minutes 30" for the full claim)
	$(BIN)/python -m paceline bench latency $(BENCH_LATENCY)

bench-team: $(VENV)/.dev  ## the team's strategies compared (BENCH_TEAM="--seeds 5" for the configured team)
	$(BIN)/python -m paceline bench team $(BENCH_TEAM)

.PHONY: vsix check-vscode test-editors screenshots

VSCODE := client-vscode
VSIX := $(VSCODE)/paceline.vsix

vsix: $(VSIX)  ## the extension for VS Code as a file to install: client-vscode/paceline.vsix

check-vscode: $(VSCODE)/node_modules/.installed $(VENV)/.dev  ## types, format and unit tests of the VS Code extension
	cd $(VSCODE) && npm run --silent check && npm run --silent test
	$(BIN)/python $(VSCODE)/scripts/settings.py --check

test-editors: $(VSIX) $(VENV)/.dev  ## Paceline in real editors, which are fetched and set up first
	tests/editors/vscode/setup.sh
	tests/editors/emacs/setup.sh
	$(BIN)/python -m pytest tests/editors

screenshots: $(VSIX) $(VENV)/.dev  ## take the pictures of the documentation anew, from the editor test
	tests/editors/vscode/setup.sh
	PACELINE_PICTURES=docs/pictures $(BIN)/python -m pytest tests/editors/vscode/test_story.py

$(VSIX): $(VSCODE)/node_modules/.installed $(VENV)/.demo $(shell find $(VSCODE)/src $(VSCODE)/media -type f) \
  $(addprefix $(VSCODE)/,package.json esbuild.mjs .vscodeignore README.md CHANGELOG.md) \
  $(shell find server lessons -name '*.py' -o -name '*.toml')
	rm -rf $(VSCODE)/server
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --wheel-dir $(VSCODE)/server .
	cd $(VSCODE) && npm run --silent package

$(VSCODE)/node_modules/.installed: $(VSCODE)/package-lock.json $(VSCODE)/.npmrc
	@command -v npm >/dev/null || { echo "the extension is built with Node.js 20 or newer; install it first"; exit 2; }
	cd $(VSCODE) && npm ci --silent
	@touch $@

lock: $(VENV)/.dev  ## write the pinned requirements anew
	$(BIN)/python -m pip install --quiet uv
	cd requirements && for name in demo dev; do \
	  extra=$$([ $$name = dev ] && echo "--group ../pyproject.toml:dev --group ../pyproject.toml:editors"); \
	  ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --no-annotate --output-file $$name.txt ../pyproject.toml $$name.in $$extra; done
	cd requirements && ../$(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --override models.without \
	  --output-file models.txt ../pyproject.toml models.in

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Paceline needs Python 3.11 or newer; set PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python requirements/demo.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# torch first, by its version alone: its build for processors lies elsewhere than the rest.
$(MODELS)/.done: requirements/models.txt
	@test -n "$(PYTHON)" || { echo "Paceline needs Python 3.11 or newer; set PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv $(MODELS)
	$(MODELS)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile torch==2.13.0
	$(MODELS)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes \
	  -r requirements/models.txt
	@touch $@

clean:  ## remove what was built here
	rm -rf $(VENV) $(MODELS) .mypy_cache .ruff_cache .pytest_cache .hypothesis
