"""What the database does when cells come, change or go, whoever changes them."""

from typing import Final

import pgtrigger

_ADDED: Final = """
    INSERT INTO annotations_tally (campaign_id, variety_id, items, needed, done, settled)
    SELECT campaign_id, variety_id, sum(sign), sum(sign * CASE WHEN settled_at IS NULL THEN needed ELSE done END),
           sum(sign * done), sum(sign * (settled_at IS NOT NULL)::int)
      FROM ({}) AS moved
     WHERE held_back = ''
     GROUP BY campaign_id, variety_id;
    RETURN NULL;"""

TALLIED: Final = (
    pgtrigger.Trigger(
        name="cells_that_come_are_tallied", level=pgtrigger.Statement, when=pgtrigger.After,
        operation=pgtrigger.Insert, referencing=pgtrigger.Referencing(new="came"),
        func=_ADDED.format("SELECT 1 AS sign, * FROM came"),
    ),
    pgtrigger.Trigger(
        name="a_cell_that_changes_is_tallied", when=pgtrigger.After, operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("needed", "done", "held_back", "settled_at"),
        func=_ADDED.format("SELECT 1 AS sign, NEW.* UNION ALL SELECT -1, OLD.*"),
    ),
    pgtrigger.Trigger(
        name="cells_that_go_are_tallied", level=pgtrigger.Statement, when=pgtrigger.After,
        operation=pgtrigger.Delete, referencing=pgtrigger.Referencing(old="gone"),
        func=_ADDED.format("SELECT -1 AS sign, * FROM gone"),
    ),
)  # fmt: skip
