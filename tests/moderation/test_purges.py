"""What somebody gave is taken out by two people, batch by batch, and put back as it was; every count is a recount."""

import datetime as dt
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from annotations.assignments import doors
from annotations.assignments.actions import undo
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement, Receipt
from annotations.assignments.seats import next_for
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.moderation.purges import actions
from annotations.moderation.purges.actions import approve_purge, ask_purge, drop_purge, go_on, step, undo_purge
from annotations.moderation.purges.models import Purge, Purged
from annotations.moderation.purges.queries import effect_of
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from annotations.reviewing.actions import open_reviews, settle_reviews
from annotations.reviewing.models import Reviewed
from tests.assignments.test_exact import CROWD, Seats
from tests.cast import answer, at_once, colleague, in_days, line, people, seat_at, world
from tests.datasets.test_release import rows
from tests.moderation.books import current_verdicts, twice, wrong, wrong_books

pytestmark = pytest.mark.django_db
ITEMS = 8
RIGHTS = ("add_purge", "change_purge", "view_purge", "view_person")
SAID = {"code": "several", "words": "Cinco cuentas que votan igual."}


def moderator(name: str = "carmen") -> Person:
    return colleague(name, *RIGHTS)


def purged(person: Person, *, done: bool = True) -> Purge:
    row = approve_purge(by=moderator("dora"), purge=ask_purge(by=moderator(), person=person, **SAID))
    if done:
        go_on()
    return Purge.objects.get(pk=row.pk)


def put_back(purge: Purge) -> Purge:
    undo_purge(by=moderator(), purge=purge, why="Era una clase.")
    go_on()
    return Purge.objects.get(pk=purge.pk)


def votes_of(person: Person) -> list[tuple[int, bool, str, bool, Any]]:
    facts = ("pk", "counted", "not_counted", "late", "undone_at")
    return list(Judgement.objects.filter(person=person).order_by("pk").values_list(*facts))


def judge(person: Person, campaign: Campaign, choice: str = "a", most: int = ITEMS) -> None:
    """By the place in the item, so that all who choose alike mean the same output."""
    for _time in range(most):
        seat = next_for(person=person, campaign=campaign)
        if seat is None:
            return
        wanted = seat.item.places.get(position="ab".index(choice)).output_id
        answer(person, seat, {"preferred": "ab"[seat.shown.index(wanted)]})


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return world(*(line(str(number)) for number in range(ITEMS)))


@pytest.fixture
def crowd(campaign: Campaign) -> list[Person]:
    """Two say a and the first says b; all is settled."""
    several = people(5)
    for person, choice in zip(several[:3], "baa", strict=True):
        judge(person, campaign, choice)
    settle_due()
    assert Verdict.objects.filter(superseded_at=None).count() == ITEMS
    return several


# Taking out ---------------------------------------------------------------------------------------------------------


def test_what_is_taken_out_counts_no_more_and_its_items_are_open_for_others(
    crowd: list[Person], campaign: Campaign
) -> None:
    row = purged(crowd[0])
    assert {(counted, why) for _pk, counted, why, *_rest in votes_of(crowd[0])} == {(False, "purged")}
    assert (row.state, row.whole, row.taken, row.purged.count()) == ("done", ITEMS, ITEMS, ITEMS)
    assert not Verdict.objects.filter(superseded_at=None).exists()
    assert Cell.objects.filter(campaign=campaign, open=True).count() == ITEMS
    assert next_for(person=crowd[0], campaign=campaign) is None, "nobody meets an item twice"
    judge(crowd[3], campaign, "a")
    settle_due()
    assert set(Verdict.objects.filter(superseded_at=None).values_list("agreement", "n")) == {(1.0, 3)}
    assert wrong_books() == []


def test_what_is_put_back_is_what_it_was(crowd: list[Person], campaign: Campaign) -> None:
    before, verdicts = votes_of(crowd[0]), current()
    row = purged(crowd[0])
    assert wrong_books() == []
    row = put_back(row)
    settle_due()
    assert (votes_of(crowd[0]), current()) == (before, verdicts)
    assert (row.state, row.returned) == ("undone", ITEMS)
    assert set(Cell.objects.values_list("needed", flat=True)) == {3}, "nobody else came, so nobody had to be asked more"
    assert wrong_books() == []


def current() -> list[tuple[Any, ...]]:
    facts = ("cell", "outcome", "preferred", "rejected", "n", "agreement", "margin")
    return list(Verdict.objects.filter(superseded_at=None).order_by("cell").values_list(*facts))


def test_what_is_put_back_counts_beside_what_came_in_its_place(crowd: list[Person], campaign: Campaign) -> None:
    before = votes_of(crowd[0])
    row = purged(crowd[0])
    judge(crowd[3], campaign, "b", most=ITEMS // 2)
    settle_due()
    seat = seat_at(crowd[4], campaign)
    put_back(row)
    seat.refresh_from_db()
    assert seat.state == Assignment.State.EXPIRED, "it was the place of what came back"
    assert votes_of(crowd[0]) == before
    settle_due()
    assert sorted(Verdict.objects.filter(superseded_at=None).values_list("n", flat=True)) == [3] * 4 + [4] * 4
    assert answer(crowd[4], seat, {"preferred": "a"}).judgement.not_counted == "settled", "it stays welcome"
    assert wrong_books() == []


def test_who_has_a_judgement_there_and_one_that_was_late_keep_one_each(crowd: list[Person], campaign: Campaign) -> None:
    """What was not counted before is out too, and is again what it was."""
    late = seat_at(crowd[3], world(line("otra"), slug="otra", needed=1))
    doors.ask_more(cell=late.cell)
    answer(crowd[0], seat_at(crowd[0], late.item.campaign), {"preferred": "a"})
    Assignment.objects.filter(pk=late.pk).update(state="expired")
    Cell.objects.filter(pk=late.cell_id).update(held=0, needed=1)
    settle_due()
    assert answer(crowd[3], late, {"preferred": "b"}).judgement.not_counted == "settled"
    before = votes_of(crowd[3])
    row = purged(crowd[3])
    assert row.purged.get().not_counted == "settled"
    assert votes_of(crowd[3]) != before
    put_back(row)
    assert votes_of(crowd[3]) == before
    assert wrong_books() == []


def test_what_is_out_cannot_be_taken_back_and_given_again(crowd: list[Person], campaign: Campaign) -> None:
    purged(crowd[0])
    receipt = Receipt.objects.filter(judgement__person=crowd[0]).first()
    assert receipt
    with pytest.raises(Refused, match="not_open"):
        undo(person=crowd[0], key=receipt.key)


def test_one_that_was_taken_back_meanwhile_stays_so_and_the_new_one_stands(
    crowd: list[Person], campaign: Campaign
) -> None:
    """However it came about: of one person there is one judgement at an item."""
    row = purged(crowd[0])
    old = Judgement.objects.filter(person=crowd[0]).order_by("pk").first()
    assert old
    Judgement.objects.filter(pk=old.pk).update(undone_at=timezone.now(), not_counted="undone")
    Assignment.objects.filter(pk=old.assignment_id).update(state="expired")
    again = next_for(person=crowd[0], campaign=campaign)
    assert again
    assert again.item_id == old.item_id
    answer(crowd[0], again, {"preferred": "tie"})
    put_back(row)
    old.refresh_from_db()
    assert (old.counted, old.not_counted) == (False, "undone")
    settle_due()
    assert wrong_books() == []


def test_all_campaigns_are_taken_out_at_once(crowd: list[Person]) -> None:
    left = world(line("dejada"), slug="dejada")
    other = world(*(line(f"o{number}") for number in range(3)), slug="otra", needed=1)
    judge(crowd[0], other)
    answer(crowd[0], seat_at(crowd[0], left), {"opt_out": "no_se"})
    settle_due()
    before = votes_of(crowd[0])
    row = purged(crowd[0])
    assert row.taken == ITEMS + 3
    assert Judgement.objects.get(person=crowd[0], campaign=left).not_counted == "opt_out", "a way out settles nothing"
    assert wrong_books() == []
    put_back(row)
    settle_due()
    assert votes_of(crowd[0]) == before
    assert wrong_books() == []


# Killed, and again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [False, True])
def test_one_that_is_killed_goes_on_where_it_was(
    crowd: list[Person], monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 3)
    before = votes_of(crowd[0])
    row = purged(crowd[0], done=back)
    if back:
        undo_purge(by=moderator(), purge=row, why="No era.")
    moved = []
    for place in ("supersede", "read_again", "take_off" if not back else "put_back"):
        with monkeypatch.context() as cut:
            cut.setattr(actions, place, _killed)
            with pytest.raises(KeyboardInterrupt):
                step(purge=row)
        moved.append(step(purge=row))
        assert wrong_books() == []
    moved.append(step(purge=row))
    row.refresh_from_db()
    assert moved == [3, 3, 2, 0]
    assert (row.state, row.taken) == ("undone" if back else "done", ITEMS)
    assert go_on() == 0
    settle_due()
    assert (votes_of(crowd[0]) == before) is back
    assert wrong_books() == []


def _killed(*_args: Any, **_named: Any) -> None:
    raise KeyboardInterrupt


def test_a_batch_that_is_not_whole_would_be_found_out(crowd: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its transaction, what is cut off in the middle leaves numbers that are nobody's."""
    row = purged(crowd[0], done=False)
    monkeypatch.setattr(actions, "supersede", _killed)
    with pytest.raises(KeyboardInterrupt):
        step.__wrapped__(purge=row)  # type: ignore[attr-defined]
    assert wrong_books() != []


def test_a_cell_whose_number_stays_would_be_found_out(crowd: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "Counter", lambda _cells: {})
    purged(crowd[0])
    assert wrong_books() != []


def test_a_verdict_that_stays_would_be_found_out(crowd: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "supersede", lambda _cells: None)
    purged(crowd[0])
    assert wrong_books() != []


@pytest.mark.django_db(transaction=True)
def test_two_workers_people_who_answer_and_one_who_is_erased_at_once(
    seeds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    campaign = world(*(line(str(number)) for number in range(ITEMS)))
    several = people(5)
    for person in several[:2]:
        judge(person, campaign)
    row, other = purged(several[0], done=False), purged(several[1], done=False)
    outcomes = at_once(
        go_on, go_on, settle_due, partial(judge, several[2], campaign), partial(judge, several[3], campaign),
        partial(erase, person=several[1], contributions=True),
    )  # fmt: skip
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    go_on()
    assert wrong_books() == []
    assert Purge.objects.get(pk=row.pk).state == "done"
    assert not Purge.objects.filter(pk=other.pk).exists()
    put_back(row)
    settle_due()
    assert Judgement.objects.filter(person=several[0], counted=True).count() == ITEMS
    assert wrong_books() == []


# By two, and for so long --------------------------------------------------------------------------------------------


def test_it_takes_two_and_nobody_about_themselves(crowd: list[Person]) -> None:
    carmen, ana = moderator(), crowd[0]
    with pytest.raises(Refused, match="forbidden"):
        ask_purge(by=crowd[1], person=ana, **SAID)
    row = ask_purge(by=carmen, person=ana, **SAID)
    assert ask_purge(by=moderator("dora"), person=ana, code="other", words="Otra.") == row
    assert go_on() == 0, "nobody agreed yet"
    for by in (carmen, moderator(ana.username)):
        with pytest.raises(Refused, match="forbidden"):
            approve_purge(by=by, purge=row)
    with pytest.raises(Refused, match="forbidden"):
        ask_purge(by=carmen, person=carmen, **SAID)
    for facts in ({"approved_by": carmen}, {"approved_by": ana}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Purge.objects.filter(pk=row.pk).update(approved_at=timezone.now(), **facts)
    first = approve_purge(by=moderator("dora"), purge=row)
    assert approve_purge(by=moderator("eva"), purge=row).approved_by == first.approved_by
    with pytest.raises(Refused, match="not_open"):
        drop_purge(by=carmen, purge=row)
    with pytest.raises(Refused, match="not_open"):
        ask_purge(by=carmen, person=ana, **SAID)
    with pytest.raises(Refused, match="forbidden"):
        undo_purge(by=moderator(ana.username), purge=row, why="Quiero.")


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [({"code": "nada"}, {"code": "unknown"}), ({"words": " "}, {"words": "missing"}),
     ({"words": "x" * 2_001}, {"words": "too_long"})],
)  # fmt: skip
def test_what_lacks_is_said_at_its_field(crowd: list[Person], facts: dict[str, str], wrong: dict[str, str]) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        ask_purge(by=moderator(), person=crowd[0], **SAID | facts)
    assert refused.value.errors == wrong


def test_what_nobody_agrees_to_in_time_is_meant_by_nobody(crowd: list[Person]) -> None:
    row = ask_purge(by=moderator(), person=crowd[0], **SAID)
    Purge.objects.update(asked_at=in_days(-15))
    go_on()
    row.refresh_from_db()
    assert row.state == "dropped"
    with pytest.raises(Refused, match="not_open"):
        approve_purge(by=moderator("dora"), purge=row)
    assert ask_purge(by=moderator(), person=crowd[0], **SAID).pk != row.pk


def test_it_can_be_put_back_for_thirty_days_and_done_again(crowd: list[Person]) -> None:
    row = purged(crowd[0])
    Purge.objects.update(done_at=timezone.now() - dt.timedelta(days=30, seconds=1))
    with pytest.raises(Refused, match="not_open"):
        undo_purge(by=moderator(), purge=row, why="Tarde.")
    Purge.objects.update(done_at=timezone.now() - dt.timedelta(days=29))
    with pytest.raises(Refused, match="invalid"):
        undo_purge(by=moderator(), purge=row, why=" ")
    put_back(row)
    with pytest.raises(Refused, match="not_open"):
        undo_purge(by=moderator(), purge=row, why="Otra vez.")
    assert purged(crowd[0]).taken == ITEMS
    assert wrong_books() == []


def test_what_is_given_after_it_was_agreed_to_stands(crowd: list[Person]) -> None:
    row = purged(crowd[0], done=False)
    judge(crowd[0], world(line("nueva"), slug="nueva"), most=1)
    go_on()
    row.refresh_from_db()
    assert row.taken == ITEMS
    assert Judgement.objects.filter(person=crowd[0], counted=True).count() == 1


def test_consent_that_is_taken_back_meanwhile_stays_taken_back(crowd: list[Person]) -> None:
    row = purged(crowd[0])
    withdraw(person=crowd[0])
    put_back(row)
    settle_due()
    assert {why for _pk, _counted, why, *_rest in votes_of(crowd[0])} == {"withdrawn"}
    assert wrong_books() == []


def test_what_somebody_let_count_meanwhile_counts_where_it_is_wanted(campaign: Campaign) -> None:
    ana = people(1)[0]
    Person.objects.filter(pk=ana.pk).update(is_proven=False)
    judge(Person.objects.get(pk=ana.pk), campaign, most=2)
    row = purged(ana)
    assert set(row.purged.values_list("not_counted", flat=True)) == {"unproven"}
    assert doors.prove(person=ana) == 0, "they are out"
    first = Judgement.objects.filter(person=ana).order_by("pk").first()
    assert first
    Cell.objects.filter(pk=first.cell_id).update(settled_at=timezone.now())
    put_back(row)
    assert [why for _pk, _counted, why, *_rest in votes_of(ana)] == ["settled", ""]
    Cell.objects.filter(pk=first.cell_id).update(settled_at=None)
    assert wrong_books() == []


# What it does, before and after -------------------------------------------------------------------------------------


def test_what_it_does_is_told_before(crowd: list[Person], campaign: Campaign) -> None:
    release = publish()
    told = effect_of([crowd[1]])
    assert (told.judgements, told.counted, told.cells, told.verdicts) == (ITEMS,) * 4
    assert (told.changed, told.bare) == (ITEMS, 0), "one for a and one for b are no majority"
    assert told.campaigns == [("Prueba", ITEMS, ITEMS)]
    assert told.releases == [(release, ITEMS)]
    assert effect_of([crowd[0]]).changed == 0, "two for a stay two for a"
    assert effect_of(crowd[:3]).bare == ITEMS
    assert effect_of([crowd[4]]).judgements == 0
    before = Judgement.objects.filter(counted=True).count()
    assert before == 3 * ITEMS, "nothing was done"


def taken_out_of(release: Release) -> int:
    return Release.objects.get(pk=release.pk).taken_out


def test_releases_that_held_them_are_marked_until_they_are_put_back(crowd: list[Person]) -> None:
    held = publish()
    row = purged(crowd[0])
    after = publish()
    assert (taken_out_of(held), taken_out_of(after)) == (ITEMS, 0)
    put_back(row)
    assert taken_out_of(held) == 0


@pytest.mark.django_db(transaction=True)
def test_the_next_release_says_that_they_are_out_and_its_books_balance(crowd: list[Person]) -> None:
    before = folder_of(publish().version)
    assert len(rows(before, "judgements")) == 3 * ITEMS
    row = purged(crowd[0])
    after = folder_of(publish(cutoff=None).version)
    out = [each["reason"] for each in rows(after, "excluded") if each["unit"] == "judgement"]
    assert (len(rows(after, "judgements")), out) == (2 * ITEMS, ["purged"] * ITEMS)
    assert {each["reason"] for each in rows(after, "excluded") if each["unit"] == "item"} == {"unsettled"}
    put_back(row)
    assert len(rows(folder_of(publish().version), "judgements")) == 3 * ITEMS


def test_a_mark_stays_when_the_account_goes(crowd: list[Person]) -> None:
    held = publish()
    purged(crowd[0])
    erase(person=crowd[0], contributions=False)
    assert not Purge.objects.exists()
    assert not Purged.objects.exists()
    assert taken_out_of(held) == ITEMS


# Texts and their readers --------------------------------------------------------------------------------------------


@pytest.fixture
def text(seeds: None) -> tuple[Person, list[Person], Judgement]:
    """Somebody wrote an answer, and two are asked to read it."""
    writing = world(line("d1", kind="demonstration", outputs=[]), slug="escribir", kind="demonstration", needed=1)
    author, *readers = people(4)
    seat = next_for(person=author, campaign=writing)
    assert seat
    given = answer(author, seat, {"text": "Vienesa, palta, tomate y mayonesa casera."}).judgement
    open_reviews()
    return author, readers, given


def read(readers: list[Person], said: dict[str, str]) -> None:
    for person in readers:
        seat = next_for(person=person, campaign=Campaign.objects.get(slug="escribir"), of_kinds=["review"])
        assert seat
        answer(person, seat, said)
    settle_reviews()


def test_a_text_that_is_out_is_read_by_nobody_and_waits(text: tuple[Person, list[Person], Judgement]) -> None:
    author, readers, given = text
    row = purged(author)
    settle_reviews()
    writing = Campaign.objects.get(slug="escribir")
    assert next_for(person=readers[0], campaign=writing, of_kinds=["review"]) is None
    assert Reviewed.objects.get().outcome == "", "it may come back"
    put_back(row)
    read(readers[:2], {"decision": "accept"})
    assert Reviewed.objects.get().outcome == "accepted"
    given.refresh_from_db()
    assert given.counted
    assert wrong_books() == []


@pytest.mark.parametrize("said", [{"decision": "accept"}, {"decision": "reject", "reason": "wrong"}])
def test_what_readers_said_that_are_out_is_said_anew(
    text: tuple[Person, list[Person], Judgement], said: dict[str, str]
) -> None:
    _author, readers, given = text
    read(readers[:2], said)
    outcome = Reviewed.objects.get().outcome
    assert outcome == {"accept": "accepted", "reject": "rejected"}[said["decision"]]
    row = purged(readers[0])
    settle_reviews()
    given.refresh_from_db()
    assert (Reviewed.objects.get().outcome, given.counted) == ("", True)
    put_back(row)
    settle_reviews()
    given.refresh_from_db()
    assert (Reviewed.objects.get().outcome, given.counted) == (outcome, outcome == "accepted")
    assert wrong_books() == []


# Whatever happens, in whatever order --------------------------------------------------------------------------------


class Purges(Seats):
    """All that moves a seat or a judgement, and purges beside it, which are done, put back and done again."""

    who = st.integers(0, CROWD - 1)

    @rule(who=who, batches=st.integers(0, 3))
    def purge_some(self, who: int, batches: int) -> None:
        """Asked for and agreed to, and some of it done."""
        self.stand_well()
        with suppress(Refused):  # one is being done
            row = approve_purge(by=moderator("dora"), purge=ask_purge(by=moderator(), person=self.people[who], **SAID))
            for _batch in range(batches):
                step(purge=row)

    @rule(who=who)
    def put_it_back(self, who: int) -> None:
        self.stand_well()
        for row in Purge.objects.filter(person=self.people[who]).exclude(done_at=None):
            with suppress(Refused):  # it is back
                undo_purge(by=moderator(), purge=row, why="No era.")

    @rule()
    def work_on(self) -> None:
        go_on()

    def stand_well(self) -> None:
        Person.objects.filter(username__in=["carmen", "dora"]).update(standing="good")

    @invariant()
    def books_balance(self) -> None:
        assert twice() == []
        assert [each for verdict in current_verdicts() for each in wrong(verdict)] == []


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_between_purges_every_number_is_a_recount(
    seeds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    how = settings(
        max_examples=12, stateful_step_count=40, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(Purges, settings=how)
