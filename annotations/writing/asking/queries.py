"""Questions about questions: which models there are, and what is due."""

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet

from annotations.assignments.stewards.queries import hides
from annotations.people.stewards.queries import open_to
from annotations.writing.asking.endpoint import Endpoint
from annotations.writing.asking.models import Question
from annotations.writing.models import PromptProposal


def endpoints() -> dict[str, Endpoint]:
    """The models of the settings, by name."""
    return {each["name"]: Endpoint(**each) for each in settings.MINKA_MODELS}


def due_questions(now: dt.datetime) -> QuerySet[Question]:
    """To be asked now, the longest due first: of proposals that still count and are no item yet, in varieties whose
    words may be sent out at this moment."""
    return (
        Question.objects.filter(due_at__lte=now, model__in=endpoints(), proposal__judgement__counted=True)
        .filter(proposal__item=None, proposal__prompt__variety__in=open_to("sends_to_endpoints"))
        .exclude(hides("proposal__prompt")).exclude(hides("proposal__judgement__item__prompt"))
        .order_by("due_at", "pk")
    )  # fmt: skip


def answers_to(proposal: PromptProposal) -> QuerySet[Question]:
    """What models that are still in the settings answered, the first first."""
    return proposal.questions.filter(model__in=endpoints()).exclude(answered_at=None).order_by("answered_at", "pk")
