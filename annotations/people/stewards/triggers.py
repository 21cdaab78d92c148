"""What the database itself refuses, so that no page, command or administrator can decide in a steward's place.

An approval stands only when its steward is that very person, accepted and current, for the decision's own variety. A
decision comes into force only through its approvals: the last one needed stamps the clock, and nobody else can.
"""

import pgtrigger

_QUORUM = """coalesce((
    SELECT c.quorum FROM annotations_charter c JOIN annotations_stewardsdecision r ON r.charter_id = c.id
     WHERE c.variety_id = {variety} AND r.in_force_at IS NOT NULL ORDER BY r.in_force_at DESC LIMIT 1), 2)"""
_APPROVALS = """(
    SELECT count(*) FROM annotations_stewardsapproval a JOIN annotations_steward s ON s.id = a.steward_id
     WHERE a.decision_id = {decision} AND a.approves AND s.accepted_at IS NOT NULL AND s.ended_at IS NULL)"""

STEWARD_BEGINS = pgtrigger.Trigger(
    name="a_steward_begins_as_a_proposal",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF NEW.recorded_at IS NOT NULL OR NEW.accepted_at IS NOT NULL THEN
            RAISE EXCEPTION 'a_steward_begins_as_a_proposal';
        END IF;
        RETURN NEW;""",
)
STEWARD_STAYS = pgtrigger.Trigger(
    name="a_stewardship_is_never_anothers",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func="""
        IF NEW.person_id IS NULL AND OLD.person_id IS NOT NULL THEN
            NEW.shown_name := '';
            NEW.ended_at := coalesce(NEW.ended_at, clock_timestamp());
        ELSIF NEW.person_id IS DISTINCT FROM OLD.person_id THEN
            RAISE EXCEPTION 'a_stewardship_is_never_anothers';
        END IF;
        IF NEW.variety_id <> OLD.variety_id
           OR (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)
           OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)
           OR (OLD.recorded_at IS NOT NULL
               AND (NEW.letter_by, NEW.letter_body, NEW.letter_date, NEW.letter_reference, NEW.recorded_at)
                   IS DISTINCT FROM
                   (OLD.letter_by, OLD.letter_body, OLD.letter_date, OLD.letter_reference, OLD.recorded_at)) THEN
            RAISE EXCEPTION 'a_stewardship_is_never_anothers';
        END IF;
        RETURN NEW;""",
)
APPROVAL_IS_A_STEWARDS = pgtrigger.Trigger(
    name="an_approval_is_a_stewards_own",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("about", "text")],
    # The decision is locked before approvals are counted, so that two at once see each other; the steward is, so that
    # a stewardship that is ending at this moment is over or waits. NO KEY UPDATE lets the foreign keys' checks pass.
    func="""
        SELECT variety_id INTO about FROM annotations_stewardsdecision
         WHERE id = NEW.decision_id AND revoked_at IS NULL
           AND (expires_at IS NULL OR expires_at > clock_timestamp()) FOR NO KEY UPDATE;
        PERFORM 1 FROM annotations_steward
          WHERE id = NEW.steward_id AND person_id = NEW.person_id AND variety_id = about
            AND accepted_at IS NOT NULL AND ended_at IS NULL FOR SHARE;
        IF about IS NULL OR NOT FOUND THEN
            RAISE EXCEPTION 'an_approval_is_a_stewards_own';
        END IF;
        NEW.at := clock_timestamp();
        RETURN NEW;""",
)
APPROVAL_COUNTS = pgtrigger.Trigger(
    name="the_quorum_puts_in_force",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    func=f"""
        UPDATE annotations_stewardsdecision d SET in_force_at = clock_timestamp()
         WHERE d.id = NEW.decision_id AND d.in_force_at IS NULL
           AND {_APPROVALS.format(decision="d.id")} >= {_QUORUM.format(variety="d.variety_id")};
        RETURN NULL;""",
)
APPROVAL_STAYS = pgtrigger.Protect(
    name="an_approval_stays",
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "((OLD.id, OLD.decision_id, OLD.steward_id, OLD.approves, OLD.at)"
        " IS DISTINCT FROM (NEW.id, NEW.decision_id, NEW.steward_id, NEW.approves, NEW.at)"
        " OR (NEW.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM OLD.person_id))"
    ),
)
DECISION_BEGINS = pgtrigger.Trigger(
    name="a_decision_begins_as_a_proposal",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF NEW.in_force_at IS NOT NULL OR NEW.revoked_at IS NOT NULL THEN
            RAISE EXCEPTION 'a_decision_begins_as_a_proposal';
        END IF;
        RETURN NEW;""",
)
DECISION_STANDS = pgtrigger.Trigger(
    name="a_decision_stands_on_its_approvals",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF (NEW.variety_id, NEW.kind, NEW.campaign, NEW.item_kind, NEW.since, NEW.until, NEW.charter_id, NEW.reason,
            NEW.proposed_at, NEW.expires_at)
           IS DISTINCT FROM
           (OLD.variety_id, OLD.kind, OLD.campaign, OLD.item_kind, OLD.since, OLD.until, OLD.charter_id, OLD.reason,
            OLD.proposed_at, OLD.expires_at)
           OR (NEW.proposed_by_id IS NOT NULL AND NEW.proposed_by_id IS DISTINCT FROM OLD.proposed_by_id)
           OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at)
           OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) THEN
            RAISE EXCEPTION 'a_decision_stands_on_its_approvals';
        END IF;
        IF OLD.in_force_at IS NULL AND NEW.in_force_at IS NOT NULL THEN
            IF {_APPROVALS.format(decision="NEW.id")} < {_QUORUM.format(variety="NEW.variety_id")} THEN
                RAISE EXCEPTION 'a_decision_stands_on_its_approvals';
            END IF;
            NEW.in_force_at := clock_timestamp();
        END IF;
        RETURN NEW;""",
)


def stays(name: str) -> pgtrigger.Protect:
    """Rows of this table are never deleted."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)


def only_grows(name: str) -> pgtrigger.Protect:
    """Rows of this table are neither changed nor deleted."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
