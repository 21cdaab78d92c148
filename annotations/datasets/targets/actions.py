"""Sending a release to a target, and taking away what was recalled. A run that is cut goes on where it was.

Whatever changes a target does so under the lock of the delivery's row: what is being sent and what is being taken away
wait for each other, file by file, and nothing is put where its release was recalled meanwhile.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from annotations.datasets import manifest as mf
from annotations.datasets.ending import refuse_ended
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.datasets.proof import Unsound
from annotations.datasets.recalls.queries import refuse_erased
from annotations.datasets.targets.addresses import target_called
from annotations.datasets.targets.models import Delivery
from annotations.datasets.targets.port import Target, TargetFailed
from annotations.datasets.targets.queries import is_newest, sums_beside, to_be_replaced, to_be_taken_away

log = logging.getLogger(__name__)

State = Delivery.State


@dataclass(frozen=True)
class Plan:
    """What sending a release would do: files to be sent, with their bytes, and how many are there already."""

    place: str
    files: dict[str, int]
    there: int


def plan(*, release: Release, target: str) -> Plan:
    """A dry run: what is missing at the target. It looks there and changes nothing, here nor there.

    Raises:
        Refused: `recalled`, `expired`.
        TargetFailed: see its codes.
    """
    release = Release.objects.get(pk=release.pk)
    refuse_erased(release)
    goal = target_called(target)
    files = _files(release, goal)
    known = Delivery.objects.filter(target=target, release=release).first()
    missing = _missing(goal.there(release.version), files, known.files if known else {})
    sizes = {name: files[name][0].stat().st_size for name in missing}
    return Plan(goal.place, sizes, len(files) - len(missing))


def push(*, release: Release, target: str, told: Callable[[str], object] = lambda _name: None) -> Delivery:
    """Send a release. What is there already, proven, is not sent again; asked again when all is there, that is found.

    Args:
        told: is called with the name of each file that was sent.

    Raises:
        Refused: `recalled`, `expired`: before, or meanwhile; what was sent by then is taken away like any other.
        TargetFailed: see its codes; the delivery has it as its `problem`, and the next call goes on.
        Unsound: a file here is not the one that was published.
    """
    release = Release.objects.get(pk=release.pk)
    refuse_erased(release)
    goal = target_called(target)
    files = _files(release, goal)
    delivery, _new = Delivery.objects.get_or_create(
        target=target, release=release, defaults={"place": goal.place}
    )  # fmt: skip
    with _told(delivery):
        if delivery.place != goal.place:
            raise TargetFailed("moved")
        missing = _missing(goal.there(release.version), files, delivery.files)
        if delivery.state == State.THERE and not missing:
            return delivery
        _begin(delivery)
        for name in missing:
            with _held(delivery) as row:
                goal.put(release.version, name, files[name][0])
                row.files[name] = files[name][1]
                row.save(update_fields=["files"])
            told(name)
        return _finish(delivery, goal, {name: path for name, (path, _sum) in files.items()})


def _files(release: Release, goal: Target) -> dict[str, tuple[Path, str]]:
    """Every file that goes there with its sum, the manifest last.

    Raises:
        Unsound: one is not as it was published.
    """
    folder = folder_of(release.version)
    if not (folder / mf.NAME).is_file() or json.loads((folder / mf.NAME).read_bytes()) != release.manifest:
        raise Unsound(f"{folder / mf.NAME} is not as it was published")
    sums = {name: facts["sha256"] for name, facts in release.manifest["files"].items()}
    found = {}
    for name in [*sums, mf.SUMS, mf.NAME]:
        path = folder / name
        if not path.is_file() or (name in sums and mf.sha256_of(path) != sums[name]):
            raise Unsound(f"{path} is not as it was published")
        found[name] = (path, sums.get(name) or mf.sha256_of(path))
    return {name: each for name, each in found.items() if goal.takes(name)}


def _missing(there: dict[str, int], files: dict[str, tuple[Path, str]], proven: dict[str, str]) -> list[str]:
    """What is not there, or was never proven to be what it should be, in the order in which it is sent."""
    return [
        name for name, (path, known) in files.items()
        if there.get(name) != path.stat().st_size or proven.get(name) != known
    ]  # fmt: skip


def _begin(delivery: Delivery) -> None:
    with _held(delivery) as row:
        row.state, row.there_at, row.gone_at, row.problem = State.BEGUN, None, None, ""
        row.save()


def _finish(delivery: Delivery, goal: Target, files: dict[str, Path]) -> Delivery:
    with _held(delivery) as row:
        goal.show(row.release.version, files, newest=is_newest(row))
        row.state, row.there_at, row.problem = State.THERE, timezone.now(), ""
        row.save()
        return row


@contextmanager
def _held(delivery: Delivery) -> Iterator[Delivery]:
    """The delivery's row, locked. Raises `Refused` where its release ended: whoever recalls it takes away what is there
    after this."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update(of=("self",)).select_related("release").get(pk=delivery.pk)
        refuse_ended(row.release)
        yield row


@contextmanager
def _told(delivery: Delivery) -> Iterator[None]:
    """What stops a run stands in the row, as a code."""
    try:
        yield
    except TargetFailed as wrong:
        Delivery.objects.filter(pk=delivery.pk).exclude(state=State.GONE).update(problem=wrong.code)
        raise


def take_away(*, delivery: Delivery) -> Delivery:
    """Take a recalled release away from a target; the receipt says when.

    Raises:
        TargetFailed: see its codes; the next run tries again.
    """
    with _told(delivery):
        with transaction.atomic():
            row = Delivery.objects.select_for_update(of=("self",)).select_related("release").get(pk=delivery.pk)
            if row.state == State.GONE:
                return row
            goal = target_called(row.target)
            if goal.place != row.place:
                raise TargetFailed("moved")
            sums = {facts["sha256"] for facts in row.release.manifest["files"].values()}
            manifest = folder_of(row.release.version) / mf.NAME
            goal.remove(row.release.version, manifest, sums - sums_beside(row))
            row.state, row.gone_at, row.problem = State.GONE, timezone.now(), ""
            row.save()
        return row


def follow_recalls() -> list[Delivery]:
    """Take away what was recalled, wherever it was sent, and send the clean release after it. Returns what changed. One
    target that fails keeps no other waiting; `recalls/late.py` tells of what stays."""
    done = [row for each in to_be_taken_away() if (row := _tried(partial(take_away, delivery=each), each))]
    for each in to_be_replaced():
        clean = Release.objects.get(pk=each.instead)
        row = _tried(partial(push, release=clean, target=each.target), each)
        done += [row] if row else []
    return done


def _tried(act: Callable[[], Delivery], delivery: Delivery) -> Delivery | None:
    try:
        return act()
    except TargetFailed as wrong:
        log.error("%s: %s; the next run tries again", delivery, wrong.code)
    except Exception:
        log.exception("%s; the next run tries again", delivery)
    return None
