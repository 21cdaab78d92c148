"""Making one row of many."""

from django.db import connection

# One statement, so that nobody reads the sum between the two; a row that somebody else takes at the same moment is
# theirs alone.
_ADD_UP = """
    WITH several AS (
        SELECT campaign_id, variety_id FROM annotations_tally GROUP BY campaign_id, variety_id HAVING count(*) > 1
    ), taken AS (
        DELETE FROM annotations_tally AS tally USING several
         WHERE (tally.campaign_id, tally.variety_id) = (several.campaign_id, several.variety_id)
        RETURNING tally.*
    )
    INSERT INTO annotations_tally (campaign_id, variety_id, items, needed, done, settled)
    SELECT campaign_id, variety_id, sum(items), sum(needed), sum(done), sum(settled)
      FROM taken GROUP BY campaign_id, variety_id"""


def add_up() -> int:
    """One row for each campaign and variety in place of many; the sums stay. Returns how many rows were written; again,
    or twice at once, changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP)
        return int(cursor.rowcount)
