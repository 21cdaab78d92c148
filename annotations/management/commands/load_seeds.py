"""`manage.py load_seeds`: the tables the platform cannot work without; again without harm."""

from typing import Any

from django.core.management.base import BaseCommand

from annotations.flagging.seeding import load_flag_words
from annotations.people.consenting.actions import note_consent_text
from annotations.people.roles import found_roles
from annotations.people.seeding import load_varieties
from annotations.rating.seeding import load_rubric


class Command(BaseCommand):
    help = (
        "Load the seed tables: zones and varieties, the words of flags, the rubric, roles; and note the consent text"
        " that lies in MINKA_CONSENT_DIR. Idempotent."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        note_consent_text()
        self.stdout.write(
            f"{load_varieties()} varieties, {load_flag_words()} words of flags, {load_rubric()} points of the rubric, "
            f"{found_roles()} roles"
        )
