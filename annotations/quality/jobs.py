"""What quality does by the clock."""

import logging

from celery import shared_task

from annotations.quality.actions import settle_due
from annotations.quality.gates.actions import watch_over
from annotations.quality.queries import judged_campaigns

log = logging.getLogger(__name__)


@shared_task
def settle() -> None:
    """Settle what is due. Safe to run at any time, any number of times."""
    if settled := settle_due():
        log.info("settled %d cells", settled)


@shared_task
def gate() -> None:
    """See whether anything is too much from one account or one day, in time for somebody to look before the release,
    which asks again. Run again, it changes nothing."""
    if left := watch_over():
        log.warning("kept %d judgements aside", left)


@shared_task
def measure() -> None:
    """Measure what people agree about, and put the model's word beside verdicts. Run again, it says the same again."""
    from annotations.quality.measuring import estimate_verdicts, measure_agreement  # numpy is the night's

    for campaign in judged_campaigns():
        figures, estimates = measure_agreement(campaign=campaign), estimate_verdicts(campaign=campaign)
        log.info("measured %s: %d figures, %d estimates", campaign.slug, len(figures), estimates)
