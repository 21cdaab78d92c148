"""What somebody sent when their session was over: kept while they log in, and sent on.

Only for the person who comes back in the same browser, only for half an hour, and only if it is theirs: the action
itself refuses what belongs to somebody else, so that on a shared phone nobody sends or sees another's words.
"""

import time
from typing import Final

from django.http import HttpRequest, QueryDict

from annotations.people.accounts.limits import is_allowed

_KEPT: Final = "kept"
MOST: Final = 64_000
"""Characters of a form; more is no answer of ours."""
LASTS: Final = 30 * 60


def keep(request: HttpRequest, what: str) -> None:
    """Let what was sent wait in the session, until `take_kept`; `what` says what was to be done with it."""
    body = request.POST.urlencode()
    if request.method == "POST" and len(body) <= MOST and is_allowed(request, "keep"):
        request.session[_KEPT] = {"at": time.time(), "body": body, "what": what}


def take_kept(request: HttpRequest) -> tuple[str, QueryDict] | None:
    """What waits in this session, once, and what was to be done with it."""
    kept = request.session.pop(_KEPT, None)
    return (kept["what"], QueryDict(kept["body"])) if kept and time.time() - kept["at"] < LASTS else None
