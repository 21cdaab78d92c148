"""After a restore the folders say what the rows say, and what people asked for after the moment is done again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotations.assignments.models import Judgement
from annotations.datasets.actions import publish
from annotations.datasets.ending import has_its_tombstone
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Membership, Release
from annotations.datasets.restoring import make_true
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
    written, lost = make_true()
    assert (sorted(written), lost) == (sorted(release.version for release in several[:2]), [])
    assert [contents(release) for release in several] == before
    assert make_true() == ([], [])


def test_a_release_that_kept_nothing_is_lost_and_told(several: list[Release]) -> None:
    gone = several[0]
    shutil.rmtree(folder_of(gone.version))
    Membership.objects.filter(release=gone).delete()
    assert make_true() == ([], [gone.version])
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
        json.dumps({"erased": [[str(subject), TOO]], "consents": [[str(other), "withdraw", {}, "es", ""]]})
    )
    call_command("after_restore", str(promises))
    assert "Erased again: 1. Consent taken back again: 1." in capsys.readouterr().out
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
