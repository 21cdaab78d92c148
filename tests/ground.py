"""The ground under every test: a real PostgreSQL of its own, thrown away afterwards.

Loaded with `-p tests.ground`, before Django's plugin reads the settings. With MINKA_TESTS_GROUND=FOLDER it lies there
and stays, for many short runs one after the other with `--reuse-db`.
"""

import os
import tempfile
from pathlib import Path

import pytest

from minka.services.postgres import Postgres

_kept = os.environ.get("MINKA_TESTS_GROUND")
_home = tempfile.TemporaryDirectory(prefix="minka-tests-")
_place = Path(_kept or _home.name)
_place.mkdir(exist_ok=True)
_place.chmod(0o755)  # so that root's database, which another account runs, goes away with it
(_place / "static").mkdir(exist_ok=True)
_postgres = Postgres(_place, throwaway=True)
_postgres.start()
_postgres.ensure_database()
os.environ.update(
    MINKA_HOME=str(_place), MINKA_ENV="demo", DATABASE_URL=_postgres.url("owner"),
    DATABASE_OWNER_URL=_postgres.url("owner"), DATABASE_EXPORT_URL=_postgres.url("export"),
)  # fmt: skip


def pytest_unconfigure(config: pytest.Config) -> None:
    _postgres.stop()
    _home.cleanup()
