"""What the database does when a cell has room again or moves ahead, whoever changes it (`queue.py`)."""

import pgtrigger

_SET_RETURNED = "NEW.returned := pg_current_xact_id()::text::bigint; RETURN NEW;"
CELL_COMES_BACK = pgtrigger.Trigger(
    name="a_cell_comes_back",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    # Open now, and shut before, or one place freer, ahead of what comes in without a word, or anybody's and no longer
    # only anchors'. An answer moves a place from `held` to `done`.
    condition=pgtrigger.Condition(
        "NEW.held + NEW.done < NEW.needed AND NEW.settled_at IS NULL AND NEW.held_back = '' AND"
        " (NOT OLD.open OR NEW.held + NEW.done < OLD.held + OLD.done OR"
        " NEW.priority > greatest(OLD.priority, 0) OR"
        " (OLD.for_anchors AND NOT NEW.for_anchors))"
    ),
    func=_SET_RETURNED,
)
CELL_COMES_FIRST = pgtrigger.Trigger(
    name="a_cell_comes_first",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.priority > 0"),
    func=_SET_RETURNED,
)
