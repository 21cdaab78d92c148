"""One name for everything that one request sets off: what is logged, and the jobs it leaves to the worker, bear it.

It comes in `X-Request-ID` from whoever stands before us, or is made here, and goes back in the same header, so that a
person can quote it and an operator finds the lines. A job that the timetable sends is its own request. Only hexadecimal
digits are taken: a name that somebody chose could say who they are.
"""

import logging
import re
import uuid
from collections.abc import Callable
from typing import Any, Final

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_only_middleware

from minka.logs import request_id

log = logging.getLogger(__name__)

HEADER: Final = "X-Request-ID"
_IN_MESSAGES: Final = "minka_request_id"
_REFUSED: Final = frozenset({401, 403, 429})
_GIVEN: Final = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def given_or_new(given: str) -> str:
    """What came with a request, where it is a UUID; else a new one."""
    return given.replace("-", "") if _GIVEN.fullmatch(given) else uuid.uuid4().hex


@sync_only_middleware
def traced(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The first of all middleware: whatever the others log bears the name already. Who was at a door that is not
    theirs, or tried too often, is written down, by the door."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = request_id.set(given_or_new(request.headers.get(HEADER, "")))
        try:
            response = get_response(request)
            if response.status_code in _REFUSED:  # by its pattern: an address may hold a secret, or say whose it is
                where = request.resolver_match.route if request.resolver_match else "no page"
                log.info("refused, %d, at %s", response.status_code, where)
            response.headers[HEADER] = request_id.get()
            return response
        finally:
            request_id.reset(token)

    return middleware


@before_task_publish.connect
def _goes_along(headers: dict[str, Any], **_signal: Any) -> None:
    if request_id.get():
        headers[_IN_MESSAGES] = request_id.get()


@task_prerun.connect
def _begins(task: Any, task_id: str, **_signal: Any) -> None:
    request_id.set(given_or_new(getattr(task.request, _IN_MESSAGES, None) or task_id or ""))


@task_postrun.connect
def _ends(**_signal: Any) -> None:
    request_id.set("")
