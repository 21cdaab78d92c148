"""Who may do what in the database. Three roles, granted anew after every migration.

The **owner** makes tables. **minka_app** (web and worker) works with rows, and can neither change nor delete those of
the ledger of consent, of charters and of the stewards' log; what changed is written down by the database alone.
**minka_export** (releases) reads what a release needs and cannot read people at all: it sees judgements through a view
that shows the terms of their consent and nothing else of a person, and through others what stewards decided and none of
them.

Where the migrating login may not make roles, an administrator makes the two roles once; where even that is not to be
had, all three are one login and these grants are skipped with a line in the log.
"""

import logging
from typing import Any

from django.conf import settings
from django.db import connections

log = logging.getLogger(__name__)

APPEND_ONLY = ("annotations_consent", "annotations_charter", "annotations_stewardslog")
WRITTEN_BY_THE_DATABASE = ("annotations_change",)
"""Of these the application reads all and deletes what is old; a policy says what that is."""
EXPORTED = (
    "annotations_variety", "annotations_source", "annotations_prompt", "annotations_promptgroup",
    "annotations_modelversion", "annotations_output", "annotations_campaign", "annotations_item",
    "annotations_itemoutput", "annotations_cell", "annotations_vote", "annotations_verdict", "annotations_exportable",
    "annotations_score", "annotations_demonstration", "annotations_correction", "annotations_promptproposal",
    "annotations_translation", "annotations_review", "annotations_reviewed", "annotations_flag",
    "annotations_communitylabel", "annotations_governed", "annotations_opened", "annotations_hiddenprompt",
    "annotations_externalvote",
)  # fmt: skip
EXPORTED_COLUMNS = {
    "annotations_look": ("id", "output_id", "hidden_at", "decision", "decided_at"),
    "annotations_tombstone": ("received_at",),
    "annotations_externalbatch": ("id", "document", "entered_at", "withdrawn_at"),
}
"""Of a table that says who decided, and in which words: no more than what. Of what was erased: how much, of when. Of a
document: its name, and not who brought it."""


def grant(*, using: str, **_signal: Any) -> None:
    """Make the roles where missing, and set their rights. Idempotent."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
        may_create = cursor.fetchone()[0]
        cursor.execute("SELECT array_agg(rolname::text) FROM pg_roles WHERE rolname LIKE 'minka\\_%%'", None)
        present = set(cursor.fetchone()[0] or ())
        missing = {"minka_app", "minka_export"} - present
        if missing and not may_create:
            log.warning("the login may not make the roles %s: all work runs under one login", sorted(missing))
            return
        for role in sorted(missing):
            cursor.execute(f"CREATE ROLE {role} NOLOGIN")
        cursor.execute(_app_rights() + _export_rights() + _queue_rights())
        for role, login in (
            ("minka_app", settings.DATABASES["default"]["USER"]),
            ("minka_export", settings.MINKA_EXPORT_DATABASE.get("user", "")),
        ):
            _make_member(cursor, role, login)


def _app_rights() -> str:
    ledgers = "".join(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM minka_app;" for table in APPEND_ONLY)
    written = "".join(
        f"REVOKE INSERT, UPDATE, TRUNCATE ON {table} FROM minka_app;" for table in WRITTEN_BY_THE_DATABASE
    )
    return f"""
        GRANT USAGE ON SCHEMA public TO minka_app, minka_export;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO minka_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO minka_app;
        {ledgers} {written}"""


def _export_rights() -> str:
    columns = "".join(
        f"GRANT SELECT ({', '.join(names)}) ON {table} TO minka_export;" for table, names in EXPORTED_COLUMNS.items()
    )
    return f"""
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM minka_export;
        GRANT SELECT ON {", ".join(EXPORTED)} TO minka_export;
        {columns}"""


def _queue_rights() -> str:
    """The queue makes tables of its own in its schema, so the application may create there and nowhere else."""
    return """
        GRANT USAGE, CREATE ON SCHEMA pgmq TO minka_app;
        GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO minka_app;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO minka_app;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgmq TO minka_app;"""


def _make_member(cursor: Any, role: str, login: str) -> None:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [login])
    row = cursor.fetchone()
    if row and not row[0]:
        cursor.execute("SELECT format('GRANT %%I TO %%I', %s::text, %s::text)", [role, login])
        cursor.execute(cursor.fetchone()[0])
