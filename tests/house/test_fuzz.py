"""Requests that nobody thought of: none is a fault of ours, and each is answered as the API's document says.

`make fuzz` takes 20,000 of the API and 2,000 forms, and writes what came of it onto the page of reliability; a test
takes a few, by a fixed seed. What was found became tests of their own, beside what it was found in."""

import json
import os
from random import Random

import pytest
from django.contrib.auth.models import Group
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpRequest

from annotations.people.api import Me
from annotations.people.models import Person
from annotations.people.remits.models import Remit
from annotations.people.stewards.models import Steward
from benchmarks.page import table, tell
from tests.house.fuzzing import Found, fuzz_api, fuzz_forms, one_connection
from tests.house.roles import Scene
from tests.house.test_access import doors_of

pytestmark = pytest.mark.django_db(transaction=True)
REQUESTS, POSTS = int(os.environ.get("FUZZ", "480")), int(os.environ.get("FORMS", "150"))
SEED = int(os.environ.get("SEED", "20261130"))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_nothing_breaks_and_everything_is_answered_as_is_documented(scene: Scene) -> None:
    api = fuzz_api(scene, requests=REQUESTS, seed=SEED)
    print(f"\nseed {SEED}: {api.told()} {dict(api.answered)}\n{api.wrong}")
    forms = fuzz_forms(scene, posts=POSTS, seed=SEED)
    print(f"\nseed {SEED}, forms: {forms.told()} {dict(forms.answered)}\n{forms.wrong}")
    heads = ("to", "requests", "answers of 5xx", "breaches of the document", "undocumented answers", "seconds")
    roles = ", ".join(f"{who} {number:,}" for who, number in api.by_role.items())
    tell(
        "fuzz",
        f"By chance, SEED={SEED}; the API as {roles}.\n",
        table(heads, [as_rows("the API", api), as_rows("forms", forms)]),
    )
    assert (api.wrong, forms.wrong) == ("", "")
    assert len(api.by_role) == 4
    assert (api.requests >= REQUESTS, forms.requests) == (True, POSTS), "as many as were asked for"
    assert {200, 400, 401, 403, 404} <= set(api.answered), "or it was tried on nothing"


def test_no_sequence_of_calls_gives_a_volunteer_a_right(scene: Scene) -> None:
    """Every door, in any order, each time with all that would make somebody more, as a form and as JSON."""
    owner = scene.people["owner"]
    before = rights_of(owner)
    doors = [door for door in doors_of(scene) if door.method in ("POST", "PUT") and door.shown not in LEAVES]
    for order in range(ORDERS):
        Random(SEED + order).shuffle(doors)
        with transaction.atomic(), one_connection():
            for door in doors:
                wanted = (door.body if isinstance(door.body, dict) else {}) | MORE
                if door.shown.startswith("api/"):
                    scene.machines["owner"].generic(door.method, door.path, json.dumps(wanted), "application/json")
                else:
                    scene.browsers["owner"].post(door.path, {name: str(value) for name, value in wanted.items()})
            assert rights_of(Person.objects.get(pk=owner.pk)) == before
            transaction.set_rollback(True)


ORDERS = int(os.environ.get("ORDERS", "1"))
LEAVES = ("me/erase/", "logout/", "me/withdraw/", "account/sessions/end/", "me/data/pause/")
MORE = {"is_staff": True, "is_superuser": True, "is_active": True, "groups": 1, "user_permissions": 1, "role": "admin",
        "standing": "good", "person": 1, "owner": 1, "permissions": 1}  # fmt: skip


def rights_of(person: Person) -> tuple[object, ...]:
    return (
        person.is_staff, person.is_superuser, set(person.groups.all()), set(person.user_permissions.all()),
        Remit.objects.count(), Group.objects.count(), Person.objects.filter(is_staff=True).count(),
        Steward.objects.filter(variety="quz", ended_at=None).count(),
    )  # fmt: skip


def test_a_view_that_raises_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_view: Me, _request: HttpRequest) -> None:
        raise RuntimeError

    monkeypatch.setattr(Me, "get", broken)
    found = fuzz_api(scene, requests=1, seed=SEED, app=get_wsgi_application())
    assert [what.partition(":")[0] for what in found.fivexx] == ["GET /api/v1/me/"]


def as_rows(what: str, found: Found) -> list[object]:
    told = found.told()
    return [what, *(told[name] for name in ("requests", "fivexx", "breaches", "undocumented", "wall_s"))]
