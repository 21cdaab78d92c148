"""What a password may be: any signs, as typed, long; and not one that everybody has."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from annotations.people.models import Person
from minka import settings as house
from tests.cast import joins

pytestmark = pytest.mark.django_db
LONG = "solo minusculas con espacios y tildes: ñandú " * 2


@pytest.mark.parametrize("password", [LONG, "🌻🌻🌻🌻🌻🌻🌻🌻", "  con espacios a los lados  ", "x" * 64 + "y" * 64])
def test_it_may_be_of_any_signs_and_is_taken_as_typed(seeds: None, password: str) -> None:
    joins(Client(), "ana", password)
    ana = Person.objects.get(username="ana")
    assert ana.check_password(password)
    others = {password.strip(), password[:64], password.upper(), password + " "} - {password}
    assert not any(ana.check_password(other) for other in others)


@pytest.mark.parametrize("password", ["corta-7", "password1", "12345678901", "iloveyou1"])
def test_a_short_or_a_common_one_makes_no_account(seeds: None, password: str) -> None:
    assert joins(Client(), "ana", password).status_code == 200
    assert not Person.objects.exists()


def test_it_is_hashed_slowly() -> None:
    """As OWASP counts for PBKDF2 with SHA-256: 600,000 rounds at least. The tests' own hasher is a quick one."""
    assert house.PASSWORD_HASHERS == ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert PBKDF2PasswordHasher.iterations >= 600_000
