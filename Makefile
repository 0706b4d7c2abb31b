# The two commands of this project are `make lab` and `make test`; the logic is in scripts/.

# The first Python that is new enough; give another with PYTHON=…
PYTHON ?= $(shell for p in python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.10; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin

.PHONY: help lab test bench docs images build format clean need-python need-venv

help:
	@echo 'make lab     start JupyterLab with Compute on examples/ (installs and builds what is missing)'
	@echo 'make test    install what the tests need, run everything, print the sum'
	@echo 'make bench   measure the budgets'
	@echo 'make docs    build the pages, with warnings as errors'
	@echo 'make images  make the pictures and the film of the pages anew'
	@echo 'make format  repair the formatting of all sources'
	@echo 'make build   build the page'"'"'s half for development'
	@echo 'make clean   remove what the builds made'

lab: need-python
	@$(PYTHON) scripts/lab.py $(ARGS)

test: need-python
	@$(PYTHON) scripts/test.py $(ARGS)

bench: need-venv
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/run.py $(ARGS)

docs: need-venv
	@$(BIN)/python -m sphinx -W --keep-going -n -E -q -b html docs reports/docs
	@echo 'The pages: reports/docs/index.html'

# The folder's name is on the pictures.
images: need-venv
	@cd ui-tests && PATH="$(CURDIR)/$(BIN):$$PATH" COMPUTE_UPDATE_IMAGES=1 COMPUTE_UI_DIR=/tmp/lab jlpm playwright test picture
	@$(BIN)/python scripts/film.py reports/film docs/images/film.gif

format: need-venv
	@PATH="$(CURDIR)/$(BIN):$$PATH" jlpm lint
	@$(BIN)/python -m ruff check --fix --quiet . ; $(BIN)/python -m ruff format .

build: need-venv
	@PATH="$(CURDIR)/$(BIN):$$PATH" jlpm install --immutable
	@PATH="$(CURDIR)/$(BIN):$$PATH" jlpm build

clean:
	@rm -rf lib dist reports coverage tsconfig.tsbuildinfo jupyterlab_compute/labextension .eslintcache .stylelintcache

need-python:
	@test -n "$(PYTHON)" || { echo 'Python 3.10 or newer is needed; none was found on PATH.' >&2; exit 1; }

need-venv:
	@test -x $(BIN)/jlpm || { echo 'There is no .venv yet: see CONTRIBUTING.md, or run "make lab" once.' >&2; exit 1; }
