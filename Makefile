# The project's commands. `make run` and `make test` set everything up that they need; nothing is installed outside
# this folder, except Chromium by `make test` where it is missing and you are root.

SHELL := /bin/bash
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
BIN := .venv/bin
INSTALLED := .venv/installed
DEMO ?= on
MINUTES ?= 60

.PHONY: help run stop status env test soak lint check reference reference-check requirements clean reset browser

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## start the shop, its logs and the console, and stay; DEMO=off: without made-up customers
	@LOGPIPE_DEMO=$(DEMO) exec $(BIN)/python -m stack run

stop: $(INSTALLED) ## end what `make run` started
	@$(BIN)/python -m stack stop

status: $(INSTALLED) ## show what every program is doing
	@$(BIN)/python -m stack status

env: $(INSTALLED) ## print settings for a shell: eval "$$(make -s env)"
	@$(BIN)/python -m stack env

test: $(INSTALLED) browser ## run all tests, on real servers and a real browser; TESTS=tests/stack: some
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadscope --no-loadscope-reorder $(TESTS)

soak: $(INSTALLED) ## an hour of load and faults on real servers; MINUTES=5, SEED=7: shorter, or the same again
	@$(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

lint: $(INSTALLED) ## look for mistakes without running anything
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint requirements reference-check ## lint, and see that nothing generated is out of date
	@git diff --exit-code requirements.txt

REFERENCE := SHOP_SECRET_KEY=only-to-read-what-events-the-shop-has \
	DJANGO_SETTINGS_MODULE=shopapp.config.settings $(BIN)/logpipe reference docs/reference

reference: $(INSTALLED) ## write docs/reference from the code
	@$(REFERENCE)

reference-check: $(INSTALLED) ## see that docs/reference is what the code says
	@$(REFERENCE) --check

requirements: $(INSTALLED) ## pin what pyproject.toml asks for
	@$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --extra shop --extra dev \
		--custom-compile-command "make requirements" pyproject.toml -o requirements.txt

clean: ## remove what was installed and downloaded; data and passwords in var/ stay
	@rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info build dist

reset: stop ## remove all data and passwords of `make run`
	@rm -rf var

$(INSTALLED): requirements.txt pyproject.toml
	@python=$$(command -v python3.11 || command -v python3); \
	if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "make: Python 3.11 or newer is needed, and python3 is $$("$$python" --version 2>&1). Install python3.11." >&2; \
		exit 2; \
	fi; \
	echo "Installing the pinned requirements into .venv"; \
	[ -x $(BIN)/python ] || "$$python" -m venv .venv
	@[ "$$($(BIN)/uv --version 2>/dev/null | cut -d' ' -f2)" = "$(UV_VERSION)" ] \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.txt
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium and its driver, for the tests in a browser"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
			chromium chromium-driver fonts-liberation >/dev/null; \
	else \
		echo "make: the tests need Chromium and its driver. Debian: sudo apt-get install chromium chromium-driver" >&2; \
		exit 2; \
	fi
