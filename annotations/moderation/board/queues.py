"""What waits: each queue with its rows, the oldest first, since when they wait, and where somebody does something."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.assignments.inquiries.queries import waiting
from annotations.assignments.models import Item
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.stewards.queries import kept_by_stewards
from annotations.corpus.screening import REASONS as SCREENED
from annotations.datasets.external import queries as external
from annotations.datasets.recalls.queries import open_retractions
from annotations.flagging.models import Look, Severity
from annotations.moderation.appeals.queries import waiting_for
from annotations.moderation.purges import queries as purges
from annotations.moderation.sanctions.models import Sanction
from annotations.people.consenting.queries import waiting_of
from annotations.people.models import Person
from annotations.people.remits.queries import within
from annotations.people.rights.queries import unanswered
from annotations.people.stewards.queries import governed
from annotations.quality.gates.models import Hold
from annotations.quality.reliability.models import Objection
from annotations.quality.rulings.queries import disputes
from annotations.quality.signals.queries import signals_for

DUE: Final = dt.timedelta(days=7)
"""Requests about rights are told of when they are due in so many days, or were."""


@dataclass(frozen=True)
class Queue:
    """One kind of thing that waits.

    Attributes:
        code: a word of its address.
        name: what waits.
        right: who may do something about it; nobody else sees the queue.
        every: for whoever looks: what waits, the oldest first, and nothing that concerns them where that is not theirs.
        at: the path of the moment since when a row waits.
        page: the panel's page on which something is done, and `key` the path of what it is asked with.
        says: a row in a few words.
        variety: the path of the variety it is in, or empty, and `person` that of whom it is about. Who looks after a
            part of the house finds what is in that part.
        late: after so long it is told as late.
        acts: what can be done to many of them at once, of `items.forms.ACTS`.
    """

    code: str
    name: Promise
    right: str
    every: Callable[[Person], QuerySet[Any]]
    at: str
    page: str
    says: Callable[[Any], str]
    key: str = "pk"
    variety: str = ""
    person: str = ""
    late: dt.timedelta = dt.timedelta(days=3)
    acts: tuple[str, ...] = ()

    def rows(self, by: Person) -> QuerySet[Any]:
        return within(self.every(by), by, varieties=[self.variety] if self.variety else [], person=self.person)


@dataclass(frozen=True)
class Waits:
    """How much of a queue waits, since when its oldest, whether that is late, and how much in each variety."""

    queue: Queue
    number: int
    oldest: dt.datetime | dt.date | None
    is_late: bool
    varieties: list[tuple[str, int]]


def _looks(*, grave: bool) -> QuerySet[Look]:
    waiting = Look.objects.filter(decided_at=None).exclude(kept_by_stewards("item__prompt"))
    waiting = waiting.annotate(gravest=Coalesce(Max("flags__severity"), 0))
    found = waiting.filter(**{"gravest__gte" if grave else "gravest__lt": Severity.GRAVE})
    return found.select_related("item__prompt", "output").order_by("opened_at", "pk")


def _screened(_person: Person) -> QuerySet[Item]:
    held = Item.objects.filter(cells__held_back__in=SCREENED).exclude(kept_by_stewards("prompt")).distinct()
    return held.select_related("prompt").order_by("created_at", "pk")


def _external(_person: Person) -> QuerySet[Any]:
    return external.held_back().exclude(kept_by_stewards("prompt"))


def _marked(_person: Person) -> QuerySet[Hidden]:
    waiting = Hidden.objects.filter(kept_at=None, lifted_at=None).exclude(item__variety__in=governed())
    return waiting.select_related("item__prompt").order_by("hidden_at", "pk")


def _objections(person: Person) -> QuerySet[Objection]:
    waiting = Objection.objects.filter(decided_at=None).exclude(person=person)
    return waiting.select_related("item").order_by("made_at", "pk")


def _closings(person: Person) -> QuerySet[Sanction]:
    proposed = Sanction.objects.filter(kind=Sanction.Kind.CLOSED, seconded_at=None, ended_at=None)
    return (
        proposed.exclude(Q(person=person) | Q(decided_by=person)).select_related("person").order_by("decided_at", "pk")
    )


def _purges(person: Person) -> QuerySet[Any]:
    return purges.waiting().exclude(Q(person=person) | Q(asked_by=person)).select_related("person")


def _retractions(person: Person) -> QuerySet[Any]:
    return open_retractions().exclude(asked_by=person).select_related("release")


def _holds(person: Person) -> QuerySet[Hold]:
    waiting = Hold.objects.filter(mode=Hold.Mode.HOLD, released_at=None).exclude(person=person)
    return waiting.select_related("campaign", "person").order_by("found_at", "pk")


def _requests(_person: Person) -> QuerySet[Any]:
    return unanswered(timezone.now().date() + DUE)


def _about(look: Look) -> str:
    return look.output.text[:200] if look.output else str(look.item.prompt)


QUEUES: Final = (
    Queue("grave", _("Grave flags"), "annotations.change_look", lambda _who: _looks(grave=True), "opened_at",
          "look", _about, variety="item__variety", late=dt.timedelta(days=1)),
    Queue("reports", _("Reports and other flags"), "annotations.change_look", lambda _who: _looks(grave=False),
          "opened_at", "look", _about, variety="item__variety"),
    Queue("disputes", _("Votes without a majority"), "annotations.add_ruling",
          lambda _who: disputes().exclude(kept_by_stewards("item__prompt")).select_related("item__prompt"),
          "settled_at", "item", lambda verdict: str(verdict.item.prompt), key="item_id", variety="cell__variety",
          late=dt.timedelta(days=14), acts=("more",)),
    Queue("quarantine", _("Held back by screening"), "annotations.change_look", _screened, "created_at", "item",
          lambda item: str(item.prompt), variety="variety", acts=("let_go",)),
    Queue("external", _("Votes of elsewhere held back by screening"), "annotations.change_externalvote", _external,
          "entered_at", "externalvote", lambda vote: f"{vote.batch}: {vote.prompt}", variety="variety"),
    Queue("marked", _("Marked as not for everybody"), "annotations.change_hidden", _marked, "hidden_at", "hidden",
          lambda hidden: f"{hidden.why()}: {hidden.item.prompt}", variety="item__variety"),
    Queue("appeals", _("Appeals"), "annotations.change_appeal", waiting_for, "made_at", "appeal",
          lambda appeal: appeal.text[:200], person="person"),
    Queue("inquiries", _("Notes to the moderators"), "annotations.change_inquiry",
          lambda who: waiting(who).exclude(kept_by_stewards("item__prompt")), "asked_at", "inquiry",
          lambda inquiry: inquiry.text[:200], variety="variety"),
    Queue("objections", _("Objections to gold and figures"), "annotations.change_objection", _objections, "made_at",
          "objection", lambda objection: objection.text[:200], variety="item__variety", person="person"),
    Queue("closings", _("Accounts to be closed by a second person"), "annotations.change_sanction", _closings,
          "decided_at", "sanction", lambda sanction: f"{sanction.person}: {sanction.get_code_display()}",
          person="person"),
    Queue("purges", _("Purges that wait for a second person"), "annotations.change_purge", _purges, "asked_at", "purge",
          lambda purge: f"{purge.person}: {purge.get_code_display()}", person="person"),
    Queue("retractions", _("Releases to be taken back by a second person"), "annotations.retract_release", _retractions,
          "asked_at", "retraction", str, late=dt.timedelta(days=1)),
    Queue("consent", _("Consent texts that wait for two people"), "annotations.approve_consenttext", waiting_of,
          "noted_at", "consenttext", lambda text: f"{text.name}: {text.state.label}"),
    Queue("holds", _("Kept aside: too much from one account or day"), "annotations.release_holds", _holds, "found_at",
          "hold", lambda hold: f"{hold.campaign}: {hold.get_why_display()}, {hold.judgements}", variety="variety"),
    Queue("signals", _("Signals nobody has looked at"), "annotations.look_at_signals",
          lambda who: signals_for(who).filter(looked_at=None).order_by("found_at", "pk"), "found_at", "signal",
          lambda signal: f"{signal.person}: {signal.get_kind_display()}, {signal.part} / {signal.whole}",
          person="person", late=dt.timedelta(days=14)),
    Queue("requests", _("Requests about rights, due within a week"), "annotations.change_request", _requests, "due_on",
          "request", lambda request: str(request), late=dt.timedelta()),
)  # fmt: skip


def queues_of(person: Person) -> list[Queue]:
    """Those that this person may do something about."""
    return [queue for queue in QUEUES if person.has_perm(queue.right)]


def board_of(person: Person) -> list[Waits]:
    """Each of their queues; two questions for each, however long it is."""
    return [_waits(queue, person) for queue in queues_of(person)]


def _waits(queue: Queue, person: Person) -> Waits:
    rows = queue.rows(person).order_by()
    found = rows.aggregate(waiting=Count("pk", distinct=True), oldest=Min(queue.at))
    oldest, varieties = found["oldest"], []
    if queue.variety and found["waiting"]:
        of_each = rows.model._default_manager.filter(pk__in=rows.values("pk")).order_by().values_list(queue.variety)
        varieties = [
            (tag or "–", number) for tag, number in of_each.annotate(number=Count("pk")).order_by(queue.variety)
        ]
    return Waits(queue, found["waiting"], oldest, _is_late(queue, oldest), varieties)


def _is_late(queue: Queue, oldest: dt.datetime | dt.date | None) -> bool:
    if oldest is None:
        return False
    now = timezone.now()
    return oldest < now - queue.late if isinstance(oldest, dt.datetime) else oldest <= (now - queue.late).date()
