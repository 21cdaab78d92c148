"""Rows that are for people with an account: with a session, a token, or a link that somebody gave to a machine."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import signing
from django.test import Client

from annotations.datasets.access import link_for, set_audience
from annotations.datasets.actions import publish, reissue
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.training.boards.actions import make_boards
from tests.cast import volunteer
from tests.runs.world import with_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def release(crowd: list[Person], settings: Any) -> Release:
    settings.MINKA_RELEASES_FOR = "registered"
    return publish()


def address(release: Release, name: str) -> str:
    return f"/api/v1/releases/{release.version}/files/{name}"


def rows_of(release: Release) -> str:
    """A file with rows that is there."""
    return next(name for name in release.manifest["files"] if name.startswith("data/judgements/"))


def test_what_tells_of_it_is_everybody_s_and_its_rows_are_not(release: Release) -> None:
    guest = Client()
    for name in ["README.md", "manifest.json", "SHA256SUMS", "croissant.json", "CITATION.cff"]:
        assert guest.get(address(release, name)).status_code == 200, name
    data = [name for name in release.manifest["files"] if name.startswith("data/")]
    assert data
    for name in data:
        refused = guest.get(address(release, name))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    told = guest.get("/api/v1/releases/").json()[0]
    assert told["audience"] == "registered"
    page = guest.get(f"/releases/{release.version}/").content.decode()
    assert "?link=" not in page
    assert f"/releases/{release.version}/rows/" not in page
    assert guest.get(f"/releases/{release.version}/rows/judgements/").status_code == 404


def test_who_has_a_token_takes_them_and_gives_links_to_machines(release: Release, crowd: list[Person]) -> None:
    person = crowd[0]
    mine, name = with_token(person), rows_of(release)
    taken = mine.get(address(release, name))
    assert (taken.status_code, taken["Cache-Control"]) == (200, "private, no-store")
    assert Client().get(f"/api/v1/releases/{release.version}/links/").status_code == 401
    links = mine.get(f"/api/v1/releases/{release.version}/links/").json()
    part = Client().get(links["files"][name], HTTP_RANGE="bytes=0-3")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"PAR1")
    assert dt.datetime.fromisoformat(links["until"]) > dt.datetime.now(dt.UTC) + dt.timedelta(days=6)


def test_on_the_page_of_who_is_logged_in_the_addresses_are_such_links(release: Release, crowd: list[Person]) -> None:
    client, name = Client(), rows_of(release)
    client.force_login(crowd[0])
    page = client.get(f"/releases/{release.version}/").content.decode()
    (link,) = {part.split('"')[0] for part in page.split(f"{address(release, name)}?link=")[1:]}
    assert Client().get(f"{address(release, name)}?link={link}").status_code == 200


def test_a_link_is_of_one_release_one_account_and_some_days(
    release: Release, crowd: list[Person], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, other = rows_of(release), publish()
    person = crowd[0]
    link = link_for(release, person)

    def status(release: Release = release, link: str = link) -> int:
        return Client().get(address(release, name), {"link": link}).status_code

    assert status() == 200
    assert status(other) == 403
    assert status(link=link[:-1]) == 403
    assert status(link=signing.dumps({"release": release.version, "person": person.pk})) == 403, "of another purpose"
    later = signing.time.time() + 86_400 * settings.MINKA_LINK_DAYS + 60
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: later)
        assert status() == 403
    Person.objects.filter(pk=person.pk).update(standing=Person.Standing.PAUSED)
    assert status() == 403
    Person.objects.filter(pk=person.pk).update(standing=Person.Standing.GOOD, is_active=False)
    assert status() == 403
    gone = volunteer("cata", "muy-larga-y-rara", "es-CL")
    theirs = link_for(other, gone)
    assert status(other, theirs) == 200
    erase(person=gone, contributions=True)
    assert status(other, theirs) == 403


def test_rows_behind_the_boards_are_no_way_around(release: Release, crowd: list[Person]) -> None:
    make_boards()
    file = f"/api/v1/boards/{release.version}/files/votes.csv"
    assert Client().get(file).status_code == 403
    assert with_token(crowd[0]).get(file).status_code == 200


def test_who_may_take_a_release_back_says_who_may_have_it(release: Release, crowd: list[Person]) -> None:
    with pytest.raises(Refused, match="forbidden"):
        set_audience(releases=Release.objects.all(), audience="everybody", person=crowd[0])
    for codename in ("retract_release", "view_release"):
        crowd[0].user_permissions.add(Permission.objects.get(codename=codename))
    Person.objects.filter(pk=crowd[0].pk).update(is_staff=True)
    panel, name = Client(), rows_of(release)
    panel.force_login(Person.objects.get(pk=crowd[0].pk))
    for action, status in (("for_everybody", 200), ("for_registered", 403)):
        asked = {"action": action, "_selected_action": [release.pk]}
        assert panel.post("/admin/annotations/release/", asked).status_code == 302
        assert Client().get(address(release, name)).status_code == status


def test_the_clean_one_is_for_whom_the_other_was(release: Release, settings: Any) -> None:
    settings.MINKA_RELEASES_FOR = "everybody"
    assert publish().audience == "everybody"
    assert reissue(release=release).audience == "registered"
