"""A release: every judgement and every item stands in it once, with a reason where it is left out."""

import datetime as dt
import json
import shutil
import uuid
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.utils import timezone

from annotations.assignments.actions import undo
from annotations.assignments.models import Judgement
from annotations.corpus.models import Output, Prompt
from annotations.datasets import manifest as mf
from annotations.datasets.actions import folder_of, publish, publish_due
from annotations.datasets.configs import base, preference
from annotations.datasets.models import Release
from annotations.datasets.night import due_slot
from annotations.datasets.proof import Unsound
from annotations.datasets.pseudonyms import release_key
from annotations.datasets.verify import problems
from annotations.errors import Refused
from annotations.people.actions import give_consent, withdraw
from annotations.people.purposes import REQUIRED
from annotations.people.texts import consent_version
from tests.cast import answer, key_of, line, people, seat_at, world

pytestmark = pytest.mark.django_db(transaction=True)


def rows(folder: Path, config: str) -> list[dict]:
    return [r for path in sorted((folder / "data" / config).glob("*.parquet")) for r in pq.read_table(path).to_pylist()]


def why_no(folder: Path, config: str) -> dict[str, str]:
    """Why each item is not in a config, by its importer's name."""
    return {
        r["source_id"]: r["reason"] for r in rows(folder, "excluded") if (r["unit"], r["config"]) == ("item", config)
    }


def vote_all(campaign, crowd, choices: dict[str, list]) -> None:
    """Everybody answers everything; `choices` says what each person answers to each item, by position or code."""
    for number, person in enumerate(crowd):
        for _item in choices:
            seat = seat_at(person, campaign)
            choice = choices[seat.item.source_id][number]
            reply = {"preferred": choice}
            if isinstance(choice, tuple):
                reply = {"preferred": key_of(seat, choice[0]), "strength": choice[1]}
            elif choice.startswith("out:"):
                reply = {"opt_out": choice.removeprefix("out:")}
            answer(person, seat, reply)


CHOICES: dict[str, list] = {
    "wins": [(0, 2), (0, 1), (1, 1)],
    "tie": ["tie", "tie", (0, 1)],
    "bad": ["both_bad", "both_bad", "both_good"],
    "split": ["tie", (0, 1), (1, 1)],
    "cancels": [(0, 1), (0, 1), (1, 2)],
    "evaluates": [(0, 1)] * 3,
    "no-licence": [(0, 1)] * 3,
    "evaluate-only": [(1, 1)] * 3,
    "short": [(0, 1), (0, 1), "out:no_se"],
}


@pytest.fixture
def campaign():
    return world(
        *(line(name) for name in ("wins", "tie", "bad", "split", "cancels", "short")),
        line("evaluates", role="evaluate", permitted_use=["evaluate"]),
        line("no-licence", licence=""),
        line("evaluate-only", permitted_use=["evaluate"]),
    )


def test_everything_stands_once_and_says_why_it_is_left_out(campaign) -> None:
    crowd = people(3)
    vote_all(campaign, crowd, CHOICES)
    release = publish()
    folder = folder_of(release.version)
    assert problems(folder) == []
    (row,) = rows(folder, "preference")
    assert row["chosen"][0]["content"] == "Respuesta larga wins."
    assert row["margin"] == pytest.approx(2 / 3)
    assert row["meta"]["agreement"] == pytest.approx(2 / 3)
    assert why_no(folder, "preference") == {
        "tie": "tie",
        "bad": "both_bad",
        "split": "no_majority",
        "cancels": "zero_margin",
        "evaluates": "evaluate",
        "no-licence": "missing_licence",
        "evaluate-only": "not_permitted",
        "short": "unsettled",
    }
    out = sorted((r["source_id"], r["reason"]) for r in rows(folder, "excluded") if r["unit"] == "judgement")
    assert out == [("no-licence", "missing_licence")] * 3 + [("short", "no_se")]
    assert len(rows(folder, "judgements")) + len(out) == Judgement.objects.count() == 27
    evaluate = [r for r in rows(folder, "judgements") if r["source_id"] == "evaluates"]
    assert {r["split"] for r in evaluate} == {"evaluate"}
    assert "groups" not in (folder / "manifest.json").read_text()
    assert (folder.parent / "latest").resolve() == folder


def test_shown_order_and_preferred_key_are_told_in_the_items_own_order(campaign) -> None:
    crowd = people(3)
    vote_all(campaign, crowd, CHOICES)
    folder = folder_of(publish().version)
    wins = [r for r in rows(folder, "judgements") if r["source_id"] == "wins"]
    assert sorted((r["preferred"], r["strength"]) for r in wins) == [("a", 1), ("a", 2), ("b", 1)]
    assert {tuple(sorted(r["order_shown"])) for r in wins} == {("a", "b")}
    assert {tuple(r["models"]) for r in wins} == {("model-0", "model-1")}


def test_what_is_undone_or_withdrawn_leaves_the_next_release() -> None:
    campaign = world(line("1"), line("2"))
    ana, bruno, carmen = people(3)
    key = uuid.uuid4()
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"}, key)
    undo(person=ana, key=key)
    for person in (ana, bruno, carmen):
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    first = folder_of(publish().version)
    assert [r["reason"] for r in rows(first, "excluded") if r["unit"] == "judgement"] == ["undone"]
    withdraw(person=bruno)
    second = folder_of(publish().version)
    assert problems(second) == []
    reasons = sorted(r["reason"] for r in rows(second, "excluded") if r["unit"] == "judgement")
    assert reasons == ["undone", "withdrawn"]
    assert len(rows(second, "judgements")) == 2
    give_consent(person=bruno, purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC-BY-4.0")
    third = folder_of(publish().version)
    assert len(rows(third, "judgements")) == 2, "consenting again covers new work only"


def test_every_row_keeps_the_version_of_consent_it_was_made_under(settings) -> None:
    campaign = world(line("1"))
    before, crowd = consent_version(), people(3)
    for person in crowd[:2]:
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"hosting_provider": "Otra Nube"}
    give_consent(person=crowd[2], purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC-BY-4.0")
    answer(crowd[2], seat_at(crowd[2], campaign), {"preferred": "a"})
    folder = folder_of(publish().version)
    told = [r["consent_version"] for r in rows(folder, "judgements")]
    assert sorted(told) == sorted([before, before, consent_version()])
    assert before != consent_version()


def test_what_bridges_two_splits_is_told_by_its_votes_alone() -> None:
    campaign = world(line("stands"), line("bridges"))
    crowd = people(3)
    vote_all(campaign, crowd, {"stands": [(0, 2)] * 3, "bridges": [(0, 2)] * 3})
    Prompt.objects.filter(items__source_id="bridges").update(bridges=True)
    release = publish()
    folder = folder_of(release.version)
    for config in ("preference", "sft"):
        assert [row["meta"]["source_id"] for row in rows(folder, config)] == ["stands"], config
        assert why_no(folder, config) == {"bridges": "split_bridge"}, config
    assert len(rows(folder, "judgements")) == 6
    assert problems(folder) == []


def test_an_item_that_was_only_left_is_unsettled() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"opt_out": "no_se"})
    folder = folder_of(publish().version)
    for config in ("preference", "sft", "kto"):
        assert why_no(folder, config) == {"1": "unsettled"}


def test_two_releases_cannot_be_joined_on_people_or_items(campaign, settings) -> None:
    settings.MINKA_SMALL_CELL = 0
    vote_all(campaign, people(3), CHOICES)
    first, second = (rows(folder_of(publish().version), "judgements") for _time in range(2))
    for column in ("id", "item_id", "annotator"):
        assert not {r[column] for r in first} & {r[column] for r in second}
    assert len({r["annotator"] for r in first}) == 3
    assert release_key(b"master", "1") != release_key(b"master", "2") != release_key(b"other", "2")


def test_the_same_cutoff_gives_the_same_release_and_the_same_bytes(campaign) -> None:
    vote_all(campaign, people(3), CHOICES)
    release = publish()
    folder = folder_of(release.version)
    before = {name: mf.sha256_of(folder / name) for name in mf.files_of(folder)}
    assert publish(cutoff=release.cutoff).pk == release.pk
    shutil.rmtree(folder)
    Release.objects.all().delete()
    again = publish(cutoff=release.cutoff)
    assert {name: mf.sha256_of(folder / name) for name in mf.files_of(folder)} == before
    assert again.release_id == release.release_id


def test_what_comes_after_the_cutoff_waits_for_the_next_release() -> None:
    campaign = world(line("1", role="train"), needed=1)
    ana, bruno = people(2)
    first = publish()
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    second = publish()
    late = publish(cutoff=first.cutoff)
    assert late.pk == first.pk
    assert (first.manifest["books"]["judgements"], second.manifest["books"]["judgements"]) == (0, 1)
    assert bruno.consent


def test_a_cutoff_in_the_future_is_refused() -> None:
    world()
    with pytest.raises(Refused, match="invalid"):
        publish(cutoff=timezone.now().replace(microsecond=0) + dt.timedelta(hours=1))


def test_the_night_publishes_once_and_not_when_nothing_was_judged() -> None:
    campaign = world(line("1"))
    tomorrow = timezone.now() + dt.timedelta(days=1)
    assert publish_due() is None
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    Judgement.objects.update(received_at=due_slot(timezone.now()) - dt.timedelta(hours=1))
    release = publish_due()
    assert release
    assert release.cutoff == due_slot(timezone.now())
    assert publish_due() is None
    assert due_slot(tomorrow) == release.cutoff + dt.timedelta(days=1)


def test_a_null_in_a_required_column_stops_the_release(campaign, monkeypatch) -> None:
    vote_all(campaign, people(3), CHOICES)
    honest = base.meta_of
    monkeypatch.setattr(preference, "meta_of", lambda *facts: honest(*facts) | {"chosen_licence": None})
    with pytest.raises(ValueError, match="is null in a written row"):
        publish()
    assert Release.objects.count() == 0


def test_a_row_that_forgets_a_column_stops_the_release(campaign, monkeypatch) -> None:
    """Also one that may be null: written as null, nobody would ever see that it was forgotten."""
    vote_all(campaign, people(3), CHOICES)
    honest = base.meta_of

    def forgetful(*facts: object) -> dict[str, object]:
        return {name: value for name, value in honest(*facts).items() if name != "country"}

    monkeypatch.setattr(preference, "meta_of", forgetful)
    with pytest.raises(ValueError, match="country is not in a written row"):
        publish()
    assert Release.objects.count() == 0


@pytest.mark.parametrize("lost", ["judgements", "preference", "sft", "kto"])
def test_a_release_that_loses_a_row_is_not_published(campaign, monkeypatch, lost: str) -> None:
    """The sabotaged twin of the books: drop one row on the way, and nothing is published."""
    vote_all(campaign, people(3), CHOICES)
    from annotations.datasets import columns

    honest, gone = columns.routed, []

    def lossy(config, part, batch, terms):
        for into, split, records in honest(config, part, batch, terms):
            derived = [(row.get("meta") or {}).get("derived", False) for row in records.to_pylist()]
            if config == lost and not gone and False in derived:  # further rows of an item are in no book
                gone.append(derived.index(False))
                yield into, split, records.slice(0, gone[0])
                yield into, split, records.slice(gone[0] + 1)
            else:
                yield into, split, records

    monkeypatch.setattr(columns, "routed", lossy)
    with pytest.raises(Unsound, match="do not balance"):
        publish()
    assert Release.objects.count() == 0
    monkeypatch.setattr(columns, "routed", honest)
    assert problems(folder_of(publish().version)) == []


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda folder: (folder / "README.md").write_text("other"), "README.md: has"),
        (lambda folder: (folder / "data" / "extra").write_text("x"), "data/extra: is not named"),
        (lambda folder: next(folder.glob("data/preference/*")).unlink(), "is missing"),
        (lambda folder: flip(next(folder.glob("data/judgements/train*"))), "its checksum is not"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "not a manifest"),
        (lambda folder: edit(folder, '"judgements": 27', '"judgements": 28'), "SHA256SUMS: does not hold"),
    ],
)
def test_damage_is_named(campaign, damage, named: str) -> None:
    vote_all(campaign, people(3), CHOICES)
    folder = folder_of(publish().version)
    damage(folder)
    found = problems(folder)
    assert any(named in problem for problem in found), found


def test_a_column_of_another_type_is_named(campaign) -> None:
    vote_all(campaign, people(3), CHOICES)
    folder = folder_of(publish().version)
    path = next(folder.glob("data/excluded/*"))
    table = pq.read_table(path)
    pq.write_table(table.rename_columns(["unit", "id", "source_id", "config", "why"]), path)
    manifest = json.loads((folder / mf.NAME).read_text())
    rows_of = {name: facts["rows"] for name, facts in manifest["files"].items() if "rows" in facts}
    files = mf.describe(folder, rows_of)
    mf.write(folder, manifest | {"files": files, "release_id": mf.release_id(files)})
    assert any("wrong ['why'], missing ['reason']" in problem for problem in problems(folder))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "manifest.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_files_are_handed_out_whole_or_in_ranges(campaign) -> None:
    vote_all(campaign, people(3), CHOICES)
    release = publish()
    visitor = Client()
    (listed,) = visitor.get("/api/v1/releases/").json()
    assert listed["version"] == release.version
    url = listed["files"]["README.md"]["url"]
    whole = b"".join(visitor.get(url))
    assert whole == (folder_of(release.version) / "README.md").read_bytes()
    part = visitor.get(url, headers={"Range": "bytes=4-9"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 4-9/{len(whole)}")
    assert b"".join(part) == whole[4:10]
    assert b"".join(visitor.get(url, headers={"Range": "bytes=-5"})) == whole[-5:]
    assert visitor.get(url, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416
    assert visitor.get(url, headers={"Range": "bytes=" + "9" * 5_000 + "-"}).status_code in (200, 416)
    etag = part["ETag"]
    assert visitor.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert visitor.get(url, headers={"Range": "bytes=4-9", "If-Range": etag}).status_code == 206
    assert visitor.get(url, headers={"Range": "bytes=4-9", "If-Range": '"older"'}).status_code == 200
    assert visitor.get(url, headers={"Accept": "text/markdown"}).status_code == 200
    for wrong in ("../../../etc/passwd", "data", "nothing"):
        assert visitor.get(url.replace("README.md", wrong)).status_code == 404
    assert visitor.get(f"/releases/{release.version}/").status_code == 200
    assert Output.objects.exists()


def test_a_cutoff_is_a_whole_second_that_has_passed() -> None:
    moment = timezone.now()
    for cutoff in (moment.replace(microsecond=7), moment.replace(microsecond=0) + dt.timedelta(days=1)):
        with pytest.raises(Refused, match="invalid"):
            publish(cutoff=cutoff)
    assert not Release.objects.exists()
