"""What is done for a variety: stewards are proposed and appointed, decide, and close.

Opening takes the quorum, closing takes one. Rows are locked in one order everywhere: the steward's own, then the
decision's. Who may do what is asked here and, where it is a steward's, again by the database (`triggers.py`).
"""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.models import Person, Variety
from annotations.people.standing import require_standing
from annotations.people.stewards.models import (
    Charter,
    CommunityLabel,
    Steward,
    StewardsApproval,
    StewardsDecision,
    StewardsLog,
    VarietyProposal,
)
from annotations.people.stewards.queries import current_stewards, in_force

MAY_RECORD = "annotations.change_steward"
MAY_DECIDE_PROPOSALS = "annotations.change_varietyproposal"


def note(*, variety: Variety, person: Person, act: str, about: Any = "", code: str = "", text: str = "") -> StewardsLog:
    """A line in the variety's log, inside the transaction of what it tells."""
    return StewardsLog.objects.create(
        variety=variety, subject=person.subject, act=act, about=str(about)[:80], code=code, text=text
    )


def sit_as_steward(*, person: Person, variety: Variety) -> Steward:
    """The person's own current stewardship, locked until the transaction ends: whoever ends it waits, and who comes
    after its end finds none.

    Raises:
        Refused: `not_found` for everybody else, whatever else they may do; `suspended`.
    """
    steward = current_stewards(variety).filter(person=person).select_for_update().first()
    if steward is None:
        raise Refused("not_found")
    require_standing(person)
    return steward


def _with_right(person: Person, right: str) -> None:
    require_standing(person)
    if not person.has_perm(right):
        raise Refused("not_found")


def _said(text: str) -> str:
    if not text.strip():
        raise Refused("invalid", _("A reason is needed."), {"reason": "empty"})
    return text.strip()


# Stewards -----------------------------------------------------------------------------------------------------------


def propose_steward(*, proposer: Person, person: Person, variety: Variety, why: str) -> Steward:
    """Say that somebody, oneself perhaps, should speak for a governed variety. Nothing follows before a letter."""
    require_standing(proposer)
    if variety.governed == Variety.Governed.NO:
        raise Refused("invalid", _("This variety has no stewards: it needs none."))
    try:
        with transaction.atomic():
            steward = Steward.objects.create(person=person, variety=variety, proposed_by=proposer, why=_said(why))
            note(variety=variety, person=proposer, act="propose_steward", about=steward.pk)
            return steward
    except IntegrityError:
        raise Refused("invalid", _("This person is proposed already."), {"person": "proposed"}) from None


@transaction.atomic
def record_letter(*, lead: Person, steward: Steward, by: str, body: str, date: dt.date, reference: str) -> Steward:
    """A lead enters the letter of the body that appoints the steward. Nobody enters the letter that appoints them."""
    _with_right(lead, MAY_RECORD)
    steward = Steward.objects.select_for_update().get(pk=steward.pk)
    if steward.person_id == lead.pk:
        raise Refused("invalid", _("Somebody else must record the letter that appoints oneself."))
    if steward.ended_at or steward.recorded_at:
        raise Refused("not_open")
    if not all(each.strip() for each in (by, body, reference)):
        raise Refused("invalid", _("The letter's author, body and reference are all needed."))
    steward.letter_by, steward.letter_body, steward.letter_reference = by.strip(), body.strip(), reference.strip()
    steward.letter_date, steward.recorded_by, steward.recorded_at = date, lead, timezone.now()
    steward.save()
    note(variety=steward.variety, person=lead, act="record_letter", about=steward.pk)
    return steward


@transaction.atomic
def accept_stewardship(*, person: Person, steward: Steward, shown_name: str) -> Steward:
    """The person takes it on, under the name they choose to be shown by."""
    require_standing(person)
    steward = _own(person, steward)
    if steward.ended_at or steward.recorded_at is None:
        raise Refused("not_open", _("The letter is not recorded yet."))
    if not shown_name.strip():
        raise Refused("invalid", _("Choose the name to be shown by."), {"shown_name": "empty"})
    if steward.accepted_at is None:
        steward.shown_name, steward.accepted_at = shown_name.strip()[:80], timezone.now()
        steward.save(update_fields=["shown_name", "accepted_at"])
        note(variety=steward.variety, person=person, act="accept", about=steward.pk)
    return steward


@transaction.atomic
def end_stewardship(*, person: Person, steward: Steward, reason: str) -> Steward:
    """A steward steps down, somebody proposed declines, or a lead ends it because the body took its letter back."""
    steward = Steward.objects.select_for_update().get(pk=steward.pk)
    if steward.person_id != person.pk:
        _with_right(person, MAY_RECORD)
    if steward.ended_at is None:
        steward.ended_at = timezone.now()
        steward.save(update_fields=["ended_at"])
        note(variety=steward.variety, person=person, act="end", about=steward.pk, text=_said(reason))
    return steward


def _own(person: Person, steward: Steward) -> Steward:
    try:
        return Steward.objects.select_for_update().get(pk=steward.pk, person=person)
    except Steward.DoesNotExist:
        raise Refused("not_found") from None


# Decisions ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose(*, person: Person, variety: Variety, kind: str, reason: str, **facts: Any) -> StewardsDecision:
    """A steward brings a decision before the others, and says yes to it by that.

    Args:
        facts: of the row: for an export `expires_at` (due, ahead) and its slice; for a charter the `charter`.

    Raises:
        Refused: `not_found` (not a current steward of this variety), `suspended`, `invalid`.
    """
    steward = sit_as_steward(person=person, variety=variety)
    expires_at = facts.get("expires_at")
    if kind == StewardsDecision.Kind.EXPORT and (expires_at is None or expires_at <= timezone.now()):
        raise Refused("invalid", _("What may leave needs a day on which that ends, ahead."), {"expires_at": "invalid"})
    if kind == StewardsDecision.Kind.UNGOVERNED and variety.governed != Variety.Governed.ASK:
        raise Refused("invalid", _("This variety is governed; its charter can open it."))
    decision = StewardsDecision.objects.create(
        variety=variety, kind=kind, reason=_said(reason), proposed_by=person, **facts
    )
    note(variety=variety, person=person, act="propose", about=decision.pk, text=reason)
    return _answer(steward, decision, approves=True)


@transaction.atomic
def write_charter(*, person: Person, variety: Variety, reason: str, **terms: Any) -> StewardsDecision:
    """A new version of the charter, as a proposal: it holds when the quorum of the one before says yes."""
    sit_as_steward(person=person, variety=variety)
    Variety.objects.select_for_update(no_key=True).get(pk=variety.pk)  # one number for each version
    if terms.get("quorum", 0) > current_stewards(variety).count():
        raise Refused("invalid", _("A quorum of more than there are stewards could never be met."), {"quorum": "max"})
    latest = Charter.objects.filter(variety=variety).aggregate(latest=Max("version"))["latest"] or 0
    charter = Charter.objects.create(variety=variety, version=latest + 1, **terms)
    return propose(
        person=person, variety=variety, kind=StewardsDecision.Kind.CHARTER, reason=reason, charter=charter
    )  # fmt: skip


@transaction.atomic
def answer(*, person: Person, decision: StewardsDecision, approves: bool) -> StewardsDecision:
    """A steward's yes or no. The yes that makes the quorum puts the decision in force.

    Raises:
        Refused: `not_found` (not a current steward of this variety), `suspended`, `not_open` (expired, revoked, or
            answered by this steward already).
    """
    steward = sit_as_steward(person=person, variety=decision.variety)
    note(variety=decision.variety, person=person, act="yes" if approves else "no", about=decision.pk)
    return _answer(steward, decision, approves=approves)


def _answer(steward: Steward, decision: StewardsDecision, *, approves: bool) -> StewardsDecision:
    decision = StewardsDecision.objects.select_for_update(no_key=True, of=("self",)).get(pk=decision.pk)
    over = decision.expires_at is not None and decision.expires_at <= timezone.now()
    if over or decision.revoked_at or decision.approvals.filter(steward=steward).exists():
        raise Refused("not_open", _("This was answered already, or it is over."))
    StewardsApproval.objects.create(decision=decision, steward=steward, person=steward.person, approves=approves)
    decision.refresh_from_db()
    return decision


@transaction.atomic
def revoke(*, person: Person, decision: StewardsDecision, code: str, text: str) -> StewardsDecision:
    """One steward closes at once what was open or proposed. It stays closed: the same again is a new proposal.

    Taking back a charter leaves none in force, so that the variety takes no work and gives nothing out.
    """
    sit_as_steward(person=person, variety=decision.variety)
    decision = StewardsDecision.objects.select_for_update(no_key=True, of=("self",)).get(pk=decision.pk)
    if decision.revoked_at is None:
        decision.revoked_at = timezone.now()
        decision.save(update_fields=["revoked_at"])
        note(variety=decision.variety, person=person, act="revoke", about=decision.pk, code=_code(code),
             text=_said(text))  # fmt: skip
    return decision


@transaction.atomic
def withdraw_variety(*, person: Person, variety: Variety, code: str, text: str) -> int:
    """One steward takes the whole variety out of everything to come: whatever is in force is revoked at once, charter,
    exports and all. The quorum brings it back, decision by decision. Returns how many were revoked."""
    sit_as_steward(person=person, variety=variety)
    closed = in_force(StewardsDecision.objects.filter(variety=variety)).exclude(kind=StewardsDecision.Kind.RESTORE)
    revoked = [revoke(person=person, decision=each, code=code, text=text) for each in closed.order_by("pk")]
    note(variety=variety, person=person, act="withdraw_variety", code=_code(code), text=_said(text))
    return len(revoked)


def _code(code: str) -> str:
    if code not in StewardsLog.Code.values:
        raise Refused("invalid", _("This reason is not known."), {"code": "unknown"})
    return code


# Labels -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_label(*, person: Person, variety: Variety, **facts: Any) -> CommunityLabel:
    """A steward attaches a label of their community."""
    sit_as_steward(person=person, variety=variety)
    label = CommunityLabel.objects.create(variety=variety, **facts)
    note(variety=variety, person=person, act="add_label", about=label.pk)
    return label


@transaction.atomic
def end_label(*, person: Person, label: CommunityLabel, text: str) -> None:
    """A steward takes a label away; the row stays."""
    sit_as_steward(person=person, variety=label.variety)
    if CommunityLabel.objects.filter(pk=label.pk, ended_at=None).update(ended_at=timezone.now()):
        note(variety=label.variety, person=person, act="end_label", about=label.pk, text=_said(text))


# Varieties that are missing -----------------------------------------------------------------------------------------


def propose_variety(*, person: Person, **facts: Any) -> VarietyProposal:
    """Say that a variety is missing. The seed file changes by a commit, so here only the queue does."""
    require_standing(person)
    return VarietyProposal.objects.create(proposed_by=person, **facts)


@transaction.atomic
def decide_variety(*, lead: Person, proposal: VarietyProposal, state: str, note: str) -> VarietyProposal:
    """A lead accepts or declines, and says why to the person."""
    _with_right(lead, MAY_DECIDE_PROPOSALS)
    found = VarietyProposal.objects.select_for_update(of=("self",)).filter(pk=proposal.pk).first()
    if found is None:  # whoever proposed it was erased
        raise Refused("not_found")
    proposal = found
    if proposal.decided_at:
        raise Refused("not_open", _("This is decided already."))
    if state not in (VarietyProposal.State.ACCEPTED, VarietyProposal.State.DECLINED):
        raise Refused("invalid", _("Accept or decline."), {"state": "invalid"})
    proposal.state, proposal.note, proposal.decided_by, proposal.decided_at = state, _said(note), lead, timezone.now()
    proposal.save()
    return proposal


def forget_reasons(person: Person) -> int:
    """The words in which somebody proposed stewards go with them; who was proposed stays."""
    return Steward.objects.filter(proposed_by=person).update(why="")
