"""Questions about runs: what is told of them, what they were handed, and what of it may still be used."""

from typing import Any, Final

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from annotations.datasets.ending import refuse_ended, successor
from annotations.datasets.keeping.registry import Keep
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.training.models import HandedRelease, RunPrompt, TrainedModel, TrainingRun
from annotations.training.prompts import still_may_leave

MAY_TRAIN: Final = "annotations.add_trainingrun"
LISTED: Final = 200
PAGE: Final = 200
"""Runs in a list, and prompts in one answer."""
RUN: Final = Keep(
    "run",
    _("a training learns from it, or did"),
    lambda: HandedRelease.objects.exclude(run__state=TrainingRun.State.CANCELLED).values("release"),
)
"""A nightly that was handed to a run stays when its period is over: what a model was made of can be looked at."""


def runs_told() -> QuerySet[TrainingRun]:
    """Runs, the newest first, with the releases they were handed and the models that came of them."""
    releases = Release.objects.only("version", "state", "cutoff", "recalled_at").order_by("cutoff", "pk")
    models = TrainedModel.objects.select_related("model").order_by("registered_at", "pk")
    return (
        TrainingRun.objects.select_related("campaign")
        .prefetch_related(Prefetch("releases", releases), Prefetch("trained", models))
    )  # fmt: skip


def manifest_told(run: TrainingRun) -> dict[str, Any]:
    """What was handed over, for whoever trains.

    Raises:
        Refused: `recalled`, where a release of it was since; `errors` say which take their place, or null where none
            will; `expired`, where the run was cancelled and nothing kept its release.
    """
    gone = [each for each in run.releases.all() if each.state == Release.State.RECALLED]
    if gone:
        raise Refused("recalled", errors={"replaced_by": {each.version: successor(each) for each in gone}})
    for each in run.releases.all():  # of a run that was cancelled
        refuse_ended(each)
    return {**run.manifest, "run": str(run.pk)}


def prompts_told(run: TrainingRun, *, after: int = -1, role: str | None = None) -> list[RunPrompt]:
    """A page of a run's prompts in their order, those that may be used at this moment."""
    rows = RunPrompt.objects.filter(run=run, place__gt=after)
    rows = rows.filter(prompt__group__role=role) if role else rows
    usable = still_may_leave(rows.values_list("prompt", flat=True))
    return list(rows.filter(prompt__in=usable).select_related("prompt__group").order_by("place")[:PAGE])


def as_handed(row: RunPrompt) -> dict[str, Any]:
    """A prompt as whoever trains gets it."""
    prompt = row.prompt
    return {"id": prompt.pk, "role": prompt.group.role, "variety": prompt.variety_id, "country": prompt.country,
            "domain": prompt.domain, "messages": prompt.messages}  # fmt: skip
