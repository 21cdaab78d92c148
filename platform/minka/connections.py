"""gunicorn loads Minka before it forks, and nothing that is open to the database may cross the fork: two workers on one
connection read each other's answers."""

from django.db import connections


def close_all() -> None:
    """Close every connection of this process, and the pools they came from."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
