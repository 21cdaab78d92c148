"""Raising alarms, and lifting them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.actions import ask_one_more
from annotations.assignments.models import Campaign, Cell
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.quality.checks.models import Alarm
from annotations.quality.checks.queries import Slice, lone_votes, standing_alarms, unchecked_verdicts
from annotations.quality.checks.rules import Difference, standing_out
from annotations.quality.models import Verdict


def look_for_alarms() -> int:
    """Raise what is to be raised in every campaign that has items checked, and open again what stands unchecked under
    an alarm. Running it again, or after it was killed, changes nothing more. Returns how many verdicts were opened
    again."""
    for campaign in Campaign.objects.filter(anchored__gt=0).order_by("id"):
        _raise(campaign)
    return sum(_reopen(alarm) for alarm in standing_alarms().filter(campaign__anchored__gt=0).order_by("id"))


def _raise(campaign: Campaign) -> None:
    known = {(alarm.variety_id, alarm.model_id) for alarm in Alarm.objects.filter(campaign=campaign)}
    Alarm.objects.bulk_create(
        (Alarm(campaign=campaign, variety_id=where.variety, model_id=where.model, by_chance=found.by_chance,
               chances=found.here.chances, alone=found.here.alone,
               others_chances=found.others.chances, others_alone=found.others.alone)
         for where, found in _standing_out(campaign).items() if where not in known),
        ignore_conflicts=True,
    )  # fmt: skip


def _standing_out(campaign: Campaign) -> dict[Slice, Difference]:
    """Each model beside the others of its variety."""
    votes = lone_votes(campaign)
    found: dict[Slice, Difference] = {}
    for variety in {where.variety for where in votes}:
        found |= standing_out({where: lone for where, lone in votes.items() if where.variety == variety})
    return found


def _reopen(alarm: Alarm) -> int:
    return sum(_wait_for_an_anchor(pk) for pk in list(unchecked_verdicts(alarm).values_list("pk", "cell_id")))


@transaction.atomic
def _wait_for_an_anchor(which: tuple[int, int]) -> bool:
    verdict, cell = which
    locked = Cell.objects.select_for_update().get(pk=cell)
    changed = Verdict.objects.filter(pk=verdict, superseded_at=None).update(superseded_at=timezone.now())
    if changed:
        ask_one_more(cell=locked, of_anchors=True)
    return bool(changed)


@transaction.atomic
def lift_alarm(*, alarm: Alarm, person: Person, reason: str) -> Alarm:
    """Verdicts for its model wait for nobody any more, and none is raised about it again; what was asked of anchors
    until now stays asked.

    Raises:
        Refused: `invalid` (no reason).
    """
    if not reason.strip():
        raise Refused("invalid", _("Say why."), {"reason": "missing"})
    alarm = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if alarm.lifted_at is None:
        alarm.lifted_at, alarm.lifted_by, alarm.reason = timezone.now(), person, reason.strip()
        alarm.save(update_fields=["lifted_at", "lifted_by", "reason"])
    return alarm
