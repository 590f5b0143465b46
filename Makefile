# Edge Hasher. `make help` lists what there is; a fresh clone needs Python 3.11 or later, and make.
# Plain enough for the make of macOS (GNU make 3.81).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The runtime's own Python where there is one, so that tests run on it and the build can compile for it. Each candidate is started, not
# just looked up: version managers leave commands on PATH that answer "not installed".
PYTHON_IS_RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.13 python3 python3.14 python3.12 python3.11; do \
	if $$python -c '$(PYTHON_IS_RECENT)' >/dev/null 2>&1; then echo $$python; break; fi; done)

VENV := .venv
SAM_VENV := .venvs/sam
SAM := $(SAM_VENV)/bin/sam
MINISTACK_VENV := .venvs/ministack
OLDEST_RUNTIME_VENV := .venvs/oldest-runtime
IAC_VENV := .venvs/iac
FRAMEWORKS_NODE := .venvs/frameworks-node
SAM_BUILD_DIR := .aws-sam/build
ARTIFACT := $(SAM_BUILD_DIR)/EdgeHasherFunction
# What the build is made from. A file that is renamed or deleted changes the stamp's name.
BUILD_SOURCES := $(sort $(wildcard edge_hasher/function/*.py edge_hasher/function/packaging/*.py)) edge_hasher/function/Makefile \
	edge_hasher/function/requirements.txt template.yaml samconfig.toml
BUILD_STAMP := $(SAM_BUILD_DIR)/.stamp-$(shell echo $(BUILD_SOURCES) | cksum | cut -d ' ' -f 1)
DEMO :=
DIST := dist
BENCH :=
BENCH_NODE := .venvs/bench-node
LOGS := build/log

# $(call step,what it does,name of the log,commands): one line with the time it took. What the commands print goes to a log file,
# whose end is shown if they fail.
define step
@mkdir -p $(LOGS)
@printf '%s ... ' "$(1)"; \
if { $(3); } >$(LOGS)/$(2).log 2>&1; then echo "$$SECONDS s"; \
else echo "failed after $$SECONDS s"; tail -n 30 $(LOGS)/$(2).log; echo "All of it: $(LOGS)/$(2).log"; exit 1; fi
endef

# $(call packages,what they are for,name of the log,folder,lock): a new environment. The locks are complete, and without --no-deps the
# pip of Python 3.11 fails on distributions that others want with extras.
define packages
$(call step,Installing $(1),$(2),"$(PYTHON)" -m venv --clear $(3) && \
	$(3)/bin/python -m pip install --progress-bar off --require-hashes --no-deps -r $(4))
endef

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(VENV)/.stamp $(SAM_VENV)/.stamp $(MINISTACK_VENV)/.stamp $(OLDEST_RUNTIME_VENV)/.stamp ## Make the environments: the project's, the SAM CLI's, those of the tests

.PHONY: setup-node
setup-node: $(FRAMEWORKS_NODE)/.stamp ## Install the Node.js frameworks that docs/frameworks.md is tested with (needs npm)

.PHONY: setup-iac
setup-iac: $(IAC_VENV)/.stamp ## Make the environment that reads the CDK and Terraform code in the docs (450 MB)

.PHONY: build
build: $(BUILD_STAMP) ## Build the function with SAM, as it goes to Lambda@Edge

$(BUILD_STAMP): $(BUILD_SOURCES) $(SAM_VENV)/.stamp
	$(call step,Building the function with SAM,sam-build,MAKEFLAGS= PYTHON="$(CURDIR)/$(SAM_VENV)/bin/python" $(SAM) build)
	@touch $@

.PHONY: demo
demo: demo-announce $(VENV)/.stamp build ## Send the same POST through CloudFront with and without the built function (DEMO=--once ends there)
	@$(VENV)/bin/edge-hasher demo --artifact $(ARTIFACT) $(DEMO)

.PHONY: demo-announce
demo-announce:
	@if [ ! -e $(VENV)/.stamp ] || [ ! -e $(SAM_VENV)/.stamp ]; then \
		echo "The first time, this downloads about 220 MB of Python packages into $(VENV) and .venvs, and takes two to four minutes." \
			"After that it needs no network. The details go to $(LOGS)."; fi

.PHONY: test
test: test-announce $(VENV)/.stamp $(SAM_VENV)/.stamp $(MINISTACK_VENV)/.stamp $(OLDEST_RUNTIME_VENV)/.stamp ## Run the tests; every branch of the function must be covered
	$(VENV)/bin/coverage run -m pytest --quiet tests/unit/function
	$(VENV)/bin/coverage report
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --ignore tests/unit/function

.PHONY: test-announce
test-announce:
	@echo "The tests take about seven minutes on two cores, and use all cores. make test-fast runs the unit tests in about one."

.PHONY: test-fast
test-fast: $(VENV)/.stamp ## Run the unit tests: no sockets, no SAM, no browser; about a minute
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile tests/unit

.PHONY: check
check: $(VENV)/.stamp $(SAM_VENV)/.stamp ## Check style, types and the template
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(SAM) validate --lint
	cd examples/streaming-agent && "$(CURDIR)/$(SAM)" validate --lint

.PHONY: dist
dist: $(VENV)/.stamp ## Make what a release carries, in dist/: packages, the function's zip, its SBOM, checksums
	rm -rf $(DIST) && mkdir -p $(DIST)
	$(VENV)/bin/python -m hatchling build --directory $(DIST)
	$(VENV)/bin/edge-hasher package $(DIST)/edge-hasher-function.zip
	$(VENV)/bin/cyclonedx-py requirements edge_hasher/function/requirements.txt --output-reproducible \
		--output-file $(DIST)/edge-hasher-function.cdx.json
	cd $(DIST) && sha256sum *.whl *.tar.gz *.zip *.json >SHA256SUMS && cat SHA256SUMS

.PHONY: bench
bench: build $(VENV)/.stamp bench-node ## Measure everything again, in under 10 minutes (BENCH=--quick: under one)
	$(VENV)/bin/python -m benchmarks $(BENCH)

.PHONY: soak
soak: $(VENV)/.stamp ## Load the local edge for five minutes, with aborts, kills and restarts: nothing wrong, no growth (Linux)
	$(VENV)/bin/python -m benchmarks.soak

.PHONY: screenshots
screenshots: $(VENV)/.stamp ## Take the pictures in docs/images again (needs Chromium)
	$(VENV)/bin/python -m tests.support.screenshots

.PHONY: lock
lock: $(VENV)/.stamp ## Pin the newest versions of everything, with hashes
	$(call lock,3.13,edge_hasher/function/requirements)
	$(call lock,3.11,requirements/dev)
	$(call lock,3.11,requirements/sam)
	$(call lock,3.11,requirements/ministack)
	$(call lock,3.11,requirements/oldest-runtime)
	$(call lock,3.11,requirements/iac)
	$(call lock,3.13,examples/composed-function/requirements)
	$(call lock,3.11,examples/streaming-agent/app/requirements)

.PHONY: clean
clean: ## Remove builds, caches and environments
	rm -rf $(VENV) .venvs .aws-sam examples/streaming-agent/.aws-sam build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache \
		.ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Universal: one lock for every system and for each Python from the given one on. Hashes of all files of the public index, and nothing
# of the machine that locks: no index, no local folder of wheels.
lock = UV_CUSTOM_COMPILE_COMMAND='make lock' UV_NO_CONFIG=1 $(VENV)/bin/uv pip compile --quiet --universal --upgrade --generate-hashes \
	--no-emit-index-url --no-emit-find-links --python-version $(1) $(2).in --output-file $(2).txt

.PHONY: python-is-recent
python-is-recent:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c '$(PYTHON_IS_RECENT)'; then \
		echo "Edge Hasher needs Python 3.11 or later; found: $$("$(or $(PYTHON),python3)" --version 2>&1 || echo none)." \
			"Install one, or name it: make setup PYTHON=/path/to/python3.13" >&2; exit 1; fi

# An environment is made anew when its lock changes, so that nothing stays behind from the old one.
$(VENV)/.locked: requirements/dev.txt | python-is-recent
	$(call packages,the project's packages,venv,$(VENV),requirements/dev.txt)
	@touch $@

# hatchling comes from the lock: the isolated build that pip would do fetches whatever is newest.
$(VENV)/.stamp: $(VENV)/.locked pyproject.toml
	$(call step,Installing Edge Hasher itself,edge-hasher,\
		$(VENV)/bin/python -m pip install --no-deps --no-build-isolation --editable .)
	@touch $@

$(SAM_VENV)/.stamp: requirements/sam.txt | python-is-recent
	$(call packages,the SAM CLI,sam,$(SAM_VENV),requirements/sam.txt)
	@touch $@

$(MINISTACK_VENV)/.stamp: requirements/ministack.txt | python-is-recent
	$(call packages,the stand-in for AWS,ministack,$(MINISTACK_VENV),requirements/ministack.txt)
	@touch $@

$(OLDEST_RUNTIME_VENV)/.stamp: requirements/oldest-runtime.txt | python-is-recent
	$(call packages,an old runtime client of AWS's,oldest-runtime,$(OLDEST_RUNTIME_VENV),requirements/oldest-runtime.txt)
	@touch $@

$(IAC_VENV)/.stamp: requirements/iac.txt | python-is-recent
	$(call packages,CDK and Terraform,iac,$(IAC_VENV),requirements/iac.txt)
	@touch $@

$(FRAMEWORKS_NODE)/.stamp: tests/support/frameworks/package-lock.json
	@mkdir -p $(FRAMEWORKS_NODE)
	@cp tests/support/frameworks/package.json $< $(FRAMEWORKS_NODE)/
	$(call step,Installing Express and Hono,frameworks-node,npm ci --prefix $(FRAMEWORKS_NODE) --ignore-scripts --no-audit --no-fund)
	@touch $@

# AWS's Node.js runtime client compiles native code. Its node-gyp needs a Python with distutils, which Python 3.12 dropped and setuptools
# brings; SAM's environment has setuptools. Where it does not install, the next `make bench` tries again.
.PHONY: bench-node
bench-node: $(SAM_VENV)/.stamp
	@if [ ! -e $(BENCH_NODE)/.stamp ] || [ benchmarks/subjects/node/package-lock.json -nt $(BENCH_NODE)/.stamp ]; then \
		mkdir -p $(BENCH_NODE) $(LOGS); \
		cp benchmarks/subjects/node/package.json benchmarks/subjects/node/package-lock.json $(BENCH_NODE)/; \
		printf '%s ... ' "Compiling AWS's Node.js runtime client (a minute or two)"; \
		if NODE_GYP_FORCE_PYTHON="$(CURDIR)/$(SAM_VENV)/bin/python" npm ci --prefix $(BENCH_NODE) --no-audit --no-fund \
			--foreground-scripts >$(LOGS)/bench-node.log 2>&1; then echo "$$SECONDS s"; touch $(BENCH_NODE)/.stamp; \
		else echo "failed after $$SECONDS s"; rm -rf $(BENCH_NODE)/node_modules; tail -n 30 $(LOGS)/bench-node.log; \
			echo "All of it: $(LOGS)/bench-node.log"; \
			echo "It needs npm, a C++ compiler, make, cmake, autoconf, automake, libtool, and a folder without spaces in its name."; \
			echo "A small client stands in for AWS's own: benchmarks/subjects/node/client.mjs. The report says which one ran."; \
		fi; fi
