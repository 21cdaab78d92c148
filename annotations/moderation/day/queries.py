"""What came in during the last hours. A day is 24 hours up to now, whatever the clock says where somebody lives."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.tallies.models import Tally
from annotations.assignments.tallies.queries import Progress
from annotations.people.countries import COUNTRIES
from annotations.people.models import Person, Variety
from annotations.people.remits.queries import within
from annotations.quality.models import Verdict
from annotations.writing.choices import DOMAINS

SPANS: Final = {"day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}
MOST_NAMED: Final = 8
"""Parts that the text names, the largest."""


@dataclass(frozen=True)
class Part:
    """So many answers of so many people; `percent` of the largest beside it."""

    name: str
    answers: int
    people: int
    percent: int = 0


@dataclass(frozen=True)
class Figures:
    """What came in: in all, by variety, by the country and by the domain of what was asked; how many were settled, and
    how far it all is."""

    answers: int
    people: int
    settled: int
    varieties: list[Part]
    countries: list[Part]
    domains: list[Part]
    progress: Progress


def figures(*, by: Person, span: str, campaign: Campaign | None = None) -> Figures:
    """In one's remit; of one campaign or of all. The same few questions however much came in."""
    since = timezone.now() - SPANS[span]
    given: QuerySet[Judgement] = Judgement.objects.filter(received_at__gt=since, undone_at=None, opt_out="")
    verdicts = Verdict.objects.filter(settled_at__gt=since, superseded_at=None)
    tallies: QuerySet[Tally] = Tally.objects.all()
    if campaign:
        given, verdicts = given.filter(campaign=campaign), verdicts.filter(cell__campaign=campaign)
        tallies = tallies.filter(campaign=campaign)
    given = within(given, by, varieties=("cell__variety",))
    every = given.aggregate(answers=Count("pk"), people=Count("person", distinct=True))
    sums = within(tallies, by, varieties=("variety",)).aggregate(done=Sum("done"), needed=Sum("needed"))
    return Figures(
        every["answers"], every["people"], within(verdicts, by, varieties=("cell__variety",)).count(),
        _varieties(given), _named(given, "item__prompt__country", COUNTRIES),
        _named(given, "item__prompt__domain", DOMAINS),
        Progress(sums["done"] or 0, sums["needed"] or 0),
    )  # fmt: skip


def _parts(given: QuerySet[Judgement], path: str) -> list[tuple[str, int, int]]:
    rows: Any = given.order_by().values_list(path)
    rows = rows.annotate(answers=Count("pk"), people=Count("person", distinct=True))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _varieties(given: QuerySet[Judgement]) -> list[Part]:
    rows = _parts(given, "cell__variety")
    names = Variety.objects.in_bulk([tag for tag, *_numbers in rows])
    return _beside(Part(names[tag].own_name, answers, people) for tag, answers, people in rows)


def _named(given: QuerySet[Judgement], path: str, names: Mapping[str, Any]) -> list[Part]:
    rows = _parts(given, path)
    return _beside(Part(str(names.get(code, code)) or _("not said"), answers, people) for code, answers, people in rows)


def _beside(parts: Iterable[Part]) -> list[Part]:
    several = list(parts)
    most = max((each.answers for each in several), default=1)
    return [Part(each.name, each.answers, each.people, 100 * each.answers // most) for each in several]


def to_be_shared(found: Figures, *, span: str, url: str, campaign: Campaign | None = None) -> str:
    """The same in a few lines for a chat group, where anybody may read it. Of fewer people than may be told apart
    (`MINKA_SMALL_CELL`) it tells nothing, neither in a line nor in what a sum leaves."""
    lines = [f"{campaign.name if campaign else settings.MINKA_SITE_NAME}."]
    if found.people >= settings.MINKA_SMALL_CELL:
        facts = {"answers": f"{found.answers:,}", "people": found.people, "settled": f"{found.settled:,}"}
        said = _("In 24 hours") if span == "day" else _("In a week")
        told = _("%(answers)s answers of %(people)d people; %(settled)s items settled.") % facts
        lines = [f"{lines[0]} {said}: {told}", *(f"· {name}: {answers:,}" for name, answers in _apart(found.varieties))]
    if found.progress.needed:
        far = {"done": f"{found.progress.done:,}", "needed": f"{found.progress.needed:,}",
               "percent": found.progress.percent}  # fmt: skip
        lines.append(_("So far %(done)s of %(needed)s (%(percent)d %%).") % far)
    return "\n".join([*lines, _("Go on here: %s") % url])


def _apart(parts: list[Part]) -> list[tuple[str, int]]:
    """The rest is one line. Where it would be of too few people, or of one variety alone, the smallest that is named
    goes with it."""
    few = settings.MINKA_SMALL_CELL
    named = [each for each in parts if each.people >= few][:MOST_NAMED]
    others = [each for each in parts if each not in named]
    while others and named and (sum(each.people for each in others) < few or len(others) == 1):
        others.append(named.pop())
    told = [(each.name, each.answers) for each in named]
    return [*told, (_("others"), sum(each.answers for each in others))] if told and others else told
