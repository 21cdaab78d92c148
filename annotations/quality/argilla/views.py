"""Where Argilla knocks."""

import os
import time

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from annotations.errors import Refused
from annotations.later import later
from annotations.quality.argilla.hooks import is_signed
from annotations.quality.argilla.jobs import exchange_all
from annotations.quality.argilla.link import is_on

SOON = 10
"""Seconds in which many hints are one."""


@csrf_exempt
@require_POST
def knock(request: HttpRequest) -> HttpResponse:
    """Somebody answered: the desk is read in some seconds, once, however often it is said until then."""
    secret = os.environ.get("MINKA_ARGILLA_WEBHOOK_SECRET", "")
    if not is_on() or not secret:
        raise Http404
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not is_signed(headers, request.body, secret=secret, now=time.time()):
        raise Refused("forbidden")
    if cache.add("argilla.knock", 1, SOON):
        try:
            later(exchange_all, countdown=SOON, expires=300)
        except Refused:
            cache.delete("argilla.knock")  # the next hint is the first
            raise
    return HttpResponse(status=204)
