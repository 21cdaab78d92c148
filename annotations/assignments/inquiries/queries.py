"""Questions about what was asked of the moderators."""

from django.db.models import QuerySet

from annotations.assignments.inquiries.models import Inquiry, OpenAnswer
from annotations.assignments.models import Assignment, Cell
from annotations.assignments.queries import KEYS, Shown
from annotations.assignments.stewards.queries import hides
from annotations.corpus.models import Output
from annotations.people.models import Person


def waiting(person: Person) -> QuerySet[Inquiry]:
    """What waits for an answer that this person may give: not their own, the oldest first."""
    found = Inquiry.objects.filter(answered_at=None).exclude(person=person)
    return found.select_related("variety").order_by("asked_at", "pk")


def inquiries_of(person: Person) -> QuerySet[Inquiry]:
    """What somebody asked, the newest first; `hidden` where what it is about is shown no more."""
    found = Inquiry.objects.filter(person=person).annotate(hidden=hides("item__prompt"))
    return found.select_related("item__prompt").order_by("-asked_at", "-pk")


def unread(person: Person) -> int:
    """Answers that somebody has not seen yet."""
    return Inquiry.objects.filter(person=person, answered_at__isnull=False, read_at=None).count()


def open_answers(kind: str) -> QuerySet[OpenAnswer]:
    """What stands beside the guidelines of a kind, the newest first."""
    return OpenAnswer.objects.filter(kind=kind, until=None).order_by("-told_at", "-pk")


def is_settled(inquiry: Inquiry) -> bool:
    """Whether nothing of what it is about is open any more."""
    return inquiry.item_id is None or not Cell.objects.filter(item=inquiry.item_id, settled_at=None).exists()


def seen_by_asker(inquiry: Inquiry) -> list[Shown]:
    """The item's outputs in the order in which who asked saw them, and under the same letters: no model is named."""
    seat = Assignment.objects.filter(person=inquiry.person_id, item=inquiry.item_id).first()
    shown = seat.shown if seat else []
    texts = dict(Output.objects.filter(pk__in=shown).values_list("pk", "text"))
    return [Shown(key, texts.get(pk, "–")) for key, pk in zip(KEYS, shown, strict=False)]
