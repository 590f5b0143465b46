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
IAC_VENV := .venvs/iac
SAM_BUILD_DIR := .aws-sam/build
ARTIFACT := $(SAM_BUILD_DIR)/EdgeHasherFunction
FUNCTION_LOCK := edge_hasher/function/requirements.txt
DEMO :=
BENCH :=
BENCH_NODE := .venvs/bench-node

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(VENV)/.stamp $(SAM_VENV)/.stamp $(MINISTACK_VENV)/.stamp ## Make the environments: the project's, the SAM CLI's, the stand-in for AWS

.PHONY: setup-iac
setup-iac: $(IAC_VENV)/.stamp ## Make the environment that reads the CDK and Terraform code in the docs (450 MB)

.PHONY: build
build: $(SAM_VENV)/.stamp ## Build the function with SAM, as it goes to Lambda@Edge
	MAKEFLAGS= PYTHON="$(CURDIR)/$(SAM_VENV)/bin/python" $(SAM) build

.PHONY: demo
demo: build $(VENV)/.stamp ## Send the same POST through CloudFront with and without the built function (DEMO=--once ends there)
	@$(VENV)/bin/edge-hasher demo --artifact $(ARTIFACT) $(DEMO)

.PHONY: test
test: $(VENV)/.stamp $(SAM_VENV)/.stamp $(MINISTACK_VENV)/.stamp ## Run the tests; every branch of the function must be covered
	@echo "The tests take about four minutes on two cores."
	$(VENV)/bin/coverage run -m pytest --quiet tests/unit/function
	$(VENV)/bin/coverage report
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile --ignore tests/unit/function

.PHONY: test-fast
test-fast: $(VENV)/.stamp ## Run the unit tests: no sockets, no SAM, no browser; under a minute
	$(VENV)/bin/python -m pytest tests/unit

.PHONY: check
check: $(VENV)/.stamp $(SAM_VENV)/.stamp ## Check style, types and the template
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(SAM) validate --lint
	cd examples/streaming-agent && "$(CURDIR)/$(SAM)" validate --lint

.PHONY: bench
bench: build $(VENV)/.stamp $(BENCH_NODE)/.stamp ## Measure everything again, in under 10 minutes (BENCH=--quick: under one)
	$(VENV)/bin/python -m benchmarks $(BENCH)

.PHONY: lock
lock: $(VENV)/.stamp ## Pin the newest versions of everything, with hashes
	$(call lock,3.13,edge_hasher/function/requirements)
	$(call lock,3.11,requirements/dev)
	$(call lock,3.11,requirements/sam)
	$(call lock,3.11,requirements/ministack)
	$(call lock,3.11,requirements/iac)
	$(call lock,3.11,examples/streaming-agent/app/requirements)

.PHONY: clean
clean: ## Remove builds, caches and environments
	rm -rf $(VENV) .venvs .aws-sam examples/streaming-agent/.aws-sam build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
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

# An environment is made anew when its lock changes, so that nothing stays behind from the old one. The locks are complete, and without
# --no-deps the pip that comes with Python 3.11 stumbles over pins of distributions that others want with extras.
$(VENV)/.locked: requirements/dev.txt | python-is-recent
	"$(PYTHON)" -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

# hatchling comes from the lock: the isolated build that pip would do fetches whatever is newest.
$(VENV)/.stamp: $(VENV)/.locked pyproject.toml
	$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(SAM_VENV)/.stamp: requirements/sam.txt | python-is-recent
	"$(PYTHON)" -m venv --clear $(SAM_VENV)
	$(SAM_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/sam.txt
	@touch $@

$(MINISTACK_VENV)/.stamp: requirements/ministack.txt | python-is-recent
	"$(PYTHON)" -m venv --clear $(MINISTACK_VENV)
	$(MINISTACK_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/ministack.txt
	@touch $@

$(IAC_VENV)/.stamp: requirements/iac.txt | python-is-recent
	"$(PYTHON)" -m venv --clear $(IAC_VENV)
	$(IAC_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/iac.txt
	@touch $@

# AWS's Node.js runtime client builds native code; where it does not install, a small client of ours stands in.
$(BENCH_NODE)/.stamp: benchmarks/subjects/node/package-lock.json
	@mkdir -p $(BENCH_NODE)
	@cp benchmarks/subjects/node/package.json benchmarks/subjects/node/package-lock.json $(BENCH_NODE)/
	@npm ci --prefix $(BENCH_NODE) --silent --no-audit --no-fund || echo "aws-lambda-ric does not install here." >&2
	@touch $@
