"""The Python client against a running house: what it sends is kept once, what it fetches is what was published."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.contrib.auth.models import Permission

from annotations.assignments.models import Campaign, Item, Judgement
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.recalls.actions import recall_due
from annotations.datasets.verify import problems
from annotations.people.actions import new_token
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from minka_client import Damaged, Minka, Refused, Turn, Unreachable, client
from minka_client.fetching import fetch
from minka_client.things import File, Release
from tests.cast import line, people, world

pytestmark = pytest.mark.django_db(transaction=True)
TURN = {
    "assignment": str(uuid.uuid4()), "kind": "vote", "expires_at": "2026-11-28T10:00:00Z",
    "item": {"id": "1", "variety": "es-CL", "prompt": [{"role": "user", "content": "¿?"}],
             "outputs": [{"key": "a", "text": "Sí."}, {"key": "b", "text": "No."}]},
}  # fmt: skip


@pytest.fixture
def campaign() -> Campaign:
    return world(line("1"), line("2"), needed=1)


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


@pytest.fixture
def minka(live_server, ana: Person) -> Iterator[Minka]:
    with Minka(live_server.url, new_token(person=ana)) as connected:
        yield connected


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch) -> None:
    monkeypatch.setattr(Minka, "_wait", staticmethod(lambda *_said: None))


# Turns --------------------------------------------------------------------------------------------------------------


def test_a_turn_is_taken_answered_taken_back_and_there_is_nothing_more(minka: Minka) -> None:
    turn = minka.next("prueba")
    assert turn
    assert (turn.kind, turn.variety, [output.key for output in turn.outputs]) == ("vote", "es-CL", ["a", "b"])
    assert minka.next("prueba").assignment == turn.assignment
    received = minka.answer(turn, {"preferred": "a", "strength": 2}, seconds=4.5, and_next=True)
    assert (received.late, received.undone) == (False, False)
    assert received.next
    assert received.next.assignment != turn.assignment
    assert minka.undo(received.key).undone
    minka.opt_out(received.next, "no_se")
    again = minka.next("prueba")
    assert again
    assert again.assignment == turn.assignment, "what was taken back is there to be answered"
    minka.answer(again, {"preferred": "tie"})
    assert minka.next("prueba") is None
    said = Judgement.objects.order_by("pk").values_list("opt_out", "seconds", "vote__outcome")
    assert list(said) == [("", 4.5, "output"), ("no_se", None, None), ("", None, "tie")]


def test_an_answer_sent_twice_under_its_key_is_one(minka: Minka) -> None:
    turn, key = minka.next("prueba"), uuid.uuid4()
    first, again = (minka.answer(turn, {"preferred": "tie"}, key=key) for _time in range(2))
    assert (first, Judgement.objects.count()) == (again, 1)


def test_a_no_has_its_code_and_its_sentence(minka: Minka, live_server) -> None:
    turn = minka.next("prueba")
    with pytest.raises(Refused) as said:
        minka.answer(turn, {"preferred": "z"})
    assert (said.value.status, said.value.code, list(said.value.errors)) == (400, "invalid", ["preferred"])
    with Minka(live_server.url) as stranger, pytest.raises(Refused, match="not_authenticated"):
        stranger.me()


# Items --------------------------------------------------------------------------------------------------------------


def test_any_number_of_items_goes_in_batches_and_lines_are_counted_over_all(minka, ana, monkeypatch) -> None:
    ana.user_permissions.add(Permission.objects.get(codename="add_item"))
    monkeypatch.setattr(client, "BATCH", 3)
    items = [line(f"n{number}") for number in range(7)] + [line("1"), {"id": "x"}, {"id": "y"}, {"id": "z"}]
    report = minka.add_items("prueba", iter(items))
    assert (report.added, report.known, report.refused_lines) == (7, 1, 3)
    assert [(each.line, each.id) for each in report.refused if each.field == "variety"] == [
        (9, "x"),
        (10, "y"),
        (11, "z"),
    ]
    assert minka.add_items("prueba", items).added == 0
    assert Item.objects.count() == 9


def test_whoever_may_not_import_is_told_so(minka: Minka) -> None:
    with pytest.raises(Refused, match="forbidden"):
        minka.add_items("prueba", [line("3")])


# Releases -----------------------------------------------------------------------------------------------------------


def published(minka: Minka) -> Release:
    minka.answer(minka.next("prueba"), {"preferred": "a"})
    publish()
    (release,) = minka.releases()
    return release


def test_a_release_is_fetched_whole_and_a_second_time_is_there(minka: Minka, tmp_path: Path) -> None:
    release = published(minka)
    folder = minka.fetch(release, tmp_path)
    assert folder == tmp_path / release.version
    assert problems(folder) == []
    ours = folder_of(release.version)
    assert {path.relative_to(folder) for path in folder.rglob("*")} == {
        path.relative_to(ours) for path in ours.rglob("*")
    }
    assert minka.fetch(release, tmp_path) == folder


def test_a_file_that_was_cut_off_is_gone_on_with(minka: Minka, tmp_path: Path, monkeypatch) -> None:
    release, asked = published(minka), []
    honest = minka._pieces
    monkeypatch.setattr(minka, "_pieces", lambda url, start: asked.append(start) or honest(url, start))
    name = next(file.name for file in release.files if file.name.startswith("data/"))
    part = tmp_path / f".{release.version}" / f"{name}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes((folder_of(release.version) / name).read_bytes()[:100])
    assert problems(minka.fetch(release, tmp_path)) == []
    assert [start for start in asked if start] == [100]


@pytest.mark.parametrize("begun", [b"something else entirely, and of some length", b""])
def test_what_is_not_what_the_release_says_is_named_and_nothing_is_there(minka, tmp_path, begun: bytes) -> None:
    release = published(minka)
    target = next(path for path in folder_of(release.version).rglob("*.parquet"))
    target.write_bytes(target.read_bytes()[:-1] + b"!")
    if begun:
        part = tmp_path / f".{release.version}" / target.relative_to(folder_of(release.version))
        part.parent.mkdir(parents=True)
        part.with_name(f"{part.name}.part").write_bytes(begun)
    with pytest.raises(Damaged, match="parquet"):
        minka.fetch(release, tmp_path)
    assert not (tmp_path / release.version).exists()


def test_a_release_that_was_recalled_is_not_given_and_what_must_go_is_told(
    minka, ana, live_server, tmp_path: Path
) -> None:
    release = published(minka)
    minka.fetch(release, tmp_path)
    erase(person=ana, contributions=True)
    recall_due()
    minka = Minka(live_server.url)
    (clean,) = minka.releases()
    assert clean.version == f"{release.version}+w1"
    (gone,) = [each for each in minka.releases(recalled=True) if each.is_recalled]
    assert (gone.version, gone.replaced_by) == (release.version, clean.version)
    with pytest.raises(Refused, match="recalled"):
        minka.fetch(gone, tmp_path)
    (told,) = minka.withdrawals()
    assert (told["release"], len(told["records"]["judgements"])) == (release.version, 1)
    assert problems(minka.fetch(clean, tmp_path)) == []


def test_a_name_that_leads_elsewhere_is_no_name(tmp_path: Path) -> None:
    evil = Release("v", None, "", {}, [File("../../evil", "/x", None, None)])
    with pytest.raises(Damaged):
        fetch(evil, tmp_path / "data", lambda _url, _start: iter([(0, b"!")]))
    assert not (tmp_path / "evil").exists()


# A bad network ------------------------------------------------------------------------------------------------------


def through(answers: Callable[[httpx.Request, int], httpx.Response], **how) -> tuple[Minka, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answers(request, len(asked))

    return Minka("http://casa", "t", transport=httpx.MockTransport(answer), **how), asked


def test_what_got_no_answer_is_sent_again_under_the_same_key() -> None:
    def cut(request: httpx.Request, nth: int) -> httpx.Response:
        if nth < 3:
            raise httpx.ReadError("cut", request=request)
        key = request.url.path.split("/")[-2]
        told = {"id": key, "assignment": TURN["assignment"], "late": False, "state": "received"}
        return httpx.Response(201, json=told | {"received_at": "2026-11-28T10:00:00Z"})

    minka, asked = through(cut)
    received = minka.answer(Turn.of(TURN), {"preferred": "a"})
    assert {request.url.path for request in asked} == {f"/api/v1/judgements/{received.key}/"}
    assert len(asked) == 3


def test_later_is_asked_again_and_then_told() -> None:
    minka, asked = through(lambda _request, _nth: httpx.Response(503, text="…"), tries=4)
    with pytest.raises(Refused, match="http_503"):
        minka.next("prueba")
    assert len(asked) == 4


def test_nobody_there_is_told_after_so_many_tries() -> None:
    def nobody(request: httpx.Request, _nth: int) -> httpx.Response:
        raise httpx.ConnectError("nobody", request=request)

    minka, asked = through(nobody, tries=2)
    with pytest.raises(Unreachable, match="nobody"):
        minka.next("prueba")
    assert len(asked) == 2


def test_a_download_that_breaks_off_goes_on_from_where_it_was(tmp_path: Path) -> None:
    whole = bytes(range(256)) * 40

    def half(start: int) -> Iterator[bytes]:
        yield whole[start : start + 4_000]
        raise httpx.ReadError("cut")

    def answers(request: httpx.Request, nth: int) -> httpx.Response:
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        stream = half(start) if nth < 3 else iter([whole[start:]])
        return httpx.Response(206 if start else 200, content=stream)

    minka, asked = through(answers)
    release = Release("v", None, "", {}, [File("a.bin", "/files/a.bin", None, len(whole))])
    assert (minka.fetch(release, tmp_path) / "a.bin").read_bytes() == whole
    assert [request.headers.get("Range") for request in asked] == [None, "bytes=4000-", "bytes=8000-"]
