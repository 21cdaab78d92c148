"""What only pages need: the visit and who it is of, its messages, the token of its forms, htmx, allauth.

A call of the API brings its own token and leaves nothing behind. In the list of middleware it goes from `for_pages`
straight to `views`, by all that stands between.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_only_middleware

Handler = Callable[[HttpRequest], HttpResponse]

_views: ContextVar[Handler] = ContextVar("views")


def in_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


@sync_only_middleware
def views(get_response: Handler) -> Handler:
    """The end of what is for pages. Django builds its chain from the last one on."""
    _views.set(get_response)
    return get_response


@sync_only_middleware
def for_pages(get_response: Handler) -> Any:
    """The beginning of it."""
    at_once = _views.get()
    return lambda request: at_once(request) if in_api(request) else get_response(request)
