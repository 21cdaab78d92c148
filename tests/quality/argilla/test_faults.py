"""A desk that is down, slow, cut, rotated or changed by hand: it is said where it concerns, and nothing is lost."""

import contextlib
import logging
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pytest

from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from annotations.quality.argilla import actions
from annotations.quality.argilla.actions import end_invitation, exchange
from annotations.quality.argilla.jobs import exchange_all
from annotations.quality.argilla.link import Argilla
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.argilla.port import Desk, DeskFailed, Question, Seen, Sheet, Task
from tests.quality.argilla.memory import Memory
from tests.quality.argilla.real import Server, Workspace
from tests.quality.argilla.scene import by_experts, cell_of, expert, problems, record_of, says, verdicts, voted

pytestmark = pytest.mark.django_db


class Broken(Memory):
    """It does so many things more and then fails with this code; a whole number is how many pushes it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: dict[str, str] = {}
        self.left = 99

    def _may(self, what: str) -> None:
        if code := self.fails.get(what):
            raise DeskFailed(code, says="Sin más.")

    def ensure_dataset(self, sheet: Sheet) -> None:
        self._may("ensure_dataset")
        super().ensure_dataset(sheet)

    def push(self, dataset: str, tasks: Sequence[Task]) -> None:
        self._may("push")
        if self.left <= 0:
            raise DeskFailed("no_connection")
        self.left -= 1
        super().push(dataset, tasks)

    def remove(self, dataset: str, tasks: Collection[str]) -> None:
        self._may("remove")
        super().remove(dataset, tasks)

    def pull(self, dataset: str) -> Iterator[Seen]:
        for number, seen in enumerate(super().pull(dataset)):
            if number >= self.left:
                raise DeskFailed("no_connection")
            yield seen

    def has_news(self, dataset: str, since: str) -> str:
        self._may("has_news")
        return super().has_news(dataset, since)

    def remove_reviewer(self, expert: uuid.UUID, datasets: Collection[str]) -> None:
        self._may("remove_reviewer")
        super().remove_reviewer(expert, datasets)


@pytest.fixture
def broken() -> Broken:
    return Broken()


def trouble() -> tuple[str, str, bool]:
    place = ExpertSet.objects.get()
    return place.problem, place.says, place.since is not None


@pytest.mark.parametrize("code", ["no_connection", "slow", "refused", "changed", "no_client", "failed"])
@pytest.mark.parametrize("what", ["ensure_dataset", "push"])
def test_what_stops_a_push_stands_at_the_data_set_until_it_is_over(broken: Broken, what: str, code: str) -> None:
    voted("12t", "21t")
    broken.fails = {what: code}
    assert exchange(broken).pushed == 0
    assert trouble() == (code, "Sin más.", True)
    assert set(ExpertRecord.objects.values_list("state", flat=True)) == {"waiting"}
    since = ExpertSet.objects.get().since
    exchange(broken)
    assert ExpertSet.objects.get().since == since, "since when it is so, not when it was tried last"
    broken.fails = {}
    assert exchange(broken).pushed == 2
    assert trouble() == ("", "", False)


@pytest.mark.parametrize("code", ["no_connection", "slow", "refused", "not_found", "failed"])
def test_what_stops_a_pull_stands_there_too_and_loses_nothing(broken: Broken, code: str) -> None:
    voted("12t")
    who = expert(broken)
    exchange(broken)
    says(broken, who, 0)
    broken.fails = {"has_news": code}
    assert (exchange(broken).taken, trouble()[0]) == (0, code)
    broken.fails = {}
    assert (exchange(broken).taken, trouble()[0]) == (1, "")


def test_a_server_that_goes_away_in_the_middle_of_a_push_gets_the_rest_later(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)
    voted(*["12t"] * 5)
    broken.left = 1
    assert exchange(broken).pushed == 2
    assert ExpertRecord.objects.filter(state="there").count() == 2
    broken.left = 99
    assert exchange(broken).pushed == 3
    assert sorted(broken.pushed) == sorted(map(str, ExpertRecord.objects.values_list("pk", flat=True)))


def test_a_pull_that_is_cut_reads_all_of_it_again(broken: Broken) -> None:
    """The mark is kept last: with the mark kept first, what was not read would be news no more."""
    voted(*["12t"] * 3)
    who = expert(broken)
    exchange(broken)
    for number in range(3):
        says(broken, who, 0, f"item-{number}")
    broken.left = 2
    exchange(broken)
    assert len(by_experts()) == 2
    broken.left = 99
    exchange(broken)
    assert len(by_experts()) == 3


def test_one_item_that_is_not_taken_is_marked_and_the_rest_is_sent(memory: Memory) -> None:
    campaign = voted("12t", "21t", "t12")
    prompt = campaign.items.get(source_id="item-1").prompt
    prompt.messages = [{"role": "user", "content": "x" * 20_001}]
    prompt.save(update_fields=["messages"])
    assert exchange(memory).pushed == 2
    failed = record_of("item-1")
    assert (failed.state, failed.problem) == ("failed", "invalid")
    assert "20000" in failed.says
    assert exchange(memory).pushed == 0, "it is not tried again by itself"
    assert trouble() == ("", "", False)


def test_what_was_changed_by_hand_is_told_and_answers_are_still_taken(memory: Memory) -> None:
    voted("12t")
    who = expert(memory)
    exchange(memory)
    memory.change(ExpertSet.objects.get().name, (Question("preferred", "¿Cuál?", "words"),))
    ExpertRecord.objects.update(state="waiting")
    exchange(memory)
    assert trouble()[0] == "changed"
    ExpertRecord.objects.update(state="there")
    memory.answer(who.pk, str(record_of().pk), {"preferred": "la primera"})
    exchange(memory)
    assert (trouble()[0], problems()[0][0]) == ("changed", "unknown_values")


def test_a_data_set_deleted_over_there_comes_back_with_its_items(memory: Memory) -> None:
    voted("12t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)
    exchange(memory)
    memory.sets.clear()
    for _runs in range(3):
        ExpertSet.objects.update(pulled_at=None)
        exchange(memory)
    assert [list(held.tasks) for held in memory.sets.values()] == [[str(record_of().pk)]]
    assert by_experts() == [("maestra", True, True, "")], "what was said there is here"
    says(memory, who, 1)
    assert exchange(memory).taken == 1
    assert by_experts() == [("maestra", True, False, "undone"), ("maestra", True, True, "")], "and can be said anew"


def test_a_clock_that_is_wrong_over_there_changes_nothing(memory: Memory) -> None:
    """Marks are compared with themselves: a year ahead, or back, an answer that is another is taken."""
    voted("12t")
    who = expert(memory)
    exchange(memory)
    for moment, position in (("2031-01-01T00:00:00", 0), ("1999-01-01T00:00:00", 1), ("nunca", 0)):
        says(memory, who, position)
        (held,) = memory.sets.values()
        (answered,) = held.answers[str(record_of().pk)].values()
        held.answers[str(record_of().pk)][who.pk] = type(answered)(
            answered.id, answered.expert, answered.status, answered.values, moment
        )  # fmt: skip
        assert exchange(memory).taken == 1


def test_who_erases_everything_is_gone_from_the_desk_too(broken: Broken) -> None:
    voted("12t")
    who = expert(broken)
    exchange(broken)
    says(broken, who, 0)
    exchange(broken)
    erase(person=Person.objects.get(username="maestra"), contributions=True)
    assert (ExpertAnswer.objects.count(), by_experts()) == (0, [])
    broken.fails = {"remove_reviewer": "no_connection"}
    exchange(broken)
    assert (Expert.objects.get().problem, by_experts()) == ("no_connection", []), "until it is gone it is not read"
    broken.fails = {}
    assert exchange(broken).gone == 1
    assert (Expert.objects.count(), broken.experts()) == (0, set())
    assert (settle_due(), verdicts()["item-0"][:3]) == (1, ("no_majority", None, "strict_majority"))
    assert cell_of() == (3, 0, 3, False), "the place that was theirs is nobody's"


def test_whose_invitation_ends_keeps_what_they_said_here(memory: Memory) -> None:
    voted("12t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)
    exchange(memory)
    end_invitation(expert=who)
    assert exchange(memory).gone == 1
    exchange(memory)
    assert (by_experts(), memory.experts()) == ([("maestra", True, True, "")], set())


def test_two_runs_at_once_take_an_answer_once(memory: Memory) -> None:
    """The second finds the receipt of the first."""
    voted("12t")
    who = expert(memory)
    exchange(memory)
    says(memory, who, 0)
    exchange(memory)
    ExpertAnswer.objects.update(judgement=None, problem="already_judged")
    assert exchange(memory).taken == 1
    assert by_experts() == [("maestra", True, True, "")]
    assert ExpertAnswer.objects.get().judgement is not None


def test_who_is_no_anchor_is_not_invited(memory: Memory) -> None:
    from annotations.errors import Refused

    with pytest.raises(Refused, match="invalid"):
        actions.invite(person=volunteer("otra", None, "es-CL"), by=None, desk=memory)
    assert not Expert.objects.exists()


def test_switched_off_nothing_is_done_and_nothing_fails(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    voted("12t")
    settings.MINKA_ARGILLA_URL = ""
    with caplog.at_level(logging.INFO):
        exchange_all()
    assert "off" in caplog.text
    assert not ExpertRecord.objects.exists()


@pytest.mark.parametrize(("key", "code"), [("", "no_key"), ("x", "no_connection")])
def test_a_desk_nobody_reaches_is_one_line_and_no_fault(
    settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, key: str, code: str
) -> None:
    voted("12t")
    settings.MINKA_ARGILLA_URL = "http://127.0.0.1:9"
    monkeypatch.setenv("MINKA_ARGILLA_KEY", key)
    exchange_all()
    assert code in caplog.text
    assert ExpertDesk.objects.count() == 1


# At a real server ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def down(server: Server) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


def test_a_server_that_is_down_and_comes_back(workspace: Workspace, server: Server) -> None:
    voted("12t")
    desk: Desk = workspace.desk()
    with down(server):
        exchange(desk)
        assert trouble()[0] == "no_connection"
    assert (exchange(desk).pushed, trouble()) == (1, ("", "", False))
    with down(server):
        exchange(desk)
        assert trouble()[0] == "no_connection"
    exchange(desk)
    assert trouble() == ("", "", False)


def test_a_key_that_was_rotated_says_so(workspace: Workspace) -> None:
    voted("12t")
    wrong = workspace.desk(key="of-somebody-else")
    exchange(wrong)
    assert trouble()[0] == "refused"
    assert "of-somebody-else" not in str(ExpertSet.objects.values())
    assert exchange(workspace.desk()).pushed == 1


def test_a_server_that_says_nothing_is_not_waited_for(workspace: Workspace, server: Server) -> None:
    desk = workspace.desk()
    desk.rest._timeout = 1.0
    with server.frozen(), pytest.raises(DeskFailed, match="slow"):
        desk.experts()


def test_an_admin_alone_takes_away_answers_and_the_way_in(workspace: Workspace) -> None:
    """Without an owner's key the account stays, under a name that says nothing, with nothing of it."""
    voted("12t")
    who = expert(workspace.desk())
    exchange(workspace.desk())
    says(workspace, who, 0)
    desk: Argilla = workspace.desk(owner_key="")
    exchange(desk)
    end_invitation(expert=who)
    assert exchange(desk).gone == 1
    assert who.pk not in desk.experts()
    assert [seen.answers for seen in desk.pull(ExpertSet.objects.get().name)] == [()]


def test_a_data_set_that_was_begun_and_left_is_made_anew(workspace: Workspace) -> None:
    voted("12t")
    desk = workspace.desk()
    exchange(desk)
    name = ExpertSet.objects.get().name
    desk.remove_dataset(name)
    home = next(
        each for each in workspace.server.ask("GET", "me/workspaces")["items"] if each["name"] == workspace.name
    )
    workspace.server.ask("POST", "datasets", {"name": name, "workspace_id": home["id"]})
    ExpertRecord.objects.update(state="waiting")
    assert exchange(desk).pushed == 1
