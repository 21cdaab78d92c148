"""Raising alarms, and lifting them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.doors import ask_more
from annotations.assignments.models import Campaign, Cell
from annotations.assignments.queries import open_campaigns
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.quality.checks.models import Alarm
from annotations.quality.checks.queries import corrections, standing_alarms, unchecked_verdicts
from annotations.quality.checks.rules import by_chance, is_one_sided
from annotations.quality.models import Verdict


def look_for_alarms() -> int:
    """Raise what is to be raised in every open campaign that has a part of its items checked, and open again what
    stands unchecked under an alarm. Running it again, or after it was killed, changes nothing more. Returns how many
    verdicts were opened again."""
    partly = open_campaigns().filter(anchored__gt=0, anchored__lt=100)
    for campaign in partly:
        _raise(campaign)
    return sum(_reopen(alarm) for alarm in standing_alarms().filter(campaign__in=partly).order_by("id"))


def _raise(campaign: Campaign) -> None:
    known = {(alarm.variety_id, alarm.model_id) for alarm in Alarm.objects.filter(campaign=campaign)}
    Alarm.objects.bulk_create(
        (Alarm(campaign=campaign, variety_id=where.variety, model_id=where.model, away=found.away,
               towards=found.towards, by_chance=by_chance(found))
         for where, found in corrections(campaign).items() if where not in known and is_one_sided(found)),
        ignore_conflicts=True,
    )  # fmt: skip


def _reopen(alarm: Alarm) -> int:
    return sum(_wait_for_an_anchor(pk) for pk in list(unchecked_verdicts(alarm).values_list("pk", "cell_id")))


@transaction.atomic
def _wait_for_an_anchor(which: tuple[int, int]) -> bool:
    verdict, cell = which
    locked = Cell.objects.select_for_update().get(pk=cell)
    changed = Verdict.objects.filter(pk=verdict, superseded_at=None).update(superseded_at=timezone.now())
    if changed:
        ask_more(cell=locked, of_anchors=True)
    return bool(changed)


@transaction.atomic
def lift_alarm(*, alarm: Alarm, person: Person, reason: str) -> Alarm:
    """Verdicts about its model wait for nobody any more, and none is raised about it again; what was asked of anchors
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
