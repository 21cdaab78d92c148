"""Questions about gold: what is left for somebody, what was told, and how much there is."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.assignments.gold.rules import TOLD_AFTER, expected_first
from annotations.assignments.kinds import Kind
from annotations.assignments.models import MOST_GOLD, Assignment, Campaign, Cell, Judgement
from annotations.assignments.queries import GOLD, KEYS, can_meet
from annotations.people.models import Person


def gold_for(
    person: Person, campaign: Campaign, of_kinds: Collection[str], varieties: Collection[str], closed: Collection[str]
) -> QuerySet[Cell]:
    """Cells of gold that this person could be asked now: not retired, nothing hides them, there is a seat, and they
    have not answered it. As with any item, one that they gave back may come again."""
    sat = Assignment.objects.filter(person=person, item=OuterRef("item")).exclude(
        state__in=[Assignment.State.EXPIRED, Assignment.State.RETURNED]
    )
    cells = Cell.objects.filter(
        can_meet(person), ~Exists(sat), campaign=campaign, held_back=GOLD, item__known__retired_at=None,
        kind__in=of_kinds, variety__in=varieties, held__lt=F("needed"),
    )  # fmt: skip
    return cells.exclude(item__variety__in=closed).exclude(item__prompt__variety__in=closed)


def has_given(person: Person, campaign: Campaign, many: int) -> bool:
    """Whether this person has given so many answers here. Reads so many rows of an index and no more."""
    given = Judgement.objects.filter(person=person, campaign=campaign)
    return many <= 0 or given[many - 1 : many].exists()


def is_told(judgement: Judgement) -> bool:
    """Whether the person could read what was expected of this answer: then it stays what it was."""
    return judgement.not_counted == GOLD and judgement.received_at <= timezone.now() - TOLD_AFTER


def nobody_could_say(kind: Kind, expected: Mapping[str, Any], outputs: int) -> str:
    """Why no answer of this kind to an item with so many outputs would be the expected one, or nothing."""
    if kind.written:
        return _("what people write in a %s has no one answer") % kind.name
    known: Mapping[str, Any] = kind.schema.get("properties", {})
    for name, value in expected.items():
        allowed = known.get(name, {}).get("enum")
        if name not in known or (allowed is not None and value not in allowed):
            said = {"part": name, "value": value, "kind": kind.name}
            return (_("%(part)r with %(value)r is no part of an answer to a %(kind)s") % said)[:200]
        if name == "preferred" and value in KEYS[outputs:]:
            return _("there is no output %r") % str(value)
    return ""


@dataclass(frozen=True)
class Dose:
    """What mixing gold in comes to in one variety: how many items there are, how many are retired, and how many of the
    first turns of somebody new would be gold."""

    variety: str
    items: int
    retired: int
    turns: float

    @property
    def enough_up_to(self) -> int:
        """The largest dose, in percent, for which they are enough."""
        return min(MOST_GOLD, int(self.items / expected_first(1)))

    @property
    def is_short(self) -> bool:
        """Whether somebody new would have met all of it within their first turns: nobody meets one twice."""
        return self.items < math.ceil(self.turns)


def doses(campaign: Campaign) -> list[Dose]:
    """By variety of the campaign, those with the least gold first. One question."""
    cells = Cell.objects.filter(campaign=campaign).order_by().values("variety")
    standing = Q(held_back=GOLD, item__known__retired_at=None)
    rows = cells.annotate(
        items=Count("pk", filter=standing), retired=Count("pk", filter=Q(item__known__retired_at__isnull=False))
    )
    turns = expected_first(campaign.gold)
    found = (Dose(row["variety"], row["items"], row["retired"], turns) for row in rows)
    return sorted(found, key=lambda each: (each.items, each.variety))
