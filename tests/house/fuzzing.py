"""Many requests that nobody thought of: to the API by its own schema, and to the forms of the pages and of the panel.

What one changes is undone before the next, so that every request meets the whole scene, and the seed alone decides.
"""

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.house.roles import Scene
from tests.house.test_access import Door, doors_of, read_through

ROLES = {"guest": "guest", "volunteer": "owner", "engineer": "engineer", "administrator": "house"}
CHECKS = {
    "fivexx": not_a_server_error, "undocumented": status_code_conformance, "type": content_type_conformance,
    "headers": response_headers_conformance, "schema": response_schema_conformance,
}  # fmt: skip
QUIET = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False
)


@dataclass
class Found:
    """What came of it: how many requests each role made, and what was wrong, by where and what."""

    seed: int
    by_role: Counter[str] = field(default_factory=Counter)
    fivexx: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    undocumented: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    wall_s: float = 0.0

    @property
    def requests(self) -> int:
        return self.by_role.total()

    def told(self) -> dict[str, Any]:
        return {
            "seed": self.seed, "requests": self.requests, "by_role": dict(self.by_role),
            "fivexx": self.fivexx.total(), "breaches": self.breaches.total(),
            "undocumented": self.undocumented.total(), "wall_s": round(self.wall_s, 1),
        }  # fmt: skip

    @property
    def wrong(self) -> str:
        """What was wrong, most often first; empty where nothing was."""
        kinds = {"5xx": self.fivexx, "breach": self.breaches, "undocumented": self.undocumented}
        return "\n".join(f"{kind} x {times}: {what}" for kind, all_of in kinds.items()
                         for what, times in all_of.most_common())  # fmt: skip


def fuzz_api(scene: Scene, *, requests: int, seed: int, app: Any = None) -> Found:
    """So many requests to the API, half of them as the schema wants them and half not, by the four roles in turn. Where
    an address has blanks, what stands in the scene is in them every other time."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", app or get_wsgi_application())
    operations = [each.ok() for each in schema.get_all_operations()]
    found, begun = Found(seed), time.monotonic()
    for anew in count(seed):  # an address without blanks has few requests of its own: the others have more turns
        lacking = requests - found.requests
        if lacking <= 0:
            break
        times = -(-lacking // (len(operations) * len(ROLES) * 2))
        for role in ROLES:
            for operation in operations:
                _fuzz(operation, role, scene, found, times, anew)
    found.wall_s = time.monotonic() - begun
    return found


def _fuzz(operation: Any, role: str, scene: Scene, found: Found, times: int, seed: int) -> None:
    known = _known(operation.path, scene)
    positive, negative = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    plain = [operation.as_strategy(positive)]
    if operation.path_parameters or operation.query or operation.body or operation.headers:
        plain.append(operation.as_strategy(negative))
    if known:
        plain.append(operation.as_strategy(positive, path_parameters=known))
        if operation.query or operation.body:
            plain.append(operation.as_strategy(negative, path_parameters=known))

    @seeded(seed)
    @settings(QUIET, max_examples=times * 2)
    @given(case=st.one_of(plain))
    def ask(case: Any) -> None:
        token = scene.machines[ROLES[role]].defaults.get("HTTP_AUTHORIZATION", "")
        headers = {"Authorization": token, "Accept-Encoding": "identity"}  # what is packed would not be read here
        with transaction.atomic(), one_connection():
            answer = case.call(headers={name: word for name, word in headers.items() if word})
            transaction.set_rollback(True)
        found.by_role[role] += 1
        found.answered[answer.status_code] += 1
        _judge(case, answer, found)

    ask()


@contextmanager
def one_connection() -> Iterator[None]:
    """Django's own door for requests drops a connection that is in a transaction, before and after each."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _judge(case: Any, answer: Any, found: Found) -> None:
    where = f"{case.operation.method.upper()} {case.operation.path}"
    for name, check in CHECKS.items():
        try:
            case.validate_response(answer, checks=[check])
        except (Failure, FailureGroup) as wrong:
            said = "; ".join(str(each).splitlines()[0] for each in getattr(wrong, "exceptions", [wrong]))
            one = {"fivexx": found.fivexx, "undocumented": found.undocumented}.get(name, found.breaches)
            one[f"{where}: {answer.status_code} {name} {said}"[:300]] += 1


def _known(path: str, scene: Scene) -> dict[str, str]:
    """What stands in this address's blanks in the scene."""
    told = {blank.partition(":")[2]: values[0] for blank, values in scene.told.items() if ":" in blank}
    told |= {"slug": "aprende" if "campaigns" in path else str(scene.rows["partnership"].slug)}
    return {name: told[name] for name in re.findall(r"{(\w+)}", path) if name in told}


# Forms ------------------------------------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(["", "0", "-1", "9" * 400, "a\x00b", "ñ" * 3_000, "🌻", "<script>", "'; --", "%s", "../..", "on",
                     "2026-02-30", "9999-12-31", "٣", "NaN", "1e9", "[]", "{}", "null", "\u202e", "\ud7ff", "x@y"]),
    st.text(max_size=60),
    st.integers().map(str),
)  # fmt: skip
BY = ("guest", "owner", "steward", "moderator", "lead", "house")


def fuzz_forms(scene: Scene, *, posts: int, seed: int) -> Found:
    """So many posts to what has a form, as a plain browser and as htmx: the fields that its page shows, and those its
    owner would send, with whatever words in them."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    doors = [door for door in doors_of(scene) if door.method == "POST" and not door.shown.startswith("api/")]
    found, begun = Found(seed), time.monotonic()
    fields: dict[tuple[str, str], dict[str, str]] = {}

    @seeded(seed)
    @settings(QUIET, max_examples=posts)
    @given(data=st.data())
    def post(data: Any) -> None:
        door, who = data.draw(st.sampled_from(doors)), data.draw(st.sampled_from(BY))
        client = scene.browsers[who]
        if (door.path, who) not in fields:
            fields[door.path, who] = _fields(client, door)
        sent = {name: data.draw(st.one_of(st.just(value), WORDS))
                for name, value in fields[door.path, who].items() if data.draw(st.integers(0, 9))}  # fmt: skip
        status = _posted(client, door, sent, is_htmx=data.draw(st.booleans()))
        found.by_role[who] += 1
        found.answered[status] += 1
        if status >= 500:
            found.fivexx[f"{door.method} {door.shown} by {who}: {json.dumps(sent)[:600]}"] += 1

    post()
    found.wall_s = time.monotonic() - begun
    return found


def _posted(client: Client, door: Door, sent: dict[str, str], *, is_htmx: bool) -> int:
    def ask() -> Any:
        return client.post(door.path, sent, headers={"HX-Request": "true"} if is_htmx else {})

    return int(_undone(client, ask).status_code)


def _fields(client: Client, door: Door) -> dict[str, str]:
    """The fields of the page's forms, with what stands in them."""
    page = _undone(client, lambda: client.get(door.path))
    text = "" if page.streaming or page.status_code != 200 else page.content.decode(errors="replace")
    shown = dict(_inputs(text))
    return shown | {name: str(value) for name, value in (door.body or {}).items()}


def _inputs(text: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<(?:input|select|textarea|button)\b[^>]*>", text):
        if name := re.search(r'\bname="([^"]+)"', tag):
            value = re.search(r'\bvalue="([^"]*)"', tag)
            yield name[1], value[1] if value else ""


def _undone(client: Client, ask: Callable[[], Any]) -> Any:
    kept = client.cookies.copy()
    with transaction.atomic():
        answer = ask()
        read_through(answer)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(kept)
    return answer
