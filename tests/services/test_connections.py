"""Workers share code and no connection: what was open before the fork is closed."""

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

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
