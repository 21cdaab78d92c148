"""Questions about what people wrote."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.assignments.queries import KEPT_ASIDE
from annotations.corpus.models import Prompt
from annotations.people.models import Person
from annotations.writing.models import PromptProposal

STANDS = Q(judgement__counted=True) | Q(judgement__not_counted__in=KEPT_ASIDE)
"""Of proposals: what is kept aside may count again, so what came of it is not undone."""


def prompts_of(person: Person) -> QuerySet[Prompt]:
    """Prompts that are in the corpus because this person proposed them, and nobody else as well."""
    others = PromptProposal.objects.filter(STANDS, prompt=OuterRef("pk")).exclude(judgement__person=person)
    brought = PromptProposal.objects.filter(prompt=OuterRef("pk"), is_new=True, judgement__person=person)
    return Prompt.objects.filter(Exists(brought)).exclude(Exists(others))


def no_longer_theirs() -> QuerySet[Prompt]:
    """Prompts somebody proposed that are still in use though no proposal of them stands any more."""
    standing = PromptProposal.objects.filter(STANDS, prompt=OuterRef("pk"))
    brought = PromptProposal.objects.filter(prompt=OuterRef("pk"), is_new=True)
    return Prompt.objects.filter(Exists(brought)).exclude(Exists(standing)).exclude(source__permitted_use=[])
