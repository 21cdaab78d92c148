"""Who sees signals in the panel, what stands there, and how somebody says that they looked."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.assignments.models import Item, Judgement
from annotations.assignments.stewards.actions import mark_restricted
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.quality.signals.actions import look_for_signals
from annotations.quality.signals.models import Alike, Signal, Watched
from tests.cast import govern, line, world
from tests.quality.signals.scene import moderator, person, words, writes, writing

pytestmark = pytest.mark.django_db
LIST = "/admin/annotations/signal/"
EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)"> [a](javascript:alert(3)) ' + words(14)
ENGLISH = {"Accept-Language": "en"}


def browser(who: Person) -> Client:
    client = Client(headers=ENGLISH)
    client.force_login(who)
    return client


def copied(text: str = EVIL) -> Signal:
    """Bea's text is Ana's."""
    campaign = writing()
    writes(person("ana"), campaign, text)
    writes(person("bea"), campaign, text)
    look_for_signals()
    return Signal.objects.get()


def page(signal: Signal) -> str:
    return reverse("admin:annotations_signal_change", args=[signal.pk])


def test_a_moderator_reads_the_figures_opens_both_texts_and_says_what_they_saw() -> None:
    signal, carmen = copied(), browser(moderator())
    listed = carmen.get(LIST).content.decode()
    assert "1 of 1 texts are the same as an earlier one, or nearly" in listed
    (link,) = re.findall(r'href="(/admin/annotations/alike/\d+/change/)"', listed)
    both = carmen.get(link).content.decode()
    assert both.count("palabra") == 28
    assert "ana · " in both
    assert "bea · " in both
    detail = carmen.get(page(signal)).content.decode()
    assert "no verdict" in detail
    assert "A class that copies one exercise" in detail
    assert carmen.post(page(signal), {"seen": " "}).status_code == 200, "not without words"
    assert carmen.post(page(signal), {"seen": "Un taller."}).status_code == 302
    signal.refresh_from_db()
    assert (signal.reason, signal.looked_by.username) == ("Un taller.", "carmen")
    again = carmen.get(page(signal)).content.decode()
    assert 'name="seen"' not in again
    assert "Un taller." in again
    assert look_for_signals() == 0


def test_nothing_a_stranger_wrote_is_anything_but_text() -> None:
    """Every text comes from a stranger, and so does every name of a model."""
    signal, carmen = copied(), browser(moderator())
    for address in (LIST, page(signal), reverse("admin:annotations_alike_change", args=[Alike.objects.get().pk])):
        shown = carmen.get(address).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert 'href="javascript' not in shown
    assert shown.count("&lt;script&gt;alert(1)") == 2
    assert " style=" not in shown.partition('id="content"')[2].partition("<footer")[0]


def test_a_models_text_stands_beside_it_with_the_models_name() -> None:
    text = words(30)
    world(line("v", text, words(30)), slug="pares")
    campaign = writing()
    writes(person("ana"), campaign, text)
    look_for_signals()
    carmen = browser(moderator())
    shown = carmen.get(reverse("admin:annotations_alike_change", args=[Alike.objects.get().pk])).content.decode()
    assert shown.count(text) == 2
    assert "model-0 · " in shown
    assert "what a model had written before" in carmen.get(LIST).content.decode()


def test_only_the_rights_open_them_and_nobody_sees_their_own() -> None:
    signal = copied()
    pair = reverse("admin:annotations_alike_change", args=[Alike.objects.get().pk])
    seer = browser(moderator("dora", "see_signals"))
    assert "bea" in seer.get(LIST).content.decode()
    assert 'name="seen"' not in seer.get(page(signal)).content.decode()
    assert seer.post(page(signal), {"seen": "Sí."}).status_code == 403
    nobody = moderator("eva", "view_judgement", "view_person")
    for address in (LIST, page(signal), pair, "/admin/annotations/alike/"):
        assert browser(nobody).get(address).status_code == 403
    own = browser(moderator("bea"))
    assert "texts are the same" not in own.get(LIST).content.decode()
    assert own.get(page(signal)).status_code == 302
    assert own.get(pair).status_code == 302
    own.post(page(signal), {"seen": "Soy yo."})
    other = browser(moderator("ana"))
    assert 'name="seen"' not in other.get(page(signal)).content.decode(), "it is like a text of theirs"
    assert other.post(page(signal), {"seen": "Copió."}).status_code == 403
    signal.refresh_from_db()
    assert signal.looked_at is None


def test_what_stewards_keep_is_not_shown_to_the_house() -> None:
    govern("quz")
    lines = (line(str(number), kind="demonstration", outputs=[], variety="quz") for number in range(3))
    campaign = world(*lines, kind="demonstration", needed=20, slug="quechua")
    Watched.objects.create(campaign=campaign)
    text, carmen = words(30), browser(moderator())
    for name in ("ana", "bea"):
        writes(volunteer(name, "muy-larga-y-rara", "quz"), campaign, text)
    look_for_signals()
    pair = reverse("admin:annotations_alike_change", args=[Alike.objects.get().pk])
    assert text in carmen.get(pair).content.decode()
    first = Judgement.objects.filter(campaign=campaign).first()
    seat = first.assignment
    mark_restricted(person=first.person, assignment_id=seat.pk, knowledge="place", text="No es de todos.")
    assert carmen.get(pair).status_code == 302
    assert "/admin/annotations/alike/" not in carmen.get(LIST).content.decode().partition("result_list")[2]


def test_the_list_is_ordered_by_strength_open_ones_first_and_has_filters() -> None:
    signal = copied()
    campaign = signal.campaign
    facts = {"campaign": campaign, "work": "vote", "last": 1, "last_at": timezone.now(), "whole": 40}
    for name, part, strength in (("caro", 40, 0.9), ("dora", 30, 0.6)):
        Signal.objects.create(kind="fast", person=person(name), part=part, strength=strength, **facts)
    Signal.objects.create(kind="one_button", button="first", others=0.5, by_chance=0.001, person=person("eva"), part=38,
                          strength=0.8, **facts)  # fmt: skip
    Signal.objects.create(kind="fast", person=person("fabio"), part=40, strength=0.95, looked_at=timezone.now(),
                          reason="Lee rápido.", **facts)  # fmt: skip
    carmen = browser(moderator())

    def names(**filters: str) -> list[str]:
        shown = carmen.get(LIST, filters).content.decode()
        return re.findall(r'class="field-person[^"]*">(\w+)<', shown)

    assert names() == ["caro", "eva", "dora", "bea", "fabio"]
    assert names(kind__exact="fast") == ["caro", "dora", "fabio"]
    assert names(state="looked") == ["fabio"]
    assert names(state="open", kind__exact="same_text") == ["bea"]
    assert names(campaign__id__exact=str(campaign.pk), state="open") == ["caro", "eva", "dora", "bea"]
    shown = carmen.get(LIST).content.decode()
    assert "“the first place” in 38 of 40 answers; others: 50 %" in shown
    assert "40 of 40 answers in less time than anybody reads what stood there" in shown
    assert carmen.get(LIST, {"person__password__startswith": "p"}).status_code in (302, 400)


def test_the_list_costs_the_same_for_one_and_for_a_hundred() -> None:
    signal, carmen = copied(), browser(moderator())
    carmen.get(LIST)
    with CaptureQueriesContext(connection) as one:
        carmen.get(LIST)
    several = Person.objects.bulk_create(
        Person(username=f"otra-{number}", subject=f"00000000-0000-4000-8000-{number:012}") for number in range(100)
    )
    facts = {
        name: getattr(signal, name)
        for name in ("campaign", "kind", "work", "part", "whole", "strength", "last", "last_at")
    }
    Signal.objects.bulk_create(Signal(person=each, **facts) for each in several)
    with CaptureQueriesContext(connection) as hundred:
        assert carmen.get(LIST, {"all": ""}).content.decode().count("are the same as an earlier one") == 101
    assert len(hundred) <= len(one)


def test_a_lead_says_where_they_are_looked_for() -> None:
    campaign = world(line("1"))
    seed_people()
    elisa, carmen = (browser(Person.objects.get(username=name)) for name in ("elisa", "carmen"))
    add = reverse("admin:annotations_watched_add")
    assert carmen.post(add, {"campaign": campaign.pk}).status_code == 403
    assert elisa.post(add, {"campaign": campaign.pk}).status_code == 302
    assert Watched.objects.get().campaign == campaign
    assert carmen.get(reverse("admin:annotations_watched_changelist")).status_code == 200
    assert (
        elisa.post(reverse("admin:annotations_watched_delete", args=[campaign.pk]), {"post": "yes"}).status_code == 302
    )
    assert not Watched.objects.exists()
    assert Item.objects.exists()


def test_the_cast_may_look(seeds: None) -> None:
    seed_people()
    for name in ("carmen", "elisa"):
        assert Person.objects.get(username=name).has_perms(["annotations.see_signals", "annotations.look_at_signals"])
    names = Permission.objects.filter(codename__endswith="_signal")
    assert not names.exists(), "to see a signal takes the right that says so"
