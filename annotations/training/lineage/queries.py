"""What came of what. However much there is, the number of questions to the database is the same."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.http import Http404

from annotations.assignments.models import ItemOutput, Judgement
from annotations.corpus.models import ModelVersion, Output
from annotations.datasets.models import Release
from annotations.quality.models import Verdict
from annotations.training.lineage.finding import item_of_row
from annotations.training.models import TrainingRun
from annotations.training.queries import runs_told

MOST: Final = 50
"""Runs that are told on each side; releases, the first that holds something and the newest."""


@dataclass(frozen=True)
class Judged:
    """A model, and what became of its outputs: how many there are and are held back, in how many items they stand, with
    how many judgements that count, and how often a verdict was for them, against them, or neither. `first_at` is when
    the first of these judgements was received."""

    id: int
    name: str
    licence: str
    run: uuid.UUID | None
    outputs: int
    held_back: int
    items: int
    judgements: int
    first_at: dt.datetime | None
    won: int
    lost: int
    level: int


@dataclass(frozen=True)
class Strand:
    """A run with the models that came of it."""

    run: TrainingRun
    models: list[Judged]


@dataclass(frozen=True)
class Lineage:
    """Of what is asked about: what it came of, what it is, and what it went into.

    Attributes:
        kind: `run`, `release`, `model`, `output` or `row`.
        name: as it was asked with.
        came_of: the runs before it; of a row or an output, those whose models answered there.
        run: the run itself, where it is one.
        models: its own, with what became of them.
        verdicts: of an output, a row or a judgement: what its item was settled to, and for which model.
        releases: that it was made from, of a run; that hold its judgements, of anything else.
        went_into: the runs after it.
    """

    kind: str
    name: str
    came_of: list[Strand] = field(default_factory=list)
    run: TrainingRun | None = None
    models: list[Judged] = field(default_factory=list)
    verdicts: list[tuple[str, str | None]] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    went_into: list[Strand] = field(default_factory=list)


_JUDGED: Final = """
    SELECT m.id, m.name, m.licence, t.run_id, o.outputs, o.held_back, j.items, j.judgements, j.first_at, v.won, v.lost,
           v.level
      FROM annotations_modelversion m
      LEFT JOIN annotations_trainedmodel t ON t.model_id = m.id
     CROSS JOIN LATERAL (SELECT count(*) AS outputs, count(*) FILTER (WHERE quarantine <> '') AS held_back
                           FROM annotations_output WHERE model_id = m.id) o
     CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT io.item_id) AS ids FROM annotations_output o
          JOIN annotations_itemoutput io ON io.output_id = o.id WHERE o.model_id = m.id) i
     CROSS JOIN LATERAL (
        SELECT coalesce(cardinality(i.ids), 0) AS items, count(*) AS judgements, min(received_at) AS first_at
          FROM annotations_judgement WHERE item_id = ANY(i.ids) AND counted) j
     CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE p.model_id = m.id) AS won, count(*) FILTER (WHERE r.model_id = m.id) AS lost,
               count(*) FILTER (WHERE v.outcome <> 'output') AS level
          FROM annotations_verdict v LEFT JOIN annotations_output p ON p.id = v.preferred_id
          LEFT JOIN annotations_output r ON r.id = v.rejected_id
         WHERE v.item_id = ANY(i.ids) AND v.superseded_at IS NULL) v
     WHERE m.id = ANY(%s) ORDER BY m.id"""


def judged(models: Iterable[int]) -> list[Judged]:
    """What became of these models' outputs, in one question."""
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [list(models)])
        return [Judged(*row) for row in cursor.fetchall()]


def of_run(key: uuid.UUID) -> Lineage:
    """Raises Http404 where there is no such run; so do the others."""
    run = runs_told().filter(pk=key).first()
    if run is None:
        raise Http404
    own = [each.model_id for each in run.trained.all()]
    models = judged(own)
    before = runs_told().filter(trained__model__name=run.base_model).exclude(pk=run.pk)
    after = _with_votes_of(models) | Q(base_model__in=[each.name for each in models])
    return Lineage(
        "run", str(run.pk), run=run, models=models, releases=list(run.releases.all()),
        came_of=_strands(before), went_into=_strands(runs_told().filter(after).exclude(pk=run.pk)),
    )  # fmt: skip


def of_release(version: str) -> Lineage:
    release = Release.objects.only("version", "state", "cutoff", "recalled_at").filter(version=version).first()
    if release is None:
        raise Http404
    judged_by_then = Judgement.objects.filter(
        item__places__output__model__trained__run=OuterRef("pk"), counted=True, received_at__lte=release.cutoff
    )
    came_of = _strands(runs_told().filter(Exists(judged_by_then)))
    into = _strands(runs_told().filter(releases=release))
    return Lineage("release", version, came_of=came_of, releases=[release], went_into=into)


def of_model(name: str) -> Lineage:
    """A base model of which nothing was ever answered here is known by the runs that began with it."""
    models = judged(ModelVersion.objects.filter(name=name).values_list("pk", flat=True))
    into = _strands(runs_told().filter(_with_votes_of(models) | Q(base_model=name)))
    if not models and not into:
        raise Http404
    first = models[0].first_at if models else None
    came_of = _strands(runs_told().filter(trained__model__name=name))
    return Lineage("model", name, came_of=came_of, models=models, releases=_holding(first), went_into=into)


def of_output(key: int) -> Lineage:
    output = Output.objects.filter(pk=key).only("model").first()
    if output is None:
        raise Http404
    items = list(ItemOutput.objects.filter(output=key).values_list("item", flat=True))
    return _of_items("output", str(key), items, [output.model_id])


def of_row(release: Release, row: str) -> Lineage:
    """Of a row of a release, by its `record_id` or `id`."""
    item = item_of_row(release, row)
    if item is None:
        raise Http404
    models = ItemOutput.objects.filter(item=item).values_list("output__model", flat=True)
    return _of_items("row", row, [item], list(models))


def _of_items(kind: str, name: str, items: Sequence[int], models: Iterable[int]) -> Lineage:
    settled = Verdict.objects.filter(item__in=items, superseded_at=None).order_by("pk")
    verdicts: list[tuple[str, str | None]] = list(settled.values_list("outcome", "preferred__model__name"))
    judgements = Judgement.objects.filter(item__in=items, counted=True)
    releases = _holding(judgements.aggregate(first=Min("received_at"))["first"])
    into = runs_told().filter(releases__in=releases) if releases else TrainingRun.objects.none()
    return Lineage(
        kind, name, came_of=_strands(runs_told().filter(trained__model__in=models)), models=judged(models),
        verdicts=verdicts, releases=releases, went_into=_strands(into),
    )  # fmt: skip


def _with_votes_of(models: Iterable[Judged]) -> Q:
    """Of runs: those that were handed a release with judgements of these models' outputs in it."""
    first = min((each.first_at for each in models if each.first_at), default=None)
    return Q(releases__cutoff__gte=first) if first else Q(pk__in=[])


def _holding(first: dt.datetime | None) -> list[Release]:
    """Releases with what was received up to this moment, the first and then the newest."""
    if first is None:
        return []
    rows = Release.objects.filter(cutoff__gte=first).only("version", "state", "cutoff", "recalled_at")
    every = list(rows.order_by("cutoff", "pk"))
    return every[:1] + every[1:][-MOST:]


def _strands(runs: QuerySet[TrainingRun]) -> list[Strand]:
    found = list(runs.distinct()[:MOST])
    of_each = {each.pk: [model.model_id for model in each.trained.all()] for each in found}
    known = {each.id: each for each in judged([pk for several in of_each.values() for pk in several])}
    return [Strand(run, [known[pk] for pk in of_each[run.pk] if pk in known]) for run in found]
