"""Which agreements are in force, what they get, and the rows of it."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from annotations.datasets.configs.base import Row, permitted_use
from annotations.datasets.configs.judgements import JUDGEMENTS
from annotations.datasets.membership import kept
from annotations.datasets.models import Release
from annotations.datasets.partners.models import Partnership
from annotations.datasets.previews import have_a_part
from annotations.datasets.pseudonyms import release_key
from annotations.datasets.queries import published
from annotations.people.models import Person

BATCH: Final = 2_000
COLUMNS: Final = {
    "id": "text", "stable_id": "text", "stable_item_id": "text", "annotator": "text?", "received_at": "text",
    "seconds": "float?",
}  # fmt: skip
"""`id` is that of the release's `judgements`; the next three are this partner's own, in every release."""


def in_force(on: dt.date | None = None) -> QuerySet[Partnership]:
    today = on or timezone.now().astimezone(dt.UTC).date()
    return Partnership.objects.filter(begins_on__lte=today, ends_on__gte=today, ended_at=None)


def agreements_of(person: Person) -> QuerySet[Partnership]:
    return in_force().filter(person=person, person__standing=Person.Standing.GOOD)


def handed_over_now() -> Release | None:
    """Partners get what belongs to the newest release."""
    return published().first()


def rows_for(partnership: Partnership, release: Release) -> Iterator[Row]:
    """Each judgement that the release publishes, in its order. Left out is what was taken back since, and whatever a
    governed variety has a part in, as who judged too, and the whole of such a campaign: its stewards decided about the
    public release and about nothing more.

    Raises:
        Lost: the release's membership refers to what is not there any more.
    """
    key = release_key(settings.MINKA_MASTER_KEY.encode(), f"partner {partnership.slug}")
    stewards_part, rows = have_a_part(), _published(release)
    while several := list(islice(rows, BATCH)):
        known = _known(row["rests"][0] for row in several)
        for row in several:
            judgement = row["rests"][0]
            if judgement in known and not stewards_part(row):
                person, item = known[judgement]
                yield _told(key, row, judgement, person, item)


def _published(release: Release) -> Iterator[Row]:
    """The rows, as the database had them, that stand in `judgements` and not in `excluded`."""
    (part,) = JUDGEMENTS.parts
    for block in kept(release, part.query):
        for row in block.to_pylist():
            row["personal"] = False  # a text that shows who somebody is stays away, and the judgement does not
            if not part.why(row, permitted_use(row)):
                yield row


def _known(judgements: Iterator[int]) -> dict[int, tuple[int | None, int]]:
    """Who gave them and of which item they are, of those that still stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, person_id, item_id FROM annotations_exportable"
            " WHERE id = ANY(%s) AND NOT withdrawn AND undone_at IS NULL",
            [list(judgements)],
        )
        return {judgement: (person, item) for judgement, person, item in cursor.fetchall()}


def _told(key: bytes, row: Row, judgement: int, person: int | None, item: int) -> dict[str, Any]:
    """Where the release tells no pseudonym, because so few speak the variety, there is no code either."""
    return {
        "id": row["id"],
        "stable_id": _code(key, "judgement", judgement),
        "stable_item_id": _code(key, "item", item),
        "annotator": None if row["annotator"] is None or person is None else _code(key, "person", person),
        "received_at": row["received_at"].astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "seconds": row["seconds"],
    }


def _code(key: bytes, kind: str, number: int) -> str:
    """128 bits: nobody without the key can tell of whom it is, or make it from another partner's."""
    return hmac.digest(key, kind.encode() + number.to_bytes(8, "big"), hashlib.sha256).hex()[:32]
