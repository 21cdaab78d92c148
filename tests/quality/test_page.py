"""What moderators see: figures and why there is none, gaps, what waits; and pictures that say what the numbers say."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.models import Campaign, Item
from annotations.people.demo import volunteer
from annotations.quality.charts import WIDE, across, confusion, shares
from annotations.quality.jobs import measure
from annotations.quality.models import Agreement
from annotations.quality.queries import coverage
from tests.cast import line, people, world
from tests.quality.test_measuring import prefers, side


def moderator() -> Client:
    carmen = volunteer("carmen", "muy-larga-y-rara", "es-MX")
    carmen.user_permissions.add(Permission.objects.get(codename="see_quality"))
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(carmen)
    return client


@pytest.fixture
def campaign() -> Campaign:
    row = world(*(line(str(n)) for n in range(4)), line("u", variety="es-UY"), needed=2)
    for person in people(2):
        for number in range(4):
            prefers(person, row, side(row, number))
    return row


@pytest.mark.django_db
def test_the_page_has_figures_numbers_and_gaps_and_nothing_a_browser_would_refuse(campaign: Campaign) -> None:
    client = moderator()
    before = client.get("/quality/prueba/").content.decode()
    assert "Aún no se ha medido" in before
    measure()
    page = client.get("/quality/prueba/").content.decode()
    assert "Qué respuesta es mejor" in page
    assert "1,000" in page
    assert page.count('<svg class="plot"') == 6
    assert "style=" not in page
    assert "Hay trabajo abierto y nadie en los últimos 30 días:" in page
    assert "/quality/prueba/" in client.get("/quality/").content.decode()


@pytest.mark.django_db
def test_without_a_figure_the_page_says_why(campaign: Campaign) -> None:
    prefers(*people(1, "es-UY"), campaign, 0)
    measure()
    assert (
        "ningún ítem tiene dos juicios que se puedan comparar" in moderator().get("/quality/prueba/").content.decode()
    )


@pytest.mark.django_db
def test_what_lacks_is_told_by_variety_with_how_long_it_waits(campaign: Campaign) -> None:
    now = timezone.now() + dt.timedelta(minutes=1)
    Item.objects.filter(source_id="u").update(created_at=now - dt.timedelta(days=9))
    chile, uruguay = coverage(campaign, now)
    assert (chile.variety.tag, chile.done, chile.needed, chile.open, chile.people, chile.is_gap) == (
        "es-CL", 8, 8, 0, 2, False
    )  # fmt: skip
    assert (uruguay.done, uruguay.open, uruguay.people, uruguay.is_gap) == (0, 1, 0, True)
    assert (chile.waiting, uruguay.waiting) == ((0, 0, 0, 0), (0, 0, 1, 0))


@pytest.mark.django_db
def test_a_campaign_of_many_varieties_costs_as_many_questions(campaign: Campaign) -> None:
    measure()
    client = moderator()
    client.get("/quality/prueba/")
    with CaptureQueriesContext(connection) as few:
        client.get("/quality/prueba/")
    for tag in ("es-AR", "es-PE"):
        world(line(tag, variety=tag), slug=f"otra-{tag}")
        Item.objects.filter(source_id=tag).update(campaign=campaign)
        Item.objects.get(source_id=tag).cells.update(campaign=campaign)
    with CaptureQueriesContext(connection) as many:
        client.get("/quality/prueba/")
    assert len(many) == len(few)


@given(st.lists(st.integers(0, 50), max_size=6))
def test_parts_of_a_bar_lie_beside_each_other_and_fill_it(parts: list[int]) -> None:
    found, end = shares(parts), 0
    for left, width in found:
        assert left == end
        end = left + width
    assert end == (WIDE if sum(parts) else 0)


@given(st.floats(-3, 1), st.floats(-3, 1))
def test_a_greater_agreement_never_lies_further_left(one: float, other: float) -> None:
    low, high = sorted([one, other])
    assert 0 <= across(low) <= across(high) <= WIDE


def test_of_votes_it_is_told_whether_others_prefer_the_same() -> None:
    row = Agreement(
        kind="vote", values=["a", "b", "tie"], coincidences=[[6.0, 1.0, 1.0], [1.0, 4.0, 2.0], [1.0, 2.0, 2.0]]
    )
    with override("en"):
        told = [(str(each.said), [(str(said), percent) for said, percent in each.others]) for each in confusion(row)]
    assert told == [
        ("one answer", [("that answer", 67), ("a tie", 20), ("another answer", 13)]),
        ("a tie", [("one answer", 60), ("a tie", 40)]),
    ]
    assert confusion(Agreement(kind="score", values=[1, 2], coincidences=[[1.0, 0.0], [0.0, 1.0]])) == []
