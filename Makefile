PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Every worker, and every run that the tests start, would compile all of it anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help rehearse test lint types architecture tests exhaustive format benchmark policies secrets clean

help:  ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 16

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	@touch $@

rehearse: $(READY)  ## rehearse the whole runbook on the embedded stage
	@$(BIN)/pytest features --narrate

test: lint types architecture tests  ## everything CI runs

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/zizmor --offline --quiet --persona pedantic .github

types: $(READY)
	$(BIN)/mypy

architecture: $(READY)
	$(BIN)/lint-imports

tests: $(READY)
	$(BIN)/pytest features tests -n 3 --dist worksteal

exhaustive: $(READY)  ## all tests, also those that `make tests` leaves to the night
	$(BIN)/pytest features tests --exhaustive -n 3 --dist worksteal

format: $(READY)  ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: $(READY)  ## measure what it costs, as ratios within one run
	$(BIN)/python -m benchmarks

policies: $(READY)  ## write the IAM policies anew, of what the rehearsals need
	$(BIN)/pytest features tests/policies/test_plays.py -n 2 --record-calls rehearsal/policies/calls.json
	$(BIN)/python -m rehearsal.policies --write docs/iam

secrets: $(READY)  ## rehearse the whole runbook, and look for the planted secrets in all that it leaves
	$(BIN)/python -m rehearsal.secrets_scan

clean:  ## remove the environment and the caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
