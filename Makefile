# make book · make test · make serve · make lab · make notebooks · make reproduce · make bench
# make help lists the others.
# Needs Python 3.11 or newer with venv, and network to a package index for the first set-up.

PYTHON ?= python3
PORT   ?= 8000
# One more than cores on a small machine: tests of pages spend much of their time waiting.
JOBS   ?= 3

VENV  := .venv
PY    := $(VENV)/bin/python
READY := $(VENV)/.ready

# The same settings for every process, so that a stored output does not depend on who ran it:
# hash order, nobody's own matplotlib or IPython settings, no debugger notes on stderr.
export PYTHONHASHSEED := 0
export MPLCONFIGDIR := $(CURDIR)/_build/matplotlib
export IPYTHONDIR := $(CURDIR)/_build/ipython
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# NumPy's exp, log and cosh give other last bits with AVX-512 than without, and stored outputs show
# them; its tanh, which saved results rest on, does not.
export NPY_DISABLE_CPU_FEATURES := X86_V4 AVX512_ICL AVX512_SPR

# What the front end is bundled from; hatch_build.py writes the bundles to static/ and vendor/.
FRONT_END := $(shell find latchlib book \( -name static -o -name vendor \) -prune -o \
	-type f \( -name '*.js' -o -name '*.mjs' -o -name '*.ts' -o -name '*.css' \) -print)
SETUP_INPUTS := $(wildcard requirements.txt pyproject.toml package.json package-lock.json \
	hatch_build.py) $(FRONT_END)

# The stamp holds the folder it was made in: a moved checkout is set up again.
ifneq "$(shell cat $(READY) 2>/dev/null)" "$(CURDIR)"
SETUP_INPUTS += moved
endif

.PHONY: book test test-latest serve lab notebooks reproduce bench mutation bundle pdf lighthouse lock clean help moved
.DELETE_ON_ERROR:

book: $(READY) ## build the book into _build/html (the default)
	@$(PY) -m tools.build_book

test: book ## set up, build, and run every test: units, notebooks, built pages
	@$(PY) -m pytest -n $(JOBS) --dist loadfile --nbval --nbval-current-env tests book

serve: book ## serve the built book on http://localhost:8000/ (PORT=… for another port)
	@echo "Serving the book on http://localhost:$(PORT)/ (Ctrl-C stops it)"
	@$(PY) -m http.server --directory _build/html --bind 127.0.0.1 $(PORT)

lab: $(READY) ## open the chapters in JupyterLab
	@$(PY) -m jupyter lab --LabApp.default_url=/lab/tree/start.ipynb

notebooks: $(READY) ## regenerate the notebooks and the claims ledger
	@$(PY) -m tools.notebooks

reproduce: $(READY) ## regenerate every saved result and compare it with book/data
	@env -u NPY_DISABLE_CPU_FEATURES $(PY) -m latchlib reproduce all --output _build/results --compare book/data

bench: $(READY) ## measure the speed of the package and of the explorables
	@env -u NPY_DISABLE_CPU_FEATURES $(PY) -m tools.bench

mutation: $(READY) ## change the package a little, many times: a test must notice (MODULE=bptt SAMPLE=50)
	@$(PY) -m tools.mutation $(MODULE) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) \
		--jobs $(JOBS)

test-latest: $(READY) ## the tests again, with the newest releases within the ranges of pyproject.toml
	@rm -rf _build/latest && mkdir -p _build/latest
	@git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t _build/latest
	@echo '-e .[book,lab,test]' > _build/latest/requirements.txt
	@git -C _build/latest init --quiet && git -C _build/latest add --all
	@# That requirements.txt holds pins is the one thing that cannot hold there.
	@PYTEST_ADDOPTS="--deselect tests/test_repository.py::test_requirements_are_pinned_and_complete" \
		$(MAKE) -C _build/latest test
	@echo "Newest releases, where they are not those of requirements.txt:"
	@$(PY) -m tools.versions requirements.txt _build/latest/$(VENV)/bin/python

bundle: book ## pack pages, notebooks and package into one zip that works without network
	@$(PY) -m tools.bundle

pdf: $(READY) ## typeset the book with LaTeX into _build/pdf (the README names the packages)
	@$(PY) -m tools.pdf

lighthouse: book ## measure every built page with Lighthouse, as a phone and as a desktop
	@$(PY) -m tools.lighthouse

lock: ## pin requirements.txt anew from the ranges in pyproject.toml
	@$(PYTHON) -m venv --clear _build/lock
	@_build/lock/bin/python -m pip install --quiet uv
	@_build/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal \
		--python-version 3.11 --fork-strategy fewest --extra book --extra lab --extra test \
		--extra mutation \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--output-file _build/lock/requirements.txt
	@echo "-e ." >> _build/lock/requirements.txt
	@mv _build/lock/requirements.txt requirements.txt
	@rm -rf _build/lock

clean: ## remove everything that make made
	rm -rf _build $(VENV) node_modules latchlib/explorables/static book/assets/vendor

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

$(READY): $(SETUP_INPUTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not: try make PYTHON=python3.12" >&2; \
		exit 1; }
	@rm -f $(READY)
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| $(PYTHON) -m venv --clear $(VENV) \
		|| { rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed: is the venv package installed?" >&2; exit 1; }
	@echo "Setting up $(VENV): a few minutes the first time."
	@$(PY) -m pip install --quiet -r requirements.txt
	@mkdir -p _build
	@# The first import of matplotlib searches the fonts and says so on stderr: not in a chapter.
	@$(PY) -c 'import matplotlib.font_manager' 2>/dev/null
	@printf '%s\n' "$(CURDIR)" > $(READY)
