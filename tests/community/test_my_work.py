"""One's own page: the goal one works towards, one's own day by one's own clock, and a pause that takes nothing away."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotations.assignments.actions import undo
from annotations.assignments.models import Judgement
from annotations.assignments.queries import judge_varieties
from annotations.community.queries import my_campaigns
from annotations.people.actions import Spoken, speak
from annotations.people.clocks import CAPITALS, clock_of
from annotations.people.models import Person
from annotations.people.rights.actions import pause, resume
from annotations.quality.actions import settle_due
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def judge(person: Person, campaign: Any, count: int = 1, **said: Any) -> list[Judgement]:
    return [answer(person, seat_at(person, campaign), said or {"preferred": "tie"}).judgement for _ in range(count)]


def mine(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    ("spoken", "city"),
    [
        ([Spoken("es-PE")], "Lima"),
        ([Spoken("es-CL-x-chiloe")], "Santiago"),
        ([Spoken("es-PE"), Spoken("pt-BR", how="live_there", command=1)], "Brasília"),
        ([Spoken("es-MX")], "Ciudad de México"),
        ([Spoken("es-PE"), Spoken("es-PE-x-andino"), Spoken("ht")], "Lima"),
        ([Spoken("es-PE"), Spoken("es-CL")], ""),
        ([], ""),
    ],
)
def test_the_day_is_counted_by_the_clock_of_where_one_speaks(seeds: None, spoken: list[Spoken], city: str) -> None:
    person = Person.objects.create_user("ana", "muy-larga-y-rara")
    speak(person=person, varieties=spoken)
    assert clock_of(person).city == city


def test_what_is_spoken_in_several_countries_says_no_clock(seeds: None) -> None:
    person = Person.objects.create_user("ana", "muy-larga-y-rara")
    speak(person=person, varieties=[Spoken("pt-UY")])
    assert (clock_of(person).city, clock_of(person).zone) == ("", dt.UTC)


def test_every_clock_is_one_of_the_worlds() -> None:
    from annotations.people.clocks import _clock

    assert [name for name, city in CAPITALS.values() if not _clock(name, city).city] == []
    assert _clock("America/Atlantis", "Atlantis").zone == dt.UTC, "a machine without the world's clocks says UTC"


def test_a_day_begins_at_ones_own_midnight(seeds: None) -> None:
    person = Person.objects.create_user("ana", "muy-larga-y-rara")
    speak(person=person, varieties=[Spoken("es-PE")])
    began = clock_of(person).day_began(dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC))
    assert began == dt.datetime(2026, 11, 23, 5, 0, tzinfo=dt.UTC), "at three in the morning UTC it is evening in Lima"


def test_the_page_counts_today_and_says_by_which_clock() -> None:
    campaign = world(*(line(str(number)) for number in range(4)))
    (ana,) = people(1)
    page = mine(ana).get("/me/").content.decode()
    assert "Hoy, ninguno, y está bien." in page
    judge(ana, campaign, 3)
    judge(ana, campaign, opt_out="no_se")
    first = Judgement.objects.order_by("pk").first()
    assert first
    undo(person=ana, key=first.receipts.get().key)
    Judgement.objects.filter(pk=first.pk + 1).update(received_at=timezone.now() - dt.timedelta(days=2))
    answered = mine(ana).get("/me/")
    assert answered.context["today"] == 1, "neither what was taken back, nor a way out, nor another day's"
    assert "1 juicio hoy." in answered.content.decode()
    assert "Según la hora de Santiago." in answered.content.decode()


def test_the_goal_and_what_my_variety_still_needs_stand_beside_each_other() -> None:
    campaign = world(line("1"), line("2", variety="pt-BR"), line("3", variety="es-419"), needed=2)
    world(line("1", variety="pt-BR"), slug="nada-mio")
    world(line("1"), slug="cerrada", state="closed")
    (ana,) = people(1)
    judge(ana, campaign)
    (found,) = my_campaigns(ana, judge_varieties(ana))
    assert (found.campaign, found.goal.done, found.goal.needed) == (campaign, 1, 6)
    assert [(variety.tag, progress.left) for variety, progress in found.needs] == [("es-419", 2), ("es-CL", 1)]
    page = mine(ana).get("/me/").content.decode()
    assert "1 de 6 juicios" in page


def test_only_tables_with_work_for_me_are_offered() -> None:
    """The others say that nothing is left, as if what somebody speaks were in the way."""
    world(line("1"))
    world(line("2", variety="pt-BR", kind="demonstration", outputs=[]), slug="escribir")
    (ana,) = people(1)
    tables = ("rate", "write", "translate", "flag", "review")
    page = mine(ana).get("/me/").content.decode()
    assert [table for table in tables if f'href="/{table}/"' in page] == ["rate"]
    world(line("3", kind="demonstration", outputs=[]), slug="escribir-aqui")
    page = mine(ana).get("/me/").content.decode()
    assert [table for table in tables if f'href="/{table}/"' in page] == ["rate", "write"]


def test_where_one_worked_comes_first() -> None:
    world(line("1"), slug="vieja")
    newer = world(line("1"), slug="nueva")
    (ana,) = people(1)
    assert [each.campaign.slug for each in my_campaigns(ana, judge_varieties(ana))] == ["vieja", "nueva"]
    judge(ana, newer)
    assert [each.campaign.slug for each in my_campaigns(ana, judge_varieties(ana))] == ["nueva", "vieja"]


def test_what_my_answers_settled_is_told_without_grading_them() -> None:
    campaign = world(line("1"), line("2"), needed=1)
    ana, beto = people(2)
    judge(ana, campaign)
    settle_due()
    judge(beto, campaign)
    page = mine(ana).get("/me/").content.decode()
    assert "1 de ellos ayudó a resolver una pregunta" in page
    assert "ayud" not in mine(beto).get("/me/").content.decode()
    for word in ("rango", "puesto", "racha", "nivel", "ranking", "mejor que", "%"):
        assert word not in page.split("<main")[1].split("</main")[0], word


def test_a_pause_takes_nothing_away() -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    judge(ana, campaign)
    pause(person=ana)
    ana = Person.objects.get(pk=ana.pk)
    page = mine(ana).get("/me/").content.decode()
    assert "Esta cuenta está en pausa" in page
    assert 'action="/me/data/resume/"' in page
    before = mine(ana).get("/me/").context
    resume(person=ana)
    after = mine(Person.objects.get(pk=ana.pk)).get("/me/").context
    assert [before[name] for name in ("total", "today", "settled")] == [
        after[name] for name in ("total", "today", "settled")
    ]


def test_more_work_costs_no_more_questions(django_assert_max_num_queries: Any) -> None:
    campaign = world(*(line(str(number)) for number in range(6)))
    for number in range(4):
        world(line("1"), slug=f"otra-{number}")
    (ana,) = people(1)
    judge(ana, campaign, 6)
    client = mine(ana)
    client.get("/me/")
    with django_assert_max_num_queries(25):
        client.get("/me/")
