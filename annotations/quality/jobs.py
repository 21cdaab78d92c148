"""What quality does by the clock."""

import logging

from celery import shared_task

from annotations.quality.actions import settle_due
from annotations.quality.checks.actions import look_for_alarms
from annotations.quality.gates.actions import watch_over
from annotations.quality.order.actions import put_in_order
from annotations.quality.queries import judged_campaigns
from annotations.quality.reliability.actions import count_agreement
from annotations.quality.signals.actions import look_for_signals

log = logging.getLogger(__name__)


@shared_task
def settle() -> None:
    """Settle what is due. Safe to run at any time, any number of times."""
    if settled := settle_due():
        log.info("settled %d cells", settled)


@shared_task
def check() -> None:
    """See whether anchors take verdicts from some model more often than they give it some. Safe to run at any time."""
    if opened := look_for_alarms():
        log.info("opened %d verdicts again", opened)


@shared_task
def order() -> None:
    """Put cells where they belong by what is wanted now. Safe to run at any time."""
    if moved := put_in_order():
        log.info("moved %d cells", moved)


@shared_task
def gate() -> None:
    """See whether anything is too much from one account or one day, in time for somebody to look before the release,
    which asks again. Run again, it changes nothing."""
    if left := watch_over():
        log.warning("kept %d judgements aside", left)


@shared_task
def measure() -> None:
    """Measure what people agree about, put the model's word beside verdicts, and count who says the same as others. Run
    again, it says the same again."""
    from annotations.quality.measuring import estimate_verdicts, measure_agreement  # numpy is the night's

    for campaign in judged_campaigns():
        figures, estimates = measure_agreement(campaign=campaign), estimate_verdicts(campaign=campaign)
        people = count_agreement(campaign=campaign)
        log.info("measured %s: %d figures, %d estimates, %d people", campaign.slug, len(figures), estimates, people)


@shared_task
def signal() -> None:
    """Look for work that nobody may have read, and texts that are alike. Run again, it changes nothing."""
    if told := look_for_signals():
        log.info("%d signals wait for somebody to look at them", told)
