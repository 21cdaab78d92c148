"""Questions about evaluations."""

from annotations.training.evaluations.models import Evaluation
from annotations.training.models import TrainingRun


def checkpoints_of(run: TrainingRun) -> set[str]:
    """Of the models that came of a run, as far as they are known."""
    return {trained.checkpoint for trained in run.trained.all()} - {""}


def evaluation_of(run: TrainingRun) -> Evaluation | None:
    """What was measured of the run's model. None where it was of another than those that answered since: numbers may
    come before the answers do."""
    found, known = Evaluation.objects.filter(run=run).first(), checkpoints_of(run)
    return found if found and (not known or found.told["model"] in known) else None
