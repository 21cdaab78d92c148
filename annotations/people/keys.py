"""What rests on the master key: whether it opens what is sealed, and sealing all of it anew under another one.

Two things are sealed: what people told of themselves, and the secrets of their second steps (TOTP, and the seed of
recovery codes). The sealed rows are themselves the test of a key: no mark beside them could be true while they are not.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from annotations.people.rights.models import SensitiveFacts
from annotations.people.sealing import FACTS, SECOND_STEP, box

SECRETS = ("secret", "seed")
"""Of a second step's data, what allauth has us encrypt (`accounts/adapter.py`)."""

Sealed = Any
"""A `SensitiveFacts` or an allauth `Authenticator`, which has no types."""


@dataclass(frozen=True)
class Resealed:
    """How many rows are sealed under the key now, and how many opened under none."""

    sealed: int
    closed: int


def key_opens() -> bool:
    """Whether the oldest and the newest sealed row of each kind open; True when nothing is sealed."""
    ends = [
        table.order_by(order).first()
        for table in (SensitiveFacts.objects.all(), Authenticator.objects.filter(data__has_any_keys=list(SECRETS)))
        for order in ("pk", "-pk")
    ]
    return all(_turned(row, _opened) for row in ends if row)


@transaction.atomic
def seal_anew(*, forget: bool = False) -> Resealed:
    """Seal every row under `MINKA_MASTER_KEY`, whichever of the two keys opens it. What opens under neither stays as
    it is, or with `forget` is deleted: nobody can read it, and its people may tell or set it up again."""
    sealed, closed = 0, 0
    for row in _rows():
        if _turned(row, _rotated):
            row.save(update_fields=["sealed" if isinstance(row, SensitiveFacts) else "data"])
            sealed += 1
        else:
            closed += 1
            if forget:
                row.delete()
    return Resealed(sealed, closed)


def _rows() -> Iterator[Sealed]:
    yield from SensitiveFacts.objects.select_for_update(of=("self",)).order_by("pk")
    second = Authenticator.objects.select_for_update(of=("self",)).filter(data__has_any_keys=list(SECRETS))
    yield from second.order_by("pk")


def _turned(row: Sealed, turn: Callable[[str, str], str]) -> bool:
    """What is sealed in the row becomes what `turn` (purpose, text) makes of it; False where it does not open."""
    with suppress(InvalidToken):
        if isinstance(row, SensitiveFacts):
            row.sealed = turn(FACTS, row.sealed)
        else:
            row.data |= {name: turn(SECOND_STEP, row.data[name]) for name in SECRETS if name in row.data}
        return True
    return False


def _rotated(purpose: str, text: str) -> str:
    return box(purpose).rotate(text.encode()).decode()


def _opened(purpose: str, text: str) -> str:
    return box(purpose).decrypt(text.encode()).decode()
