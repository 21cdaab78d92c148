"""Questions about the quiz, and about what stands between somebody and a campaign that asks confirmed people."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.assignments import kinds
from annotations.assignments.models import Campaign, Cell, ItemOutput, Judgement, Known
from annotations.assignments.queries import (
    PRACTICE,
    agrees_with,
    first_of_each,
    judge_varieties,
    lessons,
    open_to,
)
from annotations.assignments.tallies.models import Tally
from annotations.people.competence.models import Confirmed, Vouch, VouchCode
from annotations.people.competence.queries import Counted, counted, reached
from annotations.people.models import Person, Variety
from annotations.people.queries import spoken_by

FEWEST: Final = 5
"""Practice items with an expected answer that make a quiz."""
SHARE: Final = (4, 5)
"""Of so many, so many are to agree."""


@dataclass
class Quiz:
    """A campaign's practice items in one variety, and how far somebody is with them. The first answer to an item is the
    one that is read: what was expected is told after it.

    Attributes:
        left: how many of them have no answer yet.
        asked: how many have an expected answer.
        agreed: to how many of those the person's agrees.
        others: those they see another way.
    """

    campaign: Campaign
    variety: str
    left: int = 0
    asked: int = 0
    agreed: int = 0
    others: list[str] = field(default_factory=list)

    @property
    def is_one(self) -> bool:
        """With fewer, chance would pass it."""
        return self.asked >= FEWEST

    @property
    def is_passed(self) -> bool:
        wanted, of = SHARE
        return self.is_one and not self.left and self.agreed * of >= self.asked * wanted


def quizzes(person: Person, campaigns: Collection[Campaign], varieties: Collection[str]) -> list[Quiz]:
    """How far somebody is with the quiz of each campaign in each of these varieties; campaigns without are left out.
    Two questions however many."""
    asking = [each for each in campaigns if each.asks_confirmed and each.practice]
    if not asking or not varieties:
        return []
    elsewhere = Judgement.objects.filter(person=person, item=OuterRef("item")).exclude(cell=OuterRef("pk"))
    in_order = ItemOutput.objects.filter(item=OuterRef("item")).order_by("position").values("output")
    cells: QuerySet[Any] = lessons(person, varieties).filter(campaign__in=asking)
    cells = cells.select_related("item__prompt", "item__known")
    cells = cells.annotate(in_order=ArraySubquery(in_order), elsewhere=Exists(elsewhere))
    found: dict[tuple[int, str], Quiz] = {}
    by_id = {each.pk: each for each in asking}
    asked = [cell for cell in first_of_each(cells) if not cell.elsewhere]  # who speaks two answers an item in one
    first = _first_answers(person, asked)
    for cell in asked:
        quiz = found.setdefault((cell.campaign_id, cell.variety_id), Quiz(by_id[cell.campaign_id], cell.variety_id))
        _read(quiz, cell, first.get(cell.pk))
    return sorted(found.values(), key=lambda quiz: (quiz.campaign.pk, quiz.variety))


def _first_answers(person: Person, cells: Iterable[Cell]) -> dict[int, Judgement]:
    """By cell; what was taken back too."""
    rows = (kinds.get(name).row for name in kinds.names())
    given = Judgement.objects.filter(person=person, cell__in=[cell.pk for cell in cells]).order_by("-id")
    return {judgement.cell_id: judgement for judgement in given.select_related(*rows)}


def _read(quiz: Quiz, cell: Any, judgement: Judgement | None) -> None:
    expected: Mapping[str, Any] = cell.item.known.expected
    quiz.left += judgement is None
    quiz.asked += bool(expected)
    if judgement is None or not expected:
        return
    if agrees_with(expected, judgement, cell.in_order):
        quiz.agreed += 1
    else:
        quiz.others.append(str(cell.item.prompt))


def quiz_of(person: Person, campaign: Campaign, variety: str) -> Quiz | None:
    return next(iter(quizzes(person, [campaign], [variety])), None)


def lacks_competence(campaign: Campaign, may_judge: Collection[str], confirmed: Collection[str]) -> bool:
    """Whether a campaign asks for something in what a person may judge, and for nothing in what is confirmed."""
    cells = Cell.objects.filter(campaign=campaign, held_back="")
    return cells.filter(variety__in=may_judge).exists() and not cells.filter(variety__in=confirmed).exists()


# The person's own page ----------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """A variety as it stands for one person.

    Attributes:
        campaigns: open ones that ask confirmed people in it.
        by: the confirmation that opens it; of a variety within it, perhaps.
        ended: the last one that a person took back, while nobody named them anew.
        vouches: how many confirmed speakers gave their word so far.
        code: the code that is out, if one is.
    """

    variety: Variety
    campaigns: list[Campaign]
    by: Confirmed | None
    ended: Confirmed | None
    vouches: int
    code: VouchCode | None
    quizzes: list[Quiz]


def standings(person: Person) -> list[Standing]:
    """What one speaks, and what open campaigns ask confirmed people in that one may judge: first what they ask and is
    not confirmed. The same few questions however many."""
    spoken = [row.variety for row in spoken_by(person)]
    asking = list(open_to(person).filter(asks_confirmed=True))
    asked = _asked_in(asking, judge_varieties(person)) if asking else {}
    own = list(dict.fromkeys([*(variety.pk for variety in spoken), *asked]))
    rows = Variety.objects.in_bulk(own)
    opened, ended = _confirmations(person, spoken)
    vouches = dict(
        Vouch.objects.filter(person=person).order_by().values_list("variety").annotate(number=Count("pk"))
    )  # fmt: skip
    codes = {code.variety_id: code for code in VouchCode.objects.filter(person=person)}
    tests: dict[str, list[Quiz]] = {}
    for quiz in quizzes(person, asking, own):
        tests.setdefault(quiz.variety, []).append(quiz)
    found = [
        Standing(rows[tag], asked.get(tag, []), opened.get(tag), ended.get(tag), vouches.get(tag, 0), codes.get(tag),
                 [quiz for quiz in tests.get(tag, []) if quiz.is_one])
        for tag in own
    ]  # fmt: skip
    return sorted(found, key=lambda each: (not each.campaigns, each.by is not None))


def _asked_in(campaigns: Collection[Campaign], varieties: Collection[str]) -> dict[str, list[Campaign]]:
    """By variety, the campaigns that ask for something in it."""
    by_id = {each.pk: each for each in campaigns}
    found: dict[str, list[Campaign]] = {}
    tallies = Tally.objects.filter(campaign__in=campaigns, variety__in=varieties).order_by("campaign", "variety")
    for campaign, tag in tallies.values_list("campaign", "variety").distinct():
        found.setdefault(tag, []).append(by_id[campaign])
    return found


def _confirmations(person: Person, spoken: Collection[Variety]) -> tuple[dict[str, Confirmed], dict[str, Confirmed]]:
    """By variety: the confirmation that opens it, and the last that was taken back."""
    rows = list(Confirmed.objects.filter(person=person).select_related("variety").order_by("id"))
    in_force = {row.variety_id: row for row in rows if row.until is None}
    ended = {row.variety_id: row for row in rows if row.until and row.variety_id not in in_force}
    opened: dict[str, Confirmed] = {}
    for variety in spoken:
        for tag in reached(variety.lineage, in_force):
            nearest = next(each for each in variety.lineage if each in in_force)
            opened.setdefault(tag, in_force.get(tag) or in_force[nearest])
    return opened, ended


# The effect, for whoever leads --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """What asking only confirmed people comes to in one variety: whom it leaves, and how long its quiz is."""

    variety: str
    people: Counted
    quiz: int


def effect(campaign: Campaign) -> list[Effect]:
    """By variety of the campaign, the ones with the fewest confirmed people first. Three questions."""
    tags = Cell.objects.filter(campaign=campaign).order_by().values_list("variety", flat=True).distinct()
    people = counted(list(tags))
    practice = Cell.objects.filter(campaign=campaign, held_back=PRACTICE)
    first = first_of_each(practice).values("pk")
    asked = practice.filter(Exists(Known.objects.filter(~Q(expected={}), item=OuterRef("item"))), pk__in=first)
    quiz = dict(asked.order_by().values_list("variety").annotate(number=Count("pk")))
    found = (Effect(tag, number, quiz.get(tag, 0)) for tag, number in people.items())
    return sorted(found, key=lambda each: (each.people.confirmed, each.variety))
