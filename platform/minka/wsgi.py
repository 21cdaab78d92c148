"""The door for gunicorn. Refuses to open when it would not be safe to (`security.py`)."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

from minka.security import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.settings")

application = get_wsgi_application()
refuse_unsafe_start()


def close_connections() -> None:
    """gunicorn loads this before it forks, and nothing that is open to the database may cross the fork: two workers on
    one connection read each other's answers."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


close_connections()
