"""Who may do what, at every address of the house: the panel's own too, with what is one's own and with what is not.

One scene, everybody of `roles.WHO` knocks at every door, and each answer is compared with `access.txt`, which a person
reads and answers for. What a request changes is undone before the next. An address or a page of the panel that is not
in the table is red, and so is one whose answer changed for anybody. `ACCESS=write` writes the table anew, to be read.
"""

import difflib
import os
import re
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django import forms
from django.contrib import admin
from django.db import connection, transaction
from django.forms.forms import BaseForm
from django.http import HttpRequest
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import get_resolver, reverse
from rest_framework import serializers

from annotations.assignments.api import Strict
from annotations.people.models import Person
from tests.house import roles
from tests.house.roles import WHO, Scene, panels
from tests.house.test_routes import FILL, OPEN, TOKEN, addresses, filled

TABLE = Path(__file__).with_name("access.txt")
FIELDS = Path(__file__).with_name("fields.txt")
HEAD = """\
Who gets what answer where: read by a person, compared by test_access.py. `200` and the like are what is answered,
`door` is the way to the log-in, and `+` says that something was written. `owner`, `steward` and `engineer` stand at
what is theirs, `other`, `afar` and `second` have the same rights and it is not theirs; the rows of the panel lie in
the part of the house that `part` looks after, and not in that of `apart`.
"""
BESIDE = ("annotations_session", "minka_cache")
"""Written by the way: a visit is kept, a try counted."""
WRITES = re.compile(r'(?:INSERT INTO|(?<!FOR )(?<!NO KEY )UPDATE|DELETE FROM) "?(\w+)"?')


class Door(NamedTuple):
    method: str
    shown: str
    """The address as the table has it."""
    path: str
    body: Any = None


# What is sent -----------------------------------------------------------------------------------------------------


def sent(scene: Scene) -> dict[str, Any]:
    """By the end of an address what its owner would send there: all of it right, so that only whose it is decides."""
    seat, key = str(scene.seat.pk), str(uuid.UUID(int=7))
    wish = {"releases": [scene.told["str:version"][0]], "recipe": "dpo", "base_model": "model-0",
            "base_licence": "apache-2.0"}  # fmt: skip
    answered = {"assignment": seat, "key": key, "choice": "tie"}
    return {
        "/send/": answered, "/draft/": answered | {"version": "0"},
        "restricted/<uuid:assignment>/": {"knowledge": "place", "text": "No es de todos."},
        "flag/<uuid:assignment>/<str:letter>/": {"categories": ["otro"], "severity": "3", "stance": "endorsed",
                                                 "comment": "Duele."},
        "me/stewardships/<int:pk>/accept/": {"shown_name": "Señora"},
        "me/stewardships/<int:pk>/end/": {"reason": "No puedo."},
        "me/erase/": {"contributions": "keep", "password": roles.PASSWORD, "sure": "on"},
        "me/data/ask/": {"kind": "other", "text": "Quiero saber."},
        "decisions/<int:pk>/": {"say": "yes"}, "hidden/<int:pk>/": {"say": "keep", "reason": "Queda."},
        "labels/<int:pk>/end/": {"reason": "Ya no."}, "confirmed/<int:pk>/end/": {"code": "other", "reason": "No."},
        "write/<slug:what>/": {"policy": "Otra.", "quorum": "2", "reason": "Porque sí."},
        "propose-steward/": {"name": "other", "why": "Enseña."},
        "account/help/": {"username": "other", "reason": "La conozco de la escuela."},
        "ask/<uuid:assignment>/": {"text": "¿Se entiende?"}, "ask/guidelines/<str:kind>/": {"text": "¿Se entiende?"},
        "me/asked/": {"read": str(scene.rows["inquiry"].pk)},
        "api/v1/judgements/<uuid:key>/": {"assignment": seat, "answer": {"preferred": "tie"}},
        "/next/": {}, "api/v1/runs/": wish,
        "api/v1/flags/": {"assignment": seat, "output": "a", "answer": {
            "categories": ["otro"], "severity": 3, "stance": "endorsed", "comment": "Duele.", "groups": []}},
        "runs/<uuid:key>/state/": {"state": "failed", "problem": "Se cortó."},
        "runs/<uuid:key>/metrics/": {"points": [{"name": "loss", "step": 99, "value": 0.5}]},
        "runs/<uuid:key>/outputs/": {"model": {"name": "tordo-1", "licence": "apache-2.0"},
                                     "outputs": [{"prompt": scene.prompt, "text": "Otra."}]},
        "campaigns/<slug:slug>/items/": [{"id": "nuevo", "variety": "es-CL", "prompt": "¿Y mañana?",
                                          "licence": "CC0-1.0", "outputs": [{"model": "m", "text": "Pan."},
                                                                            {"model": "n", "text": "Sopa."}]}],
    }  # fmt: skip


def blanks(scene: Scene) -> dict[str, dict[str, str]]:
    """What stands in an address's blanks: for every address, and for some of their own."""
    told = {blank: values[0] for blank, values in scene.told.items() if blank in FILL}
    return {
        "": FILL | told | {"uuid:assignment": str(scene.seat.pk), "int:pk": "1", "str:letter": "a"},
        "me/stewardships/": {"int:pk": str(scene.offered.pk)},
        "stewards/decisions/": {"int:pk": scene.told["int:pk"][0]},
        "stewards/hidden/": {"int:pk": str(scene.hidden)},
        "stewards/labels/": {"int:pk": str(scene.rows["communitylabel"].pk)},
        "stewards/confirmed/": {"int:pk": str(scene.rows["confirmed"].pk)},
        "api/v1/judgements/": {"uuid:key": str(uuid.UUID(int=8))},
        "c/": {"slug:slug": "voces"}, "api/v1/campaigns/": {"slug:slug": "aprende"}, "quality/": {"slug:slug": "voces"},
        "api/v1/partners/": {"slug:slug": str(scene.rows["partnership"].slug)},
    }  # fmt: skip


def doors_of_the_site(scene: Scene) -> Iterator[Door]:
    bodies, fill = sent(scene), blanks(scene)
    for address in addresses(get_resolver().url_patterns):
        own = {blank: value for start, more in fill.items() if start in address for blank, value in more.items()}
        path = "/" + re.sub(r"<([^>]+)>", lambda found, own=own: own.get(found[1], found[0]), address).lstrip("/")
        body = next((body for end, body in bodies.items() if address.endswith(end)), None)
        for method in methods(address):
            yield Door(method, address, filled(path), body)


def methods(address: str) -> tuple[str, ...]:
    if address.startswith("api/"):
        return ("GET", "POST", "PUT", "DELETE") if address in TOKEN else ("GET", "POST")
    return ("GET", "POST")


def doors_of_the_panel(scene: Scene) -> Iterator[Door]:
    """Of every model its list, the page of a row, what was done with it, adding, changing, deleting, and each action;
    then what pages of its own there are."""
    for panel in panels():
        options = panel.model._meta
        row, name = scene.rows[str(options.model_name)], f"admin:{options.app_label}_{options.model_name}"
        shown = f"admin/{options.model_name}"
        on_list, on_row = reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])
        yield Door("GET", f"{shown}/", on_list)
        yield Door("GET", f"{shown}/ROW/", on_row)
        yield Door("GET", f"{shown}/ROW/history/", reverse(f"{name}_history", args=[row.pk]))
        yield Door("POST", f"{shown}/add/", reverse(f"{name}_add"), {})
        yield Door("POST", f"{shown}/ROW/", on_row, {"reason": "Porque sí."})
        yield Door("POST", f"{shown}/ROW/delete/", reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"})
        for action in [*(panel.actions or ()), "delete_selected"]:
            body = {"action": action, "_selected_action": [str(row.pk)], "post": "yes"}
            yield Door("POST", f"{shown}/ {action}", on_list, body)
    yield from doors_beside(scene)


def doors_beside(scene: Scene) -> Iterator[Door]:
    """The panel's addresses that are of no model, or one's own."""
    rows = {name: row.pk for name, row in scene.rows.items()}
    own = {
        "admin/annotations/campaign/<int:pk>/preview/": f"/admin/annotations/campaign/{rows['campaign']}/preview/",
        "admin/annotations/campaign/<int:pk>/import/": f"/admin/annotations/campaign/{rows['campaign']}/import/",
        "admin/annotations/campaign/<int:pk>/people/": f"/admin/annotations/campaign/{rows['campaign']}/people/",
        "admin/annotations/item/act/<slug:act>/": f"/admin/annotations/item/act/hide/?items={rows['item']}",
        "admin/annotations/person/<int:pk>/together/": f"/admin/annotations/person/{rows['person']}/together/",
        "admin/queue/<slug:code>/": "/admin/queue/grave/",
        "admin/r/<path:content_type_id>/<path:object_id>/": "/admin/r/1/1/",
        "admin/(?P<app_label>annotations|auth|account|mfa|knox)/": "/admin/annotations/",
        "admin/(?P<url>.*)": "/admin/nothing/",
    }
    for address in sorted(set(in_the_panel()) - set(of_models())):
        for method in ("GET", "POST"):
            yield Door(method, address, own.get(address, f"/{address}"), {"reason": "Porque sí.", "names": "other"})


def in_the_panel() -> Iterator[str]:
    resolver = next(each for each in get_resolver().url_patterns if str(each.pattern) == "admin/")
    yield from addresses(resolver.url_patterns, "admin/")


def of_models() -> Iterator[str]:
    for model in admin.site._registry:
        base = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield from (base, f"{base}add/")
        own = "<path:object_id>/"
        yield from (f"{base}{own}{page}" for page in ("", "change/", "history/", "delete/"))
        if any(str(pattern.pattern).endswith("password/") for pattern in admin.site._registry[model].get_urls()):
            yield f"{base}<id>/password/"


def doors_of(scene: Scene) -> list[Door]:
    return [*doors_of_the_site(scene), *doors_of_the_panel(scene)]


# The walk ---------------------------------------------------------------------------------------------------------


def knock(client: Client, door: Door) -> str:
    """What is answered, as the table has it; whatever was written is undone."""
    cookies = client.cookies.output()
    asked: list[str] = []  # statements that wrote
    with transaction.atomic(), connection.execute_wrapper(partial(overheard, asked)):
        how: Any = {"data": door.body} if door.body is not None and door.method != "GET" else {}
        if door.shown.startswith("api/") and how:
            how["content_type"] = "application/json"
        answer = getattr(client, door.method.lower())(door.path, **how)
        read_through(answer)
        transaction.set_rollback(True)
    if client.cookies.output() != cookies:
        client.cookies.load(cookies.replace("Set-Cookie: ", ""))
    led = answer.status_code == 302 and answer["Location"].startswith(("/login/", "/admin/login/"))
    return ("door" if led else str(answer.status_code)) + ("+" if asked else "")


def read_through(answer: Any) -> None:
    """To its end, so that its file is closed. An answer's own `close` would end the connection, transaction and all."""
    if answer.streaming:
        b"".join(answer.streaming_content)


def overheard(asked: list[str], execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    done = execute(sql, params, many, context)
    tables = set(WRITES.findall(str(sql)))
    if tables - set(BESIDE) and context["cursor"].rowcount > 0:
        asked.append(str(sql))
    return done


def walked(scene: Scene, who: tuple[str, ...] = WHO) -> dict[str, tuple[str, ...]]:
    found = {}
    for door in doors_of(scene):
        clients = scene.machines if door.shown.startswith("api/") else scene.browsers
        found[f"{door.method} {door.shown}"] = tuple(knock(clients[each], door) for each in who)
    return found


def as_table(found: dict[str, tuple[str, ...]]) -> str:
    """Doors with the same answers stand together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for door, answers in found.items():
        groups.setdefault(answers, []).append(door)
    width = 10
    lines = [HEAD, "".join(who.ljust(width) for who in WHO).rstrip()]
    for answers in sorted(groups):
        lines += ["", "".join(each.ljust(width) for each in answers).rstrip()]
        lines += [f"    {door}" for door in sorted(groups[answers])]
    return "\n".join(lines) + "\n"


def read_table() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    answers: tuple[str, ...] = ()
    for line in TABLE.read_text("utf-8").splitlines()[HEAD.count("\n") + 2 :]:
        if line.startswith("    "):
            found[line.strip()] = answers
        elif line:
            answers = tuple(line.split())
    return found


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are answered and not drawn: who gets in is known by then, and drawing is most of the work."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    monkeypatch.setattr("django.template.loader.render_to_string", lambda *_what, **_how: "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("undrawn")
def test_everybody_gets_at_every_door_what_the_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    found = walked(scene)
    if os.environ.get("ACCESS") == "write":
        TABLE.write_text(as_table(found), "utf-8")
    assert "\n".join(difflib.unified_diff(TABLE.read_text().splitlines(), as_table(found).splitlines(), n=2)) == ""
    for what, (name, twin) in TWINS.items():
        with monkeypatch.context() as patch:
            patch.setattr(name, twin)
            doors = [door for door in [*doors_of_the_site(scene), *doors_of_the_panel(scene)] if what in door.shown]
            assert [door for door in doors if differs(scene, door, found)], (
                f"{what}: a check is gone, and nobody sees it"
            )


def differs(scene: Scene, door: Door, found: dict[str, tuple[str, ...]]) -> bool:
    expected = dict(zip(WHO, found[f"{door.method} {door.shown}"], strict=True))
    return any(knock(scene.browsers[who], door) != expected[who] for who in ("other", "apart"))


def whoever_s(rows: Any, **asked: Any) -> Any:
    """`get_object_or_404` that does not ask whose it is."""
    return getattr(rows, "_default_manager", rows).get(pk=asked["pk"])


TWINS: dict[str, tuple[str, Any]] = {
    "admin/judgement/ROW/": ("annotations.admin.panel.within", lambda rows, *_by, **_how: rows),
    "admin/sanction/ROW/": ("annotations.admin.panel.within", lambda rows, *_by, **_how: rows),
    "restricted/": ("annotations.assignments.stewards.views.get_object_or_404", whoever_s),
    "facts/": ("annotations.people.models.Person.has_perm", lambda *_asked: True),
}
"""Where a check is taken away, and what is left."""


# What the table itself must say ----------------------------------------------------------------------------------


def test_every_address_and_every_panel_is_in_the_table() -> None:
    shown = {door.split(" ", 1)[1].split(" ")[0] for door in read_table()}
    assert set(addresses(get_resolver().url_patterns)) <= shown
    panel = {f"admin/{model._meta.model_name}/" for model in admin.site._registry}
    assert panel | (set(in_the_panel()) - set(of_models())) <= shown


def test_looking_changes_nothing() -> None:
    """But that looking at the table claims a seat, and that what is taken along or handed out is written down."""
    wrote = {door for door, answers in read_table().items() if door.startswith("GET ") and "+" in "".join(answers)}
    assert {door for door in wrote if not TAKES_A_SEAT.search(door)} == set()


TAKES_A_SEAT = re.compile(r"(?:rate|write|review|translate|flag|try)/$|api/v1/(?:partners|me/data)/")


def test_nobody_without_an_account_gets_into_what_is_not_open() -> None:
    inside = {door for door, answers in read_table().items() if answers[0][:3] in ("200", "201", "204")}
    assert {door.split(" ", 1)[1] for door in inside} <= {*OPEN}


def test_nobody_but_the_team_gets_into_the_panel() -> None:
    outside = [WHO.index(who) for who in WHO if who not in roles.TEAM and who != "house"]
    for door, answers in read_table().items():
        if " admin/" in door and door.split(" ")[1] not in FOR_ALL:
            assert {answers[place] for place in outside} <= {"door", "403", "404", "405"}, door


FOR_ALL = ("admin/login/", "admin/logout/", "admin/jsi18n/", "admin/(?P<url>.*)")


def test_what_is_not_one_s_own_is_closed() -> None:
    """Whoever has the same rights and does not own it, gets in nowhere where only the owner may. (What is refused at a
    table may come with a seat of one's own: `404+`.)"""
    for door, answers in read_table().items():
        said = dict(zip(WHO, answers, strict=True))
        for owner, same in (("owner", "other"), ("steward", "afar"), ("engineer", "second"), ("part", "apart")):
            if OF_ONE_S_OWN[owner].search(door):
                assert not re.match(r"2\d\d|302\+", said[same]), f"{same} at {door}"


OF_ONE_S_OWN = {
    "owner": re.compile(r"(?:send|draft|undo)/$|stewardships/|restricted/|^POST flag/<|^(?:PUT|DELETE) api/v1/judge"),
    "steward": re.compile(r"v/<slug:tag>/stewards/"),
    "engineer": re.compile(r"(?:POST|PUT) api/v1/runs/<"),
    "part": re.compile(r"POST admin/(?:flag|look|sanction|purge|hold|signal|item|appeal|objection|expertrecord)/ROW/"),
}


def test_an_auditor_writes_nowhere_in_the_panel() -> None:
    place = WHO.index("auditor")
    assert [door for door, answers in read_table().items() if " admin/" in door and "+" in answers[place]] == []


# What a write takes ----------------------------------------------------------------------------------------------


def fields_taken() -> Iterator[str]:
    """Of every form of ours and every strict serializer the fields that it takes, and of the panel's forms too."""
    for kind in of_ours():
        if fields := fields_of(kind):
            yield f"{kind.__module__}.{kind.__name__}: {' '.join(sorted(fields))}"
    request = HttpRequest()
    request.user = Person.objects.create_superuser("casa")  # type: ignore[assignment]
    for panel in panels():
        fields = panel.get_form(request, change=True).base_fields
        yield f"panel.{type(panel).__name__}: {' '.join(sorted(set(fields) - set(panel.get_readonly_fields(request))))}"


def of_ours() -> set[type]:
    list(addresses(get_resolver().url_patterns))  # which loads them
    return {kind for kind in {*below(BaseForm), *below(Strict)} if kind.__module__.startswith("annotations.")}


def fields_of(kind: Any) -> dict[str, Any]:
    return dict(getattr(kind, "base_fields", None) or getattr(kind, "_declared_fields", {}))


def below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_what_a_write_takes_is_what_was_read_and_no_more(db: None) -> None:
    """A field that a form or a serializer takes besides is red until somebody has read `fields.txt`."""
    told = "\n".join(sorted(set(fields_taken()))) + "\n"
    if os.environ.get("ACCESS") == "write":
        FIELDS.write_text(told, "utf-8")
    assert told == FIELDS.read_text("utf-8")


def test_only_an_administrator_s_form_names_a_right() -> None:
    rights = {"is_staff", "is_superuser", "groups", "user_permissions", "permissions", "is_active", "standing"}
    named = {line.split(":")[0] for line in FIELDS.read_text("utf-8").splitlines() if rights & set(line.split()[1:])}
    flags = {name for name in named if name.startswith("annotations.flagging.forms.")}  # groups that words are against
    assert named - flags == {"panel.PersonAdmin", "panel.GroupAdmin"}


def test_no_write_takes_an_address_to_go_to() -> None:
    """Nobody tells the house where to send a request: models, targets and experts' servers are its settings."""
    fields = [field for kind in of_ours() for field in fields_of(kind).values()]
    assert [field for field in fields if isinstance(field, forms.URLField | serializers.URLField)] == []
