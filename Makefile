# The verbs of the house. Needs Python >= 3.11 and make (GNU make 3.81 of macOS is enough), nothing else.
#   make env     installs into .venv, and nothing else; the other verbs do it where it has to be done
#   make run     every notebook, headless, quick profile, to runs/quick/
#   make test    the whole test-suite
#   make lab     JupyterLab on notebooks/
#   make campaign  damaged inputs, kills, full disks (outside CI, about an hour; docs/robustness.md)
#   make bench   every benchmark, to runs/bench.json
#   make figures the contact sheets of the actor, to figures/
#   make site    the workbook as a site, to runs/site/
#   make lint    ruff over code and notebooks, which room may import which, and types
# `make run PYTHON=python3.12` builds .venv with another interpreter; `make run PROFILE=laptop` runs bigger;
# `make run TORCH_INDEX=URL-or-folder` takes torch and torchvision from that index, or from a folder of wheels.

VENV ?= .venv
EXTRAS ?= dev
TORCH_INDEX ?=
BIN := $(VENV)/bin
# Named after this folder: a clone that was moved or copied with its .venv would run the other place's package.
STAMP := $(VENV)/.installed-$(shell pwd -P | cksum | cut -d' ' -f1)

# A shell may carry these for another Python, as clusters and robots' set-up scripts do; .venv has its own packages.
unexport PYTHONPATH PYTHONHOME
export PIP_USER := 0

# pyproject.toml's own bounds of the two, quoted for the shell
TORCH = $(shell sed -n 's/^ *\("torch\(vision\)\{0,1\}[<>=][^"]*"\),$$/\1/p' pyproject.toml)

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
endif

.PHONY: run test campaign lab bench figures site lint env clean help

help:
	@sed -n '2,12s/^# \{0,1\}//p' Makefile

env: $(STAMP)

# The stamp holds the pyproject.toml that was installed: a changed file updates the environment, a touched one does not.
$(STAMP): pyproject.toml
	@if [ -x $(BIN)/dnt ] && cmp -s pyproject.toml $@; then touch $@; exit 0; fi; set -e; \
	if [ ! -x $(BIN)/python ]; then \
		"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
			echo "no Python 3.11 or newer ($(PYTHON)); name one with: make PYTHON=/path/to/python3" >&2; exit 1; }; \
		"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
			echo "$(PYTHON) could not make $(VENV); on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }; \
	elif ls $(VENV)/.installed* >/dev/null 2>&1 && [ ! -e $@ ]; then \
		echo "$(VENV) was made for another folder and is set up for this one"; \
		$(BIN)/python -m venv --without-pip $(VENV); rm -f $(VENV)/.installed*; \
	fi; \
	[ -e $(BIN)/pip ] || $(BIN)/python -m ensurepip --default-pip >/dev/null || { \
		echo "$(VENV) has no pip, as uv makes it; remove it, and make env makes another" >&2; exit 1; }; \
	echo "Installing into $(VENV) (once; a few minutes)"; \
	if [ -n "$(TORCH_INDEX)" ]; then \
		case "$(TORCH_INDEX)" in \
			*://*) set -- --index-url "$(TORCH_INDEX)";; \
			*) [ -d "$(TORCH_INDEX)" ] || { echo "TORCH_INDEX=$(TORCH_INDEX) is neither a URL nor a folder" >&2; exit 1; }; \
				set -- --no-index --find-links "$(TORCH_INDEX)";; \
		esac; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "$$@" $(TORCH); \
	fi; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[$(EXTRAS)]"; \
	cp pyproject.toml $@

run: $(STAMP)
	$(BIN)/dnt run $(if $(PROFILE),--profile $(PROFILE))

# Unit tests and the papermill regression first, then what needs the machine to itself (browsers), then nbval over the
# committed notebooks in the smallest profile. A file, or a notebook, to a core, each with one thread: teams of threads
# that share cores wait for each other.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --no-loadscope-reorder
test: $(STAMP)
	MPLBACKEND=Agg OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(SIDE_BY_SIDE) --dist loadfile -m "not alone"
	MPLBACKEND=Agg $(BIN)/python -m pytest -m alone
	rm -rf runs/nbval
	@if ls notebooks/[0-9][0-9]_*.ipynb >/dev/null 2>&1; then set -x; \
		DNT_PROFILE=nbval OMP_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider $(SIDE_BY_SIDE) --dist loadscope \
			--nbval-lax --nbval-current-env --nbval-cell-timeout 300 notebooks/[0-9][0-9]_*.ipynb; fi

# The extension sends small pictures at once, without which live sliders wait 40 ms for each.
lab: $(STAMP)
	$(BIN)/python -m jupyterlab notebooks --ServerApp.jpserver_extensions="{'dnt_core.live.nodelay': True}"

INPUTS ?= 2400
KILLS ?= 200
SEED ?= 0
campaign: $(STAMP)
	$(BIN)/python -m tests.campaign --inputs $(INPUTS) --kills $(KILLS) --seed $(SEED) --out runs/campaign.json

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py --out runs/bench.json

figures: $(STAMP)
	$(BIN)/python -m dnt_core.workbook.contact_sheets figures

# No notebook runs: stored outputs, docstrings, docs/. Only the live page's ONNX Runtime Web is fetched, once.
site: $(STAMP)
	MPLBACKEND=Agg $(BIN)/python -m website --out runs/site

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check dnt_core tests benchmarks
	$(BIN)/lint-imports --no-cache
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/dnt notebooks check

clean:
	rm -rf $(VENV) runs build *.egg-info .pytest_cache .ruff_cache
