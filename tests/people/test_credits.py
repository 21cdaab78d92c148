"""Whoever agreed to be named says how; a lead reads it for thanks and certificates, and nobody else does."""

import csv
import io

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from annotations.assignments.models import Judgement
from annotations.errors import Refused
from annotations.moderation.thanks.queries import COLUMNS, thanked
from annotations.people.actions import give_consent, withdraw
from annotations.people.credits.actions import orcid_of, tell_credit
from annotations.people.credits.models import Credit
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.remits.models import Remit
from annotations.people.rights.actions import erase
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
ORCID = "0000-0002-1825-0097"


def agrees(person: Person, **more: bool) -> Person:
    purposes = dict.fromkeys(REQUIRED, True) | {"credit": True} | more
    give_consent(person=person, purposes=purposes, language="es", licence=LICENCES[0])
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def rosa(seeds: None) -> Person:
    return agrees(volunteer("rosa", "muy-larga-y-rara", "es-CL"))


# An ORCID ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [ORCID, "0000000218250097", " https://orcid.org/0000-0002-1825-0097 ", "0000 0002 1825 0097"]
)
def test_an_orcid_is_read_however_it_is_written(text: str) -> None:
    assert orcid_of(text) == ORCID


@pytest.mark.parametrize(
    "text",
    ["0000-0002-1825-0098", "1", "0000-0002-1825-00977", "x" * 16, "00000X0000000002", "X000000000000000", "０" * 16,
     "١" * 16],
)  # fmt: skip
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="invalid"):
        orcid_of(text)


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_found(digits: str, place: int, more: int) -> None:
    whole = digits + mod_11_2.calc_check_digit(digits)
    assert orcid_of(whole).replace("-", "") == whole
    wrong = whole[:place] + str((int(whole[place]) + more) % 10) + whole[place + 1 :]
    with pytest.raises(Refused, match="invalid"):
        orcid_of(wrong)


# Giving and taking back ----------------------------------------------------------------------------------------------


def test_a_person_says_how_they_are_thanked_and_takes_it_back(rosa: Person) -> None:
    client = client_of(rosa)
    told = {"name": "Rosa Quispe", "affiliation": "Universidad", "orcid": "0000000218250097"}
    assert client.post("/me/credit/", told).status_code == 302
    credit = Credit.objects.get()
    assert (credit.name, credit.affiliation, credit.orcid) == ("Rosa Quispe", "Universidad", ORCID)
    assert "Rosa Quispe" in client.get("/me/credit/").content.decode()
    assert client.post("/me/credit/", {"name": "", "affiliation": "", "orcid": ""}).status_code == 302
    assert not Credit.objects.exists()


@pytest.mark.parametrize(
    ("told", "field"),
    [({"name": "Rosa", "orcid": "1"}, "orcid"), ({"affiliation": "Universidad"}, "name"), ({"name": "x" * 121}, "name"),
     ({"name": "a\x00b"}, "name")],
)  # fmt: skip
def test_what_cannot_stand_is_said_at_its_field(rosa: Person, told: dict[str, str], field: str) -> None:
    shown = client_of(rosa).post("/me/credit/", told)
    assert field in shown.context["form"].errors
    assert not Credit.objects.exists()


def test_without_the_purpose_nothing_is_kept(seeds: None) -> None:
    plain = volunteer("sin", None, "es-CL")
    with pytest.raises(Refused, match="consent_required"):
        tell_credit(person=plain, name="Sin", affiliation="", orcid="")
    assert client_of(plain).get("/me/credit/").status_code == 302
    assert not Credit.objects.exists()


@pytest.mark.parametrize("way", ["purpose", "consent", "erased"])
def test_it_goes_with_its_purpose(rosa: Person, way: str) -> None:
    tell_credit(person=rosa, name="Rosa", affiliation="", orcid="")
    if way == "purpose":
        agrees(rosa, credit=False)
    elif way == "consent":
        withdraw(person=rosa)
    else:
        erase(person=rosa, contributions=False)
    assert not Credit.objects.exists()


def test_the_database_takes_no_other(rosa: Person) -> None:
    for facts in ({"name": ""}, {"name": "Rosa", "orcid": "0000"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Credit.objects.create(person=rosa, **facts)


# Whom to thank -------------------------------------------------------------------------------------------------------


@pytest.fixture
def elisa(seeds: None) -> Person:
    seed_people()
    return Person.objects.get(username="elisa")


@pytest.fixture
def worked(elisa: Person, rosa: Person) -> None:
    campaign, other = world(line("1"), line("2")), world(line("3"), slug="otra")
    (silent,) = people(1)
    zoe = agrees(volunteer("=zoe", None, "es-CL"))
    tell_credit(person=rosa, name="Álvarez, Rosa", affiliation="Universidad", orcid=ORCID)
    for person in (rosa, silent, zoe):
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    answer(rosa, seat_at(rosa, campaign), {"opt_out": "no_se"})
    answer(rosa, seat_at(rosa, other), {"preferred": "a"})


def test_those_who_agreed_stand_there_with_what_they_gave_and_nobody_else(elisa: Person, worked: None) -> None:
    told = [(each.name, each.orcid, each.answers, each.varieties) for each in thanked(by=elisa)]
    assert told == [("=zoe", "", 1, ["es-CL"]), ("Álvarez, Rosa", ORCID, 2, ["es-CL"])]


def test_who_takes_it_back_stands_there_no_more(elisa: Person, rosa: Person, worked: None) -> None:
    agrees(rosa, credit=False)
    assert [each.name for each in thanked(by=elisa)] == ["=zoe"]


def test_what_was_taken_out_and_whose_account_is_closed_is_thanked_for_no_more(
    elisa: Person, rosa: Person, worked: None
) -> None:
    Judgement.objects.filter(person__username="=zoe").update(counted=False, not_counted="purged")
    assert [each.name for each in thanked(by=elisa)] == ["Álvarez, Rosa"]
    Person.objects.filter(pk=rosa.pk).update(standing="closed")
    assert list(thanked(by=elisa)) == []


def test_what_can_show_origin_stands_beside_a_name_only_where_that_was_agreed_to(elisa: Person, worked: None) -> None:
    Judgement.objects.filter(person__username="rosa").update(judge_variety="gug")
    assert {each.name: each.varieties for each in thanked(by=elisa)}["Álvarez, Rosa"] == []
    agrees(Person.objects.get(username="rosa"), special=True)
    assert {each.varieties[0] for each in thanked(by=elisa)} == {"gug", "es-CL"}


def test_it_is_taken_along_and_a_formula_is_words(elisa: Person, worked: None) -> None:
    client = client_of(elisa)
    response = client.get(reverse("admin:thanks"), {"as": "csv", "campaign": "prueba"})
    rows = list(csv.reader(io.StringIO(b"".join(response).decode())))  # type: ignore[arg-type]
    assert tuple(rows[0]) == COLUMNS
    assert [(row[0], row[3]) for row in rows[1:]] == [("'=zoe", "1"), ("Álvarez, Rosa", "1")]
    assert "Álvarez, Rosa" in client.get(reverse("admin:thanks")).content.decode()


def test_it_is_three_questions_for_all(elisa: Person, worked: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert list(thanked(by=elisa))
    assert len(asked) == 3, "what they look after, what shows origin, and the rest"


def test_only_those_with_the_right_to_it_see_it(elisa: Person, worked: None) -> None:
    for name, status in (("carmen", 403), ("ana", 302)):
        assert client_of(Person.objects.get(username=name)).get(reverse("admin:thanks")).status_code == status
    assert Client().get(reverse("admin:thanks")).status_code == 302


def test_who_looks_after_a_part_thanks_those_of_that_part(elisa: Person, worked: None) -> None:
    Remit.objects.create(person=elisa, country="MX")
    assert list(thanked(by=Person.objects.get(pk=elisa.pk))) == []
