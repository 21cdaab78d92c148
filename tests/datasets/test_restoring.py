"""After a restore the folders say what the rows say, and what people asked for after the moment is done again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotations.assignments.models import Judgement
from annotations.datasets import manifest as mf
from annotations.datasets import restoring
from annotations.datasets.actions import publish
from annotations.datasets.ending import has_its_tombstone
from annotations.datasets.folders import folder_of
from annotations.datasets.membership import Lost
from annotations.datasets.models import Membership, Release
from annotations.datasets.queries import published
from annotations.datasets.rebuilding import write_again
from annotations.datasets.restoring import Made, make_true
from annotations.datasets.verify import problems
from annotations.people.models import Consent, Person
from annotations.people.rights.again import keep_promises
from annotations.people.rights.models import Request

pytestmark = pytest.mark.django_db(transaction=True)
TOO, LEFT = Request.Reason.CONTRIBUTIONS_TOO, Request.Reason.CONTRIBUTIONS_LEFT


def contents(release: Release) -> dict[str, bytes]:
    folder = folder_of(release.version)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_missing_or_broken_is_written_again_to_the_byte(several: list[Release]) -> None:
    before = [contents(release) for release in several]
    shutil.rmtree(folder_of(several[0].version))
    next(folder_of(several[1].version).rglob("*.parquet")).write_bytes(b"half")
    assert make_true() == Made(written=[several[1].version, several[0].version])
    assert [contents(release) for release in several] == before
    assert make_true() == Made()


def test_what_was_taken_back_after_the_moment_is_taken_back_again(several: list[Release]) -> None:
    """The rows are of before; the folders, or what the log said, know it."""
    sentence, log, erased = several
    for release, reason in ((sentence, "wrong"), (erased, "erased")):
        told = {"release": release.version, "reason": reason} | ({"why": "Dos veces"} if reason == "wrong" else {})
        (folder_of(release.version) / mf.TOMBSTONE).write_text(json.dumps(told))
    made = make_true([[log.version, "licence", "No se puede"]])
    assert (sorted(made.recalled), made.written, made.lost) == (sorted(each.version for each in several), [], [])
    facts = {each.version: (each.state, each.reason, each.why) for each in Release.objects.all()}
    assert facts[sentence.version] == ("recalled", "wrong", "Dos veces")
    assert facts[log.version] == ("recalled", "licence", "No se puede")
    assert facts[erased.version][:2] == ("recalled", "personal")
    assert len(facts) == 3, "and no clean one is made of what nobody knows"
    assert not any(path.suffix == ".parquet" for each in several for path in folder_of(each.version).rglob("*"))
    assert make_true() == Made()


def test_a_held_release_comes_back_out_of_sight(several: list[Release]) -> None:
    held = several[2]
    Release.objects.filter(pk=held.pk).update(held_since=timezone.now())
    before = contents(held)
    shutil.rmtree(folder_of(held.version))
    assert make_true() == Made(written=[held.version])
    assert contents(held) == before
    assert published().first() == several[1]


def test_what_cannot_be_written_again_stays_as_it_is_and_keeps_no_other_waiting(
    several: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    for release in several[1:]:
        next(folder_of(release.version).rglob("*.parquet")).write_bytes(b"half")
    left = contents(several[2])

    def loses(release: Release, staging: Path) -> None:
        if release == several[2]:
            staging.mkdir()
            raise Lost("1 text")
        write_again(release, staging)

    monkeypatch.setattr(restoring, "write_again", loses)
    assert make_true() == Made(written=[several[1].version], lost=[several[2].version])
    assert contents(several[2]) == left
    assert [path.name for path in folder_of("x").parent.iterdir() if path.name.startswith(".2")] == []


def test_a_release_that_kept_nothing_is_lost_and_told(several: list[Release]) -> None:
    gone = several[0]
    shutil.rmtree(folder_of(gone.version))
    Membership.objects.filter(release=gone).delete()
    assert make_true() == Made(lost=[gone.version])
    with pytest.raises(CommandError, match=gone.version):
        call_command("after_restore")


def test_who_was_erased_after_the_moment_is_erased_again_and_leaves_the_releases(
    crowd: list[Person], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, bruno = crowd
    release = publish()
    subject, other = ana.subject, bruno.subject
    promises = tmp_path / "promises.json"
    promises.write_text(
        json.dumps(
            {
                "erased": [[str(subject), TOO]],
                "consents": [[str(other), "withdraw", {}, "es", ""]],
                "documents": [["Acuerdo 7", "Sí"]],
                "recalled": [],
            }
        )
    )
    call_command("after_restore", str(promises))
    assert "Erased again: 1. Consent taken back again: 1. Documents withdrawn again: 0." in capsys.readouterr().out
    assert not promises.exists()
    assert not Person.objects.filter(subject=subject).exists()
    assert Judgement.objects.count() == 2
    assert Person.objects.get(subject=other).consent is None
    assert has_its_tombstone(Release.objects.get(pk=release.pk))
    assert problems(folder_of(f"{release.version}+w1")) == []


def test_promises_are_kept_as_they_were_meant_and_once(crowd: list[Person]) -> None:
    ana, bruno = crowd
    erased = [[str(ana.subject), LEFT], ["8d3b1c5e-0000-4000-8000-000000000001", TOO]]
    consents = [last(bruno, Consent.Act.GIVE), last(ana, Consent.Act.LEAVE)]
    assert keep_promises(erased=erased, consents=consents) == (1, 0)
    assert Judgement.objects.count() == 4
    assert Person.objects.get(pk=bruno.pk).consent
    assert keep_promises(erased=erased, consents=consents) == (0, 0)


def last(person: Person, act: str, **other: bool) -> Any:
    """Their last act in the ledger, as a restore reads it from the log."""
    assert person.consent
    consent = person.consent
    return str(person.subject), act, consent.purposes | other, consent.language, consent.contribution_licence


def test_who_agreed_to_less_afterwards_has_agreed_to_less(crowd: list[Person]) -> None:
    ana, bruno = crowd
    before = ana.consent.purposes if ana.consent else {}
    assert before["publish"]
    assert not before["research"]
    consents = [last(ana, Consent.Act.GIVE, publish=False, research=True), last(bruno, Consent.Act.GIVE, research=True)]
    assert keep_promises(erased=[], consents=consents) == (0, 1)
    now = Person.objects.select_related("consent").get(pk=ana.pk).consent
    assert now
    assert now.purposes == before | {"publish": False}, "and to nothing more"
    assert Person.objects.get(pk=bruno.pk).consent_id == bruno.consent_id
    assert keep_promises(erased=[], consents=consents) == (0, 0)
