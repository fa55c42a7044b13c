# Each target is one step from a fresh clone: it needs make and Python 3.11 or newer, and makes .venv on its own.
#   make lab PORT=8890 BROWSER=0      another port, and no browser window
#   make test TESTS="tests -k pool"   a part of the tests
#   make test SHUFFLE=7               files, and the tests of each, in an order drawn by 7
#   make lab PYTHON=python3.13        a Python of your choice, when .venv is made
#   make lab LOCKED=0                 the newest packages in place of those of constraints.txt
#   make lab LANGUAGE=zh_CN           the course in Chinese; so make notebooks, make assignments

VENV      := .venv
PORT      ?= 8888
IP        ?= localhost
BROWSER   ?= 1
WORKERS   ?= 2
LOCKED    ?= 1
NOTEBOOKS ?= $(wildcard notebooks/*.ipynb)
BROWSER_TESTS ?= tests_browser
GRADING_TESTS ?= tests
UNITS     ?= tests cnnlib cnncourse
TESTS     ?= $(UNITS) $(wildcard notebooks/*.ipynb)
SHUFFLE   ?=
ORDER      = $(if $(SHUFFLE),--shuffle=$(SHUFFLE))
# The version that the published figures were measured against. TORCH=torch takes the newest, TORCH= does without.
TORCH     ?= torch==2.13.0
# What is stored holds the figures with these kernels of OpenBLAS as well, beside those with the processor's own: they run
# on nearly every PC. The tables of `make bench STORE=1` and the page on growth become pages of the site.
KERNELS   ?= $(if $(filter 1,$(STORE)),Haswell)

# Systems set a variable LANGUAGE of their own, for their messages: only one that is given to make counts here.
LANGUAGE  ?=
TRANSLATED := $(if $(filter command,$(firstword $(origin LANGUAGE))),$(LANGUAGE))
START      := $(if $(TRANSLATED),build/$(TRANSLATED)/)notebooks

# Which packages: `locked`, what was tested; `newest` and `oldest`, the ends of the bounds in pyproject.toml.
PACKAGES  := $(if $(filter 0,$(LOCKED)),newest,locked)
PY        := $(VENV)/bin/python
install_locked = $(PY) -m pip install --quiet --no-compile --constraint constraints.txt
install_newest = $(PY) -m pip install --quiet --no-compile --upgrade --upgrade-strategy eager
install_oldest = $(PY) -m uv pip install --quiet --python $(PY) --resolution lowest-direct
INSTALL    = $(install_$(PACKAGES))
# pip compiles with one core only, and the tests of packages too, which nobody runs here.
COMPILE    = $(PY) -m compileall -qq -j 0 -x 'site-packages/.*/tests?/' $(VENV)/lib || true

# What is installed is known by the lists of packages and the place of this folder: a new clone, a moved one or a changed
# list is installed, everything else starts at once. The newest packages are asked for again every week.
LISTS     := pyproject.toml $(wildcard grader/pyproject.toml) constraints.txt
WEEK      := $(if $(filter newest,$(PACKAGES)),$(shell date +%G-%V))
STAMP     := $(VENV)/.installed-$(shell { cat $(LISTS); pwd -P; echo $(PACKAGES) $(WEEK); } | cksum | cut -d ' ' -f 1)
TESTING   := $(STAMP)-tests
BROWSING  := $(STAMP)-browser
PAGES     := $(STAMP)-site
GRADING   := $(STAMP)-grading
BENCHMARK := $(STAMP)-benchmarks-$(shell echo '$(TORCH)' | cksum | cut -d ' ' -f 1)

# The reader's own settings stay out of stored outputs, and an empty or a read-only home does no harm.
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/matplotlib
export JUPYTER_PREFER_ENV_PATH := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport MPLBACKEND
# Dozens of kernels and programs import the course: compiled files spare each of them a part of its start.
unexport PYTHONDONTWRITEBYTECODE
ifneq ($(CNNLIB_DATA),)
export CNNLIB_DATA := $(shell cd "$(CNNLIB_DATA)" 2>/dev/null && pwd || echo "$(CNNLIB_DATA)")
endif
EXECUTING := test unit coverage test-browser test-grading notebooks
$(EXECUTING): export IPYTHONDIR := $(CURDIR)/$(VENV)/ipython
$(EXECUTING): export JUPYTER_RUNTIME_DIR := $(CURDIR)/$(VENV)/runtime
# Several programs compute side by side here: BLAS threads that wait for a core taken by another one would crawl.
$(EXECUTING): export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help lab test unit test-newest test-oldest coverage test-browser test-grading assignments notebooks
.PHONY: site bench mutants lint style format lock hooks clean

help: ## show this list
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile
	@awk '/^#   make/ { print substr($$0, 2) }' Makefile

lab: $(STAMP) ## open the course in JupyterLab (PORT, BROWSER=0 or 1, IP, LANGUAGE)
	@$(if $(TRANSLATED),$(PY) tools/translations.py build $(TRANSLATED))
	@$(PY) -m nbformat.sign $(if $(TRANSLATED),$(START)/*.ipynb,$(NOTEBOOKS)) >/dev/null 2>&1 || true  # trusted: stored explorers move before a cell is run
	@echo "JupyterLab is starting and will print its address. Stop it with Ctrl-C."
	@set --; \
	case "$(BROWSER)" in \
	    0) set -- --no-browser ;; \
	    1) unset BROWSER ;; \
	esac; \
	if [ "$$(id -u)" = 0 ]; then set -- "$$@" --allow-root; fi; \
	exec $(PY) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/$(START)/00_tour.ipynb \
	    --ip="$(IP)" --port="$(PORT)" --LabApp.news_url=None --log-level=WARN "$$@"

# Types are checked meanwhile, which takes half a minute the first time; what is found stands at the end. Files keep their
# order: notebooks, each of which takes a few seconds, come last, so that no worker waits long for the other.
test: style ## run all tests: style, types, unit tests, notebooks (TESTS, WORKERS, SHUFFLE)
	$(PY) tools/check_types.py > $(VENV)/types.txt 2>&1 & types=$$!; failed=0; \
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ORDER) \
	    --nbval --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with=tests/nbval_sanitize.cfg $(TESTS) || failed=$$?; \
	wait $$types || failed=1; cat $(VENV)/types.txt; exit $$failed

unit: $(TESTING) ## run the unit tests alone (UNITS, WORKERS, SHUFFLE)
	$(PY) -m pytest -n $(WORKERS) --dist loadfile $(ORDER) $(UNITS)

test-newest: ## run the unit tests with the newest Python and packages, in .venv-newest
	@$(MAKE) --no-print-directory unit VENV=.venv-newest PACKAGES=newest PYTHON="$(or $(PYTHON),newest)"

test-oldest: ## run the unit tests with the oldest Python and packages, in .venv-oldest
	@$(MAKE) --no-print-directory unit VENV=.venv-oldest PACKAGES=oldest PYTHON="$(or $(PYTHON),oldest)"

coverage: $(TESTING) ## run the unit tests and count the lines that they reach
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest -n $(WORKERS) --dist loadfile $(UNITS)
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report --include "cnnlib/*" --fail-under=99
	$(PY) -m coverage report --fail-under=96

test-browser: $(BROWSING) ## run the tests of the explorers in a browser (needs chromium; WORKERS)
	$(PY) -m pytest -n $(WORKERS) --dist loadfile $(BROWSER_TESTS)

test-grading: $(GRADING) ## let hostile submissions try the grading (needs bubblewrap)
	@command -v bwrap >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends bubblewrap; \
	else \
	    echo "bubblewrap is missing. Install it first, for instance: sudo apt-get install bubblewrap"; exit 1; \
	fi
	cd grader && $(CURDIR)/$(PY) -m pytest $(GRADING_TESTS)

assignments: $(GRADING) ## make what students get from the master notebooks, in dist/assignments (LANGUAGE, PERSONAL, STUDENTS)
	$(PY) grader/tools/make_assignments.py $(if $(TRANSLATED),--language $(TRANSLATED)) \
	    $(if $(PERSONAL),--personal "$(PERSONAL)") $(if $(STUDENTS),--students "$(STUDENTS)")

notebooks: $(STAMP) ## execute the notebooks and store their outputs (NOTEBOOKS); with LANGUAGE, translate what is stored
	$(PY) tools/$(if $(TRANSLATED),translations.py build $(TRANSLATED),execute_notebooks.py $(NOTEBOOKS))

site: $(PAGES) $(if $(wildcard grader),$(GRADING)) ## make the web edition in build/site/html, with course.zip (needs node and npm; COMPILED)
	$(if $(wildcard grader),$(PY) grader/tools/make_assignments.py --language all)
	$(PY) tools/make_site.py --lite --zip $(if $(COMPILED),--compiled "$(COMPILED)")

bench: $(BENCHMARK) ## measure the speed against PyTorch, SciPy and plain loops (TORCH, KERNELS, STORE=1)
	@mkdir -p build
	$(if $(KERNELS),OPENBLAS_CORETYPE=$(KERNELS)) $(PY) -m benchmarks --output build/bench.md $(if $(filter 1,$(STORE)),--store)
	$(if $(filter 1,$(STORE)),env -u OPENBLAS_CORETYPE $(PY) -m benchmarks.growth)

mutants: $(GRADING) ## change the code in 150 places, one at a time, and see which changes no test notices (MUTANTS)
	$(PY) tools/mutants.py $(MUTANTS)

lint: style ## check style and types
	$(PY) tools/check_types.py

style: $(TESTING) ## check style, spelling, who imports whom
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m codespell_lib
	$(VENV)/bin/lint-imports --no-logo

format: $(TESTING) ## bring code and notebooks into the one style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: $(TESTING) ## write constraints.txt: the newest packages that go together, for every Python
	$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[maintenance]"
	$(PY) tools/lock.py

hooks: $(TESTING) ## let git check style, spelling and types before every commit
	$(PY) -m pip install --quiet --constraint constraints.txt --editable ".[maintenance]"
	$(PY) -m pre_commit install

clean: ## remove .venv and what else was made (a downloaded MNIST stays)
	rm -rf $(VENV) .venv-newest .venv-oldest .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis \
	    .coverage .coverage.* build dist grader/masters/*_checks.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

# Who reads needs no test tools, and the tests no JupyterLab.
$(STAMP): EXTRA := notebooks
$(STAMP): NAMED := JupyterLab
$(TESTING): EXTRA := tests
$(TESTING): NAMED := the test tools
$(STAMP) $(TESTING):
	@sh tools/make_venv.sh "$(VENV)" "$(PYTHON)"
	@echo "Installing cnnlib and $(NAMED) into $(VENV): about a minute, only this once."
	@$(if $(filter oldest,$(PACKAGES)),$(PY) -m pip install --quiet --constraint constraints.txt uv)
	@$(INSTALL) --editable ".[$(EXTRA)]"
	@$(COMPILE)
	@$(PY) -c "import matplotlib.pyplot"
	@rm -f $(filter-out $(STAMP)%,$(wildcard $(VENV)/.installed-*)) && touch $@

$(BROWSING): $(PAGES)
	@$(INSTALL) --editable ".[browser,hub]"
	@touch $@

$(PAGES): $(STAMP) $(TESTING)
	@echo "Installing what the web edition is made with: Sphinx and JupyterLite"
	@$(INSTALL) --editable ".[site]"
	@$(COMPILE)
	@touch $@

$(GRADING): $(TESTING)
	@$(INSTALL) --editable "grader[tests]"
	@touch $@

$(BENCHMARK): $(TESTING)
	@echo "Installing what the benchmark compares with: $(TORCH)"
	@if [ -n "$(TORCH)" ]; then \
	    $(INSTALL) "$(TORCH)" && $(INSTALL) --editable ".[benchmarks]"; \
	fi
	@touch $@
