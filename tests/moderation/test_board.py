"""What waits is on the panel's first page: how much, since when, in which variety, one click away."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.assignments.inquiries.actions import ask_moderators
from annotations.assignments.models import Cell
from annotations.flagging.actions import look_into, report
from annotations.flagging.models import Flag, Look
from annotations.moderation.appeals.actions import appeal
from annotations.moderation.board.queues import board_of
from annotations.moderation.purges.actions import ask_purge
from annotations.moderation.sanctions.actions import sanction
from annotations.people.demo import seed_people
from annotations.people.models import Person
from annotations.people.rights.actions import ask
from annotations.people.rights.models import Request
from annotations.quality.actions import settle_due
from annotations.quality.gates.models import Hold
from annotations.quality.models import Verdict
from annotations.quality.reliability.models import Objection
from annotations.quality.signals.models import Signal
from tests.assignments.test_table import client_of
from tests.cast import answer, in_days, key_of, line, people, seat_at, world

pytestmark = pytest.mark.django_db
FLAG = {"categories": ["genero"], "severity": 4, "groups": ["mujeres"], "stance": "endorsed", "comment": "Duele."}


@pytest.fixture
def carmen(seeds: None) -> Person:
    seed_people()
    return Person.objects.get(username="carmen")


@pytest.fixture
def waiting(carmen: Person) -> dict[str, int]:
    """One thing at least in each queue; how many in which."""
    call_command("load_seeds")
    campaign = world(*(line(str(number)) for number in range(4)))
    for person, position in zip(people(3), (0, 1, None), strict=True):
        for _item in range(2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": "tie" if position is None else key_of(seat, position)})
    settle_due()
    ana, bea = people(2, "es-AR")
    other = world(line("f"), line("r"), slug="otra")
    flagger = Person.objects.get(username="persona-es-CL-0")
    report(person=flagger, assignment_id=seat_at(flagger, other).pk, letter="a", answer=FLAG)
    look_into(output_id=Flag.objects.get().output_id)
    Look.objects.create(item=other.items.last())
    world(line("rut", "Mi RUT es 12.345.678-5, escríbeme.", "Otra."), slug="datos")
    elisa = Person.objects.get(username="elisa")
    row = sanction(by=elisa, person=ana, kind="notice", code="hurried", words="Despacio.")
    appeal(person=ana, sanction=row.pk, text="No fue así.")
    sanction(by=elisa, person=bea, kind="closed", code="several", words="Varias.")
    ask_purge(by=elisa, person=bea, code="several", words="Varias.")
    Objection.objects.create(person=ana, text="No.")
    held = {"why": "account", "work": "vote", "contributors": 1, "given": 1, "share": 1, "limit": 1, "judgements": 1}
    Hold.objects.create(campaign=campaign, variety_id="es-CL", person=bea, mode="hold", **held)
    seen: Any = {"kind": "fast", "work": "vote", "part": 20, "whole": 30, "strength": 0.5, "last": 1}
    Signal.objects.create(campaign=campaign, person=bea, last_at=in_days(-1), **seen)
    ask(person=ana, kind="other", text="Quiero saber.")
    ask_moderators(person=flagger, text="¿Qué es esto?", seat=seat_at(flagger, campaign))
    return {"grave": 1, "reports": 1, "disputes": 2, "quarantine": 1, "marked": 0, "appeals": 1, "inquiries": 1,
            "objections": 1, "closings": 1, "purges": 1, "holds": 1, "signals": 1}  # fmt: skip


def numbers(person: Person) -> dict[str, int]:
    return {each.queue.code: each.number for each in board_of(person)}


def test_everything_that_waits_is_told_with_its_age_and_its_variety(carmen: Person, waiting: dict[str, int]) -> None:
    assert numbers(carmen) == waiting
    board = {each.queue.code: each for each in board_of(carmen)}
    assert board["disputes"].varieties == [("es-CL", 2)]
    assert not board["disputes"].is_late
    Verdict.objects.update(settled_at=timezone.now() - dt.timedelta(days=15))
    assert {each.queue.code: each.is_late for each in board_of(carmen)}["disputes"]


def test_requests_are_told_of_to_whoever_answers_them_when_they_are_due(waiting: dict[str, int]) -> None:
    owner = Person.objects.create_superuser("casa", None)
    assert numbers(owner)["requests"] in (0, 1)
    Request.objects.filter(done_at=None).update(due_on=in_days(3).date(), limit_on=in_days(40).date())
    assert numbers(owner)["requests"] == 1
    Request.objects.filter(done_at=None).update(due_on=in_days(30).date(), limit_on=in_days(40).date())
    assert numbers(owner)["requests"] == 0


def test_what_concerns_oneself_is_for_others(waiting: dict[str, int]) -> None:
    elisa = numbers(Person.objects.get(username="elisa"))
    assert (elisa["appeals"], elisa["closings"], elisa["purges"]) == (0, 0, 0)


def test_each_queue_is_a_click_away_and_each_row_leads_to_where_it_is_done(
    carmen: Person, waiting: dict[str, int]
) -> None:
    client = client_of(carmen)
    first = client.get("/admin/").content.decode()
    for code, number in waiting.items():
        address = reverse("admin:queue", args=[code])
        assert address in first
        page = client.get(address)
        assert len(page.context["lines"]) == number
        for each in page.context["lines"]:
            assert client.get(each["url"]).status_code == 200, each
    assert "<kbd>j</kbd>" in client.get(reverse("admin:queue", args=["disputes"])).content.decode()


def test_one_variety_of_a_queue(carmen: Person, waiting: dict[str, int]) -> None:
    client = client_of(carmen)
    for tag, number in (("es-CL", 2), ("es-AR", 0), ("x" * 99, 0)):
        page = client.get(reverse("admin:queue", args=["disputes"]), {"variety": tag})
        assert len(page.context["lines"]) == number


def test_nobody_sees_a_queue_they_may_do_nothing_about(carmen: Person, waiting: dict[str, int]) -> None:
    carmen.groups.get().permissions.filter(codename__in=["add_ruling", "change_appeal"]).delete()
    client = client_of(Person.objects.get(pk=carmen.pk))
    assert {"disputes", "appeals"} & set(numbers(Person.objects.get(pk=carmen.pk))) == set()
    for code in ("disputes", "appeals", "requests", "nada"):
        assert client.get(reverse("admin:queue", args=[code])).status_code == 404
    assert Client().get(reverse("admin:queue", args=["reports"])).status_code == 302
    volunteer = client_of(Person.objects.get(username="ana"))
    assert volunteer.get(reverse("admin:queue", args=["reports"])).status_code == 302


def test_the_board_costs_the_same_however_much_waits(carmen: Person, waiting: dict[str, int]) -> None:
    client = client_of(carmen)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as before:
        client.get("/admin/")
    campaign = world(*(line(str(number)) for number in range(100)), slug="mas")
    for item in campaign.items.all():
        Look.objects.create(item=item)
        cell = Cell.objects.get(item=item)
        Verdict.objects.create(item=item, cell=cell, outcome="no_majority", method="strict_majority", n=3,
                               agreement=0.3, evidence_until=timezone.now())  # fmt: skip
    with CaptureQueriesContext(connection) as after:
        client.get("/admin/")
    assert len(after) <= len(before)
    queue = reverse("admin:queue", args=["reports"])
    with CaptureQueriesContext(connection) as many:
        assert client.get(queue).context["page"].paginator.count == 101
    assert len(many) < 20
