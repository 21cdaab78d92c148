"""The ground under every test: a real PostgreSQL of its own, thrown away afterwards.

Loaded with `-p tests.ground`, before Django's plugin reads the settings. With MINKA_TESTS_GROUND=FOLDER it lies there
and stays, for many short runs one after the other with `--reuse-db`.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, Final

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


HOUSES: Final = ("tests/browser/test_scripts.py", "tests/datasets/test_kills.py", "tests/faults/", "tests/services/")
"""Where modules start houses of their own."""


def scope_of(test: str) -> str:
    """What goes to one process whole, where several test at once: a test; or a module, where each process would start
    the same house."""
    module = test.partition("::")[0]
    return module if module.startswith(HOUSES) else test


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadgroup` would be that, and does nothing with pytest 9.2: pytest-xdist's issue 1386."""
    from xdist.scheduler import LoadScopeScheduling

    class OneHouse(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return OneHouse(config, log)
