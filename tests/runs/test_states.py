"""How a run goes: it says in which state it is, and a silent one is lost until it is heard of again."""

import datetime as dt
import itertools

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.training.actions import SILENCE, hear, lose_silent, move
from annotations.training.jobs import listen
from annotations.training.models import MOVES, TrainingRun
from tests.runs.world import NOBODY, bare, engineer

pytestmark = pytest.mark.django_db
STATES = TrainingRun.State.values
OWN = ("running", "finished", "failed", "cancelled")


@pytest.fixture
def diego(seeds) -> Person:
    return engineer()


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, OWN)))
def test_a_state_follows_on_those_it_may_and_the_same_again_changes_nothing(diego, before: str, after: str) -> None:
    run = bare(diego, before)
    if after == before or after in MOVES.get(before, ()):
        assert move(owner=diego, run=run.pk, state=after, problem="why").state == after
        again = move(owner=diego, run=run.pk, state=after, problem="why")
        run.refresh_from_db()
        assert (run.state, run.ended_at) == (after, again.ended_at)
        return
    with pytest.raises(Refused, match="not_open"):
        move(owner=diego, run=run.pk, state=after, problem="why")
    run.refresh_from_db()
    assert run.state == before


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_the_database_itself_refuses_a_state_that_does_not_follow(diego, before: str, after: str) -> None:
    run, now = bare(diego, before), timezone.now()
    facts = {"started_at": now, "heard_at": now, "problem": "why"} if after != "queued" else {"started_at": None}
    facts |= {"ended_at": now if after in TrainingRun.ENDED else None}
    change = TrainingRun.objects.filter(pk=run.pk)
    if after == before or after in MOVES.get(before, ()):
        assert change.update(state=after, **facts) == 1
        return
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        change.update(state=after, **facts)


@pytest.mark.parametrize(
    ("state", "facts", "name"),
    [
        ("running", {"started_at": None}, "a_run_that_began_says_when"),
        ("running", {"heard_at": None}, "a_run_that_began_says_when"),
        ("running", {"ended_at": timezone.now()}, "a_run_that_ended_says_when"),
        ("finished", {"ended_at": None}, "a_run_that_ended_says_when"),
        ("failed", {"problem": ""}, "a_failed_run_says_why"),
        ("queued", {"base_licence": ""}, "Cannot update"),
    ],
)
def test_what_must_not_be_false_of_a_run_is_a_constraint(diego, state: str, facts: dict, name: str) -> None:
    run = bare(diego, state)
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        TrainingRun.objects.filter(pk=run.pk).update(**facts)


def test_a_state_nobody_knows_is_refused_by_the_database(diego) -> None:
    facts = {"recipe": "dpo", "base_model": "m", "base_licence": "x", "manifest": {}, "asked_sha256": "0"}
    with pytest.raises(IntegrityError, match="a_run_is_in_a_state_we_know"), transaction.atomic():
        TrainingRun.objects.create(owner=diego, state="asleep", **facts)


@pytest.mark.parametrize("state", ["queued", "lost", "asleep"])
def test_no_run_says_of_itself_that_it_is_queued_or_lost(diego, state: str) -> None:
    with pytest.raises(Refused, match="invalid"):
        move(owner=diego, run=bare(diego, "running").pk, state=state)


def test_a_failure_has_a_reason_and_a_run_taken_up_again_has_none(diego) -> None:
    run = bare(diego, "running")
    with pytest.raises(Refused, match="invalid") as refused:
        move(owner=diego, run=run.pk, state="failed", problem=" ")
    assert refused.value.errors == {"problem": "missing"}
    failed = move(owner=diego, run=run.pk, state="failed", problem="CUDA out of memory")
    assert failed.ended_at
    again = move(owner=diego, run=run.pk, state="running", place="another machine")
    assert (again.problem, again.ended_at, again.started_at, again.place) == (
        "", None, run.started_at, "another machine",
    )  # fmt: skip


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_a_run_is_told_of_by_its_owner_only(diego, whose: str) -> None:
    run, dora = bare(diego, "running"), engineer("dora")
    key, code = (run.pk, "forbidden") if whose == "another's" else (NOBODY, "not_found")
    for act in (lambda: hear(owner=dora, run=key), lambda: move(owner=dora, run=key, state="finished")):
        with pytest.raises(Refused, match=code):
            act()
    run.refresh_from_db()
    assert run.state == "running"


# Silence ------------------------------------------------------------------------------------------------------------


def silent(run: TrainingRun, by: dt.timedelta = SILENCE + dt.timedelta(minutes=1)) -> TrainingRun:
    TrainingRun.objects.filter(pk=run.pk).update(heard_at=timezone.now() - by)
    return run


def test_a_silent_run_is_lost_and_a_heartbeat_brings_it_back(diego) -> None:
    run, lively = silent(bare(diego, "running")), silent(bare(diego, "running"), SILENCE / 2)
    assert (lose_silent(), lose_silent()) == (1, 0)
    run.refresh_from_db(), lively.refresh_from_db()
    assert (run.state, lively.state) == ("lost", "running")
    assert hear(owner=diego, run=run.pk).state == "running"
    assert lose_silent() == 0


@pytest.mark.parametrize("state", [state for state in STATES if state != "running"])
def test_only_what_runs_is_lost_and_never_what_is_queued(diego, state: str) -> None:
    run = silent(bare(diego, state))
    listen()
    run.refresh_from_db()
    assert run.state == state


def test_a_heartbeat_while_queued_starts_nothing_and_one_after_the_end_says_what_it_is(diego) -> None:
    queued, cancelled = bare(diego), bare(diego, "cancelled")
    assert hear(owner=diego, run=queued.pk).state == "queued"
    assert hear(owner=diego, run=cancelled.pk).state == "cancelled"
    heard = cancelled.heard_at
    cancelled.refresh_from_db()
    assert cancelled.heard_at == heard


@pytest.mark.parametrize("contributions", [True, False])
def test_a_run_stays_when_its_owner_is_erased_no_longer_whose_it_was(diego, contributions: bool) -> None:
    run = bare(diego, "failed")
    TrainingRun.objects.filter(pk=run.pk).update(place="Diego's own machine")
    erase(person=diego, contributions=contributions)
    run.refresh_from_db()
    assert (run.owner, run.state) == (None, "failed")
    if contributions:
        assert (run.place, run.problem) == ("", "…")
