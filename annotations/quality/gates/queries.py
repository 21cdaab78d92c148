"""How much of each slice came from whom: an addition over a campaign, whatever the number of people."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext

from annotations.assignments import kinds
from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.queries import CONCENTRATION
from annotations.corpus.models import ModelVersion
from annotations.people.models import Person
from annotations.quality.gates.models import Hold
from annotations.quality.gates.rules import MOST_TEXTS, Mode, account_limit, day_limit, kept, mode_of
from annotations.reviewing.models import Reviewed
from annotations.writing.models import PromptProposal

_ACCEPTED: Final = (Reviewed.Outcome.ACCEPTED, Reviewed.Outcome.EDITED)
_MODEL: Final = "item__places__output__model"
_AT: Final = {"variety": "cell__variety", "model": _MODEL}
"""What slices a campaign is cut into, and where a judgement says in which it is."""


class Slice(NamedTuple):
    """What was judged of a kind in a variety or about a model, by `where` it is cut; of texts, the whole campaign."""

    work: str = ""
    where: str = ""
    key: Any = None

    @property
    def facts(self) -> dict[str, Any]:
        """As a hold says it."""
        return {"work": self.work, "variety_id": None, "model_id": None} | (
            {f"{self.where}_id": self.key} if self.where else {}
        )


class Part(NamedTuple):
    """What one person gave to a slice: when they joined, how much they gave, and how much of it nobody looked at."""

    person: int
    day: dt.date
    given: int
    fresh: int


@dataclass(frozen=True)
class Excess:
    """That too much of a slice came from one account or day: its share and limit, and how many of how many leave."""

    why: Hold.Why
    person: int | None
    day: dt.date | None
    share: float
    limit: float
    leave: int


@dataclass(frozen=True)
class Counted:
    """A slice with what everybody gave to it.

    Attributes:
        nobodys: judgements of people who are gone; of those nothing can be too much.
        days: the day the campaign began, and how many accounts of the house joined on each day.
    """

    slice: Slice
    mode: Mode
    parts: list[Part]
    nobodys: int
    days: tuple[dt.date, Mapping[dt.date, int]] = field(repr=False)

    @property
    def contributors(self) -> int:
        return len(self.parts)

    @cached_property
    def given(self) -> int:
        return self.nobodys + sum(part.given for part in self.parts)

    @cached_property
    def fresh(self) -> Counter[int]:
        """What each person gave that nobody has looked at."""
        return Counter({part.person: part.fresh for part in self.parts})

    @cached_property
    def accounts(self) -> list[Excess]:
        """Accounts of which there is too much, the greatest first."""
        if not self.slice.work:
            return self._texts()
        return self._excess(Hold.Why.ACCOUNT, self.fresh, self._stays, self.account_limits)

    @cached_property
    def cohorts(self) -> list[Excess]:
        """Days of which there is too much in what accounts leave: what is one person's doing is not laid at the door of
        all who joined with them. Texts are counted by their authors alone."""
        if not self.slice.work:
            return []
        given = self.by_day(self._stays)
        stays = kept(given, self.day_limits, self.given - self.fresh.total())
        return self._excess(Hold.Why.COHORT, given, stays, self.day_limits)

    @cached_property
    def account_limits(self) -> dict[int, Fraction]:
        return dict.fromkeys(self.fresh, account_limit(max(1, self.contributors)))

    @cached_property
    def day_limits(self) -> dict[dt.date, Fraction]:
        days, (began, house) = {part.day for part in self.parts}, self.days
        return {day: day_limit(day, len(days), began, house) for day in days}

    @cached_property
    def _stays(self) -> dict[int, int]:
        return kept(self.fresh, self.account_limits, self.given - self.fresh.total())

    def by_day(self, given: Mapping[int, int]) -> Counter[dt.date]:
        """What each person gave, added up by the day on which they joined."""
        found: Counter[dt.date] = Counter()
        for part in self.parts:
            found[part.day] += given[part.person]
        return found

    def greatest(self, names: Mapping[int, str]) -> "Greatest":
        """Beside the greatest day stands its own limit."""
        days = self.by_day(self.fresh)
        limit = self._share(MOST_TEXTS) if not self.slice.work else float(max(self.account_limits.values(), default=1))
        day = max(days, key=lambda day: days[day] - self.day_limits[day] * self.given, default=None)
        key = names.get(self.slice.key, self.slice.key) if self.slice.where == "model" else self.slice.key
        return Greatest(
            f"{self.slice.work} · {key}" if self.slice.work else gettext("texts"), self.contributors,
            self._share(max(self.fresh.values(), default=0)), limit, self._share(days[day]) if day else 0.0,
            float(self.day_limits[day]) if day else 1.0,
            sum(each.leave for each in (*self.accounts, *self.cohorts)), self.mode,
        )  # fmt: skip

    def _share(self, number: int) -> float:
        return number / self.given if self.given else 0.0

    def _texts(self) -> list[Excess]:
        return [
            Excess(Hold.Why.TEXTS, person, None, self._share(number), self._share(MOST_TEXTS), number - MOST_TEXTS)
            for person, number in self.fresh.most_common() if number > MOST_TEXTS
        ]  # fmt: skip

    def _excess(
        self, why: Hold.Why, given: Counter[Any], stays: Mapping[Any, int], limits: Mapping[Any, Fraction]
    ) -> list[Excess]:
        return [
            Excess(
                why, key if why == Hold.Why.ACCOUNT else None, key if why == Hold.Why.COHORT else None,
                self._share(number), float(limits[key]), number - stays[key],
            )
            for key, number in given.most_common() if number > stays[key]
        ]  # fmt: skip


def counted(campaign: Campaign, until: dt.datetime | None = None) -> Iterator[Counted]:
    """Every slice of a campaign that has something in it, by variety, by model, and its texts; of two where everybody
    gave the same, as where two models meet in every item, the first. As many questions to the database for a
    million judgements as for one: three additions, and one about days."""
    days, seen = (_began(campaign), joined_on()), set()
    cuts = (_rows(_of(campaign, until), "kind", path) for path in _AT.values())
    for where, rows in zip(_AT, cuts, strict=True):
        for (work, key), several in groupby(rows, lambda row: row[:2]):
            each = _counted(campaign, Slice(work, where, key), [row[2:] for row in several], days)
            if key is not None and (same := (work, tuple(each.parts))) not in seen:
                seen.add(same)
                yield each
    if texts := list(_rows(texts_of(campaign, until))):
        yield _counted(campaign, Slice(), texts, days)


class Greatest(NamedTuple):
    """The greatest parts of a slice, of whomever: what its gate would keep aside, and what it does as it is set."""

    name: str
    people: int
    account: float
    account_limit: float
    day: float
    day_limit: float
    leave: int
    mode: Mode


def parts_of(campaign: Campaign) -> list[Greatest]:
    """Each slice of a campaign, those in which most would be kept aside first. Names nobody."""
    names = dict(ModelVersion.objects.values_list("pk", "name"))
    found = [each.greatest(names) for each in counted(campaign)]
    return sorted(found, key=lambda each: (-each.leave, -each.people, each.name))


def counted_at(campaign: Campaign, at: Slice, until: dt.datetime | None = None) -> Counted:
    """One of them, as it is now."""
    rows = list(_rows(judgements_at(campaign, at, until)))
    return _counted(campaign, at, rows, (_began(campaign), joined_on()))


def judgements_at(campaign: Campaign, at: Slice, until: dt.datetime | None = None) -> QuerySet[Judgement]:
    """What counts in a slice."""
    if not at.work:
        return texts_of(campaign, until)
    return _of(campaign, until).filter(**{"kind": at.work, _AT[at.where]: at.key})


def newest(rows: QuerySet[Judgement], excess: Excess) -> list[int]:
    """Of what counts in a slice, what leaves: the newest of that account or day that nobody looked at yet. What came
    first was given when there was less of it; and of several ways to choose it is the one that can be told."""
    fresh = rows.filter(held=None)
    fresh = fresh.annotate(day=_DAY).filter(day=excess.day) if excess.day else fresh.filter(person=excess.person)
    return list(fresh.order_by("-pk").values_list("pk", flat=True).distinct()[: excess.leave])


def texts_of(campaign: Campaign, until: dt.datetime | None = None) -> QuerySet[Judgement]:
    """Texts of a campaign that readers accepted, and that count."""
    return _of(campaign, until).filter(kind__in=kinds.reviewed())


def _of(campaign: Campaign, until: dt.datetime | None) -> QuerySet[Judgement]:
    """What counts in a campaign; of texts those that were accepted: others stand in no release yet. Where anchors check
    it, not what they said as such: they are few, are asked for much, and somebody looked at them when naming them."""
    rows = Judgement.objects.filter(campaign=campaign, counted=True).order_by()
    rows = rows.filter(trusted=False)
    rows = rows.filter(~Q(kind__in=kinds.reviewed()) | Q(reviewed__outcome__in=_ACCEPTED))
    return rows.filter(received_at__lte=until) if until else rows


_DAY: Final = TruncDate("person__date_joined", tzinfo=dt.UTC)


def _rows(rows: QuerySet[Judgement], *by: str) -> Iterable[tuple[Any, ...]]:
    """(*by, person, day, how much, of it looked at), in this order. An item can show two outputs of one model."""
    twice = _MODEL in by
    numbers = {"number": Count("pk", distinct=twice), "looked": Count("held", distinct=twice)}
    added = rows.annotate(day=_DAY).values(*by, "person", "day").annotate(**numbers).order_by(*by, "person")
    counted: Iterable[tuple[Any, ...]] = added.values_list(*by, "person", "day", "number", "looked").iterator()
    return counted


def _counted(
    campaign: Campaign, at: Slice, rows: Collection[tuple[Any, ...]], days: tuple[dt.date, Mapping[dt.date, int]]
) -> Counted:
    parts = [Part(person, day, number, number - looked) for person, day, number, looked in rows if person is not None]
    nobodys = sum(row[2] for row in rows if row[0] is None)
    mode = mode_of(campaign.gate, len(parts), production=settings.PRODUCTION)
    return Counted(at, mode, parts, nobodys, days)


def _began(campaign: Campaign) -> dt.date:
    return (campaign.starts_at or campaign.created_at).astimezone(dt.UTC).date()


def joined_on() -> dict[dt.date, int]:
    """How many accounts joined on each day (UTC's)."""
    days = Person.objects.annotate(day=TruncDate("date_joined", tzinfo=dt.UTC)).order_by().values_list("day")
    return dict(days.annotate(number=Count("pk")))


def gated_campaigns() -> QuerySet[Campaign]:
    """Campaigns in which something counts and something is looked at."""
    gated = Campaign.objects.exclude(gate=Campaign.Gate.OFF)
    gated = gated if settings.PRODUCTION else gated.exclude(gate="")
    return gated.filter(Exists(Judgement.objects.filter(campaign=OuterRef("pk"), counted=True))).order_by("pk")


def open_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(released_at=None)


def asked_for_by_held(proposals: QuerySet[PromptProposal]) -> QuerySet[Cell]:
    """Cells of items that ask what these proposals brought."""
    return Cell.objects.filter(item__prompt__in=proposals.filter(is_new=True).values("prompt"))


def held_proposals() -> QuerySet[PromptProposal]:
    return PromptProposal.objects.filter(judgement__not_counted=CONCENTRATION)
