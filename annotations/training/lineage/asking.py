"""What one asks the lineage of: read from the address, the same for the page and the API.

It is open to everybody, but for outputs by their keys: whoever counted through them would learn which models stand in
an item that is still judged blind.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Final

from django.http import Http404, HttpRequest

from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.accounts.limits import count_try
from annotations.training.lineage.queries import Lineage, of_model, of_output, of_release, of_row, of_run
from annotations.training.queries import MAY_TRAIN

WAYS: Final[Mapping[str, Callable[[str], Lineage]]] = {
    "run": lambda told: of_run(_uuid(told)),
    "model": of_model,
    "output": lambda told: of_output(_number(told)),
    "release": of_release,
}
ROW: Final = "row"
"""Beside `release`: the `record_id` or `id` of one of its rows."""


def lineage_asked(request: HttpRequest) -> Lineage:
    """The lineage of what the address names.

    Raises:
        Refused: `invalid` where it does not name one thing; `forbidden` for an output, where the person does not train;
            `too_many_requests` where rows are looked up without end.
        Http404: there is no such thing.
    """
    said = {name: request.GET.get(name, "").strip() for name in (*WAYS, ROW)}
    asked = {name: told for name, told in said.items() if told}
    if set(asked) == {"release", ROW}:
        count_try(request, "row")
        return of_row(_release(asked["release"]), asked[ROW].lower())
    if len(asked) != 1 or ROW in asked:
        ways = [*WAYS, f"release and {ROW}"]
        raise Refused("invalid", errors={"address": [f"One of: {', '.join(ways)}."]})
    ((name, told),) = asked.items()
    if name == "output" and not request.user.has_perm(MAY_TRAIN):
        raise Refused("forbidden")
    return WAYS[name](told)


def _release(version: str) -> Release:
    release = Release.objects.only("version", "cutoff").filter(version=version).first()
    if release is None:
        raise Http404
    return release


def _uuid(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError:
        raise Http404 from None


def _number(told: str) -> int:
    if not told.isdecimal() or len(told) > 18:
        raise Http404
    return int(told)
