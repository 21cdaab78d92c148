"""Questions about who governs a variety, and what they allow."""

from typing import Literal

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from annotations.compiled import Compiled
from annotations.people.models import MacroZone, Person, Variety
from annotations.people.stewards.models import (
    Charter,
    CommunityLabel,
    Governance,
    Steward,
    StewardsDecision,
    StewardsLog,
    VarietyProposal,
)

Audience = Literal["shows_anonymous", "sends_to_endpoints", "sends_to_argilla", "keeps_in_memory"]


def in_force(decisions: QuerySet[StewardsDecision]) -> QuerySet[StewardsDecision]:
    """Those that hold at this moment."""
    return decisions.filter(in_force_at__isnull=False, revoked_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=Now())
    )


def governed() -> QuerySet[Variety]:
    """Varieties only their stewards decide about. `ask` counts as yes until its stewards decide that it needs none."""
    return Variety.objects.filter(governance__isnull=False, governance__free_from=None)


def takes_contributions() -> QuerySet[Variety]:
    """Varieties in which work can be given and taken now: those nobody governs, and governed ones with two stewards
    and a charter in force that opens them."""
    return _opened("takes_contributions")


def closed_varieties() -> set[str]:
    """Tags of the varieties that take no contributions now: what `takes_contributions` leaves out."""
    return set(_closed())


_closed = Compiled(lambda: closed_to("takes_contributions"))


def closed_to(*audiences: Audience | Literal["takes_contributions"]) -> QuerySet[Governance, str]:
    """Tags of the varieties that one of these is closed to: what `open_to` leaves out. To be excluded by: `NOT IN` is
    asked once, where a planner may ask `IN` anew for every row."""
    closed = Q()
    for audience in audiences:
        closed |= Q(**{audience: False})
    return Governance.objects.filter(closed, free_from=None).values_list("variety_id", flat=True)


def closed_to_use(use: str) -> QuerySet[Governance, str]:
    """Tags of the governed varieties whose charter does not permit this use, `train` or `evaluate`."""
    return Governance.objects.filter(free_from=None).exclude(permitted_use__contains=[use]).values_list(
        "variety_id", flat=True
    )  # fmt: skip


def open_to(audience: Audience) -> QuerySet[Variety]:
    """Varieties whose texts may be shown or sent there: what nobody governs, and what a charter opens to them."""
    return _opened(audience)


def _opened(to: str) -> QuerySet[Variety]:
    free = Q(governance=None) | Q(governance__free_from__isnull=False)
    return Variety.objects.filter(free | Q(**{f"governance__{to}": True}))


def charter_of(variety: Variety) -> Charter | None:
    """The charter in force."""
    newest = (
        Charter.objects.filter(variety=variety, decision__in_force_at__isnull=False)
        .select_related("decision")
        .order_by("-decision__in_force_at")
        .first()
    )
    return newest if newest and newest.decision.revoked_at is None else None


def current_stewards(variety: Variety) -> QuerySet[Steward]:
    return Steward.objects.filter(variety=variety, accepted_at__isnull=False, ended_at=None).order_by("accepted_at")


def stewardship_of(person: Person, variety: Variety) -> Steward | None:
    """The person's current stewardship of this variety. Nobody else has one, whatever they may do otherwise."""
    return current_stewards(variety).filter(person=person).first()


def decisions_of(variety: Variety) -> QuerySet[StewardsDecision]:
    """All of a variety's, the newest first, with how many said yes (`yes`) and no (`no`)."""
    return (
        StewardsDecision.objects.filter(variety=variety)
        .annotate(
            yes=Count("approvals", filter=Q(approvals__approves=True, approvals__steward__ended_at=None)),
            no=Count("approvals", filter=Q(approvals__approves=False)),
        )
        .select_related("charter")
        .order_by("-id")
    )


def open_decisions(variety: Variety) -> QuerySet[StewardsDecision]:
    """Those still waiting for a quorum."""
    return decisions_of(variety).filter(Q(expires_at=None) | Q(expires_at__gt=Now()), in_force_at=None, revoked_at=None)


def log_of(variety: Variety) -> QuerySet[StewardsLog]:
    """What was done for a variety and why, the newest first."""
    return StewardsLog.objects.filter(variety=variety).order_by("-id")


def labels_of(variety: str, campaign: str = "", record: str = "") -> QuerySet[CommunityLabel]:
    """The labels one sees at a variety, at a campaign of it, or at one of its records."""
    return CommunityLabel.objects.filter(
        Q(campaign="") | Q(campaign=campaign, record__in=["", record]), variety=variety, ended_at=None
    ).order_by("id")


def labels_at(campaign: str) -> QuerySet[CommunityLabel]:
    """The labels that communities attached to a campaign."""
    return CommunityLabel.objects.filter(campaign=campaign, record="", ended_at=None).order_by("id")


def stewardships_of(person: Person) -> QuerySet[Steward]:
    """What a person was proposed for and what they hold, the newest first."""
    return Steward.objects.filter(person=person, ended_at=None).select_related("variety").order_by("-id")


def proposals_of(person: Person) -> QuerySet[VarietyProposal]:
    """The varieties a person missed, and what became of them."""
    return VarietyProposal.objects.filter(proposed_by=person).order_by("-id")


def by_zone() -> list[tuple[MacroZone, list[Variety]]]:
    """Zones, and the varieties one finds there."""
    zones: dict[MacroZone, list[Variety]] = {}
    for variety in Variety.objects.select_related("macro_zone").order_by("macro_zone", "tag"):
        if variety.macro_zone:
            zones.setdefault(variety.macro_zone, []).append(variety)
    return list(zones.items())


def tree() -> list[tuple[int, Variety]]:
    """(depth, variety), each language followed by what is spoken of it."""
    rows = sorted(Variety.objects.all(), key=lambda variety: variety.lineage[::-1])
    return [(len(variety.lineage) - 1, variety) for variety in rows]
