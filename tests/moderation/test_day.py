"""What came in lately: counted as the database counts it, told for a chat group without telling of few people."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from annotations.assignments.models import Judgement
from annotations.assignments.tallies.queries import Progress
from annotations.moderation.day.queries import Figures, Part, figures, to_be_shared
from annotations.people.demo import seed_people
from annotations.people.models import Person
from annotations.people.remits.models import Remit
from annotations.quality.actions import settle_due
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def elisa(seeds: None) -> Person:
    seed_people()
    return Person.objects.get(username="elisa")


@pytest.fixture
def worked(elisa: Person) -> None:
    campaign = world(line("1", domain="salud", country="CL"), line("2"), line("mx", variety="es-MX"))
    for person in people(3):
        for _item in range(2):
            answer(person, seat_at(person, campaign), {"preferred": "a"})
    (mexican,) = people(1, "es-MX")
    answer(mexican, seat_at(mexican, campaign), {"preferred": "b"})
    settle_due()


def test_what_came_in_is_counted_in_its_parts(elisa: Person, worked: None) -> None:
    found = figures(by=elisa, span="day")
    assert (found.answers, found.people, found.settled) == (7, 4, 2)
    assert [(part.name, part.answers, part.people, part.percent) for part in found.varieties] == [
        ("español de Chile", 6, 3, 100), ("español de México", 1, 1, 16)
    ]  # fmt: skip
    assert [(part.name, part.answers) for part in found.domains] == [("sin decir", 4), ("salud", 3)]
    assert ("Chile", 3) in [(part.name, part.answers) for part in found.countries]
    assert (found.progress.done, found.progress.needed) == (7, 9)


def test_what_was_given_before_taken_back_or_no_answer_is_not_counted(elisa: Person, worked: None) -> None:
    first, second, third = Judgement.objects.order_by("pk")[:3]
    Judgement.objects.filter(pk=first.pk).update(received_at=timezone.now() - dt.timedelta(hours=25))
    Judgement.objects.filter(pk=second.pk).update(undone_at=timezone.now(), counted=False, not_counted="enough")
    Judgement.objects.filter(pk=third.pk).update(opt_out="no_se", counted=False, not_counted="enough")
    assert figures(by=elisa, span="day").answers == 4
    assert figures(by=elisa, span="week").answers == 5


def test_who_looks_after_a_part_counts_that_part(elisa: Person, worked: None) -> None:
    Remit.objects.create(person=elisa, country="MX")
    found = figures(by=Person.objects.get(pk=elisa.pk), span="day")
    assert (found.answers, found.people, found.settled, found.progress.needed) == (1, 1, 0, 3)


def text(*parts: tuple[int, int]) -> str:
    several = [Part(f"v{n}", answers, people) for n, (answers, people) in enumerate(parts)]
    answers, people = (sum(each[k] for each in parts) for k in range(2))
    found = Figures(answers, people, 0, several, [], [], Progress(0, 0))
    with translation.override("en"):
        return to_be_shared(found, span="day", url="https://minka.example/")


FEW = settings.MINKA_SMALL_CELL or 5


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([(90, FEW + 4), (7, FEW - 1), (3, 1)], ["v0: 90", "others: 10"]),
        ([(90, FEW), (50, FEW), (7, 1)], ["v0: 90", "others: 57"]),
        ([(90, FEW), (50, FEW), (3, 1), (3, 1)], ["v0: 90", "others: 56"]),
        ([(90, FEW), (7, 1)], []),
        ([(90, FEW), (50, FEW)], ["v0: 90", "v1: 50"]),
        ([], []),
    ],
    ids=["others are many", "one alone", "others are few", "nothing beside it", "no others", "nobody"],
)
def test_the_text_tells_of_no_few_people_in_a_line_nor_by_a_sum(parts: list[tuple[int, int]], said: list[str]) -> None:
    assert re.findall(r"· (.*)", text(*parts)) == said


def test_of_a_house_of_few_it_tells_only_how_far_it_is() -> None:
    assert text((90, FEW - 1)) == "Minka.\nGo on here: https://minka.example/"
    assert "90 answers of" in text((90, FEW))


def test_the_page_shows_it_and_asks_no_more_of_more(elisa: Person, worked: None) -> None:
    client = client_of(elisa)
    url = reverse("admin:day")
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        shown = client.get(url).content.decode()
    assert "español de Chile" in shown
    assert 'id="shared"' in shown
    other = world(*(line(f"o{n}", variety="es-AR") for n in range(4)), slug="otra")
    for person in people(3, "es-AR"):
        for _item in range(4):
            answer(person, seat_at(person, other), {"preferred": "a"})
    with CaptureQueriesContext(connection) as after:
        assert client.get(url).status_code == 200
    assert len(after) <= len(before)


@pytest.mark.parametrize(
    ("asked", "status"),
    [("?campaign=nada&span=siglo", 200), ("?campaign=prueba&span=week", 200), ("?campaign=%00", 400)],
)
@pytest.mark.parametrize("page", ["day", "thanks"])
def test_whatever_is_asked_for_is_answered(elisa: Person, worked: None, page: str, asked: str, status: int) -> None:
    assert client_of(elisa).get(reverse(f"admin:{page}") + asked).status_code == status


def test_who_may_not_see_campaigns_sees_no_figures(elisa: Person) -> None:
    Person.objects.filter(username="ana").update(is_staff=True)
    assert client_of(Person.objects.get(username="ana")).get(reverse("admin:day")).status_code == 403
