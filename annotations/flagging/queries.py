"""Questions about flags: what waits to be looked at, and what became of it."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.assignments.models import Assignment, Cell, Item, Judgement
from annotations.assignments.opt_outs import BROKEN
from annotations.assignments.stewards.queries import hides, still_hidden
from annotations.corpus.models import Output
from annotations.flagging.models import UNLOOKED, BiasCategory, Flag, Look, Severity
from annotations.people.models import Person
from annotations.people.queries import with_right

FACTS = ("wrong", "categories", "severity", "groups", "stance", "common", "counter_example", "comment")
"""What a flag says beside its span, as in the API."""
MAY_DECIDE = "annotations.change_look"


def in_order() -> QuerySet[Look]:
    """What is to be looked at, in the order in which it should be: what waits first, of that what is hidden from
    everybody, then the gravest, then the oldest."""
    voices = Count("flags__seat__person", distinct=True)
    looks = Look.objects.annotate(gravest=Coalesce(Max("flags__severity"), 0), voices=voices)
    return looks.order_by(F("decided_at").desc(nulls_first=True), F("hidden_at").asc(nulls_last=True), "-gravest", "pk")


def output_at(seat: Assignment, letter: str) -> Output | None:
    """The output that this person is shown under a letter, or None."""
    place = "abcd".find(letter) if len(letter) == 1 else -1
    return Output.objects.filter(pk=seat.shown[place]).first() if 0 <= place < len(seat.shown) else None


def unlooked(**about: Any) -> QuerySet[Flag]:
    """Flags for which somebody must look at an output and nobody is asked to yet: those said in passing, and of those
    of a campaign the grave ones and those with a counter-example, which nobody else reads."""
    flags = Flag.objects.filter(UNLOOKED, judgement__undone_at=None, seat__person__isnull=False, **about)
    return flags.order_by("pk")


def outputs_to_look_into() -> list[int]:
    """Outputs with such flags: what a process left that died between the flag and the hiding."""
    return list(unlooked().order_by("output").values_list("output", flat=True).distinct())


def unresolved_critical(person: Person) -> int:
    """How many critical flags of this person wait to be looked at."""
    critical = Flag.objects.filter(seat__person=person, severity=Severity.CRITICAL)
    return critical.filter(Q(look=None) | Q(look__decided_at=None)).count()


def was_looked_at(output: Output) -> bool:
    """Whether a moderator has decided about this output: then no rule hides it by itself any more."""
    return Look.objects.filter(output=output, decided_at__isnull=False).exists()


def counter_examples(look: Look) -> QuerySet[Flag]:
    """The flags of a look that say how it would be said well, and may be published: not those in passing."""
    asked = look.flags.filter(judgement__isnull=False, judgement__undone_at=None)
    return asked.exclude(counter_example="").order_by("pk")


def flags_of(person: Person) -> QuerySet[Flag]:
    """What a person flagged in passing, the newest first, with what became of it."""
    flags = Flag.objects.filter(seat__person=person, judgement=None).select_related("look", "output")
    return flags.annotate(hidden=hides("output__prompt")).order_by("-pk")


def flags_told(person: Person) -> Iterator[dict[str, Any]]:
    """What a person flagged in passing, as they said it, a line for each: for their own archive."""
    for flag in flags_of(person).order_by("pk").iterator():
        yield {"id": str(flag.seat_id), "flagged_at": flag.flagged_at, "answer": told(flag)}


def told(flag: Flag) -> dict[str, Any]:
    """A flag as it was answered, in the words of the API; its span without the words of what was hidden since."""
    if not flag.wrong:
        return {"wrong": False}
    facts = {name: getattr(flag, name) for name in FACTS if getattr(flag, name)}
    if flag.start is not None:
        facts["span"] = {"start": flag.start, "end": flag.end}
        if not still_hidden().filter(item__prompt=flag.output.prompt_id).exists():
            facts["span"]["text"] = flag.output.text[flag.start : flag.end]
    return facts


def flagged_at(person: Person, assignment_id: uuid.UUID, letter: str) -> Flag | None:
    """What this person said in passing of the output under a letter of their seat, or None."""
    seat = Assignment.objects.filter(pk=assignment_id, person=person).first()
    output = output_at(seat, letter) if seat else None
    return Flag.objects.filter(seat=seat, output=output, judgement=None).first() if output else None


def names_of(codes: Collection[str]) -> list[str]:
    """Categories in the words of the page, in their order."""
    return [row.said("name") for row in BiasCategory.objects.filter(code__in=codes)]


def flags_in_words(person: Person, at_most: int) -> list[tuple[Flag, str]]:
    """The newest of `flags_of`, each with the names of its categories."""
    flags = list(flags_of(person)[:at_most])
    names = {row.code: row.said("name") for row in BiasCategory.objects.all()} if flags else {}
    return [(flag, ", ".join(names[code] for code in flag.categories)) for flag in flags]


# Broken tasks -------------------------------------------------------------------------------------------------------


def broken_reports() -> QuerySet[Judgement]:
    """Where people left a task because it is broken; nobody has looked at these tasks yet."""
    seen = Look.objects.filter(item=OuterRef("item"), output=None, decided_at__isnull=False)
    told = Judgement.objects.filter(opt_out=BROKEN, undone_at=None, person__isnull=False)
    return told.exclude(Exists(seen)).order_by("received_at", "pk")


def items_to_open() -> QuerySet[Item]:
    """Tasks that somebody says are broken and that nobody is asked to look at."""
    asked = Look.objects.filter(item=OuterRef("item"), output=None)
    return Item.objects.filter(pk__in=broken_reports().exclude(Exists(asked)).values("item"))


def proven_reports() -> QuerySet[Judgement]:
    """Those of them that can hide a task from others."""
    return broken_reports().filter(person__is_proven=True, person__standing=Person.Standing.GOOD)


def looks_with_voices() -> QuerySet[Look]:
    """Tasks that nobody has looked at or hidden yet, and that two people say are broken."""
    voices = proven_reports().order_by().values("item").annotate(voices=Count("person", distinct=True))
    waiting = Look.objects.filter(output=None, decided_at=None, hidden_at=None)
    return waiting.filter(item__in=voices.filter(voices__gt=1).values("item"))


def weighty(reports: QuerySet[Judgement], at_most: int) -> list[Judgement]:
    """Those of these reports that are not beyond so many that the same person made within an hour before."""
    return [report for report in reports if _in_the_hour_before(report) <= at_most]


def _in_the_hour_before(report: Judgement) -> int:
    hour = Q(received_at__gt=report.received_at - dt.timedelta(hours=1), received_at__lte=report.received_at)
    return Judgement.objects.filter(hour, opt_out=BROKEN, undone_at=None, person=report.person_id).count()


def open_again() -> QuerySet[Look]:
    """What is hidden and stands on a table all the same: brought by an import that read an output before it was hidden,
    or put back with a record that was hidden for another reason too."""
    open_cells = Cell.objects.filter(held_back="")
    with_it = open_cells.filter(item__places__output=OuterRef("output"))
    itself = open_cells.filter(item=OuterRef("item"))
    standing = Exists(with_it) | Q(Exists(itself), output=None)
    return Look.objects.filter(standing, hidden_at__isnull=False).order_by("pk")


def waiting_since(hours: int) -> QuerySet[Look]:
    """What waits for so many hours and nobody was called for."""
    until = timezone.now() - dt.timedelta(hours=hours)
    return Look.objects.filter(decided_at=None, called_at=None, opened_at__lte=until).order_by("opened_at")


def who_decides() -> QuerySet[Person]:
    """Those who may decide about what is flagged, and can be written to."""
    return with_right("change_look").exclude(email="").order_by("pk")
