# The two commands: `make up` starts Minka, `make test` proves it. The rest is for those who change it.

PYTHON ?= python3
BIN := .venv/bin

# Processes that test at once: half as many again as this machine has processors, since tests wait for the clock too.
WORKERS ?= 3

.PHONY: up test money check faults load fuzz test-debian coverage mutants audit sbom test-training test-argilla messages bench lighthouse lock

.venv/ready: requirements/base.txt pyproject.toml
	@echo "Setting up the environment in .venv (once) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/base.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/ready-dev: .venv/ready requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# What the pages are proved with; nothing of it is served. `make up` needs no Node.
node_modules/.ready: package.json package-lock.json .npmrc
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' && npm --version >/dev/null \
		|| { echo "The checks need Node 20.19 or newer, with npm, and it is not here: install it, then try again." >&2; exit 1; }
	@npm ci --loglevel error --ignore-scripts >/dev/null
	@touch $@

up: .venv/ready
	@exec $(BIN)/python -m minka.services.up

test: .venv/ready-dev check
	@rm -rf test-results/release test-results/release-of-every-kind
	@MINKA_KEEP_RELEASE=$(CURDIR)/test-results/release $(BIN)/python -m pytest -n $(WORKERS)

# The same tests, and red where a branch of the money path (tests/gates/money.py) is taken by none. Measuring takes
# longer, too long for every change.
money: .venv/ready-dev node_modules/.ready
	@$(BIN)/python -m tests.gates.covered money -n $(WORKERS)

check: .venv/ready-dev node_modules/.ready
	@mkdir -p test-results
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@DATABASE_URL=postgresql:///none $(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >test-results/imports.txt || (cat test-results/imports.txt; false)
	@$(BIN)/djlint --lint --quiet templates
	@node_modules/.bin/eslint static
	@node_modules/.bin/stylelint 'static/**/*.css'

# A house struck a hundred times while people work in it, and its queue erased twenty times (a quarter of an hour). A
# thousand answers cut after they were kept, fifty sessions lost in the middle of a long text, a hundred kills of a
# release while it is made, and 200,000 turns taken by many at once, with everything that brings a seat back: hours. What came of
# it stands in docs/reliability.md.
faults: export MINKA_TELL = 1
faults: .venv/ready-dev
	@KILLS=100 ERASED=20 $(BIN)/python -m pytest -s tests/faults
	@CUTS=1000 LOSSES=50 $(BIN)/python -m pytest -s tests/browser/test_faults.py
	@KILLS=100 ERASED=20 $(BIN)/python -m pytest -s tests/datasets/test_kills.py
	@CYCLES=200000 $(BIN)/python -m pytest -s tests/assignments/test_exact.py

# Five hundred volunteers for half an hour, then until it is too much: `VOLUNTEERS_AT_ONCE`, `MINUTES`.
load: export MINKA_TELL = 1
load: .venv/ready-dev
	@$(BIN)/python -m benchmarks.load

# What depends on the database and the queue, against Debian's PostgreSQL with Redis and then with RabbitMQ (apt-get
# install postgresql redis-server rabbitmq-server), each in a folder of its own, on the loopback; no system service is
# touched. `MINKA_BROKERS=redis` is one of them.
MINKA_BROKERS ?= redis rabbitmq
test-debian: export MINKA_TELL = 1
test-debian: .venv/ready-dev
	@for broker in $(MINKA_BROKERS); do $(BIN)/python -m tests.faults.brokers $$broker || exit 1; done

# Twenty thousand requests to the API that its document allows or forbids, by four roles, and two thousand forms; SEED=…
# repeats one. What came of it is written down.
fuzz: export MINKA_TELL = 1
fuzz: .venv/ready-dev
	@FUZZ=20000 FORMS=2000 $(BIN)/python -m pytest -s tests/house/test_fuzz.py

# Which lines and branches of everything the tests take: 95 of 100, and on the money path all.
coverage: .venv/ready-dev node_modules/.ready
	@$(BIN)/python -m tests.gates.covered everything -q -n $(WORKERS)

# Whether a test sees small mistakes there: `MUTANTS=300`, SEED=… repeats them, MINUTES ends it and the same again goes
# on. After `make coverage`, which writes down the tests that come by a line. What came of it is written down.
.venv-mutants/ready: requirements/mutants.txt
	@$(PYTHON) -m venv .venv-mutants
	@.venv-mutants/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/mutants.txt
	@touch $@

mutants: export MINKA_TELL = 1
mutants: .venv/ready-dev .venv-mutants/ready
	@test -f test-results/coverage/everything/data || $(MAKE) coverage
	@$(BIN)/python -m tests.gates.mutants

.venv-supply/ready: requirements/supply.txt
	@$(PYTHON) -m venv .venv-supply
	@.venv-supply/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/supply.txt
	@touch $@

# Whether anything is known of what we run; red too where nobody could be asked, or something was not looked up.
audit: .venv-supply/ready
	@.venv-supply/bin/python -m tests.house.audit

# What this version is made of, for whoever runs it: CycloneDX in `dist`, from the lock; red where it lacks a package.
sbom: .venv-supply/ready
	@.venv-supply/bin/python -m tests.house.bill

# The trainer's environment is one of its own: torch first, or the resolver pulls gigabytes of CUDA.
# What the recipes share is in the client: this checkout's own, as it changes, and nothing else with it.
.venv-training/ready: requirements/training.txt clients/python/pyproject.toml
	@$(PYTHON) -m venv .venv-training
	@.venv-training/bin/pip install -q --disable-pip-version-check "$$(grep '^torch==[0-9.]*$$' requirements/training.txt)"
	@.venv-training/bin/pip install -q --disable-pip-version-check -r requirements/training.txt
	@.venv-training/bin/pip install -q --disable-pip-version-check --no-deps -e ./clients/python
	@touch $@

# A release made by the platform from real votes is what the recipe trains on, with no converter between.
test-training: .venv/ready-dev .venv-training/ready
	@test -d test-results/release || $(MAKE) test
	@MINKA_TEST_RELEASE=$(CURDIR)/test-results/release .venv-training/bin/python -m pytest -c tests/training/pytest.ini tests/training

# What the worker of the queue `argilla` has, and what tests need.
.venv-argilla/ready: requirements/argilla.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -m venv .venv-argilla
	@.venv-argilla/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/argilla.txt
	@.venv-argilla/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@.venv-argilla/bin/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv-argilla-server/ready: requirements/argilla-server.txt
	@$(PYTHON) -m venv .venv-argilla-server
	@.venv-argilla-server/bin/pip install -q --disable-pip-version-check -r requirements/argilla-server.txt
	@touch $@

# The desk of the experts at a real Argilla server, which the tests start and stop; times of the journey are printed.
test-argilla: .venv-argilla/ready .venv-argilla-server/ready
	@MINKA_TEST_ARGILLA=$(CURDIR)/.venv-argilla-server/bin/python .venv-argilla/bin/python -m pytest tests/quality/argilla

# After a sentence in locale/*/LC_MESSAGES/django.po was changed: the compiled catalogs go with it into the repository.
messages: .venv/ready-dev
	@$(BIN)/pybabel -q compile -d locale -D django -f

# What our aggregation is compared with. It is not in the house: 400 MB, and no better.
.venv-crowd/ready: requirements/crowd.txt
	@$(PYTHON) -m venv .venv-crowd
	@.venv-crowd/bin/pip install -q --disable-pip-version-check --no-deps -r requirements/crowd.txt
	@touch $@

bench: .venv/ready-dev node_modules/.ready .venv-crowd/ready
	@$(BIN)/python -m benchmarks

lighthouse: .venv/ready-dev node_modules/.ready
	@$(BIN)/python -m benchmarks lighthouse

lock:
	@$(BIN)/pip install -q uv
	@$(BIN)/uv pip compile -q --generate-hashes --no-header requirements/base.in -o requirements/base.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-header requirements/dev.in -o requirements/dev.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-header -c requirements/base.txt requirements/argilla.in -o requirements/argilla.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-header requirements/supply.in -o requirements/supply.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-header --no-deps requirements/mutants.in -o requirements/mutants.txt
