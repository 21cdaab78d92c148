"""Where chapters meet: whoever did all there is to do can leave, in both ways, and nothing breaks behind them."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.utils import timezone

from annotations.assignments.stewards.actions import mark_restricted
from annotations.assignments.stewards.models import Hidden
from annotations.people.accounts.actions import agree_to_help, ask_for_help, new_codes
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase, pause, take_along
from annotations.people.rights.retention import empty_what_is_over, warn_and_rest
from annotations.people.stewards.actions import propose_steward, propose_variety
from annotations.people.stewards.models import Steward
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("contributions", [True, False])
@pytest.mark.parametrize("who", ["lead", "helped", "second", "marker"])
def test_whoever_took_part_in_anything_can_leave(who: str, contributions: bool) -> None:
    campaign = world(line("1"), line("2"))
    lead, second, helped, marker = people(4)
    for each in (lead, second):
        each.user_permissions.set(Permission.objects.filter(codename="help_back_in"))
    lead, second = (Person.objects.get(pk=each.pk) for each in (lead, second))
    wish = ask_for_help(lead=lead, username=helped.username, reason="La conozco.")
    agree_to_help(lead=second, wish=wish.pk)
    new_codes(person=helped)
    quz = Variety.objects.get(tag="quz")
    propose_steward(proposer=lead, person=helped, variety=quz, why="Habla por su pueblo.")
    propose_variety(person=marker, name="x", place="y", why="z")
    answer(lead, seat_at(lead, campaign), {"preferred": "a"})
    seat = seat_at(marker, campaign)
    mark_restricted(person=marker, assignment_id=seat.pk, knowledge="place", text="No es de todos.")
    person = {"lead": lead, "helped": helped, "second": second, "marker": marker}[who]
    pause(person=person)
    assert take_along(person=person).read(2) == b"PK"
    erase(person=person, contributions=contributions)
    assert not Person.objects.filter(pk=person.pk).exists()
    assert Hidden.objects.get().lifted_at is None
    assert Steward.objects.count() == 1
    now = timezone.now() + dt.timedelta(days=4_000)
    empty_what_is_over(now=now)
    warn_and_rest(now=now)
    call_command("publish_release")
