"""A nightly is kept for its period, an edition and what is cited for good, and the newest release in any case."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from annotations.datasets import jobs
from annotations.datasets import manifest as mf
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.keeping import registry
from annotations.datasets.keeping.actions import expire_due, name_edition, pin, set_doi, unpin
from annotations.datasets.keeping.models import Edition, Pin
from annotations.datasets.keeping.queries import past_its_period, standing
from annotations.datasets.keeping.registry import Keep
from annotations.datasets.models import Membership, Preview, Release
from annotations.datasets.rebuilding import rebuild
from annotations.datasets.recalls.actions import recall_due, retract
from annotations.datasets.recalls.queries import erased_since
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from tests.cast import lead

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AFTER = dt.timedelta(days=31)


def later() -> dt.datetime:
    return timezone.now() + LONG_AFTER


def names(releases: Any) -> list[str]:
    return sorted(release.version for release in releases)


def test_after_its_period_a_nightly_goes_with_what_it_kept_and_its_manifest_stays(several: list[Release]) -> None:
    assert expire_due() == []
    assert names(expire_due(now=later())) == names(several[:2])
    assert expire_due(now=later()) == [], "asked again it does nothing"
    for release in several[:2]:
        folder = folder_of(release.version)
        assert sorted(path.name for path in folder.iterdir()) == [mf.NAME, mf.TOMBSTONE]
        assert json.loads((folder / mf.NAME).read_text()) == release.manifest
        assert json.loads((folder / mf.TOMBSTONE).read_text())["reason"] == "period"
    assert set(Membership.objects.values_list("release", flat=True)) == {several[2].pk}
    assert set(Preview.objects.values_list("release", flat=True)) == {several[2].pk}
    assert (folder_of(several[2].version).parent / "latest").resolve().name == several[2].version


def test_what_expired_says_so_wherever_it_is_asked_for(several: list[Release], tmp_path: Path) -> None:
    expire_due(now=later())
    visitor, old = Client(), several[0].version
    gone = visitor.get(f"/api/v1/releases/{old}/files/README.md")
    assert (gone.status_code, gone.json()["code"]) == (410, "expired")
    assert gone.json()["errors"] == {"state": "expired", "newest": several[2].version}
    assert visitor.get(f"/api/v1/releases/{old}/files/{mf.NAME}").status_code == 200
    listed = {each["version"]: each for each in visitor.get("/api/v1/releases/").json()}
    assert (listed[old]["state"], listed[old]["recalled_at"], list(listed[old]["files"])) == (
        "expired", None, [mf.NAME, mf.TOMBSTONE],
    )  # fmt: skip
    assert listed[old]["expired_at"]
    assert visitor.get("/api/v1/releases/withdrawals/").json() == [], "nobody must give back what only grew old"
    page = visitor.get(f"/releases/{old}/").content.decode()
    assert f'href="/releases/{several[2].version}/"' in page
    with pytest.raises(Refused, match="expired"):
        rebuild(version=old, folder=tmp_path / "again")
    with pytest.raises(Refused, match="expired"):
        publish(cutoff=several[0].cutoff)


def test_the_newest_is_kept_however_old_it_is(crowd: list[Person]) -> None:
    publish()
    assert expire_due(now=timezone.now() + dt.timedelta(days=999)) == []


def test_editions_and_what_is_cited_are_kept_and_nothing_is_once_it_is_cited_no_more(several: list[Release]) -> None:
    name_edition(release=several[0], slug="primera", title="Primera", why="Para el taller")
    cited = pin(release=several[1], why="Un artículo la cita", person=lead())
    assert expire_due(now=later()) == []
    unpin(pin=cited)
    assert names(expire_due(now=later())) == [several[1].version]


def test_a_later_chapter_keeps_releases_by_registering_why(several: list[Release], monkeypatch: Any) -> None:
    honest = dict(registry._registry)
    monkeypatch.setattr(registry, "_registry", honest)
    visit = Keep("visit", "a visit", lambda: Release.objects.filter(pk=several[0].pk).values("pk"))  # type: ignore[arg-type]
    registry.register(visit)
    registry.register(visit)
    with pytest.raises(ValueError, match="two reasons called visit"):
        registry.register(Keep("visit", "other", visit.releases))  # type: ignore[arg-type]
    assert names(past_its_period(later())) == [several[1].version]
    monkeypatch.setattr(registry, "_registry", {})
    assert names(past_its_period(later())) == names(several[:2]), "the twin: without a reason nothing is kept"


def test_the_address_of_an_edition_that_was_taken_back_leads_to_what_became_of_it(several: list[Release]) -> None:
    """Whoever follows a citation then is told, and does not find nothing."""
    name_edition(release=several[0], slug="primera", title="Primera", why="Para el taller")
    retract(release=several[0], reason="wrong", why="Se mezclaron dos.")
    page = Client().get("/releases/editions/primera/", follow=True)
    assert (page.status_code, "Se mezclaron dos." in page.content.decode()) == (200, True)
    assert Client().get("/releases/editions/primera/CITATION.cff").status_code == 404


@pytest.mark.parametrize("given", [{"slug": "a" * 61}, {"title": "a" * 121}, {"why": "a" * 501}])
def test_what_is_longer_than_can_be_kept_is_named(several: list[Release], given: dict[str, str]) -> None:
    facts = {"slug": "primera", "title": "Primera", "why": "Para el taller"} | given
    with pytest.raises(Refused, match="invalid") as refused:
        name_edition(release=several[0], **facts)
    assert refused.value.errors == dict.fromkeys(given, "too_long")


def test_named_while_it_is_about_to_go_it_stays(several: list[Release], monkeypatch: Any) -> None:
    from annotations.datasets.keeping import actions

    honest = actions.holding_erased

    def meanwhile() -> list[Release]:
        if not Edition.objects.exists():
            name_edition(release=several[0], slug="justo", title="Justo", why="A tiempo")
        return honest()

    monkeypatch.setattr(actions, "holding_erased", meanwhile)
    assert names(expire_due(now=later())) == [several[1].version]


def test_killed_between_row_and_files_the_next_run_lays_the_tombstone(several: list[Release], monkeypatch: Any) -> None:
    from annotations.datasets.keeping import actions

    honest = actions.lay_tombstone

    class Killed(BaseException):
        pass

    def killed(_release: Release) -> None:
        raise Killed

    monkeypatch.setattr(actions, "lay_tombstone", killed)
    with pytest.raises(Killed):
        expire_due(now=later())
    monkeypatch.setattr(actions, "lay_tombstone", honest)
    jobs.recall()
    gone = Release.objects.get(state="expired")
    assert sorted(path.name for path in folder_of(gone.version).iterdir()) == [mf.NAME, mf.TOMBSTONE]


def test_what_holds_something_erased_is_recalled_before_it_can_expire(
    several: list[Release], crowd: list[Person]
) -> None:
    erase(person=crowd[0], contributions=True)
    assert expire_due(now=later()) == []
    recall_due()
    assert {each["records"] is None for each in Client().get("/api/v1/releases/withdrawals/").json()} == {False}


def test_what_is_erased_after_a_release_expired_is_in_the_feed_and_none_is_made_again(
    several: list[Release], crowd: list[Person]
) -> None:
    expire_due(now=later())
    erase(person=crowd[0], contributions=True)
    assert {erased_since(release) for release in several} == {2}
    recall_due()
    feed = {each["release"]: each for each in Client().get("/api/v1/releases/withdrawals/").json()}
    assert set(feed) == {release.version for release in several}
    assert (feed[several[0].version]["records"], feed[several[0].version]["replaced_by"]) == (None, None)
    assert feed[several[2].version]["replaced_by"] == f"{several[2].version}+w1"
    assert json.loads((folder_of(several[0].version) / mf.TOMBSTONE).read_text())["reason"] == "erased"
    assert Release.objects.count() == 4, "one clean one, of the one that had its files"


def test_the_clean_release_is_the_same_edition_and_as_old(several: list[Release], crowd: list[Person]) -> None:
    edition = name_edition(release=several[0], slug="primera", title="Primera", why="Para el taller")
    set_doi(release=several[0], doi="10.1234/uno")
    erase(person=crowd[0], contributions=True)
    recall_due()
    clean = standing(edition)
    assert clean
    assert clean.version == f"{several[0].version}+w1"
    assert names(expire_due(now=later())) == [f"{several[1].version}+w1"], "its name keeps the clean one too"
    visitor = Client()
    assert visitor.get("/releases/editions/primera/")["Location"] == f"/releases/{clean.version}/"
    told = json.loads(visitor.get("/releases/editions/primera/datacite.json").content)["data"]["attributes"]
    assert "doi" not in told, "that DOI is of other bytes"
    assert [each["relatedIdentifier"] for each in told["relatedIdentifiers"]] == ["10.1234/uno"]
    with pytest.raises(Refused, match="name_taken"):
        name_edition(release=clean, slug="otra", title="Otra", why="Otra")


def test_an_edition_is_cited_by_its_title_and_shown_first(
    several: list[Release], django_assert_num_queries: Any
) -> None:
    name_edition(release=several[0], slug="primera", title="Primera: <b>edición</b>", why="Para el taller")
    set_doi(release=several[0], doi="10.1234/uno.2")
    visitor = Client()
    cff = yaml.safe_load(visitor.get("/releases/editions/primera/CITATION.cff").content)
    assert (cff["title"], cff["doi"], cff["type"]) == ("Primera: <b>edición</b>", "10.1234/uno.2", "dataset")
    assert cff["version"] == yaml.safe_load((folder_of(several[0].version) / "CITATION.cff").read_text())["version"]
    datacite = json.loads(visitor.get("/releases/editions/primera/datacite.json").content)["data"]
    assert (datacite["type"], datacite["attributes"]["doi"]) == ("dois", "10.1234/uno.2")
    assert {"creators", "titles", "publisher", "publicationYear", "types"} <= set(datacite["attributes"])
    zenodo = json.loads(visitor.get("/releases/editions/primera/zenodo.json").content)["metadata"]
    assert (zenodo["upload_type"], zenodo["title"]) == ("dataset", "Primera: <b>edición</b>")
    assert {"title", "upload_type", "description", "creators", "access_right"} <= set(zenodo)
    assert zenodo["access_right"] == "open"
    Release.objects.filter(pk=several[0].pk).update(audience=Release.Audience.REGISTERED)
    zenodo = json.loads(visitor.get("/releases/editions/primera/zenodo.json").content)["metadata"]
    assert zenodo["access_right"] == "restricted"
    assert visitor.get("/releases/editions/primera/nada.json").status_code == 404
    with django_assert_num_queries(2):
        page = visitor.get("/releases/").content.decode()
    assert page.index("Primera: &lt;b&gt;") < page.index(f"/releases/{several[2].version}/")
    assert "<b>edición" not in page
    listed = {each["version"]: each for each in visitor.get("/api/v1/releases/").json()}
    assert listed[several[0].version]["edition"] == {"slug": "primera", "title": "Primera: <b>edición</b>"}
    assert listed[several[0].version]["doi"] == "10.1234/uno.2"
    assert listed[several[2].version]["edition"] is None
    assert problems_of(several[0]) == [], "a name changes no byte of a release"


def problems_of(release: Release) -> list[str]:
    from annotations.datasets.verify import problems

    return problems(folder_of(release.version))


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"slug": "con espacio"}, "invalid"), ({"slug": ""}, "invalid"), ({"title": "  "}, "invalid"),
     ({"why": ""}, "invalid"), ({"slug": "primera"}, "name_taken")],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused(several: list[Release], facts: dict[str, str], code: str) -> None:
    name_edition(release=several[0], slug="primera", title="Primera", why="Para el taller")
    good = {"slug": "segunda", "title": "Segunda", "why": "Otra"}
    with pytest.raises(Refused, match=code):
        name_edition(release=several[1], **good | facts)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    "doi", ["", "uno", "10.1/x", "https://example.org/10.1234/x", "10.1234/con espacio", "10.1234/ñ"]
)
def test_what_is_no_doi_is_refused(several: list[Release], doi: str) -> None:
    name_edition(release=several[0], slug="primera", title="Primera", why="Para el taller")
    with pytest.raises(Refused, match="invalid"):
        set_doi(release=several[0], doi=doi)


def test_a_doi_is_of_one_edition_and_stays(several: list[Release]) -> None:
    with pytest.raises(Refused, match="invalid"):
        set_doi(release=several[0], doi="10.1234/a")
    for number, release in enumerate(several[:2]):
        name_edition(release=release, slug=f"n{number}", title="Una", why="Para el taller")
    set_doi(release=several[0], doi="10.1234/a")
    set_doi(release=several[0], doi="10.1234/a")
    with pytest.raises(Refused, match="not_open"):
        set_doi(release=several[0], doi="10.1234/b")
    with pytest.raises(Refused, match="invalid"):
        set_doi(release=several[1], doi="10.1234/a")
    with pytest.raises(IntegrityError, match="one_release_of_a_doi"):
        Release.objects.update(doi="10.1234/a")


def test_a_release_that_ended_is_neither_named_nor_pinned(several: list[Release]) -> None:
    expire_due(now=later())
    with pytest.raises(Refused, match="expired"):
        name_edition(release=several[0], slug="tarde", title="Tarde", why="Tarde")
    with pytest.raises(Refused, match="expired"):
        pin(release=several[0], why="Tarde", person=lead())


def test_the_database_holds_no_release_that_ended_without_a_when_and_a_why(several: list[Release]) -> None:
    rows = Release.objects.filter(pk=several[0].pk)
    for facts in ({"state": "expired"}, {"state": "recalled"}, {"expired_at": timezone.now()}, {"reason": "wrong"},
                  {"state": "recalled", "recalled_at": timezone.now(), "recall_number": 1, "reason": ""},
                  {"state": "recalled", "recalled_at": timezone.now(), "recall_number": 1, "reason": "wrong"},
                  ):  # fmt: skip
        with pytest.raises(IntegrityError, match=r"a_release_that_ended_says_when|a_recalled_release_says_why"):
            rows.update(**facts)


def test_the_command_names_an_edition_and_says_what_is_wrong(several: list[Release], capsys: Any) -> None:
    facts = {"title": "Primera", "why": "Para el taller"}
    call_command("name_edition", several[0].version, "primera", **facts, by=lead().username)
    assert capsys.readouterr().out == "primera: Primera\n"
    assert Edition.objects.get().named_by == lead()
    for arguments, said in (
        ((several[1].version, "primera"), "name_taken"), (("20200101T000000Z", "x"), "there is no release"),
        ((several[1].version, "a b"), "not_a_slug"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=said):
            call_command("name_edition", *arguments, **facts)


def test_in_the_panel_leads_name_pin_and_give_a_doi(several: list[Release]) -> None:
    elisa = lead()
    codes = ("add_edition", "change_edition", "view_edition", "add_pin", "change_pin", "view_pin")
    elisa.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    elisa.is_staff = True
    elisa.save()
    panel = Client()
    panel.force_login(elisa)
    facts = {"release": several[0].pk, "slug": "primera", "title": "Primera", "why": "Para el taller"}
    assert panel.post("/admin/annotations/edition/add/", facts).status_code == 302
    edition = Edition.objects.get()
    assert (edition.named_by, edition.release) == (elisa, several[0])
    again = panel.post("/admin/annotations/edition/add/", facts | {"release": several[1].pk})
    assert (again.status_code, Edition.objects.count()) == (200, 1), "a name that is taken is told at its field"
    panel.post(f"/admin/annotations/edition/{edition.pk}/change/", {"doi": "10.1234/uno"})
    assert Release.objects.get(pk=several[0].pk).doi == "10.1234/uno"
    assert panel.post("/admin/annotations/pin/add/", {"release": several[1].pk, "why": "Una tesis"}).status_code == 302
    page = panel.get(f"/admin/annotations/release/{several[1].pk}/change/")
    assert page.status_code in (302, 403), "looking at releases is a right of its own"
    assert Client().get("/admin/annotations/edition/").status_code == 302
    assert (Pin.objects.get().why, Pin.objects.get().pinned_by) == ("Una tesis", elisa)
