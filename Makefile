# Each target is one step from a fresh clone: it needs make and Python 3.11 or newer, and makes .venv on its own.
#   make lab PORT=8890 BROWSER=0      another port, and no browser window
#   make test TESTS="tests -k pool"   a part of the tests
#   make lab PYTHON=python3.13        a Python of your choice, when .venv is made

VENV      := .venv
PORT      ?= 8888
IP        ?= localhost
BROWSER   ?= 1
WORKERS   ?= 2
NOTEBOOKS ?= $(wildcard notebooks/*.ipynb)
BROWSER_TESTS ?= tests_browser
GRADING_TESTS ?= tests_grading
TESTS     ?= tests cnnlib $(wildcard notebooks/*.ipynb)
# The version that the published figures were measured against. TORCH=torch takes the newest, TORCH= does without.
TORCH     ?= torch==2.13.0

# What is installed is known by the content of pyproject.toml and the place of this folder: a new clone, a moved one
# or a changed list of packages is installed, everything else starts at once.
PY        := $(VENV)/bin/python
STAMP     := $(VENV)/.installed-$(shell { cat pyproject.toml; pwd -P; } | cksum | cut -d ' ' -f 1)
BROWSING  := $(STAMP)-browser
PAGES     := $(STAMP)-site
GRADING   := $(STAMP)-grading
BENCHMARK := $(STAMP)-benchmarks-$(shell echo '$(TORCH)' | cksum | cut -d ' ' -f 1)

# The reader's own settings stay out of stored outputs, and an empty or a read-only home does no harm.
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/matplotlib
export JUPYTER_PREFER_ENV_PATH := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport MPLBACKEND
ifneq ($(CNNLIB_DATA),)
export CNNLIB_DATA := $(shell cd "$(CNNLIB_DATA)" 2>/dev/null && pwd || echo "$(CNNLIB_DATA)")
endif
test test-browser test-grading notebooks: export IPYTHONDIR := $(CURDIR)/$(VENV)/ipython
test test-browser test-grading notebooks: export JUPYTER_RUNTIME_DIR := $(CURDIR)/$(VENV)/runtime
# Several programs compute side by side here: BLAS threads that wait for a core taken by another one would crawl.
test test-browser test-grading notebooks: export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help lab test test-browser test-grading assignments notebooks site bench lint format clean

help: ## show this list
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile
	@awk '/^#   make/ { print substr($$0, 2) }' Makefile

lab: $(STAMP) ## open the course in JupyterLab (PORT, BROWSER=0 or 1, IP)
	@$(PY) -m nbformat.sign $(NOTEBOOKS) >/dev/null 2>&1 || true  # trusted: stored explorers move before a cell is run
	@echo "JupyterLab is starting and will print its address. Stop it with Ctrl-C."
	@set --; \
	case "$(BROWSER)" in \
	    0) set -- --no-browser ;; \
	    1) unset BROWSER ;; \
	esac; \
	if [ "$$(id -u)" = 0 ]; then set -- "$$@" --allow-root; fi; \
	exec $(PY) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/notebooks/00_tour.ipynb \
	    --ip="$(IP)" --port="$(PORT)" --LabApp.news_url=None --log-level=WARN "$$@"

test: lint ## run all tests: style, unit tests, notebooks (TESTS, WORKERS)
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout=120 \
	    --nbval-sanitize-with=tests/nbval_sanitize.cfg $(TESTS)

test-browser: $(BROWSING) ## run the tests of the explorers in a browser (needs chromium)
	$(PY) -m pytest $(BROWSER_TESTS)

test-grading: $(GRADING) ## let hostile submissions try the grading (needs bubblewrap)
	@command -v bwrap >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends bubblewrap; \
	else \
	    echo "bubblewrap is missing. Install it first, for instance: sudo apt-get install bubblewrap"; exit 1; \
	fi
	$(PY) -m pytest $(GRADING_TESTS)

assignments: $(STAMP) ## make what students get from the master notebooks, in dist/assignments
	$(PY) tools/make_assignments.py

notebooks: $(STAMP) ## execute the notebooks and store their outputs (NOTEBOOKS)
	$(PY) tools/execute_notebooks.py $(NOTEBOOKS)

site: $(PAGES) ## make the web edition in build/site/html (needs node and npm)
	$(PY) tools/make_assignments.py
	$(PY) tools/make_site.py --lite

bench: $(BENCHMARK) ## measure the speed against PyTorch, SciPy and plain loops (TORCH)
	$(PY) -m benchmarks

lint: $(STAMP) ## check the style of code and notebooks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(STAMP) ## bring code and notebooks into the one style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean: ## remove .venv and what else was made (a downloaded MNIST stays)
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

$(STAMP):
	@sh tools/make_venv.sh "$(VENV)" "$(PYTHON)"
	@echo "Installing cnnlib, JupyterLab and the test tools into $(VENV): about a minute, only this once."
	@$(PY) -m pip install --quiet --editable ".[notebooks,tests]"
	@$(PY) -c "import matplotlib.pyplot"
	@rm -f $(VENV)/.installed-* && touch $@

$(BROWSING): $(PAGES)
	@$(PY) -m pip install --quiet --editable ".[browser]"
	@touch $@

$(PAGES): $(STAMP)
	@echo "Installing what the web edition is made with: Sphinx and JupyterLite"
	@$(PY) -m pip install --quiet --editable ".[site]"
	@touch $@

$(GRADING): $(STAMP)
	@$(PY) -m pip install --quiet --editable ".[grading]"
	@touch $@

$(BENCHMARK): $(STAMP)
	@echo "Installing what the benchmark compares with: $(TORCH)"
	@if [ -n "$(TORCH)" ]; then \
	    $(PY) -m pip install --quiet "$(TORCH)" && $(PY) -m pip install --quiet --editable ".[benchmarks]"; \
	fi
	@touch $@
