"""The ledger of consent only grows, and the release's role cannot see people."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from annotations.people.actions import Spoken, give_consent, speak, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Consent
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.queries import spoken_by
from tests.cast import at_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["minka_app", "owner"])
@pytest.mark.parametrize("sql", ["UPDATE annotations_consent SET version = 'x'", "DELETE FROM annotations_consent"])
def test_nobody_changes_what_was_agreed_to(seeds: None, role: str, sql: str) -> None:
    volunteer("ana", "a-long-password", "es-CL")
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(sql)


def test_a_consent_names_a_subject_and_the_text_that_was_shown(seeds: None) -> None:
    person = volunteer("ana", "a-long-password", "es-CL")
    consent = Consent.objects.get()
    assert (consent.subject, len(consent.text_sha256), consent.act) == (person.subject, 64, "give")


@pytest.mark.parametrize("table", ["annotations_person", "annotations_consent", "annotations_spokenvariety"])
def test_the_export_role_cannot_read_people(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE minka_export")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(f"SELECT 1 FROM {table}")


@pytest.mark.django_db(transaction=True)
def test_consent_given_and_taken_back_at_once_ends_as_the_ledger_ends(seeds: None) -> None:
    ana = volunteer("ana", "muy-larga-y-rara", "es-CL")

    def give() -> None:
        give_consent(person=ana, purposes=dict.fromkeys(REQUIRED, True), language="es", licence=LICENCES[0])

    assert not any(isinstance(outcome, Exception) for outcome in at_once(*[give, lambda: withdraw(person=ana)] * 4))
    ana.refresh_from_db()
    last = Consent.objects.filter(subject=ana.subject).latest("id")
    assert ana.consent == (last if last.act == Consent.Act.GIVE else None)


@pytest.mark.django_db(transaction=True)
def test_varieties_said_by_two_tabs_at_once_are_said_once(seeds: None) -> None:
    ana = volunteer("ana", "muy-larga-y-rara", "es-CL")
    both = [Spoken("es-MX"), Spoken("es-CL")]
    at_once(*[lambda: speak(person=ana, varieties=both)] * 4)
    assert sorted(spoken_by(ana).values_list("variety", flat=True)) == ["es-CL", "es-MX"]
