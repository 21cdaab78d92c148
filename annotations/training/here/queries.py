"""Which runs wait to be trained here."""

import uuid

from annotations.training.models import TrainingRun

State = TrainingRun.State


def waiting() -> list[uuid.UUID]:
    """Those that nobody took up, and those that fell silent while somebody had them; the first come first."""
    rows = TrainingRun.objects.filter(here=True, state__in=[State.QUEUED, State.LOST]).exclude(owner=None)
    return list(rows.order_by("made_at", "pk").values_list("pk", flat=True))
