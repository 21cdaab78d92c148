"""What accounts leave to the worker."""

import logging

from celery import shared_task

from annotations.people.accounts.actions import mail_way_back

log = logging.getLogger(__name__)


@shared_task
def mail_ways_back(people: list[int], language: str, origin: str) -> None:
    """Mail a link to a new password to whom a form was sent for, often nobody. No row remembers that somebody asked:
    what is lost with the queue is asked for again."""
    sent = sum(mail_way_back(person=person, language=language, origin=origin) for person in people)
    if sent:
        log.info("mailed %d ways back", sent)
