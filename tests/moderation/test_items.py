"""Work on an item: all of it on one page, which costs the same for a hundred judgements as for one, and what can be
done about it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.assignments.models import Campaign, Cell, Item
from annotations.assignments.queries import quarantined
from annotations.assignments.seats import next_for
from annotations.flagging.actions import decide
from annotations.flagging.models import Look
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from annotations.quality.rulings.models import Ruling
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(seeds: None) -> Item:
    campaign = world(line("1"), line("2"), line("1b", prompt="¿Qué como hoy? 1"), needed=100)
    answer(people(1)[0], seat_at(people_of(0), campaign), {"preferred": "a"})
    return campaign.items.get(source_id="1")


def people_of(number: int) -> Person:
    return Person.objects.get(username=f"persona-es-CL-{number}")


@pytest.fixture
def carmen(seeds: None) -> Client:
    seed_people()
    return client_of(Person.objects.get(username="carmen"))


def page(item: Item) -> str:
    return reverse("admin:annotations_item_change", args=[item.pk])


def act(name: str, *items: Item) -> str:
    return f"{reverse('admin:annotations_item_act', args=[name])}?items={','.join(str(each.pk) for each in items)}"


def test_a_page_of_a_hundred_judgements_costs_what_one_of_one_costs(item: Item, carmen: Client) -> None:
    carmen.get(page(item))
    with CaptureQueriesContext(connection) as before:
        assert carmen.get(page(item)).status_code == 200
    several = [volunteer(f"otra-{number}", None, "es-CL") for number in range(99)]
    for number, person in enumerate(several):
        seat = next_for(person=person, campaign=item.campaign)
        assert seat
        answer(person, seat, {"preferred": "ab"[number % 2]})
    assert item.judgements.count() == 100
    with CaptureQueriesContext(connection) as after:
        shown = carmen.get(page(item)).content.decode()
    assert len(after) <= len(before)
    assert shown.count("/admin/annotations/person/") >= 100


def test_it_shows_the_question_the_outputs_what_was_said_and_what_is_alike(item: Item, carmen: Client) -> None:
    shown = carmen.get(page(item)).content.decode()
    for words in ("¿Qué como hoy? 1", "Respuesta larga 1.", "model-0", "persona-es-CL-0", "1b"):
        assert words in shown


def test_strangers_words_are_words(seeds: None, carmen: Client) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    campaign = world(line("x", nasty, "Otra.", prompt=nasty))
    shown = carmen.get(page(campaign.items.get())).content.decode()
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert shown.count("&lt;script&gt;alert(1)") >= 2


def test_a_dispute_is_decided_by_hand_on_its_page(item: Item, carmen: Client) -> None:
    Cell.objects.filter(item=item).update(needed=1)
    settle_due()
    form = {"variety": "es-CL", "choice": str(item.places.get(position=1).output_id), "strength": "", "reason": "Sí."}
    lacking = carmen.post(act("decide", item), form)
    assert lacking.status_code == 400
    assert "Sí." in lacking.content.decode(), "what was typed stays"
    done = carmen.post(act("decide", item), form | {"strength": "1"})
    assert done["Location"] == page(item)
    assert Verdict.objects.get(superseded_at=None).method == "adjudicated"
    assert "adjudicated" in carmen.get(page(item)).content.decode()
    carmen.post(act("back", item), {"reason": "No."})
    assert [each.kind for each in Ruling.objects.all()] == ["taken_back", "adjudicated"]


def test_several_items_are_opened_at_once_after_it_is_seen_what_that_touches(item: Item, carmen: Client) -> None:
    other = Item.objects.get(source_id="2")
    led = carmen.post(
        reverse("admin:annotations_item_changelist"),
        {"action": "ask_for_more", "_selected_action": [item.pk, other.pk]},
    )
    assert led["Location"] == act("more", item, other)
    before = list(Cell.objects.order_by("pk").values_list("needed", flat=True))
    assert "<td>2</td>" in carmen.get(led["Location"]).content.decode()
    assert list(Cell.objects.order_by("pk").values_list("needed", flat=True)) == before, "nothing is done by looking"
    carmen.post(led["Location"], {"votes": "2", "reason": "Faltan voces."})
    assert sorted(Cell.objects.values_list("needed", flat=True)) == [100, 102, 102]


def test_a_task_and_an_output_are_hidden_and_come_back(item: Item, carmen: Client) -> None:
    carmen.post(act("hide", item), {"reason": "Está rota."})
    assert Cell.objects.get(item=item).held_back == "broken"
    output = item.places.get(position=0).output
    carmen.post(act("quarantine", item), {"output": str(output.pk), "reason": "Daña."})
    output.refresh_from_db()
    assert output.quarantine == "flagged"
    assert Item.objects.filter(quarantined("pk"), pk=item.pk).exists()
    moderator = Person.objects.get(username="carmen")
    for look in Look.objects.all():
        decide(moderator=moderator, look=look, decision="fine", reason="Está bien.")
    assert Cell.objects.get(item=item).held_back == ""


@pytest.mark.parametrize("bad", ["", "x", "9" * 30, "0", "-1"])
def test_what_is_no_item_is_not_there(carmen: Client, bad: str) -> None:
    assert carmen.get(f"{reverse('admin:annotations_item_act', args=['more'])}?items={bad}").status_code == 404
    assert carmen.get(reverse("admin:annotations_item_act", args=["nada"])).status_code == 404


def test_without_the_right_nothing_is_offered_or_done(item: Item, carmen: Client) -> None:
    looks = Person.objects.get(username="carmen")
    looks.groups.get().permissions.filter(codename__in=["add_ruling", "change_look"]).delete()
    client = client_of(Person.objects.get(pk=looks.pk))
    shown: Any = client.get(page(item)).content.decode()
    assert reverse("admin:annotations_item_act", args=["hide"]) not in shown
    for name in ("more", "hide", "decide"):
        assert client.post(act(name, item), {"reason": "x", "votes": "1"}).status_code == 403
    assert Cell.objects.filter(item=item).exclude(needed=100).count() == 0
    assert Campaign.objects.count() == 1
