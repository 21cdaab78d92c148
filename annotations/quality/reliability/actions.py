"""Counting in the night, objecting, and answering objections."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.gold.actions import retire_gold
from annotations.assignments.gold.queries import is_told
from annotations.assignments.models import Campaign, Judgement
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.quality.reliability.models import GoldCount, Objection, Reliability
from annotations.quality.reliability.queries import agrees, gold_answers, voices
from annotations.quality.reliability.rules import Pair, beside

MAX_WORDS = 2_000
"""Characters of an objection, and of its answer."""


class _Who(NamedTuple):
    person: int
    variety: str


# Counting -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def count_agreement(*, campaign: Campaign) -> int:
    """Count anew in how many of somebody's answers others say the same, for each person and variety they judged as, and
    how many people each gold item has on its side. Replaces what was counted before. Returns how many people's rows.

    Nothing reads it to decide anything: verdicts, releases and seats are the same with and without.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    many: Counter[_Who] = Counter()
    anchors: dict[_Who, Pair] = defaultdict(Pair)
    others: dict[_Who, Pair] = defaultdict(Pair)
    for cell in voices(campaign):
        for each in beside(cell):
            who = _Who(each.voice.person or 0, each.voice.variety)
            many[who] += 1
            for pairs, same in ((anchors, each.anchors), (others, each.others)):
                if same is not None:
                    pairs[who] = pairs[who].plus(same)
    gold = _count_gold(campaign, many)
    Reliability.objects.filter(campaign=campaign).delete()
    there = set(Person.objects.filter(pk__in={who.person for who in many}).values_list("pk", flat=True))
    rows = [
        Reliability(
            campaign=campaign, person_id=who.person, variety_id=who.variety, judgements=many[who],
            gold_agreed=gold[who].agreed, gold_of=gold[who].of, anchors_agreed=anchors[who].agreed,
            anchors_of=anchors[who].of, others_agreed=others[who].agreed, others_of=others[who].of,
        )
        for who in sorted(many) if who.person in there
    ]  # fmt: skip
    return len(Reliability.objects.bulk_create(rows, batch_size=2_000))


def _count_gold(campaign: Campaign, many: Counter[_Who]) -> dict[_Who, Pair]:
    """The pairs of people in what they were told of; every answer counts as one of theirs and for its item."""
    by_item: dict[tuple[int, str], Pair] = defaultdict(Pair)
    told: dict[_Who, Pair] = defaultdict(Pair)
    for answer in gold_answers(campaign).iterator(2_000):
        same = agrees(answer)
        item = answer.item_id, answer.judge_variety_id
        by_item[item] = by_item[item].plus(same)
        if answer.person_id is not None:
            who = _Who(answer.person_id, answer.judge_variety_id)
            many[who] += 1
            told[who] = told[who].plus(same) if is_told(answer) else told[who]
    GoldCount.objects.filter(item__campaign=campaign).delete()
    GoldCount.objects.bulk_create(
        (GoldCount(item_id=item, variety_id=variety, agreed=pair.agreed, answered=pair.of)
         for (item, variety), pair in sorted(by_item.items())),
        batch_size=2_000,
    )  # fmt: skip
    return told


@transaction.atomic
def forget_gold(*, item: int) -> None:
    """What was said of a retired item leaves the figures of those who said it, at once."""
    answered = Judgement.objects.filter(item=item, person__isnull=False)
    who = set(answered.values_list("campaign", "person"))
    for campaign in {campaign for campaign, _person in who}:
        _count_gold_of(campaign, [person for where, person in who if where == campaign])
    GoldCount.objects.filter(item=item).delete()


def _count_gold_of(campaign: int, people: Collection[int]) -> None:
    told: dict[_Who, Pair] = defaultdict(Pair)
    for answer in gold_answers(campaign=None, campaign_id=campaign, person__in=people):
        if is_told(answer):
            who = _Who(answer.person_id, answer.judge_variety_id)
            told[who] = told[who].plus(agrees(answer))
    rows = list(Reliability.objects.filter(campaign=campaign, person__in=people))
    for row in rows:
        row.gold_agreed, row.gold_of = told[_Who(row.person_id, row.variety_id)]
    Reliability.objects.bulk_update(rows, ["gold_agreed", "gold_of"])


# Objecting ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def object_to(*, person: Person, item: int | None, text: str) -> Objection:
    """Say why one does not agree: with what was expected of a gold item, or, without one, with the figures as a whole.
    The same again is the same objection, the first one's words; of the figures, while it waits.

    Raises:
        Refused: `invalid` (no words, or too many), `not_found` (no answer to gold of theirs that they were told of).
    """
    person = Person.objects.lock(person)
    words = _words(text)
    earlier = Objection.objects.filter(person=person, item=item)
    if found := (earlier if item else earlier.filter(decided_at=None)).first():
        return found
    if item and not any(is_told(answer) for answer in gold_answers(person=person, item=item)):
        raise Refused("not_found", _("There is no such answer of yours of which you were told what was expected."))
    return Objection.objects.create(person=person, item_id=item, text=words)


def _words(text: str) -> str:
    if not (words := text.strip()):
        raise Refused("invalid", _("Say why, in a few words."), {"text": "missing"})
    if len(words) > MAX_WORDS or "\x00" in words:
        raise Refused("invalid", _("That is longer than an objection can be."), {"text": "too_long"})
    return words


@transaction.atomic
def answer_objection(*, objection: Objection, by: Person, decision: str, words: str) -> Objection:
    """A human who is not who objected answers, in words they read. Where it is upheld, the item is retired, its answers
    leave everybody's figures, and who else objected to it reads the same.

    Raises:
        Refused: `forbidden` (one's own), `invalid` (no words, or no decision about what was objected to), `not_open`
            (it is answered already).
    """
    objection = Objection.objects.select_for_update().get(pk=objection.pk)
    if objection.person_id == by.pk:
        raise Refused("forbidden", _("Somebody else answers one's own objection."))
    if objection.decided_at:
        raise Refused("not_open", _("This is answered already."))
    if decision not in decisions(objection):
        raise Refused("invalid", _("This is no answer to that."), {"decision": "unknown"})
    told = _words(words)
    answered = [objection]
    if decision == Objection.Decision.UPHELD:
        assert objection.item_id
        retire_gold(item=objection.item_id, by=by, why=told)
        forget_gold(item=objection.item_id)
        answered += (
            Objection.objects.filter(item=objection.item_id, decided_at=None)
            .exclude(person=by)
            .exclude(pk=objection.pk)
        )
    _answer(answered, by, decision, told)
    return objection


def decisions(objection: Objection) -> list[str]:
    """What can be decided about it."""
    if objection.item_id is None:
        return [Objection.Decision.ANSWERED]
    return [Objection.Decision.UPHELD, Objection.Decision.KEPT]


def _answer(objections: Iterable[Objection], by: Person, decision: str, words: str) -> None:
    for each in objections:
        each.decision, each.answer, each.decided_by, each.decided_at = decision, words, by, timezone.now()
        each.save(update_fields=["decision", "answer", "decided_by", "decided_at"])
