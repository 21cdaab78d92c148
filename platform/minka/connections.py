"""gunicorn loads Minka before it forks, and nothing that is open to the database may cross the fork: two workers on one
connection read each other's answers. And what lost its database asks for it often: PostgreSQL is back a second after it
was killed, and the pool's own patience, which doubles from one second on, would keep people waiting for three or seven.
"""

from django.db import connections
from psycopg_pool.base import AttemptWithBackoff


def ask_often() -> None:
    """A connection that was lost is asked for again every quarter of a second, until it is there."""
    AttemptWithBackoff.INITIAL_DELAY, AttemptWithBackoff.DELAY_BACKOFF = 0.25, 1.0


def close_all() -> None:
    """Close every connection of this process, and the pools they came from."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
