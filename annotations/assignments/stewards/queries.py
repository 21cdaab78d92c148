"""Questions about a variety's records: what a decision opens, what is hidden, how much there is."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.assignments.models import Campaign, Cell, Item, Judgement
from annotations.assignments.stewards.models import Hidden
from annotations.people.models import Variety
from annotations.people.stewards.models import StewardsDecision
from annotations.people.stewards.queries import governed

SAMPLE = 10


def still_hidden() -> QuerySet[Hidden]:
    return Hidden.objects.filter(lifted_at=None)


def hides(prompt: str) -> Exists:
    """True where the prompt at this path is hidden; to be filtered or annotated with."""
    return Exists(still_hidden().filter(item__prompt=OuterRef(prompt)))


def kept_by_stewards(prompt: str) -> Exists:
    """True where the prompt at this path is hidden and only stewards may see it, not the house's own staff either."""
    return Exists(still_hidden().filter(item__prompt=OuterRef(prompt), item__variety__in=governed()))


def hidden_of(variety: Variety) -> QuerySet[Hidden]:
    """What is hidden of a variety, the newest first, with the decision that may bring it back."""
    return (
        still_hidden().filter(item__variety=variety).select_related("item__prompt", "item__campaign", "restoring")
        .order_by("-id")
    )  # fmt: skip


def records_of(variety: Variety) -> QuerySet[Item]:
    """Items in the variety, and those that are judged in it."""
    judged_in = Cell.objects.filter(item=OuterRef("pk"), variety=variety)
    return Item.objects.filter(Q(variety=variety) | Exists(judged_in))


def slice_of(decision: StewardsDecision) -> QuerySet[Item]:
    """The items an export decision opens, as a release reads it; hidden ones never leave, so they are not in it."""
    items = records_of(decision.variety).exclude(hides("prompt"))
    if decision.campaign:
        items = items.filter(campaign__slug=decision.campaign)
    if decision.item_kind:
        items = items.filter(kind=decision.item_kind)
    if decision.since:
        items = items.filter(created_at__gte=_midnight(decision.since))
    if decision.until:
        items = items.filter(created_at__lt=_midnight(decision.until + dt.timedelta(days=1)))
    return items


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


@dataclass(frozen=True)
class Preview:
    """What a slice holds now: how many items and judgements, and the first items of it."""

    items: int
    judgements: int
    sample: list[Item]


def preview(decision: StewardsDecision) -> Preview:
    items = slice_of(decision)
    judgements = Judgement.objects.filter(item__in=items, opt_out="", undone_at=None).count()
    first = items.select_related("prompt", "campaign").prefetch_related("outputs").order_by("id")[:SAMPLE]
    return Preview(items.count(), judgements, list(first))


@dataclass(frozen=True)
class Counts:
    """What the public page says of a variety's work."""

    items: int
    judgements: int


def counts_of(variety: Variety) -> Counts:
    standing = Judgement.objects.filter(judge_variety=variety, opt_out="", undone_at=None)
    return Counts(records_of(variety).count(), standing.count())


def campaigns_of(variety: Variety) -> QuerySet[Campaign]:
    """Campaigns that hold records of the variety."""
    return Campaign.objects.filter(pk__in=records_of(variety).values("campaign")).order_by("name")
