"""What a campaign lacks most comes first, what it has enough of comes last, and nobody is sent away for it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.models import Campaign, Cell
from annotations.assignments.seats import next_for
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.order.actions import put_in_order
from annotations.quality.order.models import Quota
from annotations.quality.order.queries import clear_pairs, quotas_beside_work
from annotations.quality.order.rules import STEPS, clear, filled
from tests.cast import NO_QUOTAS, answer, key_of, line, people, world

pytestmark = pytest.mark.django_db


def order_for(person: Person, campaign: Campaign, most: int = 99) -> list[str]:
    """The items in the order somebody is given them, each answered with its first output."""
    given: list[str] = []
    while len(given) < most and (seat := next_for(person=person, campaign=campaign)):
        answer(person, seat, {"preferred": key_of(seat, 0)})
        given.append(seat.item.source_id)
    return given


def two_domains(**facts: Any) -> Campaign:
    """Four items of one domain, then four of another; one vote settles."""
    named = [(f"salud-{number}", "salud") for number in range(4)] + [(f"otro-{number}", "otro") for number in range(4)]
    return world(*(line(name, domain=domain) for name, domain in named), **{"needed": 1} | facts)


def first(names: list[str]) -> str:
    return names[0].split("-")[0]


def test_what_lacks_most_comes_first_and_what_is_full_comes_last() -> None:
    campaign = two_domains()
    Quota.objects.create(campaign=campaign, facet="domain", value="otro", wanted=4)
    assert put_in_order() == 4, "what nobody wants goes behind"
    (ana, eva) = people(2)
    assert [first([name]) for name in order_for(ana, campaign, 2)] == ["otro", "otro"]
    settle_due()
    Quota.objects.create(campaign=campaign, facet="domain", value="salud", wanted=4)
    put_in_order()
    assert [first([name]) for name in order_for(eva, campaign)] == ["salud"] * 4 + ["otro"] * 2, "half of it is there"


def test_without_a_word_items_come_as_they_were_imported() -> None:
    """The twin."""
    campaign = two_domains()
    assert put_in_order() == 0
    assert first(order_for(people(1)[0], campaign, 1)) == "salud"


def test_what_is_full_is_still_there_for_whoever_has_nothing_else() -> None:
    campaign = two_domains()
    Quota.objects.create(campaign=campaign, facet="domain", value="salud", wanted=1)
    (ana,) = people(1)
    order_for(ana, campaign, 1)
    settle_due()
    put_in_order()
    assert len(order_for(ana, campaign)) == 7


def test_it_changes_nothing_the_second_time_and_nothing_that_is_done() -> None:
    campaign = two_domains()
    Quota.objects.create(campaign=campaign, facet="domain", value="otro", wanted=4)
    (ana,) = people(1)
    order_for(ana, campaign, 1)
    settle_due()
    assert (put_in_order(), put_in_order()) == (3, 0), "what nobody asked for goes behind, but what is done"


def test_of_several_varieties_the_one_that_lacks_comes_first() -> None:
    campaign = world(line("chile"), line("colombia", variety="es-CO"), needed=1)
    Quota.objects.create(campaign=campaign, facet="variety", value="es-CO", wanted=5)
    put_in_order()
    both = volunteer("doble", "muy-larga-y-rara", "es-CL", "es-CO")
    assert order_for(both, campaign) == ["colombia", "chile"]


def test_by_country_too_and_what_serves_two_wants_comes_before_what_serves_one() -> None:
    campaign = world(
        line("none"), line("place", country="PE"), line("topic", domain="salud"),
        line("both", country="PE", domain="salud"), needed=1,
    )  # fmt: skip
    Quota.objects.create(campaign=campaign, facet="country", value="PE", wanted=9)
    Quota.objects.create(campaign=campaign, facet="domain", value="salud", wanted=9)
    put_in_order()
    assert order_for(people(1)[0], campaign) == ["both", "place", "topic", "none"]


def test_somebody_on_their_way_is_given_what_lacks_next() -> None:
    """A bookmark passes nothing by: what was moved back is met later."""
    campaign = two_domains(needed=2)
    (ana,) = people(1)
    met = order_for(ana, campaign, 2)
    Quota.objects.create(campaign=campaign, facet="domain", value="otro", wanted=4)
    put_in_order()
    rest = order_for(ana, campaign)
    assert [first([name]) for name in rest] == ["otro"] * 4 + ["salud"] * 2
    assert len({*met, *rest}) == 8


def test_close_models_come_first() -> None:
    """Three models: of two it is clear by now which one people prefer, of the others nothing is known."""
    pairs = [("a", "b")] * 20 + [("a", "b"), ("b", "c")]
    lines = [
        line(f"{number:02}", outputs=[{"model": model, "text": f"{model} {number}"} for model in pair])
        for number, pair in enumerate(pairs)
    ]
    campaign = world(*lines, needed=1, close_first=True)
    ana, eva = people(2)
    order_for(ana, campaign, 20)
    settle_due()
    assert [row[2] for row in clear_pairs(campaign)] == [3]
    put_in_order()
    assert order_for(eva, campaign) == ["21", "20"]


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_quota_moves_a_cell_a_few_times_and_only_back(settled: int, wanted: int) -> None:
    steps = [filled(each, wanted) for each in (settled, settled + 1)]
    assert 0 <= steps[0] <= steps[1] <= STEPS
    assert (steps[0] == STEPS) == (settled >= wanted)


@given(st.integers(0, 1_000), st.data())
def test_how_clear_a_pair_is_does_not_depend_on_which_is_named_first(meetings: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(0, 2 * meetings)) / 2
    assert 0 <= clear(wins, meetings) == clear(meetings - wins, meetings) < STEPS
    assert clear(0, 0) == clear(meetings / 2, meetings) == 0


def test_the_panel_says_what_is_wanted_and_what_cannot_be_given() -> None:
    campaign = two_domains()
    Quota.objects.create(campaign=campaign, facet="domain", value="salud", wanted=9)
    Quota.objects.create(campaign=campaign, facet="domain", value="otro", wanted=2)
    order_for(people(1)[0], campaign, 1)
    settle_due()
    told = [(each.quota.value, each.settled, each.left, each.lacks) for each in quotas_beside_work(campaign)]
    assert told == [("otro", 0, 4, False), ("salud", 1, 3, True)]
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username="elisa"))
    page = client.get(reverse("admin:annotations_campaign_change", args=[campaign.pk])).content.decode()
    assert "<td>9</td><td>1</td><td>3</td><td>muy pocas tareas</td>" in page


def test_a_lead_says_in_the_panel_how_much_is_wanted() -> None:
    campaign = two_domains()
    seed_people()
    client, page = Client(), reverse("admin:annotations_campaign_change", args=[campaign.pk])
    client.force_login(Person.objects.get(username="elisa"))
    form = {
        "name": "Prueba", "state": "open", "rule": "strict_majority", "lease_minutes": "20",
        "access": "open", "time_zone": "UTC",
        "practice": "0", "gold": "0",
        "drawn_from": "1", "anchored": "0", "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
    } | NO_QUOTAS  # fmt: skip
    quota = {"quotas-TOTAL_FORMS": "1", "quotas-0-campaign": campaign.pk, "quotas-0-facet": "domain"}
    quota |= {"quotas-0-value": "salud", "quotas-0-wanted": "9"}
    assert client.post(page, form | quota | {"quotas-0-wanted": "0"}).status_code == 200
    assert client.post(page, form | quota).status_code == 302
    assert str(campaign.quotas.get()) == "ámbito salud: 9"


def test_quotas_of_a_hundred_parts_cost_one_count(django_assert_num_queries: Any) -> None:
    campaign = two_domains()
    Quota.objects.bulk_create(
        Quota(campaign=campaign, facet="domain", value=f"d{number}", wanted=1) for number in range(100)
    )
    with django_assert_num_queries(2):
        quotas_beside_work(campaign)


def test_a_part_has_one_quota_and_it_wants_something() -> None:
    campaign = two_domains()
    Quota.objects.create(campaign=campaign, facet="domain", value="salud", wanted=1)
    for facts in ({"value": "salud", "wanted": 2}, {"value": "otro", "wanted": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Quota.objects.create(campaign=campaign, facet="domain", **facts)


def test_what_moves_ahead_again_floods_nobody_and_passes_nobody_by() -> None:
    """More is wanted of what had enough: it comes first again, also for whoever went past it, and what fills after that
    goes behind again."""
    campaign = two_domains(needed=2)
    quota = Quota.objects.create(campaign=campaign, facet="domain", value="salud", wanted=1)
    other = Quota.objects.create(campaign=campaign, facet="domain", value="otro", wanted=8)
    ana, eva = people(2)
    order_for(ana, campaign, 1)
    order_for(eva, campaign, 1)
    settle_due()
    put_in_order()
    assert [first([name]) for name in order_for(ana, campaign, 2)] == ["otro", "otro"]
    Quota.objects.filter(pk=quota.pk).update(wanted=80)
    Quota.objects.filter(pk=other.pk).update(wanted=1)
    order_for(eva, campaign, 2)
    settle_due()
    put_in_order()
    assert not Cell.objects.filter(returned__isnull=False).exists()
    assert [first([name]) for name in order_for(ana, campaign, 3)] == ["salud"] * 3


def test_priorities_stay_below_what_comes_back() -> None:
    campaign = two_domains()
    Quota.objects.create(campaign=campaign, facet="domain", value="otro", wanted=4)
    put_in_order()
    assert not Cell.objects.filter(priority__gt=0).exists()
    assert not Cell.objects.filter(returned__isnull=False).exists()
