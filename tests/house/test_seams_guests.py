"""Where guests meet stewards, rests and consent: what was answered before any account never gets past what a member's
answer would not get past, and what is hidden stays hidden in every file and on every page."""

import json
import re
import uuid
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from django.test import Client

from annotations.assignments.actions import Submission
from annotations.assignments.guests.actions import answer as give
from annotations.assignments.guests.actions import begin, claim, complete, next_turn, take_back
from annotations.assignments.guests.models import Guest, GuestJudgement
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.assignments.stewards.actions import mark_restricted, withhold
from annotations.assignments.stewards.models import Hidden
from annotations.people.actions import Spoken, give_consent, join, speak, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.rights.actions import pause, resume, take_along
from annotations.people.stewards.actions import answer as answer_decision
from annotations.people.stewards.actions import revoke, write_charter
from annotations.people.stewards.queries import charter_of
from tests.cast import govern, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PASSWORD = "muy-larga-y-rara"
SECRET = "canto que no es de todos"


def quz() -> Variety:
    return Variety.objects.get(tag="quz")


def guest(variety: str = "es-CL") -> Guest:
    return begin(guest=None, variety=variety, adult=True, language="es")


def turn_of(who: Guest) -> GuestJudgement:
    turn = next_turn(guest=who)
    assert turn
    return turn


def votes(who: Guest, turn: GuestJudgement) -> uuid.UUID:
    key = uuid.uuid4()
    give(guest=who, submission=Submission(key, turn.pk), answer={"preferred": "a"})
    return key


def hide(campaign: Campaign, text: str = "x") -> Hidden:
    """Somebody with an account was given the same item, and says that it is not for everybody."""
    witness = volunteer(f"testigo-{uuid.uuid4().hex[:6]}", None, "es-CL")
    return mark_restricted(person=witness, assignment_id=seat_at(witness, campaign).pk, knowledge="place", text=text)


def consents(person: Person, **purposes: bool) -> None:
    given = dict.fromkeys(REQUIRED, True) | purposes
    give_consent(person=person, purposes=given, language="es", licence=LICENCES[0])


# What is hidden -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before the answer", "before the claim"])
def test_an_answer_to_what_was_hidden_meanwhile_is_kept_and_settles_nothing(when: str) -> None:
    campaign = world(line("1"), needed=1)
    who = guest()
    turn = turn_of(who)
    if when == "before the answer":
        hide(campaign)
    votes(who, turn)
    if when == "before the claim":
        hide(campaign)
    (ana,) = people(1)
    assert claim(person=ana, guest_id=who.pk) == 1
    kept = Judgement.objects.get()
    assert (kept.counted, Cell.objects.get().done, Cell.objects.get().held) == (False, 0, 0)
    assert next_turn(guest=guest()) is None


def test_an_answer_taken_back_does_not_show_a_guest_what_was_hidden() -> None:
    campaign = world(line("1"))
    who = guest()
    key = votes(who, turn_of(who))
    hide(campaign)
    take_back(guest=who, key=key)
    assert next_turn(guest=who) is None
    assert claim(person=people(1)[0], guest_id=who.pk) == 0


@pytest.mark.parametrize("claimed", [True, False])
def test_no_file_of_ones_own_brings_out_what_is_hidden(claimed: bool) -> None:
    """Who answered it once keeps the answer; the words are their keepers' alone."""
    campaign = world(line("1", SECRET, "otra", prompt=SECRET), line("2"))
    who = guest()
    for _item in range(2):
        votes(who, turn_of(who))
    ana = people(1)[0] if claimed else join(username="nueva", password=None, language="es", adult=True)
    claim(person=ana, guest_id=who.pk)
    assert SECRET in everything_of(ana)
    Hidden.objects.create(item=campaign.items.get(source_id="1"), kind="restricted", code="place", hidden_by=None)
    told = everything_of(ana)
    assert SECRET not in told
    with ZipFile(take_along(person=ana)) as archive:
        lines = [json.loads(each) for name in ("answers.jsonl", "waiting.jsonl") for each in archive.open(name)]
    assert len(lines) == 2, "that it was answered, and how, stays told"


def everything_of(person: Person) -> str:
    with ZipFile(take_along(person=person)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def test_a_guest_is_offered_no_mark_that_only_an_account_can_set() -> None:
    world(line("1"))
    visitor = Client()
    visitor.post("/try/start/", {"variety": "es-CL"})
    page = visitor.get("/try/").content.decode()
    assert 'name="assignment"' in page
    assert "/restricted/" not in page
    member = Client()
    member.force_login(people(1)[0])
    assert "/restricted/" in member.get("/rate/").content.decode()


@pytest.mark.parametrize("answered", [True, False])
def test_a_guest_s_turn_is_no_seat_one_could_mark_from(answered: bool) -> None:
    world(line("1"))
    visitor = Client()
    visitor.post("/try/start/", {"variety": "es-CL"})
    (pk,) = re.findall(r'name="assignment" value="([^"]+)"', visitor.get("/try/").content.decode())
    if answered:
        visitor.post("/try/send/", {"assignment": pk, "key": uuid.uuid4(), "choice": "tie"})
    assert visitor.post(f"/restricted/{pk}/", {"knowledge": "place"})["Location"].startswith("/login/")
    stranger = Client()
    stranger.force_login(people(1)[0])
    assert stranger.post(f"/restricted/{pk}/", {"knowledge": "place"}).status_code == 404
    assert not Hidden.objects.exists()
    volunteer("ana", PASSWORD, "es-CL")
    visitor.post("/login/", {"login": "ana", "password": PASSWORD})
    status = visitor.post(f"/restricted/{pk}/", {"knowledge": "place"}).status_code
    assert (status, Hidden.objects.count()) == ((302, 1) if answered else (404, 0)), "what one answered is one's own"


# What stewards close ------------------------------------------------------------------------------------------------


def closing(several: list[Person]) -> Callable[[], None]:
    return lambda: revoke(person=several[0], decision=charter_of(quz()).decision, code="harm", text="Basta")  # type: ignore[union-attr, return-value]


@pytest.mark.parametrize("judged_in", [[], ["es-PE"]])
@pytest.mark.parametrize("when", ["before the answer", "before the claim"])
def test_what_a_guest_answered_in_a_variety_its_stewards_closed_waits(judged_in: list[str], when: str) -> None:
    """An item in their language judged by speakers of another is theirs as well."""
    several = govern("quz", shows_anonymous=True)
    close = closing(several)
    world(line("1", variety="quz"), judged_in=judged_in)
    who = guest("es-PE" if judged_in else "quz")
    turn = turn_of(who)
    if when == "before the answer":
        close()
    votes(who, turn)
    if when == "before the claim":
        close()
    ana = volunteer("ana", None, "es-PE", "quz")
    assert claim(person=ana, guest_id=who.pk) == 0
    assert (Judgement.objects.count(), Assignment.objects.count()) == (0, 0)
    terms = {"policy": "Sí.", "permitted_use": ["train"], "quorum": 2, "takes_contributions": True}
    opened = write_charter(person=several[0], variety=quz(), reason="Otra vez", **terms)
    answer_decision(person=several[1], decision=opened, approves=True)
    assert complete(person=ana) == 1


def test_what_stewards_close_to_visitors_is_on_no_guest_s_table_and_can_still_be_claimed() -> None:
    several = govern("quz", shows_anonymous=True)
    world(line("1", variety="quz"), line("2", variety="quz"))
    who = guest("quz")
    votes(who, turn_of(who))
    terms = {"policy": "Solo de casa.", "permitted_use": ["train"], "quorum": 2, "takes_contributions": True}
    opened = write_charter(person=several[0], variety=quz(), reason="Menos", **terms)
    answer_decision(person=several[1], decision=opened, approves=True)
    assert next_turn(guest=who) is None
    assert claim(person=volunteer("ana", None, "quz"), guest_id=who.pk) == 1


def test_a_record_a_steward_took_out_is_on_no_guest_s_table() -> None:
    several = govern("quz", shows_anonymous=True)
    world(line("1", variety="quz"))
    who = guest("quz")
    turn = turn_of(who)
    withhold(person=several[0], variety=quz(), campaign="prueba", record="1", code="harm", text="x")
    votes(who, turn)
    assert next_turn(guest=who) is None
    claim(person=volunteer("ana", None, "quz"), guest_id=who.pk)
    assert not Judgement.objects.filter(counted=True).exists()


# Rests and purposes -------------------------------------------------------------------------------------------------


def test_who_rests_is_asked_nothing_by_any_door_and_nothing_of_theirs_is_lost() -> None:
    campaign = world(*(line(str(number)) for number in range(4)))
    ana = volunteer("ana", PASSWORD, "es-CL")
    seat = seat_at(ana, campaign)
    pause(person=ana)
    visitor = Client()
    visitor.post("/try/start/", {"variety": "es-CL"})
    (pk,) = re.findall(r'name="assignment" value="([^"]+)"', visitor.get("/try/").content.decode())
    visitor.post("/try/send/", {"assignment": pk, "key": uuid.uuid4(), "choice": "tie"})
    given = GuestJudgement.objects.get(key__isnull=False)
    assert visitor.post("/login/", {"login": "ana", "password": PASSWORD}).status_code == 302
    assert visitor.get("/rate/").status_code == 409
    assert visitor.get("/try/")["Location"] == "/rate/"
    same = given.item_id == seat.item_id
    assert Judgement.objects.filter(person=ana).count() == (0 if same else 1)
    vote = {"assignment": seat.pk, "key": uuid.uuid4(), "choice": "tie"}
    assert visitor.post("/rate/send/", vote)["Location"] == "/rate/"
    assert Judgement.objects.filter(assignment=seat, counted=True).exists(), "a seat that was held is still answered"
    resume(person=ana)
    assert visitor.get("/rate/").status_code == 200


@pytest.mark.parametrize("lacks", ["special", "transfer"])
def test_what_a_guest_answered_waits_for_the_purpose_it_takes(settings, lacks: str) -> None:
    if lacks == "transfer":
        settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {
            "controller_country": "Chile", "hosting_country": "Brasil",
        }  # fmt: skip
    else:
        govern("quz", shows_anonymous=True)
    tag = "quz" if lacks == "special" else "es-CL"
    world(line("1", variety=tag))
    who = guest(tag)
    votes(who, turn_of(who))
    ana = join(username="nueva", password=None, language="es", adult=True)
    speak(person=ana, varieties=[Spoken(tag)])
    claim(person=ana, guest_id=who.pk)
    consents(ana, special=lacks != "special", transfer=lacks != "transfer")
    assert (Judgement.objects.count(), GuestJudgement.objects.count()) == (0, 1)
    consents(ana, special=True, transfer=True)
    speak(person=ana, varieties=[Spoken(tag)])
    assert Judgement.objects.get().consent == Person.objects.get(pk=ana.pk).consent
    assert not Guest.objects.exists()


def test_consent_taken_back_stops_what_waits_and_what_was_claimed_leaves() -> None:
    campaign = world(line("1"), line("2"))
    who = guest()
    votes(who, turn_of(who))
    (ana,) = people(1)
    withdraw(person=ana)
    assert claim(person=ana, guest_id=who.pk) == 0
    assert campaign.items.count() == 2
    consents(ana)
    assert Judgement.objects.get().counted
