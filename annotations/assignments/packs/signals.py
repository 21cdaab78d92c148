"""The end of a pack that nobody may finish any more. Connected in `AppConfig.ready()`."""

from typing import Any

from annotations.assignments.locks import rounds_of_cells
from annotations.assignments.packs.actions import give_back_pack
from annotations.people.models import Person
from annotations.people.signals import terms_changed


def connect() -> None:
    terms_changed.connect(_give_back_without_consent, dispatch_uid="packs.give_back_without_consent")


def _give_back_without_consent(*, person: Person, **_signal: Any) -> None:
    """Whoever takes consent back or leaves holds up nobody for seven days. An erasure goes on to other cells."""
    if person.consent is None:
        rounds_of_cells()
        give_back_pack(person=person)
