"""Everything that is counted, counted anew from the rows."""

from django.db.models import Count, Q, Sum

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.queries import places
from annotations.assignments.tallies.models import Tally
from annotations.quality.ballots import ballots_of
from annotations.quality.models import Verdict
from annotations.quality.rules import RULES
from tests.assignments.test_exact import wrong_numbers


def wrong_books() -> list[str]:
    """What does not balance: numbers of cells, sums of campaigns, verdicts, and judgements that stand twice."""
    found = [each for campaign in Campaign.objects.all() for each in wrong_numbers(campaign)]
    return found + _sums() + [each for verdict in current_verdicts() for each in wrong(verdict)] + twice()


def _sums() -> list[str]:
    told = {
        (row["campaign"], row["variety"]): (row["n"], row["d"], row["s"])
        for row in Tally.objects.values("campaign", "variety").annotate(n=Sum("items"), d=Sum("done"), s=Sum("settled"))
    }
    settled = Count("pk", filter=Q(settled_at__isnull=False))
    cells = Cell.objects.filter(held_back="").values("campaign", "variety").annotate(n=Count("pk"), s=settled)
    counted = Judgement.objects.filter(counted=True, cell__held_back="").values("campaign", "cell__variety")
    given = {(row["campaign"], row["cell__variety"]): row["d"] for row in counted.annotate(d=Count("pk"))}
    true = {
        (row["campaign"], row["variety"]): (row["n"], given.get((row["campaign"], row["variety"]), 0), row["s"])
        for row in cells
    }
    return [f"{at}: told {told.get(at)}, is {true.get(at)}" for at in told | true
            if told.get(at, (0, 0, 0)) != true.get(at, (0, 0, 0))]  # fmt: skip


def current_verdicts() -> list[Verdict]:
    return list(Verdict.objects.filter(superseded_at=None).select_related("cell__campaign", "item"))


def wrong(verdict: Verdict) -> list[str]:
    """A verdict is what its campaign's rule says of the votes that count."""
    ballots = ballots_of(verdict.cell)
    if verdict.cell.settled_at is None:
        return [f"{verdict} stands and its cell is open"]
    said = RULES[verdict.cell.campaign.rule](ballots, places(verdict.item))
    is_so = (said.outcome, said.preferred, said.n) == (verdict.outcome, verdict.preferred_id, verdict.n)
    return [] if is_so else [f"{verdict} of {verdict.n}, and the votes say {said.outcome} of {said.n}"]


def twice() -> list[str]:
    standing = Judgement.objects.filter(undone_at=None, person__isnull=False).values("person", "item")
    return [f"twice: {row}" for row in standing.annotate(n=Count("pk")).filter(n__gt=1)]
