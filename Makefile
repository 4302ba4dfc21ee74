# The commands people type. ARGS reaches Ansible: make site ARGS="--tags network --check"
# INVENTORY names another environment than the sandbox: make plan INVENTORY=inventories/example

INVENTORY ?= inventories/sandbox
ON_SANDBOX = $(findstring inventories/sandbox,$(INVENTORY))
CHECKS = test lint unit sandbox integration oldest molecule build sanity docs
# What is installed in .venv/ is found without activating it.
ENVIRONMENT = PATH="$(CURDIR)/.venv/bin:$$PATH"

# Set, it would make every run compile its code again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup up site plan destroy down status bench lock clean $(CHECKS)

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s%s\n", $$1, $$2}' Makefile

setup: ## make the environment in .venv/, or find it up to date (PYTHON=… chooses the interpreter)
	@PYTHON="$(PYTHON)" scripts/setup

up: setup ## start the sandbox, unless it is up (HOSTS=yes: with machines that run)
	@$(ENVIRONMENT) python -m sandbox up $(if $(HOSTS),--hosts)

site: setup $(if $(ON_SANDBOX),up) ## build the estate, on the sandbox unless INVENTORY says otherwise
	@$(ENVIRONMENT) ansible-playbook -i $(INVENTORY) site.yml $(ARGS)

plan: override ARGS += --check --diff
plan: site ## show what `make site` would change, and change nothing

destroy: setup $(if $(ON_SANDBOX),up) ## take the estate away, after a typed confirmation
	@$(ENVIRONMENT) ansible-playbook -i $(INVENTORY) playbooks/destroy.yml $(ARGS)

status: ## say whether the sandbox is up, and what it was asked
down: ## stop the sandbox, and forget what was built on it
down status: setup
	@$(ENVIRONMENT) python -m sandbox $@

test: ## run every check below
lint: ## check the style and the documentation of everything
unit: ## test the pure parts, here and as the installed collection
sandbox: ## test the sandbox against AWS's own service models
integration: ## test the modules and the estate on the sandbox
oldest: ## test with the oldest Python, ansible-core and boto3 that are supported
molecule: ## build the estate twice, and read every layer back
build: ## build the collection's tarball in build/, and install it from there
sanity: ## run ansible-test sanity on the installed collection
docs: ## build the documentation site in build/docs/
$(CHECKS): setup
	@$(ENVIRONMENT) scripts/check $@

bench: setup ## measure how fast it is, in about seven minutes (ARGS=--update: write it to docs/performance.md)
	@$(ENVIRONMENT) scripts/bench $(ARGS)

lock: setup requirements.lock requirements-oldest.lock ## pin the packages of the .in files (ARGS=--upgrade: the newest ones)
%.lock: %.in setup
	@$(ENVIRONMENT) uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url \
		--no-header --output-file $*.txt $(ARGS) $<

clean: ## stop the sandbox, and remove all that these commands made
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m sandbox down; fi
	@rm -rf .ansible .cache .collections .pytest_cache .ruff_cache .sandbox .venv build tests/output
