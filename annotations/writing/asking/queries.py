"""Questions about questions: which models there are, and what is due."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q, QuerySet

from annotations.assignments.stewards.queries import hides
from annotations.people.stewards.queries import closed_to
from annotations.writing.asking.endpoint import Endpoint
from annotations.writing.asking.models import Question
from annotations.writing.models import PromptProposal


def endpoints() -> dict[str, Endpoint]:
    """The models of the settings, by name."""
    return {each["name"]: Endpoint(**each) for each in settings.MINKA_MODELS}


_AGREED = Q(proposal__judgement__person__consent__purposes__transfer=True)
"""Their author lets them be sent, at this moment and whatever they said when they wrote."""


def _sent_by_stewards() -> Q:
    return ~Q(proposal__prompt__variety__in=closed_to("sends_to_endpoints"))


def due_questions(now: dt.datetime) -> QuerySet[Question]:
    """To be asked now, the longest due first: of proposals that still count and are no item yet, whose author and
    whose variety let their words be sent out at this moment."""
    return (
        Question.objects.filter(_AGREED, _sent_by_stewards(), due_at__lte=now, model__in=endpoints())
        .filter(proposal__item=None, proposal__judgement__counted=True)
        .exclude(hides("proposal__prompt")).exclude(hides("proposal__judgement__item__prompt"))
        .order_by("due_at", "pk")
    )  # fmt: skip


def kept_here(now: dt.datetime) -> Iterator[tuple[str, QuerySet[Question]]]:
    """Due questions that are not sent, by the reason why. Who can change it brings them on their way: their author by
    consenting to `transfer`, a variety's stewards by their charter."""
    due = Question.objects.filter(due_at__lte=now)
    yield "no_transfer", due.exclude(_AGREED)
    yield "governed", due.filter(_AGREED).exclude(_sent_by_stewards())


def answers_to(proposal: PromptProposal) -> QuerySet[Question]:
    """What models that are still in the settings answered, the first first."""
    return proposal.questions.filter(model__in=endpoints()).exclude(answered_at=None).order_by("answered_at", "pk")
