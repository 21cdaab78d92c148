"""Questions about what became of somebody's work. As many for one answer as for a page of them."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet

from annotations.assignments.gold.queries import is_told
from annotations.assignments.queries import GOLD
from annotations.community.queries import answers_of
from annotations.datasets.fates import Fate, fates
from annotations.datasets.models import Release
from annotations.datasets.names import terms_of
from annotations.datasets.queries import published
from annotations.datasets.rows import CONFIGS
from annotations.people.models import Person
from annotations.quality.models import Verdict
from annotations.training.models import RECIPES, TrainedModel, TrainingRun

PAGE: Final = 25
"""Answers on one page."""
MOST: Final = 200
"""Models that are looked through, the newest."""
TRAINING: Final[tuple[str, ...]] = ("preference", "sft", "translation", "bias", "scores", "kto")
"""Configs in the order in which they are told; what stands in none of these stands in `judgements` alone."""


@dataclass(frozen=True)
class Learnt:
    """A model that came of a run, the config its recipe read, and the cutoff of the newest release it was handed."""

    name: str
    run: uuid.UUID
    config: str
    cutoff: dt.datetime


@dataclass(frozen=True)
class Became:
    """An answer, and what became of it.

    Attributes:
        judgement: with its item's prompt; `hidden` where its text is shown no more.
        outcome: what its item was settled to (`Verdict.Outcome`), or empty.
        released: whether the newest release could hold it.
        stands: the configs that rest on it, `judgements` apart.
        why: why it is in nothing that trains, a code of `rows.REASONS`, or empty.
        alone: whether it stands by itself in `judgements`.
        others: (config, why not) of the further configs that could have held it.
        models: the names and runs of those that learnt from it.
    """

    judgement: Any
    outcome: str = ""
    released: bool = False
    stands: list[str] = field(default_factory=list)
    why: str = ""
    alone: bool = False
    others: list[tuple[str, str]] = field(default_factory=list)
    models: list[Learnt] = field(default_factory=list)


@dataclass(frozen=True)
class Summary:
    """How far somebody's work came: answers that stand, those that helped to settle what the newest release could hold,
    that release, and the models whose runs were handed one that could hold some of it."""

    received: int
    settled: int
    release: Release | None
    models: list[Learnt]


@dataclass(frozen=True)
class Known:
    """What is asked once for a whole page: the newest release, and the models that learnt, newest first."""

    release: Release | None
    models: list[Learnt]


def known() -> Known:
    return Known(published().only("version", "cutoff", "state", "published_at").first(), _learnt())


def summary(person: Person, known: Known) -> Summary:
    """Settled is what counts in a current verdict; it is told once a release could hold it."""
    given = answers_of(person).order_by()
    if known.release is None:
        return Summary(given.count(), 0, None, [])
    settled = given.filter(counted=True, cell__verdicts__in=_verdicts_before(known.release.cutoff))
    found = settled.aggregate(many=Count("pk"), first=Min("received_at"))
    models = [each for each in known.models if found["first"] and found["first"] <= each.cutoff]
    return Summary(given.count(), found["many"], known.release, models)


def became(page: Sequence[Any], known: Known) -> list[Became]:
    """What became of a page of somebody's answers."""
    release = known.release
    if release is None:
        return [Became(each) for each in page]
    could = [each for each in page if each.received_at <= release.cutoff]
    found = fates([each.pk for each in could], terms_of(release.version, release.cutoff))
    verdicts = _verdicts_before(release.cutoff).filter(cell__in=[each.cell_id for each in could])
    settled = {verdict.cell_id: verdict for verdict in verdicts}
    return [_told(each, found.get(each.pk), settled.get(each.cell_id), known.models) for each in page]


def _told(judgement: Any, fate: Fate | None, verdict: Verdict | None, models: Collection[Learnt]) -> Became:
    if fate is None:
        return Became(judgement)
    if judgement.not_counted == GOLD and not is_told(judgement):
        fate = _as_unsettled(judgement)
    stands = [name for name in TRAINING if name in fate.stands]
    reasons = [(name, fate.left_out[name]) for name in (*TRAINING, "judgements") if name in fate.left_out]
    why = reasons[0][1] if reasons and not stands else ""
    since = max(judgement.received_at, verdict.evidence_until) if verdict else judgement.received_at
    taught = [each for each in models if "train" in fate.stands.get(each.config, ()) and each.cutoff >= since]
    outcome = verdict.outcome if verdict and judgement.counted else ""
    others = [each for each in reasons if each[1] != why]
    told = Became(judgement, outcome, stands=stands, why=why, others=others, models=taught)
    return replace(told, released=True, alone="judgements" in fate.stands)


def _as_unsettled(judgement: Any) -> Fate:
    """Which answers are gold is not told before its person may read it: until then they look like any that waits."""
    waits = {name: "unsettled" for name in TRAINING if judgement.kind in CONFIGS[name].kinds}
    return Fate({"judgements": {"train"}}, waits)


def _verdicts_before(cutoff: dt.datetime) -> QuerySet[Verdict]:
    return Verdict.objects.filter(superseded_at=None, evidence_until__lte=cutoff)


def _learnt() -> list[Learnt]:
    """Models that came of runs, the newest first."""
    rows = TrainedModel.objects.exclude(run__state=TrainingRun.State.CANCELLED).filter(~Q(run__releases=None))
    newest_first = rows.order_by("-registered_at", "pk").values_list(
        "model__name", "run", "run__recipe", "run__releases__cutoff"
    )
    found: dict[str, Learnt] = {}
    for name, run, recipe, cutoff in newest_first[:MOST]:
        if name not in found or found[name].cutoff < cutoff:
            found[name] = Learnt(name, run, RECIPES[recipe], cutoff)
    return list(found.values())


def page_of(person: Person, known: Known, before: int | None = None) -> tuple[list[Became], int | None]:
    """A page of what became of somebody's answers, from the newest on, or of those before one of them; and where the
    next begins, if there is one."""
    rows = answers_of(person).order_by("-pk")
    rows = rows.filter(pk__lt=before) if before else rows
    several = list(rows[: PAGE + 1])
    return became(several[:PAGE], known), several[PAGE - 1].pk if len(several) > PAGE else None
