"""Items go to the desk, what experts say there is judged, and verdicts change by rule: in memory, and at a real server
where there is one."""

from typing import Any

import pytest

from annotations.assignments.models import Assignment, Judgement
from annotations.people.actions import give_consent, withdraw
from annotations.people.anchors.actions import end_anchor, name_anchor
from annotations.people.models import Person, Variety
from annotations.people.purposes import REQUIRED
from annotations.quality.actions import settle_due
from annotations.quality.argilla.actions import exchange, send_to_experts
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.argilla.port import Desk
from annotations.rating.models import Vote
from tests.cast import lead, line, world
from tests.quality.argilla.scene import (
    a_moderator,
    by_experts,
    cell_of,
    expert,
    problems,
    record_of,
    says,
    stands,
    verdicts,
    voted,
)

pytestmark = pytest.mark.django_db


def test_two_experts_of_one_mind_decide_what_is_disputed(desk: Desk, place: Any) -> None:
    voted("12t", "111")
    assert verdicts() == {"item-0": ("no_majority", None, "strict_majority", 3, 0.333),
                          "item-1": ("output", 0, "strict_majority", 3, 1.0)}  # fmt: skip
    first, second = expert(desk, "maestra"), expert(desk, "poeta")
    assert exchange(desk) == (1, 0, 0)
    assert [record.why for record in ExpertRecord.objects.all()] == ["disputed"]
    says(place, first, 1)
    assert exchange(desk) == (0, 1, 0)
    assert (settle_due(), verdicts().get("item-0")) == (0, None), "one contradicts what was said: another is asked"
    assert cell_of() == (5, 0, 4, True)
    says(place, second, 1, strength="_much")
    assert (exchange(desk), settle_due()) == ((0, 1, 0), 1)
    assert verdicts()["item-0"] == ("output", 1, "anchors", 2, 1.0)
    assert by_experts() == [("maestra", True, True, ""), ("poeta", True, True, "")]
    assert Vote.objects.filter(judgement__channel="argilla").values_list("strength", flat=True)[1] == 2
    assert (exchange(desk), settle_due()) == ((0, 0, 0), 0), "read again, nothing is new"


def test_a_verdict_stays_while_experts_think_and_is_theirs_where_they_agree(desk: Desk, place: Any) -> None:
    voted("111")
    ExpertDesk.objects.update(audit=100)
    who = expert(desk)
    exchange(desk)
    assert verdicts()["item-0"] == ("output", 0, "strict_majority", 3, 1.0)
    says(place, who, 0)
    exchange(desk)
    assert (settle_due(), verdicts()["item-0"]) == (1, ("output", 0, "strict_majority", 4, 1.0))


def test_two_who_differ_ask_for_a_third(desk: Desk, place: Any) -> None:
    voted("12t")
    several = [expert(desk, name) for name in ("maestra", "poeta", "lingüista")]
    exchange(desk)
    for who, position in zip(several, (0, 1, 1), strict=True):
        assert verdicts().get("item-0", ("",))[0] != "output"
        says(place, who, position)
        exchange(desk)
        settle_due()
    assert verdicts()["item-0"] == ("output", 1, "anchors", 3, 0.667)


def test_an_answer_that_changes_takes_the_place_of_what_was_said(desk: Desk, place: Any) -> None:
    voted("12t")
    first, second = expert(desk, "maestra"), expert(desk, "poeta")
    exchange(desk)
    says(place, first, 0)
    says(place, second, 0)
    exchange(desk)
    settle_due()
    assert verdicts()["item-0"] == ("output", 0, "anchors", 2, 1.0)
    says(place, second, 1)
    assert exchange(desk).taken == 1
    assert (settle_due(), "item-0" in verdicts()) == (0, False), "they differ now: a third one is asked"
    says(place, first, 1)
    exchange(desk)
    assert (settle_due(), verdicts()["item-0"]) == (1, ("output", 1, "anchors", 2, 1.0))
    assert [each[2:] for each in by_experts()] == [
        (False, "undone"), (False, "undone"), (True, ""), (True, ""),
    ]  # fmt: skip
    assert Assignment.objects.filter(judgements__channel="argilla").distinct().count() == 2


@pytest.mark.parametrize("how", ["discarded", "deleted"])
def test_what_an_expert_takes_back_settles_nothing_any_more(desk: Desk, place: Any, how: str) -> None:
    voted("112")
    ExpertDesk.objects.update(audit=100)
    who = expert(desk)
    exchange(desk)
    says(place, who, 0)
    exchange(desk)
    settle_due()
    assert verdicts()["item-0"] == ("output", 0, "strict_majority", 4, 0.75)
    if how == "discarded":
        place.answer(who.pk, str(record_of().pk), {}, "discarded")
    else:
        place.take_back(who.pk, str(record_of().pk))
    assert exchange(desk).taken == 1
    assert (settle_due(), verdicts()["item-0"]) == (1, ("output", 0, "strict_majority", 3, 0.667))
    assert (ExpertAnswer.objects.get().status, cell_of()) == (how, (3, 0, 3, False))
    says(place, who, 0)
    exchange(desk)
    settle_due()
    assert verdicts()["item-0"] == ("output", 0, "strict_majority", 4, 0.75)


def test_an_account_deleted_over_there_takes_nothing_from_here(desk: Desk, place: Any) -> None:
    voted("12t")
    first, second = expert(desk, "maestra"), expert(desk, "poeta")
    exchange(desk)
    for who in (first, second):
        says(place, who, 0)
    exchange(desk)
    settle_due()
    place.forget(first.pk)
    says(place, second, 0)
    exchange(desk)
    settle_due()
    assert verdicts()["item-0"] == ("output", 0, "anchors", 2, 1.0)
    assert Expert.objects.get(pk=first.pk).problem == "not_found"
    assert ExpertAnswer.objects.filter(status="submitted").count() == 2


def test_who_took_their_consent_back_leaves_the_desk_and_counts_no_more(desk: Desk, place: Any) -> None:
    voted("12t")
    who = expert(desk)
    exchange(desk)
    says(place, who, 0)
    exchange(desk)
    withdraw(person=Person.objects.get(username="maestra"))
    settle_due()
    assert by_experts() == [("maestra", True, False, "withdrawn")]
    assert exchange(desk).gone == 1
    assert who.pk not in desk.experts()
    assert [seen.answers for seen in desk.pull(ExpertSet.objects.get().name)] == [()]
    assert exchange(desk) == (0, 0, 0)
    person = Person.objects.get(username="maestra")
    give_consent(person=person, purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC-BY-4.0")
    assert expert(desk).pk != who.pk, "back again, they have another account"


def test_an_answer_waits_for_what_it_needs_and_is_taken_then(desk: Desk, place: Any) -> None:
    """Trust that ended, and that comes back: what they said meanwhile is not lost."""
    voted("12t")
    who = expert(desk)
    exchange(desk)
    end_anchor(anchor=Person.objects.get(username="maestra").anchors.get())
    says(place, who, 0)
    assert (exchange(desk).taken, problems()) == (0, [("not_an_anchor", "")])
    assert (Judgement.objects.filter(channel="argilla").exists(), cell_of()) == (False, (3, 0, 3, False))
    person = Person.objects.get(username="maestra")
    name_anchor(lead=lead(), person=person, variety=Variety.objects.get(tag="es-CL"), why="Enseña otra vez.")
    assert (exchange(desk).taken, problems()) == (1, [])


def test_what_is_sent_names_no_model_and_nobody(desk: Desk, place: Any) -> None:
    voted("112", "12t", "ttt")
    ExpertDesk.objects.update(audit=100)
    exchange(desk)
    told = {name: stands(place, str(record_of(name).pk)) for name in ("item-0", "item-1", "item-2")}
    for name, each in told.items():
        record = record_of(name)
        shown = dict(zip(("output_a", "output_b"), record.shown, strict=True))
        texts = {place.output_id: place.output.text for place in record.cell.item.places.all()}
        assert {field: each["fields"][field] for field in shown} == {f: texts[pk] for f, pk in shown.items()}
        assert "model-" not in str(each)
        assert "persona-" not in str(each)
    first = record_of("item-0")
    key = "ab"[first.shown.index(first.cell.item.places.get(position=0).output_id)]
    assert told["item-0"]["guesses"] == {"preferred": key}
    assert told["item-0"]["facts"] == {"variety": "es-CL", "why": "disputed", "votes": 3, "agreement": 0.667}
    assert (told["item-1"]["guesses"], told["item-2"]["guesses"]) == ({}, {"preferred": "tie"})


def test_what_experts_say_is_no_suggestion_for_the_next_one(desk: Desk, place: Any) -> None:
    voted("12t")
    who = expert(desk)
    exchange(desk)
    says(place, who, 0)
    exchange(desk)
    settle_due()
    assert exchange(desk).pushed == 0
    assert stands(place, str(record_of().pk))["guesses"] == {}


def test_a_vote_of_three_is_an_order_with_ties(desk: Desk, place: Any) -> None:
    campaign = world(line("item-0", "Una.", "Dos.", "Tres."))
    send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    who = expert(desk)
    exchange(desk)
    ranked = [{"value": f"output_{key}", "rank": rank} for key, rank in (("a", 2), ("b", 1), ("c", 1))]
    place.answer(who.pk, str(record_of().pk), {"ranking": ranked})
    exchange(desk)
    record, vote = record_of(), Vote.objects.get()
    assert vote.ranking == [sorted(record.shown[1:], key=record.shown.index), [record.shown[0]]]
    assert vote.outcome == "tie"
