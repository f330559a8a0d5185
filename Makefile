# The only door: whatever a person or CI does has a verb here.

PYTHON = python3
BIN = $(ENVIRONMENT)/bin
UV = $$(tools/find-uv.sh $(PYTHON))
SOURCES = packages/*/src services/*/src
CHART = deploy/helm/heavylift
SHELL_SCRIPTS = tools/*.sh deploy/kind/run.sh deploy/kind/targets/*.sh .ci/run $(CHART)/files/redis/*.sh

# Services that have an image, each a target of deploy/images/Dockerfile, and the tag that the chart asks for by itself.
IMAGES = api worker autoscaler scheduler
# Where `make up` makes a cluster: kind, or what the program at CLUSTER starts.
TARGET = kind
CLUSTER = ../shared/cluster/cluster
E2E = TARGET="$(TARGET)" CLUSTER="$(CLUSTER)" TAG="$(TAG)" .venv-e2e/bin/pytest --timeout 900 $(or $(T),tests/e2e)
TAG := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

# Another Python has an environment of its own, so that neither disturbs the other.
ifeq ($(PYTHON),python3)
ENVIRONMENT := .venv
else
ENVIRONMENT := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
endif

export UV_PROJECT_ENVIRONMENT = $(ENVIRONMENT)
export UV_PYTHON_DOWNLOADS = never

.DEFAULT_GOAL := help
.PHONY: help setup run demo check test fmt lint types arrows chart helm contract lock alone docs openapi chaos fuzz bench simulate images up load deploy down settings e2e-smoke e2e bench-scaling clean

help: ## Say what there is (this).
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile

setup: $(ENVIRONMENT)/.ready ## Make the environment with uv; PYTHON=python3.13 makes one for that Python.

$(ENVIRONMENT)/.ready: pyproject.toml uv.lock $(wildcard packages/*/pyproject.toml services/*/pyproject.toml) tools/setup.sh
	@tools/setup.sh $(PYTHON) $(ENVIRONMENT)

run: setup ## Run Redis, a worker, a scheduler and the API here, until Ctrl-C; PORT=8001 moves the API.
	@$(if $(filter command%,$(origin PORT)),HEAVYLIFT_LOCAL_PORT=$(PORT)) exec $(BIN)/heavylift dev

demo: setup ## Prove the whole way on real input: a photograph, an e-mail, a slow task.
	@$(BIN)/python -m examples.demo

check: lint types arrows lock alone contract ## Everything that is known without running the system.

test: setup helm ## Every test that needs no cluster, in JOBS=2 processes; T=path picks some, in one.
	@$(BIN)/pytest $(or $(T),--numprocesses $(or $(JOBS),2) --dist loadfile --no-loadscope-reorder)

fmt: setup ## Bring the code into its form.
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --no-cache --fix --quiet .

lint: setup ## Is the code in its form, and free of what linters know?
	@$(BIN)/ruff format --check --quiet . || { echo "run: make fmt" >&2; exit 1; }
	@$(BIN)/ruff check --no-cache .  # the order of imports depends on which modules exist, which its cache does not see
	@$(BIN)/shellcheck --external-sources --source-path=SCRIPTDIR $(SHELL_SCRIPTS)

types: setup ## Do the types fit?
	@$(BIN)/mypy $(SOURCES) docs examples bench --exclude '^bench/peers/'

arrows: setup ## Do the imports point where they may?
	@$(BIN)/lint-imports --no-logo

chart: setup helm ## Does the chart lint, render on both Helms and keep its promises? Real Redis, no cluster.
	@for major in 3 4; do "$$(tools/find-helm.sh $$major)" lint --quiet --strict $(CHART) || exit 1; done
	@$(BIN)/pytest --quiet tests/chart

helm: # Both, before the tests look for them with a time limit.
	@tools/find-helm.sh 3 >/dev/null && tools/find-helm.sh 4 >/dev/null

contract: setup helm ## Do documents, settings and code say the same?
	@$(BIN)/pytest --quiet tests/contract

lock: setup ## Does uv.lock belong to the pyproject files?
	@$(UV) lock --check --quiet || { echo "uv.lock is not what the pyproject files ask for; run: uv lock" >&2; exit 1; }

alone: setup ## Does each service declare all that it imports?
	@$(UV) run --quiet --isolated --frozen --no-dev --python $(PYTHON) --package heavylift-api \
		python tests/isolation/alone.py heavylift_api.app --without celery kombu heavylift_worker heavylift_tasks
	@$(UV) run --quiet --isolated --frozen --no-dev --python $(PYTHON) --package heavylift-worker \
		python tests/isolation/alone.py heavylift_worker.__main__ --without fastapi uvicorn heavylift_api heavylift_tasks
	@$(UV) run --quiet --isolated --frozen --no-dev --python $(PYTHON) --package heavylift-autoscaler \
		python tests/isolation/alone.py heavylift_autoscaler.__main__ --without fastapi celery heavylift_api heavylift_worker
	@$(UV) run --quiet --isolated --frozen --no-dev --python $(PYTHON) --package heavylift-scheduler \
		python tests/isolation/alone.py heavylift_scheduler.__main__ --without fastapi celery kubernetes heavylift_api heavylift_worker

docs: setup ## Write the pages that are generated from the code.
	@$(BIN)/python docs/configuration.py
	@$(BIN)/python docs/cli.py
	@$(BIN)/python -m docs.chart

openapi: setup ## Write the description of the HTTP interface, docs/openapi.json.
	@$(BIN)/python -m heavylift_api.openapi docs/openapi.json

chaos: setup ## Hurt workers and Redis under load, and judge; KILLS=1000, SECONDS=300, FAULT=redis-kill, SEED=7.
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(KILLS),--kills $(KILLS)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(FAULT),--fault $(FAULT))

fuzz: setup ## Put the whole OpenAPI document to a real API, and judge the answers; REQUESTS=50000, SEED=7.
	@$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(REQUESTS),--requests $(REQUESTS))

bench: setup ## Measure it beside its peers, in an hour; QUICK=1 for minutes, ONLY=throughput ROUNDS=5 WRITE=1.
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(WRITE),--write) $(OPTIONS)

simulate: setup ## Try scaling under simulated load, beside KEDA and an HPA; ONLY=step,wave, SEED=7, RECORDED=file.csv, WRITE=1.
	@$(BIN)/python -m bench.scaling $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED)) $(if $(RECORDED),--recorded $(RECORDED)) \
		$(if $(WRITE),--write) $(OPTIONS)

images: lock ## Build the images of the services with buildah or docker, and keep them as archives in .images; TAG=1.2.3, BASE=…
	@BASE="$(BASE)" tools/build-images.sh .images $(TAG) $(IMAGES)

up load deploy down settings: ## A cluster to try it on, its images, Heavylift on it, its end; TARGET=kind, cluster or existing.
	@TARGET="$(TARGET)" CLUSTER="$(CLUSTER)" TAG="$(TAG)" deploy/kind/run.sh $@

e2e-smoke: .venv-e2e/.ready images ## On a cluster (TARGET as for `make up`): install, submit, one failover, one rollout.
	@$(E2E) -m smoke $(OPTIONS)

e2e: .venv-e2e/.ready images ## On a cluster: everything, with every fault; T=path picks some.
	@$(E2E) $(OPTIONS)

bench-scaling: .venv-e2e/.ready images ## On a cluster, in an hour: ours, KEDA and an HPA side by side; ONLY=reaction,step, ROUNDS=5, WRITE=1.
	@TARGET="$(TARGET)" CLUSTER="$(CLUSTER)" TAG="$(TAG)" .venv-e2e/bin/python -m bench.live $(if $(ONLY),--only $(ONLY)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(WRITE),--write) $(OPTIONS)

.venv-e2e/.ready: $(ENVIRONMENT)/.ready
	@tools/setup.sh $(PYTHON) .venv-e2e --group e2e

clean: ## Remove environments, caches and fetched tools. The tasks of `make run` in .heavylift stay.
	rm -rf .venv .venv-* .tools .images .bench/e2e .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench/environments
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
