"""The ledger of consent only grows, and the release's role cannot see people."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from annotations.people.demo import volunteer
from annotations.people.models import Consent

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
