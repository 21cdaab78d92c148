"""Questions the face of it all asks: how far everything is, what a variety still needs, what somebody did."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.assignments import kinds
from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.queries import judgements_of, open_to
from annotations.assignments.tallies.queries import Progress, progress_by_variety, settled
from annotations.people.models import Person, Variety

FIRST = 4
"""Varieties whose need is drawn beside a campaign's name; the table behind has all of them."""

MINE = 5
"""Campaigns on one's own page."""

Need = tuple[Variety, Progress]


@dataclass(frozen=True)
class Counters:
    """What is true of the whole house at this moment."""

    judgements: int
    this_week: int
    settled: int


def counters(now: dt.datetime) -> Counters:
    """Answers received (ways out and what was taken back are none), and questions settled."""
    answers = Judgement.objects.filter(undone_at=None, opt_out="").aggregate(
        all=Count("id"), week=Count("id", filter=Q(received_at__gt=now - dt.timedelta(days=7)))
    )
    return Counters(answers["all"], answers["week"], settled())


@dataclass(frozen=True)
class HowFar:
    """A campaign with what each variety still needs, by tag."""

    campaign: Campaign
    varieties: list[Need]

    @property
    def whole(self) -> Progress:
        """All varieties together: the campaign's goal."""
        return _together(self.varieties)

    @property
    def neediest(self) -> list[Need]:
        """Those that lack most, first."""
        return sorted(self.varieties, key=lambda need: -need[1].left)[:FIRST]

    @property
    def others(self) -> int:
        """How many varieties `neediest` leaves out."""
        return len(self.varieties) - len(self.neediest)

    def only(self, tags: Collection[str]) -> "HowFar":
        """The same campaign, as far as it concerns these varieties."""
        return HowFar(self.campaign, [need for need in self.varieties if need[0].tag in tags])


def _together(needs: Iterable[Need]) -> Progress:
    far = [progress for _variety, progress in needs]
    return Progress(sum(each.done for each in far), sum(each.needed for each in far), sum(each.items for each in far))


def how_far(campaigns: Iterable[Campaign]) -> list[HowFar]:
    """Each campaign with its varieties, in the order given; two questions to the database, however many there are."""
    campaigns = list(campaigns)
    far = progress_by_variety(campaigns)
    varieties = Variety.objects.in_bulk({tag for _campaign, tag in far})
    needs: dict[int, list[Need]] = {}
    for (campaign, tag), progress in far.items():
        needs.setdefault(campaign, []).append((varieties[tag], progress))
    return [HowFar(campaign, needs.get(campaign.pk, [])) for campaign in campaigns]


@dataclass(frozen=True)
class Mine:
    """A campaign as it concerns one person: its goal, and what the varieties they may judge still need."""

    campaign: Campaign
    goal: Progress
    needs: list[Need]


def my_campaigns(person: Person, mine: Collection[str]) -> list[Mine]:
    """Open campaigns that ask for what a person may judge, those they worked in first."""
    theirs = Judgement.objects.filter(person=person, campaign=OuterRef("pk"), undone_at=None)
    asked = open_to(person).filter(Exists(Cell.objects.filter(campaign=OuterRef("pk"), variety__in=mine)))
    first = asked.annotate(worked=Exists(theirs)).order_by("-worked", "created_at", "id")[:MINE]
    return [Mine(far.campaign, far.whole, far.only(mine).varieties) for far in how_far(first)]


def my_tables(person: Person, mine: Collection[str]) -> set[str]:
    """The tables at which an open campaign has work in what a person may judge; others lead nowhere. One question, of
    an index, for each campaign and kind."""
    waiting = Cell.objects.filter(campaign=OuterRef("pk"), variety__in=mine, open=True)
    names = kinds.names()
    found = open_to(person).order_by().annotate(**{f"has_{name}": Exists(waiting.filter(kind=name)) for name in names})
    rows = found.values_list(*(f"has_{name}" for name in names))
    return {kinds.get(name).table for row in rows for name, has in zip(names, row, strict=True) if has}


def answers_of(person: Person) -> QuerySet[Judgement]:
    """What a person answered and did not take back; ways out are no answers."""
    return judgements_of(person).filter(undone_at=None, opt_out="")
