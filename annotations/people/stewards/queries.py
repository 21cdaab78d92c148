"""Questions about who governs a variety, and what they allow."""

from typing import Literal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now

from annotations.people.models import MacroZone, Person, Variety
from annotations.people.stewards.models import (
    LEAST_QUORUM,
    Charter,
    CommunityLabel,
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
    """Varieties only their stewards decide about. `ask` counts as yes until its speakers decide that it needs none."""
    decided = in_force(StewardsDecision.objects.filter(variety=OuterRef("pk"), kind="ungoverned"))
    return Variety.objects.exclude(governed=Variety.Governed.NO).exclude(Exists(decided), governed="ask")


def takes_contributions() -> QuerySet[Variety]:
    """Varieties in which work can be given and taken now: those nobody governs, and governed ones with two stewards
    and a charter in force that opens them."""
    return Variety.objects.filter(~Q(tag__in=governed()) | _opened("takes_contributions"))


def closed_varieties() -> set[str]:
    """Tags of the varieties that take no contributions now: what `takes_contributions` leaves out."""
    return set(governed().exclude(_opened("takes_contributions")).values_list("tag", flat=True))


def open_to(audience: Audience) -> QuerySet[Variety]:
    """Varieties whose texts may be shown or sent there: what nobody governs, and what a charter opens to them."""
    return Variety.objects.filter(~Q(tag__in=governed()) | _opened(audience))


def _opened(to: str) -> Q:
    """True of a governed variety with stewards enough, whose charter in force opens it. A charter that was revoked does
    not bring the one before it back: `newest` is the last that came into force, whether it still is or not."""
    newest = (
        Charter.objects.filter(variety=OuterRef("pk"), decision__in_force_at__isnull=False)
        .annotate(still=Q(decision__revoked_at=None, **{to: True}))
        .order_by("-decision__in_force_at")
    )
    enough = (
        Steward.objects.filter(variety=OuterRef("pk"), accepted_at__isnull=False, ended_at=None)
        .values("variety").annotate(n=Count("pk")).filter(n__gte=LEAST_QUORUM)
    )  # fmt: skip
    return Q(Exists(enough)) & Q(Coalesce(Subquery(newest.values("still")[:1]), Value(False)))  # noqa: FBT003


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
