"""A release goes to a folder, a bucket and the Hub whole, goes on where a run was cut, and leaves when it is recalled.

The bucket is moto's server over HTTP, the Hub a stand-in that speaks its API (`hub_stub.py`).
"""

import datetime as dt
import hashlib
import json
import logging
import shutil
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from huggingface_hub.utils import http_backoff
from moto.server import ThreadedMotoServer

from annotations.datasets import jobs
from annotations.datasets import manifest as mf
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.datasets.recalls import late
from annotations.datasets.recalls.actions import recall_due, retract
from annotations.datasets.targets.actions import follow_recalls, plan, push, take_away
from annotations.datasets.targets.folder import Folder
from annotations.datasets.targets.models import Delivery
from annotations.datasets.targets.port import TargetFailed
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from minka.settings import _targets
from tests.datasets.hub_stub import TOKEN, Hub

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),  # the Hub's client and its own library
]

KEY, SECRET = "una-llave-de-prueba", "un-secreto-de-prueba"
REPO = "comunidad/minka"


@dataclass
class Place:
    """A target as a reader of it sees it, and what can happen to it.

    Attributes:
        files: of a release at the target, by name; of the newest where it is shown without its name.
        down, up: nobody answers there any more, and again.
        denies: from now on it refuses the key we have.
        broken: the code that being down comes to.
        stored: sums of all large files that are there, whoever names them, or nobody any more.
    """

    address: str
    files: Callable[[str], dict[str, bytes]]
    down: Callable[[], None]
    up: Callable[[], None]
    denies: Callable[[], None]
    broken: str
    newest: Callable[[], dict[str, bytes]] | None = None
    stored: Callable[[], set[str]] = set


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    place, away = tmp_path / "espejo", tmp_path / "fuera"
    place.mkdir()

    def denies() -> None:
        raise AssertionError("a folder has no key")

    return Place(
        f"file://{place}", lambda version: read(place / version), lambda: shutil.move(place, away),
        lambda: shutil.move(away, place), denies, "not_found",
    )  # fmt: skip


def read(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    servers = [ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)]
    servers[0].start()
    port = servers[0].get_host_and_port()[1]
    base = f"http://127.0.0.1:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{base}/moto-api/reset", method="POST")).close()
    store = boto3.client("s3", endpoint_url=base, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                         region_name="us-east-1")  # fmt: skip
    store.create_bucket(Bucket="cubo")

    def files(version: str) -> dict[str, bytes]:
        rows = store.list_objects_v2(Bucket="cubo", Prefix=f"datos/{version}/").get("Contents", [])
        bodies = {row["Key"]: store.get_object(Bucket="cubo", Key=row["Key"])["Body"] for row in rows}
        return {key.removeprefix(f"datos/{version}/"): body.read() for key, body in bodies.items()}

    def up() -> None:
        servers.append(ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False))
        servers[-1].start()

    def denies() -> None:
        plain = {"Content-Type": "text/plain"}
        ask = urllib.request.Request(f"{base}/moto-api/reset-auth", data=b"0", headers=plain, method="POST")
        urllib.request.urlopen(ask).close()

    def allows() -> None:
        plain = {"Content-Type": "text/plain"}
        ask = urllib.request.Request(f"{base}/moto-api/reset-auth", data=b"inf", headers=plain, method="POST")
        urllib.request.urlopen(ask).close()

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    address = f"s3://cubo/datos?endpoint={base}&region=us-east-1"
    yield Place(address, files, lambda: servers[-1].stop(), up, denies, "no_connection")
    allows()
    servers[-1].stop()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    stub = Hub().start()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setitem(http_backoff.__kwdefaults__, "max_retries", 0)  # it would wait half a minute for who is down
    yield Place(
        f"hub://{REPO}?endpoint=http://127.0.0.1:{stub.port}", lambda version: stub.kept.files(REPO, version),
        stub.stop, stub.start, lambda: monkeypatch.setenv("HF_TOKEN", "hf_otra"), "no_connection",
        lambda: stub.kept.files(REPO, "main"), lambda: set(stub.kept.large),
    )  # fmt: skip
    stub.stop()


@pytest.fixture(params=["folder", "bucket", "hub"])
def place(request: pytest.FixtureRequest, settings: Any) -> Place:
    found: Place = request.getfixturevalue(request.param)
    settings.MINKA_RELEASE_TARGETS = _targets(f"espejo={found.address}")
    return found


@pytest.fixture
def release(crowd: list[Person]) -> Release:
    return publish()


def here(release: Release) -> dict[str, bytes]:
    return read(folder_of(release.version))


def test_a_release_arrives_whole_once_and_its_receipt_says_so(place: Place, release: Release, capsys: Any) -> None:
    would = plan(release=release, target="espejo")
    assert set(would.files) == set(here(release))
    assert (place.files(release.version), Delivery.objects.count()) == ({}, 0), "a dry run changes nothing"
    call_command("push_release", release.version, "espejo", "--dry-run")
    assert "would go to" in capsys.readouterr().out
    sent: list[str] = []
    delivery = push(release=release, target="espejo", told=sent.append)
    assert place.files(release.version) == here(release)
    assert place.newest is None or place.newest() == here(release)
    assert sent[-1] == mf.NAME, "where the manifest is, the release is whole"
    assert (delivery.state, delivery.problem, bool(delivery.there_at)) == ("there", "", True)
    assert delivery.files == {name: hashlib.sha256(data).hexdigest() for name, data in here(release).items()}
    assert push(release=release, target="espejo", told=sent.append).pk == delivery.pk
    assert len(sent) == len(here(release)), "asked again it sends nothing"
    assert plan(release=release, target="espejo").files == {}
    call_command("push_release", release.version, "espejo")
    assert "all sums hold" in capsys.readouterr().out


def test_down_in_the_middle_the_next_run_goes_on(place: Place, release: Release) -> None:
    sent: list[str] = []

    def cut(name: str) -> None:
        sent.append(name)
        if len(sent) == 3:
            place.down()

    with pytest.raises(TargetFailed, match=place.broken):
        push(release=release, target="espejo", told=cut)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.problem, len(delivery.files)) == ("begun", place.broken, 3)
    place.up()
    assert mf.NAME not in place.files(release.version), "what is not whole is not shown as if it were"
    again: list[str] = []
    push(release=release, target="espejo", told=again.append)
    assert place.files(release.version) == here(release)
    if place.newest is None:  # of what was stored and never shown the Hub says nothing; it is not uploaded twice
        assert set(again) == set(here(release)) - set(sent)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == ("there", "")


@pytest.mark.parametrize("place", ["bucket", "hub"], indirect=True)
def test_with_a_wrong_key_nothing_is_sent_and_no_word_of_it_is_kept(
    place: Place, release: Release, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    place.denies()
    with pytest.raises(CommandError, match="espejo: refused"):
        call_command("push_release", release.version, "espejo")
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.problem, delivery.files) == ("begun", "refused", {})
    follow_recalls()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM annotations_delivery row")
        kept = str(cursor.fetchall())
    said = caplog.text + str(capsys.readouterr()) + kept
    assert [secret for secret in (KEY, SECRET, TOKEN, "hf_otra") if secret in said] == []


@pytest.mark.parametrize("kind", ["bucket", "hub"])
def test_without_credentials_nobody_is_asked(
    kind: str, request: pytest.FixtureRequest, settings: Any, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = request.getfixturevalue(kind)
    settings.MINKA_RELEASE_TARGETS = {"espejo": found.address}
    for name in ("AWS_ACCESS_KEY_ID", "HF_TOKEN"):
        monkeypatch.setenv(name, "")
    with pytest.raises(TargetFailed, match="no_credentials"):
        push(release=release, target="espejo")
    assert found.files(release.version) == {}


def test_what_is_erased_leaves_the_target_and_the_clean_release_follows(
    place: Place, release: Release, crowd: list[Person]
) -> None:
    delivery = push(release=release, target="espejo")
    before = place.files(release.version)
    erase(person=crowd[0], contributions=True)
    recall_due()
    assert place.files(release.version) == before, "the twin: without the job it is there still"
    jobs.follow_recalls()
    assert place.files(release.version) == {}
    delivery.refresh_from_db()
    assert (delivery.state, bool(delivery.gone_at), delivery.problem) == ("gone", True, "")
    clean = Release.objects.get(replaces=release)
    assert place.files(clean.version) == here(clean)
    assert place.newest is None or place.newest() == here(clean)
    assert follow_recalls() == [], "asked again it does nothing"
    assert sorted(Delivery.objects.values_list("release__version", "state")) == [
        (clean.version, "there"), (release.version, "gone"),
    ] or sorted(Delivery.objects.values_list("release__version", "state")) == [
        (release.version, "gone"), (clean.version, "there"),
    ]  # fmt: skip


def test_what_is_taken_back_leaves_and_other_releases_stay(place: Place, release: Release) -> None:
    newer = publish()
    for each in (newer, release):
        push(release=each, target="espejo")
    assert place.newest is None or place.newest() == here(newer), "an older one that comes later is not the newest"
    everything = here(newer)
    retract(release=release, reason="wrong", why="Está mal")
    follow_recalls()
    assert place.files(release.version) == {}
    assert place.files(newer.version) == everything
    assert place.newest is None or place.newest() == everything
    with pytest.raises(Refused, match="recalled"):
        push(release=release, target="espejo")
    retract(release=newer, reason="wrong", why="También")
    follow_recalls()
    assert place.files(newer.version) == {}
    assert place.newest is None or place.newest() == {}


def test_a_target_that_is_down_is_told_until_it_is_clean(
    place: Place, release: Release, crowd: list[Person], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "quien@responde.example"}
    push(release=release, target="espejo")
    erase(person=crowd[0], contributions=True)
    recall_due()
    place.down()
    assert follow_recalls() == []
    assert place.broken in caplog.text
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.problem) == ("there", place.broken)
    tomorrow = timezone.now() + 2 * late.PATIENCE
    assert late.tell_if_late(now=tomorrow) == [
        f"{release.version} was recalled, and is still at espejo ({place.broken})"
    ]  # fmt: skip
    assert release.version in mail.outbox[0].body
    place.up()
    assert [each.state for each in follow_recalls()] == ["gone", "there"]
    assert late.tell_if_late(now=tomorrow) == []


def test_recalled_while_it_is_sent_nothing_of_it_stays(place: Place, release: Release, crowd: list[Person]) -> None:
    def meanwhile(_name: str) -> None:
        if Release.objects.get(pk=release.pk).state == "published":
            other = threading.Thread(target=lambda: (recall_now(crowd), connection.close()))
            other.start()
            other.join()

    with pytest.raises(Refused, match="recalled"):
        push(release=release, target="espejo", told=meanwhile)
    follow_recalls()
    assert place.files(release.version) == {}
    assert Delivery.objects.get(release=release).state == "gone"


def recall_now(crowd: list[Person]) -> None:
    erase(person=crowd[0], contributions=True)
    recall_due()


def test_a_folder_that_writes_other_bytes_is_found_out(
    folder: Place, release: Release, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotaged twin of the sums: a target that spoils what it is given gets no receipt."""
    settings.MINKA_RELEASE_TARGETS = {"espejo": folder.address}
    honest = shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", lambda one, other: other.write_bytes(one.read_bytes() + b"!"))
    with pytest.raises(TargetFailed, match="sum_differs"):
        push(release=release, target="espejo")
    assert (Delivery.objects.get().state, folder.files(release.version)) == ("begun", {})
    monkeypatch.setattr(shutil, "copyfile", honest)
    assert push(release=release, target="espejo").state == "there"


def test_a_hub_that_keeps_other_bytes_is_found_out(release: Release, settings: Any, monkeypatch: Any) -> None:
    stub = Hub().start()
    stub.kept.spoils = True
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    settings.MINKA_RELEASE_TARGETS = {"espejo": f"hub://{REPO}?endpoint=http://127.0.0.1:{stub.port}"}
    with pytest.raises(TargetFailed, match="sum_differs"):
        push(release=release, target="espejo")
    assert Delivery.objects.get().state == "begun"
    stub.stop()


def test_erased_for_good_means_the_hub_keeps_no_large_file(hub: Place, release: Release, crowd: list[Person],
                                                           settings: Any) -> None:  # fmt: skip
    settings.MINKA_RELEASE_TARGETS = {"espejo": hub.address, "otro": hub.address}
    push(release=release, target="espejo")
    assert hub.stored()
    old = {facts["sha256"] for name, facts in release.manifest["files"].items() if name.endswith(".parquet")}
    erase(person=crowd[0], contributions=True)
    recall_due()
    follow_recalls()
    clean = Release.objects.get(replaces=release)
    kept = {facts["sha256"] for name, facts in clean.manifest["files"].items() if name.endswith(".parquet")}
    found = {hashlib.sha256(data).hexdigest() for data in hub.files(clean.version).values()}
    assert kept <= found
    assert not old & found
    assert hub.stored() == kept, "nothing of the old one is in any history, and all of the new one is there"


def test_a_clean_release_that_does_not_come_after_the_old_one_is_told(
    place: Place, release: Release, crowd: list[Person]
) -> None:
    push(release=release, target="espejo")
    erase(person=crowd[0], contributions=True)
    recall_due()
    assert take_away(delivery=Delivery.objects.get()).state == "gone"
    (line,) = late.tell_if_late(now=timezone.now() + dt.timedelta(hours=2))
    assert "espejo" in line
    follow_recalls()
    assert late.tell_if_late(now=timezone.now() + dt.timedelta(hours=2)) == []


def test_what_was_only_half_sent_when_its_release_expired_is_taken_away(place: Place, release: Release) -> None:
    push(release=release, target="espejo")
    Delivery.objects.update(state="begun", there_at=None)
    Release.objects.update(state="expired", expired_at=timezone.now())
    (gone,) = follow_recalls()
    assert (gone.state, place.files(release.version)) == ("gone", {})


def test_what_another_release_shows_too_stays_whoever_sent_it(hub: Place, release: Release, settings: Any) -> None:
    """The same bytes stand in both, and in one place; only one of them is taken back."""
    settings.MINKA_RELEASE_TARGETS = {"espejo": hub.address, "otro": hub.address}
    push(release=release, target="espejo")
    sent, beside = Delivery.objects.get(), publish()
    Delivery.objects.create(target="otro", release=beside, place=sent.place, files=sent.files)
    Release.objects.filter(pk=release.pk).update(
        state="recalled", reason="wrong", why="x", recalled_at=timezone.now(), recall_number=1
    )
    before = hub.stored()
    take_away(delivery=Delivery.objects.get(pk=sent.pk))
    assert hub.stored() == before != set()


def test_what_was_damaged_here_is_not_sent(place: Place, release: Release) -> None:
    (folder_of(release.version) / "README.md").write_text("otra cosa")
    with pytest.raises(CommandError, match="not as it was published"):
        call_command("push_release", release.version, "espejo")
    assert place.files(release.version) == {}


def test_a_target_that_moved_is_not_mistaken_for_the_other(
    release: Release, crowd: list[Person], settings: Any, tmp_path: Path
) -> None:
    for name in ("uno", "otro"):
        (tmp_path / name).mkdir()
    settings.MINKA_RELEASE_TARGETS = {"espejo": f"file://{tmp_path}/uno"}
    push(release=release, target="espejo")
    erase(person=crowd[0], contributions=True)
    recall_due()
    settings.MINKA_RELEASE_TARGETS = {"espejo": f"file://{tmp_path}/otro"}
    assert follow_recalls() == []
    assert Delivery.objects.get().problem == "moved"
    settings.MINKA_RELEASE_TARGETS = {}
    assert follow_recalls() == []
    assert Delivery.objects.get().problem == "not_a_target"


def test_what_the_command_cannot_do_it_says(release: Release) -> None:
    with pytest.raises(CommandError, match="there is no release"):
        call_command("push_release", "20200101T000000Z", "espejo")
    with pytest.raises(CommandError, match="not_a_target; the targets are: none"):
        call_command("push_release", release.version, "espejo")


def test_the_settings_name_targets_and_take_no_secret() -> None:
    good = "a=file:///srv/x b=s3://cubo/p?endpoint=http://almacen:9000&region=x&key=K&secret=S c=hub://o/n?token=T"
    assert list(_targets(good)) == ["a", "b", "c"]
    assert _targets("") == {}
    for wrong in ("file:///srv/x", "a=ftp://x/y", "a=s3://llave:SECRETO@cubo/x", "a=s3://cubo?secret=SECRETOmuy/largo",
                  "a=hub://solo", "a=file:///x a=file:///y", "A=file:///x", "a=file://", "a=s3://cubo?otra=SECRETO",
                  "a=s3://cubo?endpoint=http://yo:SECRETO@x"):  # fmt: skip
        with pytest.raises(ImproperlyConfigured) as told:
            _targets(wrong)
        assert "SECRETO" not in str(told.value)


def test_a_folder_seen_while_it_is_written_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hola")
    (tmp_path / "espejo").mkdir()
    target = Folder(tmp_path / "espejo")
    target.put("1", "a/x", tmp_path / "x")
    assert not (tmp_path / "espejo" / "1").exists()
    assert target.there("1") == {"a/x": 4}
    target.show("1", {}, newest=True)
    assert json.dumps(sorted(read(tmp_path / "espejo" / "1"))) == '["a/x"]'


def test_nobody_outside_sees_receipts() -> None:
    assert Client().get("/admin/annotations/delivery/").status_code == 302
