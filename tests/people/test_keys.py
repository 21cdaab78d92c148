"""The master key: a changed one is noticed at the start, what was sealed moves to it, and what is lost is said."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import InvalidToken
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command, load_command_class
from django.core.management.base import SystemCheckError

from annotations.people.keys import Resealed, key_opens, seal_anew
from annotations.people.models import Person
from annotations.people.rights.models import SensitiveFacts
from annotations.people.rights.queries import facts_of
from annotations.people.sealing import box, seal, unseal
from minka.security import key_was_changed, refuse_unsafe_start
from tests.cast import people

pytestmark = pytest.mark.django_db
FIRST = django_settings.MINKA_MASTER_KEY
NEW, LOST = "n" * 30 + "0123456789" * 3, "l" * 30 + "9876543210" * 3


@pytest.fixture
def ana(seeds: None) -> Person:
    """Told something of herself, and has a second step with its codes."""
    (person,) = people(1)
    SensitiveFacts.objects.create(person=person, sealed=seal({"gender": "woman"}))
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    return person


def secrets_of(person: Person) -> list[str]:
    """What is sealed of a person, as it stands in the database."""
    second = Authenticator.objects.filter(user=person).order_by("pk")
    sealed = [value for row in second for name, value in sorted(row.data.items()) if name in ("secret", "seed")]
    return [SensitiveFacts.objects.get(person=person).sealed, *sealed]


def codes_of(person: Person) -> list[str]:
    return Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()


def problems() -> list[str | None]:
    return [message.id for message in key_was_changed(None)]


def test_a_key_that_opens_what_is_sealed_or_has_nothing_to_open_is_no_problem(ana: Person, settings) -> None:
    assert problems() == []
    SensitiveFacts.objects.all().delete()
    Authenticator.objects.all().delete()
    settings.MINKA_MASTER_KEY = LOST
    assert (problems(), key_opens()) == ([], True)


@pytest.mark.parametrize("left", ["facts", "totp", "recovery_codes"])
def test_a_changed_key_is_noticed_by_whatever_is_sealed(ana: Person, settings, left: str) -> None:
    if left != "facts":
        SensitiveFacts.objects.all().delete()
    Authenticator.objects.exclude(type=left).delete()
    settings.MINKA_MASTER_KEY = LOST
    assert problems() == ["minka.E006"]


def test_a_row_sealed_since_under_another_key_is_noticed_too(ana: Person, settings) -> None:
    (bruno,) = people(1, "pt-BR")
    settings.MINKA_MASTER_KEY = LOST
    SensitiveFacts.objects.create(person=bruno, sealed=seal({"gender": "man"}))
    assert problems() == ["minka.E006"]
    settings.MINKA_MASTER_KEY = FIRST
    assert problems() == ["minka.E006"]


def test_production_does_not_start_with_a_changed_key_and_a_laptop_is_told(ana: Person, settings, caplog) -> None:
    Person.objects.update(is_demo=False)
    settings.MINKA_MASTER_KEY = LOST
    refuse_unsafe_start()
    assert "does not open with MINKA_MASTER_KEY" in caplog.text
    settings.PRODUCTION = True
    with pytest.raises(SystemExit, match="does not open with MINKA_MASTER_KEY"):
        refuse_unsafe_start()


def test_with_both_keys_all_opens_and_only_the_new_one_seals(ana: Person, settings) -> None:
    codes = codes_of(ana)
    settings.MINKA_MASTER_KEY, settings.MINKA_MASTER_KEY_OLD = NEW, FIRST
    assert problems() == []
    assert (facts_of(ana), codes_of(ana)) == ({"gender": "woman"}, codes)
    fresh = seal({"age": "65+"})
    settings.MINKA_MASTER_KEY_OLD = ""
    assert unseal(fresh) == {"age": "65+"}


def test_resealed_under_the_new_key_the_one_before_opens_nothing(ana: Person, settings, capsys) -> None:
    codes, before = codes_of(ana), secrets_of(ana)
    settings.MINKA_MASTER_KEY, settings.MINKA_MASTER_KEY_OLD = NEW, FIRST
    for _again in range(2):
        call_command("reseal")
    assert capsys.readouterr().out == "3 sealed under MINKA_MASTER_KEY\n" * 2
    settings.MINKA_MASTER_KEY_OLD = ""
    assert problems() == []
    assert (facts_of(ana), codes_of(ana)) == ({"gender": "woman"}, codes)
    assert not set(secrets_of(ana)) & set(before)
    settings.MINKA_MASTER_KEY = FIRST
    for sealed in secrets_of(ana):
        for purpose in ("minka-sensitive-facts", "minka-second-step"):
            with pytest.raises(InvalidToken):
                box(purpose).decrypt(sealed.encode())


def test_what_opens_under_neither_key_is_said_stays_and_goes_only_when_asked(ana: Person, settings) -> None:
    (bruno,) = people(1, "pt-BR")
    settings.MINKA_MASTER_KEY = LOST
    SensitiveFacts.objects.create(person=bruno, sealed=seal({"gender": "man"}))
    settings.MINKA_MASTER_KEY, settings.MINKA_MASTER_KEY_OLD = NEW, FIRST
    with pytest.raises(CommandError, match="1 open under neither key"):
        call_command("reseal")
    assert SensitiveFacts.objects.filter(person=bruno).exists(), "nothing goes unasked"
    settings.MINKA_MASTER_KEY_OLD = ""
    assert facts_of(ana) == {"gender": "woman"}, "the others moved all the same"
    assert seal_anew(forget=True) == Resealed(sealed=3, closed=1)
    assert list(SensitiveFacts.objects.values_list("person", flat=True)) == [ana.pk]
    assert problems() == []


def test_who_lost_the_key_goes_on_with_another_though_the_house_does_not_start(ana: Person, settings: Any) -> None:
    """The command runs as a person runs it, with the checks that keep a house from starting."""
    settings.MINKA_MASTER_KEY = LOST
    with pytest.raises(SystemCheckError, match="E006"):
        call_command("check", databases=["default"])
    command = load_command_class("annotations", "reseal")
    command.execute(forget=True, skip_checks=False, force_color=False, no_color=True)
    assert problems() == []


def test_a_key_for_passkeys_is_left_alone(ana: Person, settings) -> None:
    data = {"name": "llave", "credential": {"id": "x"}}
    row = Authenticator.objects.create(user=ana, type="webauthn", data=data)
    settings.MINKA_MASTER_KEY = LOST
    assert seal_anew(forget=True) == Resealed(sealed=0, closed=3)
    row.refresh_from_db()
    assert row.data == data


def test_the_start_costs_four_rows(ana: Person, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):
        assert key_opens()
