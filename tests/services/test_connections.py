"""Workers share code and no connection: what was open before the fork is closed."""

import time

import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

from annotations.people.keys import key_opens
from minka.connections import close_all


@pytest.mark.django_db(transaction=True)
def test_nothing_open_to_the_database_crosses_the_fork(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check at the start once asked the database before the fork, and both workers went on with its connections:
    one person's request read what was answered to another's."""
    default = connections["default"]
    monkeypatch.setitem(default.settings_dict["OPTIONS"], "pool", {"min_size": 1, "max_size": 2})
    default.close()
    assert key_opens()
    assert default.alias in DatabaseWrapper._connection_pools
    close_all()
    assert default.connection is None
    assert default.alias not in DatabaseWrapper._connection_pools
    monkeypatch.undo()


def refused(asked: list[float]) -> psycopg.Connection:
    asked.append(time.monotonic())
    raise psycopg.OperationalError("nobody is there")


def tries() -> int:
    """How often a pool asks in a second and a half for a database that is not there."""
    asked: list[float] = []
    pool = ConnectionPool("host=/nowhere", open=False, min_size=1)
    pool._connect = lambda *_time: refused(asked)  # type: ignore[method-assign]
    with pool:
        time.sleep(1.5)
    return len(asked)


def test_a_database_that_is_away_is_asked_for_often(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tries() > 3
    monkeypatch.setattr(AttemptWithBackoff, "INITIAL_DELAY", 1.0)  # the library's own
    monkeypatch.setattr(AttemptWithBackoff, "DELAY_BACKOFF", 2.0)
    assert tries() < 3
