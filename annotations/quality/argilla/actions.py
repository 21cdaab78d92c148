"""Choosing what experts are asked, sending it, and taking what they say.

Each step asks rows for its work and can be cut anywhere: what was pushed is pushed again and changes nothing, an answer
is taken once, whatever is told of it. What goes wrong stands in the row it concerns, and the rest goes on.
"""

import datetime as dt
import logging
import secrets
import uuid
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import groupby, islice
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.actions import Submission, submit
from annotations.assignments.doors import ask_more, take_back
from annotations.assignments.locks import rounds_of_cells
from annotations.assignments.models import Assignment, Cell, Judgement, Receipt
from annotations.assignments.queries import judge_varieties, places
from annotations.assignments.seats import give_back
from annotations.errors import Refused
from annotations.people.anchors.queries import anchors_now, is_anchor
from annotations.people.models import Person
from annotations.people.remits.queries import within
from annotations.people.standing import require_standing
from annotations.quality.actions import supersede
from annotations.quality.argilla import sheets
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.argilla.port import Answered, Desk, DeskFailed, Seen, Task
from annotations.quality.argilla.queries import (
    candidates,
    content_of,
    experts_at_work,
    experts_to_go,
    fully_answered,
    may_be_sent,
    no_longer_allowed,
    over_and_done,
    places_to_read,
    sheet_for,
    task_of,
    to_be_pushed,
    unanswered,
    waiting_answers,
)
from annotations.quality.argilla.rules import in_an_order, keepable

log = logging.getLogger(__name__)

Why, State, Status = ExpertRecord.Why, ExpertRecord.State, ExpertAnswer.Status
BATCH: Final = 100
"""Tasks of one push."""
_OF_THE_WAY: Final = ("no_connection", "slow", "refused", "no_key", "not_found", "gone", "failed")
"""Problems that are over once a data set could be read."""
UNHEARD: Final = "unheard"
"""The problem of an answer that was read and is no judgement yet: a run that is cut there leaves it to the next."""
KEPT: Final = dt.timedelta(days=30)
"""What has its answers is kept at the desk for so long after the last of them, so that it can be thought over."""
READ_ANYWAY: Final = dt.timedelta(hours=1)
"""A data set that says nothing new is read all the same after so long: what goes with an account moves no mark."""


# Choosing -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def choose(*, desk: ExpertDesk) -> int:
    """Records for what the desk is for, the most telling first, until it holds as many as it may. Returns how many."""
    desk = ExpertDesk.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=desk.pk)
    if not desk.is_open:
        return 0
    room, chosen = desk.most - unanswered(desk), 0
    for why, cells in candidates(desk):
        if (left := room - chosen) <= 0:
            break
        chosen += len(_records(desk, list(islice(cells, left)), why))
    return chosen


def _records(desk: ExpertDesk, cells: Collection[int], why: str, by: Person | None = None) -> list[ExpertRecord]:
    rows = []
    for cell in Cell.objects.filter(pk__in=cells).select_related("item").order_by("pk"):
        pk = uuid.uuid4()
        shown = in_an_order(pk, places(cell.item))
        rows.append(ExpertRecord(id=pk, desk=desk, cell=cell, why=why, chosen_by=by, shown=shown))
    return ExpertRecord.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def send_to_experts(*, person: Person, items: Collection[int]) -> int:
    """A moderator wants experts to see these items, whatever was said of them; a campaign that had no desk gets one
    that asks for nothing else. What was not taken, or was taken away, is tried again. Returns how many will be sent.

    Raises:
        Refused: `forbidden`, `invalid` (none of them may be sent: hidden, kept by its stewards, held by screening, of a
            kind experts are not asked for), `not_open` where the desk of one of their campaigns is closed.
    """
    if person.standing != Person.Standing.GOOD or not person.has_perm("annotations.add_expertrecord"):
        raise Refused("forbidden")
    cells = may_be_sent().filter(item__in=items).select_related("campaign").order_by("campaign", "pk")
    cells = within(cells, person, varieties=("variety",))
    if not cells:
        raise Refused("invalid", _("None of these may stand at the desk of the experts."))
    chosen = 0
    for campaign, several in groupby(cells, key=lambda cell: cell.campaign):
        asked = {"disputed": False, "severe": False}
        desk, _new = ExpertDesk.objects.get_or_create(campaign=campaign, defaults=asked)
        if not desk.is_open:
            raise Refused("not_open", _("The desk of the experts is closed for %s.") % campaign.name)
        keys = [cell.pk for cell in several]
        known = ExpertRecord.objects.filter(cell__in=keys)
        chosen += known.filter(state__in=[State.FAILED, State.GONE]).update(state=State.WAITING, problem="", says="")
        chosen += len(_records(desk, set(keys) - set(known.values_list("cell_id", flat=True)), Why.CHOSEN, person))
    return chosen


def try_again(*, records: QuerySet[ExpertRecord]) -> int:
    """What the desk did not take waits again. Returns how many."""
    return records.filter(state=State.FAILED).update(state=State.WAITING, problem="", says="")


# Experts ------------------------------------------------------------------------------------------------------------


class Invited(NamedTuple):
    """An account at the desk; its password where it was made now: it is told once and kept nowhere."""

    expert: Expert
    password: str


def invite(*, person: Person, by: Person | None, desk: Desk) -> Invited:
    """Give somebody an account at the desk, under a name that says nothing of them. Invited again, they have it still.

    Raises:
        Refused: `invalid` (they are nobody's anchor: what they say there would be one voice among others, and wait),
            `consent_required`, `suspended`.
        DeskFailed: see its codes; asked again, it goes on.
    """
    require_standing(person)
    if person.consent is None:
        raise Refused("consent_required")
    if not anchors_now().filter(person=person).exists():
        raise Refused("invalid", _("Name them an anchor of a variety first."), {"person": "not_an_anchor"})
    expert, _new = Expert.objects.get_or_create(
        person=person, gone_at=None, defaults={"name": f"exp-{secrets.token_hex(4)}", "invited_by": by}
    )  # fmt: skip
    password = desk.ensure_reviewer(expert.pk, expert.name)
    Expert.objects.filter(pk=expert.pk).update(leaves_at=None, problem="")
    return Invited(expert, password)


def end_invitation(*, expert: Expert) -> None:
    """Their account is removed at the desk with what they said there; what came here until now stays what it was."""
    Expert.objects.filter(pk=expert.pk, leaves_at=None).update(leaves_at=timezone.now())


def forget_at_the_desk(person: Person) -> None:
    """The right to have one's contributions erased, before the judgements themselves go: what came of this expert goes
    at once, with the places that were asked for it; their account there, which has no name of theirs, with the next
    run."""
    rounds_of_cells()
    answers = ExpertAnswer.objects.filter(expert__person=person)
    judgements = answers.exclude(judgement=None).order_by("judgement__cell").values_list("judgement", flat=True)
    for judgement in list(judgements):
        _take_back(judgement, again=False)
    answers.delete()


def let_experts_go(desk: Desk) -> int:
    """Remove at the desk whoever must not be there any more. Returns how many are gone."""
    gone = 0
    for expert in experts_to_go():
        try:
            desk.remove_reviewer(expert.pk, list(ExpertSet.objects.values_list("name", flat=True)))
        except DeskFailed as failed:
            Expert.objects.filter(pk=expert.pk).update(problem=failed.code)
            continue
        gone += 1
        if expert.person_id is None:
            expert.delete()
        else:
            Expert.objects.filter(pk=expert.pk).update(gone_at=timezone.now(), problem="")
    return gone


# Sending ------------------------------------------------------------------------------------------------------------


def send(desk: Desk) -> int:
    """Take away what may not be at the desk any more, and push what waits or changed; where it is closed only what
    changed, so that what a volunteer took back leaves it too. Returns how many were pushed."""
    _remove(desk, no_longer_allowed(), State.GONE)
    pushed = 0
    for each in ExpertDesk.objects.select_related("campaign").order_by("pk"):
        choose(desk=each)
        rows = sorted(to_be_pushed(each), key=lambda row: (row.cell.kind, len(row.shown)))
        for (kind, outputs), several in groupby(rows, key=lambda row: (row.cell.kind, len(row.shown))):
            pushed += _send_to(desk, each, kind, outputs, list(several))
    return pushed


def tidy(desk: Desk) -> None:
    """Take away what there is nothing more to say about, and what changed under an old sheet. What is removed was read
    in this run: where that failed, it stays, as somebody may have answered."""
    _remove(desk, over_and_done(timezone.now() - KEPT), State.GONE)
    for each in ExpertDesk.objects.select_related("campaign").order_by("pk"):
        _leave_old_sheets(desk, each)


def _remove(desk: Desk, records: Iterable[ExpertRecord], state: str) -> None:
    """They are at the desk no more, nor what was said of them there, which holds here. Until that is done, what keeps
    them stands at their data set."""
    rows = sorted(records, key=lambda row: (row.at_id or 0, str(row.pk)))
    for place, several in groupby(rows, key=lambda row: row.at):
        keys = [record.pk for record in several]
        try:
            if place:
                desk.remove(place.name, [str(pk) for pk in keys])
        except DeskFailed as failed:
            _tell(place, failed)
            continue
        _are_away(keys, state=state, problem="", says="")


def _are_away(records: Collection[uuid.UUID], **facts: Any) -> None:
    ExpertRecord.objects.filter(pk__in=records).update(at=None, sum="", **facts)
    ExpertAnswer.objects.filter(record__in=records).update(changed_at="")


def _leave_old_sheets(desk: Desk, of: ExpertDesk) -> None:
    """What was sent when its sheet was another stays where it is until something of it changes, as when a volunteer
    takes back what they said. Then it is removed there, and waits for the sheet of today unless it has its answers."""
    for place in of.sets.filter(problem=""):
        if place.name == sheet_for(of, place.kind, place.outputs).name:
            continue
        changed = [
            record for record in to_be_pushed(of).filter(at=place)
            if record.state == State.WAITING or record.sum != content_of(task_of(record), place.name)
        ]  # fmt: skip
        done = set(fully_answered().filter(at=place).values_list("pk", flat=True))
        _remove(desk, [record for record in changed if record.pk in done], State.GONE)
        _remove(desk, [record for record in changed if record.pk not in done], State.WAITING)
        if not place.records.exists():
            place.delete()  # nothing of ours is there any more


def _send_to(desk: Desk, of: ExpertDesk, kind: str, outputs: int, records: Sequence[ExpertRecord]) -> int:
    """Of one kind and shape; but for what is in the data set of another sheet still."""
    sheet = sheet_for(of, kind, outputs)
    place, _new = ExpertSet.objects.get_or_create(
        name=sheet.name, defaults={"desk": of, "kind": kind, "outputs": outputs}
    )
    due = [(record, task, total) for record in records if record.at_id in (None, place.pk)
           for task in [task_of(record)] for total in [content_of(task, sheet.name)]
           if record.state == State.WAITING or record.sum != total]  # fmt: skip
    if not due and not place.problem:
        return 0
    pushed = 0
    try:
        desk.ensure_dataset(sheet)
        for start in range(0, len(due), BATCH):
            pushed += _push(desk, place, due[start : start + BATCH])
    except DeskFailed as failed:
        _tell(place, failed)
        return pushed
    ExpertSet.objects.filter(pk=place.pk).update(pushed_at=timezone.now(), problem="", says="", since=None)
    return pushed


def _push(desk: Desk, place: ExpertSet, batch: Sequence[tuple[ExpertRecord, Task, str]]) -> int:
    """One batch. A task that is not taken is marked, and the rest is sent."""
    left = list(batch)
    # Before it is sent: where the desk does not answer, it may be there.
    ExpertRecord.objects.filter(pk__in=[record.pk for record, _task, _total in left]).update(at=place)
    while left:
        try:
            desk.push(place.name, [task for _record, task, _total in left])
        except DeskFailed as failed:
            if failed.code != "invalid" or failed.place is None or failed.place >= len(left):
                raise
            record, _task, _total = left.pop(failed.place)
            if record.at_id:  # as it was it must not stay there: somebody may have taken back a part of it
                desk.remove(place.name, [str(record.pk)])
            _are_away([record.pk], state=State.FAILED, problem=failed.code, says=failed.says)
            continue
        _are_there(place, left)
        return len(left)
    return 0


def _are_there(place: ExpertSet, pushed: Iterable[tuple[ExpertRecord, Task, str]]) -> None:
    now = timezone.now()
    for record, _task, total in pushed:
        ExpertRecord.objects.filter(pk=record.pk).update(
            state=State.THERE, at=place, sum=total, pushed_at=now, problem="", says=""
        )


def tell_everywhere(failed: DeskFailed) -> None:
    """Nothing was begun."""
    for place in ExpertSet.objects.order_by("pk"):
        _tell(place, failed)


def _tell(place: ExpertSet | None, failed: DeskFailed) -> None:
    if place:
        since = place.since or timezone.now()
        ExpertSet.objects.filter(pk=place.pk).update(problem=failed.code, says=failed.says, since=since)
        log.warning("%s: %s; the next run tries again", place.name, failed.code)


# Taking -------------------------------------------------------------------------------------------------------------


def take(desk: Desk) -> int:
    """Read what experts said since, and what waits for something. Returns how many judgements changed."""
    changed = sum(_take_from(desk, place) for place in places_to_read())
    return changed + sum(_judge(answer) for answer in waiting_answers())


def _take_from(desk: Desk, place: ExpertSet) -> int:
    """The mark is kept only once everything was read, so that a run that is cut reads all of it again."""
    try:
        news = desk.has_news(place.name, place.news)
        is_late = place.pulled_at is None or timezone.now() - place.pulled_at > READ_ANYWAY
        if not news and not is_late:
            return 0
        changed = _read(desk, place)
    except DeskFailed as failed:
        _tell(place, failed)
        if failed.code == "gone":
            _leave_lost(place)
        return 0
    facts: dict[str, Any] = {"pulled_at": timezone.now()} | ({"news": news} if news else {})
    ExpertSet.objects.filter(pk=place.pk).update(**facts)
    ExpertSet.objects.filter(pk=place.pk, problem__in=_OF_THE_WAY).update(problem="", says="", since=None)
    return changed


def _read(desk: Desk, place: ExpertSet) -> int:
    """Every answer that is not as we have it, and every one that we have and that is there no more, of those who still
    have an account there: an account deleted over there takes nothing from here."""
    experts, still = experts_at_work(), desk.experts()
    _say_who_is_gone(experts, still)
    records = {str(record.pk): record for record in ExpertRecord.objects.filter(at=place, state=State.THERE)}
    changed, seen = 0, set()
    for task in desk.pull(place.name):
        if record := records.get(task.task):
            seen.add(record.pk)
            changed += _read_task(record, task, experts, still)
    _send_lost([record.pk for record in records.values() if record.pk not in seen])
    return changed


def _send_lost(records: Collection[uuid.UUID]) -> None:
    """Somebody deleted them there: they go again, but for those that have their answers. What was said of them is there
    no more, and holds here."""
    lost = set(records) - set(fully_answered().filter(pk__in=records).values_list("pk", flat=True))
    ExpertRecord.objects.filter(pk__in=lost).update(state=State.WAITING)
    ExpertAnswer.objects.filter(record__in=lost).update(changed_at="")


def _leave_lost(place: ExpertSet) -> None:
    """Somebody deleted it there with all that was in it. It is made again for what waits."""
    done = list(fully_answered().filter(at=place).values_list("pk", flat=True))
    _are_away(done, state=State.GONE)
    _are_away(list(place.records.values_list("pk", flat=True)), state=State.WAITING)
    place.delete()


def _say_who_is_gone(experts: dict[Any, Expert], still: Collection[uuid.UUID]) -> None:
    for pk, expert in experts.items():
        problem = "" if pk in still else "not_found"
        if expert.problem != problem:
            Expert.objects.filter(pk=pk).update(problem=problem)


def _read_task(record: ExpertRecord, task: Seen, experts: dict[Any, Expert], still: Collection[uuid.UUID]) -> int:
    known = {answer.pk: answer for answer in ExpertAnswer.objects.filter(record=record)}
    changed = 0
    for answered in task.answers:
        expert, mine = experts.get(answered.expert), known.pop(answered.id, None)
        is_new = mine is None or (mine.status, mine.changed_at) != (answered.status, answered.changed_at)
        if expert and is_new and (mine or answered.status != "draft"):
            changed += _hear(record, expert, answered)
    for mine in known.values():
        is_there = mine.status != Status.DELETED and mine.changed_at
        if is_there and mine.expert_id in still and mine.expert_id in experts:
            changed += _unsay(mine, Status.DELETED)
    return changed


def _hear(record: ExpertRecord, expert: Expert, answered: Answered) -> int:
    """Keep an answer as it is there, and make a judgement of it. One that became a draft again is none any more."""
    if answered.status != "submitted":
        gone = Status.DISCARDED if answered.status == "discarded" else Status.DELETED
        row, _new = ExpertAnswer.objects.get_or_create(
            pk=answered.id,
            defaults={"record": record, "expert": expert, "status": gone, "changed_at": answered.changed_at},
        )
        return _unsay(row, gone, answered)
    facts = {"status": Status.SUBMITTED, "values": keepable(answered.values), "changed_at": answered.changed_at,
             "pulled_at": timezone.now(), "problem": UNHEARD, "says": ""}  # fmt: skip
    row, _new = ExpertAnswer.objects.update_or_create(
        pk=answered.id, defaults=facts, create_defaults={"record": record, "expert": expert, **facts}
    )
    return _judge(row)


@transaction.atomic
def _unsay(answer: ExpertAnswer, status: str, answered: Answered | None = None) -> int:
    """They say it no more: what it settled is settled without it."""
    taken = answer.judgement_id is not None and _take_back(answer.judgement_id, again=False)
    facts: dict[str, Any] = {"status": status, "judgement": None, "problem": "", "says": ""}
    if answered:
        facts |= {"values": keepable(answered.values), "changed_at": answered.changed_at}
    ExpertAnswer.objects.filter(pk=answer.pk).update(**facts, pulled_at=timezone.now())
    return int(taken)


def _take_back(judgement_id: int, *, again: bool) -> bool:
    judgement = Judgement.objects.select_related("person").get(pk=judgement_id)
    if judgement.person is not None:
        Person.objects.lock(judgement.person)
    counted = take_back(judgement=judgement, again=again)
    if counted:
        supersede([judgement.cell_id])
    return counted


def _judge(answer: ExpertAnswer) -> int:
    """Make an answer the expert's judgement, or say at it why it is none; what it was before holds until then."""
    try:
        with transaction.atomic():
            judgement = _submit(answer.pk)
            ExpertAnswer.objects.filter(pk=answer.pk).update(judgement=judgement, problem="", says="")
    except Refused as refused:
        problem, says = _reason(refused)
        ExpertAnswer.objects.filter(pk=answer.pk).update(problem=problem, says=says)
        return 0
    return 1


def _reason(refused: Refused) -> tuple[str, str]:
    errors = refused.errors if isinstance(refused.errors, dict) else {}
    code = "unknown_values" if refused.code == "invalid" and "expert" not in errors else refused.code
    if "expert" in errors:
        return str(errors["expert"]), ""
    return code, "; ".join(f"{name}: {why}" for name, why in errors.items())[:300] or str(refused.detail)[:300]


def _submit(pk: uuid.UUID) -> Judgement:
    """Through the door of every answer: consent, the kind's own check, what counts. Their seat is one that nobody else
    could have: it is asked for beside the others.

    Raises:
        Refused: as `submit`; `not_found` where its person left meanwhile; `invalid` with `expert` for `not_spoken`,
            `not_an_anchor`, `own_work`, `unproven`.
    """
    person = Person.objects.filter(expert_accounts__answers=pk).first()
    if person is None:
        raise Refused("not_found")
    person = Person.objects.lock(person)
    answers = ExpertAnswer.objects.select_for_update(of=("self",)).select_related("record")
    if (answer := answers.filter(pk=pk).first()) is None:
        raise Refused("not_found")
    key = uuid.uuid5(answer.pk, answer.changed_at)
    if known := Receipt.objects.filter(pk=key, judgement__undone_at=None).select_related("judgement").first():
        return known.judgement  # another run was first
    cell = Cell.objects.select_for_update(of=("self",)).select_related("item", "campaign").get(pk=answer.record.cell_id)
    judged_as = _judges_as(person, cell)
    for earlier in _said_before(answer):
        _take_back(earlier, again=True)
    seat = _sit(person, answer.record, cell, judged_as)
    submission = Submission(
        key, seat.pk, channel=Judgement.Channel.ARGILLA, language=person.language, client_at=_moment(answer.changed_at)
    )
    return submit(person=person, submission=submission, answer=sheets.answer(cell.kind, answer.values)).judgement


def _said_before(answer: ExpertAnswer) -> list[int]:
    """The judgement that this answer was, or another of the same expert that is lost there and that this one takes the
    place of."""
    lost = ExpertAnswer.objects.filter(record=answer.record_id, expert=answer.expert_id, changed_at="")
    lost = lost.exclude(pk=answer.pk).exclude(judgement=None)
    found = [each for each in (answer.judgement_id, *lost.values_list("judgement", flat=True)) if each is not None]
    lost.update(status=Status.DELETED, judgement=None, problem="", says="")
    return found


def _judges_as(person: Person, cell: Cell) -> str:
    """The expert's own variety, as whose anchor they speak here."""
    judged_as = judge_varieties(person).get(cell.variety_id)
    if judged_as is None:
        raise _not_theirs("not_spoken")
    if not is_anchor(person, judged_as):
        raise _not_theirs("not_an_anchor")
    if cell.item.author_id == person.pk:
        raise _not_theirs("own_work")
    if not person.is_proven:
        raise _not_theirs("unproven")
    return judged_as


def _not_theirs(why: str) -> Refused:
    return Refused("invalid", errors={"expert": why})


def _moment(text: str) -> dt.datetime | None:
    """The desk's clock, which says no zone and means UTC."""
    with suppress(ValueError):
        moment = dt.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return None


def _sit(person: Person, record: ExpertRecord, cell: Cell, judged_as: str) -> Assignment:
    """The expert's seat at the cell, which is locked; the one they hold already, where they do. The outputs are shown
    there in the record's order: an answer means what they saw."""
    seat = Assignment.objects.filter(person=person, item=cell.item_id).first()
    if seat and seat.state == Assignment.State.ANSWERED:
        raise Refused("already_judged")
    is_held = seat is not None and seat.state == Assignment.State.HELD
    if seat and is_held and seat.cell_id != cell.pk:  # at another place of the item, which goes to somebody else
        give_back(person=person, assignment_id=seat.pk)
        is_held = False
    if not is_held:
        _make_room(cell)
    facts = {
        "cell_id": cell.pk, "judge_variety_id": judged_as, "shown": record.shown, "state": Assignment.State.HELD,
        "expires_at": timezone.now() + dt.timedelta(minutes=1), "offer_policy": f"expert_{record.why}", "pack": None,
    }  # fmt: skip
    seat, _new = Assignment.objects.update_or_create(person=person, item_id=cell.item_id, defaults=facts)
    return seat


def _make_room(cell: Cell) -> None:
    """A place beside the others', unless one is kept for anchors. What was settled is open until it is settled anew."""
    if not cell.for_anchors or cell.held + cell.done >= cell.needed:
        # Nobody else is waited for where it was settled, perhaps with fewer than were asked at first.
        more = max(0, cell.held + cell.done + 1 - cell.needed) if cell.settled_at else 1
        ask_more(cell=cell, of_anchors=cell.is_full, votes=more)
        supersede([cell.pk])
    Cell.objects.filter(pk=cell.pk).update(held=F("held") + 1)


# All of it ----------------------------------------------------------------------------------------------------------


class Exchanged(NamedTuple):
    """What a run did: records pushed, judgements that came or changed, accounts removed."""

    pushed: int
    taken: int
    gone: int


def exchange(desk: Desk) -> Exchanged:
    """Send, take and tidy, whatever there is. The queue has one process; two runs at once would do the same, once."""
    gone = let_experts_go(desk)
    done = Exchanged(send(desk), take(desk), gone)
    tidy(desk)
    return done
