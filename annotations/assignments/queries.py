"""Questions about work: what is open, for whom, how far it is."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Window
from django.db.models.functions import JSONObject, RowNumber
from django.utils import timezone

from annotations.assignments import kinds
from annotations.assignments.admissions.models import Admission
from annotations.assignments.models import (
    Assignment,
    Averted,
    Campaign,
    Cell,
    Item,
    ItemOutput,
    Judgement,
    Known,
)
from annotations.assignments.stewards.queries import hides
from annotations.compiled import Compiled, given
from annotations.corpus.models import Output
from annotations.people.anchors.queries import anchored_in
from annotations.people.competence.queries import confirmed_tags, reached
from annotations.people.models import Person, shows_origin
from annotations.people.queries import spoken_by
from annotations.people.stewards.queries import closed_varieties

SEAT = ("item__prompt", "item__campaign", "cell", "judge_variety")
"""What is read with a seat that is to be shown."""
PRACTICE = "practice"
"""Why a cell of an item to learn from is held back, and why what is answered there does not count."""
GOLD = "gold"
"""The same of an item whose answer is known and not told: it is mixed in among the others (`gold/`)."""
CONCENTRATION = "concentration"
"""Why a judgement does not count, and what somebody asked for is not judged: too much came from one account, or from
those who joined on one day, and two people have not let it count again (`quality/gates/`)."""
PURGED = "purged"
"""The same of what two people took out of an account's work (`moderation/purges/`)."""
KEPT_ASIDE = (CONCENTRATION, PURGED)
"""What may count again, so that what came of it is kept for it."""


def open_campaigns(now: dt.datetime | None = None) -> QuerySet[Campaign]:
    """Campaigns one can work in at this moment, oldest first."""
    now = now or timezone.now()
    return (
        Campaign.objects.filter(state=Campaign.State.OPEN)
        .filter(Q(starts_at=None) | Q(starts_at__lte=now))
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .order_by("created_at", "id")
    )


def open_to(person: Any, now: Any = None) -> QuerySet[Campaign]:
    """Those of them that this person may work in: those for everybody, and those they were let into
    (`admissions/`)."""
    let_in = Exists(Admission.objects.filter(campaign=OuterRef("pk"), person=person, until=None))
    return open_campaigns(now).filter(Q(access=Campaign.Access.OPEN) | let_in)


def open_to_all(now: dt.datetime | None = None) -> QuerySet[Campaign]:
    """Those of them that stand on lists."""
    return open_campaigns(now).filter(access=Campaign.Access.OPEN)


def over(now: dt.datetime | None = None) -> Q:
    """Of campaigns: those that are closed or past their end."""
    return Q(state=Campaign.State.CLOSED) | Q(ends_at__lte=now or timezone.now())


def judge_varieties(
    person: Person,
    closed: Collection[str] | None = None,
    *,
    special: bool = True,
    confirmed: Collection[str] | None = None,
    spoken: Iterable[Sequence[str]] | None = None,
) -> dict[str, str]:
    """What a person may judge: an item's variety -> the person's own variety they judge it as.

    A speaker judges their variety and its ancestors (`es-CO-x-paisa` judges `es-CO` and `es-419`), never siblings.
    Where several of their own fit, the most specific wins, then the one they know best. Varieties that take no
    contributions (`closed`, asked for when left out) are neither judged nor judged as; without `special`, those that
    can show ethnic origin are left out. Where only confirmed knowledge counts, `confirmed` are the varieties in which
    theirs is, and those are left out that none of them opens (`people/competence/queries.py:reached`). `spoken` are the
    lineages of what they speak, the one they know best first; asked for when left out.
    """
    closed = closed_varieties() if closed is None else closed
    fits: dict[str, tuple[int, str]] = {}
    for lineage in _spoken(person=person.pk) if spoken is None else spoken:
        own = lineage[0]
        if own in closed or (shows_origin(lineage) and not special):
            continue
        for tag in set(lineage if confirmed is None else reached(lineage, confirmed)) - set(closed):
            how_far = lineage.index(tag)
            if tag not in fits or how_far < fits[tag][0]:
                fits[tag] = how_far, own
    return {tag: own for tag, (_how_far, own) in fits.items()}


_spoken = Compiled(lambda: spoken_by(given("person")).values_list("variety__lineage", flat=True))


@dataclass(frozen=True)
class Shown:
    """An output as a person sees it: a letter and a text, nothing that tells which model it is."""

    key: str
    text: str


KEYS = "abcd"


def shown_outputs(assignment: Assignment) -> list[Shown]:
    """The outputs of a seat in the order drawn for it, keys `a`, `b`, … given by place."""
    texts = assignment.texts if hasattr(assignment, "texts") else _texts(pks=assignment.shown)
    return [Shown(key, text) for key, text in zip(KEYS, texts, strict=False)]


def _in_order(shown: Any) -> QuerySet[Output, str]:
    one_by_one = Func(shown, template="(SELECT unnest(%(expressions)s))")
    place = Func(shown, F("id"), function="array_position", output_field=IntegerField())
    return Output.objects.filter(pk__in=one_by_one).alias(place=place).order_by("place").values_list("text", flat=True)


TEXTS = ArraySubquery(_in_order(OuterRef("shown")))
"""What is read with a seat in one question: the texts of its outputs, as `texts`, in the order shown."""
_texts = Compiled(lambda: _in_order(given("pks", "bigint[]")))


def places(item: Item) -> list[int]:
    """Output ids of an item in its own order (the import's)."""
    return list(ItemOutput.objects.filter(item=item).order_by("position").values_list("output_id", flat=True))


def judgements_of(person: Person) -> QuerySet[Judgement]:
    """What a person has sent, newest first; `hidden` where its text is shown no more."""
    return (
        Judgement.objects.filter(person=person)
        .annotate(hidden=hides("item__prompt"))
        .select_related("item__prompt", "campaign", "cell")
        .order_by("-received_at")
    )


def items_told(person: Person) -> Iterator[dict[str, Any]]:
    """What a person answered, a line for each seat, in the form of the import and in the order they were shown.

    Models are named by their keys and outputs' licences are `unknown`, settled or not: either would tell which model
    wrote what, and the same outputs may be judged in other items still. What was hidden since is left out: its words
    are their keepers' alone.
    """
    place = Func(OuterRef("shown"), F("output_id"), function="array_position", output_field=IntegerField())
    outputs = ItemOutput.objects.filter(item=OuterRef("item")).alias(place=place).order_by("place")
    seats = Assignment.objects.filter(
        ~hides("item__prompt"),
        Exists(Judgement.objects.filter(assignment=OuterRef("pk"), person=person)),
        person=person,
    ).annotate(
        outputs=ArraySubquery(outputs.values(json=JSONObject(text="output__text", uses="output__permitted_use")))
    )
    for seat in seats.select_related("item__prompt__source", "item__prompt__group").order_by("pk").iterator():
        yield _line(seat)


def _line(seat: Any) -> dict[str, Any]:
    prompt = seat.item.prompt
    uses = set(prompt.source.permitted_use).intersection(*(output["uses"] for output in seat.outputs))
    facets = {name: getattr(prompt, name) for name in ("register", "domain", "task", "country", "country_about")}
    return {
        "id": str(seat.pk), "kind": seat.item.kind, "variety": seat.item.variety_id, "role": prompt.group.role,
        "prompt": prompt.messages, "source": prompt.source.name, "licence": prompt.source.licence,
        "permitted_use": sorted(uses),
        "outputs": [
            {"model": key, "text": output["text"], "licence": "unknown"}
            for key, output in zip(KEYS, seat.outputs, strict=False)
        ],
    } | {name: value for name, value in facets.items() if value}  # fmt: skip


def answers_told(person: Person) -> Iterator[dict[str, Any]]:
    """What a person answered to each of `items_told`, in the words of the API, a line for each judgement."""
    rows = (kinds.get(name).row for name in kinds.names())
    for judgement in Judgement.objects.filter(person=person).select_related(*rows).order_by("pk").iterator():
        said = {"opt_out": judgement.opt_out} if judgement.opt_out else {"answer": _answer(judgement)}
        yield (
            {"id": str(judgement.assignment_id), "kind": judgement.kind}
            | said
            | {
                "seconds": judgement.seconds,
                "received_at": judgement.received_at,
                "undone_at": judgement.undone_at,
            }
        )


def _answer(judgement: Judgement) -> Mapping[str, Any]:
    return kinds.get(judgement.kind).tell(judgement)


def held_seats(
    person: Person, campaign: Campaign | None = None, of_kinds: Collection[str] | None = None
) -> QuerySet[Assignment]:
    """A person's live seats at the table, the oldest first; what they took along in a pack does not lie there."""
    seats = Assignment.objects.filter(person=person, state=Assignment.State.HELD, pack=None)
    seats = seats if of_kinds is None else seats.filter(cell__kind__in=of_kinds)
    return (seats.filter(item__campaign=campaign) if campaign else seats).order_by("claimed_at", "id")


def shown_seats(person: Person, closed: Collection[str] | None = None) -> QuerySet[Assignment]:
    """Seats that can be shown to their person: not answered, and neither hidden, by stewards or because of an output,
    closed nor of a kind they never want to meet. An answer to one that is not shown stays welcome."""
    closed = closed_varieties() if closed is None else closed
    return (
        Assignment.objects.filter(person=person).exclude(state=Assignment.State.ANSWERED)
        .select_related(*SEAT)
        .exclude(hides("item__prompt")).exclude(item__variety__in=closed).exclude(cell__variety__in=closed)
        .exclude(item__prompt__variety__in=closed).exclude(item__sensitive__overlap=person.avoids)
        .exclude(averts(person, "item")).exclude(quarantined("item"))
    )  # fmt: skip


def quarantined(item: str) -> Exists:
    """True where an output that does not circulate stands in the item at this path."""
    return Exists(ItemOutput.objects.filter(item=OuterRef(item)).exclude(output__quarantine=""))


def averts(person: Person, item: str) -> Exists:
    """True where an output that this person never wants to see again stands in the item at this path."""
    averted = Averted.objects.filter(person=person).values("output")
    return Exists(ItemOutput.objects.filter(item=OuterRef(item), output__in=averted))


def lessons(person: Person, varieties: Collection[str]) -> QuerySet[Cell]:
    """Cells of the items to learn from that this person answered, or can be shown, in these varieties, in the order
    they came: what was answered stays one of them, or somebody could drop what they did not get right."""
    answered = Exists(Judgement.objects.filter(person=person, item=OuterRef("item")))
    cells = Cell.objects.filter(Q(answered) | can_meet(person), held_back=PRACTICE, variety__in=varieties)
    return cells.order_by("id")


def can_meet(person: Person) -> Q:
    """Of cells: that nothing hides their item from this person."""
    return ~Q(hides("item__prompt")) & ~Q(item__sensitive__overlap=person.avoids) & ~Q(averts(person, "item"))


def next_lesson(
    person: Person, campaign: Campaign, of_kinds: Collection[str], varieties: Collection[str]
) -> Cell | None:
    """The next item to learn from that this person meets before real ones: the campaign's first so many that are in
    a variety they may judge, in the order they came, and not done yet. Where a campaign asks for confirmed people, the
    first so many of each variety: they are its quiz."""
    done = Assignment.objects.filter(person=person, item=OuterRef("item"), state=Assignment.State.ANSWERED)
    found: QuerySet[Any] = lessons(person, varieties).filter(campaign=campaign, kind__in=of_kinds)
    found = found.annotate(done_by=Exists(done)).select_related("item", "campaign")
    first: QuerySet[Any] = first_of_each(found) if campaign.asks_confirmed else found[: campaign.practice]
    return next((cell for cell in first if not cell.done_by), None)


def first_of_each(cells: QuerySet[Any]) -> QuerySet[Any]:
    """Of lessons: as many as their campaign says, of each variety."""
    place = Window(RowNumber(), partition_by=["campaign", "variety"], order_by="id")
    found: QuerySet[Any] = cells.annotate(place=place).filter(place__lte=F("campaign__practice"))
    return found


def lesson_of(judgement: Judgement) -> Mapping[str, Any] | None:
    """What is to be learned from an answer, where its item is one to learn from: `explanation` by language,
    `expected` (an answer in the words of the API, or nothing), and whether the answer `agrees` with it (None where
    any answer will do)."""
    known = Known.objects.filter(item=judgement.item_id, purpose=PRACTICE).first()
    if known is None:
        return None
    expected = known.expected
    agrees = agrees_with(expected, judgement, places(judgement.item)) if expected else None
    return {"explanation": known.explanation, "expected": expected, "agrees": agrees}


def agrees_with(expected: Mapping[str, Any], judgement: Judgement, in_order: list[int]) -> bool:
    """Whether an answer says what is expected; keys of that are by place in the item, the import's order."""
    if judgement.opt_out:
        return False
    judgement = copy(judgement)
    judgement.shown = in_order
    given = kinds.get(judgement.kind).tell(judgement)
    return all(given.get(name) == value for name, value in expected.items())


def judged_here(
    person: Person,
    campaign: Campaign,
    closed: Collection[str] | None = None,
    *,
    special: bool = True,
    spoken: Iterable[Sequence[str]] | None = None,
) -> dict[str, str]:
    """What a person may judge in this campaign: where it asks for it, only in what their knowledge is confirmed."""
    confirmed = confirmed_tags(person) if campaign.asks_confirmed else None
    return judge_varieties(person, closed, special=special, confirmed=confirmed, spoken=spoken)


def has_leased_work(campaign: Campaign, person: Person) -> bool:
    """True when others hold seats at cells this person could still get if one comes back."""
    mine = Assignment.objects.filter(person=person, item=OuterRef("item")).exclude(
        state__in=[Assignment.State.EXPIRED, Assignment.State.RETURNED]
    )
    may_judge = judged_here(person, campaign)
    theirs = Q(for_anchors=False) | Q(variety__in=anchored_in(person, may_judge))
    return (
        Cell.objects.filter(theirs, campaign=campaign, variety__in=may_judge, held__gt=0, settled_at=None, held_back="")
        .exclude(Exists(mine))
        .exists()
    )
