"""Questions that are put into SQL once answer as Django's own do."""

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.queries import SEAT
from annotations.compiled import Compiled, any_given, given
from annotations.people.models import Person
from annotations.people.queries import spoken_by
from tests.cast import line, people, seat_at, world

pytestmark = pytest.mark.django_db


def test_it_gives_the_rows_of_its_queryset_for_whoever_it_is_asked() -> None:
    world()
    ana, bruno = people(2)
    spoken = Compiled(lambda: spoken_by(given("person")))
    for person in (ana, bruno, ana):
        assert spoken(person=person.pk) == list(spoken_by(person))
    assert spoken(person=0) == []
    assert spoken.first(person=0) is None


def test_what_is_read_with_a_row_comes_with_it() -> None:
    campaign = world(line("1"), judged_in=[])
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    found = Compiled(lambda: Assignment.objects.select_related(*SEAT).filter(pk=given("pk"))).first(pk=seat.pk)
    assert found is not None
    with CaptureQueriesContext(connection) as asked:
        assert (found.item.prompt.messages, found.item.campaign.judged_in) == (seat.item.prompt.messages, [])
        assert (found.cell, found.judge_variety.lineage) == (seat.cell, seat.judge_variety.lineage)
    assert len(asked) == 0


def test_values_and_lists_of_them_come_as_they_were_asked_for() -> None:
    world(line("1"), line("2"), line("3"))
    cells = Compiled(lambda: Cell.objects.filter(pk__in=any_given("pks")).order_by("pk").values_list("pk", "kind"))
    keys = list(Cell.objects.order_by("pk").values_list("pk", "kind"))
    assert cells(pks=[pk for pk, _kind in keys[1:]]) == keys[1:]
    assert cells(pks=[]) == []


def test_a_question_is_built_once() -> None:
    built = []
    found = Compiled(lambda: built.append(1) or Campaign.objects.filter(slug=given("slug")))
    campaign = world(line("1"))
    assert [found.first(slug=slug) for slug in (campaign.slug, "other", campaign.slug)] == [campaign, None, campaign]
    assert built == [1]


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_in_a_transaction_or_not_at_all() -> None:
    world()
    (ana,) = people(1)
    assert Person.objects.filter(pk=ana.pk).exists()
    with pytest.raises(TransactionManagementError):
        Person.objects.lock(ana)
