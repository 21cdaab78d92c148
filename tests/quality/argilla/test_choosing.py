"""Which items experts are asked about, and what never goes to the desk, or leaves it."""

from typing import Any

import pytest
from django.core.management import call_command

from annotations.assignments.models import Campaign, Cell
from annotations.assignments.stewards.actions import withhold
from annotations.corpus.models import Output
from annotations.errors import Refused
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.stewards import actions as stewards
from annotations.quality.actions import settle_due
from annotations.quality.argilla.actions import choose, exchange, send_to_experts, try_again
from annotations.quality.argilla.models import ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.argilla.queries import may_be_sent
from annotations.quality.models import Estimate, Verdict
from tests.cast import answer, govern, line, people, seat_at, world
from tests.quality.argilla.memory import Memory
from tests.quality.argilla.scene import a_moderator, expert, record_of, says, verdicts, voted

pytestmark = pytest.mark.django_db


def chosen() -> dict[str, str]:
    rows = ExpertRecord.objects.select_related("cell__item").order_by("chosen_at", "cell")
    return {row.cell.item.source_id: row.why for row in rows}


def only(**facts: Any) -> ExpertDesk:
    ExpertDesk.objects.update(**{"disputed": False, "severe": False, "audit": 0, "unsure_below": None} | facts)
    return ExpertDesk.objects.get()


def test_a_desk_asks_about_what_it_is_for(memory: Memory) -> None:
    """What has no majority comes before what has a close one."""
    voted("111", "112", "12t", "gbt")
    assert choose(desk=only()) == 0
    assert choose(desk=only(disputed=True, most=2)) == 2
    assert chosen() == {"item-2": "disputed", "item-3": "disputed"}
    assert choose(desk=only(disputed=True, most=9)) == 1
    assert choose(desk=only(disputed=True, most=9)) == 0, "asked again, they are there"
    assert set(chosen()) == {"item-1", "item-2", "item-3"}


def test_what_the_model_is_less_sure_of_is_asked(memory: Memory) -> None:
    voted("111", "112", "112")
    for verdict, sure in zip(Verdict.objects.order_by("item"), (0.99, 0.6, 0.8), strict=True):
        Estimate.objects.create(
            verdict=verdict, outcome="output", preferred=verdict.preferred, confidence=sure, version="1"
        )
    choose(desk=only(unsure_below=0.7))
    assert chosen() == {"item-1": "unsure"}


def test_an_audit_is_drawn_of_everything_and_is_the_same_again(memory: Memory) -> None:
    voted(*["111"] * 12)
    desk = only(audit=50, seed=3)
    first = choose(desk=desk)
    assert 0 < first < 12
    drawn = chosen()
    ExpertRecord.objects.all().delete()
    choose(desk=desk)
    assert (chosen(), set(drawn.values())) == (drawn, {"audit"})


def test_what_somebody_flagged_as_grave_is_asked_also_in_passing(memory: Memory) -> None:
    from annotations.flagging.actions import report

    call_command("load_seeds")
    campaign = world(line("item-0"), line("item-1"))
    ana = people(1)[0]
    said = {"wrong": True, "categories": ["genero"], "severity": 3, "groups": ["mujeres"], "stance": "endorsed"}
    seat = seat_at(ana, campaign)
    report(person=ana, assignment_id=seat.pk, letter="a", answer=said)
    ExpertDesk.objects.create(campaign=campaign)
    choose(desk=only(severe=True))
    assert chosen() == {seat.item.source_id: "severe"}


def test_a_desk_holds_a_sample_and_goes_on_as_experts_answer(memory: Memory) -> None:
    voted(*["12t"] * 4)
    only(disputed=True, most=2)
    who = expert(memory)
    assert exchange(memory).pushed == 2
    assert exchange(memory).pushed == 0
    says(memory, who, 0, next(iter(chosen())))
    assert exchange(memory) == (0, 1, 0)
    assert exchange(memory).pushed == 1


def test_a_closed_desk_sends_nothing_and_still_listens(memory: Memory) -> None:
    voted("12t")
    who = expert(memory)
    exchange(memory)
    only(disputed=True, is_open=False)
    ExpertRecord.objects.update(state="waiting")
    assert exchange(memory).pushed == 0
    ExpertRecord.objects.update(state="there")
    says(memory, who, 0)
    assert exchange(memory).taken == 1


def test_a_moderator_chooses_items_and_has_what_failed_tried_again(memory: Memory) -> None:
    campaign = voted("111", "111")
    item = campaign.items.get(source_id="item-1")
    with pytest.raises(Refused, match="forbidden"):
        send_to_experts(person=volunteer("otra", None, "es-CL"), items=[item.pk])
    only()
    assert send_to_experts(person=a_moderator(), items=[item.pk]) == 1
    assert send_to_experts(person=Person.objects.get(username="carmen"), items=[item.pk]) == 0
    assert chosen() == {"item-1": "chosen"}
    record = ExpertRecord.objects.get()
    assert record.chosen_by == Person.objects.get(username="carmen")
    ExpertRecord.objects.update(state="failed", problem="invalid")
    assert try_again(records=ExpertRecord.objects.all()) == 1
    assert exchange(memory).pushed == 1


# What stays here ----------------------------------------------------------------------------------------------------


def governed(**charter: Any) -> tuple[Campaign, list[Person]]:
    several = govern("quz", **charter)
    campaign = world(line("item-0", variety="quz"))
    ExpertDesk.objects.create(campaign=campaign)
    return campaign, several


def test_a_governed_variety_goes_only_where_its_charter_says_so(memory: Memory) -> None:
    campaign, several = governed()
    items = [campaign.items.get().pk]
    moderator = a_moderator()
    with pytest.raises(Refused, match="invalid"):
        send_to_experts(person=moderator, items=items)
    terms = {"policy": "Con permiso.", "permitted_use": ["evaluate"], "quorum": 2, "takes_contributions": True}
    opened = stewards.write_charter(
        person=several[0], variety=Variety.objects.get(tag="quz"), reason="Que opinen", sends_to_argilla=True, **terms
    )  # fmt: skip
    stewards.answer(person=several[1], decision=opened, approves=True)
    assert send_to_experts(person=moderator, items=items) == 1
    assert exchange(memory).pushed == 1
    closed = stewards.write_charter(
        person=several[0], variety=Variety.objects.get(tag="quz"), reason="Ya no", sends_to_argilla=False, **terms
    )  # fmt: skip
    stewards.answer(person=several[1], decision=closed, approves=True)
    exchange(memory)
    assert (texts(memory), ExpertRecord.objects.get().state) == ([], "gone")


def test_without_asking_the_charter_it_would_have_gone(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin."""
    from annotations.quality.argilla import actions

    campaign, _several = governed()
    monkeypatch.setattr(actions, "may_be_sent", lambda: Cell.objects.filter(kind="vote"))
    assert send_to_experts(person=a_moderator(), items=[campaign.items.get().pk]) == 1


def texts(memory: Memory) -> list[str]:
    return [task for held in memory.sets.values() for task in held.tasks]


@pytest.mark.parametrize("how", ["hidden", "personal_data"])
def test_what_is_hidden_or_held_since_leaves_the_desk(memory: Memory, how: str) -> None:
    if how == "hidden":
        campaign, several = governed(sends_to_argilla=True)
        send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
        exchange(memory)
        assert len(texts(memory)) == 1
        quz = Variety.objects.get(tag="quz")
        withhold(person=several[0], variety=quz, campaign=campaign.slug, record="item-0", code="harm", text="Daña.")
    else:
        voted("12t")
        exchange(memory)
        assert len(texts(memory)) == 1
        Output.objects.filter(pk=record_of().shown[0]).update(quarantine=how)
    exchange(memory)
    assert (texts(memory), ExpertRecord.objects.get().state) == ([], "gone")


def test_what_leaves_takes_no_answer_with_it(memory: Memory) -> None:
    """What experts said of it until then is theirs and stays."""
    voted("12t", "21t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0, "item-0")
    says(memory, who, 0, "item-1")
    exchange(memory)
    Output.objects.filter(pk=record_of("item-0").shown[0]).update(quarantine="personal_data")
    exchange(memory)
    says(memory, who, 1, "item-1")
    exchange(memory)
    assert record_of("item-0").answers.get().judgement.counted
    assert record_of("item-0").state == "gone"


def test_what_nobody_could_judge_here_is_not_asked_there(memory: Memory) -> None:
    """Items whose answer is known, and what screening holds."""
    campaign = world(
        line("item-0", gold={"expected": {"preferred": "a"}}), line("item-1", prompt="Mi RUT es 12.345.678-5."),
        line("item-2"),
    )  # fmt: skip
    held = Cell.objects.exclude(held_back="").values_list("item__source_id", flat=True)
    assert "item-0" in held
    assert set(may_be_sent().values_list("item__source_id", flat=True)) == {"item-0", "item-1", "item-2"} - set(held)
    assert campaign


def test_a_verdict_that_anchors_gave_is_not_asked_again(memory: Memory) -> None:
    voted("12t")
    for name in ("maestra", "poeta"):
        who = expert(memory, name)
        exchange(memory)
        says(memory, who, 0)
        exchange(memory)
    settle_due()
    assert verdicts()["item-0"][2] == "anchors"
    ExpertRecord.objects.all().delete()
    assert choose(desk=only(disputed=True, audit=100)) == 0


def test_another_sheet_is_another_data_set(memory: Memory) -> None:
    campaign = world(line("item-0"), line("item-1", "Una.", "Dos.", "Tres."), line("item-2"))
    send_to_experts(person=a_moderator(), items=[item.pk for item in campaign.items.all()])
    exchange(memory)
    kinds = sorted(ExpertSet.objects.values_list("kind", "outputs"))
    assert kinds == [("vote", 2), ("vote", 3)]
    assert sorted(len(held.tasks) for held in memory.sets.values()) == [1, 2]
    answered = people(3)
    for person in answered:
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    assert exchange(memory).pushed == 1, "what volunteers said since is shown"
