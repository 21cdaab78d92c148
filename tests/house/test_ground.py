"""What everything else stands on."""

import platform
import sysconfig
from pathlib import Path

from django.apps import apps
from django.core.management import call_command

from annotations.people import rights
from annotations.people.models import Person

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


def test_models_have_their_migrations(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run")
