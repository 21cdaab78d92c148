"""Which prompts a run is handed: two sets, drawn by its seed, one variety after the other.

*Train* prompts are fresh: nothing nearly the same had been judged when the releases were made, so that no answer to
them can have been learnt by heart. *Evaluate* prompts are of the groups that never train. Both leave the house, so what
is asked of a prompt is what is asked of a text that is sent to a model's server: its source permits the use, nothing
hides it, its author lets it be sent, and the stewards of a governed variety do.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet, Value, Window
from django.db.models.functions import MD5, Concat, RowNumber

from annotations.assignments.models import Cell, Item, Judgement
from annotations.assignments.stewards.queries import hides
from annotations.corpus.models import Prompt, PromptGroup, Use
from annotations.corpus.personal_data import proven
from annotations.people.stewards.queries import closed_to, closed_to_use
from annotations.writing.models import PromptProposal

ROLES: Final = tuple(PromptGroup.Role.values)
KEPT: Final = ("broken", "personal_data", "taken_back")
"""Why an item of a prompt was taken off the table, where the prompt itself is at fault."""


def may_leave(use: str) -> QuerySet[Prompt]:
    """Prompts that may be handed to a run for this use at this moment."""
    items = Item.objects.filter(prompt=OuterRef("pk"))
    private = PromptProposal.objects.filter(prompt=OuterRef("pk"), is_new=True).exclude(
        judgement__counted=True, judgement__person__consent__purposes__transfer=True
    )
    return (
        Prompt.objects.filter(group__role=use, bridges=False, source__permitted_use__contains=[use])
        .exclude(source__licence="")
        .exclude(variety__in=closed_to("sends_to_endpoints", "takes_contributions"))
        .exclude(variety__in=closed_to_use(use))
        .exclude(hides("pk"))
        .exclude(Exists(items.filter(known__isnull=False)))
        .exclude(Exists(Cell.objects.filter(item__prompt=OuterRef("pk"), held_back__in=KEPT)))
        .exclude(Exists(private))
    )


def fresh(prompts: QuerySet[Prompt], cutoff: dt.datetime) -> QuerySet[Prompt]:
    """Those of whose group nothing was judged up to this moment; what counts no more today may stand in a release."""
    judged = Judgement.objects.filter(item__prompt__group=OuterRef("group"), received_at__lte=cutoff)
    return prompts.exclude(Exists(judged))


def draw(role: str, *, seed: int, most: int, cutoff: dt.datetime) -> list[Prompt]:
    """At most so many prompts of a role, of each group and variety one, in the order the seed gives: the first of each
    variety, then the second of each. What stands in the database decides, and nothing else: the same seed again draws
    the same."""
    prompts = may_leave(role)
    if role == Use.TRAIN:
        prompts = fresh(prompts, cutoff)
    lot = MD5(Concat(Value(f"{seed}:"), F("content_key")))
    of_group = Window(RowNumber(), partition_by=["group", "variety"], order_by=[lot, "pk"])
    once = prompts.annotate(of_group=of_group).filter(of_group=1).values("pk")
    turn = Window(RowNumber(), partition_by=["variety"], order_by=[lot, "pk"])
    drawn = Prompt.objects.filter(pk__in=once).order_by(turn, lot, "pk").values_list("pk", flat=True)
    # Keys first: to put whole prompts in order costs ten times as much. Twice as many, for those that show somebody.
    keys = list(drawn[: 2 * most])
    found = Prompt.objects.in_bulk(keys)
    return [found[pk] for pk in keys if not _shows_somebody(found[pk])][:most]


def _shows_somebody(prompt: Prompt) -> bool:
    return any(proven(message["content"]) for message in prompt.messages)


def still_may_leave(prompts: Iterable[int]) -> set[int]:
    """Of prompts that were handed over: those that may still be, for their role. Asked by their keys, so that it costs
    what a run holds and not what the corpus does."""
    keys = list(prompts)
    return {pk for role in ROLES for pk in may_leave(role).filter(pk__in=keys).values_list("pk", flat=True)}
