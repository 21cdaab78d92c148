"""Recalling releases and putting clean ones in their place. Killed anywhere, the next run goes on from the rows."""

import datetime as dt
import logging
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.datasets.actions import point_latest, publish, reissue, unfinished
from annotations.datasets.ending import has_its_tombstone, lay_tombstone, let_go, refuse_ended, successor
from annotations.datasets.folders import clear_staging
from annotations.datasets.locks import one_at_a_time
from annotations.datasets.models import Release
from annotations.datasets.recalls.models import REASONS, WHY, Retraction
from annotations.datasets.recalls.queries import holding_erased, open_retractions, to_be_withdrawn, without_successor
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.standing import require_right

log = logging.getLogger(__name__)

MAY_RETRACT: Final = "annotations.retract_release"
PROPOSED: Final = dt.timedelta(days=14)
"""What nobody confirmed for so long is meant by nobody any more."""


def recall_due() -> list[Release]:
    """Recall every release that holds what was erased since. Returns those that are recalled now.

    The clean one comes first, so that there is always a release where one can be; where it cannot be made, the other is
    recalled all the same and the next run tries again. One that cannot be recalled keeps no other waiting
    (`recalls/late.py` tells of it).
    """
    _complete()
    due = holding_erased()
    keys = [release.pk for release in due]
    Release.objects.filter(pk__in=keys, must_go_since=None).update(must_go_since=timezone.now())
    done = [each for release in due if (each := _recalled(release))]
    _finish()
    return done


def _complete() -> None:
    """First, so that what was erased since leaves them like any other."""
    for cutoff in unfinished():
        try:
            log.warning("%s stood in its place without a row, and is published", publish(cutoff=cutoff))
        except Exception:
            log.exception("what stands in the place of %s could not be published; the next run tries again", cutoff)


def _recalled(release: Release) -> Release | None:
    if release.state == Release.State.PUBLISHED:
        _replace(release)
    try:
        return recall(release=release)
    except Exception:
        log.exception("%s could not be recalled; the next run tries again", release)
        return None


def _finish() -> None:
    """What a run that was killed left undone."""
    with transaction.atomic():
        one_at_a_time()
        clear_staging(Path(settings.MINKA_RELEASES))
    point_latest()
    for release in Release.objects.exclude(state=Release.State.PUBLISHED):
        if not has_its_tombstone(release):
            _clear(release)
    for release in without_successor():
        _replace(release)


def recall(*, release: Release) -> Release:
    """End the downloads of a release at once; then its files go, all but the manifest, and a tombstone says why."""
    with transaction.atomic():
        one_at_a_time()
        release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
        if release.state != Release.State.RECALLED:
            release.withdrawn = to_be_withdrawn(release)
            _end(release, Release.Reason.ERASED)
    _clear(release)
    return release


# By hand ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_retraction(*, by: Person, release: Release, reason: str, why: str, hold: bool = False) -> Retraction:
    """Ask that a release be taken back. It is once a second person confirms it. Asked again meanwhile, by whomever, it
    is the same one.

    Args:
        reason: one of `REASONS`.
        why: a sentence that everybody reads, in the feed and on the page, once it is confirmed.
        hold: its files are out of sight at once, until it is confirmed or dropped.

    Raises:
        Refused: `forbidden`, `suspended`, `invalid` without a sentence or with another reason; `recalled` where it is
            already. What expired can be taken back too: others may have it.
    """
    require_right(by, MAY_RETRACT)
    why = _fit(reason, why)
    release = _not_recalled(release)  # and not behind who publishes: what is urgent waits for nobody's writing
    known = open_retractions().filter(release=release).first()
    found = known or Retraction.objects.create(release=release, reason=reason, why=why, asked_by=by)
    if hold and release.state == Release.State.PUBLISHED and release.held_since is None:
        release.held_since = timezone.now()
        release.save(update_fields=["held_since"])
        transaction.on_commit(point_latest)
    return found


def confirm_retraction(*, by: Person, retraction: Retraction) -> Release:
    """The second person confirms it, and the release is taken back: for good, all of it must go wherever it is, and
    none takes its place by itself. What is put right stands in the next release.

    Raises:
        Refused: `forbidden` (no right to, or asked for it), `suspended`, `not_open` (nobody means it any more),
            `recalled`.
    """
    require_right(by, MAY_RETRACT)
    with transaction.atomic():
        one_at_a_time()
        row = Retraction.objects.select_for_update(of=("self",)).get(pk=retraction.pk)
        if by.pk == row.asked_by_id:
            raise Refused("forbidden", _("Somebody else than who asked confirms it."))
        release = _not_recalled(row.release)
        if row.dropped_at:
            raise Refused("not_open", _("Nobody means it any more."))
        row.confirmed_by, row.confirmed_at = by, timezone.now()
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        release.why, release.recalled_by = row.why, by
        _end(release, row.reason)
    _clear(release)
    return release


@transaction.atomic
def drop_retraction(*, by: Person, retraction: Retraction) -> Retraction:
    """It is not meant any more, and files that were held are there again. Who asked can say so, or another one.

    Raises:
        Refused: `forbidden`, `suspended`, `not_open` where it was confirmed.
    """
    require_right(by, MAY_RETRACT)
    one_at_a_time()
    row = Retraction.objects.select_for_update(of=("self",)).get(pk=retraction.pk)
    if row.confirmed_at:
        raise Refused("not_open", _("It was confirmed."))
    _drop(row)
    return row


def drop_due(*, now: dt.datetime | None = None) -> int:
    """What nobody confirmed in time is meant by nobody any more. Returns how many; run again, it changes nothing."""
    with transaction.atomic():
        one_at_a_time()
        due = list(open_retractions().filter(asked_at__lte=(now or timezone.now()) - PROPOSED))
        for row in due:
            _drop(row)
    return len(due)


def _drop(row: Retraction) -> None:
    """Whoever calls holds the lock of publishers."""
    if row.dropped_at is None:
        row.dropped_at = timezone.now()
        row.save(update_fields=["dropped_at"])
        Release.objects.filter(pk=row.release_id).update(held_since=None)
        transaction.on_commit(point_latest)


def retract(*, release: Release, reason: str, why: str) -> Release:
    """The same at once, by who runs the machine: nobody is asked, and no name is kept. Pages never call it.

    Raises:
        Refused: `invalid`, `recalled`, as `ask_retraction`.
    """
    why = _fit(reason, why)
    with transaction.atomic():
        one_at_a_time()
        release = _not_recalled(release)
        release.why = why
        _end(release, reason)
    _clear(release)
    return release


def _fit(reason: str, why: str) -> str:
    if reason not in dict(REASONS):
        raise Refused("invalid", errors={"reason": "unknown"})
    why = " ".join(why.split())
    if not why or len(why) > WHY:
        raise Refused("invalid", _("Say why."), {"why": "too_long" if why else "missing"})
    return why


def _not_recalled(release: Release) -> Release:
    """As it is now, locked."""
    release = _locked(release)
    if release.state == Release.State.RECALLED:
        refuse_ended(release)
    return release


def _locked(release: Release) -> Release:
    """Whoever writes what replaces it only points to it, and is not waited for."""
    return Release.objects.select_for_update(of=("self",), no_key=True).get(pk=release.pk)


def _end(release: Release, reason: str) -> None:
    last = Release.objects.aggregate(last=Max("recall_number"))["last"] or 0
    if reason == Release.Reason.ERASED and (after := _clean_of(release)):
        _hand_on(release, after)
    release.state, release.reason = Release.State.RECALLED, reason
    release.recalled_at, release.recall_number, release.held_since = timezone.now(), last + 1, None
    release.save()
    if reason != Release.Reason.ERASED or successor(release) is None:  # else it waits for the clean one
        open_retractions().filter(release=release).update(dropped_at=release.recalled_at)
    let_go(release)


def _clean_of(release: Release) -> Release | None:
    return Release.objects.filter(replaces=release, state=Release.State.PUBLISHED).first()


def _hand_on(release: Release, after: Release) -> None:
    """What waits for a second person is meant of the clean one as well: its files are out of sight like those of the
    other were, and where nobody knows that any more they are too."""
    release = _locked(release)
    waits = open_retractions().filter(release=release)
    if waits.update(release=after) and (release.held_since or release.state == Release.State.RECALLED):
        Release.objects.filter(pk=after.pk).update(held_since=release.held_since or timezone.now())


def _clear(release: Release) -> None:
    """What follows the row. Whoever is killed before the end leaves it to the next run of the job; so does one whose
    files cannot go, and keeps no other waiting."""
    point_latest()
    try:
        lay_tombstone(release)
    except Exception:
        log.exception("the files of %s could not be taken away; the next run tries again", release)


def _replace(release: Release) -> None:
    try:
        with transaction.atomic():
            _hand_on(release, reissue(release=release))
    except Exception:
        log.exception("no clean release of %s could be made; the next run tries again", release)
        return
    point_latest()
