"""What everything else stands on."""

import platform
import re
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models

from annotations.assignments import kinds
from annotations.errors import Refused
from annotations.people.actions import give_consent
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import NAMES
from annotations.people.rights import registry as rights
from annotations.people.rights.retention import PERIODS
from tests.ground import scope_of

ROOT = Path(__file__).parents[2]


def test_platform_is_still_the_standard_library() -> None:
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


def test_platform_folder_holds_one_package_and_nothing_else() -> None:
    assert [path.name for path in (ROOT / "platform").iterdir() if path.name != "__pycache__"] == ["minka"]


def test_every_foreign_key_to_a_person_has_a_registered_right() -> None:
    pointing = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Person
    }
    assert pointing == {(right.table, right.field) for right in rights.registered()}


def test_what_is_kept_of_a_person_says_why() -> None:
    assert [right.table for right in rights.registered() if right.erasure == "keep" and not right.why] == []


def test_every_personal_table_has_a_period_and_a_reason() -> None:
    pointing = {
        model._meta.label
        for model in apps.get_models()
        if any(field.related_model is Person for field in model._meta.concrete_fields)
    }
    beside = {"annotations.Change", "annotations.Person", "annotations.Consent", "annotations.Flag",
              "annotations.Membership", "annotations.Request", "annotations.Session", "annotations.Tombstone",
              "knox.AuthToken", "admin.LogEntry"}  # fmt: skip
    named = [period.table for period in PERIODS]
    assert sorted(named) == sorted(pointing | beside)
    assert [period.table for period in PERIODS if not period.why or (period.days is None) != (not period.since)] == []


RECORDS = ("annotations.Consent", "annotations.Request", "annotations.Tombstone", "annotations.Receipt")
"""Tables of what happened: they outlive persons, so they hold keys, states and hashes, never a text."""
WORDS_OF_OURS = {"version", "text_sha256", "body_sha256", "language", "contribution_licence", "channel", "country"}
"""Short fields of theirs whose values the code writes, and no person."""


@pytest.mark.parametrize("table", RECORDS)
def test_what_happened_is_told_in_keys_states_and_hashes(table: str) -> None:
    texts = [
        field.name
        for field in apps.get_model(table)._meta.concrete_fields
        if isinstance(field, models.TextField | models.JSONField | models.BinaryField | models.FileField)
        or (isinstance(field, models.CharField) and not field.choices and field.name not in WORDS_OF_OURS)
    ]
    assert texts == (["purposes"] if table == "annotations.Consent" else [])


def test_the_purposes_of_a_consent_are_names_of_ours_with_yes_or_no(seeds: None) -> None:
    ana = volunteer("ana", "muy-larga-y-rara", "es-CL")
    with pytest.raises(Refused, match="invalid"):
        give_consent(person=ana, purposes={"mis palabras": True}, language="es", licence="CC-BY-4.0")
    given = {"annotate": "mis palabras"}
    consent = give_consent(person=ana, purposes=given, language="es", licence="CC-BY-4.0")  # type: ignore[arg-type]
    assert consent.purposes == {name: name == "annotate" for name in NAMES}


@pytest.mark.django_db(transaction=True)
def test_in_a_test_one_is_the_application_and_stays_it_when_one_connects_anew() -> None:
    assert whoever_connects() == "minka_app"
    connection.close()
    assert whoever_connects() == "minka_app"


def test_nobody_is_whom_a_test_before_was(django_db_setup: None, django_db_blocker: Any) -> None:
    """Connections come out of a pool, and go back into it as they are."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE minka_app")
        found = set()
        for _each in range(settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]):
            connection.close()
            found.add(whoever_connects())
        assert found == {"owner"}


def whoever_connects() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def test_models_have_their_migrations(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run")


def test_no_two_locks_share_a_key() -> None:
    """Whoever publishes would hold up whoever leaves."""
    keys = [
        int(key, 16)
        for path in (ROOT / "annotations").rglob("*.py")
        for key in re.findall(r"^_\w+_LOCK = (0x\w+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(keys) >= 4
    assert len(set(keys)) == len(keys)


def test_two_kinds_rights_or_files_of_one_name_are_a_mistake() -> None:
    vote = kinds.get("vote")
    with pytest.raises(ValueError, match="two kinds called vote"):
        kinds.register(replace(vote, table="other"))
    right = rights.registered()[0]
    with pytest.raises(ValueError, match="registered twice"):
        rights.register(replace(right, why="another"))
    name, tell = next(iter(rights.files().items()))
    with pytest.raises(ValueError, match=f"two files called {name}"):
        rights.register_file(name, lambda _person: iter(()))
    assert (kinds.get("vote"), rights.registered()[0], rights.files()[name]) == (vote, right, tell)


def test_who_shares_a_house_is_tested_by_one_process_and_all_others_by_whoever_is_free() -> None:
    here = "tests/house/test_ground.py::test_x"
    assert scope_of(here) == here
    assert scope_of("tests/browser/test_scripts.py::test_x[a]") == "tests/browser/test_scripts.py"
    starts = re.compile(r"^from benchmarks\.house import .*\bstarted\b", re.MULTILINE)
    houses = [path for path in (ROOT / "tests").glob("**/test_*.py") if starts.search(path.read_text("utf-8"))]
    assert len(houses) >= 5
    for path in houses:
        module = str(path.relative_to(ROOT))
        assert scope_of(f"{module}::test_x") == module
