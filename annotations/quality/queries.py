"""Questions about what is due, about votes as evidence, and about what a campaign lacks."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, cast

from django.db import connection
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.queries import CONCENTRATION, over
from annotations.people.models import Consent, Variety
from annotations.quality.models import Agreement, Estimate, Verdict
from annotations.quality.stopping import sure_of


def due_cells() -> QuerySet[Cell]:
    """Cells of votes that have what they need and no verdict yet."""
    return Cell.objects.filter(kind="vote", settled_at=None, done__gte=F("needed")).order_by("id")


def heard_experts() -> QuerySet[Cell]:
    """Cells in which the word of an expert counts that came from their desk: they are checked, whatever their campaign
    asks of others."""
    heard = Judgement.objects.filter(cell=OuterRef("pk"), counted=True, trusted=True, channel=Judgement.Channel.ARGILLA)
    return Cell.objects.filter(Exists(heard), kind="vote")


# Campaign by campaign (OFFSET keeps PostgreSQL from reading all their cells at once), so that the index `cells_begun`
# is asked only for those with as many judgements as will do: `done` stands twice because of it.
_SHORT: Final = """
    SELECT c.id FROM annotations_campaign ca CROSS JOIN LATERAL (
        SELECT c.id FROM annotations_cell c
         WHERE c.campaign_id = ca.id AND c.settled_at IS NULL AND c.done >= 1
           AND c.done >= coalesce(ca.at_least, ca.needed) AND (ca.at_least IS NOT NULL OR c.needed > ca.needed)
           AND c.kind = 'vote' AND c.held_back = '' AND c.held = 0
           AND NOT (c.for_anchors AND EXISTS (SELECT 1 FROM annotations_judgement j
                                               WHERE j.cell_id = c.id AND j.counted AND j.trusted))
           AND NOT EXISTS (SELECT 1 FROM annotations_alarm a
                             JOIN annotations_itemoutput io ON io.item_id = c.item_id
                             JOIN annotations_output o ON o.id = io.output_id AND o.model_id = a.model_id
                            WHERE a.campaign_id = c.campaign_id AND a.variety_id = c.variety_id AND a.lifted_at IS NULL)
        OFFSET 0) c
     WHERE ca.id = ANY(%(over)s) ORDER BY c.id"""


def short_cells() -> list[int]:
    """Ids of cells of votes in campaigns that are over, with as many judgements as will do then, no verdict, and nobody
    who still holds a seat there; not those whose verdict an anchor contradicted, or that an alarm is about. Asked every
    minute, it costs what it finds, and a look at each campaign that is over."""
    with connection.cursor() as cursor:
        cursor.execute(_SHORT, {"over": list(Campaign.objects.filter(over()).values_list("pk", flat=True))})
        return [pk for (pk,) in cursor.fetchall()]


def unsettled_by_done(campaign: Campaign) -> dict[int, int]:
    """How many cells of votes have no verdict yet, by how many judgements they have. Counts every such cell."""
    cells = Cell.objects.filter(campaign=campaign, kind="vote", settled_at=None, held_back="").order_by()
    return dict(cells.values_list("done").annotate(number=Count("pk")))


LEVELS_OF_SURENESS: Final = (0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Unsure:
    """How many of the settled would have asked for another vote, had they had to be so sure."""

    sure_at: float
    unsure: int
    settled: int


def unsure_so_far(campaign: Campaign) -> list[Unsure]:
    """By `LEVELS_OF_SURENESS`, of what all votes settled; empty where nothing is. One question, however many items."""
    verdicts = Verdict.objects.filter(item__campaign=campaign, superseded_at=None, method="strict_majority")
    counts = [
        (sure_of(round(agreement * n), n), number)
        for n, agreement, number in verdicts.values_list("n", "agreement").annotate(Count("pk")).order_by()
    ]
    every = sum(number for _sure, number in counts)
    return [
        Unsure(level, sum(number for sure, number in counts if sure < level), every)
        for level in LEVELS_OF_SURENESS if every
    ]  # fmt: skip


def latest_evidence(cell: Cell) -> dt.datetime:
    latest = Judgement.objects.filter(cell=cell, counted=True).aggregate(latest=Max("received_at"))["latest"]
    assert isinstance(latest, dt.datetime), "a due cell has counted judgements"
    return latest


def counted_after_withdrawal() -> QuerySet[Judgement]:
    """Counted judgements made under a consent that was taken back since. Consenting again covers new work only.

    It is asked every minute, and begins at what was taken back: each such consent is looked up in an index of what
    counts (`counted_under_consent`), where as a rule nothing is left of it. Read from the judgements, it read them all.
    """
    taken_back = Consent.objects.raw(_TAKEN_BACK)
    return Judgement.objects.filter(consent__in=[consent.pk for consent in taken_back], counted=True).order_by("id")


def kept_aside_after_withdrawal() -> QuerySet[Judgement]:
    """The same of judgements that might have counted again: few, and begun at what was kept aside."""
    later = Consent.objects.filter(
        subject=OuterRef("consent__subject"), act=Consent.Act.WITHDRAW, id__gt=OuterRef("consent_id")
    )
    return Judgement.objects.filter(Exists(later), held__isnull=False, not_counted=CONCENTRATION)


_TAKEN_BACK = """
    SELECT given.id FROM (SELECT subject, max(id) AS id FROM annotations_consent
                           WHERE act = 'withdraw' GROUP BY subject) withdrawn
      JOIN annotations_consent given ON given.subject = withdrawn.subject AND given.id < withdrawn.id
     WHERE EXISTS (SELECT 1 FROM annotations_judgement j WHERE j.consent_id = given.id AND j.counted)
     ORDER BY given.id"""


def judged_campaigns() -> QuerySet[Campaign]:
    """Campaigns in which something was judged that counts."""
    counted = Judgement.objects.filter(campaign=OuterRef("pk"), counted=True)
    return Campaign.objects.filter(Exists(counted)).order_by("-created_at", "id")


def agreements_of(campaign: Campaign) -> QuerySet[Agreement]:
    """What was measured last, in its order: each thing that is said, its varieties by tag, then across them."""
    return campaign.agreements.select_related("variety").order_by("pk")


def beside_verdicts(campaign: Campaign) -> tuple[int, int]:
    """Beside how many current verdicts of a majority the model has its word, and in how many it is the verdict's."""
    found = Estimate.objects.filter(verdict__item__campaign=campaign, verdict__superseded_at=None)
    found = found.exclude(verdict__outcome="no_majority")
    same = Q(outcome=F("verdict__outcome")) & (Q(preferred=F("verdict__preferred")) | Q(preferred=None))
    counts = found.aggregate(every=Count("pk"), same=Count("pk", filter=same))
    return counts["every"], counts["same"]


AGES: Final = (1, 7, 30)
"""Days that part the ages of what waits."""
LATELY: Final = dt.timedelta(days=30)
"""Who judged within it is there."""


@dataclass(frozen=True)
class Coverage:
    """What a variety has in a campaign: cells, judgements done and needed, cells that are open, since when the oldest
    of them waits, how many wait by `AGES`, and people who judged lately. Open cells and nobody there are a gap."""

    variety: Variety
    cells: int
    done: int
    needed: int
    open: int
    oldest: dt.datetime | None
    waiting: tuple[int, ...]
    people: int

    @property
    def is_gap(self) -> bool:
        return self.open > 0 and self.people == 0


def coverage(campaign: Campaign, now: dt.datetime) -> list[Coverage]:
    """Each variety of a campaign, by tag; three questions to the database, however many there are. What is held back is
    nobody's work, and in no sum."""
    since = [now - dt.timedelta(days=days) for days in AGES]
    bounds = zip([now + LATELY, *since], [*since, None], strict=True)
    waiting = {
        f"waiting_{place}": Count("id", filter=Q(open=True, item__created_at__lte=young)
                                  & (Q(item__created_at__gt=old) if old else Q()))
        for place, (young, old) in enumerate(bounds)
    }  # fmt: skip
    rows = Cell.objects.filter(campaign=campaign, held_back="").values("variety").annotate(
        cells=Count("id"), sum_done=Sum("done"), sum_needed=Sum("needed"), cells_open=Count("id", filter=Q(open=True)),
        oldest=Min("item__created_at", filter=Q(open=True)), **waiting,
    )  # fmt: skip
    lately = Judgement.objects.filter(campaign=campaign, received_at__gt=now - LATELY, opt_out="", undone_at=None)
    people = dict(lately.values_list("cell__variety").annotate(Count("person", distinct=True)))
    found = cast("list[dict[str, Any]]", list(rows.order_by("variety")))
    varieties = Variety.objects.in_bulk({row["variety"] for row in found})
    return [
        Coverage(
            varieties[row["variety"]], row["cells"], row["sum_done"], row["sum_needed"], row["cells_open"],
            row["oldest"], tuple(row[name] for name in waiting), people.get(row["variety"], 0),
        ) for row in found
    ]  # fmt: skip
