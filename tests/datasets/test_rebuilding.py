"""A release is written again from what it kept: the same bytes, whatever happened since, or not at all."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command

from annotations.assignments.models import Campaign, Cell
from annotations.corpus.models import Output, Prompt, PromptGroup, Source
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.configs.base import Query
from annotations.datasets.membership import EXTERNAL_VOTES, blocks, kept, packed, unpacked
from annotations.datasets.models import Membership, Release
from annotations.datasets.names import terms_of
from annotations.datasets.proof import Unsound
from annotations.datasets.rebuilding import rebuild
from annotations.datasets.rows import CONFIGS, QUERIES
from annotations.datasets.snapshot import Reader, open_snapshot, shared
from annotations.datasets.sources import Live
from annotations.errors import Refused
from annotations.flagging.actions import decide
from annotations.flagging.models import Look
from annotations.people.actions import withdraw
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from annotations.people.stewards.actions import withdraw_variety
from annotations.reviewing.models import Reviewed
from tests.cast import govern, line, open_export, people, world
from tests.datasets.test_configs import (  # noqa: F401 -- two of them are fixtures
    flags,
    people_again,
    says,
    texts,
    vote_and_score,
)
from tests.datasets.test_release import CHOICES, rows, vote_all
from tests.flagging.test_hiding import moderator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def release(texts: Campaign, flags: Campaign) -> Release:  # noqa: F811
    """One in which every config has rows, and one of what was flagged is taught."""
    vote_and_score()
    PromptGroup.objects.filter(prompts__items__source_id="span").update(split="train")
    look = Look.objects.get(item__source_id="span")
    taken = list(look.flags.values_list("pk", flat=True))
    decide(moderator=moderator("dora"), look=look, decision="veiled", reason="Generaliza.", taken=taken)
    return publish()


def every_file(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def much_happens(settings: Any) -> None:
    """Later answers, two people who withdraw, other settings, stewards who close a variety, texts taken back, outputs
    held back, licences and looks that change."""
    carmen = moderator()
    ana, bea, caro = people_again()[:3]
    more = world(*(line(f"later-{number}") for number in range(3)), slug="despues", needed=1)
    says(ana, more, "vote", {"preferred": "tie"})
    says(bea, Campaign.objects.get(slug="prueba"), "demonstration", {"text": "Otra."})
    withdraw(person=ana)
    withdraw(person=caro)
    settings.MINKA_SMALL_CELL = 0
    Variety.objects.filter(tag="es-CL").update(governed="yes")
    Reviewed.objects.filter(outcome="edited").update(outcome="", text="", settled_at=None)
    Cell.objects.filter(item__kind="vote").update(held_back="broken")
    Output.objects.update(quarantine="other", licence="GPL-3.0")
    Source.objects.update(licence="")
    for look in Look.objects.exclude(decision="out"):
        decide(moderator=carmen, look=look, decision="out", reason="Visto.")


def test_the_same_bytes_after_much_has_happened(release: Release, settings: Any, tmp_path: Path) -> None:
    assert [name for name in CONFIGS if not rows(folder_of(release.version), name)] == []
    much_happens(settings)
    rebuild(version=release.version, folder=tmp_path / "again")
    assert every_file(tmp_path / "again") == every_file(folder_of(release.version))
    assert [path.name for path in tmp_path.iterdir()] == ["again"], "nothing is left beside it"
    assert publish().manifest["configs"]["preference"] == {"train": 0, "validation": 0, "test": 0}


def test_a_twin_that_reads_the_database_writes_other_bytes_and_is_refused(
    release: Release, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    much_happens(settings)
    with open_snapshot() as snapshot:
        twin = Live(snapshot, terms_of(release.version, release.cutoff), release)
        monkeypatch.setattr("annotations.datasets.sources.keep", lambda *_block: None)
        monkeypatch.setattr("annotations.datasets.rebuilding.Kept", lambda _release: twin)
        with pytest.raises(Unsound, match="is not the release that was published"):
            rebuild(version=release.version, folder=tmp_path / "again")
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_what_was_read_but_for_texts_that_stand_elsewhere(release: Release) -> None:
    terms = terms_of(release.version, release.cutoff)
    with open_snapshot() as snapshot, Reader(shared(snapshot)) as reader:
        for query, name in QUERIES.items():
            live = rows_of(reader.columns(query.sql, terms.facts), query)
            assert rows_of(kept(release, query), query) == live
            bare = rows_of(blocks(release, name))
            assert len(bare) == len(live) > 0
            assert not {name for row in bare for name in row} & {*query.refers, *query.found}
            said = {"batch_id": int} if name == EXTERNAL_VOTES else {"rests": list, "brought": list}
            assert all(isinstance(row[column], kind) for row in bare for column, kind in said.items())
    packed = "".join(str(rows_of(blocks(release, name))) for name in QUERIES.values())
    for prompt in Prompt.objects.all():
        assert prompt.messages[-1]["content"] not in packed or prompt.source.name == "community"


def rows_of(several: Iterator[pa.RecordBatch], query: Query | None = None) -> list[dict[str, Any]]:
    """Of a query, with the JSON of it read."""
    rows = [row for batch in several for row in batch.to_pylist()]
    if query and "messages" in query.refers:
        rows = [row | {"messages": json.loads(row["messages"])} for row in rows]
    return rows


def test_blocks_follow_one_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("annotations.datasets.snapshot.BYTES", 1)
    campaign = world(*(line(name) for name in CHOICES))
    vote_all(campaign, people(3), CHOICES)
    release = publish()
    places = list(Membership.objects.filter(release=release, query="judgements/0").values_list("place", flat=True))
    assert places == list(range(len(places)))
    assert 9 <= len(places) <= 27, "a row each, but for neighbours of one cell"
    rebuild(version=release.version, folder=tmp_path / "again")
    assert every_file(tmp_path / "again") == every_file(folder_of(release.version))


def test_a_folder_that_was_lost_is_written_again_by_its_cutoff(release: Release, settings: Any) -> None:
    before = every_file(folder_of(release.version))
    shutil.rmtree(folder_of(release.version))
    much_happens(settings)
    assert publish(cutoff=release.cutoff).pk == release.pk
    assert every_file(folder_of(release.version)) == before


def test_after_an_erasure_it_is_refused_and_told_what_must_go(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ana = people_again()[0]
    erase(person=ana, contributions=True)
    with pytest.raises(CommandError, match="recalled"):
        call_command("rebuild_release", release.version, str(tmp_path / "again"))
    assert list(tmp_path.iterdir()) == []
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == f"The release in its place is {release.version}+w1."
    named = {tuple(row.split()) for row in told[:-1]}
    taught = {("sft", row["meta"]["record_id"]) for row in rows(folder_of(release.version), "sft")}
    assert taught <= named, "Ana wrote all that is taught, or voted for it"
    shutil.rmtree(folder_of(release.version))
    with pytest.raises(Refused, match="recalled"):
        publish(cutoff=release.cutoff)
    assert not folder_of(release.version).exists(), "a lost folder does not bring it back"


def erased_meanwhile(person: Person, write: Callable[..., None]) -> Callable[..., None]:
    def writing(*facts: Any) -> None:
        write(*facts)
        erase(person=person, contributions=True)

    return writing


def test_who_is_erased_while_it_is_written_is_not_in_it(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotations.datasets import rebuilding

    monkeypatch.setattr(rebuilding, "write", erased_meanwhile(people_again()[0], rebuilding.write))
    with pytest.raises(Refused, match="recalled"):
        rebuild(version=release.version, folder=tmp_path / "again")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_as_it_was_is_not_written(release: Release, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not_found"):
        rebuild(version="20200101T000000Z", folder=tmp_path / "again")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(Refused, match="invalid"):
        rebuild(version=release.version, folder=tmp_path / "full")
    Output.objects.filter(text="Sí.").update(text="No se dijo así.")
    with pytest.raises(Unsound, match="is not the release that was published"):
        rebuild(version=release.version, folder=tmp_path / "again")
    Membership.objects.all().delete()
    with pytest.raises(Refused, match="not_open"):
        rebuild(version=release.version, folder=tmp_path / "again")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_text_that_is_not_there_any_more_is_named(release: Release, tmp_path: Path) -> None:
    block = Membership.objects.get(query="scores/0")
    rows = unpacked(bytes(block.body))
    lost = pa.array([10**9] * rows.num_rows)
    block.body = packed(Query(""), rows.set_column(rows.schema.get_field_index("output_id"), "output_id", lost))
    block.save()
    with pytest.raises(CommandError, match="1 texts of the table of outputs are not there"):
        call_command("rebuild_release", release.version, str(tmp_path / "again"))
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_names_every_input(release: Release) -> None:
    inputs = release.manifest["inputs"]
    assert set(inputs) == {"decisions", "lock_sha256", "settings_sha256", "code_sha256"}
    assert set(inputs["decisions"]) == {
        "verdict", "consent", "opened", "hidden", "read", "looked", "erased", "revoked",
    }  # fmt: skip
    assert release.manifest["cutoff"] == release.cutoff.isoformat()


def test_what_stewards_closed_since_comes_again_as_it_was_published(tmp_path: Path) -> None:
    several = govern("quz")
    campaign = world(line("q", variety="quz"), needed=1)
    open_export(several, "quz")
    (ana,) = people(1, "quz")
    says(ana, campaign, "vote", {"preferred": "a"})
    release = publish()
    assert [row["source_id"] for row in rows(folder_of(release.version), "judgements")] == ["q"]
    withdraw_variety(person=several[0], variety=Variety.objects.get(tag="quz"), code="misuse", text="Por ahora no.")
    assert rows(folder_of(publish().version), "judgements") == []
    rebuild(version=release.version, folder=tmp_path / "again")
    assert every_file(tmp_path / "again") == every_file(folder_of(release.version))
