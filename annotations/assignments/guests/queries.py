"""Questions about guests: where they may try, what there is for them, how far they are."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from annotations.assignments import kinds
from annotations.assignments.guests.models import AT_MOST, Guest, GuestJudgement
from annotations.assignments.models import Campaign, Cell
from annotations.assignments.queries import open_to_all, shown_outputs
from annotations.assignments.stewards.queries import hides
from annotations.assignments.tallies.queries import Progress
from annotations.people.models import Person, Variety
from annotations.people.queries import varieties_on_offer
from annotations.people.stewards.models import Governance
from annotations.people.stewards.queries import closed_to


def guest_campaigns(campaign: Campaign | None = None) -> QuerySet[Campaign]:
    """Campaigns a guest can try at this moment; of one campaign, itself or nothing. A guest's knowledge of a variety is
    never confirmed."""
    campaigns = open_to_all().filter(takes_guests=True, asks_confirmed=False)
    return campaigns.filter(pk=campaign.pk) if campaign else campaigns


def free_varieties() -> QuerySet[Variety]:
    """What a guest may say they speak. A governed variety is for those its stewards know, unless they opened it."""
    return varieties_on_offer().exclude(tag__in=_closed())


def varieties_with_work(campaign: Campaign | None = None) -> QuerySet[Variety]:
    """Varieties in which a guest would find something: those that work is asked in, and their descendants."""
    asked = _open_cells(kinds.for_guests(), campaign).filter(variety=OuterRef("pk"))
    tags = Variety.objects.filter(Exists(asked)).values_list("tag", flat=True)
    return free_varieties().filter(lineage__overlap=list(tags))


def widest(varieties: QuerySet[Variety]) -> QuerySet[Variety]:
    """Those of the varieties whose parent is not among them: enough to begin with, a search finds the others."""
    return varieties.exclude(parent__in=varieties.order_by().values("tag"))


def cells_for(guest: Guest, of_kinds: list[str], campaign: Campaign | None = None) -> QuerySet[Cell]:
    """Open cells this guest may judge, as members do (of their variety and its ancestors), of items they have not
    seen."""
    seen = GuestJudgement.objects.filter(guest=guest).values("item")
    return _open_cells(of_kinds, campaign).filter(variety__in=_may_judge(guest)).exclude(item__in=seen)


def waiting_turns(guest: Guest, of_kinds: list[str], campaign: Campaign | None = None) -> QuerySet[GuestJudgement]:
    """Turns this guest has not answered and still may, the first shown first."""
    cells = _open_cells(of_kinds, campaign).filter(variety__in=_may_judge(guest))
    turns = GuestJudgement.objects.filter(guest=guest, given_at=None, judge_variety=guest.variety_id, cell__in=cells)
    return turns.select_related("item__prompt", "cell").order_by("number")


def _may_judge(guest: Guest) -> list[str]:
    return guest.variety.lineage if free_varieties().filter(tag=guest.variety_id).exists() else []


def _open_cells(of_kinds: list[str], campaign: Campaign | None) -> QuerySet[Cell]:
    closed = _closed()
    cells = Cell.objects.exclude(hides("item__prompt")).exclude(variety__in=closed)
    return cells.exclude(item__variety__in=closed).exclude(item__prompt__variety__in=closed).filter(
        open=True, for_anchors=False, campaign__in=guest_campaigns(campaign).order_by().values("pk"), kind__in=of_kinds
    )  # fmt: skip


def _closed() -> QuerySet[Governance, str]:
    """Tags of varieties that take no contributions, or none from guests."""
    return closed_to("takes_contributions", "shows_anonymous")


def how_far(guest: Guest) -> Progress:
    """How many of their ten a guest has done."""
    return Progress(guest.judgements.exclude(given_at=None).count(), AT_MOST)


def waiting_claims(person: Person) -> QuerySet[GuestJudgement]:
    """What a person answered as a guest and claimed, while it waits for their consent or variety."""
    return GuestJudgement.objects.filter(guest__person=person)


def waiting_told(person: Person) -> Iterator[dict[str, Any]]:
    """What waits, for the person's own archive: the question, the outputs in the order they were shown, the answer.
    Of what was hidden since, the answer alone."""
    turns = waiting_claims(person).annotate(hidden=hides("item__prompt")).select_related("item__prompt")
    for turn in turns.order_by("given_at"):
        shown = {} if turn.hidden else {
            "prompt": turn.item.prompt.messages, "outputs": [each.text for each in shown_outputs(turn.as_seat())],
        }  # fmt: skip
        said = {"opt_out": turn.opt_out} if turn.opt_out else {"answer": turn.answer}
        yield {"id": str(turn.pk)} | shown | said | {"seconds": turn.seconds, "given_at": turn.given_at}
