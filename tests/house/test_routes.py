"""Every address of the site, and who may use it. One that is not listed here fails: somebody has to say whose it is.

`open` is for everybody; `own` for whoever has an account, and shows them what is theirs; `steward`, `lead`, `counts`
and `quality` take a right that a volunteer, a moderator without it and an administrator in a steward's place do not
have; `token` is the API's. What each role gets at each of them, and at the panel's, stands in `access.txt`
(`test_access.py`); here nothing that anybody sends is a fault.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from annotations.assignments import kinds
from annotations.people.demo import volunteer
from tests.cast import line, world

pytestmark = pytest.mark.django_db


def listed(addresses: str) -> list[str]:
    return addresses.split()


OPEN = listed("""
    livez readyz metrics api/v1/schema/ api/v1/releases/ api/v1/releases/<str:version>/files/<path:name>
    api/v1/releases/under-way/ api/v1/releases/withdrawals/ api/v1/lineage/ api/v1/recipes/<slug:recipe>/
    api/v1/runs/ api/v1/runs/<uuid:key>/
    api/v1/runs/<uuid:key>/manifest/ api/v1/runs/<uuid:key>/metrics/ api/v1/runs/<uuid:key>/evaluation/
    runs/ runs/<uuid:key>/ lineage/ boards/ api/v1/boards/ api/v1/boards/<str:version>/files/<str:file>
    / c/<slug:slug>/ language/<str:code>/ terms/ conduct/ privacy/ privacy/processing/ design/ guidelines/<str:kind>/
    releases/ releases/<str:version>/ releases/<str:version>/since/<str:older>/
    releases/<str:version>/rows/<slug:config>/ releases/editions/<slug:slug>/ releases/editions/<slug:slug>/<str:name>
    varieties/ v/<slug:tag>/ labels/<slug:name>.png
    join/ join/task/ login/ logout/ back/ back/mail/ back/mail/sent/ back/mail/done/
    back/mail/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/ account/email/confirm/(?P<key>[-:\\w]+)/ account/email/sent/
    account/inactive/ account/second/authenticate/
    argilla/knock/ who/ pack/state/ pack/away/ sw.js manifest.webmanifest
    try/ try/start/ try/send/ try/undo/ try/draft/
    c/<slug:invited>/enter/<str:link>/
    c/<slug:slug>/try/ c/<slug:slug>/try/start/ c/<slug:slug>/try/send/ c/<slug:slug>/try/undo/
    c/<slug:slug>/try/draft/
""")
OWN = listed("""
    me/ me/withdraw/ me/data/ me/data/zip/ me/data/correct/ me/data/ask/ me/data/pause/ me/data/resume/ me/facts/
    me/credit/ me/asked/ ask/<uuid:assignment>/ ask/guidelines/<str:kind>/
    me/erase/ me/note/ pack/ pack/turns/ me/varieties/ me/stewardships/<int:pk>/accept/ me/stewardships/<int:pk>/end/
    join/varieties/ join/consent/ varieties/propose/ v/<slug:tag>/propose-steward/ restricted/<uuid:assignment>/
    me/standing/ me/became/ me/confirmed/ me/agreement/ confirm/ confirm/<str:wish>/ me/avoids/
    flag/<uuid:assignment>/<str:letter>/ flag/ flag/send/ flag/undo/ flag/draft/
    c/<slug:slug>/flag/ c/<slug:slug>/flag/send/ c/<slug:slug>/flag/undo/ c/<slug:slug>/flag/draft/
    rate/ rate/send/ rate/undo/ rate/draft/ write/ write/send/ write/undo/ write/draft/
    review/ review/send/ review/undo/ review/draft/
    translate/ translate/send/ translate/undo/ translate/draft/
    c/<slug:slug>/translate/ c/<slug:slug>/translate/send/ c/<slug:slug>/translate/undo/
    c/<slug:slug>/translate/draft/
    c/<slug:slug>/write/ c/<slug:slug>/write/send/ c/<slug:slug>/write/undo/ c/<slug:slug>/write/draft/
    c/<slug:slug>/review/ c/<slug:slug>/review/send/ c/<slug:slug>/review/undo/ c/<slug:slug>/review/draft/
    c/<slug:slug>/rate/ c/<slug:slug>/rate/send/ c/<slug:slug>/rate/undo/ c/<slug:slug>/rate/draft/
    account/ account/again/ account/password/ account/password/set/ account/email/ account/codes/
    account/sessions/end/ account/tokens/ account/tokens/end/
    account/second/ account/second/reauthenticate/ account/second/totp/activate/ account/second/totp/deactivate/
    account/second/recovery-codes/ account/second/recovery-codes/generate/ account/second/recovery-codes/download/
    account/second/webauthn/ account/second/webauthn/add/ account/second/webauthn/reauthenticate/
    account/second/webauthn/keys/<int:pk>/remove/ account/second/webauthn/keys/<int:pk>/edit/
""")
STEWARD = listed("""
    v/<slug:tag>/stewards/ v/<slug:tag>/stewards/decisions/<int:pk>/ v/<slug:tag>/stewards/hidden/<int:pk>/
    v/<slug:tag>/stewards/labels/<int:pk>/end/ v/<slug:tag>/stewards/write/<slug:what>/
    v/<slug:tag>/stewards/confirmed/<int:pk>/end/ v/<slug:tag>/stewards/records.zip
""")
LEAD = ["account/help/"]
COUNTS = ["facts/"]
QUALITY = ["quality/", "quality/<slug:slug>/"]
TOKEN = listed("""
    api/v1/me/ api/v1/me/data/ api/v1/campaigns/<slug:slug>/items/ api/v1/campaigns/<slug:slug>/next/
    api/v1/judgements/<uuid:key>/ api/v1/flags/ api/v1/runs/<uuid:key>/state/ api/v1/runs/<uuid:key>/heartbeat/
    api/v1/runs/<uuid:key>/prompts/ api/v1/runs/<uuid:key>/outputs/
    api/v1/releases/<str:version>/links/ api/v1/partners/ api/v1/partners/<slug:slug>/<str:version>.parquet
""")
TABLES = ("try", *kinds.tables())
GUARDED = {
    **dict.fromkeys(STEWARD, "steward"),
    **dict.fromkeys(LEAD, "lead"),
    **dict.fromkeys(COUNTS, "counts"),
    **dict.fromkeys(QUALITY, "quality"),
}
EVERY = [*OPEN, *OWN, *GUARDED, *TOKEN]
FILL = {"slug:slug": "prueba", "slug:tag": "quz", "slug:what": "charter", "str:code": "es", "str:version": "none",
        "str:wish": "none", "str:older": "older", "slug:config": "preference", "str:name": "CITATION.cff",
        "str:kind": "vote", "str:letter": "a", "slug:name": "tk-a", "slug:recipe": "dpo", "str:file": "votes.csv",
        "path:name": "README.md", "slug:invited": "prueba", "str:link": "none",
         "int:pk": "1", "uuid:assignment": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
        "uuid:key": "0" * 8 + "-0000-4000-8000-" + "0" * 12}  # fmt: skip
ODD = {"username": "a\x00b", "agree": "9" * 5_000, "name": "x", "choice": "🌻", "next": "//evil.example",
       "varieties": "nada", "code": "x", "key": "x", "assignment": "x", "email": "x", "text": "x" * 5_000}  # fmt: skip


def addresses(patterns: list, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern).strip("^$")
        if not isinstance(pattern, URLResolver):
            # A table is whatever kinds lie on it: each is an address of its own.
            yield from [here.replace("<table:table>", table) for table in TABLES] if "<table" in here else [here or "/"]
        elif here != "admin/":
            yield from addresses(pattern.url_patterns, here)


def filled(address: str) -> str:
    address = address.replace("(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)", "1-x").replace("(?P<key>[-:\\w]+)", "x:y")
    return "/" + re.sub(r"<([^>]+)>", lambda found: FILL[found[1]], address).lstrip("/")


@pytest.fixture
def place() -> None:
    world(line("1"))


@pytest.fixture
def ana(place: None) -> Client:
    client = Client()
    client.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    return client


def test_every_address_is_listed_once_and_is_there() -> None:
    assert sorted(addresses(get_resolver().url_patterns)) == sorted(EVERY)


@pytest.mark.parametrize("address", EVERY)
def test_odd_forms_are_told_so_and_are_no_fault(ana: Client, address: str) -> None:
    assert ana.post(filled(address), ODD).status_code < 500
    assert ana.get(filled(address), {"q": "🌻" * 90, "next": "//evil.example"}).status_code < 500
    assert ana.post(filled(address), b"\xff\x00[", content_type="application/json").status_code < 500
