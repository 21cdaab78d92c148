"""A person's own ZIP: every table that is theirs as JSON and CSV, and what they contributed as it could be imported.

Rows go from a server-side cursor to the file as they come; the columns are the registry's. What chapters add
(`registry.register_file`) is JSON lines.
"""

from collections.abc import Iterable, Iterator
from typing import IO
from zipfile import ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import override

from annotations.people.models import Person
from annotations.people.rights.queries import consents_of, facts_of, requests_of, rows
from annotations.people.rights.registry import files, registered
from annotations.zips import Row, Steps, lines, table, write_to

BATCH = 2_000
OWN = (
    "username", "email", "language", "subject", "standing", "most_a_day", "paused_at", "warned_at", "date_joined",
    "last_login", "is_active", "is_staff", "is_superuser", "is_demo", "avoids",
)  # fmt: skip
"""Of the account's own row; the password's scrambled form is nobody's to carry around."""
CONSENTS = ("act", "version", "text_sha256", "language", "purposes", "contribution_licence", "channel", "recorded_at")
REQUESTS = ("id", "kind", "country", "received_at", "due_on", "limit_on", "done_at", "outcome", "reason")

Table = tuple[str, tuple[str, ...], Iterable[Row]]
"""(name, columns, rows)."""


def write(person: Person, out: IO[bytes]) -> None:
    """Write the ZIP. Its caller holds the person's row, so that nothing of it moves meanwhile."""

    def everything(archive: ZipFile) -> Steps:
        archive.writestr("README.md", _read_me(person))
        for name, columns, found in _tables(person):
            yield from table(archive, name, columns, found)
        for name, tell in files().items():
            yield from lines(archive, name, tell(person))

    write_to(out, everything)


def _tables(person: Person) -> Iterator[Table]:
    yield "person", OWN, [{name: getattr(person, name) for name in OWN}]
    yield "consents", CONSENTS, consents_of(person).values(*CONSENTS)
    yield "requests", REQUESTS, requests_of(person).values(*REQUESTS)
    facts = facts_of(person)
    yield "sensitive_facts", tuple(facts), [facts] if facts else []
    tables = [right.table for right in registered()]
    for right in registered():
        name = right.table.rpartition(".")[2].lower()
        if tables.count(right.table) > 1:  # it points to persons twice: each way is a table of its own
            name += f"-{right.field}"
        if right.exported:
            yield name, right.exported, rows(right, person).values(*right.exported).iterator(chunk_size=BATCH)


def _read_me(person: Person) -> str:
    with override(person.language.lower()):
        told = [
            f"# {_('My data')}",
            _("Everything stored about this account, table by table, as JSON and as CSV."),
            _("`items.jsonl` holds the tasks answered, as they were shown, in the form in which tasks are imported."),
            _("`answers.jsonl` holds what was answered to each, by the same id."),
            _("Of what was hidden since, because it is not for everybody, only the answer stands here."),
            _("Which model wrote an answer is not told: it would weigh on what is still judged. Releases tell it."),
        ]
        return "\n\n".join(told) + "\n"
