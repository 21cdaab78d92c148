"""Whose knowledge of a variety is confirmed: nobody confirms themselves, two confirmed ones confirm a third, a person
names the first ones and a person takes it back."""

import datetime as dt
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotations.errors import Refused
from annotations.people.actions import Spoken, give_consent, speak, withdraw
from annotations.people.competence import actions
from annotations.people.competence.actions import confirm, name_speaker, new_vouch_code, take_back, vouch
from annotations.people.competence.models import Confirmed, Vouch, VouchCode
from annotations.people.competence.queries import Counted, confirmed_tags, counted, is_confirmed, reached
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.purposes import REQUIRED
from annotations.people.rights.actions import erase, take_along
from annotations.people.rights.retention import empty_what_is_over
from annotations.people.seeding import load_varieties
from annotations.people.stewards.models import StewardsLog
from tests.cast import at_once, govern, in_days, left_of, people

pytestmark = pytest.mark.django_db
PAISA = "es-CO-x-paisa"


def of(tag: str = "es-CL") -> Variety:
    return Variety.objects.get(pk=tag)


def confirmed(count: int, tag: str = "es-CL", start: int = 100) -> list[Person]:
    """People whose knowledge of a variety is confirmed already."""
    several = [volunteer(f"hablante-{tag}-{start + number}", "muy-larga-y-rara", tag) for number in range(count)]
    for person in several:
        Confirmed.objects.create(person=person, variety=of(tag), how="quiz")
    return several


def namer(name: str = "lidia") -> Person:
    person = volunteer(name, "muy-larga-y-rara", "es-AR")
    person.user_permissions.add(Permission.objects.get(codename="change_confirmed"))
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def ana(seeds: None) -> Person:
    return people(1)[0]


# Two speakers -------------------------------------------------------------------------------------------------------


def test_two_confirmed_speakers_confirm_a_third_with_the_code_they_were_given(ana: Person) -> None:
    one, other = confirmed(2)
    code = new_vouch_code(person=ana, variety=of())
    assert vouch(speaker=one, code=code) is None
    assert not is_confirmed(ana, of())
    made = vouch(speaker=other, code=code.lower().replace("-", " "))
    assert made
    assert (made.how, made.confirmed_by, made.variety_id) == ("speakers", None, "es-CL")
    assert is_confirmed(ana, of())
    assert not VouchCode.objects.exists(), "what is reached is not asked for any more"


def test_the_same_speaker_counts_once_however_often_they_say_it(ana: Person) -> None:
    (one,) = confirmed(1)
    for _code in range(3):
        code = new_vouch_code(person=ana, variety=of())
        assert vouch(speaker=one, code=code) is None
        assert vouch(speaker=one, code=code) is None
    assert not is_confirmed(ana, of())
    with pytest.raises(IntegrityError, match="one_vouch_per_speaker_person_and_variety"), transaction.atomic():
        Vouch.objects.create(speaker=one, person=ana, variety=of())


def test_nobody_vouches_for_themselves_by_any_way(ana: Person) -> None:
    Confirmed.objects.create(person=ana, variety=of(), how="quiz", until=in_days(-1), ended_code="other")
    VouchCode.objects.create(person=ana, variety=of(), digest=actions._digest("AAAA"), expires_at=in_days(1))
    with pytest.raises(Refused, match="invalid"):
        vouch(speaker=ana, code="AAAA")
    with pytest.raises(IntegrityError, match="nobody_vouches_for_themselves"), transaction.atomic():
        Vouch.objects.create(speaker=ana, person=ana, variety=of())
    with pytest.raises(IntegrityError, match="nobody_confirms_themselves"), transaction.atomic():
        Confirmed.objects.create(person=ana, variety=of(), how="lead", confirmed_by=ana)
    with pytest.raises(IntegrityError, match="only_who_is_named_has_a_namer"), transaction.atomic():
        Confirmed.objects.create(person=ana, variety=of(), how="quiz", confirmed_by=namer())
    with pytest.raises(IntegrityError, match="what_is_taken_back_says_why"), transaction.atomic():
        Confirmed.objects.create(person=ana, variety=of(), how="quiz", until=in_days(0))


def test_whoever_is_not_confirmed_in_it_confirms_nobody(ana: Person) -> None:
    eva = volunteer("eva", "muy-larga-y-rara", "es-CL")
    (sibling,) = confirmed(1, "es-AR")
    code = new_vouch_code(person=ana, variety=of())
    for speaker in (eva, sibling):
        with pytest.raises(Refused, match="competence_required"):
            vouch(speaker=speaker, code=code)
    assert not Vouch.objects.exists()


class Rings(TestCase):
    """Words of speakers, in any order: nobody is confirmed but by two who were."""

    @settings(max_examples=12)
    @given(
        first=st.sets(st.integers(0, 5), max_size=3),
        words=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25),
    )
    def test_a_ring_cannot_start_without_two_who_are_confirmed(self, first: set[int], words: list) -> None:
        load_varieties()
        several = people(6)
        for number in first:
            Confirmed.objects.create(person=several[number], variety=of(), how="lead")
        known, said = set(first), {number: set() for number in range(6)}
        for speaker, person in words:
            try:
                code = new_vouch_code(person=several[person], variety=of())
                vouch(speaker=several[speaker], code=code)
            except Refused:
                assert speaker == person or speaker not in known or person in known
                continue
            assert speaker in known
            said[person].add(speaker)
            if len(said[person]) == 2:
                known.add(person)
            assert {number for number in range(6) if is_confirmed(several[number], of())} == known
        assert len(first) >= 2 or known == first


def test_a_descendants_confirmation_is_enough_and_an_ancestors_is_not(ana: Person) -> None:
    paisa, other = confirmed(2, PAISA)
    beto = volunteer("beto", "muy-larga-y-rara", "es-CO")
    code = new_vouch_code(person=beto, variety=of("es-CO"))
    vouch(speaker=paisa, code=code)
    assert vouch(speaker=other, code=code), "whoever is confirmed in a part of it knows it"
    carla = volunteer("carla", "muy-larga-y-rara", PAISA)
    code = new_vouch_code(person=carla, variety=of(PAISA))
    with pytest.raises(Refused, match="competence_required"):
        vouch(speaker=beto, code=code)


@pytest.mark.parametrize("change", ["ended", "withdrawn", "suspended", "speaks something else", "erased"])
def test_a_word_counts_while_its_speaker_is_confirmed_and_stands_once_it_made_one(ana: Person, change: str) -> None:
    one, other, third = confirmed(3)
    eva = volunteer("eva", "muy-larga-y-rara", "es-CL")
    for speaker in (one, other):
        made = vouch(speaker=speaker, code=new_vouch_code(person=eva, variety=of()))
    assert made
    vouch(speaker=one, code=new_vouch_code(person=ana, variety=of()))
    match change:
        case "ended":
            take_back(by=namer(), confirmed=one.confirmed.get(), code="unfair", reason="Se vendía.")
        case "withdrawn":
            withdraw(person=one)
        case "suspended":
            Person.objects.filter(pk=one.pk).update(standing="paused")
        case "speaks something else":
            speak(person=one, varieties=[Spoken("es-AR")])
        case "erased":
            erase(person=one, contributions=True)
    assert vouch(speaker=other, code=new_vouch_code(person=ana, variety=of())) is None, "one word of two is left"
    assert vouch(speaker=third, code=new_vouch_code(person=ana, variety=of()))
    assert is_confirmed(eva, of()), "what was made stands, whatever becomes of who said it"


def test_a_code_is_short_lived_and_only_its_hash_is_kept(ana: Person) -> None:
    one, _other = confirmed(2)
    first = new_vouch_code(person=ana, variety=of())
    code = new_vouch_code(person=ana, variety=of())
    row = VouchCode.objects.get()
    assert code.replace("-", "") not in row.digest
    assert row.expires_at - row.made_at <= dt.timedelta(days=3, seconds=1)
    with pytest.raises(Refused, match="not_found"):
        vouch(speaker=one, code=first)
    VouchCode.objects.update(expires_at=in_days(-1))
    with pytest.raises(Refused, match="not_found"):
        vouch(speaker=one, code=code)
    assert empty_what_is_over(now=in_days(0)) == 1


def test_one_asks_for_what_one_says_to_speak_with_consent_and_in_good_standing(ana: Person) -> None:
    with pytest.raises(Refused, match="invalid"):
        new_vouch_code(person=ana, variety=of("es-AR"))
    withdraw(person=ana)
    with pytest.raises(Refused, match="consent_required"):
        new_vouch_code(person=ana, variety=of())
    Person.objects.filter(pk=ana.pk).update(standing="closed")
    with pytest.raises(Refused, match="suspended"):
        new_vouch_code(person=ana, variety=of())


def test_who_left_meanwhile_is_confirmed_in_nothing(ana: Person) -> None:
    (one,) = confirmed(1)
    code = new_vouch_code(person=ana, variety=of())
    speak(person=ana, varieties=[Spoken("es-AR")])
    with pytest.raises(Refused, match="not_found"):
        vouch(speaker=one, code=code)


@pytest.mark.django_db(transaction=True)
def test_two_words_at_once_are_one_confirmation() -> None:
    load_varieties()
    (ana,) = people(1)
    several = confirmed(4)
    code = new_vouch_code(person=ana, variety=of())
    at_once(*(partial(vouch, speaker=speaker, code=code) for speaker in several))
    assert Confirmed.objects.filter(person=ana, until=None).count() == 1


# By name, and back --------------------------------------------------------------------------------------------------


def test_a_lead_names_the_first_with_a_reason_and_never_themselves(ana: Person) -> None:
    lead = namer()
    made = name_speaker(by=lead, person=ana, variety=of(), reason=" Enseña en Talca. ")
    assert (made.how, made.confirmed_by, made.reason) == ("lead", lead, "Enseña en Talca.")
    for problem, facts in {
        "not_open": {"person": ana},
        "invalid": {"person": volunteer("eva", "muy-larga-y-rara", "es-CL"), "reason": " "},
    }.items():
        with pytest.raises(Refused, match=problem):
            name_speaker(**{"by": lead, "variety": of(), "reason": "Sí."} | facts)
    with pytest.raises(Refused, match="invalid"):
        name_speaker(by=lead, person=lead, variety=of("es-AR"), reason="Soy de aquí.")
    with pytest.raises(Refused, match="invalid"):
        name_speaker(by=lead, person=ana, variety=of("es-AR"), reason="No lo dice.")
    with pytest.raises(Refused, match="not_found"):
        name_speaker(by=ana, person=lead, variety=of("es-AR"), reason="Sin derecho.")


def test_where_a_variety_is_governed_its_stewards_name_and_no_lead_does(seeds: None) -> None:
    one, other = govern("quz")
    rosa = volunteer("rosa", "muy-larga-y-rara", "quz")
    give_consent(person=rosa, purposes=dict.fromkeys([*REQUIRED, "special"], True), language="es", licence="CC-BY-4.0")
    rosa.refresh_from_db()
    speak(person=rosa, varieties=[Spoken("quz")])
    with pytest.raises(Refused, match="not_found"):
        name_speaker(by=namer(), person=rosa, variety=of("quz"), reason="Yo creo.")
    made = name_speaker(by=one, person=rosa, variety=of("quz"), reason="La conocemos.")
    assert made.how == "stewards"
    with pytest.raises(Refused, match="not_found"):
        take_back(by=namer("lidio"), confirmed=made, code="mistake", reason="No.")
    take_back(by=other, confirmed=made, code="mistake", reason="Era su hermana.")
    assert list(StewardsLog.objects.filter(act__contains="confirm").order_by("id").values_list("act", flat=True)) == [
        "confirm", "unconfirm",
    ]  # fmt: skip


def test_what_a_person_took_back_only_a_person_brings_back(ana: Person) -> None:
    lead = namer()
    one, other = confirmed(2)
    made = confirm(person=ana, variety=of(), how="quiz")
    assert made
    assert confirm(person=ana, variety=of(), how="quiz") == made, "again changes nothing"
    with pytest.raises(Refused, match="invalid"):
        take_back(by=lead, confirmed=made, code="nada", reason="x")
    with pytest.raises(Refused, match="invalid"):
        take_back(by=lead, confirmed=made, code="unfair", reason=" ")
    ended = take_back(by=lead, confirmed=made, code="unfair", reason="Respondió otra persona.")
    assert (ended.ended_by, ended.ended_code) == (lead, "unfair")
    assert not is_confirmed(ana, of())
    assert confirm(person=ana, variety=of(), how="quiz") is None
    with pytest.raises(Refused, match="not_open"):
        new_vouch_code(person=ana, variety=of())
    for speaker in (one, other):
        Vouch.objects.create(speaker=speaker, person=ana, variety=of())
    assert confirm(person=ana, variety=of(), how="speakers") is None
    assert name_speaker(by=lead, person=ana, variety=of(), reason="Se aclaró.")
    assert is_confirmed(ana, of())


# What it opens ------------------------------------------------------------------------------------------------------


def test_a_confirmation_opens_the_variety_and_what_is_above_it_while_it_is_spoken(ana: Person) -> None:
    lineage = of(PAISA).lineage
    assert reached(lineage, {PAISA}) == lineage
    assert reached(lineage, {"es-CO"}) == lineage[1:]
    assert list(reached(lineage, {"es-CL"})) == []
    beto = volunteer("beto", "muy-larga-y-rara", PAISA)
    Confirmed.objects.create(person=beto, variety=of(PAISA), how="lead")
    assert [is_confirmed(beto, of(tag)) for tag in (PAISA, "es-CO", "es-CL")] == [True, True, False]
    speak(person=beto, varieties=[Spoken("es-CL")])
    assert not is_confirmed(beto, of("es-CO")), "nobody is asked in what they do not say they speak"
    speak(person=beto, varieties=[Spoken(PAISA)])
    assert is_confirmed(beto, of("es-CO"))


def test_people_of_a_variety_are_counted_with_those_who_are_confirmed(ana: Person) -> None:
    confirmed(2, PAISA)
    volunteer("carla", "muy-larga-y-rara", "es-CO")
    gone = confirmed(1, PAISA, start=300)[0]
    Person.objects.filter(pk=gone.pk).update(standing="closed")
    assert counted(["es-CO", PAISA, "es-CL", "es-AR"]) == {
        "es-CO": Counted(3, 2), PAISA: Counted(2, 2), "es-CL": Counted(1, 0), "es-AR": Counted(0, 0),
    }  # fmt: skip


# Rights -------------------------------------------------------------------------------------------------------------


def test_who_is_erased_leaves_nothing_of_it_and_what_they_confirmed_stands(ana: Person) -> None:
    lead = namer()
    one, other = confirmed(2)
    made = name_speaker(by=lead, person=ana, variety=of(), reason="Palabras de Lidia.")
    eva = volunteer("quena", "muy-larga-y-rara", "es-CL")
    vouch(speaker=one, code=new_vouch_code(person=eva, variety=of()))
    new_vouch_code(person=eva, variety=of())
    take_back(by=lead, confirmed=other.confirmed.get(), code="wish", reason="Palabras de Lidia.")
    with take_along(person=eva) as file:
        assert file.read(2) == b"PK"
    for person in (lead, one, eva):
        erase(person=person, contributions=True)
        assert left_of(person) == set()
    made.refresh_from_db()
    assert (made.until, made.confirmed_by, made.reason) == (None, None, "")
    assert other.confirmed.get().ended_reason == ""
    assert not Vouch.objects.exists()


def test_without_special_what_shows_origin_goes_with_the_words_given_in_it(seeds: None) -> None:
    govern("quz")
    rosa, juan = (volunteer(name, "muy-larga-y-rara", "es-PE") for name in ("rosa", "juan"))
    for person in (rosa, juan):
        give_consent(
            person=person, purposes=dict.fromkeys([*REQUIRED, "special"], True), language="es", licence="CC-BY-4.0"
        )
        person.refresh_from_db()
        speak(person=person, varieties=[Spoken("quz"), Spoken("es-PE")])
        for tag in ("quz", "es-PE"):
            Confirmed.objects.create(person=person, variety=of(tag), how="lead")
    for tag in ("quz", "es-PE"):
        Vouch.objects.create(speaker=rosa, person=juan, variety=of(tag))
        Vouch.objects.create(speaker=juan, person=rosa, variety=of(tag))
    give_consent(person=rosa, purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC-BY-4.0")
    assert confirmed_tags(rosa) == {"es-PE"}
    assert set(Vouch.objects.values_list("variety", flat=True)) == {"es-PE"}
    assert confirmed_tags(juan) == {"quz", "es-PE"}


# The page of a code -------------------------------------------------------------------------------------------------


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_speaker_opens_the_link_sees_who_asks_and_says_so_with_one_tap(ana: Person) -> None:
    one, other = confirmed(2)
    code = new_vouch_code(person=ana, variety=of())
    page = f"/confirm/{code}/"
    assert Client().get(page)["Location"].startswith("/login/?next=/confirm/")
    shown = client_of(one).get(page).content.decode()
    assert ana.username in shown
    assert not Vouch.objects.exists(), "looking says nothing"
    said = client_of(one).post(page)
    assert (said.context["said"], said.context["confirmed"]) == (True, None)
    typed = client_of(other).post("/confirm/", {"code": code.lower()})
    assert client_of(other).post(typed["Location"]).context["confirmed"]
    assert is_confirmed(ana, of())
    gone = client_of(other).get(page)
    assert gone.status_code == 404


def test_whoever_is_not_confirmed_sees_neither_name_nor_variety(ana: Person) -> None:
    eva = volunteer("eva", "muy-larga-y-rara", "es-CL")
    code = new_vouch_code(person=ana, variety=of())
    answer = client_of(eva).get(f"/confirm/{code}/")
    assert answer.status_code == 403
    assert ana.username not in answer.content.decode()
    assert "Chile" not in answer.content.decode()


def test_codes_are_not_guessed_one_after_the_other(ana: Person, settings) -> None:
    settings.MINKA_RATES = {**settings.MINKA_RATES, "vouch": "3/h/key"}
    (one,) = confirmed(1)
    client = client_of(one)
    assert [client.get(f"/confirm/AAAA-{number}/").status_code for number in range(5)] == [404, 404, 404, 429, 429]
