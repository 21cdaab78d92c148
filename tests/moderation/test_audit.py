"""What decides is kept by the database: whoever changes it, in whichever way, and nobody rewrites what was kept."""

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import CharField, TextField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.assignments.doors import discount
from annotations.assignments.models import Campaign, Judgement
from annotations.moderation.audit import kept as audit
from annotations.moderation.audit.kept import KEPT, acting, triggers
from annotations.moderation.audit.models import Change
from annotations.moderation.sanctions.actions import lift, sanction
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.people.rights.retention import empty_what_is_over
from tests.assignments.test_table import client_of
from tests.cast import answer, key_of, line, people, seat_at, world
from tests.moderation.test_sanctions import moderator

pytestmark = pytest.mark.django_db
WORDS = "Cinco cuentas que dicen lo mismo."


LONGEST_CODE = 80
BY_NAME = {("auth_group", "name")}
"""The team's own roles are called so."""


def people_of(judgement: Judgement) -> Person:
    assert judgement.person is not None
    return judgement.person


def changes(what: str) -> list[tuple[str, str, dict]]:
    return list(Change.objects.filter(what=what).order_by("pk").values_list("key", "verb", "facts"))


@pytest.fixture
def voted(seeds: None) -> Judgement:
    campaign = world(line("a"))
    for person in people(2):
        answer(person, seat := seat_at(person, campaign), {"preferred": key_of(seat, 0)})
    return Judgement.objects.order_by("pk")[0]


def test_a_judgement_that_counts_no_more_is_kept_whoever_does_it(voted: Judgement) -> None:
    assert changes("judgement") == [], "that it came is its own row"
    discount(judgement=voted, reason="withdrawn")
    assert changes("judgement") == [
        (str(voted.pk), "changed", {"counted": [True, False], "not_counted": [None, "withdrawn"]})
    ]
    with connection.cursor() as cursor:  # past every door
        cursor.execute("UPDATE annotations_judgement SET counted = true, not_counted = '' WHERE id = %s", [voted.pk])
        cursor.execute("UPDATE annotations_judgement SET seconds = 7")
    assert len(changes("judgement")) == 2, "and what decides nothing is not"
    key = str(voted.pk)
    Judgement.objects.filter(pk=voted.pk).update(consent=voted.consent_id)
    voted.delete()
    assert [(each[0], each[1]) for each in changes("judgement")][-1] == (key, "removed")


def test_no_text_and_no_person_of_a_judgement_stands_in_it(voted: Judgement) -> None:
    carmen = moderator()
    person = voted.person
    row = sanction(by=carmen, person=person, kind="notice", code="other", words=WORDS)
    discount(judgement=voted, reason="withdrawn")
    told = str(list(Change.objects.values_list("facts", flat=True)))
    assert WORDS not in told
    assert re.search(r"'words': '[0-9a-f]{32}'", told)
    assert not any("person_id" in facts for _key, _verb, facts in changes("judgement"))
    assert (str(row.pk), "added") in [each[:2] for each in changes("sanction")]


def test_a_whole_statement_is_kept_row_by_row(voted: Judgement) -> None:
    Judgement.objects.update(counted=False, not_counted="purged")
    assert {key for key, _verb, _facts in changes("judgement")} == {
        str(pk) for pk in Judgement.objects.values_list("pk", flat=True)
    }


def test_who_gives_rights_is_known(voted: Judgement, client: Client) -> None:
    boss, ana = Person.objects.create_superuser("jefa", password="muy-larga-y-rara"), voted.person
    browser = client_of(boss)
    group = Group.objects.create(name="moderadoras")
    url = reverse("admin:auth_group_change", args=[group.pk])
    right = Permission.objects.get(codename="change_hidden")
    browser.post(url, {"name": "moderadoras", "permissions": [right.pk]})
    with acting(boss):
        ana.groups.add(group)
    ana.user_permissions.add(right)
    assert changes("role_right")[-1][2] == {"group_id": group.pk, "permission_id": right.pk}
    told = dict(Change.objects.values_list("what", "by"))
    assert (told["role_right"], told["account_role"], told["account_right"]) == (boss.pk, boss.pk, None)
    Person.objects.filter(pk=ana.pk).update(is_staff=True)
    assert changes("account")[-1] == (str(ana.pk), "changed", {"is_staff": [False, True]})


def test_a_session_that_still_says_who_is_given_to_nobody(voted: Judgement, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the name cannot be taken back, the connection is closed."""
    said, closed = [], []

    def say(who: str) -> None:
        said.append(who)
        if not who:
            raise DatabaseError

    monkeypatch.setattr(audit, "_say", say)
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))
    with acting(people_of(voted)):
        pass
    assert (said, closed) == ([str(people_of(voted).pk), ""], [True])


def test_sanctions_and_campaigns_are_kept_and_a_consent_is_its_own_row(voted: Judgement) -> None:
    carmen = moderator()
    other = Person.objects.exclude(pk__in=[voted.person_id, carmen.pk])[0]
    withdraw(person=voted.person)
    assert changes("consent") == []
    row = sanction(by=carmen, person=other, kind="notice", code="other", words=WORDS)
    lift(by=carmen, sanction=row, why="No era así.")
    Campaign.objects.update(state="paused")
    assert "ended_at" in changes("sanction")[-1][2]
    assert changes("campaign")[-1][2] == {"state": ["open", "paused"]}


def test_nobody_writes_there_nor_rewrites(voted: Judgement) -> None:
    discount(judgement=voted, reason="withdrawn")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT tableowner FROM pg_tables WHERE tablename = 'annotations_change')")
        who, owner = cursor.fetchone()
    assert who != owner, "or nothing is proved here"
    for attempt in (
        lambda: Change.objects.update(by=1),
        lambda: Change.objects.create(at=timezone.now(), what="purge", key="1", verb="added", facts={}),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            attempt()
    assert Change.objects.all().delete()[0] == 0
    assert Change.objects.count() > 0


def test_nobody_has_it_write_what_they_like(voted: Judgement) -> None:
    """The function runs as the owner: whoever could hang it on a table of their own would be the owner's pen."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE mine (id text, words text)")
        with pytest.raises(DatabaseError, match="permission denied for function"), transaction.atomic():
            cursor.execute("CREATE TRIGGER x AFTER INSERT ON mine REFERENCING NEW TABLE AS came FOR EACH STATEMENT"
                           " EXECUTE FUNCTION annotations_keep_change('account', 'id', 'words', '')")  # fmt: skip
        cursor.execute("DROP TABLE mine")


def test_a_row_under_another_key_has_gone_and_another_has_come(voted: Judgement) -> None:
    row = sanction(by=moderator(), person=people_of(voted), kind="notice", code="other", words=WORDS)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE annotations_sanction SET id = id + 1000 WHERE id = %s", [row.pk])
    came, *moved = (each[:2] for each in changes("sanction"))
    assert came == (str(row.pk), "added")
    assert set(moved) == {(str(row.pk), "removed"), (str(row.pk + 1000), "added")}


@pytest.mark.parametrize("contributions", [True, False])
def test_of_an_erasure_nothing_is_kept(voted: Judgement, *, contributions: bool) -> None:
    """Side by side, at one moment, rows would say whose each judgement was."""
    before = Change.objects.count()
    erase(person=people_of(voted), contributions=contributions)
    assert Change.objects.count() == before
    Judgement.objects.update(counted=False, not_counted="purged")
    assert Change.objects.count() > before, "and what comes after is"


def test_no_column_of_words_is_kept_as_it_is() -> None:
    models_ = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for kept in KEPT:
        fields = {field.column: field for field in models_[kept.table]._meta.local_concrete_fields}
        for name in kept.shown:
            field: Any = fields[name]
            if (kept.table, name) in BY_NAME:
                continue
            assert not isinstance(field, TextField), (kept.table, name)
            assert not isinstance(field, CharField) or field.choices or field.max_length <= LONGEST_CODE, (
                kept.table, name
            )  # fmt: skip


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_what_is_old_goes_and_nothing_else(voted: Judgement) -> None:
    discount(judgement=voted, reason="withdrawn")
    kept = Change.objects.count()
    with connections["owner"].cursor() as cursor:
        old = timezone.now() - dt.timedelta(days=1096)
        cursor.execute("INSERT INTO annotations_change (at, what, key, verb, facts)"
                       " VALUES (%s, 'purge', '1', 'added', '{}')", [old])  # fmt: skip
    assert Change.objects.count() == kept + 1
    empty_what_is_over(now=timezone.now())
    assert Change.objects.count() == kept


def test_the_database_does_what_the_table_of_tables_says(seeds: None) -> None:
    """A migration made the triggers; where `kept.py` changes, another must."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'keeps\\_%%' AND NOT tgisinternal", None
        )
        there = {re.sub(r"public\.", "", row[0]) for row in cursor.fetchall()}
    wanted = {sql for kept in KEPT for sql in triggers(kept)}
    assert there == wanted, "put these into a migration:\n" + ";\n".join(sorted(wanted - there))
    with connection.cursor() as cursor:
        for kept in KEPT:
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [kept.table]
            )
            columns = {name for (name,) in cursor.fetchall()}
            assert {*kept.shown, *kept.summed, kept.key} <= columns, kept.table


@pytest.fixture
def auditor(seeds: None) -> Client:
    person = volunteer("auditora", "muy-larga-y-rara", "es-MX")
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    person.user_permissions.set([Permission.objects.get(codename="view_change")])
    return client_of(person)


def test_who_may_look_finds_by_key_by_whom_and_takes_it_along(auditor: Client, voted: Judgement) -> None:
    carmen = moderator()
    with acting(carmen):
        discount(judgement=voted, reason="=HYPERLINK(1)"[:20])
    url = reverse("admin:annotations_change_changelist")
    for asked in (str(voted.pk), carmen.username):
        page = auditor.get(url, {"q": asked, "what__exact": "judgement"})
        assert page.content.count(b"=HYPERLINK(1)") == 1
        assert carmen.username in page.content.decode()
    assert b"=HYPERLINK" not in auditor.get(url, {"q": "nadie"}).content
    row = Change.objects.get(what="judgement")
    told = auditor.post(url, {"action": "as_csv", "_selected_action": [row.pk]})
    ((*_head, facts),) = list(csv.reader(io.StringIO("".join(part.decode() for part in told.streaming_content))))[1:]
    assert '"counted": [true, false]' in facts
    for forbidden in (
        reverse("admin:annotations_change_delete", args=[row.pk]),
        reverse("admin:annotations_change_add"),
    ):
        assert auditor.post(forbidden, {"post": "yes"}).status_code == 403
    assert client_of(carmen).get(url).status_code == 403


def test_a_list_of_many_asks_no_more_than_a_list_of_one(auditor: Client, voted: Judgement) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert auditor.get(reverse("admin:annotations_change_changelist")).status_code == 200
        return len(queries)

    discount(judgement=voted, reason="withdrawn")
    asked()
    one = asked()
    for number in range(40):
        Campaign.objects.update(needed=3 + number % 2)
    assert asked() == one
