"""Runs that are cut, things sent again, seats and places that stand otherwise than expected: nothing said is lost."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from annotations.assignments.doors import discount
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.corpus.models import Output
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.argilla import actions
from annotations.quality.argilla.actions import KEPT, exchange, send_to_experts
from annotations.quality.argilla.jobs import exchange_all
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.argilla.port import DeskFailed
from annotations.quality.argilla.queries import _WITH, content_of, task_of
from annotations.rating.models import Score
from tests.cast import answer, key_of, line, people, seat_at, world
from tests.quality.argilla.memory import Memory
from tests.quality.argilla.scene import (
    a_moderator,
    by_experts,
    cell_of,
    expert,
    problems,
    record_of,
    says,
    verdicts,
    voted,
)
from tests.quality.argilla.test_kinds import _seeds, scores  # noqa: F401 -- one is a fixture of that module

pytestmark = pytest.mark.django_db


def test_an_answer_that_was_read_when_the_run_was_cut_is_judged_by_the_next(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    voted("12t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)

    def cut(*_facts: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_judge", cut)
        with pytest.raises(SystemExit):
            exchange(memory)
    assert (by_experts(), problems()) == ([], [("unheard", "")])
    assert (exchange(memory).taken, problems()) == (1, [])
    assert by_experts() == [("maestra", True, True, "")]


def test_a_change_that_was_refused_is_taken_once_it_may_be(memory: Memory) -> None:
    voted("12t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)
    exchange(memory)
    person = Person.objects.filter(username="maestra")
    person.update(standing=Person.Standing.PAUSED)
    says(memory, who, 1)
    assert (exchange(memory).taken, problems()[0][0]) == (0, "suspended")
    person.update(standing=Person.Standing.GOOD)
    assert (exchange(memory).taken, problems()) == (1, [])
    vote = record_of().answers.get().judgement.vote
    assert vote.preferred_id == record_of().cell.item.places.get(position=1).output_id


def test_what_is_sent_again_after_it_was_away_undoes_nothing(memory: Memory) -> None:
    campaign = voted("12t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)
    exchange(memory)
    Cell.objects.update(held_back="broken")
    exchange(memory)
    assert record_of().state == "gone"
    Cell.objects.update(held_back="")
    send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    for _run in range(2):
        exchange(memory)
    assert record_of().state == "there"
    assert by_experts() == [("maestra", True, True, "")]


def test_what_may_not_be_there_is_not_pushed_where_it_could_not_be_taken_away(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    voted("12t", "21t")
    exchange(memory)
    Cell.objects.filter(item__source_id="item-0").update(held_back="broken")
    ExpertRecord.objects.update(sum="other")
    memory.pushed.clear()

    def slow(*_facts: Any) -> None:
        raise DeskFailed("slow")

    monkeypatch.setattr(memory, "remove", slow)
    exchange(memory)
    assert memory.pushed == [str(record_of("item-1").pk)]


def test_a_seat_at_another_place_of_the_item_is_left_for_the_desks(memory: Memory) -> None:
    """The same item in two varieties: the expert began at the table in one, and answers at the desk in the other."""
    campaign = voted("12t")
    cell = Cell.objects.get()
    other = Cell.objects.create(
        item=cell.item, campaign=campaign, kind="vote", variety_id="es-MX", needed=3, held=1, priority=cell.priority
    )  # fmt: skip
    who = expert(memory)
    exchange(memory)
    Assignment.objects.create(
        person=Person.objects.get(username="maestra"), item=cell.item, cell=other, judge_variety_id="es-CL",
        state="held", shown=list(record_of().shown), offer_policy="in_order", offer_probability=1,
        claimed_at=timezone.now(), expires_at=timezone.now() + dt.timedelta(hours=1),
    )  # fmt: skip
    says(memory, who, 0)
    assert exchange(memory).taken == 1
    other.refresh_from_db()
    assert (other.held, cell_of_pk(cell.pk)) == (0, (4, 0, 4))


def cell_of_pk(pk: int) -> tuple[int, int, int]:
    cell = Cell.objects.get(pk=pk)
    return cell.needed, cell.held, cell.done


def test_an_expert_confirms_what_was_closed_short(memory: Memory) -> None:
    campaign = world(line("item-0"), needed=3, at_least=2)
    for person in people(2):
        seat = seat_at(person, campaign)
        answer(person, seat, {"preferred": key_of(seat, 0)})
    Campaign.objects.update(state="closed")
    settle_due()
    assert verdicts()["item-0"][:2] == ("output", 0)
    send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)
    exchange(memory)
    settle_due()
    assert cell_of()[1:3] == (0, 3)
    assert verdicts()["item-0"][:2] == ("output", 0)


def test_a_moderator_is_told_that_a_desk_is_closed(memory: Memory) -> None:
    campaign = voted("12t")
    ExpertDesk.objects.update(is_open=False)
    with pytest.raises(Refused, match="not_open"):
        send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    assert not ExpertRecord.objects.exists()


def test_a_missing_key_stands_at_every_data_set(memory: Memory, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    voted("12t")
    exchange(memory)
    settings.MINKA_ARGILLA_URL = "http://127.0.0.1:9"
    monkeypatch.setenv("MINKA_ARGILLA_KEY", "")
    exchange_all()
    assert list(ExpertSet.objects.values_list("problem", flat=True)) == ["no_key"]
    exchange(memory)
    assert list(ExpertSet.objects.values_list("problem", flat=True)) == [""]


def test_aspects_that_not_all_were_asked_are_no_suggestion(memory: Memory) -> None:
    campaign = world(line("item-0", "Una sola.", kind="score"), kind="score", needed=2)
    for person in people(2):
        answer(person, seat_at(person, campaign), scores(4))
    one = Score.objects.order_by("pk").first()
    assert one is not None
    one.points.pop("fluidez")
    one.save()
    settle_due()
    send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    assert exchange(memory).pushed == 1


def test_what_volunteers_said_is_put_right_at_a_closed_desk_too(memory: Memory) -> None:
    voted("11t")
    exchange(memory)
    ExpertDesk.objects.update(is_open=False)
    memory.pushed.clear()
    ExpertRecord.objects.update(sum="other")
    exchange(memory)
    assert memory.pushed == [str(record_of().pk)]


@pytest.fixture
def old(memory: Memory) -> ExpertSet:
    """A data set whose sheet is another today, with three items, the first of which has its answers."""
    campaign = voted("12t", "21t", "t12")
    several = [expert(memory, name) for name in ("maestra", "poeta")]
    exchange(memory)
    for who in several:
        says(memory, who, 0, "item-0")
    exchange(memory)
    settle_due()
    exchange(memory)
    held = memory.sets.pop(f"{(place := ExpertSet.objects.get()).name}")
    memory.sets["as-it-was"] = held
    place.name = "as-it-was"
    place.save()
    for record in ExpertRecord.objects.select_related(*_WITH):
        record.sum = content_of(task_of(record), place.name)
        record.save()
    assert exchange(memory).pushed == 0, "what is as it was stays where it is"
    assert campaign.items.count() == len(held.tasks) == 3
    return place


def test_what_is_taken_back_leaves_the_data_set_of_an_old_sheet(memory: Memory, old: ExpertSet) -> None:
    for name in ("item-0", "item-1"):
        vote = Judgement.objects.filter(item__source_id=name, trusted=False).first()
        discount(judgement=vote, reason="withdrawn")
    for _runs in range(2):
        exchange(memory)
    assert [*memory.sets["as-it-was"].tasks] == [str(record_of("item-2").pk)]
    (now,) = [held for name, held in memory.sets.items() if name != "as-it-was"]
    assert [*now.tasks] == [str(record_of("item-1").pk)], "asked anew; of the other all was said"
    assert (record_of("item-0").state, record_of("item-1").state) == ("gone", "there")
    assert record_of("item-0").answers.filter(judgement__counted=True).count() == 2, "what was said there is here"


def test_a_data_set_of_an_old_sheet_that_is_gone_is_asked_in_the_new_one(memory: Memory, old: ExpertSet) -> None:
    del memory.sets["as-it-was"]
    ExpertSet.objects.update(pulled_at=None)
    for _runs in range(2):
        exchange(memory)
    (now,) = memory.sets.values()
    assert set(now.tasks) == {str(record_of(f"item-{number}").pk) for number in (1, 2)}, "the other has its answers"
    assert record_of("item-0").state == "gone"
    assert [each.problem for each in ExpertSet.objects.all()] == [""]


def test_an_answer_that_was_not_read_is_not_removed(memory: Memory, old: ExpertSet) -> None:
    """It is read first; and where reading fails, nothing is taken away."""
    who = Expert.objects.order_by("name")[0]
    says(memory, who, 1, "item-1")
    discount(judgement=Judgement.objects.filter(item__source_id="item-1", trusted=False)[0], reason="withdrawn")
    memory.has_news, honest = _fails, memory.has_news  # type: ignore[method-assign]
    exchange(memory)
    assert len(memory.sets["as-it-was"].tasks) == 3
    memory.has_news = honest  # type: ignore[method-assign]
    exchange(memory)
    exchange(memory)
    assert record_of("item-1").answers.filter(judgement__counted=True).count() == 1


def _fails(*_facts: Any) -> str:
    raise DeskFailed("slow")


def test_what_may_have_arrived_though_nobody_heard_so_is_taken_away(memory: Memory) -> None:
    """The desk kept it, and its answer did not come."""
    voted("12t")
    honest = memory.push

    def late(dataset: str, tasks: Any) -> None:
        honest(dataset, tasks)
        raise DeskFailed("slow")

    memory.push = late  # type: ignore[method-assign]
    exchange(memory)
    assert [len(held.tasks) for held in memory.sets.values()] == [1]
    Output.objects.filter(pk=record_of().shown[0]).update(quarantine="personal_data")
    exchange(memory)
    assert [len(held.tasks) for held in memory.sets.values()] == [0]


def test_what_is_not_taken_any_more_does_not_stay_as_it_was(memory: Memory) -> None:
    campaign = voted("12t")
    exchange(memory)
    prompt = campaign.items.get().prompt
    prompt.messages = [{"role": "user", "content": "x" * 20_001}]
    prompt.save(update_fields=["messages"])
    exchange(memory)
    assert record_of().state == "failed"
    assert [list(held.tasks) for held in memory.sets.values()] == [[]]


def test_what_has_its_answers_leaves_the_desk_after_a_month(memory: Memory) -> None:
    voted("12t", "21t")
    several = [expert(memory, name) for name in ("maestra", "poeta")]
    exchange(memory)
    for who in several:
        says(memory, who, 0, "item-0")
    says(memory, several[0], 0, "item-1")
    exchange(memory)
    settle_due()
    ExpertAnswer.objects.update(pulled_at=timezone.now() - KEPT - dt.timedelta(minutes=1))
    before = verdicts()
    exchange(memory)
    assert (record_of("item-0").state, record_of("item-1").state) == ("gone", "there")
    assert (verdicts(), len(by_experts())) == (before, 3)
