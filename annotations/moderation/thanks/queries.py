"""Those who agreed to be named, and what each of them gave."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, QuerySet

from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.queries import PRACTICE, PURGED
from annotations.people.credits.actions import PURPOSE
from annotations.people.models import Person, Variety
from annotations.people.remits.queries import within
from annotations.quality.actions import WITHDRAWN

COLUMNS: Final = ("name", "affiliation", "orcid", "answers", "varieties", "first", "last")

NO_WORK: Final = (PURGED, WITHDRAWN, PRACTICE, "unproven")
"""Why an answer does not count, where it is none to thank for, or not yet."""


@dataclass(frozen=True)
class Thanked:
    """By the name they gave, or their user name; `answers` that stand, in which varieties, from when until when."""

    name: str
    affiliation: str
    orcid: str
    answers: int
    varieties: list[str]
    first: str
    last: str

    @property
    def row(self) -> tuple[Any, ...]:
        told = [getattr(self, name) for name in COLUMNS]
        return tuple(" ".join(each) if isinstance(each, list) else each for each in told)


def thanked(*, by: Person, campaign: Campaign | None = None) -> Iterator[Thanked]:
    """In one's remit, of a campaign or of all; by name. Two questions. A variety that can show ethnic origin stands
    beside a name only under the purpose `special`."""
    given: QuerySet[Judgement] = Judgement.objects.filter(
        undone_at=None, opt_out="", person__is_active=True, **{f"person__consent__purposes__{PURPOSE}": True}
    )
    given = given.exclude(person__standing=Person.Standing.CLOSED).exclude(not_counted__in=NO_WORK)
    if campaign:
        given = given.filter(campaign=campaign)
    given = within(given, by, varieties=("cell__variety", "judge_variety"))
    rows: Any = given.order_by().values_list(
        "person__username",
        "person__credit__name",
        "person__credit__affiliation",
        "person__credit__orcid",
        "person__consent__purposes__special",
    )
    rows = rows.annotate(
        answers=Count("pk"), varieties=ArrayAgg("judge_variety", distinct=True, order_by="judge_variety"),
        first=Min("received_at__date"), last=Max("received_at__date"),
    ).order_by("person__username")  # fmt: skip
    shows = {each.tag for each in Variety.objects.all() if each.shows_origin}
    found = [
        Thanked(
            name or username, affiliation or "", orcid or "", answers,
            [tag for tag in varieties if special or tag not in shows], f"{first:%F}", f"{last:%F}",
        )
        for username, name, affiliation, orcid, special, answers, varieties, first, last in rows
    ]  # fmt: skip
    yield from sorted(found, key=lambda each: each.name.casefold())
