"""What people gave lately, counted; which texts wait to be compared, and with which."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.assignments import kinds
from annotations.assignments.models import Campaign, Item, ItemOutput, Judgement
from annotations.assignments.queries import PRACTICE
from annotations.assignments.stewards.queries import kept_by_stewards
from annotations.corpus.models import Output
from annotations.people.models import Consent, Person
from annotations.quality.actions import WITHDRAWN
from annotations.quality.signals.models import Alike, Signal, Sketch, Watched
from annotations.quality.signals.rules import PLACES, Crowd, mostly_fast, too_fast
from annotations.reviewing.models import Reviewed

WINDOW: Final = dt.timedelta(days=90)
"""What was given before is counted no more. It is shorter than the time for which a look is kept (`retention.py`), so
that what somebody looked at never comes back."""
LATELY: Final = dt.timedelta(days=7)
"""Whoever gave something since then is counted anew each night, so that a week without a night loses nobody."""
MOST_COMPARED: Final = 20
"""Of the texts, and of the outputs, that have a band of a text, so many are compared with it, those sketched first."""
FROM_NOTHING: Final = (
    Q(kind="demonstration") | Q(kind="prompt")
    | Q(kind="translation", translation__started_from=None, translation__distance=None)
)  # fmt: skip
"""What somebody wrote without a text to begin with. Corrections, edits and translations that began with an accepted
one are near to that for good."""


class Whose(NamedTuple):
    """What a signal is of, in its campaign."""

    kind: str
    work: str
    person: int


class Found(NamedTuple):
    """What was counted, in the words of a signal."""

    part: int
    whole: int
    last: int
    last_at: dt.datetime
    button: str = ""
    others: float | None = None
    by_chance: float | None = None


def watched() -> QuerySet[Campaign]:
    return Campaign.objects.filter(watched__isnull=False).order_by("pk")


def open_signals() -> QuerySet[Signal]:
    return Signal.objects.filter(looked_at=None)


def standing() -> QuerySet[Judgement]:
    """Answers in watched campaigns that stand and are somebody's, whose consent is not taken back; not practice."""
    later = Consent.objects.filter(
        subject=OuterRef("consent__subject"), act=Consent.Act.WITHDRAW, id__gt=OuterRef("consent_id")
    )
    rows = Judgement.objects.filter(
        campaign__watched__isnull=False, opt_out="", undone_at=None, person__isnull=False
    ).order_by()
    return rows.exclude(not_counted__in=[PRACTICE, WITHDRAWN]).exclude(Exists(later))


def _looked_at(kind: str) -> Exists:
    """What was counted in a signal of this kind that somebody looked at."""
    looked = Signal.objects.filter(
        kind=kind, campaign=OuterRef("campaign"), person=OuterRef("person"), work=OuterRef("kind"),
        looked_at__isnull=False, last__gte=OuterRef("pk"),
    )  # fmt: skip
    return Exists(looked)


def to_count(campaign: Campaign, now: dt.datetime) -> set[int]:
    """Whose work is counted tonight: of those who gave something lately, and of those of whom a signal is open."""
    gave = Judgement.objects.filter(campaign=campaign, received_at__gte=now - LATELY, person__isnull=False)
    told = open_signals().filter(campaign=campaign)
    return {*gave.order_by().values_list("person", flat=True).distinct(), *told.values_list("person", flat=True)}


# Faster than one reads ----------------------------------------------------------------------------------------------


def too_fast_in(campaign: Campaign, people: Collection[int], now: dt.datetime) -> dict[Whose, Found]:
    """Who answered most of what they read in less time than anybody reads it: at the table with a network, where the
    seconds are those on the screen. Whoever took an answer back, or opened the page again, had read before."""
    words, again = _words_read(campaign, people, now), _undone(campaign, people)
    fast: Counter[Whose] = Counter()
    every: Counter[Whose] = Counter()
    last: dict[Whose, tuple[int, dt.datetime]] = {}
    for pk, person, work, item, seconds, received, claimed in _timed(campaign, people, now):
        if (person, item) in again:
            continue
        whose = Whose(Signal.Kind.FAST, work, person)
        every[whose] += 1
        fast[whose] += too_fast(max(seconds, (received - claimed).total_seconds()), words[item])
        last[whose] = max(last.get(whose, (pk, received)), (pk, received))
    return {
        whose: Found(fast[whose], whole, *last[whose])
        for whose, whole in every.items() if mostly_fast(fast[whose], whole)
    }  # fmt: skip


def _read(campaign: Campaign, now: dt.datetime) -> QuerySet[Judgement]:
    """Answers to something one reads: not what somebody wrote, which may lie ready."""
    rows = standing().filter(campaign=campaign, received_at__gte=now - WINDOW, channel=Judgement.Channel.WEB)
    return rows.filter(seconds__isnull=False).exclude(kind__in=kinds.reviewed())


def _timed(campaign: Campaign, people: Collection[int], now: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = _read(campaign, now).filter(person__in=people).exclude(_looked_at(Signal.Kind.FAST))
    return rows.values_list(
        "pk", "person", "kind", "item", "seconds", "received_at", "assignment__claimed_at"
    ).iterator(2_000)


def _undone(campaign: Campaign, people: Collection[int]) -> set[tuple[int, int]]:
    rows = Judgement.objects.filter(campaign=campaign, person__in=people, undone_at__isnull=False)
    return set(rows.order_by().values_list("person", "item"))


def _words_read(campaign: Campaign, people: Collection[int], now: dt.datetime) -> Counter[int]:
    """How many words stand at each item that these people read: its prompt, its outputs, the text that is reviewed."""
    words: Counter[int] = Counter()
    read = _read(campaign, now).filter(person__in=people).values("item")
    prompts = Item.objects.filter(pk__in=read).values_list("pk", "prompt__messages")
    for item, messages in prompts.iterator(2_000):
        words[item] += sum(len(message["content"].split()) for message in messages)
    outputs = ItemOutput.objects.filter(item__in=read).order_by().values_list("item", "output__text")
    reviewed = Reviewed.objects.filter(item__in=read).values_list("item", _written("judgement__"))
    for rows in (outputs, reviewed):
        for item, text in rows.iterator(2_000):
            words[item] += len((text or "").split())
    return words


def _written(path: str = "") -> Coalesce:
    """The text of a judgement at this path, whatever kind it is of."""
    return Coalesce(*(f"{path}{kinds.get(name).row}__text" for name in kinds.reviewed()))


# One button ---------------------------------------------------------------------------------------------------------


def one_button_in(campaign: Campaign, people: Collection[int], now: dt.datetime) -> dict[Whose, Found]:
    """Who nearly always pressed one button at pairs, of everybody's in the campaign."""
    pressed: defaultdict[int, Counter[str]] = defaultdict(Counter)
    last: dict[int, tuple[int, dt.datetime]] = {}
    for person, outcome, place, number, newest, at in _presses(campaign, now):
        pressed[person][PLACES[place - 1] if place else outcome] += number
        last[person] = max(last.get(person, (newest, at)), (newest, at))
    crowd, found = Crowd(pressed.values()), {}
    for person in sorted(set(people) & set(pressed)):
        if each := crowd.one_button(pressed[person]):
            found[Whose(Signal.Kind.ONE_BUTTON, "vote", person)] = Found(
                each.part, each.whole, *last[person], each.button, each.others, each.by_chance
            )
    return found


def _presses(campaign: Campaign, now: dt.datetime) -> Iterator[tuple[Any, ...]]:
    """(person, outcome, place or None, how often, newest, when): one addition in the database."""
    votes = standing().filter(campaign=campaign, received_at__gte=now - WINDOW, kind="vote")
    votes = votes.filter(shown__len=2, vote__ranking__isnull=True).exclude(_looked_at(Signal.Kind.ONE_BUTTON))
    place = Func(F("shown"), F("vote__preferred"), function="array_position", output_field=IntegerField())
    rows = votes.annotate(place=place).values("person", "vote__outcome", "place")
    rows = rows.annotate(number=Count("pk"), newest=Max("pk"), at=Max("received_at"))
    return rows.values_list("person", "vote__outcome", "place", "number", "newest", "at").iterator()


# Texts --------------------------------------------------------------------------------------------------------------


class Text(NamedTuple):
    """A text somebody wrote from nothing. `group` is the question's, so that translations of one source are not held
    against each other."""

    pk: int
    person: int
    campaign: int
    kind: str
    group: int
    text: str
    received: dt.datetime


def texts() -> QuerySet[Judgement]:
    return standing().filter(FROM_NOTHING)


def texts_to_sketch() -> list[int]:
    return list(texts().filter(sketch=None).order_by("pk").values_list("pk", flat=True))


def texts_at(judgements: Collection[int]) -> dict[int, Text]:
    return {each.pk: each for each in _texts(texts().filter(pk__in=judgements))}


def _texts(rows: QuerySet[Judgement]) -> Iterator[Text]:
    facts = ("pk", "person", "campaign", "kind", "item__prompt__group", "said", "received_at")
    return (Text(*row) for row in rows.annotate(said=_written()).values_list(*facts))


def outputs_to_sketch(most: int) -> list[int]:
    rows = Output.objects.filter(sketch=None).exclude(quarantine="erased")
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def outputs_at(outputs: Collection[int]) -> dict[int, tuple[str, dt.datetime]]:
    rows = Output.objects.filter(pk__in=outputs).exclude(quarantine="erased")
    return {pk: (text, entered) for pk, text, entered in rows.values_list("pk", "text", "entered_at")}


# By one index of bands: never a text against all texts.
_SHARING = """
    SELECT DISTINCT new.judgement_id, old.judgement_id, old.output_id
      FROM annotations_sketch new
      JOIN annotations_sketchband band ON band.sketch_id = new.id
     CROSS JOIN (VALUES (false), (true)) AS which (of_output)
     CROSS JOIN LATERAL (
           SELECT other.sketch_id FROM annotations_sketchband other
            WHERE other.band = band.band AND other.of_output = which.of_output AND other.sketch_id <> new.id
            ORDER BY other.sketch_id LIMIT %s) near
      JOIN annotations_sketch old ON old.id = near.sketch_id
     WHERE new.judgement_id = ANY(%s) AND (old.judgement_id < new.judgement_id OR old.output_id IS NOT NULL)
     ORDER BY 1, 2, 3"""


def sharing(judgements: Collection[int]) -> list[tuple[int, int | None, int | None]]:
    """(text, earlier text or None, output or None) for all that share a band, found in an index."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, [MOST_COMPARED, list(judgements)])
        return [tuple(row) for row in cursor.fetchall()]


def no_longer_alike() -> QuerySet[Alike]:
    """Pairs nobody has looked at of which a text stands no more, or is an output whose words are gone."""
    pairs = Alike.objects.filter(signal__looked_at=None)
    there = Q(judgement__in=texts()) & (Q(other=None) | Q(other__in=texts()))
    return pairs.exclude(there & ~Q(output__quarantine="erased", output__isnull=False))


def texts_of_signals(campaign: Campaign) -> dict[Whose, tuple[int, int, dt.datetime]]:
    """Of open signals about texts: how many texts, the newest of them, and when."""
    rows: QuerySet[Any] = Alike.objects.filter(signal__in=open_signals(), signal__campaign=campaign).order_by()
    rows = rows.values("signal__kind", "signal__work", "signal__person")
    rows = rows.annotate(part=Count("pk"), newest=Max("judgement"), at=Max("judgement__received_at"))
    return {
        Whose(each["signal__kind"], each["signal__work"], each["signal__person"]):
            (each["part"], each["newest"], each["at"]) for each in rows
    }  # fmt: skip


def texts_in(campaign: Campaign, people: Collection[int]) -> Counter[tuple[str, int]]:
    """How many texts these people wrote from nothing, by kind and person."""
    rows = texts().filter(campaign=campaign, person__in=people).values("kind", "person").annotate(number=Count("pk"))
    return Counter({(kind, person): number for kind, person, number in rows.values_list("kind", "person", "number")})


# What is told -------------------------------------------------------------------------------------------------------


def signals_for(person: Person) -> QuerySet[Signal]:
    """What this moderator may see: of everybody but themselves, what nobody has looked at first, the strongest first,
    with the nearest pair of texts (`nearest`)."""
    nearest = pairs().filter(signal=OuterRef("pk")).order_by("-near", "pk").values("pk")
    rows = Signal.objects.exclude(person=person).annotate(nearest=Subquery(nearest[:1]))
    return rows.select_related("campaign", "person").order_by(
        F("looked_at").asc(nulls_first=True), "-strength", "-part", "pk"
    )


def pairs() -> QuerySet[Alike]:
    """Pairs of texts of which stewards keep none to themselves."""
    rows = Alike.objects.all()
    for path in ("judgement__item__prompt", "other__item__prompt", "output__prompt"):
        rows = rows.exclude(kept_by_stewards(path))
    return rows


def pairs_for(person: Person) -> QuerySet[Alike]:
    """Those this moderator may see: none of a signal about them."""
    return pairs().exclude(signal__person=person)


def concerns(signal: Signal, person: Person) -> bool:
    """Whether it is about this person, or their text is one of those that are alike."""
    return signal.person_id == person.pk or signal.texts.filter(other__person=person).exists()


def alike_told(person: Person) -> Iterator[Mapping[str, Any]]:
    """The pairs in which a text of this person stands, for their own archive; whose the other is is not told."""
    mine_in = Alike.objects.filter(Q(judgement__person=person) | Q(other__person=person)).order_by("pk")
    rows = mine_in.values_list("judgement", "judgement__person", "other", "other__person", "output", "near")
    for judgement, author, other, other_author, output, near in rows.iterator():
        mine = [pk for pk, whose in ((judgement, author), (other, other_author)) if whose == person.pk]
        yield {"judgements": mine, "like": "model" if output else "text", "near": near}


def unwatched_sketches() -> QuerySet[Sketch]:
    return Sketch.objects.filter(judgement__isnull=False).exclude(judgement__campaign__in=watched())


def unwatched_signals() -> QuerySet[Signal]:
    return open_signals().exclude(campaign__in=Watched.objects.values("campaign"))
