"""Partners under an agreement get exact times and codes that stay the same, joined to what is public; nobody else does,
and nothing that the release does not publish."""

import datetime as dt
from collections import Counter
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client

from annotations.assignments.models import Judgement
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of, partner_file, partner_files
from annotations.datasets.models import Release
from annotations.datasets.partners.actions import end_agreement, write_due
from annotations.datasets.partners.models import HandOut, Partnership
from annotations.datasets.partners.queries import COLUMNS
from annotations.datasets.recalls.actions import recall_due
from annotations.errors import Refused
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from tests.assignments.test_table import client_of
from tests.cast import answer, govern, key_of, line, open_export, people, seat_at, world
from tests.datasets.test_release import rows
from tests.runs.world import with_token

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = dt.datetime.now(dt.UTC).date()
DAY = dt.timedelta(days=1)
PARTNERS = "/api/v1/partners/"


@pytest.fixture
def here(settings: Any, tmp_path: Any) -> None:
    settings.MINKA_RELEASES, settings.MINKA_PARTNERS = tmp_path / "minka", tmp_path / "partners"
    settings.MINKA_SMALL_CELL = 0


@pytest.fixture
def crowd(here: None) -> list[Person]:
    """Three people who judge the same two items."""
    campaign, crowd = world(line("1"), line("2"), needed=3), people(3)
    for person in crowd:
        for _item in range(2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0), "strength": 2})
    return crowd


def agreed(slug: str = "universidad", person: Person | None = None, **facts: Any) -> Partnership:
    facts = {"begins_on": TODAY - DAY, "ends_on": TODAY + DAY, "name": "Universidad", "document": "N.º 7"} | facts
    return Partnership.objects.create(slug=slug, person=person, **facts)


def table(partnership: Partnership, release: Release) -> dict[str, dict[str, Any]]:
    told = pq.read_table(partner_file(partnership.slug, release.version)).to_pylist()
    assert len({row["id"] for row in told}) == len(told)
    return {row["id"]: row for row in told}


def test_it_joins_what_is_public_to_exact_times_and_to_codes_that_are_the_same_in_the_next_release(
    crowd: list[Person],
) -> None:
    partner, first = agreed(), publish()
    assert write_due() == ["universidad"]
    told = table(partner, first)
    public = rows(folder_of(first.version), "judgements")
    assert told.keys() == {row["id"] for row in public}
    assert set(next(iter(told.values()))) == set(COLUMNS)
    facts = Counter(
        (each.received_at.isoformat(timespec="microseconds"), each.seconds) for each in Judgement.objects.all()
    )
    assert Counter((row["received_at"], row["seconds"]) for row in told.values()) == facts
    second = publish()
    assert write_due() == ["universidad"]
    again = table(partner, second)
    assert not told.keys() & again.keys()
    assert by_stable(told) == by_stable(again)
    assert len({row["stable_item_id"] for row in told.values()}) == 2
    pairs = {(row["annotator"], told[row["id"]]["annotator"]) for row in public}
    assert len(pairs) == 3, "one code for one pseudonym"
    of_item = {(row["item_id"], told[row["id"]]["stable_item_id"]) for row in public}
    assert len(of_item) == 2, "and one for one item"


def by_stable(told: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """All but the release's own id, by the code that is the same in each."""
    names = ("stable_item_id", "annotator", "received_at", "seconds")
    return {row["stable_id"]: tuple(row[name] for name in names) for row in told.values()}


def test_what_is_written_is_written_once_and_only_of_the_newest(crowd: list[Person]) -> None:
    agreed()
    publish()
    newest = publish()
    assert (write_due(), write_due()) == (["universidad"], [])
    assert partner_files() == [partner_file("universidad", newest.version)]


def test_two_partners_cannot_join_what_they_have(crowd: list[Person]) -> None:
    one, other, release = agreed("una"), agreed("otra"), publish()
    write_due()
    names = ("stable_id", "stable_item_id", "annotator")
    codes = [{row[name] for row in table(each, release).values() for name in names} for each in (one, other)]
    assert not codes[0] & codes[1]


def test_who_withdrew_since_is_not_in_it_and_who_erased_takes_the_file_away(crowd: list[Person]) -> None:
    partner, release = agreed(), publish()
    write_due()
    assert len(table(partner, release)) == 6
    withdraw(person=crowd[0])
    assert write_due() == ["universidad"]
    assert len(table(partner, release)) == 4
    erase(person=crowd[1], contributions=True)
    recall_due()
    assert partner_file("universidad", release.version).exists() is False
    write_due()
    (clean,) = partner_files()
    assert len(pq.read_table(clean)) == 2


def test_where_few_speak_a_variety_there_is_no_code(crowd: list[Person], settings: Any) -> None:
    settings.MINKA_SMALL_CELL = 5
    partner, release = agreed(), publish()
    write_due()
    assert {row["annotator"] for row in table(partner, release).values()} == {None}


def test_of_a_campaign_that_stewards_have_a_part_in_there_is_nothing(crowd: list[Person]) -> None:
    open_export(govern("quz"), "quz")
    campaign, (speaker,) = world(line("q", variety="quz"), slug="quz", needed=1), people(1, "quz")
    answer(speaker, seat_at(speaker, campaign), {"preferred": "a"})
    partner, release = agreed(), publish()
    write_due()
    assert len(rows(folder_of(release.version), "judgements")) == 7
    assert len(table(partner, release)) == 6


def test_who_speaks_a_governed_variety_is_not_in_it_wherever_they_judged(crowd: list[Person]) -> None:
    """Who speaks a governed variety is asked about a text in one that nobody governs."""
    open_export(govern("quz"), "quz")
    asked = line("q", variety="es-PE")
    campaign, (speaker,) = world(asked, slug="arriba", needed=1, judged_in=["quz"]), people(1, "quz")
    seat = seat_at(speaker, campaign)
    answer(speaker, seat, {"preferred": "a"})
    assert (seat.judge_variety_id, seat.item.variety_id) == ("quz", "es-PE")
    partner, release = agreed(), publish()
    write_due()
    assert len(rows(folder_of(release.version), "judgements")) == 7
    assert len(table(partner, release)) == 6


def test_of_a_release_that_keeps_nothing_nothing_is_written(crowd: list[Person], caplog: Any) -> None:
    agreed()
    publish().membership.all().delete()
    assert (write_due(), partner_files()) == ([], [])
    assert "cannot be written" in caplog.text


def test_it_is_handed_to_its_partner_alone_and_each_time_is_kept(crowd: list[Person]) -> None:
    mine, other = volunteer("socia", None, "es-CL"), volunteer("otra", None, "es-CL")
    agreed(person=mine)
    agreed("tarde", person=mine, begins_on=TODAY + DAY)
    agreed("pronto", person=mine, begins_on=TODAY - 9 * DAY, ends_on=TODAY - DAY)
    client, release = with_token(mine), publish()
    assert [each["url"] for each in client.get(PARTNERS).json()] == [None]
    assert write_due() == ["universidad"]
    (told,) = client.get(PARTNERS).json()
    assert (told["slug"], told["release"]) == ("universidad", release.version)
    answer = client.get(told["url"])
    assert b"".join(answer.streaming_content) == partner_file("universidad", release.version).read_bytes()
    assert list(HandOut.objects.values_list("partnership__slug", "release__version")) == [
        ("universidad", release.version)
    ]
    for slug, version in (("tarde", release.version), ("pronto", release.version), ("universidad", "20260101T000000Z")):
        assert client.get(f"{PARTNERS}{slug}/{version}.parquet").status_code == 404
    assert client.head(told["url"]).status_code == 405
    assert with_token(other).get(told["url"]).status_code == 404
    assert with_token(other).get(PARTNERS).json() == []
    assert [Client().get(path).status_code for path in (PARTNERS, told["url"])] == [401, 401]
    assert HandOut.objects.count() == 1
    Person.objects.filter(pk=mine.pk).update(standing="paused")
    assert client.get(told["url"]).status_code == 404


def test_a_file_that_goes_at_this_moment_is_not_there_and_was_not_handed_out(crowd: list[Person]) -> None:
    mine = volunteer("socia", None, "es-CL")
    agreed(person=mine)
    release = publish()
    write_due()
    partner_file("universidad", release.version).unlink()
    assert with_token(mine).get(f"{PARTNERS}universidad/{release.version}.parquet").status_code == 404
    assert HandOut.objects.count() == 0


def test_an_agreement_that_was_ended_gives_nothing_and_what_must_go_is_not_handed_out(crowd: list[Person]) -> None:
    mine = volunteer("socia", None, "es-CL")
    partner, client, release = agreed(person=mine), with_token(mine), publish()
    write_due()
    address = f"{PARTNERS}universidad/{release.version}.parquet"
    erase(person=crowd[0], contributions=True)
    assert client.get(address).json()["code"] == "recalled"
    with pytest.raises(Refused, match="invalid"):
        end_agreement(partnership=partner, why=" ")
    end_agreement(partnership=partner, why="Se acabó el proyecto")
    assert client.get(address).status_code == 404
    write_due()
    assert partner_files() == []
    assert HandOut.objects.count() == 0


@pytest.mark.parametrize("wrong", [{"document": ""}, {"ends_on": TODAY - 2 * DAY}, {"why": "Sí"}])
def test_what_is_no_agreement_is_refused(db: None, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        agreed(**wrong)


def test_in_the_panel_it_is_entered_and_ended_with_a_reason(seeds: None) -> None:
    lead, other = volunteer("elisa-ve", None, "es-CL"), volunteer("socia", None, "es-CL")
    lead.user_permissions.set(Permission.objects.filter(codename__endswith="_partnership"))
    Person.objects.filter(pk=lead.pk).update(is_staff=True)
    client, base = client_of(Person.objects.get(pk=lead.pk)), "/admin/annotations/partnership/"
    sent = {"name": "Universidad", "slug": "uni", "document": "N.º 7", "person": other.pk, "begins_on": "2026-11-01",
            "ends_on": "2027-11-01"}  # fmt: skip
    assert client.post(f"{base}add/", sent).status_code == 302
    row = Partnership.objects.get()
    assert (row.made_by, row.person) == (lead, other)
    change = f"{base}{row.pk}/change/"
    assert "N.º 7" in client.get(change).content.decode()
    early = client.post(change, {"person": other.pk, "ends_on": "2026-10-01", "over": ""})
    assert (early.status_code, set(early.context["adminform"].form.errors)) == (200, {"ends_on"})
    client.post(change, {"person": other.pk, "ends_on": "2027-11-01", "over": "Se acabó"})
    row.refresh_from_db()
    assert (row.why, row.ended_at is None) == ("Se acabó", False)
    assert client.get(change).status_code == 200
