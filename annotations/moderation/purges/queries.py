"""Which purges wait, what one would take out, and what it would do."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from annotations.assignments.models import Cell, Judgement
from annotations.assignments.queries import PURGED
from annotations.compiled import listed
from annotations.corpus.models import Prompt
from annotations.datasets.configs.base import UNCOUNTED
from annotations.datasets.models import Release
from annotations.moderation.purges.models import Purge, Purged
from annotations.moderation.purges.rules import PROPOSED
from annotations.people.models import Person
from annotations.quality.actions import WITHDRAWN
from annotations.quality.models import Verdict
from annotations.reviewing.models import Reviewed
from annotations.training.models import TrainingRun
from annotations.training.queries import runs_told
from annotations.writing.models import PromptProposal

# What waits ---------------------------------------------------------------------------------------------------------


def waiting() -> QuerySet[Purge]:
    """Asked for, and nobody agreed yet; the oldest first."""
    return Purge.objects.filter(approved_at=None, dropped_at=None).order_by("asked_at", "pk")


def to_be_done() -> QuerySet[Purge]:
    """Agreed to and not done, or to be put back and not all of it there again; the oldest first."""
    taking = Q(approved_at__isnull=False, done_at=None)
    returning = Q(undoing_at__isnull=False, undone_at=None)
    return Purge.objects.filter(taking | returning).order_by("pk")


def meant_by_nobody(now: dt.datetime | None = None) -> QuerySet[Purge]:
    return waiting().filter(asked_at__lte=(now or timezone.now()) - PROPOSED)


def told(person: Person) -> QuerySet[Purge]:
    """What was taken out of somebody's work, the newest first, as they are told it, with what they said against it."""
    rows = Purge.objects.filter(person=person, approved_at__isnull=False).select_related("appeal")
    return rows.order_by("-approved_at", "-pk")


# What is taken out --------------------------------------------------------------------------------------------------


def given_by(*people: int) -> QuerySet[Judgement]:
    """Answers of these accounts that stand: those that count and those that do not. Ways out settle nothing and stay;
    what is out already, or under a consent that was taken back, is nobody's to take."""
    given = Judgement.objects.filter(person__in=people, opt_out="", undone_at=None)
    return given.exclude(not_counted__in=[PURGED, WITHDRAWN])


def cells_beside(judgements: Collection[int]) -> list[int]:
    """Cells that these answers touch beside their own: where what they wrote is read, where texts stand that they read,
    and where what they asked for is asked."""
    read_here = Cell.objects.filter(item__in=Reviewed.objects.filter(judgement__in=judgements).values("item"))
    texts = Reviewed.objects.filter(item__judgements__in=judgements).values("judgement__cell")
    return [
        *read_here.values_list("pk", flat=True), *texts.values_list("judgement__cell", flat=True),
        *asked_for_by(judgements).values_list("pk", flat=True),
    ]  # fmt: skip


def asked_for_by(judgements: Collection[int]) -> QuerySet[Cell]:
    """Cells of questions that only these proposals brought."""
    others = PromptProposal.objects.filter(prompt=OuterRef("pk"), judgement__counted=True)
    brought = PromptProposal.objects.filter(judgement__in=judgements, is_new=True).values("prompt")
    prompts = Prompt.objects.filter(pk__in=brought).exclude(Exists(others.exclude(judgement__in=judgements)))
    return Cell.objects.filter(item__prompt__in=prompts)


def closed_for(judgements: Collection[int]) -> QuerySet[Cell]:
    """Of those, the cells that nobody needs while the answers are out: what is read and not settled, what is asked."""
    read = Reviewed.objects.filter(judgement__in=judgements, outcome="").values("item")
    asked = asked_for_by(judgements).values("pk")
    return Cell.objects.filter(Q(item__in=read) | Q(pk__in=asked))


# What it does -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """What a purge of these accounts would do, before it is asked for.

    Attributes:
        judgements: how many answers are taken out.
        counted: how many of them count.
        cells: how many cells (an item, as judged in a variety) have a place again.
        verdicts: how many verdicts hold no more.
        changed: how many of these would say something else, or nothing by majority, with the votes that are left.
        bare: how many would have no vote left.
        campaigns: by name, how many answers are taken out and how many of them count.
        releases: that hold some of it, with how many answers.
        runs: that were handed one of them.
    """

    people: tuple[int, ...]
    judgements: int
    counted: int
    cells: int
    verdicts: int
    changed: int
    bare: int
    campaigns: list[tuple[str, int, int]]
    releases: list[tuple[Release, int]]
    runs: list[TrainingRun]


def effect_of(people: Iterable[Person]) -> Effect:
    """The same few questions however much they gave."""
    keys = tuple(sorted(person.pk for person in people))
    given = given_by(*keys).order_by()
    counts = given.aggregate(every=Count("pk"), counted=Count("pk", filter=Q(counted=True)))
    full = given.filter(counted=True).exclude(cell__settled_at=None, cell__done__lt=F("cell__needed"))
    verdicts, changed, bare = _verdicts(keys)
    campaigns = given.values_list("campaign__name").annotate(n=Count("pk"), c=Count("pk", filter=Q(counted=True)))
    releases = _releases(given.filter(Q(counted=True) | ~Q(not_counted__in=UNCOUNTED)))
    runs = runs_told().filter(releases__in=[release for release, _number in releases]).distinct()
    return Effect(
        keys, counts["every"], counts["counted"], full.values("cell").distinct().count(), verdicts, changed, bare,
        sorted(campaigns), releases, list(runs),
    )  # fmt: skip


# The rule of a campaign is strict majority: what has more than half of the votes that are left, or nothing.
_VERDICTS: Final = """
    WITH theirs AS MATERIALIZED (
        SELECT DISTINCT v.id, v.cell_id, v.outcome, v.preferred_id FROM annotations_judgement j
          JOIN annotations_verdict v ON v.cell_id = j.cell_id AND v.superseded_at IS NULL
         WHERE j.person_id = ANY(%(people)s::bigint[]) AND j.counted
    ), stays AS (
        SELECT t.id, w.outcome, w.preferred_id, count(*) AS votes
          FROM theirs t JOIN annotations_judgement j ON j.cell_id = t.cell_id AND j.counted
          JOIN annotations_vote w ON w.judgement_id = j.id
         WHERE NOT coalesce(j.person_id = ANY(%(people)s::bigint[]), false)
         GROUP BY t.id, w.outcome, w.preferred_id
    ), leads AS (
        SELECT id, 2 * max(votes) > sum(votes) AS settles, (array_agg(outcome ORDER BY votes DESC))[1] AS outcome,
               (array_agg(preferred_id ORDER BY votes DESC))[1] AS preferred_id FROM stays GROUP BY id
    )
    SELECT count(*), count(*) FILTER (WHERE l.id IS NOT NULL AND (t.outcome, t.preferred_id) IS DISTINCT FROM
                  (CASE WHEN settles THEN l.outcome ELSE 'no_majority' END, CASE WHEN settles THEN l.preferred_id END)),
           count(*) FILTER (WHERE l.id IS NULL)
      FROM theirs t LEFT JOIN leads l ON l.id = t.id"""


def _verdicts(people: Collection[int]) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_VERDICTS, {"people": listed(people)})
        every, changed, bare = cursor.fetchone()
    return int(every), int(changed), int(bare)


def _releases(given: QuerySet[Judgement]) -> list[tuple[Release, int]]:
    """Releases whose cutoff is not before some of these answers, the newest first, with how many that is."""
    first = given.aggregate(first=Min("received_at"))["first"]
    if first is None:
        return []
    rows = list(Release.objects.filter(cutoff__gte=first).defer("manifest", "withdrawn").order_by("cutoff", "pk"))
    if not rows:
        return []
    between, held, found = _between([release.cutoff for release in rows], given), 0, []
    for place, release in enumerate(rows):
        held += between.get(place, 0)
        found.append((release, held))
    return found[::-1]


def _between(cutoffs: list[dt.datetime], given: QuerySet[Judgement]) -> dict[int, int]:
    """How many were received up to each cutoff and after the one before: read once, however many releases there are."""
    before = Func(
        F("received_at"), Cast(Value(cutoffs), ArrayField(DateTimeField())), output_field=IntegerField(),
        template="width_bucket(%(expressions)s)", arg_joiner=" - interval '1 microsecond', ",
    )  # fmt: skip
    return dict(given.annotate(before=before).values_list("before").annotate(number=Count("pk")).order_by())


def held_by_releases(purge: Purge) -> list[tuple[Release, int]]:
    """The same of what a purge has taken out."""
    stood = Purged.objects.filter(Q(counted=True) | ~Q(not_counted__in=UNCOUNTED), purge=purge)
    return _releases(Judgement.objects.filter(pk__in=stood.values("judgement")).order_by())


def verdicts_again(purge: Purge) -> tuple[int, int]:
    """Of the cells of what counted before this purge: how many have a verdict now, and how many wait for one."""
    cells = Cell.objects.filter(judgements__purged__in=purge.purged.filter(counted=True))
    settled = cells.filter(Exists(Verdict.objects.filter(cell=OuterRef("pk"), superseded_at=None))).distinct().count()
    return settled, cells.distinct().count() - settled
