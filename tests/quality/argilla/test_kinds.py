"""Every kind of work goes there and back: what is asked, what volunteers said of it, and what an expert's answer is."""

from typing import Any

import pytest
from django.core.management import call_command

from annotations.assignments.models import Campaign
from annotations.flagging.models import Flag
from annotations.quality.argilla.actions import exchange, send_to_experts
from annotations.quality.argilla.models import ExpertAnswer, ExpertDesk, ExpertRecord
from annotations.quality.argilla.port import Desk
from annotations.rating.models import Score, Vote
from annotations.rating.rubric import codes
from annotations.translating.models import Translation
from tests.cast import answer, line, people, seat_at, world
from tests.quality.argilla.scene import (
    a_moderator,
    by_experts,
    cell_of,
    expert,
    given,
    problems,
    record_of,
    stands,
    voted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _seeds(db: None) -> None:
    call_command("load_seeds")


def scores(value: int) -> dict[str, Any]:
    return {"points": dict.fromkeys(codes(), value), "overall": value}


def test_scores_two_points_apart_are_sent_and_scored_anew(desk: Desk, place: Any) -> None:
    campaign = _scored(1, 3, 4)
    ExpertDesk.objects.create(campaign=campaign)
    who = expert(desk)
    assert exchange(desk).pushed == 1
    assert record_of().why == "disputed"
    named = {f"aspect_{code}": 3 for code in codes()} | {"overall": 3}
    assert stands(place, str(record_of().pk))["guesses"] == named
    place.answer(who.pk, str(record_of().pk), {**named, "aspect_fluidez": 2})
    assert exchange(desk).taken == 1
    score = Score.objects.get(judgement__channel="argilla")
    assert (score.points, score.overall) == (dict.fromkeys(codes(), 3) | {"fluidez": 2}, 3)
    assert (by_experts(), cell_of()) == ([("maestra", True, True, "")], (4, 0, 4, True))


def _scored(*values: int) -> Campaign:
    campaign = world(line("item-0", "Una sola.", kind="score"), kind="score")
    given(campaign, [scores(value) for value in values], people(3))
    return campaign


def test_scores_that_are_close_are_not_disputed(memory: Any) -> None:
    ExpertDesk.objects.create(campaign=_scored(3, 4, 4))
    assert exchange(memory).pushed == 0


SAID = {"wrong": True, "categories": ["genero"], "severity": 3, "groups": ["mujeres"], "stance": "endorsed"}


def test_a_flag_is_marked_in_the_text_and_may_say_that_nothing_is_wrong(desk: Desk, place: Any) -> None:
    """Places are code points, on both sides of an emoji."""
    text = "Él 🙂 dijo: las mujeres no saben manejar."
    campaign = world(line("item-0", text, kind="flag"), kind="flag")
    given(campaign, [{"wrong": False}, {"wrong": False}, SAID], people(3))
    ExpertDesk.objects.create(campaign=campaign)
    first, second = expert(desk, "maestra"), expert(desk, "poeta")
    assert (exchange(desk).pushed, record_of().why) == (1, "severe")
    assert stands(place, str(record_of().pk))["guesses"] == {"wrong": "no"}
    start, end = text.index("las mujeres"), text.index(" manejar")
    place.answer(first.pk, str(record_of().pk), {
        "wrong": "yes", "severity": 4, "stance": "endorsed", "groups": ["mujeres"], "comment": "Duele.",
        "spans": [{"label": "genero", "start": start, "end": start + 11}, {"label": "clasismo", "start": start + 12,
                                                                          "end": end}],
    })  # fmt: skip
    place.answer(second.pk, str(record_of().pk), {"wrong": "no"})
    assert (exchange(desk).taken, problems()) == (2, [])
    flag, nothing = Flag.objects.filter(judgement__channel="argilla").order_by("pk")
    if not flag.wrong:
        flag, nothing = nothing, flag
    assert (flag.start, flag.end, text[flag.start : flag.end]) == (start, end, "las mujeres no saben")
    assert (set(flag.categories), flag.severity, flag.groups, flag.comment) == (
        {"genero", "clasismo"}, 4, ["mujeres"], "Duele.",
    )  # fmt: skip
    assert nothing.wrong is False


def test_a_translation_is_written_anew_with_what_was_written_as_a_suggestion(desk: Desk, place: Any) -> None:
    asked = {"prompt": "Você chega às oito?", "prompt_variety": "pt-BR", "outputs": []}
    campaign = world(line("item-0", kind="translation", **asked), kind="translation", needed=1)
    ana = people(1)[0]
    answer(ana, seat_at(ana, campaign), {"text": "¿Usted llega a las ocho?"})
    send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    who = expert(desk)
    assert exchange(desk).pushed == 1
    assert stands(place, str(record_of().pk))["guesses"] == {"translation": "¿Usted llega a las ocho?"}
    assert set(stands(place, str(record_of().pk))["fields"]) == {"prompt"}
    place.answer(who.pk, str(record_of().pk), {"translation": "¿Llegái a las ocho?"})
    assert (exchange(desk).taken, problems()) == (1, [])
    assert Translation.objects.get(judgement__channel="argilla").text == "¿Llegái a las ocho?"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"preferred": "c"}, "preferred"), ({"preferred": 7}, "preferred"), ({}, "preferred"), ({"preferred": ["a"]}, ""),
    ({"preferred": "a", "reason": "x" * 2_001}, "reason"), ({"preferred": "a", "reason": {"x": 1}}, "reason"),
    ({"preferred": "a", "reason": "\x00"}, ""), ({"preferred": "a", "reason": "\ud800!"}, ""),
    ({"preferred": "a", "reason": "x" * 400_000}, ""), ({"ranking": "a"}, "ranking"),
    ({"ranking": [{"value": "output_a", "rank": "1"}]}, "ranking"), ({"ranking": [{"rank": 1}]}, "ranking"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "field"), BAD)
def test_values_outside_what_is_offered_stand_at_the_record_and_the_rest_goes_on(
    memory: Any, values: dict[str, Any], field: str
) -> None:
    """Whoever has the key can write what they like there."""
    voted("12t", "21t")
    who = expert(memory)
    exchange(memory)
    memory.answer(who.pk, str(record_of("item-0").pk), values)
    memory.answer(who.pk, str(record_of("item-1").pk), {"preferred": "tie"})
    assert exchange(memory).taken == 1
    (problem,) = problems()
    assert problem[0] == "unknown_values"
    assert field in problem[1]
    assert cell_of("item-0") == (3, 0, 3, False), "nothing of it is left in the cell"
    assert Vote.objects.filter(judgement__channel="argilla").count() == 1
    memory.answer(who.pk, str(record_of("item-0").pk), {"preferred": "tie"})
    assert (exchange(memory).taken, problems()) == (1, [])
    assert ExpertAnswer.objects.filter(judgement=None).count() == 0


@pytest.mark.parametrize(
    "values",
    [{"wrong": "yes"}, {"wrong": "yes", "spans": [{"label": "genero", "start": 5, "end": 900}], "severity": 3,
     "groups": ["mujeres"], "stance": "endorsed"}, {"wrong": "yes", "spans": 3}, {"wrong": "yes", "categories": [1]},
     {"wrong": "yes", "categories": ["genero"], "severity": 9, "groups": ["mujeres"], "stance": "endorsed"}],
)  # fmt: skip
def test_a_flag_that_is_not_whole_stands_at_its_record(memory: Any, values: dict[str, Any]) -> None:
    campaign = world(line("item-0", "Las mujeres no saben.", kind="flag"), kind="flag")
    send_to_experts(person=a_moderator(), items=[campaign.items.get().pk])
    who = expert(memory)
    exchange(memory)
    memory.answer(who.pk, str(record_of().pk), values)
    assert (exchange(memory).taken, problems()[0][0]) == (0, "unknown_values")
    assert not Flag.objects.exists()


def test_a_score_whose_whole_lies_outside_its_parts_stands_at_its_record(memory: Any) -> None:
    ExpertDesk.objects.create(campaign=_scored(1, 3, 4))
    who = expert(memory)
    exchange(memory)
    values = {f"aspect_{code}": 3 for code in codes()}
    for overall in (5, None, 9):
        memory.answer(who.pk, str(record_of().pk), {**values, "overall": overall})
        assert (exchange(memory).taken, problems()[0][0]) == (0, "unknown_values")
    assert ExpertRecord.objects.get().state == "there"
