"""Work on a person: what they did, who says the same, what was decided, and which accounts look linked to theirs."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.assignments.models import Campaign
from annotations.assignments.seats import next_for
from annotations.moderation.persons.queries import linked_to, told_of
from annotations.moderation.persons.rules import by_chance, too_often, usual
from annotations.moderation.sanctions.models import Sanction
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.quality.signals.actions import look_for_signals
from annotations.quality.signals.models import Watched
from tests.assignments.test_table import client_of
from tests.cast import answer, in_days, key_of, line, seat_at, world

pytestmark = pytest.mark.django_db
ITEMS = 24
RING = 5
ALL = {"agreement": True, "signals": True, "decisions": True}


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return world(*(line(str(number)) for number in range(ITEMS)), needed=20)


def somebody(name: str, days_ago: int) -> Person:
    person = volunteer(name, None, "es-CL")
    Person.objects.filter(pk=person.pk).update(date_joined=in_days(-days_ago))
    return Person.objects.get(pk=person.pk)


def judge(person: Person, campaign: Campaign, said: str) -> None:
    """A letter for each item, of the place of what is preferred; `t` is a tie."""
    for _item in range(len(said)):
        seat = next_for(person=person, campaign=campaign)
        assert seat
        letter = said[int(seat.item.source_id) % len(said)]
        answer(person, seat, {"preferred": "tie" if letter == "t" else key_of(seat, "ab".index(letter))})


@pytest.fixture
def ring(campaign: Campaign) -> list[Person]:
    """Five who say the same of everything, and six who think for themselves; each joined on another day."""
    several = [somebody(f"anillo-{number}", 30 + 10 * number) for number in range(RING)]
    for person in several:
        judge(person, campaign, "abbabbaababaabbabaabbaba")
    honest = ["aaabbbabababababbbaaabab", "abababbbaaababbbabaaabab", "bbabaababababbabaabababb",
              "abbaaabbabaababbbaababab", "babaabababbaabababbaabab", "abbbaababaabbabaababbaab"]  # fmt: skip
    for number, said in enumerate(honest):
        judge(somebody(f"honesta-{number}", 100 + 10 * number), campaign, said)
    return several


def test_five_who_say_the_same_are_found_from_each_of_them_and_honest_people_from_none(ring: list[Person]) -> None:
    for person in ring:
        assert {each.person for each in linked_to(person)} == set(ring) - {person}
    assert "24 de 24" in linked_to(ring[0])[0].why[0]
    for person in Person.objects.filter(username__startswith="honesta"):
        assert linked_to(person) == []


def test_a_limit_that_anybody_passes_would_be_found_out(ring: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.moderation.persons.rules.RARE", 1.1)
    assert [person for person in Person.objects.filter(username__startswith="honesta") if linked_to(person)] != []


def test_who_joined_within_minutes_is_told_of_and_a_workshop_is_not(seeds: None) -> None:
    ana, bea, far = somebody("ana-1", 9), somebody("bea-1", 9), somebody("lejos", 8)
    Person.objects.filter(pk=bea.pk).update(date_joined=ana.date_joined + dt.timedelta(minutes=7))
    assert [(each.person, each.why) for each in linked_to(ana)] == [(bea, ["se registró con 7 minutos de diferencia"])]
    assert linked_to(far) == []
    for number in range(30):
        other = somebody(f"taller-{number}", 9)
        Person.objects.filter(pk=other.pk).update(date_joined=ana.date_joined)
    assert linked_to(ana) == []


def test_texts_that_are_alike_link_both_ways(seeds: None) -> None:
    writing = world(
        *(line(f"d{number}", kind="demonstration", outputs=[]) for number in range(3)), slug="escribir",
        kind="demonstration",
    )  # fmt: skip
    Watched.objects.create(campaign=writing)
    ana, bea = somebody("ana", 90), somebody("bea", 60)
    text = "Una vienesa con palta, tomate y mayonesa casera, servida en un pan tibio que se corta a lo largo, po."
    for person in (ana, bea):
        answer(person, seat_at(person, writing), {"text": text})
    look_for_signals()
    assert [each.person for each in linked_to(ana)] == [bea]
    assert [each.person for each in linked_to(bea)] == [ana]
    assert Person.objects.get(pk=ana.pk).username in {each.person.username for each in linked_to(bea)}


def test_what_two_honest_people_may_share_depends_on_what_is_usual() -> None:
    assert usual([]) == 0.5
    assert usual([0.99, 0.98, 0.97]) == 0.8
    assert usual([0.1, 0.2]) == 0.5
    assert not too_often(9, 9, 0.5, 1), "too few to say anything"
    assert too_often(12, 12, 0.5, 5)
    assert not too_often(12, 12, 0.8, 5)
    assert by_chance(0, 10, 0.5, 3) == 1.0


def test_a_page_tells_day_by_day_what_they_did_and_what_was_decided(ring: list[Person]) -> None:
    Sanction.objects.create(person=ring[0], kind="notice", code="hurried", words="Despacio.")
    told = told_of(ring[0], **ALL)
    assert (told.answers, told.counted, told.purged) == (ITEMS, ITEMS, 0)
    assert [(day.answers, day.counted, day.ways_out, day.kinds) for day in told.days] == [(ITEMS, ITEMS, 0, ["vote"])]
    assert "Despacio." in [event.words for event in told.events]
    assert [event.at for event in told.events] == sorted((event.at for event in told.events), reverse=True)
    bare = told_of(ring[0], agreement=False, signals=False, decisions=False)
    assert (bare.agreement, bare.signals, bare.linked) == (None, None, None)
    assert "Despacio." not in [event.words for event in bare.events]


@pytest.fixture
def carmen(seeds: None) -> Client:
    seed_people()
    return client_of(Person.objects.get(username="carmen"))


def page(person: Person) -> str:
    return reverse("admin:annotations_person_change", args=[person.pk])


def test_a_page_costs_the_same_however_much_they_gave(campaign: Campaign, carmen: Client) -> None:
    ana = somebody("ana-1", 50)
    judge(ana, campaign, "a")
    carmen.get(page(ana))
    with CaptureQueriesContext(connection) as before:
        carmen.get(page(ana))
    judge(ana, campaign, "ab" * 11)
    with CaptureQueriesContext(connection) as after:
        assert carmen.get(page(ana)).status_code == 200
    assert len(after) <= len(before)


def test_a_moderator_reads_it_asks_for_a_purge_of_the_ring_and_is_not_told_of_themselves(
    ring: list[Person], carmen: Client
) -> None:
    shown = carmen.get(page(ring[0])).content.decode()
    for person in ring[1:]:
        assert person.username in shown
    assert "24 de 24" in shown
    together = reverse("admin:annotations_person_together", args=[ring[0].pk])
    led = carmen.get(together, {"with": [person.pk for person in ring[1:]]})
    assert led["Location"].endswith("people=" + "%2C".join(person.username for person in ring))
    asked = carmen.get(led["Location"]).content.decode()
    assert f"<td>{RING * ITEMS} (" in asked
    own = carmen.get(page(Person.objects.get(username="carmen"))).content.decode()
    assert f"{reverse('admin:annotations_purge_add')}?people=" not in own


def staff() -> Person:
    """Of the team, and with no right to look at people."""
    person = somebody("equipo", 1)
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    return Person.objects.get(pk=person.pk)


def test_without_the_rights_nothing_of_it_is_told(ring: list[Person], carmen: Client) -> None:
    looks = Person.objects.get(username="carmen")
    looks.groups.get().permissions.filter(codename__in=["see_signals", "look_at_signals", "see_reliability"]).delete()
    client = client_of(Person.objects.get(pk=looks.pk))
    shown = client.get(page(ring[0])).content.decode()
    together = reverse("admin:annotations_person_together", args=[ring[0].pk])
    assert client_of(staff()).get(together).status_code == 403
    assert "24 de 24" not in shown
    assert ring[1].username not in shown
