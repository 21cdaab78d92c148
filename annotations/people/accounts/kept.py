"""What somebody sent when their session was over: kept while they log in, and sent on.

Only for the person who comes back in the same browser, only for half an hour, and only if it is theirs: the action
itself refuses what belongs to somebody else, so that on a shared phone nobody sends or sees another's words.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Final

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict

from annotations.people.accounts.limits import is_allowed

_KEPT: Final = "kept"
MOST: Final = 64_000
"""Characters of a form; more is no answer of ours."""
LASTS: Final = 30 * 60

View = Callable[..., HttpResponse]


def keep_through_log_in(view: View) -> View:
    """Like `login_required`; what was sent waits in the session until `take_kept`."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **named)
        body = request.POST.urlencode()
        if request.method == "POST" and len(body) <= MOST and is_allowed(request, "keep"):
            request.session[_KEPT] = {"at": time.time(), "body": body}
        return redirect_to_login(request.path)

    return wrapped


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What waits in this session, once."""
    kept = request.session.pop(_KEPT, None)
    return QueryDict(kept["body"]) if kept and time.time() - kept["at"] < LASTS else None
