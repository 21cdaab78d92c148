"""Taking in what was measured of a run's model."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.training.actions import heard, own_run
from annotations.training.evaluations.models import Evaluation
from annotations.training.evaluations.queries import checkpoints_of
from annotations.training.evaluations.reading import read
from annotations.training.models import TrainingRun

State = TrainingRun.State


@transaction.atomic
def tell_evaluation(*, owner: Person, run: uuid.UUID, document: Any) -> Evaluation:
    """Keep what `evaluate.py` measured of the model of a run; told again, what it measured last.

    Raises:
        Refused: as `move`; `not_open` for a run that has no model yet; `invalid` where it is not what `evaluate.py`
            leaves, or was measured of another model, or on no release of this house.
    """
    row = own_run(owner, run)
    if row.state in (State.QUEUED, State.CANCELLED, State.FAILED):
        raise Refused("not_open", _("A run that has not begun, failed or was cancelled has no model to measure."))
    told = read(document)
    known = checkpoints_of(row)
    if known and told["model"] not in known:
        raise Refused("invalid", _("This is of another model."), {"model": sorted(known)})
    if not Release.objects.filter(version=told["version"], release_id=told["release_id"]).exists():
        raise Refused("invalid", _("There is no such release."), {"version": [told["version"]]})
    found, _is_new = Evaluation.objects.update_or_create(run=row, defaults={"told": told, "told_at": Now()})
    if not row.is_over:
        heard(row)
    return found
