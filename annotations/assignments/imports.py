"""Bringing checked lines into a campaign as items, and letting go what screening held back of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.gold.queries import nobody_could_say
from annotations.assignments.holding import put_back
from annotations.assignments.locks import one_round_of_cells
from annotations.assignments.models import Campaign, Cell, Item, ItemOutput, Known
from annotations.assignments.queries import places
from annotations.corpus.actions import Entry, enter, lock_imports
from annotations.corpus.lines import ItemLine, Problem
from annotations.corpus.models import Output
from annotations.corpus.personal_data import proven
from annotations.corpus.screening import REASONS as SCREENED
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import require_variety


@dataclass
class Report:
    """What an import did. `known` lines were there already; with `strict`, one refusal means nothing was added.

    Of the refused lines the first `LISTED` are kept with their reasons; all are counted.
    """

    LISTED: ClassVar = 1_000

    added: int = 0
    known: int = 0
    held_back: int = 0
    refused_lines: int = 0
    refused: list[Problem] = field(default_factory=list)

    def refuse(self, problem: Problem) -> None:
        self.refused_lines += 1
        if len(self.refused) < self.LISTED:
            self.refused.append(problem)

    @property
    def lines(self) -> int:
        return self.added + self.known + self.refused_lines


class _NothingAdded(Exception):
    """Rolls a strict import back after its report is complete."""


def load_items(*, campaign: Campaign, lines: Iterable[ItemLine | Problem], strict: bool = False) -> Report:
    """Bring checked lines into a campaign as items, in batches; the same `id` again adds nothing.

    Args:
        strict: refuse the whole file when any line is refused; the report then says what would have been.
    """
    report = Report()
    try:
        with transaction.atomic():
            for batch in _batches(lines, 500):
                _load_batch(campaign, batch, report)
            if strict and report.refused:
                raise _NothingAdded
    except _NothingAdded:
        report.added = report.known = report.held_back = 0
    return report


def _batches(lines: Iterable[ItemLine | Problem], size: int) -> Iterator[list[ItemLine | Problem]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, size)):
        yield batch


def _load_batch(campaign: Campaign, batch: Sequence[ItemLine | Problem], report: Report) -> None:
    lock_imports()
    checked = [_no_gold(line) or line if isinstance(line, ItemLine) else line for line in batch]
    for line in checked:
        if isinstance(line, Problem):
            report.refuse(line)
    good = [line for line in checked if isinstance(line, ItemLine)]
    here = set(
        Item.objects.filter(campaign=campaign, source_id__in=[line.id for line in good])
        .values_list("source_id", flat=True)
    )  # fmt: skip
    report.known += len(here)
    entries, problems = enter([line for line in good if line.id not in here])
    for problem in problems:
        report.refuse(problem)
    items = _make_items(campaign, entries)
    report.added += len(items)
    report.held_back += sum(1 for entry in entries if _hold(entry))


def _no_gold(line: ItemLine) -> Problem | None:
    """Why nobody's answer could be the one that a line of gold expects: it would tell everybody that they differ."""
    if line.known is None or line.known.purpose != Known.Purpose.GOLD:
        return None
    reason = nobody_could_say(kinds.get(line.kind), line.known.expected, len(line.outputs))
    return Problem(line.number, "invalid", "gold.expected", reason, line.id) if reason else None


def _make_items(campaign: Campaign, entries: Sequence[Entry]) -> list[Item]:
    items = Item.objects.bulk_create(
        Item(campaign=campaign, prompt=entry.prompt, variety_id=entry.line.variety, kind=entry.line.kind,
             source_id=entry.line.id, sensitive=list(entry.line.sensitive))
        for entry in entries
    )  # fmt: skip
    Known.objects.bulk_create(
        Known(item=item, purpose=known.purpose, expected=known.expected, explanation=known.explanation)
        for item, entry in zip(items, entries, strict=True)
        if (known := entry.line.known)
    )
    ItemOutput.objects.bulk_create(
        ItemOutput(item=item, output=output, position=place)
        for item, entry in zip(items, entries, strict=True)
        for place, output in enumerate(entry.outputs)
    )
    Cell.objects.bulk_create(
        Cell(item=item, campaign=campaign, kind=item.kind, variety_id=tag, needed=campaign.needed,
             held_back=_hold(entry) or (entry.line.known.purpose if entry.line.known else ""))
        for item, entry in zip(items, entries, strict=True)
        for tag in dict.fromkeys(campaign.judged_in) or [item.variety_id]
    )  # fmt: skip
    return items


def _hold(entry: Entry) -> str:
    """Why the item of this entry gives no seats: an output is held back, or the question shows who somebody is."""
    held = (output.quarantine for output in entry.outputs)
    asked = ("personal_data" for message in entry.line.messages if proven(message["content"]))
    return next((reason for reason in (*held, *asked) if reason), "")


@transaction.atomic
def let_go(*, item: Item, person: Person, reason: str) -> int:
    """Lift what screening held back of an item: it gives seats, and its outputs circulate. Who did it and why stays in
    the panel's log. Returns how many cells are open again.

    Raises:
        Refused: `invalid` (no reason given), `forbidden` (not in their remit), `not_found` (screening holds nothing of
            it).
    """
    if not reason.strip():
        raise Refused("invalid", _("Say why."), {"reason": "missing"})
    require_variety(person, item.variety_id)
    one_round_of_cells()
    held = Cell.objects.filter(item=item, held_back__in=SCREENED)
    if not held.exists():
        raise Refused("not_found", _("Nothing of this is held back by screening."))
    Output.objects.filter(pk__in=places(item), quarantine__in=SCREENED).update(quarantine="")
    cells = put_back(cells=held, reasons=SCREENED)
    LogEntry.objects.create(
        user_id=person.pk, content_type=ContentType.objects.get_for_model(Item), object_id=str(item.pk),
        object_repr=str(item)[:200], action_flag=CHANGE, change_message=f"let go: {reason.strip()}",
    )  # fmt: skip
    return cells
