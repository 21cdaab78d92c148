"""Leads see what a gate would do and what is kept aside, two of them release it, and its person reads why."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.assignments.models import Campaign
from annotations.people.demo import seed_people
from annotations.people.models import Person
from annotations.quality.gates.actions import watch_over
from annotations.quality.gates.models import Hold
from tests.cast import NO_QUOTAS
from tests.quality.gates.scene import aside, counting, pushed

pytestmark = pytest.mark.django_db


def browser(username: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=username))
    return client


def test_two_leads_release_a_hold_in_the_panel() -> None:
    _campaign, ana, _crowd = pushed()
    Person.objects.filter(pk=ana.pk).update(username="anita")
    seed_people()
    watch_over()
    hold = Hold.objects.get()
    page = reverse("admin:annotations_hold_change", args=[hold.pk])
    elisa, carmen, diego = browser("elisa"), browser("carmen"), browser("diego")
    assert diego.post(page, {"why_release": "Sí."}).status_code in (302, 403)
    assert elisa.post(page, {"why_release": ""}).status_code == 200, "not without a reason"
    hold.refresh_from_db()
    assert hold.asked_at is None
    assert elisa.post(page, {"why_release": "La conozco del taller."}).status_code == 302
    assert "agrees" not in elisa.get(page).content.decode()
    elisa.post(page, {"agrees": "on"})
    assert aside() == 12, "who asks never agrees"
    assert "La conozco del taller." in carmen.get(page).content.decode()
    assert carmen.post(page, {"agrees": "on"}).status_code == 302
    assert (aside(), counting(ana)) == (0, 20)
    hold.refresh_from_db()
    assert (hold.asked_by.username, hold.released_by.username) == ("elisa", "carmen")
    assert "why_release" not in carmen.get(page).content.decode()


def test_the_list_of_holds_costs_the_same_however_long_it_is(admin_client: Client) -> None:
    campaign, _ana, crowd = pushed()
    watch_over()
    page = reverse("admin:annotations_hold_changelist")
    admin_client.get(page)
    with CaptureQueriesContext(connection) as one:
        assert "anita" not in admin_client.get(page).content.decode()
    facts = {"why": "account", "work": "vote", "variety_id": "es-CL", "contributors": 9, "given": 9, "share": 0.5,
             "limit": 0.1, "judgements": 1, "mode": "report"}  # fmt: skip
    for person in crowd:
        Hold.objects.create(campaign=campaign, person=person, **facts)
    with CaptureQueriesContext(connection) as several:
        admin_client.get(page)
    assert len(several) <= len(one)


def test_a_lead_sees_what_a_gate_would_do_before_setting_it_and_nobody_s_name() -> None:
    campaign, ana, _crowd = pushed("")
    Person.objects.filter(pk=ana.pk).update(username="anita")
    seed_people()
    page = reverse("admin:annotations_campaign_change", args=[campaign.pk])
    elisa = browser("elisa")
    shown = elisa.get(page).content.decode()
    assert "<td>vote · es-CL</td><td>8</td><td>58.8%</td><td>37.5%</td>" in shown
    assert "<td>12</td>" in shown
    assert "anita" not in shown
    assert not Hold.objects.exists(), "looking changes nothing"


def test_a_gate_is_set_in_the_panel_and_its_history_is_kept() -> None:
    campaign, _ana, _crowd = pushed("")
    seed_people()
    elisa, page = browser("elisa"), reverse("admin:annotations_campaign_change", args=[campaign.pk])
    form = elisa.get(page).context["adminform"].form
    told = {name: form.initial.get(name) for name in form.fields if not name.endswith("_at")}
    said = {name: "" if value is None else value for name, value in told.items()}
    said |= (
        {f"{name}_{part}": "" for name in ("starts_at", "ends_at") for part in (0, 1)}
        | {
            "judged_in": "",
            "asks_models": "",
        }
        | NO_QUOTAS
    )
    assert said["gate"] == "", "the plain campaign leaves it to the house"
    assert "gate" in elisa.post(page, said | {"gate": "perhaps"}).context["adminform"].form.errors
    assert elisa.post(page, said | {"gate": "hold"}).status_code == 302
    assert Campaign.objects.get().gate == "hold"
    history = elisa.get(reverse("admin:annotations_campaign_history", args=[campaign.pk])).content.decode()
    assert "– → hold" in history


def test_whose_work_is_kept_aside_reads_it_on_their_own_page() -> None:
    _campaign, ana, crowd = pushed()
    mine = Client()
    mine.force_login(ana)
    calm = mine.get("/me/").content.decode()
    watch_over()
    told = mine.get("/me/", headers={"Accept-Language": "en"}).content.decode()
    assert "12 judgements are kept aside for now" in told
    assert told.count("kept aside for now</span>") == 12
    assert "kept aside" not in calm
    other = Client()
    other.force_login(crowd[0])
    assert "kept aside" not in other.get("/me/", headers={"Accept-Language": "en"}).content.decode()


def test_only_the_right_opens_the_holds() -> None:
    _campaign, _ana, crowd = pushed()
    watch_over()
    page = reverse("admin:annotations_hold_change", args=[Hold.objects.get().pk])
    looker = crowd[0]
    Person.objects.filter(pk=looker.pk).update(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_hold"))
    client = browser(looker.username)
    assert "why_release" not in client.get(page).content.decode()
    assert client.post(page, {"why_release": "Sí."}).status_code == 403
    assert Hold.objects.get().asked_at is None
