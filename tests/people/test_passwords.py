"""What a password may be: any signs, as typed, long; and not one that everybody has."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.test import Client
from django.utils import timezone

from annotations.people.models import Person
from minka import settings as house
from tests.cast import joins

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize(
    ("site", "password"),
    [
        ("Minka", "minka2026!"), ("Minka", "Minka-Minka"), ("Minka", "MINKA.example1"), ("Minka", "latam-gpt-26"),
        ("Minka", "mínkä1234567"), ("La Voz", "lavoz2026"), ("Educación", "educacion-123"),
        ("Mi Tierra", "tierra#2026"), ("Minka", "84037261559"),
    ],
)  # fmt: skip
def test_the_name_of_the_house_or_a_number_is_no_password(seeds: None, settings: Any, site: str, password: str) -> None:
    settings.ALLOWED_HOSTS, settings.MINKA_SITE_NAME = ["minka.example", "testserver"], site
    told = joins(Client(headers={"accept-language": "es"}), "ana", password).content.decode()
    assert ("poco más que el nombre" in told) != ("numérica" in told)
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("site", "password"),
    [
        ("Minka", "en la minka tejemos juntas"), ("Voces de la Tierra", "misvocesX9!"), ("datos", "misdatosX9!"),
        ("Minka", "info-8-plano"), ("Minka", "ñandú-minka"),
    ],
)  # fmt: skip
def test_a_word_of_the_house_may_stand_in_one(settings: Any, site: str, password: str) -> None:
    settings.ALLOWED_HOSTS, settings.MINKA_SITE_NAME = ["datos.gob.mx", "ayuda.info"], site
    validate_password(password)


def test_it_stays_good_for_as_long_as_its_owner_wants() -> None:
    ana = Person.objects.create_user("ana", password="otra-larga-y-rara")
    years = timezone.now() - dt.timedelta(days=4000)
    Person.objects.filter(pk=ana.pk).update(date_joined=years, last_login=years)
    client = Client()
    client.post("/login/", {"login": "ana", "password": "otra-larga-y-rara"})
    assert client.get("/account/").status_code == 200


def test_no_script_of_ours_keeps_anybody_from_pasting_one() -> None:
    looked_at = [*(ROOT / "static").rglob("*.js"), *(ROOT / "templates").rglob("*.html")]
    assert {path.suffix for path in looked_at} == {".js", ".html"}
    assert not [path for path in looked_at if re.search(r"[\"']paste[\"']|onpaste", path.read_text("utf-8"))]


def test_it_is_hashed_slowly() -> None:
    """As OWASP counts for PBKDF2 with SHA-256: 600,000 rounds at least. The tests' own hasher is a quick one."""
    assert house.PASSWORD_HASHERS == ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert PBKDF2PasswordHasher.iterations >= 600_000
