"""What may go to the desk, which of it should, and what stands there."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import override

from annotations.assignments import kinds
from annotations.assignments.models import Cell, ItemOutput, Judgement, Known
from annotations.assignments.queries import KEYS, places
from annotations.assignments.stewards.queries import hides
from annotations.flagging.actions import FLAGGED
from annotations.flagging.models import BiasCategory, Flag, Severity, TargetGroup
from annotations.people.stewards.queries import closed_to
from annotations.people.texts import page
from annotations.quality.argilla import sheets
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet
from annotations.quality.argilla.port import Guess, Sheet, Task
from annotations.quality.argilla.rules import is_drawn, sum_of
from annotations.quality.ballots import ballots_of
from annotations.quality.checks.queries import checked_by_anchors
from annotations.quality.models import Verdict
from annotations.quality.rules import RULES
from annotations.rating.models import Score
from annotations.rating.rubric import aspects
from annotations.reviewing.models import Reviewed

Why, State = ExpertRecord.Why, ExpertRecord.State
MOST_GUIDELINES: Final = 10_000
"""Characters a data set's guidelines may have there."""


CLOSE: Final = 0.67
"""A majority of two thirds or fewer is a close one."""


# What may be sent, and what should ----------------------------------------------------------------------------------


def may_be_sent() -> QuerySet[Cell]:
    """Cells whose texts may stand at the desk at this moment: of kinds that experts can be asked for, not hidden, of no
    variety that its stewards keep from it, and with nothing in it that screening holds. What is off the tables because
    people flagged it may: experts are asked about that, too."""
    closed = closed_to("sends_to_argilla", "takes_contributions")
    held = ItemOutput.objects.filter(item=OuterRef("item")).exclude(output__quarantine__in=["", FLAGGED])
    cells = Cell.objects.filter(kind__in=sheets.KINDS, held_back__in=["", FLAGGED]).exclude(hides("item__prompt"))
    for variety in ("variety", "item__variety", "item__prompt__variety"):
        cells = cells.exclude(**{f"{variety}__in": closed})
    known = Exists(Known.objects.filter(item=OuterRef("item")))
    return cells.exclude(known).exclude(Exists(held))


def candidates(desk: ExpertDesk) -> Iterator[tuple[ExpertRecord.Why, Iterator[int]]]:
    """By what the desk is for, the most telling first, the cells that no record is about yet, in their order."""
    free = may_be_sent().filter(campaign=desk.campaign_id, expert_record=None).order_by("pk")
    if desk.severe:
        yield Why.SEVERE, _keys(free.filter(_is_severe()))
    whole = free.filter(held_back="", done__gte=F("needed")).exclude(checked_by_anchors())
    for rows in _disputed(whole) if desk.disputed else ():
        yield Why.DISPUTED, _keys(rows)
    if desk.unsure_below is not None:
        verdicts = Verdict.objects.filter(cell=OuterRef("pk"), superseded_at=None)
        yield Why.UNSURE, _keys(whole.filter(Exists(verdicts.filter(estimate__confidence__lt=desk.unsure_below))))
    if desk.audit:
        yield Why.AUDIT, (pk for pk in _keys(whole) if is_drawn(desk.seed, pk, desk.audit))


def _keys(cells: QuerySet[Cell]) -> Iterator[int]:
    return cells.values_list("pk", flat=True).iterator(2_000)


def _is_severe() -> Exists:
    stands = Q(judgement=None) | Q(judgement__counted=True)
    return Exists(Flag.objects.filter(stands, seat__item=OuterRef("item"), severity__gte=Severity.GRAVE))


def _disputed(cells: QuerySet[Cell]) -> Iterator[QuerySet[Any]]:
    verdicts = Verdict.objects.filter(cell=OuterRef("pk"), superseded_at=None)
    yield cells.filter(Exists(verdicts.filter(outcome=Verdict.Outcome.NO_MAJORITY)), kind="vote")
    yield cells.filter(Exists(verdicts.filter(agreement__lte=CLOSE)), kind="vote")
    counted = Q(judgements__counted=True)
    points = "judgements__score__overall"
    yield cells.filter(kind="score").annotate(
        spread=Max(points, filter=counted) - Min(points, filter=counted)
    ).filter(spread__gte=2)  # fmt: skip
    said = Flag.objects.filter(judgement__cell=OuterRef("pk"), judgement__counted=True)
    yield cells.filter(Exists(said.filter(wrong=True)), Exists(said.filter(wrong=False)), kind="flag")
    turned_down = Reviewed.objects.filter(judgement__cell=OuterRef("pk"), outcome=Reviewed.Outcome.REJECTED)
    yield cells.filter(Exists(turned_down), kind="translation")


def unanswered(desk: ExpertDesk) -> int:
    """How many wait for an expert: to be sent, or there with no answer that counts as one."""
    waiting = ExpertRecord.objects.filter(desk=desk, state__in=[State.WAITING, State.THERE])
    given = ExpertAnswer.objects.filter(record=OuterRef("pk"), status=ExpertAnswer.Status.SUBMITTED)
    return waiting.exclude(Exists(given)).count()


# What a record says -------------------------------------------------------------------------------------------------


def sheet_for(desk: ExpertDesk, kind: str, outputs: int) -> Sheet:
    """The sheet of a campaign's items of a kind with so many outputs. Its name holds a sum of what it shows and asks:
    another question is another data set, as there they never change."""
    with override(settings.LANGUAGE_CODE):
        words = _words()
        fields, questions = sheets.fields(kind, outputs), sheets.questions(kind, outputs, words)
        guidelines = page(kinds.get(kind).guidelines, settings.LANGUAGE_CODE).markdown[:MOST_GUIDELINES]
        asked = {
            "fields": [each.name for each in fields],
            "questions": [
                [each.name, each.kind, list(each.options or ()), list(each.scale), each.of, each.required]
                for each in questions
            ],
        }  # fmt: skip
    name = f"{desk.campaign.slug}-{kind}-{outputs}-{sum_of(asked)[:8]}"
    return Sheet(name, guidelines, fields, questions, sheets.FACTS, desk.experts)


def _words() -> sheets.Words:
    language = settings.LANGUAGE_CODE
    return sheets.Words(
        aspects={each.code: f"{each.name}: {each.question}" for each in aspects(language)},
        categories={each.code: each.said("name") for each in BiasCategory.objects.all()},
        groups={each.code: each.said("name") for each in TargetGroup.objects.order_by("code")},
        stances={value: str(label) for value, label in Flag.Stance.choices},
    )


def task_of(record: ExpertRecord) -> Task:
    """What is pushed of a record, as it stands now."""
    cell, prompt = record.cell, record.cell.item.prompt
    texts = {each.output_id: each.output.text for each in record.cell.item.places.select_related("output")}
    fields = {"prompt": prompt.messages} | {
        f"output_{key}": texts[output] for key, output in zip(KEYS, record.shown, strict=False)
    }
    told, sure, facts = _told(record)
    facts |= {"variety": cell.variety_id, "why": record.why}
    if prompt.domain:
        facts["domain"] = prompt.domain
    guesses: tuple[Guess, ...] = sheets.guesses(cell.kind, told, sure) if told else ()
    return Task(str(record.pk), fields, facts, guesses)


def content_of(task: Task, sheet: str) -> str:
    """The sum of what is pushed."""
    return sum_of({
        "sheet": sheet, "fields": dict(task.fields), "facts": dict(task.facts),
        "guesses": [[each.question, each.value, each.sure] for each in task.guesses],
    })  # fmt: skip


def _told(record: ExpertRecord) -> tuple[Mapping[str, Any], float | None, dict[str, str | int | float]]:
    """What volunteers said, in the words of the API with keys by the record's order, how sure it is, and how many they
    were. What experts said is left out: nobody is to follow the one before."""
    return _TOLD[record.cell.kind](record)


def _of_volunteers(record: ExpertRecord) -> QuerySet[Judgement]:
    """But for those who speak a variety of which nothing may stand there."""
    said = Judgement.objects.filter(cell=record.cell_id, counted=True, trusted=False)
    return said.exclude(judge_variety__in=closed_to("sends_to_argilla")).order_by("pk")


def _voted(record: ExpertRecord) -> tuple[Mapping[str, Any], float | None, dict[str, str | int | float]]:
    ballots = [each for each in ballots_of(record.cell) if not each.trusted]
    if not ballots:
        return {}, None, {}
    crowd = RULES[record.cell.campaign.rule](ballots, places(record.cell.item))
    facts: dict[str, str | int | float] = {"votes": crowd.n, "agreement": round(crowd.agreement, 3)}
    if crowd.outcome == Verdict.Outcome.NO_MAJORITY:
        return {}, None, facts
    if crowd.preferred is None:
        return {"preferred": crowd.outcome}, crowd.agreement, facts
    key = KEYS[record.shown.index(crowd.preferred)]
    strength = 2 if (crowd.margin or 0) >= sheets.MUCH else 1
    told = {"preferred": key, "strength": strength} if len(record.shown) == 2 else {}
    return told, crowd.agreement, facts


def _scored(record: ExpertRecord) -> tuple[Mapping[str, Any], float | None, dict[str, str | int | float]]:
    """The mean of each aspect, as a whole number."""
    rows = list(Score.objects.filter(judgement__in=_of_volunteers(record)))
    if not rows:
        return {}, None, {}
    asked = [code for code in rows[0].points if all(code in row.points for row in rows)]
    points = {code: round(sum(row.points[code] for row in rows) / len(rows)) for code in asked}
    overall = round(sum(row.overall for row in rows) / len(rows))
    return {"points": points, "overall": overall}, None, {"votes": len(rows)}


def _translated(record: ExpertRecord) -> tuple[Mapping[str, Any], float | None, dict[str, str | int | float]]:
    """What readers accepted last; where they accepted nothing, what was written last."""
    written = _of_volunteers(record).filter(translation__isnull=False).exclude(translation__text="")
    accepted = Reviewed.objects.filter(judgement__in=written).exclude(text="").order_by("-judgement").first()
    newest = written.select_related("translation").last()
    text = accepted.text if accepted else newest.translation.text if newest else ""
    return ({"text": text} if text else {}), None, {"votes": written.count()}


def _flagged(record: ExpertRecord) -> tuple[Mapping[str, Any], float | None, dict[str, str | int | float]]:
    said = list(Flag.objects.filter(judgement__in=_of_volunteers(record)).values_list("wrong", flat=True))
    facts: dict[str, str | int | float] = {"votes": len(said)}
    part = sum(said) / len(said) if said else 0.5
    if part == 0.5:
        return {}, None, facts
    return {"wrong": part > 0.5}, max(part, 1 - part), facts


_TOLD: Final = {"vote": _voted, "score": _scored, "translation": _translated, "flag": _flagged}


# What stands there --------------------------------------------------------------------------------------------------


_WITH: Final = ("desk__campaign", "at", "cell__campaign", "cell__item__prompt")


def no_longer_allowed() -> QuerySet[ExpertRecord]:
    """Records that are there, or may be, and may not be: hidden since, kept by stewards, held by screening."""
    rows = ExpertRecord.objects.filter(state__in=[State.WAITING, State.THERE, State.FAILED])
    return rows.exclude(cell__in=may_be_sent()).select_related("at").order_by("pk")


def fully_answered() -> QuerySet[ExpertRecord]:
    """What is there and has as many answers as its desk asks for, none of which waits for something."""
    good = Count("answers", filter=Q(answers__status=ExpertAnswer.Status.SUBMITTED, answers__problem=""))
    waits = Count("answers", filter=~Q(answers__problem=""))
    rows = ExpertRecord.objects.filter(state=State.THERE).alias(good=good, waits=waits)
    return rows.filter(good__gte=F("desk__experts"), waits=0).select_related("at").order_by("pk")


def over_and_done(since: dt.datetime) -> QuerySet[ExpertRecord]:
    """Of these, those that got their last answer before this moment, of which nobody else is asked, and where the desk
    can be read: or somebody may have said more."""
    rows = fully_answered().alias(last=Max("answers__pulled_at"))
    return rows.filter(last__lt=since, cell__open=False, at__problem="")


def places_to_read() -> QuerySet[ExpertSet]:
    """Data sets of which something is there, or whose problem may be over."""
    there = ExpertRecord.objects.filter(at=OuterRef("pk"), state=State.THERE)
    return ExpertSet.objects.filter(Exists(there) | ~Q(problem="")).exclude(pushed_at=None).order_by("pk")


def to_be_pushed(desk: ExpertDesk) -> QuerySet[ExpertRecord]:
    """What waits, where the desk is open, and what is there and may have changed; the oldest first."""
    states = [State.WAITING, State.THERE] if desk.is_open else [State.THERE]
    rows = ExpertRecord.objects.filter(desk=desk, state__in=states).select_related(*_WITH)
    return rows.filter(cell__in=may_be_sent()).order_by("chosen_at", "pk")


def experts_at_work() -> dict[Any, Expert]:
    """Those whose answers are taken, by their id at the desk."""
    rows = Expert.objects.filter(gone_at=None, leaves_at=None, person__isnull=False).select_related("person")
    return {expert.pk: expert for expert in rows}


def experts_to_go() -> QuerySet[Expert]:
    """Accounts that must not be at the desk any more: their person left, took their consent back, or their invitation
    ended."""
    left = Q(person=None) | Q(person__consent=None) | Q(leaves_at__isnull=False)
    return Expert.objects.filter(left, gone_at=None).order_by("pk")


def waiting_answers() -> QuerySet[ExpertAnswer]:
    """Answers that could not be a judgement yet, or not the one they were changed to, of those who still have an
    account there; each is tried again, with whatever changed since."""
    rows = ExpertAnswer.objects.exclude(problem="").filter(status=ExpertAnswer.Status.SUBMITTED)
    return rows.filter(
        expert__person__isnull=False, expert__gone_at=None, expert__leaves_at=None
    ).order_by("pk")  # fmt: skip
