"""Asking the moderators, answering, and taking back what stands in the open."""

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.inquiries.models import MOST_WORDS, Inquiry, OpenAnswer
from annotations.assignments.models import Assignment
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import require_variety
from annotations.people.standing import require_right, require_standing

MOST_WAITING: Final = 5
"""Notes of one person that may wait for an answer at a time."""
MAY_ANSWER: Final = "annotations.change_inquiry"
MAY_TAKE_BACK: Final = "annotations.change_openanswer"


@transaction.atomic
def ask_moderators(*, person: Person, text: str, seat: Assignment | None = None, kind: str = "") -> Inquiry:
    """Keep a note: about the item of this seat, which is the person's, or about the guidelines of this kind.

    Raises:
        Refused: `suspended`, `invalid` (no words, or too many; no kind of judgement), `not_found` (another's seat),
            `too_many_requests` (`MOST_WAITING` wait already).
    """
    person = Person.objects.lock(person)
    require_standing(person)
    if seat is not None and seat.person_id != person.pk:
        raise Refused("not_found")
    kind = seat.item.kind if seat else kind
    if kind not in kinds.names():
        raise Refused("invalid", errors={"kind": "unknown"})
    text = _words(text, "text")
    if Inquiry.objects.filter(person=person, answered_at=None).count() >= MOST_WAITING:
        raise Refused("too_many_requests", _("Several notes wait for an answer already: one at a time."))
    about = {"item": seat.item, "variety": seat.cell.variety} if seat else {}
    return Inquiry.objects.create(person=person, kind=kind, text=text, **about)


@transaction.atomic
def answer_inquiry(*, by: Person, inquiry: Inquiry, answer: str, question: str = "") -> Inquiry:
    """Who asked reads it; with a `question`, in words of one's own, everybody does, beside the guidelines.

    Raises:
        Refused: `suspended`, `forbidden` (no right to, one's own, not in one's part), `invalid` (no words, or too
            many), `not_open` (answered already).
    """
    require_right(by, MAY_ANSWER)
    inquiry = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
    if inquiry.person_id == by.pk:
        raise Refused("forbidden", _("Nobody answers their own note."))
    if inquiry.variety_id:
        require_variety(by, inquiry.variety_id)
    if inquiry.answered_at:
        raise Refused("not_open", _("Somebody answered it already."))
    answer = _words(answer, "answer")
    if question:
        words = _words(question, "question")
        OpenAnswer.objects.create(kind=inquiry.kind, question=words, answer=answer, told_by=by)
    inquiry.answer, inquiry.answered_by, inquiry.answered_at = answer, by, timezone.now()
    inquiry.save(update_fields=["answer", "answered_by", "answered_at"])
    return inquiry


@transaction.atomic
def close_open_answer(*, by: Person, told: OpenAnswer) -> OpenAnswer:
    """It stands beside the guidelines no more; who asked keeps their answer.

    Raises:
        Refused: `suspended`, `forbidden`.
    """
    require_right(by, MAY_TAKE_BACK)
    told = OpenAnswer.objects.select_for_update().get(pk=told.pk)
    if told.until is None:
        told.until = timezone.now()
        told.save(update_fields=["until"])
    return told


def read_answers(*, person: Person, inquiries: Collection[int]) -> int:
    """Whoever says so has read what was answered to these. Returns how many were new."""
    answered = Inquiry.objects.filter(person=person, pk__in=inquiries, answered_at__isnull=False, read_at=None)
    return answered.update(read_at=timezone.now())


def _words(text: str, field: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text or len(text) > MOST_WORDS:
        raise Refused("invalid", errors={field: "empty" if not text else "long"})
    return text
