"""So many tries in a time, per address and name. The counting is allauth's, under a lock in the database's cache."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

from annotations.errors import Refused


def count_try(request: HttpRequest, action: str, name: str = "") -> None:
    """Count one try of an action of `MINKA_RATES`; `Refused("too_many_requests")` when there were enough."""
    allowed = ratelimit.consume(request, app="annotations", action=action, key=name, config=settings.MINKA_RATES)
    if not allowed:
        raise Refused("too_many_requests")
