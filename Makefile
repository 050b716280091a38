# The dozen commands. `make demo` and `make test` set everything up by themselves.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
MADE := .venv/.made

help: ## what can be made here
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 16

demo: $(MADE) ## do the main job on synthetic people, in a new folder, and show it
	@rm -rf beholden-demo
	@$(BIN)/beholden demo beholden-demo

test: $(MADE) lint types imports ## everything that must hold: style, types, floors, tests
	@$(BIN)/python -m pytest -n 2 --cov --cov-report= --cov-fail-under=95 $(TESTS)
	@$(BIN)/coverage report --rcfile=tools/answering.coveragerc # 100 % of what searches are answered for by

lint: $(MADE) ## style
	@$(BIN)/ruff check src tests benches
	@$(BIN)/ruff format --check src tests benches

types: $(MADE) ## types, strictly
	@$(BIN)/mypy

imports: $(MADE) ## the floors: imports point down, and in no circle
	@$(BIN)/lint-imports --no-cache

format: $(MADE) ## put the style right
	@$(BIN)/ruff check --fix src tests benches
	@$(BIN)/ruff format src tests benches

trials: $(MADE) ## the long form of the trials (crash, tamper, load)
	@BEHOLDEN_TRIALS=long $(BIN)/python -m pytest tests/trials -m "slow or not slow" --timeout 3600

bench: $(MADE) ## how fast one exact search is on this machine, beside others where they are installed
	@$(BIN)/beholden bench search

bench-search: $(MADE) ## every figure of the search, beside what PEERS=PYTHON has, into FIGURES=FOLDER
	@$(BIN)/python benches/all_search.py $(or $(FIGURES),build/figures) --publish $(if $(PEERS),--peers $(PEERS))

setup: $(MADE) ## only the set-up

$(MADE): requirements/dev.txt pyproject.toml setup.py src/beholden/index/_scan.c tools/setup
	@PYTHON="$(PYTHON)" bash tools/setup
	@touch $(MADE)

lock: $(MADE) ## resolve the dependencies anew, for Python 3.11
	@bash tools/lock

clean: ## take away what was set up and made
	@rm -rf .venv build beholden-demo .pytest_cache .mypy_cache .ruff_cache .coverage

.PHONY: help demo test lint types imports format trials bench bench-search setup lock clean
