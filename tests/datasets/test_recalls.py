"""When somebody erases their work, every release that holds it is recalled and a clean one takes its place. Killed at
any moment nothing half is seen, and the next run goes on."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from annotations.assignments.models import Campaign
from annotations.corpus.models import Prompt
from annotations.datasets import jobs
from annotations.datasets import manifest as mf
from annotations.datasets.actions import publish, reissue
from annotations.datasets.folders import clear_staging, folder_of
from annotations.datasets.membership import unpacked
from annotations.datasets.models import Membership, Release
from annotations.datasets.recalls import actions
from annotations.datasets.recalls.actions import recall_due
from annotations.datasets.recalls.queries import erased_since
from annotations.datasets.verify import problems
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.writing.models import PromptProposal
from tests.cast import answer, key_of, line, people, seat_at, world
from tests.datasets.test_configs import people_again, texts  # noqa: F401 -- one is a fixture
from tests.datasets.test_release import rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(settings: Any) -> list[Person]:
    """Three people who settled two items; only the first, Ana, and the second judged a third one."""
    settings.MINKA_SMALL_CELL = 0
    campaign = world(line("1"), line("2"), line("3"))
    crowd = people(3)
    for number, person in enumerate(crowd):
        for _item in range(3 if number < 2 else 2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0), "strength": 2})
    return crowd


def api(path: str = "") -> Any:
    return Client().get(f"/api/v1/releases/{path}").json()


def latest(folder: Path) -> str:
    return (folder.parent / "latest").resolve().name


def test_what_is_erased_recalls_the_release_and_a_clean_one_takes_its_place(crowd: list[Person]) -> None:
    release = publish()
    folder = folder_of(release.version)
    before = {config: rows(folder, config) for config in ("judgements", "preference", "sft")}
    manifest = (folder / mf.NAME).read_bytes()
    assert recall_due() == []
    erase(person=crowd[0], contributions=True)
    assert [each.version for each in recall_due()] == [release.version]
    clean = Release.objects.get(replaces=release)
    assert clean.version == f"{release.version}+w1"
    assert clean.cutoff == release.cutoff
    assert latest(folder) == clean.version
    assert problems(folder_of(clean.version)) == []
    assert len(rows(folder_of(clean.version), "judgements")) == len(before["judgements"]) - 3
    assert sorted(path.name for path in folder.iterdir()) == [mf.NAME, mf.TOMBSTONE]
    assert (folder / mf.NAME).read_bytes() == manifest
    assert sorted(path.name for path in folder.parent.iterdir() if path.name.startswith(".")) == []
    assert not Membership.objects.filter(release=release).exists()
    assert recall_due() == [], "asked again it does nothing"
    assert Release.objects.count() == 2
    assert publish(cutoff=release.cutoff).pk == clean.pk, "the old name leads to what stands for it"


def test_the_feed_names_the_records_that_rest_on_what_was_erased_and_nobody(crowd: list[Person]) -> None:
    release = publish()
    folder = folder_of(release.version)
    hers = {row["id"] for row in rows(folder, "judgements")}
    voices = {row["annotator"]: set() for row in rows(folder, "judgements")}
    for row in rows(folder, "judgements"):
        voices[row["annotator"]].add(row["id"])
    pairs = {row["meta"]["record_id"] for row in rows(folder, "preference")}
    items = {row["source_id"] for row in rows(folder, "judgements")}
    assert (len(hers), len(pairs), items) == (8, 2, {"1", "2", "3"})
    person = crowd[2]
    erase(person=person, contributions=True)
    recall_due()
    (told,) = api("withdrawals/")
    assert {name: told[name] for name in ("release", "reason", "replaced_by")} == {
        "release": release.version, "reason": "erased", "replaced_by": f"{release.version}+w1",
    }  # fmt: skip
    records = {config: set(ids) for config, ids in told["records"].items()}
    assert records["judgements"] in voices.values()
    assert len(records["judgements"]) == 2
    assert records["preference"] == records["sft"] == pairs, "both pairs rest on the vote of one who is gone"
    assert set(records) == {"judgements", "preference", "sft"}
    assert json.loads((folder / mf.TOMBSTONE).read_text()) == told
    assert person.username not in json.dumps(told)
    assert not {annotator for annotator in voices if annotator in json.dumps(told)}


def test_texts_that_others_read_and_questions_that_others_answered_go_with_their_author(
    texts: Campaign,  # noqa: F811
) -> None:
    ana, bea, caro = people_again()
    votes = world(line("asked"), line("other"), slug="votos", needed=1)
    proposal = PromptProposal.objects.get(judgement__person=ana)
    proposal.prompt = Prompt.objects.get(items__source_id="asked", items__campaign=votes)
    proposal.is_new = True
    proposal.save()
    for _item in range(2):
        seat = seat_at(bea, votes)
        answer(bea, seat, {"preferred": key_of(seat, 0), "strength": 2})
    release = publish()
    folder = folder_of(release.version)
    ids = {config: {row["meta"]["source_id"]: row["meta"]["record_id"] for row in rows(folder, config)}
           for config in ("preference", "sft", "translation")}  # fmt: skip
    about = {row["id"]: (row["kind"], row["source_id"]) for row in rows(folder, "judgements")}
    erase(person=ana, contributions=True)
    recall_due()
    records = api("withdrawals/")[0]["records"]
    assert records["preference"] == [ids["preference"]["asked"]], "Bea's vote is hers, the question was Ana's"
    assert set(records["sft"]) == set(ids["sft"].values()) - {ids["sft"]["other"]}
    assert set(records["translation"]) == set(ids["translation"].values())
    assert {("vote", "asked"), ("demonstration", "taken")} <= {about[each] for each in records["judgements"]}
    assert ("vote", "other") not in {about[each] for each in records["judgements"]}
    assert caro


def everything() -> str:
    """All that releases and what they keep say, decoded."""
    home = folder_of("x").parent
    files = [path for path in home.rglob("*") if path.is_file()]
    tables = [str(pq.read_table(path).to_pylist()) for path in files if path.suffix == ".parquet"]
    kept = [str(unpacked(bytes(block.body)).to_pylist()) for block in Membership.objects.all()]
    feed = [str(release.withdrawn) for release in Release.objects.all()]
    return "\n".join([*tables, *(path.read_text("utf-8") for path in files if path.suffix != ".parquet"), *kept, *feed])


@pytest.fixture
def no_other_releases(settings: Any, tmp_path: Path) -> None:
    settings.MINKA_RELEASES = tmp_path / "minka"


def test_erased_words_are_in_no_release_and_in_nothing_that_one_keeps(
    no_other_releases: None,
    texts: Campaign,  # noqa: F811
) -> None:
    ana = people_again()[0]
    words = ("Un kuchen.", "Un pan amasado.", "Llame al 131.", "¿Dónde está la farmacia?", "¿A cuánto la palta?")
    first, second = publish(), publish()
    assert [each for each in words if each not in everything()] == []
    erase(person=ana, contributions=True)
    assert [each for each in words if each in everything()], "the twin: without a recall they are found"
    assert {each.version for each in recall_due()} == {first.version, second.version}
    assert [each for each in words if each in everything()] == []
    assert set(Release.objects.values_list("version", "state")) == {
        (first.version, "recalled"), (second.version, "recalled"),
        (f"{first.version}+w1", "published"), (f"{second.version}+w1", "published"),
    }  # fmt: skip
    assert latest(folder_of(first.version)) == f"{second.version}+w1"


def test_what_left_no_trace_in_a_release_recalls_none(crowd: list[Person]) -> None:
    first = publish()
    withdraw(person=crowd[0])
    erase(person=crowd[1], contributions=False)
    assert recall_due() == []
    erase(person=crowd[2], contributions=True)
    second = publish()
    assert (erased_since(first), erased_since(second)) == (2, 0)
    assert [each.version for each in recall_due()] == [first.version]


def test_a_clean_release_is_recalled_in_its_turn(crowd: list[Person]) -> None:
    release = publish()
    for person in crowd[:2]:
        erase(person=person, contributions=True)
        recall_due()
    assert [(each.version.partition("+")[2], each.state) for each in Release.objects.order_by("pk")] == [
        ("", "recalled"), ("w1", "recalled"), ("w2", "published"),
    ]  # fmt: skip
    assert publish(cutoff=release.cutoff).version == f"{release.version}+w2"
    assert [each["release"].partition("+")[2] for each in api("withdrawals/")] == ["w1", ""]
    assert latest(folder_of(release.version)) == f"{release.version}+w2"


def test_lists_pages_and_downloads_tell_it(crowd: list[Person]) -> None:
    release = publish()
    erase(person=crowd[0], contributions=True)
    recall_due()
    clean, old = api()
    assert (clean["state"], clean["replaces"], clean["replaced_by"]) == ("published", release.version, None)
    assert (old["state"], old["replaces"], old["replaced_by"]) == ("recalled", None, clean["version"])
    assert list(old["files"]) == [mf.NAME, mf.TOMBSTONE]
    visitor = Client()
    for file in (*clean["files"].values(), *old["files"].values()):
        assert visitor.get(file["url"]).status_code == 200
    gone = visitor.get(f"/api/v1/releases/{old['version']}/files/README.md")
    assert gone.status_code == 410
    assert gone.json()["code"] == "recalled"
    assert gone.json()["errors"] == {"reason": "erased", "replaced_by": clean["version"]}
    assert visitor.get(f"/api/v1/releases/{old['version']}/files/nothing").status_code == 404
    page = visitor.get(f"/releases/{old['version']}/").content.decode()
    assert f'href="/releases/{clean["version"]}/"' in page
    assert f'href="/releases/{old["version"]}/"' in visitor.get(f"/releases/{clean['version']}/").content.decode()
    listed = visitor.get("/releases/").content.decode()
    assert listed.index(f"/releases/{clean['version']}/") < listed.index(f"/releases/{old['version']}/")


def test_however_many_releases_the_list_costs_the_same(crowd: list[Person], django_assert_num_queries: Any) -> None:
    publish()
    with django_assert_num_queries(1):
        api()
    publish()
    erase(person=crowd[0], contributions=True)
    recall_due()
    with django_assert_num_queries(1):
        assert len(api()) == 4


def test_of_a_release_that_kept_nothing_all_must_go(crowd: list[Person]) -> None:
    release = publish()
    Membership.objects.all().delete()
    erase(person=crowd[0], contributions=True)
    recall_due()
    assert [(each["release"], each["records"]) for each in api("withdrawals/")] == [(release.version, None)]


def test_where_no_clean_one_can_be_made_it_is_recalled_all_the_same(
    crowd: list[Person], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    release = publish()
    erase(person=crowd[0], contributions=True)

    def broken(**_facts: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "reissue", broken)
    recall_due()
    assert "no clean release" in caplog.text
    folder = folder_of(release.version)
    assert sorted(path.name for path in folder.iterdir()) == [mf.NAME, mf.TOMBSTONE]
    assert [each["state"] for each in api()] == ["recalled"]
    assert latest(folder) != release.version
    monkeypatch.setattr(actions, "reissue", reissue)
    recall_due()
    assert latest(folder) == f"{release.version}+w1"


class Killed(BaseException):
    pass


STEPS = (
    ("annotations.datasets.actions.write", "before"), ("annotations.datasets.actions.write", "after"),
    ("annotations.datasets.actions.put", "before"), ("annotations.datasets.actions.put", "after"),
    ("annotations.datasets.recalls.actions.to_be_withdrawn", "after"),
    ("annotations.datasets.recalls.actions.point_latest", "before"),
    ("annotations.datasets.recalls.actions.point_latest", "after"),
    ("annotations.datasets.recalls.actions.lay_tombstone", "before"),
    ("annotations.datasets.folders.put", "before"), ("annotations.datasets.folders.put", "after"),
    ("annotations.datasets.ending.put_instead", "before"), ("annotations.datasets.ending.put_instead", "after"),
    ("annotations.datasets.ending.tombstone", "before"),
)  # fmt: skip


def seen(version: str) -> Iterator[str]:
    """What a reader sees that is half: of the folders that have a name, of what the API lists, behind `latest`."""
    home = folder_of(version).parent
    for folder in home.glob("2*"):
        names = sorted(path.name for path in folder.iterdir())
        if names != [mf.NAME, mf.TOMBSTONE]:
            yield from (f"{folder.name}: {wrong}" for wrong in problems(folder))
    for release in api():
        if release["state"] == "published":
            yield from (f"{release['version']}: {wrong}" for wrong in problems(home / release["version"]))
    if (home / "latest").is_symlink() and not (home / "latest" / mf.NAME).is_file():
        yield "nothing is behind latest"


@pytest.mark.parametrize(("step", "when"), STEPS)
def test_killed_anywhere_nothing_half_is_seen_and_the_next_run_completes(
    no_other_releases: None, crowd: list[Person], monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    release = publish()
    erase(person=crowd[0], contributions=True)
    place, _dot, name = step.rpartition(".")
    module = __import__(place, fromlist=[name])
    honest = getattr(module, name)

    def killed(*args: Any, **facts: Any) -> None:
        if when == "after":
            honest(*args, **facts)
        raise Killed

    monkeypatch.setattr(module, name, killed)
    with pytest.raises(Killed):
        recall_due()
    assert list(seen(release.version)) == []
    monkeypatch.setattr(module, name, honest)
    jobs.recall()
    assert list(seen(release.version)) == []
    folder = folder_of(release.version)
    assert sorted(path.name for path in folder.parent.iterdir()) == [
        release.version, f"{release.version}+w1", "latest",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == [mf.NAME, mf.TOMBSTONE]
    assert latest(folder) == f"{release.version}+w1"
    assert [each["state"] for each in api()] == ["published", "recalled"]
    assert {each.version for each in Release.objects.filter(membership__isnull=False)} == {f"{release.version}+w1"}


def test_what_stands_in_its_place_without_a_row_is_completed_and_recalled_like_any_other(
    no_other_releases: None, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was killed before the row, and is not asked for the same cutoff again."""

    def killed(*_args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("annotations.datasets.actions.keep_previews", killed)
        with pytest.raises(Killed):
            publish()
    (folder,) = (path for path in folder_of("").iterdir() if path.name[0] == "2")
    assert api() == []
    erase(person=crowd[0], contributions=True)
    jobs.recall()
    assert [(each["version"], each["state"]) for each in api()] == [
        (f"{folder.name}+w1", "published"), (folder.name, "recalled"),
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == [mf.NAME, mf.TOMBSTONE]
    assert list(seen(folder.name)) == []


def test_one_that_cannot_be_completed_keeps_no_other_waiting(
    no_other_releases: None, crowd: list[Person], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder without a row that cannot be published now; another release that must go."""
    release = publish()
    erase(person=crowd[0], contributions=True)
    monkeypatch.setattr(actions, "unfinished", lambda: [release.cutoff - dt.timedelta(days=1)])
    monkeypatch.setattr(actions, "publish", lambda **_facts: 1 / 0)
    recall_due()
    assert "could not be published; the next run tries again" in caplog.text
    release.refresh_from_db()
    assert (release.state, release.replaced_by.state) == ("recalled", "published")


def test_what_somebody_left_half_done_goes_though_others_still_write_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who helped him may write a while yet; what cannot be taken away is told."""
    (tmp_path / ".20261128T060000Z-7").mkdir()
    still, honest = iter(range(2)), shutil.rmtree

    def stubborn(path: Path, **how: Any) -> None:
        if next(still, None) is None:
            honest(path, **how)

    monkeypatch.setattr("annotations.datasets.folders.shutil.rmtree", stubborn)
    clear_staging(tmp_path)
    assert list(tmp_path.iterdir()) == []

    (tmp_path / ".20261128T060000Z-8").mkdir()
    monkeypatch.setattr("annotations.datasets.folders.time.sleep", lambda _seconds: None)

    def denied(path: Path, *, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise PermissionError(path)

    monkeypatch.setattr("annotations.datasets.folders.shutil.rmtree", denied)
    with pytest.raises(PermissionError):
        clear_staging(tmp_path)

    def late(path: Path, *, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            honest(path)

    monkeypatch.setattr("annotations.datasets.folders.shutil.rmtree", late)
    clear_staging(tmp_path)
    assert list(tmp_path.iterdir()) == []
