"""So many tries in a time, per address and name. The counting is allauth's, under a lock in the database's cache."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

from annotations.errors import Refused


def is_allowed(request: HttpRequest, action: str, name: str = "") -> bool:
    """Count one try of an action of `MINKA_RATES`, a look as well; False when there were enough."""
    usage = ratelimit.consume(
        request, app="annotations", action=action, key=name, config=settings.MINKA_RATES, limit_get=True
    )
    return usage is not None


def count_try(request: HttpRequest, action: str, name: str = "") -> None:
    """The same, as `Refused("too_many_requests")`."""
    if not is_allowed(request, action, name):
        raise Refused("too_many_requests")
