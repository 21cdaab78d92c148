"""What changed between two releases, and some rows of one: public pages, of strangers' words."""

from typing import Any

import pytest
from django.test import Client

from annotations.assignments.models import Campaign
from annotations.corpus.models import Prompt
from annotations.datasets.actions import publish
from annotations.datasets.changes import changes
from annotations.datasets.models import Preview, Release
from annotations.datasets.previews import MOST, ROWS, shown
from annotations.datasets.recalls.actions import recall_due
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from tests.cast import answer, key_of, line, people, seat_at, world

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Pan <script>alert(1)</script> & palta. " * 40


@pytest.fixture
def two(settings: Any, tmp_path: Any) -> tuple[Release, Release]:
    """Three judgements, and then two more and a tie; one of the first was erased between."""
    settings.MINKA_RELEASES, settings.MINKA_SMALL_CELL = tmp_path / "minka", 0
    campaign = world(line("1", LONG, "No."), line("2", LONG, "No."), line("3", LONG, "No."), needed=1)
    ana, bea = people(2)
    votes(ana, campaign, "a", "a")
    older = publish()
    erase(person=ana, contributions=True)
    votes(bea, campaign, "a", "tie", "a")
    return older, publish()


def votes(person: Person, campaign: Campaign, *choices: str) -> None:
    for choice in choices:
        seat = seat_at(person, campaign)
        given = {"preferred": "tie"} if choice == "tie" else {"preferred": key_of(seat, 0), "strength": 2}
        answer(person, seat, given)


def test_the_book_of_two_releases_balances(two: tuple[Release, Release]) -> None:
    told = changes(*two)
    assert (told.judgements.before, told.received, told.erased, told.judgements.after) == (2, 3, 2, 3)
    assert told.judgements.before + told.received - told.erased == told.judgements.after
    rows = {each.names: each.by for each in told.rows}
    for config, splits in two[0].manifest["configs"].items():
        for split, count in splits.items():
            assert rows.get((config, split), 0) == two[1].manifest["configs"][config][split] - count
    assert [each.names[0] for each in told.rows][:1] == ["preference"], "in the order of the house"
    assert ("preference", "tie") in {each.names for each in told.reasons}
    assert {each.by for each in told.reasons} & {0} == set()


def test_the_page_says_it_in_two_questions_however_much_there_is(
    two: tuple[Release, Release], django_assert_num_queries: Any
) -> None:
    older, newer = two
    with django_assert_num_queries(1):
        page = Client().get(f"/releases/{newer.version}/since/{older.version}/").content.decode()
    assert "−2" in page
    assert "+3" in page
    assert f'href="/releases/{newer.version}/since/{older.version}/"' in Client().get(
        f"/releases/{newer.version}/"
    ).content.decode()  # fmt: skip
    recall_due()
    clean = Release.objects.get(replaces=older)
    assert Client().get(f"/releases/{clean.version}/since/{older.version}/").status_code == 200
    for wrong in ((older, newer), (newer, newer), (older, clean), (newer, clean)):
        assert Client().get(f"/releases/{wrong[0].version}/since/{wrong[1].version}/").status_code == 404
    assert Client().get(f"/releases/{newer.version}/since/%00/").status_code in (400, 404)


def test_rows_are_the_release_s_own_escaped_and_cut(
    two: tuple[Release, Release], django_assert_num_queries: Any
) -> None:
    release = two[1]
    with django_assert_num_queries(6):
        page = Client().get(f"/releases/{release.version}/rows/preference/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    rows = shown(release, "preference")
    assert rows
    assert len(rows) <= ROWS
    names = [name for name, _text in rows[0]]
    assert names[:2] == ["prompt", "chosen"]
    assert set(names) >= {"meta.variety", "meta.record_id"}
    assert max(len(text) for row in rows for _name, text in row) <= MOST + len("assistant: …")
    for wrong in ("excluded", "nada"):
        assert Client().get(f"/releases/{release.version}/rows/{wrong}/").status_code == 404


def test_rows_of_a_variety_that_became_governed_are_shown_to_nobody(two: tuple[Release, Release]) -> None:
    release = two[1]
    assert shown(release, "judgements")
    Variety.objects.filter(pk="es-CL").update(governed="yes")
    assert shown(release, "judgements") == []
    page = Client().get(f"/releases/{release.version}/rows/preference/")
    assert (page.status_code, "palta" in page.content.decode()) == (200, False)


def test_rows_of_a_campaign_that_a_governed_variety_has_a_part_in_are_shown_to_nobody(
    two: tuple[Release, Release],
) -> None:
    """A row says its item's variety; its question may be in another, or what a translation began with."""
    release = two[1]
    Prompt.objects.filter(items__source_id="3").update(variety="quz")
    assert shown(release, "preference") == [], "what quz has a part in"
    Prompt.objects.update(variety="es-CL")
    assert shown(release, "preference"), "the twin: it was that"


def test_rows_that_hold_what_was_erased_are_not_shown_until_the_recall(two: tuple[Release, Release]) -> None:
    address = f"/releases/{two[0].version}/rows/preference/"
    assert Preview.objects.filter(release=two[0], config="preference").exists()
    assert Client().get(address).status_code == 410


def test_rows_go_with_their_release(two: tuple[Release, Release]) -> None:
    recall_due()
    assert not Preview.objects.filter(release=two[0]).exists()
    assert Client().get(f"/releases/{two[0].version}/rows/preference/").status_code == 404
