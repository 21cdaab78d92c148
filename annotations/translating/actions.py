"""Translating: what came is checked and kept; what readers accept enters the memory, and leaves it with its people."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from annotations.assignments.answers import bad, checked_text, only, plain_text
from annotations.assignments.doors import discount
from annotations.assignments.models import Assignment, Cell, Judgement
from annotations.differences import distance
from annotations.people.models import Person, Variety
from annotations.people.stewards.queries import open_to
from annotations.translating import checks
from annotations.translating.models import LONGEST, Approved, Term, Translation
from annotations.translating.palettes import palettes_for
from annotations.translating.queries import (
    begun_from,
    drafts_from,
    made_by_machine,
    near,
    offered,
    same_language,
    source_of,
)

FORGOTTEN = "source_erased"
"""Why a translation counts no more whose words were another's, who is erased."""
GONE = _("The text this began with was taken back. What is written in one's own words can be sent as it is.")

# Checking -----------------------------------------------------------------------------------------------------------


def check(answer: Mapping[str, Any], seat: Assignment) -> Translation:
    """`{"text": "…", "orthography": "…", "started_from": 7}`, the last two where there is something to say, or
    `{"started_from": 7, "valid_here": true}`, which takes that text as it is, with its orthography; as a translation
    that is not saved, or `Refused("invalid")` naming the field."""
    only(answer, ("text", "orthography", "started_from", "valid_here"))
    cell, valid_here = seat.cell, answer.get("valid_here", False)
    begun = _begun(answer.get("started_from"), cell)
    if not isinstance(valid_here, bool):
        raise bad("valid_here", _("Must be true or false."))
    text = _taken(answer, begun, cell) if valid_here else checked_text(answer.get("text"))
    orthography = begun.translation.orthography if begun and valid_here else _orthography(answer, cell)
    if found := faults(text, cell):
        raise bad("text", " ".join(found))
    return Translation(
        text=text, orthography=orthography, valid_here=valid_here, warnings=[each.code for each in doubts(text, cell)],
        started_from_id=begun.pk if begun else None, distance=distance(begun.text, text) if begun else None,
    )  # fmt: skip


def faults(text: str, cell: Cell) -> list[str]:
    return checks.faults(source_of(cell.item), text, same_language=same_language(cell))


def doubts(text: str, cell: Cell) -> list[checks.Doubt]:
    return checks.doubts(
        source_of(cell.item), text, near=near(cell.variety), same_language=same_language(cell),
        made_by_machine=made_by_machine(cell.item, text),
    )  # fmt: skip


def _begun(value: Any, cell: Cell) -> Approved | None:
    if value is None:
        return None
    row = offered(cell, value) if isinstance(value, int) and 0 < value < 2**63 else None
    if row is None:
        raise bad("started_from", GONE)
    return row


def _taken(answer: Mapping[str, Any], begun: Approved | None, cell: Cell) -> str:
    if begun is None or begun.source != source_of(cell.item):
        raise bad("valid_here", _("Only an accepted translation of this very text can be taken as it is."))
    if plain_text(answer.get("text", begun.text), "text", len(begun.text)) != begun.text:
        raise bad("text", _("This is another text: it is sent as one's own."))
    return begun.text


def _orthography(answer: Mapping[str, Any], cell: Cell) -> str:
    value: str = answer.get("orthography", "")
    known = ["", *(each.orthography for each in palettes_for(cell.variety.lineage) if each.orthography)]
    if value not in known:
        raise bad("orthography", _("Must be one of %s.") % ", ".join(known[1:]))
    return value


# Keeping ------------------------------------------------------------------------------------------------------------


def made(judgement: Judgement, translation: Translation) -> Translation:
    translation.judgement = judgement
    return translation


def tell(judgement: Judgement) -> Mapping[str, Any]:
    """A translation as it was answered."""
    said = judgement.translation
    facts = {
        "text": said.text, "orthography": said.orthography, "started_from": said.started_from_id,
        "valid_here": said.valid_here,
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value or name == "text"}


# The memory ---------------------------------------------------------------------------------------------------------


def remember(judgement: Judgement, text: str) -> None:
    """Reviewing's door: readers accepted it, as it was or with their changes. Where a charter keeps its variety out of
    the memory, it does not enter. Again, it stands there in the words of the last time."""
    item = judgement.item
    varieties = {judgement.cell.variety_id, item.prompt.variety_id, judgement.judge_variety_id}
    if open_to("keeps_in_memory").filter(tag__in=varieties).count() < len(varieties):
        return
    facts = {
        "source": source_of(item), "source_variety_id": item.prompt.variety_id,
        "variety_id": judgement.judge_variety_id, "text": text,
    }  # fmt: skip
    Approved.objects.update_or_create(translation_id=judgement.pk, defaults=facts)


@transaction.atomic
def forget_accepted(*, judgement: Judgement) -> list[int]:
    """Reviewing's door: the words in which this was accepted must go, because who changed them is erased. It leaves the
    memory; what others made of those words is forgotten too. Returns the judgements that were."""
    gone, _rows = Approved.objects.filter(pk=judgement.pk).delete()
    drafts_from([judgement.pk]).delete()
    return _forget(begun_from([judgement.pk])) if gone else []


@transaction.atomic
def forget_translated(person: Person) -> list[int]:
    """The right to have one's contributions erased, before the judgements themselves go: what others made of this
    person's translations is forgotten. Returns the judgements that were."""
    mine = list(Translation.objects.filter(judgement__person=person).values_list("pk", flat=True))
    drafts_from(mine).delete()
    theirs = Translation.objects.filter(pk__in=begun_from(mine)).exclude(judgement__person=person)
    return _forget(set(theirs.values_list("pk", flat=True)))


def _forget(translations: Iterable[int]) -> list[int]:
    """Whoever made them keeps that they did, without the words; they count no more, and their places are open."""
    gone = sorted(translations)
    for judgement in Judgement.objects.filter(pk__in=gone).order_by("cell_id"):
        discount(judgement=judgement, reason=FORGOTTEN)
    drafts_from(gone).delete()
    Approved.objects.filter(pk__in=gone).delete()
    Translation.objects.filter(pk__in=gone).update(text="", started_from=None)
    return gone


# The glossary -------------------------------------------------------------------------------------------------------

COLUMNS = ("source_variety", "variety", "term", "translation", "note")


@dataclass
class Loaded:
    """What a glossary's file did: terms that are new, changed or as they were, and what is wrong, by line."""

    added: int = 0
    changed: int = 0
    same: int = 0
    problems: list[str] = field(default_factory=list)


@transaction.atomic
def load_glossary(lines: Iterable[str]) -> Loaded:
    """Bring the terms of a CSV into the glossary, each found again by its varieties and its word. A line that cannot be
    used is told, and the others go on; none is deleted."""
    report = Loaded()
    reader = csv.DictReader(lines)
    if missing := set(COLUMNS[:-1]) - set(reader.fieldnames or ()):
        report.problems.append(f"line 1: the column {min(missing)} is missing")
        return report
    known = set(Variety.objects.values_list("tag", flat=True))
    for row in reader:
        facts = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if problem := _wrong(facts, known):
            report.problems.append(f"line {reader.line_num}: {problem}")
        else:
            _enter(facts, report)
    return report


def _wrong(facts: Mapping[str, str], known: set[str]) -> str:
    for name in COLUMNS[:-1]:
        if not facts[name]:
            return f"{name}: empty"
    for name in COLUMNS[:2]:
        if facts[name] not in known:
            return f"{name}: {facts[name]!r} is not a variety we know"
    for name, most in LONGEST.items():
        if len(facts[name]) > most or "\x00" in facts[name]:
            return f"{name}: at most {most} characters, without NUL"
    return ""


def _enter(facts: Mapping[str, str], report: Loaded) -> None:
    key = {"source_variety_id": facts["source_variety"], "variety_id": facts["variety"], "term": facts["term"]}
    said = {"translation": facts["translation"], "note": facts["note"]}
    term, new = Term.objects.get_or_create(**key, defaults=said)
    if new:
        report.added += 1
    elif (term.translation, term.note) == (said["translation"], said["note"]):
        report.same += 1
    else:
        Term.objects.filter(pk=term.pk).update(**said)
        report.changed += 1
