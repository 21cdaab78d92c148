"""The moderators' panel opens for those who may look, shows the work, and changes nothing of it by hand."""

import datetime as dt

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from annotations.admin.panel import _shown
from annotations.assignments.models import Campaign, Item
from annotations.people.demo import CAST, seed_people
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from tests.cast import NO_QUOTAS, answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
LISTS = sorted(model._meta.model_name for model in admin.site._registry if model._meta.app_label == "annotations")
OF_WHO_ANSWERS = {"request", "change"}
"""Rights that people asked for, and who changed what: whoever answers for the data sees them."""


@pytest.fixture
def campaign() -> Campaign:
    row = world(*(line(str(number)) for number in range(4)))
    for person in people(3):
        for _item in range(4):
            answer(person, seat_at(person, row), {"preferred": "a", "strength": 2})
    settle_due()
    return row


@pytest.fixture
def carmen() -> Client:
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username="carmen"))
    return client


@pytest.mark.parametrize("model", LISTS)
def test_a_moderator_sees_every_list(campaign: Campaign, carmen: Client, model: str) -> None:
    seen = carmen.get(reverse(f"admin:annotations_{model}_changelist"))
    assert seen.status_code == (403 if model in OF_WHO_ANSWERS else 200)
    if model in OF_WHO_ANSWERS:
        assert "Esto no corresponde a esta cuenta." in seen.content.decode()


def test_moments_and_shares_are_short_in_lists_and_still_sort() -> None:
    row = Verdict(agreement=2 / 3, margin=None, settled_at=dt.datetime(2026, 11, 29, 23, 5, tzinfo=dt.UTC))
    agreement, margin, settled = (_shown("annotations.Verdict", name) for name in ("agreement", "margin", "settled_at"))
    assert (agreement(row), margin(row)) == ("0,67", None)
    assert settled(row) == "29/11/2026 23:05"
    assert agreement.admin_order_field == "agreement"
    assert _shown("annotations.Verdict", "outcome") == "outcome"


def test_a_moderator_sees_an_item_with_its_votes_and_verdict(campaign: Campaign, carmen: Client) -> None:
    page = carmen.get(reverse("admin:annotations_item_change", args=[Item.objects.first().pk])).content.decode()
    assert "persona-es-CL-0" in page
    assert "model-0" in page


@pytest.mark.parametrize("model", ["item", "vote", "judgement", "verdict", "release", "consent"])
def test_nobody_adds_work_by_hand(campaign: Campaign, admin_client: Client, model: str) -> None:
    assert admin_client.get(reverse(f"admin:annotations_{model}_add")).status_code == 403


@pytest.mark.parametrize("model", ["item", "vote", "campaign", "judgement"])
def test_a_list_costs_the_same_however_long_it_is(campaign: Campaign, carmen: Client, model: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse(f"admin:annotations_{model}_changelist")
    carmen.get(url)
    with CaptureQueriesContext(
        connection,
    ) as before:
        carmen.get(url)
    world(*(line(f"more-{number}") for number in range(8)), slug="otra")
    for person in Person.objects.filter(username__startswith="persona") if model in ("vote", "judgement") else []:
        answer(person, seat_at(person, Campaign.objects.get(slug="otra")), {"preferred": "tie"})
    with CaptureQueriesContext(connection) as after:
        carmen.get(url)
    assert len(after) <= len(before)


def test_a_volunteer_has_no_panel(seeds: None) -> None:
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username="ana"))
    assert client.get("/admin/").status_code == 302


def test_a_lead_makes_a_campaign_whose_terms_then_stand(campaign: Campaign) -> None:
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username="elisa"))
    form = {
        "slug": "nueva", "name": "Nueva", "kind": "vote", "state": "open", "needed": "5", "rule": "strict_majority",
        "judged_in": "", "contribution_licence": "CC0-1.0", "lease_minutes": "20", "about": "", "asked_by": "",
        "access": "open", "time_zone": "UTC",
        "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "", "practice": "0", "gold": "0",
        "drawn_from": "1", "anchored": "0",
    } | NO_QUOTAS  # fmt: skip
    added = client.post(reverse("admin:annotations_campaign_add"), form)
    assert added.status_code == 302, added.context["adminform"].form.errors
    row = Campaign.objects.get(slug="nueva")
    client.post(reverse("admin:annotations_campaign_change", args=[row.pk]), form | {"needed": "9", "name": "Otra"})
    row.refresh_from_db()
    assert (row.name, row.needed) == ("Otra", 5)
    page = reverse("admin:annotations_campaign_change", args=[row.pk])
    client.post(page, form | {"most_a_day": "40", "drawn_from": "4"})
    history = client.get(reverse("admin:annotations_campaign_history", args=[row.pk])).content.decode()
    assert "Máximo en 24 horas: – → 40" in history
    assert "Sorteada entre: 1 → 4" in history
    refused = client.post(page, form | {"most_in_all": "0", "drawn_from": "9"}).context["adminform"].form.errors
    assert set(refused) == {"most_in_all", "drawn_from"}


def test_a_lead_sees_what_a_limit_would_have_done_before_setting_it() -> None:
    row = world(*(line(str(number)) for number in range(12)))
    (ana,) = people(1)
    for _item in range(12):
        answer(ana, seat_at(ana, row), {"preferred": "a"})
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username="elisa"))
    page = client.get(reverse("admin:annotations_campaign_change", args=[row.pk])).content.decode()
    assert "<td>en un día (UTC)</td><td>10</td><td>1</td><td>2</td>" in page
    assert "<td>en total</td><td>10</td><td>1</td><td>2</td>" in page
    assert "<tr><td>1</td><td>12</td><td>0</td></tr><tr><td>2</td><td>0</td><td>12</td></tr>" in page, "if it ended now"


def test_the_cast_has_the_rights_of_its_parts(seeds: None) -> None:
    seed_people()
    assert {member.username for member in CAST} == set(Person.objects.values_list("username", flat=True))
    assert Person.objects.get(username="diego").has_perm("annotations.add_item")
    assert not Person.objects.get(username="carmen").has_perm("annotations.add_item")
    assert Permission.objects.filter(group__name="moderator").exists()


def test_an_older_home_gets_the_rights_that_were_added_since_and_nobody_else_does(seeds: None, capsys) -> None:
    seed_people()
    elisa = Person.objects.get(username="elisa")
    elisa.groups.get().permissions.remove(Permission.objects.get(codename="help_back_in"))
    Person.objects.filter(username="carmen").update(is_demo=False, is_staff=False)
    Person.objects.get(username="carmen").groups.clear()
    for _again in range(2):
        call_command("seed_demo", "--if-empty")
    assert Person.objects.get(pk=elisa.pk).has_perm("annotations.help_back_in")
    carmen = Person.objects.get(username="carmen")
    assert (carmen.is_staff, carmen.groups.count()) == (False, 0), "whoever took the name is nobody of the demo"
    assert not Campaign.objects.exists(), "what is not empty is not filled"


def test_the_schema_of_the_api_has_no_gaps(capsys) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate")
    assert "/api/v1/campaigns/{slug}/next/" in capsys.readouterr().out


def test_the_first_superuser_and_a_token_come_from_commands(seeds: None, monkeypatch, capsys) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "muy-larga-y-rara")
    call_command("createsuperuser", "--noinput", "--username", "jefa")
    call_command("api_token", "JEFA")
    token = capsys.readouterr().out.splitlines()[-1]
    me = Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/me/").json()
    assert (me["username"], me["consent_version"], me["varieties"]) == ("jefa", None, [])
