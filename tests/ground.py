"""The ground under every test: a real PostgreSQL of its own, thrown away afterwards.

Loaded with `-p tests.ground`, before Django's plugin reads the settings.
"""

import os
import tempfile
from pathlib import Path

import pytest

from minka.services.postgres import Postgres

_home = tempfile.TemporaryDirectory(prefix="minka-tests-")
Path(_home.name).chmod(0o755)  # so that root's database, which another account runs, goes away with it
(Path(_home.name) / "static").mkdir()
_postgres = Postgres(Path(_home.name), throwaway=True)
_postgres.start()
_postgres.ensure_database()
os.environ.update(
    MINKA_HOME=_home.name, MINKA_ENV="demo", DATABASE_URL=_postgres.url("owner"),
    DATABASE_OWNER_URL=_postgres.url("owner"), DATABASE_EXPORT_URL=_postgres.url("export"),
)  # fmt: skip


def pytest_unconfigure(config: pytest.Config) -> None:
    _postgres.stop()
    _home.cleanup()
