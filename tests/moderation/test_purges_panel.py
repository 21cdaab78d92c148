"""Purges in the panel: seen before they are asked for, asked for by one, agreed to by another, put back, read by whom
they are about."""

import pytest
from django.test import Client
from django.urls import reverse

from annotations.assignments.models import Campaign
from annotations.moderation.purges.actions import go_on
from annotations.moderation.purges.models import Purge
from annotations.people.demo import seed_people
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
ADD = "/admin/annotations/purge/add/"
LIST = "/admin/annotations/purge/"


@pytest.fixture
def ring(seeds: None) -> list[Person]:
    seed_people()
    campaign = world(*(line(str(number)) for number in range(3)))
    several = people(3)
    for person in several:
        for _item in range(3):
            answer(person, seat_at(person, campaign), {"preferred": "a"})
    settle_due()
    return several


def client(name: str) -> Client:
    return client_of(Person.objects.get(username=name))


def asked(several: list[Person], **facts: str) -> dict[str, str]:
    names = ",".join(person.username for person in several)
    page = client("carmen").get(ADD, {"people": names})
    return {"people": names, "code": "several", "words": "Votan igual.", "seen": page.context["seen_now"]} | facts


def test_what_it_does_is_seen_before_it_is_asked_for(ring: list[Person]) -> None:
    form = asked(ring[:2])
    page = client("carmen").get(ADD, {"people": form["people"]}).content.decode()
    assert "<td>6 (6 de ellas cuentan)</td>" in page
    for seen in ("", "1,2:5"):
        refused = client("carmen").post(ADD, form | {"seen": seen})
        assert "Mira lo que hace" in refused.content.decode()
        assert "Votan igual." in refused.content.decode(), "what was typed stays"
    assert not Purge.objects.exists()
    assert client("carmen").post(ADD, form).status_code == 302
    assert [row.person for row in Purge.objects.order_by("person")] == ring[:2]


@pytest.mark.parametrize(
    ("names", "says"), [("nadie", "No hay ninguna cuenta"), ("carmen", "Nadie decide sobre"), ("", "requerido")]
)
def test_whom_one_cannot_ask_about_is_said_at_the_field(ring: list[Person], names: str, says: str) -> None:
    page = client("carmen").post(ADD, asked(ring) | {"people": names})
    assert says in str(page.context["adminform"].form.errors["people"])
    assert not Purge.objects.exists()


def test_another_one_agrees_to_several_after_seeing_what_they_do_together(ring: list[Person]) -> None:
    client("carmen").post(ADD, asked(ring))
    keys = list(Purge.objects.values_list("pk", flat=True))
    form = {"action": "agree", "_selected_action": keys}
    client("carmen").post(LIST, form | {"seen": "yes"})
    assert not Purge.objects.exclude(approved_at=None).exists(), "who asked does not agree"
    seen = client("elisa").post(LIST, form)
    assert "<td>9 (9 de ellas cuentan)</td>" in seen.content.decode()
    assert not Purge.objects.exclude(approved_at=None).exists(), "nothing is done by looking"
    client("elisa").post(LIST, form | {"seen": "yes"})
    go_on()
    assert {row.state for row in Purge.objects.all()} == {"done"}


def test_each_says_what_is_theirs_to_say_and_it_is_put_back(ring: list[Person]) -> None:
    client("carmen").post(ADD, asked(ring[:1]))
    page = reverse("admin:annotations_purge_change", args=[Purge.objects.get().pk])
    assert set(client("carmen").get(page).context["adminform"].form.fields) == {"drops"}
    assert set(client("elisa").get(page).context["adminform"].form.fields) == {"agrees", "drops"}
    client("elisa").post(page, {"agrees": "on"})
    go_on()
    mine = client_of(ring[0])
    told = mine.get("/me/standing/").content.decode()
    assert "Se retiraron 3 respuestas" in told
    assert "Votan igual." in told
    assert "El equipo retiró 3 respuestas" in mine.get("/me/").content.decode()
    client("carmen").post(page, {"why": "Era una clase."})
    go_on()
    assert Purge.objects.get().state == "undone"
    assert "Lo que dio esta cuenta vuelve a valer" in mine.get("/me/standing/").content.decode()
    assert client("carmen").get(page).status_code == 200


def test_one_that_is_not_meant_any_more_is_dropped(ring: list[Person]) -> None:
    client("carmen").post(ADD, asked(ring[:1]))
    page = reverse("admin:annotations_purge_change", args=[Purge.objects.get().pk])
    client("carmen").post(page, {"drops": "on"})
    assert Purge.objects.get().state == "dropped"
    assert Campaign.objects.count() == 1


def test_without_the_right_nobody_asks_or_learns_what_it_would_do(ring: list[Person]) -> None:
    carmen = Person.objects.get(username="carmen")
    carmen.groups.get().permissions.filter(codename__in=["add_purge", "change_purge"]).delete()
    assert client("carmen").get(ADD, {"people": ring[0].username}).status_code == 403
    assert client("ana").get(ADD).status_code == 302
