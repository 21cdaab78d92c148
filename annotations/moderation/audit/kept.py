"""Of which tables what is kept (`annotations_keep_change` in the database does it), and by whom it was done.

A column that is named in neither place is not looked at: what is not meant to stand here does not come in by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from django.db import DatabaseError, connection

from annotations.moderation.audit.models import Change
from annotations.people.models import Person

What = Change.What


@dataclass(frozen=True)
class Kept:
    """Of a table. A judgement is kept without its person, whose link to it may be cut; an account without its name. Of
    an erasure nothing is kept (`people/rights/actions.py`): the register of requests says that there was one.

    Attributes:
        table: its name in the database.
        what: what its rows are.
        on: which changes are kept; the coming of judgements and verdicts is their own row.
        shown: columns that are keys, states, numbers and moments, as they are.
        summed: columns with words of people, of which a sum is kept (SHA-256, 128 bits of it).
        key: the column by which a row is found.
    """

    table: str
    what: Change.What
    shown: tuple[str, ...]
    summed: tuple[str, ...] = ()
    on: tuple[Literal["INSERT", "UPDATE", "DELETE"], ...] = ("INSERT", "UPDATE", "DELETE")
    key: str = "id"


KEPT: Final = (
    Kept(
        "annotations_judgement", What.JUDGEMENT,
        ("item_id", "cell_id", "kind", "opt_out", "trusted", "counted", "not_counted", "undone_at"),
        on=("UPDATE", "DELETE"),
    ),
    Kept(
        "annotations_verdict", What.VERDICT,
        ("item_id", "cell_id", "outcome", "preferred_id", "rejected_id", "method", "n", "superseded_at"),
        on=("UPDATE", "DELETE"),
    ),
    Kept(
        "annotations_consent", What.CONSENT,
        ("act", "version", "text_sha256", "language", "purposes", "contribution_licence", "channel"),
        on=("UPDATE", "DELETE"),
    ),
    Kept(
        "annotations_consenttext", What.CONSENT_TEXT,
        ("name", "sha256", "first_by_id", "first_at", "second_by_id", "second_at", "in_force_at", "dropped_at"),
        ("texts",),
    ),
    Kept(
        "annotations_person", What.ACCOUNT,
        ("standing", "most_a_day", "is_active", "is_staff", "is_superuser", "is_proven"),
        ("password",), on=("UPDATE", "DELETE"),
    ),
    Kept("annotations_person_groups", What.ACCOUNT_ROLE, ("person_id", "group_id")),
    Kept("annotations_person_user_permissions", What.ACCOUNT_RIGHT, ("person_id", "permission_id")),
    Kept("auth_group", What.ROLE, ("name",)),
    Kept("auth_group_permissions", What.ROLE_RIGHT, ("group_id", "permission_id")),
    Kept(
        "annotations_sanction", What.SANCTION,
        ("kind", "person_id", "code", "most_a_day", "decided_by_id", "ends_at", "second_id", "seconded_at", "ended_at",
         "lifted_by_id"),
        ("words", "why_lifted"),
    ),
    Kept(
        "annotations_appeal", What.APPEAL, ("sanction_id", "purge_id", "granted", "answered_by_id", "answered_at"),
        ("text", "answer"),
    ),
    Kept(
        "annotations_purge", What.PURGE,
        ("person_id", "code", "asked_by_id", "approved_by_id", "approved_at", "done_at", "dropped_at", "undone_by_id",
         "undoing_at", "undone_at"),
        ("words", "why_undone"),
    ),
    Kept("annotations_ruling", What.RULING, ("cell_id", "kind", "verdict_id", "votes", "ruled_by_id"), ("reason",)),
    Kept(
        "annotations_look", What.LOOK,
        ("output_id", "item_id", "hidden_at", "hidden_by", "decision", "decided_by_id", "decided_at"), ("reason",),
    ),
    Kept("annotations_output", What.OUTPUT, ("prompt_id", "licence", "quarantine"), on=("UPDATE", "DELETE")),
    Kept(
        "annotations_hidden", What.HIDDEN, ("item_id", "kind", "code", "hidden_by_id", "restoring_id", "lifted_at"),
        ("text",),
    ),
    Kept(
        "annotations_hold", What.HOLD, ("campaign_id", "why", "person_id", "released_by_id", "released_at"),
        ("reason",),
    ),
    Kept("annotations_known", What.KNOWN, ("purpose", "retired_at", "retired_by_id"),
         ("explanation", "retired_why"), key="item_id"),
    Kept(
        "annotations_objection", What.OBJECTION, ("person_id", "item_id", "decision", "decided_by_id"),
        ("text", "answer"),
    ),
    Kept(
        "annotations_campaign", What.CAMPAIGN,
        ("slug", "kind", "state", "needed", "at_least", "rule", "sure_at", "most_votes", "anchored", "judged_in",
         "contribution_licence", "gold", "practice", "most_a_day", "most_in_all", "gate", "asks_confirmed",
         "takes_guests", "access", "starts_at", "ends_at", "time_zone"),
        ("name", "about"),
    ),
    Kept(
        "annotations_source", What.SOURCE, ("licence", "permitted_use"), ("name", "url", "attribution"),
        on=("INSERT", "UPDATE", "DELETE"),
    ),
    Kept(
        "annotations_release", What.RELEASE,
        ("version", "audience", "cutoff", "state", "release_id", "published_at", "replaces_id", "held_since",
         "must_go_since", "expired_at", "recalled_at", "reason", "recalled_by_id"),
        ("why", "doi"),
    ),
    Kept(
        "annotations_retraction", What.RETRACTION,
        ("release_id", "reason", "asked_by_id", "confirmed_by_id", "confirmed_at", "dropped_at"), ("why",),
    ),
    Kept("annotations_edition", What.EDITION, ("slug", "release_id", "named_by_id"), ("title", "why")),
    Kept("annotations_pin", What.PIN, ("release_id", "pinned_by_id", "ended_at"), ("why",)),
    Kept("annotations_delivery", What.DELIVERY, ("target", "release_id", "state", "problem", "there_at", "gone_at")),
    Kept(
        "annotations_partnership", What.PARTNERSHIP,
        ("slug", "person_id", "begins_on", "ends_on", "made_by_id", "ended_at"), ("name", "document", "why"),
    ),
    Kept("annotations_admission", What.ADMISSION, ("campaign_id", "person_id", "by_id", "since", "until")),
    Kept("annotations_remit", What.REMIT, ("person_id", "variety_id", "country", "given_by_id", "since", "until")),
    Kept("annotations_anchor", What.ANCHOR, ("person_id", "variety_id", "named_by_id", "since", "until"), ("why",)),
    Kept(
        "annotations_confirmed", What.CONFIRMED,
        ("person_id", "variety_id", "how", "confirmed_by_id", "until", "ended_by_id", "ended_code"),
        ("reason", "ended_reason"),
    ),
    Kept(
        "annotations_steward", What.STEWARD,
        ("person_id", "variety_id", "proposed_by_id", "recorded_at", "recorded_by_id", "accepted_at", "ended_at"),
        ("why", "letter_body", "letter_reference"),
    ),
    Kept(
        "annotations_stewardsdecision", What.DECISION,
        ("variety_id", "kind", "campaign", "item_kind", "charter_id", "proposed_by_id", "expires_at", "in_force_at",
         "revoked_at"),
        ("reason",),
    ),
    Kept("annotations_stewardsapproval", What.APPROVAL, ("decision_id", "person_id", "approves")),
    Kept("annotations_expert", What.EXPERT, ("name", "person_id", "leaves_at", "gone_at")),
    Kept(
        "annotations_externalbatch", What.EXTERNAL,
        ("entered_at", "brought_by_id", "withdrawn_at", "withdrawn_by_id", "gone"), ("document", "why"),
    ),
    Kept(
        "annotations_trainingrun", What.RUN,
        ("owner_id", "recipe", "campaign_id", "state", "started_at", "ended_at"),
        ("base_model", "problem"),
    ),
)  # fmt: skip


@contextmanager
def acting(person: Person) -> Iterator[None]:
    """What changes inside was done by this person, in the panel."""
    _say(str(person.pk or ""))  # nobody, where nobody is logged in
    try:
        yield
    finally:
        try:
            _say("")
        except DatabaseError:
            connection.close()  # or whoever has this session next would be taken for them


def _say(who: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('minka.by', %s, false)", [who])


def triggers(kept: Kept) -> Iterator[str]:
    """The SQL that makes the database keep what changes in a table."""
    shown = {"INSERT": "NEW TABLE AS came", "DELETE": "OLD TABLE AS went",
             "UPDATE": "OLD TABLE AS went NEW TABLE AS came"}  # fmt: skip
    arguments = ", ".join(
        f"'{word}'" for word in (kept.what.value, kept.key, ",".join(kept.shown), ",".join(kept.summed))
    )
    for change in kept.on:
        name = f"keeps_{change.lower()}s"
        yield (
            f"CREATE TRIGGER {name} AFTER {change} ON {kept.table} REFERENCING {shown[change]}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION annotations_keep_change({arguments})"
        )
