# The front door. `make` alone lists what there is. Needs Python 3.11 or later and make; `setup` brings the rest.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.proxx-setup
NODE_READY := node_modules/.proxx-setup

.DEFAULT_GOAL := help
.PHONY: racer hostile-tool sandbox-table sbom licences audit-dependencies fuzz help setup demo test test-postgresql simulate watch-campaign watch-kills check proto proto-check fmt lock bench flood fidelity witness media-report determinism fuzz-detector hostile-media rotation resolve-api resolve-campaign resolve-quirks up verify-full clean

help: ## List the targets (default)
	@echo "Proxx: deterministic proxy media, with proof. Start with: make demo"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

setup: ## Create .venv with proxx in it; install ffmpeg where it is missing
	@$(PYTHON) -m tools.setup

demo: $(READY) ## Generate camera-like footage, make proxies of it, show what was proven
	@$(BIN)/python -m tools.demo

test: $(READY) ## Run every test tier; each is printed with its time
	@$(PYTHON) -m tools.setup --node=optional
	@$(BIN)/python -m tools.run_tests

test-postgresql: $(READY) ## Run the whole contract of the scheduler on PostgreSQL (make test runs part of it there)
	@PROXX_CONTRACT_DATABASE=postgresql $(BIN)/python -m pytest -q --durations=3 -n 2 --dist loadfile tests/contract

simulate: $(READY) ## Simulate histories under faults: HISTORIES=1000000, or FLAGS (docs/SIMULATION.md)
	@$(BIN)/python -m tools.simulate $(if $(HISTORIES),--histories $(HISTORIES),) $(FLAGS)

watch-campaign: $(READY) ## Drop clips into a media folder in every bad manner: DROPS=2000, or FLAGS (docs/WATCH_FOLDERS.md)
	@$(BIN)/python -m tools.watch_campaign $(if $(DROPS),--drops $(DROPS),) $(FLAGS)

watch-kills: $(READY) ## Kill real watchers over drops, lose their ledgers, count the jobs: DROPS=500, or FLAGS (docs/WATCH_FOLDERS.md)
	@$(BIN)/python -m tools.watch_kills $(if $(DROPS),--drops $(DROPS),) $(FLAGS)

rotation: $(READY) ## Replace certificates, authorities and tokens while leases are held: SECONDS=600, or FLAGS (docs/SECURITY_MODEL.md)
	@$(BIN)/python -m tools.rotation $(if $(SECONDS),--seconds $(SECONDS),) $(FLAGS)

racer: $(READY) ## Swap paths for links while our file code works there: ROUNDS=100000, or FLAGS (docs/PATHS.md)
	@$(BIN)/python -m tests.racer $(if $(ROUNDS),--rounds $(ROUNDS),) $(FLAGS)

resolve-campaign: $(READY) ## Render under random switches of the simulated Resolve: RENDERS=10000, or FLAGS (docs/RESOLVE.md)
	@$(BIN)/python -m tools.resolve_campaign $(if $(RENDERS),--renders $(RENDERS),) $(FLAGS)

check: $(READY) $(NODE_READY) ## Lint, types, import rules, contract, generated files, locks
	@$(BIN)/python -m tools.run_checks

proto: $(READY) ## Generate src/proxx/api from protos/
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/gen_protos.py

proto-check: $(READY) $(NODE_READY) ## buf lint, buf breaking, generated code up to date
	@$(BIN)/python -m tools.run_checks --only contract

fmt: $(READY) $(NODE_READY) ## Format Python and protos
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .
	@node_modules/.bin/buf format --write protos

lock: $(READY) ## Resolve the dependencies of pyproject.toml anew into the lock files
	@$(BIN)/python -m tools.lock

bench: $(READY) ## Measure the system tax and the start-up costs
	@$(BIN)/python -m bench $(BENCH_FLAGS)

flood: $(READY) ## Attack a scheduler with running leases in every bad manner: FLAGS (docs/LIMITS.md)
	@$(BIN)/python -m bench.flood $(FLAGS)

fidelity: $(READY) ## Seed every known fault, try the verdict on it, write docs/FIDELITY.md
	@$(BIN)/python -m tools.fidelity_report

witness: $(READY) ## Ask independent readers about every kind of proxy, write docs/WITNESSES.md
	@$(PYTHON) -m tools.setup --node=required
	@$(BIN)/python -m tools.witness_report

media-report: $(READY) ## Proxy the real test media three ways, ask the readers, write docs/MEDIA_REPORT.md
	@$(PYTHON) -m tools.setup --node=optional
	@$(BIN)/python -m tools.media_report

determinism: $(READY) ## Encode every profile under load, CPU limits and CPU levels, write docs/DETERMINISM.md
	@$(BIN)/python -m tools.determinism $(DETERMINISM_FLAGS)

hostile-tool: $(READY) ## Put a hostile program in the place of ffmpeg, at every level that this host allows (docs/SANDBOX.md)
	@PROXX_LONG=1 $(BIN)/python -m pytest -q tests/hostile_tool tests/unit/engine/test_sandbox.py

sandbox-table: $(READY) ## Write what came of the hostile program into docs/SANDBOX.md
	@$(BIN)/python -m tools.sandbox_table

hostile-media: $(READY) ## Put 250 hostile files through the executor under strace: FLAGS (docs/HOSTILE_MEDIA.md)
	@$(BIN)/python -m tools.hostile_media $(FLAGS)

fuzz-detector: $(READY) ## Fuzz the source readers under the guidance of coverage (docs/ENGINE_CAPABILITIES.md)
	@$(BIN)/python -m tools.fuzz_detector $(FUZZ_FLAGS)

fuzz: $(READY) ## Fuzz every parser of ours under the guidance of coverage: MINUTES=60, or FLAGS (docs/FUZZING.md)
	@$(BIN)/python -m tools.fuzz $(if $(MINUTES),--minutes $(MINUTES),) $(FLAGS)

sbom: $(READY) ## Write the bill of materials as CycloneDX JSON into build/sbom (docs/SUPPLY_CHAIN.md)
	@$(BIN)/python -m tools.supply.sbom $(FLAGS)

licences: $(READY) ## Write docs/LICENSES.md from the locks and what the packages state
	@$(BIN)/python -m tools.supply.licences

audit-dependencies: $(READY) ## Look every dependency up where vulnerabilities are published; fails where nobody answers
	@$(BIN)/python -m tools.supply.audit $(FLAGS)

resolve-api: $(READY) ## Check our calls of Resolve's scripting API against public typed stubs, fetched (docs/RESOLVE.md)
	@$(BIN)/python -m tools.check_resolve_api

resolve-quirks: $(READY) ## Try every quirk of Resolve on whole jobs, with the simulator (docs/RESOLVE.md)
	@PROXX_LONG=1 $(BIN)/python -m pytest -q --durations=5 -n 3 --dist load tests/resolve/test_quirks.py

up: $(READY) ## Run scheduler and FFmpeg executor on loopback until interrupted
	@$(BIN)/proxx up

verify-full: check $(READY) ## Everything: checks, all tests with long campaigns, demo, benchmarks
	@$(PYTHON) -m tools.setup --node=required
	@$(BIN)/python -m tools.run_tests --long
	@$(BIN)/python -m tools.demo
	@$(BIN)/python -m bench --rounds 5

clean: ## Remove what the tools leave behind; .venv and node_modules stay
	@rm -rf build dist demo-out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src services tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.lock pyproject.toml tools/setup.py tools/system_packages.py
	@$(PYTHON) -m tools.setup

$(NODE_READY): package-lock.json
	@$(PYTHON) -m tools.setup --node=only
