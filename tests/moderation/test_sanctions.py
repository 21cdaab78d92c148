"""What is decided about somebody is told to them, ends, can be appealed against to another human, and nobody decides
about themselves; closing an account takes two."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.models import Campaign
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.moderation.appeals.actions import answer_appeal, appeal
from annotations.moderation.appeals.models import Appeal
from annotations.moderation.sanctions import actions
from annotations.moderation.sanctions.actions import end_due, lift, mark_read, second
from annotations.moderation.sanctions.models import Sanction
from annotations.moderation.sanctions.queries import to_be_read
from annotations.moderation.sanctions.rules import stands
from annotations.people.anchors.actions import name_anchor
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from tests.assignments.test_table import client_of
from tests.cast import answer, at_once, colleague, in_days, lead, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PAGE = "/me/standing/"
RIGHTS = ("add_sanction", "change_sanction", "view_sanction", "change_appeal", "view_appeal", "view_person")


def moderator(name: str = "carmen") -> Person:
    return colleague(name, *RIGHTS)


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return world(*(line(str(number)) for number in range(6)))


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


def decided(person: Person, kind: str = "paused", by: Person | None = None, **facts: Any) -> Sanction:
    facts = {"code": "hurried", "words": "Veinte respuestas en un minuto."} | facts
    if kind in ("paused", "limited"):
        facts = {"ends_at": in_days(7)} | facts
    if kind == "limited":
        facts = {"most_a_day": 2} | facts
    return actions.sanction(by=by or moderator(), person=person, kind=kind, **facts)


def standing(person: Person) -> tuple[str, int | None]:
    row = Person.objects.get(pk=person.pk)
    return row.standing, row.most_a_day


# What follows -------------------------------------------------------------------------------------------------------


def test_a_pause_takes_nothing_new_and_ends_by_itself(ana: Person, campaign: Campaign) -> None:
    row = decided(ana)
    with pytest.raises(Refused, match="suspended"):
        next_for(person=ana, campaign=campaign)
    assert end_due(now=in_days(6)) == 0
    assert (end_due(now=in_days(8)), end_due(now=in_days(8))) == (1, 0)
    row.refresh_from_db()
    assert (standing(ana), row.ended_at) == (("good", None), row.ends_at)
    assert next_for(person=ana, campaign=campaign)


def test_a_limit_is_so_much_a_day_in_a_campaign_and_the_lesser_of_two_holds(ana: Person, campaign: Campaign) -> None:
    row = decided(ana, "limited", most_a_day=2)
    for _time in range(2):
        answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    for most, more in ((None, False), (3, False), (1, False)):
        Campaign.objects.update(most_a_day=most)
        assert bool(next_for(person=ana, campaign=Campaign.objects.get())) is more
    lift(by=moderator(), sanction=row, why="Ya está.")
    for most, more in ((1, False), (3, True)):
        Campaign.objects.update(most_a_day=most)
        assert bool(next_for(person=ana, campaign=Campaign.objects.get())) is more


def test_a_limit_holds_for_whose_word_is_trusted_too(ana: Person) -> None:
    Campaign.objects.update(anchored=100)
    name_anchor(lead=lead(), person=ana, variety=Variety.objects.get(tag="es-CL"), why="Enseña.")
    decided(ana, "limited", most_a_day=1)
    answer(ana, seat_at(ana, Campaign.objects.get()), {"preferred": "a"})
    assert next_for(person=ana, campaign=Campaign.objects.get()) is None


def test_a_notice_changes_nothing_and_is_over_when_it_is_read(ana: Person, campaign: Campaign) -> None:
    row = decided(ana, "notice")
    assert standing(ana) == ("good", None)
    assert next_for(person=ana, campaign=campaign)
    assert list(to_be_read(ana)) == [row]
    mark_read(person=ana, sanction=row.pk)
    assert not to_be_read(ana).exists()


def test_to_close_an_account_takes_two_and_until_then_it_rests(ana: Person) -> None:
    row, carmen = decided(ana, "closed"), moderator()
    assert standing(ana) == ("paused", None)
    for by in (carmen, moderator(ana.username)):
        with pytest.raises(Refused, match=r"forbidden|suspended"):
            second(by=by, sanction=row)
    second(by=moderator("dora"), sanction=row)
    assert standing(ana) == ("closed", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sanction.objects.update(second=carmen)
    lift(by=moderator("dora"), sanction=row, why="Era otra cuenta.")
    assert standing(ana) == ("good", None)
    with pytest.raises(Refused, match="not_open"):
        second(by=moderator("eva"), sanction=row)


def test_an_account_stays_closed_when_who_said_so_is_erased(ana: Person) -> None:
    row = second(by=moderator("dora"), sanction=decided(ana, "closed"))
    erase(person=moderator("dora"), contributions=True)
    end = decided(ana, "paused")
    assert standing(ana) == ("closed", None)
    lift(by=moderator(), sanction=end, why="Sobra.")
    assert standing(ana) == ("closed", None)
    page = client_of(ana).get(PAGE).content.decode()
    assert ("Cerrada" in page, "propone cerrar" in page) == (True, False)
    row.refresh_from_db()
    assert row.second is None
    second(by=moderator("eva"), sanction=row)
    row.refresh_from_db()
    assert row.second is None, "it was said already"


def test_a_proposal_that_nobody_seconds_and_a_notice_that_nobody_reads_are_over_in_time(ana: Person) -> None:
    proposed, notice = decided(ana, "closed"), decided(ana, "notice")
    assert end_due(now=in_days(13)) == 0
    assert (end_due(now=in_days(15)), standing(ana)) == (1, ("good", None))
    assert end_due(now=in_days(367)) == 1
    assert {each.ended_at is None for each in Sanction.objects.filter(pk__in=[proposed.pk, notice.pk])} == {False}
    second_one = second(by=moderator("dora"), sanction=decided(ana, "closed"))
    assert (end_due(now=in_days(400)), second_one.ended_at) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_about_each_other_at_once_wait_in_no_circle(seeds: None) -> None:
    carmen, dora = moderator(), moderator("dora")
    for _time in range(3):
        outcomes = at_once(partial(decided, carmen, "notice", by=dora), partial(decided, dora, "notice", by=carmen))
        assert [type(each) for each in outcomes] == [Sanction, Sanction]


def test_of_several_the_gravest_holds_and_each_ends_by_itself(ana: Person) -> None:
    decided(ana, "limited", most_a_day=5, ends_at=in_days(30))
    pause = decided(ana, "paused", ends_at=in_days(3))
    decided(ana, "limited", most_a_day=2, ends_at=in_days(9))
    assert standing(ana) == ("paused", 2)
    end_due(now=in_days(4))
    assert standing(ana) == ("good", 2)
    end_due(now=in_days(10))
    assert standing(ana) == ("good", 5)
    pause.refresh_from_db()
    assert pause.ended_at == pause.ends_at


kinds = st.sampled_from(["notice", "limited", "paused", "closed"])


@given(st.lists(st.tuples(kinds, st.integers(1, 9), st.booleans())))
def test_what_is_in_force_adds_up_whatever_the_order(several: list[tuple[str, int, bool]]) -> None:
    rows = [
        Sanction(
            kind=kind, most_a_day=most if kind == "limited" else None, seconded_at=timezone.now() if twice else None
        )
        for kind, most, twice in several
    ]
    found = stands(rows)
    assert found == stands(reversed(rows))
    assert (found.standing == "good") == (not {"paused", "closed"} & {kind for kind, _most, _twice in several})
    limits = [most for kind, most, _twice in several if kind == "limited"]
    assert found.most_a_day == (min(limits) if limits else None)


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kind": "flogged"}, "kind"), ({"code": "x"}, "code"), ({"words": " "}, "words"),
        ({"words": "x" * 2_001}, "words"),
        ({"ends_at": None}, "ends_at"), ({"ends_at": timezone.now() - dt.timedelta(days=1)}, "ends_at"),
        ({"ends_at": timezone.now() + dt.timedelta(days=400)}, "ends_at"), ({"most_a_day": 3}, "most_a_day"),
        ({"kind": "limited", "most_a_day": None}, "most_a_day"), ({"kind": "limited", "most_a_day": 0}, "most_a_day"),
        ({"kind": "notice"}, "ends_at"), ({"kind": "closed"}, "ends_at"),
    ],
)  # fmt: skip
def test_what_is_no_sanction_is_refused_and_nobody_stands_otherwise(
    ana: Person, wrong: dict[str, Any], where: str
) -> None:
    facts = {"kind": "paused", "code": "hurried", "words": "Sí.", "ends_at": in_days(7), "most_a_day": None} | wrong
    with pytest.raises(Refused, match="invalid") as refused:
        actions.sanction(by=moderator(), person=ana, **facts)
    assert where in refused.value.errors
    assert (standing(ana), Sanction.objects.count()) == (("good", None), 0)


def test_nobody_decides_without_a_right_about_themselves_or_about_who_runs_the_house(ana: Person) -> None:
    carmen, root = moderator(), volunteer("raiz", None, "es-CL")
    Person.objects.filter(pk=root.pk).update(is_superuser=True)
    for by, person in ((ana, carmen), (carmen, carmen), (carmen, Person.objects.get(pk=root.pk))):
        with pytest.raises(Refused, match="forbidden"):
            decided(person, by=by)
    decided(moderator("dora"))
    with pytest.raises(Refused, match="suspended"):
        decided(ana, by=Person.objects.get(username="dora"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Sanction.objects.update(decided_by=Person.objects.get(username="dora"))


# Appeals ------------------------------------------------------------------------------------------------------------


def test_an_appeal_is_answered_by_somebody_who_had_no_part_and_ends_it_where_it_is_granted(ana: Person) -> None:
    row = decided(ana)
    asked = appeal(person=ana, sanction=row.pk, text="Leí todo.")
    assert appeal(person=ana, sanction=row.pk, text="Otra vez.") == asked
    for by, why in ((moderator(), "forbidden"), (ana, "suspended")):
        with pytest.raises(Refused, match=why):
            answer_appeal(by=by, appeal=asked, granted=True, words="Sí.")
    with pytest.raises(Refused, match="invalid"):
        answer_appeal(by=moderator("dora"), appeal=asked, granted=True, words=" ")
    answer_appeal(by=moderator("dora"), appeal=asked, granted=True, words="Tenía razón.")
    row.refresh_from_db()
    assert (standing(ana), row.why_lifted, row.lifted_by) == (("good", None), "Tenía razón.", moderator("dora"))
    with pytest.raises(Refused, match="not_open"):
        answer_appeal(by=moderator("dora"), appeal=asked, granted=False, words="No.")


def test_one_that_is_not_granted_leaves_it_as_it_is(ana: Person) -> None:
    row = decided(ana)
    answer_appeal(
        by=moderator("dora"), appeal=appeal(person=ana, sanction=row.pk, text="No."), granted=False, words="Se queda."
    )
    assert standing(ana) == ("paused", None)


def test_another_s_sanction_is_not_found(ana: Person) -> None:
    row = decided(volunteer("otra", None, "es-CL"))
    for does in (
        lambda: appeal(person=ana, sanction=row.pk, text="Sí."),
        lambda: mark_read(person=ana, sanction=row.pk),
    ):
        with pytest.raises(Refused, match="not_found"):
            does()


# The pages ----------------------------------------------------------------------------------------------------------


def test_who_is_on_pause_reads_why_until_when_and_says_what_is_wrong_with_it(ana: Person, campaign: Campaign) -> None:
    row, client = decided(ana), client_of(ana)
    refused = client.get(f"/c/{campaign.slug}/rate/")
    assert (refused.status_code, PAGE in refused.content.decode()) == (403, True)
    assert PAGE in client.get("/me/").content.decode()
    page = client.get(PAGE).content.decode()
    assert "Veinte respuestas en un minuto." in page
    assert "carmen" not in page, "who decided is not named"
    client.post(PAGE, {"read": row.pk})
    sent = client.post(PAGE, {"sanction": row.pk, "text": "Leí todo."})
    assert sent["Location"] == f"{PAGE}#s-{row.pk}"
    assert "Leí todo." in client.get(PAGE).content.decode()
    row.refresh_from_db()
    assert row.read_at


@pytest.mark.parametrize("typed", [{"text": ""}, {"text": "x" * 2_001}, {"sanction": "x"}, {"sanction": "9" * 30}])
def test_what_cannot_be_taken_is_told_so(ana: Person, typed: dict[str, str]) -> None:
    sent = {"sanction": decided(ana).pk, "text": "Sí."} | typed
    assert client_of(ana).post(PAGE, sent).status_code == 400
    assert client_of(ana).post(PAGE, {"read": "9" * 30}).status_code == 302
    assert Appeal.objects.count() == 0


def test_nobody_else_reads_it(ana: Person, campaign: Campaign) -> None:
    row = decided(ana)
    assert Client().get(PAGE).status_code == 302
    other = client_of(volunteer("otra", None, "es-CL"))
    assert "Veinte" not in other.get(PAGE).content.decode()
    assert other.post(PAGE, {"sanction": row.pk, "text": "Sí."}).status_code == 404
    assert other.post(PAGE, {"read": row.pk}).status_code == 404


def test_in_the_panel_it_is_decided_seconded_lifted_and_answered(ana: Person) -> None:
    base, carmen, dora = "/admin/annotations/", client_of(moderator()), client_of(moderator("dora"))
    mine = decided(volunteer("otra", None, "es-CL"), "closed", by=moderator("dora"))
    facts = {"person": ana.pk, "kind": "closed", "code": "several", "words": "Tres cuentas."}
    assert carmen.post(f"{base}sanction/add/", facts).status_code == 302
    row = Sanction.objects.get(person=ana)
    dora.post(f"{base}sanction/", {"action": "close", "_selected_action": [mine.pk, row.pk]})
    mine.refresh_from_db()
    assert (standing(ana), mine.seconded_at) == (("closed", None), None)
    asked = appeal(person=ana, sanction=row.pk, text="Somos hermanas.")
    change = f"{base}appeal/{asked.pk}/change/"
    assert carmen.post(change, {"decided": "yes", "words": "Sí."}).status_code == 403
    eva = client_of(moderator("eva"))
    assert "Somos hermanas." in eva.get(change).content.decode()
    assert eva.post(change, {"decided": "yes", "words": "Tiene razón."}).status_code == 302
    assert standing(ana) == ("good", None)
    other = decided(ana)
    assert carmen.post(f"{base}sanction/{other.pk}/change/", {"over": "Ya está."}).status_code == 302
    assert (standing(ana), carmen.get(f"{base}sanction/").status_code) == (("good", None), 200)


def test_in_the_panel_what_does_not_fit_is_said_at_its_field_and_what_was_typed_stays(ana: Person) -> None:
    facts = {"person": ana.pk, "kind": "paused", "code": "hurtful", "words": "Insulta a quien revisa.", "most_a_day": 3}
    page = client_of(moderator()).post("/admin/annotations/sanction/add/", facts)
    assert (page.status_code, Sanction.objects.count()) == (200, 0)
    assert set(page.context["adminform"].form.errors) == {"ends_at", "most_a_day"}
    assert "Insulta a quien revisa." in page.content.decode()


def test_in_the_panel_one_about_oneself_or_who_runs_the_house_keeps_what_was_typed(ana: Person) -> None:
    carmen, root = moderator(), volunteer("raiz", None, "es-CL")
    Person.objects.filter(pk=root.pk).update(is_superuser=True)
    for about in (carmen, root):
        facts = {"person": about.pk, "kind": "notice", "code": "other", "words": "Palabras largas."}
        page = client_of(carmen).post("/admin/annotations/sanction/add/", facts)
        assert (page.status_code, "Palabras largas." in page.content.decode()) == (200, True)
        assert set(page.context["adminform"].form.errors) == {"person"}


def test_in_the_panel_nobody_writes_how_somebody_stands(ana: Person) -> None:
    carmen = moderator()
    carmen.user_permissions.add(Permission.objects.get(codename="change_person"))
    client_of(carmen).post(
        f"/admin/annotations/person/{ana.pk}/change/",
        {"username": ana.username, "language": "es", "standing": "closed"},
    )
    assert standing(ana) == ("good", None)


def test_who_erases_their_account_takes_along_what_was_decided_about_them(ana: Person) -> None:
    row = decided(ana)
    appeal(person=ana, sanction=row.pk, text="Sí.")
    erase(person=ana, contributions=True)
    assert (Sanction.objects.count(), Appeal.objects.count(), end_due(now=in_days(8))) == (0, 0, 0)
    with pytest.raises(Refused, match="not_found"):
        lift(by=moderator(), sanction=row, why="Se fue.")
