"""What became of one's own work: told to its person alone, once it is published, in words."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.assignments.actions import undo
from annotations.assignments.gold import actions as gold
from annotations.assignments.gold.rules import TOLD_AFTER
from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.queries import GOLD
from annotations.community.became import queries
from annotations.community.became.queries import Became, known, page_of, summary
from annotations.community.queries import answers_of
from annotations.corpus.models import ModelVersion
from annotations.datasets.models import Release
from annotations.people.models import Person
from annotations.training.actions import move
from annotations.training.models import TrainedModel
from tests.assignments.gold.test_gold import ALWAYS
from tests.cast import answer, key_of, line, people, seat_at, world
from tests.runs.world import a_run, engineer, published

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(settings: Any) -> Campaign:
    settings.MINKA_SMALL_CELL = 0
    return world(line("uno"), line("dos", prompt="¿Adónde voy el domingo?"), needed=3)


def vote(person: Person, campaign: Campaign, **said: Any) -> Judgement:
    seat = seat_at(person, campaign)
    return answer(person, seat, said or {"preferred": key_of(seat, 0), "strength": 2}).judgement


def all_vote(campaign: Campaign) -> list[Person]:
    """Everybody prefers the first answer to the first item; one votes on the second."""
    crowd = people(3)
    for person in crowd:
        vote(person, campaign)
    vote(crowd[0], campaign)
    return crowd


def gave(release: Release, name: str, *, cancelled: bool = False) -> None:
    """A run of this release, and a model that came of it."""
    owner = engineer(f"diego-{name}")
    run = a_run(owner, release)
    model = ModelVersion.objects.create(name=name, licence="apache-2.0")
    TrainedModel.objects.create(model=model, run=run, permitted_use=["train"])
    if cancelled:
        move(owner=owner, run=run.pk, state="cancelled")


def test_before_anything_is_published_it_waits(campaign: Campaign) -> None:
    crowd = all_vote(campaign)
    page, further = page_of(crowd[0], known())
    assert [(each.released, each.outcome, each.stands, each.why) for each in page] == [(False, "", [], "")] * 2
    assert (further, summary(crowd[0], known()).settled, summary(crowd[0], known()).release) == (None, 0, None)


def test_from_an_answer_to_what_it_settled_to_the_release(campaign: Campaign) -> None:
    crowd = all_vote(campaign)
    published()
    (second, first), _further = page_of(crowd[0], known())
    assert (first.outcome, first.stands, first.why, first.alone) == ("output", ["preference", "sft"], "", True)
    assert first.others == [("kto", "one_won")]
    assert (second.outcome, second.stands, second.why, second.alone) == ("", [], "unsettled", True)
    far = summary(crowd[0], known())
    assert (far.received, far.settled, far.models) == (2, 1, [])


def test_what_came_after_the_newest_release_waits_for_the_next(campaign: Campaign) -> None:
    crowd = all_vote(campaign)
    published()
    vote(crowd[1], campaign)
    (newest, older), _further = page_of(crowd[1], known())
    assert (newest.released, older.released) == (False, True)


def test_what_was_taken_back_is_no_answer_any_more(campaign: Campaign) -> None:
    crowd = all_vote(campaign)
    newest = answers_of(crowd[0]).order_by("-pk")[0]
    undo(person=crowd[0], key=newest.receipts.get().key)
    assert len(page_of(crowd[0], known())[0]) == summary(crowd[0], known()).received == 1


def test_gold_looks_like_any_answer_that_waits_until_it_may_be_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ring could otherwise read here which items it must answer right."""
    monkeypatch.setattr(gold, "_draw", ALWAYS)
    expects = {"expected": {"preferred": "a"}, "explanation": {"es": "Porque dice cómo."}}
    campaign = world(line("uno"), line("dos", gold=expects, prompt="¿Y esto?"), needed=3, gold=50)
    (ana,) = people(1)
    for _item in range(2):
        vote(ana, campaign)
    assert sorted(Judgement.objects.values_list("not_counted", flat=True)) == ["", GOLD]
    published()
    one, other = (told(each) for each in page_of(ana, known())[0])
    assert one == other == ("", [], "unsettled", [], True)
    Judgement.objects.update(received_at=timezone.now() - TOLD_AFTER)
    assert {told(each)[2] for each in page_of(ana, known())[0]} == {"unsettled", "gold"}


def told(each: Became) -> tuple[Any, ...]:
    return each.outcome, each.stands, each.why, each.others, each.alone


def test_the_page_leads_to_the_models_that_learnt_and_to_no_others(campaign: Campaign) -> None:
    crowd = all_vote(campaign)
    release = published()
    gave(release, "nuevo-1")
    gave(release, "otro-1", cancelled=True)
    (stranger,) = people(1, "es-PE")
    assert [each.name for each in known().models] == ["nuevo-1"]
    (waits, settled), _further = page_of(crowd[0], known())
    assert [[each.name for each in one.models] for one in (waits, settled)] == [[], ["nuevo-1"]]
    page = get(crowd[0])
    assert "nuevo-1" in page
    assert "otro-1" not in page
    assert "nuevo-1" not in get(stranger)


def test_a_guest_is_asked_to_come_in_and_nobody_sees_anothers(campaign: Campaign) -> None:
    assert Client().get("/me/became/").status_code == 302
    crowd = all_vote(campaign)
    assert "domingo" not in get(crowd[1])


def test_a_long_life_comes_in_pages_of_which_each_answer_is_on_one(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = all_vote(campaign)
    published()
    vote(crowd[1], campaign)
    monkeypatch.setattr(queries, "PAGE", 1)
    first, further = page_of(crowd[0], known())
    assert further
    second, end = page_of(crowd[0], known(), further)
    assert [each.judgement.pk for each in first + second] == list(
        answers_of(crowd[0]).order_by("-pk").values_list("pk", flat=True)
    )
    assert end is None
    page = get(crowd[0])
    assert f"?before={further}" in page
    assert "¿Adónde" not in mine(crowd[0]).get(f"/me/became/?before={further}").content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "1" * 19, "²"])
def test_a_page_that_is_none_is_not_there(campaign: Campaign, before: str) -> None:
    assert mine(people(1)[0]).get("/me/became/", {"before": before}).status_code == 404


def test_many_answers_are_as_many_questions_as_one(campaign: Campaign) -> None:
    crowd = all_vote(campaign)
    published()
    asked = []
    for person in crowd[:2]:  # one who answered twice, one who answered once
        client = mine(person)
        client.get("/me/became/")
        with CaptureQueriesContext(connection) as queries_of:
            client.get("/me/became/")
        asked.append(len(queries_of))
    assert asked[0] == asked[1]


def mine(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def get(person: Person) -> str:
    return mine(person).get("/me/became/").content.decode()
