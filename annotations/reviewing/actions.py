"""Reviewing: opening reviews of what was written, taking them, settling them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.answers import bad, checked_text, only, plain_text
from annotations.assignments.doors import ask_more, close_cell, count_again, discount
from annotations.assignments.holding import lock_cells
from annotations.assignments.locks import rounds_of_cells
from annotations.assignments.models import Assignment, Cell, Draft, Item, Judgement
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.reviewing.models import Review, Reviewed
from annotations.reviewing.queries import (
    due_reviews,
    reasons_at,
    reviews_of,
    text_of,
    to_be_read,
    under_review,
    without_evidence,
)
from annotations.reviewing.rules import READERS, Said, settle
from annotations.translating.actions import forget_accepted, forget_translated
from annotations.writing.actions import forget_written, unadmit

MAX_WORDS = 1_000
"""Characters in which a rejection may be explained."""

# Opening ------------------------------------------------------------------------------------------------------------


def open_reviews() -> int:
    """Have everything that was written and counts be read. Returns how many; running it again, or twice at once, opens
    none twice."""
    return sum(_open(pk) for pk in list(to_be_read().values_list("pk", flat=True)))


@transaction.atomic
def _open(judgement_id: int) -> bool:
    """The item stands where the text was asked for, and goes to those who speak what its author wrote it as."""
    judgement = Judgement.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=judgement_id).first()
    if judgement is None or not to_be_read().filter(pk=judgement_id).exists():  # asked again, now that it is locked
        return False
    item = Item.objects.create(
        campaign_id=judgement.campaign_id, prompt_id=judgement.item.prompt_id, variety_id=judgement.judge_variety_id,
        kind="review", source_id=f"review:{judgement.pk}", author_id=judgement.person_id,
        sensitive=judgement.item.sensitive,
    )  # fmt: skip
    Cell.objects.create(
        item=item, campaign_id=item.campaign_id, kind=item.kind, variety_id=item.variety_id, needed=READERS
    )
    Reviewed.objects.create(item=item, judgement=judgement)
    return True


# One review ---------------------------------------------------------------------------------------------------------


def check(answer: Mapping[str, Any], seat: Assignment) -> Review:
    """`{"decision": "accept"}`, `{"decision": "edit", "text": "…"}` or `{"decision": "reject", "reason": "wrong",
    "words": "…"}` as a review that is not saved, or `Refused("invalid")` naming the field."""
    judgement = under_review(seat)
    if judgement is None:
        raise Refused("not_open", _("Its author took this back."))
    only(answer, ("decision", "text", "reason", "words"))
    decision = answer.get("decision")
    if not isinstance(decision, str) or decision not in Review.Decision.values:
        raise bad("decision", _("Must be one of %s.") % ", ".join(Review.Decision.values))
    review = Review(
        decision=decision, target_id=judgement.cell.variety_id, written_as_id=judgement.judge_variety_id,
        read_as_id=seat.judge_variety_id,
    )  # fmt: skip
    needs = {"edit": {"text"}, "reject": {"reason", "words"}}.get(decision, set())
    if extra := {name for name, value in answer.items() if value} - needs - {"decision"}:
        raise bad(min(extra), _("This does not go with this decision."))
    if decision == Review.Decision.EDIT:
        review.text = _edited(answer.get("text"), text_of(judgement))
    if decision == Review.Decision.REJECT:
        review.reason, review.words = _why(answer, reasons_at(seat, judgement))
    return review


def _edited(value: Any, written: str) -> str:
    checked = checked_text(value)
    if checked.strip() == written.strip():
        raise bad("text", _("Nothing is changed yet."))
    return checked


def _why(answer: Mapping[str, Any], reasons: list[str]) -> tuple[str, str]:
    reason, words = answer.get("reason"), plain_text(answer.get("words", ""), "words", MAX_WORDS).strip()
    if reason == Review.Reason.VARIETY and reason not in reasons:
        told = _("Nobody is rejected for their variety: both ways of speaking are at home in what was asked for.")
        raise bad("reason", told)
    if not isinstance(reason, str) or reason not in reasons:
        raise bad("reason", _("Choose why, so that who wrote it can learn from it."))
    if reason == Review.Reason.OTHER and not words:
        raise bad("words", _("Say what it is, in a few words."))
    return reason, words


def made(judgement: Judgement, review: Review) -> Review:
    review.judgement = judgement
    return review


def tell(judgement: Judgement) -> Mapping[str, Any]:
    """A review as it was answered."""
    said = judgement.review
    facts = {"decision": said.decision, "text": said.text, "reason": said.reason, "words": said.words}
    return {name: value for name, value in facts.items() if value}


# Settling -----------------------------------------------------------------------------------------------------------


def settle_reviews() -> int:
    """Settle every text that has its readers; where they do not agree, ask another. Returns how many are settled.
    Running it again, or twice at once, changes nothing."""
    for pk in list(without_evidence().values_list("pk", flat=True)):
        _unsettle(pk)
    return sum(_settle(pk) for pk in list(due_reviews().values_list("pk", flat=True).distinct()))


@transaction.atomic
def _settle(item_id: int) -> bool:
    """The outcome, and what follows from it: what the kind does with an accepted text, or the author's place for
    somebody else. The author's cell is the first of the two, and what follows may go on to others."""
    rounds_of_cells()
    cells = _lock(item_id)
    row = Reviewed.objects.select_for_update(of=("self",)).filter(pk=item_id, outcome="").first()
    if row is None or len(cells) < 2:
        return False
    judgement, cell = Judgement.objects.get(pk=row.judgement_id), cells[-1]
    if not judgement.counted:
        return _close(row, cell, Reviewed.Outcome.TAKEN_BACK)
    if cell.done < cell.needed:
        return False
    written = text_of(judgement)
    settled = settle([Said(each.decision, each.text) for each in reviews_of(cell)], written)
    if settled is None:
        ask_more(cell=cell)
        return False
    _close(row, cell, Reviewed.Outcome(settled.outcome), settled.text)
    kind = kinds.get(judgement.kind)
    if settled.outcome == Reviewed.Outcome.REJECTED:
        discount(judgement=judgement, reason="rejected")
    elif kind.accept:
        kind.accept(judgement, settled.text)
    return True


def _lock(item_id: int) -> list[Cell]:
    authors = Reviewed.objects.filter(pk=item_id).values("judgement__cell")
    locked = lock_cells(Cell.objects.filter(Q(pk__in=authors) | Q(item=item_id)))
    return list(Cell.objects.filter(pk__in=locked).order_by("pk"))


def _close(row: Reviewed, cell: Cell, outcome: Reviewed.Outcome, text: str = "") -> bool:
    row.outcome, row.text, row.settled_at = outcome, text, timezone.now()
    row.save(update_fields=["outcome", "text", "settled_at"])
    close_cell(cell=cell, settled_at=row.settled_at)
    return True


@transaction.atomic
def _unsettle(item_id: int) -> None:
    """A reader is gone, and what they said with them: the text is read by another one."""
    _lock(item_id)
    open_again = without_evidence().filter(pk=item_id)
    Reviewed.objects.filter(pk__in=open_again).update(outcome="", text="", settled_at=None)


@transaction.atomic
def read_again(*, judgements: Collection[int]) -> None:
    """Moderation's door: what these readers said counts no more, or counts again. Where a text was turned down by it,
    it is read anew, and stands meanwhile as what it was before; an accepted one is found by itself
    (`without_evidence`). The caller holds the cells of the texts and of their reviews."""
    rejected = Reviewed.objects.filter(item__judgements__in=judgements, outcome=Reviewed.Outcome.REJECTED)
    texts = dict(rejected.values_list("item", "judgement"))
    _unsay(Reviewed.objects.filter(pk__in=texts))
    Cell.objects.filter(item__in=texts).update(settled_at=None)
    count_again(judgements=Judgement.objects.filter(pk__in=texts.values(), not_counted="rejected"))


# Leaving ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def forget_words(person: Person) -> None:
    """The right to have one's contributions erased, before the judgements themselves go: nobody is asked to read them
    any more, and what readers made of their words goes too. What this person made of others' words goes with their
    own judgements, and from what was settled by it. Translations that others began with theirs are as theirs."""
    rounds_of_cells()
    forgotten = forget_translated(person)
    edited = Reviewed.objects.filter(item__judgements__person=person, outcome=Reviewed.Outcome.EDITED)
    for row in list(edited.select_related("judgement").distinct()):
        _unsay(Reviewed.objects.filter(pk=row.pk))
        unadmit(judgement=row.judgement)
        forgotten += forget_accepted(judgement=row.judgement)
    _unsay(Reviewed.objects.filter(judgement__in=forgotten))
    _let_nobody_read(Item.objects.filter(Q(reviewed__judgement__person=person) | Q(reviewed__judgement__in=forgotten)))
    forget_written(person)


def _unsay(rows: QuerySet[Reviewed]) -> None:
    rows.update(outcome="", text="", settled_at=None)


def _let_nobody_read(items: QuerySet[Item]) -> None:
    read = list(items.values_list("pk", flat=True))
    Cell.objects.filter(item__in=read).update(held_back="taken_back")
    Draft.objects.filter(assignment__item__in=read).delete()
    Review.objects.filter(judgement__item__in=read).update(text="", words="")
