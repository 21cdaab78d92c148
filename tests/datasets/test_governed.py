"""Governed varieties in releases: nothing without a decision in force, and nothing for longer than it holds."""

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from annotations.assignments.models import Campaign, Item, Judgement
from annotations.assignments.seats import next_for
from annotations.assignments.stewards.actions import answer as answer_decision
from annotations.assignments.stewards.actions import mark_restricted, propose_restoring, withhold
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.configs import base
from annotations.datasets.configs.preference import VERDICTS
from annotations.datasets.manifest import NAME
from annotations.datasets.names import terms_of
from annotations.datasets.rows import SPLITS
from annotations.datasets.snapshot import Reader, Sight, open_snapshot, shared
from annotations.datasets.verify import problems
from annotations.people.models import Person, Variety
from annotations.people.stewards.actions import add_label, end_label, propose, revoke, withdraw_variety
from tests.cast import answer, govern, in_days, key_of, line, open_export, people, world

pytestmark = pytest.mark.django_db(transaction=True)


def quz() -> Variety:
    return Variety.objects.get(tag="quz")


def rows(folder: Path, config: str) -> list[dict]:
    return [r for path in sorted((folder / "data" / config).glob("*.parquet")) for r in pq.read_table(path).to_pylist()]


def judged(campaign: Campaign) -> Campaign:
    """Three speakers of each variety judge everything they may; the first output wins."""
    crowd = list(Person.objects.filter(username__startswith="persona")) or [*people(3, "quz"), *people(3)]
    for person in crowd:
        while seat := next_for(person=person, campaign=campaign):
            answer(person, seat, {"preferred": key_of(seat, 0)})
    return campaign


def a_cutoff_of_its_own() -> dt.datetime:
    """A whole second that has passed, behind everything so far, and under which nothing is published."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.1)")
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def several() -> list[Person]:
    return govern("quz")


@pytest.fixture
def campaign(several: list[Person]) -> Campaign:
    return judged(world(line("q1", variety="quz"), line("q2", variety="quz"), line("es")))


def released() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """({config: the records in it}, {reason: the records out of it}) of a new release that passed its own proof; what
    stands in another config stands in `judgements` too."""
    folder = folder_of(publish().version)
    assert problems(folder) == []
    inside = {config: {row.get("source_id") or row["meta"]["source_id"] for row in rows(folder, config)}
              for config in SPLITS if config != "excluded"}  # fmt: skip
    others = [inside.pop(config) for config in SPLITS if config not in ("preference", "judgements", "excluded")]
    assert set().union(*others) <= inside["judgements"]
    out: dict[str, set[str]] = {}
    for row in [row for row in rows(folder, "excluded") if row["config"] in inside]:
        out.setdefault(row["reason"], set()).add(row["source_id"])
    assert len(rows(folder, "judgements")) + sum(r["unit"] == "judgement" for r in rows(folder, "excluded")) == (
        Judgement.objects.count()
    )
    return inside, out


SPANISH = {"preference": {"es"}, "judgements": {"es"}}
ALL = {"preference": {"es", "q1", "q2"}, "judgements": {"es", "q1", "q2"}}


def test_without_a_decision_in_force_a_governed_variety_stands_nowhere(campaign: Campaign, several) -> None:
    assert released() == (SPANISH, {"governed": {"q1", "q2"}})
    decision = propose(person=several[0], variety=quz(), kind="export", reason="x", expires_at=in_days(9))
    assert released() == (SPANISH, {"governed": {"q1", "q2"}}), "a proposal opens nothing"
    answer_decision(person=several[1], decision=decision, approves=True)
    assert released() == (ALL, {})


def test_the_sabotaged_twin_sees_the_rows_when_the_filter_is_off(campaign: Campaign, monkeypatch) -> None:
    monkeypatch.setattr(base, "why_stewards_keep", lambda _row: "")
    assert released() == (ALL, {})


def test_after_its_end_the_next_release_is_without_it(campaign: Campaign, several) -> None:
    open_export(several, "quz", expires_at=timezone.now() + dt.timedelta(seconds=8))
    assert released() == (ALL, {})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(extract(epoch FROM max(expires_at) - clock_timestamp()))"
                       " FROM annotations_stewardsdecision")  # fmt: skip
    assert released() == (SPANISH, {"governed": {"q1", "q2"}})


def test_what_runs_out_while_a_release_is_written_is_in_all_of_it_or_in_none(campaign: Campaign, several) -> None:
    """Each worker at it has a clock of its own; the moment they share decides."""
    open_export(several, "quz")
    several, free = govern("gug"), Variety.objects.get(tag="gug")
    people(3, "gug")
    judged(world(line("g1", variety="gug"), slug="otra"))
    freed = propose(person=several[0], variety=free, kind="ungoverned", reason="x", expires_at=in_days(30))
    answer_decision(person=several[1], decision=freed, approves=True)
    terms = terms_of("v", timezone.now())
    with open_snapshot() as snapshot:
        sight = shared(snapshot)
        for moment, governed in ((sight.moment, False), (in_days(29), False), (in_days(31), True)):
            with Reader(Sight(sight.name, str(moment))) as reader:
                batches = reader.columns(VERDICTS.sql, terms.facts)
                seen = {row["source_id"]: row["governed"] for batch in batches for row in batch.to_pylist()}
            assert seen == {"es": False, "q1": governed, "q2": governed, "g1": governed}


def test_after_revoking_the_next_release_is_without_it_whatever_its_cutoff(campaign: Campaign, several) -> None:
    decision = open_export(several, "quz")
    assert released() == (ALL, {})
    before = a_cutoff_of_its_own()
    revoke(person=several[1], decision=decision, code="harm", text="Nos copiaron")
    assert released() == (SPANISH, {"governed": {"q1", "q2"}})
    folder = folder_of(publish(cutoff=before).version)
    assert {row["source_id"] for row in rows(folder, "judgements")} == {"es"}, "closing counts at once"


def test_one_steward_takes_the_whole_variety_out_of_the_next_release(campaign: Campaign, several) -> None:
    open_export(several, "quz")
    withdraw_variety(person=several[0], variety=quz(), code="misuse", text="Contra la carta")
    assert released() == (SPANISH, {"governed": {"q1", "q2"}})


def test_what_opens_counts_from_the_cutoff_on(campaign: Campaign, several) -> None:
    before = a_cutoff_of_its_own()
    open_export(several, "quz")
    folder = folder_of(publish(cutoff=before).version)
    assert {row["source_id"] for row in rows(folder, "judgements")} == {"es"}
    assert released() == (ALL, {})


def test_a_decision_opens_its_slice_and_no_more(campaign: Campaign, several) -> None:
    world(line("q3", variety="quz"), slug="otra")
    judged(Campaign.objects.get(slug="otra"))
    open_export(several, "quz", campaign="otra")
    inside, out = released()
    assert inside["judgements"] == {"es", "q3"}
    assert out == {"governed": {"q1", "q2"}}
    open_export(several, "quz", until=in_days(-1).date())
    open_export(several, "quz", item_kind="flag")
    assert released()[0]["judgements"] == {"es", "q3"}
    open_export(several, "quz", since=in_days(-1).date(), until=in_days(0).date(), item_kind="vote")
    assert released()[1] == {}


def test_an_item_judged_in_a_governed_variety_is_governed_too(several) -> None:
    judged(world(line("es"), judged_in=["quz", "es-CL"]))
    inside, out = released()
    assert inside["preference"] == {"es"}
    assert out == {"governed": {"es"}}
    folder = folder_of(publish().version)
    assert {row["judge_variety"] for row in rows(folder, "judgements")} == {"es-CL"}
    assert {row["meta"]["judged_as"] for row in rows(folder, "preference")} == {"es-CL"}


def test_the_charter_s_uses_narrow_what_is_permitted() -> None:
    several = govern("quz", permitted_use=["evaluate"])
    judged(world(line("q1", variety="quz")))
    open_export(several, "quz")
    inside, out = released()
    assert inside == {"preference": set(), "judgements": {"q1"}}
    assert out == {"not_permitted": {"q1"}}
    folder = folder_of(publish().version)
    assert {tuple(row["permitted_use"]) for row in rows(folder, "judgements")} == {("evaluate",)}


def test_a_decision_under_a_revoked_charter_permits_nothing(campaign: Campaign, several) -> None:
    open_export(several, "quz")
    revoke(person=several[0], decision=quz().charters.get().decision, code="harm", text="Basta")
    assert released() == (SPANISH, {"not_permitted": {"q1", "q2"}})


def test_a_variety_that_needs_no_governance_is_released_as_any_other() -> None:
    several = govern("gug")
    people(3, "gug")
    judged(world(line("g1", variety="gug")))
    assert released()[1] == {"governed": {"g1"}}
    decision = propose(person=several[0], variety=Variety.objects.get(tag="gug"), kind="ungoverned", reason="x")
    answer_decision(person=several[1], decision=decision, approves=True)
    assert released() == ({"preference": {"g1"}, "judgements": {"g1"}}, {})
    revoke(person=several[0], decision=decision, code="mistake", text="x")
    assert released()[1] == {"governed": {"g1"}}


def test_what_is_hidden_leaves_and_comes_back_by_decision(campaign: Campaign, several) -> None:
    open_export(several, "quz")
    seat = Item.objects.get(source_id="q1").assignments.first()
    marked = mark_restricted(person=seat.person, assignment_id=seat.pk, knowledge="medicinal")
    withhold(person=several[0], variety=quz(), campaign="prueba", record="q2", code="asked", text="Lo piden")
    assert released() == (SPANISH, {"restricted": {"q1"}, "withheld": {"q2"}})
    before = a_cutoff_of_its_own()
    decision = propose_restoring(person=several[0], hidden=marked, reason="Es de todos").restoring
    answer_decision(person=several[1], decision=decision, approves=True)
    folder = folder_of(publish(cutoff=before).version)
    assert {row["source_id"] for row in rows(folder, "judgements")} == {"es"}
    inside, out = released()
    assert (inside["judgements"], out) == ({"es", "q1"}, {"withheld": {"q2"}})


def test_a_restricted_item_where_nobody_governs_leaves_too(campaign: Campaign) -> None:
    seat = Item.objects.get(source_id="es").assignments.first()
    mark_restricted(person=seat.person, assignment_id=seat.pk, knowledge="place")
    assert released() == ({"preference": set(), "judgements": set()}, {"governed": {"q1", "q2"}, "restricted": {"es"}})


def test_labels_travel_with_what_is_released(campaign: Campaign, several) -> None:
    facts = {"system": "TK", "local_contexts_id": "tk-a", "community": "Qusqu", "image_alt": "Un círculo"}
    label = add_label(person=several[0], variety=quz(), name="TK | A", url="https://tk.example/a", **facts)
    add_label(person=several[0], variety=quz(), campaign="prueba", record="q1", name="TK V", **facts)
    release = publish()
    assert release.manifest["labels"] == {}, "none of what is labelled is in it"
    open_export(several, "quz")
    release = publish()
    assert release.manifest["labels"] == {
        "quz": [
            {"system": "TK", "id": "tk-a", "name": "TK | A", "community": "Qusqu", "image_alt": "Un círculo",
             "url": "https://tk.example/a"},
            {"system": "TK", "id": "tk-a", "name": "TK V", "community": "Qusqu", "image_alt": "Un círculo",
             "campaign": "prueba", "record": "q1"},
        ]
    }  # fmt: skip
    card = (folder_of(release.version) / "README.md").read_text()
    assert "| `quz` | TK | TK \\| A | Qusqu | https://tk.example/a |" in card
    end_label(person=several[1], label=label, text="Otra")
    assert publish(cutoff=release.cutoff).release_id == release.release_id
    assert len(publish().manifest["labels"]["quz"]) == 1
    assert NAME in {path.name for path in folder_of(release.version).iterdir()}


@pytest.mark.parametrize(
    "table", ["steward", "stewardsdecision", "stewardsapproval", "stewardslog", "hidden", "charter", "varietyproposal"]
)
def test_the_export_role_sees_what_stewards_decided_and_none_of_them(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE minka_export")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute(f"SELECT 1 FROM annotations_{table}")
        for view in ("governed", "opened", "hiddenprompt"):
            cursor.execute(f"SELECT * FROM annotations_{view}")
        cursor.execute("RESET ROLE")
