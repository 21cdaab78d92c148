"""Questions that are put into SQL once answer as Django's own do."""

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.queries import SEAT
from annotations.compiled import Compiled, any_given, columns_of, given, listed
from annotations.people.models import Person, SpokenVariety
from annotations.people.queries import spoken_by
from tests.cast import in_days, line, people, seat_at, world

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


def test_an_object_is_as_django_makes_it() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    seats = Assignment.objects.select_related(*SEAT, "draft")
    asked, plain = Compiled(lambda: seats.filter(pk=given("pk"))).first(pk=seat.pk), seats.get(pk=seat.pk)
    assert asked is not None
    assert not hasattr(asked, "draft")
    assert asked._state.__dict__.keys() == plain._state.__dict__.keys()
    for one, other in ((asked, plain), (asked.item, plain.item), (asked.judge_variety, plain.judge_variety)):
        assert {**one.__dict__, "_state": None} == {**other.__dict__, "_state": None}
    asked.expires_at = in_days(1)
    asked.save(update_fields=["expires_at"])
    assert Assignment.objects.get().expires_at == asked.expires_at


def test_what_is_the_same_each_time_stands_in_the_text() -> None:
    """Where it came as a value, a plan that is kept could not use an index of rows `WHERE state = 'held'`."""
    campaign = world()
    Campaign.objects.update(name="100 %s")
    found = Compiled(lambda: Campaign.objects.filter(name="100 %s", slug=given("slug")))
    assert found(slug=campaign.slug) == [campaign]
    assert "'100 %%s'" in found._question.sql


def test_rows_that_a_statement_writes_are_read_in_the_same() -> None:
    campaign = world(line("1"))
    moved = Compiled(
        lambda: Cell.objects.select_related("item"),
        written="UPDATE annotations_cell SET priority = priority + %(by)s WHERE campaign_id = %(campaign)s RETURNING *",
    )
    (cell,) = moved(by=2.0, campaign=campaign.pk)
    assert (cell.priority, cell.item.source_id) == (2.0, "1")
    assert Cell.objects.get().priority == 2.0


def test_what_is_written_of_a_new_row_is_what_django_would_write() -> None:
    world(line("1"))
    cell = Cell.objects.get()
    columns = columns_of(cell, but=("id",))
    assert set(columns) == {field.column for field in Cell._meta.concrete_fields} - {"id", "open"}
    assert (columns["needed"], columns["variety_id"]) == (cell.needed, "es-CL")
    assert "since" not in columns_of(SpokenVariety(variety_id="es-CL"), but=("id",))


def test_a_list_is_written_as_the_database_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::varchar[], %s::bigint[]", [listed(["es-CO-x-paisa", "es-419"]), listed([])])
        assert cursor.fetchone() == (["es-CO-x-paisa", "es-419"], [])
