"""Looking for signals each night, and saying that somebody looked at one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.doors import batches
from annotations.assignments.models import Campaign, Judgement
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import require_speaker
from annotations.people.standing import require_right
from annotations.quality.signals.models import Alike, Signal, Sketch, SketchBand
from annotations.quality.signals.queries import (
    Found,
    Text,
    Whose,
    concerns,
    no_longer_alike,
    one_button_in,
    open_signals,
    outputs_at,
    outputs_to_sketch,
    sharing,
    texts_at,
    texts_in,
    texts_of_signals,
    texts_to_sketch,
    to_count,
    too_fast_in,
    unwatched_signals,
    unwatched_sketches,
    watched,
)
from annotations.quality.signals.rules import strength

_SIGNALS_LOCK = 0x6D696E6B0007
"""Signals are written by one at a time (a transaction's advisory lock), before any row."""
MAY_SEE: Final = "annotations.see_signals"
MAY_LOOK: Final = "annotations.look_at_signals"
MAX_REASON: Final = 1_000
"""Characters in which somebody says what they saw."""
AT_ONCE: Final = 200
"""Texts compared in one transaction."""
MOST_A_NIGHT: Final = 100_000
"""Outputs sketched in one night. Texts wait until all are: what was written is compared with what was there."""

# Each night ---------------------------------------------------------------------------------------------------------


def look_for_signals(*, now: dt.datetime | None = None) -> int:
    """Look at what was given in watched campaigns. Running it again, or after it was killed, changes nothing more.
    Returns how many signals nobody has looked at yet."""
    now = now or timezone.now()
    unwatched_sketches().delete()
    unwatched_signals().delete()
    if (waiting := texts_to_sketch()) and sketch_outputs():
        for several in batches(waiting, AT_ONCE):
            _compare(texts_at(several).values())
    for campaign in watched():
        if people := to_count(campaign, now):
            _keep(campaign, too_fast_in(campaign, people, now) | one_button_in(campaign, people, now))
    return open_signals().count()


@transaction.atomic
def _keep(campaign: Campaign, found: Mapping[Whose, Found]) -> None:
    """What was found, in place of what is open. Who is gone by now is left out; so is what is no longer so."""
    _lock()
    signals = open_signals().filter(campaign=campaign)
    there = _lock_people([*(whose.person for whose in found), *signals.values_list("person", flat=True)])
    gone = no_longer_alike().filter(signal__campaign=campaign)
    Sketch.objects.filter(judgement__in=gone.values("judgement")).delete()  # to be compared with what is left
    gone.delete()
    found = dict(found) | _texts(campaign)
    known = {Whose(each.kind, each.work, each.person_id): each for each in signals.all()}
    Signal.objects.filter(pk__in=[each.pk for whose, each in known.items() if whose not in found]).delete()
    for whose, each in found.items():
        if whose.person in there:
            _write(campaign, whose, each, known.get(whose))


def _write(campaign: Campaign, whose: Whose, found: Found, known: Signal | None) -> None:
    facts = found._asdict() | {"strength": strength(found.part, found.whole)}
    if known is None:
        Signal.objects.create(campaign=campaign, kind=whose.kind, work=whose.work, person_id=whose.person, **facts)
    elif any(getattr(known, name) != value for name, value in facts.items()):
        Signal.objects.filter(pk=known.pk).update(**facts)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SIGNALS_LOCK])


def _lock_people(several: Iterable[int]) -> set[int]:
    """Whoever of them is still there: who is being erased is waited for, and left out."""
    people = Person.objects.filter(pk__in=set(several)).order_by("pk").select_for_update(of=("self",))
    return set(people.values_list("pk", flat=True))


# Texts --------------------------------------------------------------------------------------------------------------


def _texts(campaign: Campaign) -> dict[Whose, Found]:
    """What stands of the open signals about texts, counted anew."""
    signals = texts_of_signals(campaign)
    written = texts_in(campaign, {whose.person for whose in signals})
    return {
        whose: Found(part, max(part, written[whose.work, whose.person]), newest, at)
        for whose, (part, newest, at) in signals.items()
    }


def sketch_outputs(most: int = MOST_A_NIGHT) -> bool:
    """Sketch what models wrote since, `most` of it at most. Returns whether all of it is done."""
    from annotations.quality.signals.alike import sketch  # not small, and the night's

    Sketch.objects.filter(output__quarantine="erased").delete()
    waiting = outputs_to_sketch(most + 1)
    for several in batches(waiting[:most]):
        texts = outputs_at(several)
        _remember([(Sketch(output_id=pk), sketch(text, whole=False)) for pk, (text, _entered) in texts.items()])
    return len(waiting) <= most


@transaction.atomic
def _remember(sketches: Collection[tuple[Sketch, Collection[int]]]) -> None:
    """Keep sketches with their bands, those that nobody kept meanwhile."""
    _lock()
    there = Sketch.objects.filter(
        Q(judgement__in=[row.judgement_id for row, _bands in sketches if row.judgement_id])
        | Q(output__in=[row.output_id for row, _bands in sketches if row.output_id])
    )
    known = set(there.values_list("judgement", "output"))
    new = [(row, bands) for row, bands in sketches if (row.judgement_id, row.output_id) not in known]
    Sketch.objects.bulk_create([row for row, _bands in new])
    SketchBand.objects.bulk_create(
        SketchBand(sketch=row, of_output=row.output_id is not None, band=band)
        for row, bands in new for band in set(bands)
    )  # fmt: skip


def _compare(several: Collection[Text]) -> None:
    """Sketch these texts and keep what each is like: of earlier texts the nearest, and of outputs."""
    from annotations.quality.signals.alike import sketch

    sketches = {text.pk: sketch(text.text) for text in several}
    with transaction.atomic():
        _lock()
        there = _lock_people(text.person for text in several)
        standing = set(Judgement.objects.filter(pk__in=sketches, person__in=there).values_list("pk", flat=True))
        new = {text.pk: text for text in several if text.pk in standing}
        _remember([(Sketch(judgement_id=pk), sketches[pk]) for pk in new])
        for kind, pairs in _pairs(new).items():
            there = _lock_people(pair.author for pair in pairs if pair.author)
            _tell(kind, [pair for pair in pairs if pair.author in {None, *there}], new)


class Pair(NamedTuple):
    """A text, how near it is to another one, and which that is: an earlier text, with its author, or an output."""

    judgement: int
    near: float
    other: int | None = None
    author: int | None = None
    output: int | None = None

    @property
    def kind(self) -> str:
        return Signal.Kind.SAME_TEXT if self.output is None else Signal.Kind.MODEL_TEXT


def _pairs(new: Mapping[int, Text]) -> dict[str, list[Pair]]:
    """For each kind of signal, one pair at most of each text: what it is nearest to, and of that the earliest."""
    from annotations.quality.signals.alike import near

    shared = sharing(list(new))
    others, outputs = texts_at({b for _, b, _ in shared if b}), outputs_at({c for _, _, c in shared if c})
    best: dict[tuple[str, int], Pair] = {}
    for pk, other, output in shared:
        mine = new[pk]
        if other in others and _comparable(mine, others[other]):
            theirs = others[other]
            pair = Pair(pk, near(mine.text, theirs.text), other, theirs.person)
        elif output in outputs and outputs[output][1] < mine.received:
            pair = Pair(pk, near(mine.text, outputs[output][0]), output=output)
        else:
            continue
        known = best.get((pair.kind, pk))
        if pair.near and (known is None or pair.near > known.near):
            best[pair.kind, pk] = pair
    found: defaultdict[str, list[Pair]] = defaultdict(list)
    for (kind, _pk), pair in best.items():
        found[kind].append(pair)
    return found


def _comparable(mine: Text, other: Text) -> bool:
    """Of one kind of work; not translations of one source, which are alike for good; short ones only of one person."""
    from annotations.quality.signals.alike import is_short

    if mine.kind != other.kind or (mine.kind == "translation" and mine.group == other.group):
        return False
    return mine.person == other.person or not is_short(mine.text)


def _tell(kind: str, pairs: Collection[Pair], new: Mapping[int, Text]) -> None:
    """Each pair under the open signal of its writer; how great the signal is is counted when all are in."""
    signals: dict[tuple[int, int, str], int] = {}
    for pair in pairs:
        text = new[pair.judgement]
        if (whose := _whose(text)) not in signals:
            facts = {"campaign_id": text.campaign, "person_id": text.person, "work": text.kind, "kind": kind}
            begun = {"part": 1, "whole": 1, "strength": strength(1, 1), "last": text.pk, "last_at": text.received}
            signals[whose] = Signal.objects.get_or_create(**facts, looked_at=None, defaults=begun)[0].pk
    Alike.objects.bulk_create(
        (Alike(signal_id=signals[_whose(new[each.judgement])], judgement_id=each.judgement, other_id=each.other,
               output_id=each.output, near=each.near) for each in pairs),
        ignore_conflicts=True,
    )  # fmt: skip


def _whose(text: Text) -> tuple[int, int, str]:
    return text.campaign, text.person, text.kind


# Looked at ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def look_at(*, person: Person, signal: Signal, reason: str) -> Signal:
    """Somebody looked at it and says what they saw. What was counted in it is counted in no signal any more.

    Raises:
        Refused: `suspended`, `forbidden` (no right to, or concerned), `invalid` (no reason, or too long), `not_open`
            (looked at already, or no longer so).
    """
    _lock()
    person = Person.objects.lock(person)
    require_right(person, MAY_LOOK)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        raise Refused("invalid", _("Say what you saw, so that whoever comes later can follow."))
    now = Signal.objects.filter(pk=signal.pk, looked_at=None).first()
    if now is None:
        raise Refused("not_open", _("Somebody looked at it already, or it is no longer so."))
    require_speaker(person, now.person)
    if concerns(now, person):
        raise Refused("forbidden", _("It is about what this account gave: others look at it."))
    now.looked_by, now.looked_at, now.reason = person, timezone.now(), reason
    now.last_at = now.looked_at
    now.save(update_fields=["looked_by", "looked_at", "reason", "last_at"])
    return now


def forget_looks(person: Person) -> int:
    """The words in which somebody said what they saw go with them; that a signal was looked at stays."""
    return Signal.objects.filter(looked_by=person).update(looked_by=None, reason="")
