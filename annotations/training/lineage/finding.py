"""Finding the item behind a row of a release. Ids of a release are keyed (`datasets/configs/base.py:keyed`): who has
the key makes them again, for everything the release can hold, and compares."""

import re
from typing import Final

from django.db import connection

from annotations.datasets.configs.base import keyed
from annotations.datasets.models import Release
from annotations.datasets.names import terms_of

ID: Final = re.compile(r"[0-9a-f]{32}")

# `record_id` of the training configs and of scores, `id` of judgements: each is one of these. In the order of how many
# there are to be hashed, so that a row of a training config is found before all judgements are gone through.
_OF_JUDGEMENT: Final = ", ".join(keyed(kind, "j.id") for kind in ("judgement", "text", "flag"))
_FIND: Final = (
    f"SELECT c.item_id FROM annotations_cell c WHERE {keyed('cell', 'c.id')} = %(id)s LIMIT 1",  # noqa: S608 -- ours
    f"""SELECT c.item_id FROM annotations_cell c JOIN annotations_itemoutput io ON io.item_id = c.item_id
         WHERE {keyed("completion", "c.id", "io.output_id")} = %(id)s LIMIT 1""",  # noqa: S608 -- ours
    f"""SELECT j.item_id FROM annotations_judgement j
         WHERE j.received_at <= %(cutoff)s AND %(id)s IN ({_OF_JUDGEMENT}) LIMIT 1""",  # noqa: S608 -- ours
)


def item_of_row(release: Release, row: str) -> int | None:
    """The key of the item that a row of this release is about, by the row's own id; None where there is no such row, or
    what it was about is erased."""
    if not ID.fullmatch(row):
        return None
    facts = terms_of(release.version, release.cutoff).facts | {"id": row}
    with connection.cursor() as cursor:
        for sql in _FIND:
            cursor.execute(sql, facts)
            if found := cursor.fetchone():
                return int(found[0])
    return None
