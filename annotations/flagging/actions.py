"""Flagging: what is said to be wrong is checked and kept; what may harm is hidden; a person looks at it and decides."""

import logging
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from annotations.assignments.answers import bad, only, plain_text
from annotations.assignments.holding import avert, lock_cells, put_back, take_off, with_output
from annotations.assignments.locks import one_round_of_cells
from annotations.assignments.models import Assignment, Cell, Item, Judgement
from annotations.assignments.seats import give_back, require_consent
from annotations.corpus.actions import circulate, quarantine
from annotations.corpus.models import Output
from annotations.corpus.screening import reason_to_hold
from annotations.errors import Refused
from annotations.flagging.models import BiasCategory, Flag, Look, Severity, TargetGroup
from annotations.flagging.queries import (
    FACTS,
    MAY_DECIDE,
    counter_examples,
    items_to_open,
    looks_with_voices,
    open_again,
    output_at,
    proven_reports,
    told,
    unlooked,
    unresolved_critical,
    waiting_since,
    was_looked_at,
    weighty,
    who_decides,
)
from annotations.people.competence.queries import is_confirmed
from annotations.people.mail import MAIL_HEADER, mail_mark
from annotations.people.models import Person, Variety
from annotations.people.remits.actions import require_variety
from annotations.people.stewards.queries import current_stewards

log = logging.getLogger(__name__)

FLAGGED: Final = "flagged"
"""Why an output does not circulate, and a cell with it gives no seats."""
BROKEN: Final = "broken"
"""Why a cell gives no seats: people say that its task is broken."""
MAX_WORDS: Final = 2_000
"""Characters of a counter-example, and of a comment."""
CRITICAL_AT_ONCE: Final = 3
"""So many critical flags of one person may wait and still hide; further ones hide nothing until somebody looked."""
BROKEN_AN_HOUR: Final = 5
"""So many tasks one person may call broken in an hour, and be heard at once."""
CALL_AFTER_HOURS: Final = 24


# Checking -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A checked flag; `wrong` False where nothing is wrong, and then nothing else is said."""

    output: int
    wrong: bool
    start: int | None = None
    end: int | None = None
    categories: list[str] = field(default_factory=list)
    severity: int | None = None
    groups: list[str] = field(default_factory=list)
    stance: str = ""
    common: str = ""
    counter_example: str = ""
    comment: str = ""


def check(answer: Mapping[str, Any], seat: Assignment) -> Said:
    """`{"wrong": false}`, or `{"wrong": true, "span": {"start": 3, "end": 9}, "categories": ["genero"], "severity": 2,
    "groups": ["mujeres"], "stance": "endorsed", "common": "often", "counter_example": "…", "comment": "…"}`, where
    span, common, counter-example and comment may be left out; or `Refused("invalid")` naming the field."""
    return check_at(answer, Output.objects.get(pk=seat.shown[0]))


def check_at(answer: Mapping[str, Any], output: Output) -> Said:
    """The same, about an output that is shown anywhere."""
    only(answer, (*FACTS, "span"))
    wrong = answer.get("wrong")
    if not isinstance(wrong, bool):
        raise bad("wrong", _("Must be true or false."))
    if not wrong:
        if more := [name for name in (*FACTS, "span") if answer.get(name)]:
            raise bad(more[0], _("Where nothing is wrong there is no more to say."))
        return Said(output.pk, wrong=False)
    categories = _codes(answer, "categories", BiasCategory.objects.values_list("code", flat=True))
    if not categories:
        raise bad("categories", _("Choose what is wrong."))
    start, end = _span(answer.get("span"), output.text)
    words = {name: plain_text(answer.get(name, ""), name, MAX_WORDS).strip() for name in ("counter_example", "comment")}
    if "otro" in categories and not words["comment"]:
        raise bad("comment", _("Say what it is, in a few words."))
    return Said(
        output.pk, wrong=True, start=start, end=end, categories=categories, severity=_severity(answer.get("severity")),
        groups=_groups(answer, categories), stance=_one_of(answer, "stance", Flag.Stance.values),
        common=_one_of(answer, "common", ["", *Flag.Common.values]), **words,
    )  # fmt: skip


def _codes(answer: Mapping[str, Any], name: str, known: Collection[str]) -> list[str]:
    value = answer.get(name, [])
    if not isinstance(value, list) or not all(isinstance(code, str) and code in known for code in value):
        raise bad(name, _("Must be a list of known codes."))
    return [code for code in known if code in value]


def _one_of(answer: Mapping[str, Any], name: str, known: Collection[str]) -> str:
    value = answer.get(name, "")
    if not isinstance(value, str) or value not in known:
        raise bad(name, _("Must be one of %s.") % ", ".join(filter(None, known)))
    return value


def _severity(value: Any) -> int:
    if type(value) is not int or not Severity.objects.filter(pk=value).exists():
        raise bad("severity", _("Say how grave it is, from 1 to 4."))
    return value


def _groups(answer: Mapping[str, Any], categories: Collection[str]) -> list[str]:
    """Social bias is against somebody; what is dangerous or mistaken may be so for all."""
    groups = _codes(answer, "groups", TargetGroup.objects.values_list("code", flat=True))
    social = BiasCategory.objects.filter(code__in=categories, family=BiasCategory.SOCIAL)
    if not groups and social.exists():
        raise bad("groups", _("Say whom it harms."))
    return groups


def _span(value: Any, text: str) -> tuple[int | None, int | None]:
    if value is None:
        return None, None
    if not isinstance(value, Mapping) or set(value) - {"start", "end", "text"}:
        raise bad("span", _("Must have a start and an end."))
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise bad("span", _("Must lie inside the text, in characters (Unicode code points)."))
    if value.get("text", text[start:end]) != text[start:end]:
        raise bad("span", _("Other words stand there."))
    return start, end


# Keeping ------------------------------------------------------------------------------------------------------------


def keep(judgement: Judgement, said: Said) -> None:
    """Write the flag of an answer, inside the judgement's transaction. What is hidden because of it is hidden after:
    this transaction holds a cell already, and others' would be locked out of their order."""
    assert judgement.person, "an answer comes from somebody"
    _write(judgement.person, judgement.assignment, said, judgement)


def tell(judgement: Judgement) -> Mapping[str, Any]:
    """The flag as it was answered: what `check` would take."""
    return told(judgement.flag)


def _write(person: Person, seat: Assignment, said: Said, judgement: Judgement | None = None) -> Flag:
    critical = said.severity == Severity.CRITICAL
    weighs = person.is_proven and not (critical and unresolved_critical(person) >= CRITICAL_AT_ONCE)
    flag = Flag.objects.create(
        judgement=judgement, seat=seat, output_id=said.output, weighs=weighs,
        **{name: getattr(said, name) for name in Said.__dataclass_fields__ if name != "output"},
    )  # fmt: skip
    if said.wrong:
        transaction.on_commit(partial(look_into, output_id=said.output))
    return flag


def report(*, person: Person, assignment_id: uuid.UUID, letter: str, answer: Mapping[str, Any]) -> Flag:
    """Say in passing that something is wrong in an output one is shown, at a seat of any kind. From now on they never
    meet it again; their seat is free for somebody else.

    Raises:
        Refused: `not_found` (no such seat of theirs, no such output there), `invalid`, `already_judged` (they said so
            before), `consent_required`, `suspended`.
    """
    try:
        return _report(person, assignment_id, letter, answer)
    except IntegrityError as error:
        if "an_output_is_flagged_in_passing_once" in str(error):
            raise Refused("already_judged", _("This was flagged already.")) from None
        raise


@transaction.atomic
def _report(person: Person, assignment_id: uuid.UUID, letter: str, answer: Mapping[str, Any]) -> Flag:
    person = Person.objects.lock(person)
    seats = Assignment.objects.select_related("item__campaign", "judge_variety")
    seat = seats.filter(pk=assignment_id, person=person).first()
    output = output_at(seat, letter) if seat else None
    if seat is None or output is None:
        raise Refused("not_found")
    require_consent(person, seat.item.campaign, seat.judge_variety)
    said = check_at({"wrong": True, **answer}, output)
    if not said.wrong:
        raise bad("wrong", _("Must be true."))
    avert(person=person, outputs=[output.pk])
    give_back(person=person, assignment_id=seat.pk)
    return _write(person, seat, said)


# Hiding -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def look_into(*, output_id: int) -> Look | None:
    """Have somebody look at an output that is flagged, and hide it from everybody where a rule says so. None where
    nothing grave is said and nobody flagged it in passing. Twice, or twice at once, is once."""
    one_round_of_cells()
    output = _locked(output_id)
    new = list(unlooked(output=output).select_related("seat"))
    look = Look.objects.filter(output=output, decided_at=None).first()
    if new and look is None:
        look = Look.objects.create(output=output, item_id=new[0].seat.item_id)
    Flag.objects.filter(pk__in=[flag.pk for flag in new]).update(look=look)
    if look and look.hidden_at is None and not was_looked_at(output) and (rule := _rule(look, output)):
        _hide(look, rule)
    return look


def _locked(output_id: int) -> Output:
    """One look at an output at a time. Rows that point to it may be written meanwhile: whoever flags it now holds a
    cell, and would be waited for in a circle."""
    return Output.objects.select_for_update(no_key=True).get(pk=output_id)


def _rule(look: Look, output: Output) -> Look.Rule | None:
    """What hides a flagged output from everybody, of all flags that weigh, were not taken back and are of people in
    good standing."""
    standing = {"judgement__undone_at": None, "seat__person__standing": Person.Standing.GOOD}
    weighing = look.flags.filter(weighs=True, severity__gte=Severity.GRAVE, **standing)
    flags = list(weighing.select_related("seat__item__variety", "seat__person"))
    if not flags:
        return None
    if any(flag.severity == Severity.CRITICAL for flag in flags):
        return Look.Rule.SEVERITY
    if len({flag.seat.person_id for flag in flags}) > 1:
        return Look.Rule.SECOND
    if any(_is_heard_alone(flag.seat.person, flag.seat.item.variety) for flag in flags):
        return Look.Rule.SPEAKER
    return Look.Rule.MACHINE if reason_to_hold(output.text) else None


def _is_heard_alone(person: Person | None, variety: Variety) -> bool:
    """A steward of the variety, or somebody whose knowledge of it is confirmed."""
    steward = current_stewards(variety).filter(person=person).exists()
    return person is not None and (steward or is_confirmed(person, variety))


def _hide(look: Look, rule: Look.Rule) -> None:
    look.hidden_at, look.hidden_by = timezone.now(), rule
    look.save(update_fields=["hidden_at", "hidden_by"])
    if look.output:
        quarantine(output=look.output, reason=FLAGGED)
    take_off(cells=_cells(look), reason=FLAGGED if look.output else BROKEN)


def _cells(look: Look) -> QuerySet[Cell]:
    return with_output(look.output) if look.output else Cell.objects.filter(item=look.item_id)


def take_off_again() -> int:
    """Whatever is hidden is on no table, however it came back to one. Returns how many looks it concerned."""
    found = list(open_again())
    for look in found:
        with transaction.atomic():
            one_round_of_cells()
            if Look.objects.select_for_update(of=("self",)).filter(pk=look.pk, hidden_at__isnull=False).exists():
                take_off(cells=_cells(look), reason=FLAGGED if look.output else BROKEN)
    return len(found)


def look_at_broken() -> int:
    """Have somebody look at every task that a person says is broken, and hide it once a second one says so. Returns
    how many were opened or hidden; running it again, or twice at once, changes nothing."""
    opened = [_open(item) for item in items_to_open()]
    return sum(opened) + sum(_hide_broken(pk) for pk in list(looks_with_voices().values_list("pk", flat=True)))


def _open(item: Item) -> bool:
    try:
        with transaction.atomic():
            Look.objects.create(item=item)
    except IntegrityError:  # another worker was first
        return False
    return True


@transaction.atomic
def _hide_broken(pk: int) -> bool:
    one_round_of_cells()
    look = Look.objects.select_for_update(of=("self",)).filter(pk=pk, hidden_at=None, decided_at=None).first()
    if look is None:
        return False
    reports = weighty(proven_reports().filter(item=look.item_id), BROKEN_AN_HOUR)
    if len({report.person_id for report in reports}) < 2:
        return False
    _hide(look, Look.Rule.SECOND)
    return True


# Deciding -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_out_of_sight(*, moderator: Person, item: Item, output: Output | None, reason: str) -> Look:
    """A moderator hides a task from everybody, or one of its outputs wherever it stands, though nobody flagged it. It
    comes back as what was flagged does: by deciding anew.

    Raises:
        Refused: `not_found` (not somebody who decides, or no output of this item), `invalid` (no reason).
    """
    if output is not None and not item.places.filter(output=output).exists():
        raise Refused("not_found")
    one_round_of_cells()
    if output is not None:
        _locked(output.pk)
    about = {"output": output} if output else {"output": None, "item": item}
    look = Look.objects.filter(decided_at=None, **about).first()
    look = look or Look.objects.create(output=output, item=item)
    return decide(moderator=moderator, look=look, decision=Look.Decision.OUT, reason=reason)


@transaction.atomic
def decide(
    *, moderator: Person, look: Look, decision: str, reason: str, taken: Collection[int] = (),
    seen: Collection[int] | None = None,
) -> Look:  # fmt: skip
    """A moderator looked at it: it stays `out`, comes back `veiled` (behind a click, in the categories it was flagged
    for), or is `fine`. Decided anew, the last word holds.

    Args:
        taken: flags of this look whose counter-example is a good answer in the place of what was flagged, and may be
            learned from; only where it is `veiled`, and never the moderator's own.
        seen: flags that the moderator had before them. What came while they thought gets a look of its own, or a text
            would pass for read that nobody read. All of them when left out.

    Raises:
        Refused: `not_found` (not somebody who decides), `forbidden` (not in their remit), `invalid` (no such decision,
            no reason, nothing to take).
    """
    if moderator.standing != Person.Standing.GOOD or not moderator.has_perm(MAY_DECIDE):
        raise Refused("not_found")
    require_variety(moderator, look.item.variety_id)
    if decision not in Look.Decision.values:
        raise Refused("invalid", _("Say what becomes of it."), {"decision": "unknown"})
    if not reason.strip():
        raise Refused("invalid", _("A reason is needed."), {"reason": "empty"})
    one_round_of_cells()
    if look.output_id:  # locked first, as everywhere
        _locked(look.output_id)
    look = Look.objects.select_for_update(of=("self",)).get(pk=look.pk)
    look.decision, look.reason, look.decided_by, look.decided_at = decision, reason.strip(), moderator, timezone.now()
    look.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    if seen is not None:
        _leave_for_another(look, seen)
    _take(look, set(taken), moderator)
    if decision != Look.Decision.OUT:
        _bring_back(look, veiled=decision == Look.Decision.VEILED)
    elif look.hidden_at is None:
        _hide(look, Look.Rule.MODERATOR)
    return look


def _leave_for_another(look: Look, seen: Collection[int]) -> None:
    if look.output_id and look.flags.exclude(pk__in=seen).update(look=None, taken=False):
        transaction.on_commit(partial(look_into, output_id=look.output_id))


def _take(look: Look, taken: set[int], moderator: Person) -> None:
    """Nobody takes their own words: who wrote them would be the only one who read them."""
    others = {flag.pk for flag in counter_examples(look).exclude(seat__person=moderator)}
    if taken and (look.decision != Look.Decision.VEILED or taken - others):
        raise Refused("invalid", _("Only how else to say what is wrong can be taken."), {"taken": sorted(taken)})
    look.flags.exclude(pk__in=taken).update(taken=False)
    look.flags.filter(pk__in=taken).update(taken=True)


def _bring_back(look: Look, *, veiled: bool) -> None:
    """It is shown again; a task that others say is broken stays off the table all the same."""
    look.hidden_at, look.hidden_by = None, ""
    look.save(update_fields=["hidden_at", "hidden_by"])
    cells = _cells(look)
    lock_cells(cells)
    if look.output:
        circulate(output=look.output, reasons=[FLAGGED])
    put_back(cells=cells, reasons=[FLAGGED] if look.output else [BROKEN])
    broken = Look.objects.filter(item__cells__in=cells, output=None, hidden_at__isnull=False).values("item")
    take_off(cells=Cell.objects.filter(item__in=broken), reason=BROKEN)
    if veiled:
        _veil(look, cells)


def _veil(look: Look, cells: QuerySet[Cell]) -> None:
    """Items after their cells, each locked: two who decide at once lose nothing of each other."""
    touched = {code for flag in look.flags.all() for code in flag.categories}
    items = Item.objects.filter(pk__in=cells.values("item"))
    for item in items.order_by("pk").select_for_update(no_key=True):
        item.sensitive = sorted({*item.sensitive, *touched})
        item.save(update_fields=["sensitive"])


def call_for_leads() -> int:
    """Tell those who decide that something waits for a day: how much, and nothing of what it is. It stays hidden
    meanwhile. Returns how many waited; told again by the next run where no mail could be sent."""
    due = [look.pk for look in waiting_since(CALL_AFTER_HOURS)]
    if due and _write_to_leads(len(due)):
        Look.objects.filter(pk__in=due).update(called_at=timezone.now())
    return len(due)


def _write_to_leads(count: int) -> bool:
    """Whether anybody was told, or nobody can be: those who decide, else whoever answers for the house."""
    sent = 0
    leads = list(who_decides())
    for person in leads:
        with override(person.language.lower()):
            sent += _send(count, person.email, {MAIL_HEADER: mail_mark(person)})
    contact = settings.MINKA_CONTROLLER["controller_contact"]
    if not leads and "@" in contact:
        sent += _send(count, contact, {})
    return sent > 0 or not (leads or "@" in contact)


def _send(count: int, to: str, headers: dict[str, str]) -> bool:
    subject = ngettext("%d thing that was flagged waits", "%d things that were flagged wait", count) % count
    text = gettext("They wait for more than a day, hidden as far as the rules hide them. Please decide in the panel.")
    try:
        EmailMessage(f"{settings.MINKA_SITE_NAME}: {subject}", text, None, [to], headers=headers).send()
    except OSError as error:  # smtplib's own faults are OSErrors too
        log.warning("leads could not be told: %s", type(error).__name__)
        return False
    return True
