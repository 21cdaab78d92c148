"""What a campaign's end does with items that lack judgements: settled where it says so, else left as they are."""

import datetime as dt
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.seats import expire_seats
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.quality import queries
from annotations.quality.actions import settle_due, wind_up
from annotations.quality.models import Verdict
from annotations.quality.queries import unsettled_by_done
from annotations.rating.models import Vote
from tests.cast import answer, in_days, key_of, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def partly_done(**facts: Any) -> tuple[Campaign, list[Person]]:
    """Three items of which each needs three votes, and that have two, one and none."""
    campaign = world(line("two"), line("one"), line("none"), **{"at_least": 2} | facts)
    crowd = people(3)
    for person, many in zip(crowd[:2], (2, 1), strict=True):
        for _item in range(many):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0)})
    return campaign, crowd


def end(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state="closed")


def settled() -> dict[str, tuple[str, int, bool]]:
    verdicts = Verdict.objects.filter(superseded_at=None).select_related("item")
    return {each.item.source_id: (each.outcome, each.n, each.closed_short) for each in verdicts}


def test_an_end_settles_what_has_enough_for_it_and_nothing_else() -> None:
    campaign, _crowd = partly_done()
    assert unsettled_by_done(campaign) == {2: 1, 1: 1, 0: 1}
    assert settle_due() == 0, "it is not over"
    end(campaign)
    assert (settle_due(), settle_due()) == (1, 0)
    assert settled() == {"two": ("output", 2, True)}


def test_a_day_that_passes_is_an_end_too() -> None:
    campaign, _crowd = partly_done()
    Campaign.objects.filter(pk=campaign.pk).update(ends_at=timezone.now() + dt.timedelta(hours=1))
    assert wind_up() == 0
    Campaign.objects.filter(pk=campaign.pk).update(ends_at=timezone.now() - dt.timedelta(hours=1))
    assert wind_up() == 1


def test_it_waits_for_whoever_still_sits_there() -> None:
    campaign, crowd = partly_done()
    seat = seat_at(crowd[2], campaign)
    end(campaign)
    assert wind_up() == 0
    answer(crowd[2], seat, {"preferred": key_of(seat, 0)})
    assert (settle_due(), settled()) == (1, {"two": ("output", 3, False)}), "that made it whole"


def test_a_seat_that_ran_out_holds_up_nothing() -> None:
    campaign, crowd = partly_done()
    seat_at(crowd[2], campaign)
    end(campaign)
    expire_seats(now=in_days(1))
    assert wind_up() == 1


def test_whoever_sits_at_one_item_holds_up_no_other() -> None:
    campaign, crowd = partly_done(at_least=1)
    seat = seat_at(crowd[2], campaign)
    assert seat.item.source_id == "two"
    end(campaign)
    assert (wind_up(), set(settled())) == (1, {"one"})


def test_an_answer_that_comes_late_can_still_be_enough() -> None:
    campaign, crowd = partly_done(needed=4, at_least=3)
    seat = seat_at(crowd[2], campaign)
    expire_seats(now=in_days(1))
    end(campaign)
    assert wind_up() == 0
    answer(crowd[2], seat, {"preferred": key_of(seat, 0)})
    assert (settle_due(), settled()) == (1, {"two": ("output", 3, True)})


def test_what_was_held_back_at_the_end_is_settled_when_it_comes_back() -> None:
    campaign, _crowd = partly_done()
    cell = Cell.objects.filter(item__source_id="two")
    cell.update(held_back="hidden")
    end(campaign)
    assert wind_up() == 0
    cell.update(held_back="")
    assert wind_up() == 1


def test_a_setting_that_is_changed_after_the_end_still_holds() -> None:
    campaign, _crowd = partly_done()
    end(campaign)
    assert wind_up() == 1
    Campaign.objects.update(at_least=1)
    assert (wind_up(), set(settled())) == (1, {"one", "two"})


def test_what_is_taken_away_afterwards_unsettles_and_is_looked_at_again() -> None:
    campaign, crowd = partly_done(at_least=1)
    end(campaign)
    wind_up()
    assert settled()["two"][1] == 2
    withdraw(person=crowd[0])
    settle_due()
    assert settled() == {"two": ("output", 1, True)}, "of one there was only that person's"


def test_a_campaign_that_is_opened_again_goes_on_and_ends_again() -> None:
    campaign, crowd = partly_done()
    end(campaign)
    wind_up()
    Campaign.objects.filter(pk=campaign.pk).update(state="open")
    assert wind_up() == 0
    seat = seat_at(crowd[2], campaign)
    assert seat.item.source_id == "one", "what was settled is not asked again"
    answer(crowd[2], seat, {"preferred": key_of(seat, 0)})
    end(campaign)
    assert wind_up() == 1
    assert set(settled()) == {"one", "two"}


def test_without_the_setting_nothing_is_settled_short() -> None:
    campaign, _crowd = partly_done(at_least=None)
    end(campaign)
    assert (settle_due(), settled()) == (0, {})


def test_an_end_asks_no_more_than_an_item_needs() -> None:
    campaign, _crowd = partly_done()
    campaign.at_least = 4
    with pytest.raises(ValidationError):
        campaign.clean()
    with pytest.raises(IntegrityError, match="campaign_ends_with"), transaction.atomic():
        campaign.save()


def test_the_minutes_look_costs_the_same_however_much_was_begun_in_campaigns_that_are_over() -> None:
    campaign, _crowd = partly_done(at_least=None)
    end(campaign)
    before = blocks()
    begin_many(2_000)
    assert blocks() - before < 10


def test_a_look_at_all_that_was_begun_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: where the index cannot say who has enough."""
    campaign, _crowd = partly_done(at_least=None)
    end(campaign)
    monkeypatch.setattr(queries, "_SHORT", queries._SHORT.replace("c.done >= coalesce", "c.done + 0 >= coalesce"))
    before = blocks()
    begin_many(20_000)  # whatever way the planner takes, an index alone among them
    assert blocks() - before > 20


def begin_many(count: int) -> None:
    """The item that has two votes, so many times."""
    item = "campaign_id, prompt_id, variety_id, kind, sensitive"
    cell = "campaign_id, kind, variety_id, priority, needed, held, done, held_back"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO annotations_item (source_id, {item}) SELECT 'x' || g, {item} FROM annotations_item,"
            f" generate_series(1, {count}) g WHERE source_id = 'two'"
        )
        cursor.execute(
            f"INSERT INTO annotations_cell (item_id, {cell}) SELECT x.id, c.{cell.replace(', ', ', c.')}"
            " FROM annotations_item x, annotations_cell c JOIN annotations_item i ON i.id = c.item_id"
            " WHERE i.source_id = 'two' AND x.source_id LIKE 'x%'"
        )
        cursor.execute("RESET ROLE")
        cursor.execute("ANALYZE annotations_cell")


def blocks() -> int:
    over = list(Campaign.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries._SHORT}", {"over": over})
        plan = cursor.fetchone()[0]
    plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_where_an_anchor_contradicts_the_end_settles_nothing_and_asks_nobody() -> None:
    campaign, crowd = partly_done()
    last = Judgement.objects.filter(person=crowd[1]).latest("pk")
    Judgement.objects.filter(pk=last.pk).update(trusted=True)
    Vote.objects.filter(judgement=last).update(outcome="tie", preferred=None, strength=None)
    end(campaign)
    settle_due()
    assert last.item.source_id not in settled()
    assert Cell.objects.get(pk=last.cell_id).needed == 3
