# make book · make test · make serve · make lab · make notebooks · make reproduce · make bench
# make help lists the others.
# Needs Python 3.11 or newer with venv, and network to a package index for the first set-up.

PYTHON ?= python3
PORT   ?= 8000
# One more than cores on a small machine: tests of pages spend much of their time waiting. They take
# longest, and come first: a file of few long tests must not be left for the end.
JOBS   ?= 3

# Sets up what is not, then runs Python in an environment of its own making: see the file.
RUN := $(PYTHON) -I tools/environment.py

.PHONY: book test proofs test-latest test-lowest test-kernels serve lab notebooks reproduce bench mutation bundle pdf lighthouse lock clean help

book: ## build the book into _build/html (the default)
	@$(RUN) -m tools.build_book

test: book ## set up, build, and run every test: units, notebooks, built pages (ARGS=… for pytest)
	@$(RUN) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --nbval --nbval-current-env tests book $(ARGS)

serve: book ## serve the built book on http://localhost:8000/ (PORT=… for another port)
	@echo "Serving the book on http://localhost:$(PORT)/ (Ctrl-C stops it)"
	@$(RUN) --here -m http.server --directory _build/html --bind 127.0.0.1 $(PORT)

lab: ## open the chapters in JupyterLab (LAB=… for options of its own, such as --allow-root)
	@$(RUN) --here --show -m jupyterlab --LabApp.default_url=/lab/tree/start.ipynb $(LAB)

notebooks: ## regenerate the notebooks and the claims ledger
	@$(RUN) -m tools.notebooks

reproduce: ## regenerate every saved result and compare it with book/data
	@$(RUN) --fast -m latchlib reproduce all --output _build/results --compare book/data

bench: ## measure the speed of the package and of the explorables (ARGS='-k portrait' for a part)
	@$(RUN) --fast -m pytest bench -rs -q -p no:xdist --benchmark-columns=median,iqr,rounds $(ARGS)

mutation: ## change the package a little, many times: does a test notice? (MUTANTS='latchlib.backprop.*')
	@$(RUN) -m tools.mutation $(MUTANTS)

proofs: ## have Coq check the machine-checked proofs, and false statements fail (ARGS=--check)
	@$(RUN) -m tools.check_proofs $(ARGS)

test-latest: ## the tests again, with the newest releases that pyproject.toml allows
	@$(PYTHON) -m tools.versions latest --make '$(MAKE_COMMAND)'

test-lowest: ## the tests again, with the lowest releases that pyproject.toml allows
	@$(PYTHON) -m tools.versions lowest --make '$(MAKE_COMMAND)'

bundle: book ## pack pages, notebooks and package into one zip that works without network
	@$(RUN) -m tools.bundle

pdf: book ## print the built pages into one PDF, _build/pdf/learning-to-latch.pdf
	@$(RUN) -m tools.pdf

lighthouse: book ## measure every built page with Lighthouse, as a phone and as a desktop
	@$(RUN) -m tools.lighthouse

PINS := uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--fork-strategy fewest --no-emit-index-url --no-emit-find-links --no-header --no-annotate

lock: ## pin the packages anew from the ranges in pyproject.toml
	@$(PYTHON) -m venv --clear _build/lock
	@_build/lock/bin/python -m pip install --quiet uv
	@_build/lock/bin/$(PINS) --extra book --extra lab --extra test --extra mutation \
		--output-file _build/lock/all.txt
	@_build/lock/bin/$(PINS) --extra lab --constraint _build/lock/all.txt \
		--output-file _build/lock/requirements.txt
	@awk -F == 'NR == FNR {read[$$1]; next} !($$1 in read)' \
		_build/lock/requirements.txt _build/lock/all.txt > requirements-build.txt
	@echo "-e ." >> _build/lock/requirements.txt
	@mv _build/lock/requirements.txt requirements.txt
	@rm -rf _build/lock

clean: ## remove everything that make made
	rm -rf _build .venv .venv.old .venv.lock node_modules latchbook/explorables/static book/assets/vendor

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' Makefile

test-kernels: ## the chapters as on other processors: names cells that differ (CHAPTERS=… for some)
	@$(RUN) -m tools.kernels $(CHAPTERS)
