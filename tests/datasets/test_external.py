"""Votes that people gave elsewhere stand apart: with their document, in a config of their own, and nowhere else; and go
with their document, from releases that are out too."""

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.corpus.models import ModelVersion, Output, Prompt, PromptGroup, Source
from annotations.datasets.actions import publish
from annotations.datasets.configs.external import EXTERNAL
from annotations.datasets.external.actions import bring_in, let_go, withdraw_again, withdraw_document
from annotations.datasets.external.models import ExternalBatch, ExternalVote
from annotations.datasets.external.queries import votes_of
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.datasets.rebuilding import rebuild
from annotations.datasets.recalls.actions import recall_due
from annotations.datasets.recalls.late import late_by
from annotations.datasets.rows import CONFIGS
from annotations.datasets.subset import subset
from annotations.datasets.verify import problems
from annotations.errors import Refused
from annotations.moderation.audit.models import Change
from annotations.moderation.board.queues import board_of
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.remits.models import Remit
from annotations.people.seeding import load_varieties
from annotations.quality.actions import settle_due
from annotations.quality.jobs import measure
from annotations.quality.models import Agreement, Estimate, Verdict
from annotations.quality.reliability.models import Reliability
from annotations.training.boards.actions import make_boards
from annotations.training.boards.models import Board
from annotations.training.prompts import may_leave
from tests.assignments.test_table import client_of
from tests.cast import answer, bringer, elsewhere, given, govern, key_of, line, open_export, people, seat_at, world
from tests.datasets.test_rebuilding import every_file
from tests.datasets.test_release import rows

pytestmark = pytest.mark.django_db(transaction=True)
BIRD = "canario-7431"
RUT = "Mi RUT es 12.345.678-5."


@pytest.fixture(autouse=True)
def _small_cells_off(settings: Any) -> None:
    settings.MINKA_SMALL_CELL = 0


def released() -> Path:
    folder = folder_of(publish().version)
    assert problems(folder) == []
    return folder


def refused(report: Any) -> dict[str, tuple[str, str]]:
    return {problem.id: (problem.field, problem.code) for problem in report.refused}


# What stands in a release --------------------------------------------------------------------------------------------


def test_a_vote_of_elsewhere_stands_apart_with_its_document() -> None:
    three = [{"model": f"m{place}", "text": f"Respuesta {place}.", "licence": "MIT"} for place in range(3)]
    report = elsewhere(
        given("arena-1", source="Arena", date="2025-03-09T23:59:01-03:00", permitted_use=["evaluate"]),
        given("arena-2", annotator="beto", answer={"preferred": "both_bad"}, date=None),
        given("arena-3", answer={"ranking": [["c"], ["a", "b"]]}, outputs=three, prompt="¿Otra cosa?"),
    )
    assert (report.added, report.known, report.held_back, report.refused) == (3, 0, 0, [])
    folder = released()
    found = {row["source_id"]: row for row in rows(folder, "external")}
    first, second, ranked = (found[f"arena-{number}"] for number in (1, 2, 3))
    fixed = {name: first[name] for name in CONFIGS["external"].columns if name not in ("id", "annotator", "split")}
    assert fixed == {
        "source_id": "arena-1", "consent": "external:Acta 7/2025", "variety": "es-CL", "source": "Arena",
        "prompt": [{"role": "user", "content": "¿Qué como hoy? arena-1"}],
        "outputs": ["Respuesta larga arena-1.", "Corta arena-1."], "output_models": ["model-0", "model-1"],
        "output_licences": ["CC0-1.0", "CC0-1.0"], "preferred": "a", "strength": 2, "ranking": None,
        "date": dt.date(2025, 3, 9), "licence": "CC0-1.0", "permitted_use": ["evaluate"],
    }  # fmt: skip
    assert (second["preferred"], second["strength"], second["date"]) == ("both_bad", None, None)
    assert (ranked["preferred"], ranked["ranking"]) == ("c", [["c"], ["a", "b"]])
    assert first["annotator"] == ranked["annotator"] != second["annotator"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["books"] == {"judgements": 0, "items": {}, "external": 3}
    assert sum(manifest["configs"]["external"].values()) == 3
    card = (folder / "README.md").read_text("utf-8")
    assert "checked nothing of their quality" in " ".join(card.split())
    assert "- external:Acta 7/2025" in card
    assert "Apart from them, votes that were given elsewhere: 3." in card


def test_codes_are_new_in_each_release_and_nobody_is_named_anywhere() -> None:
    elsewhere(given("1", annotator=BIRD), given("2", annotator=BIRD), given("3", annotator="otra"))
    first, second = ({row["source_id"]: row["annotator"] for row in rows(released(), "external")} for _night in "12")
    assert first["1"] == first["2"] != first["3"]
    assert not {*first.values()} & {*second.values()}
    with connection.cursor() as cursor:
        for model in (ExternalVote, ExternalBatch, Prompt, Source, Change):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {model._meta.db_table} t")
            assert BIRD not in (cursor.fetchone()[0] or "")
    elsewhere(given("4", annotator=BIRD), document="Otra acta")
    assert ExternalVote.objects.filter(source_id="4").exclude(
        annotator__in=ExternalVote.objects.filter(batch__document="Acta 7/2025").values("annotator")
    ).exists(), "nor is anybody joined over two documents"  # fmt: skip


def test_few_people_of_a_variety_have_no_code(settings: Any) -> None:
    settings.MINKA_SMALL_CELL = 3
    elsewhere(*(given(f"{name}-{n}", annotator=name) for n, name in enumerate("abc")), given("mx", variety="es-MX"))
    told = {row["source_id"]: row["annotator"] is None for row in rows(released(), "external")}
    assert told == {"a-0": False, "b-1": False, "c-2": False, "mx": True}


def test_one_person_under_many_documents_is_not_many_people(settings: Any) -> None:
    settings.MINKA_SMALL_CELL = 3
    for number in range(3):
        elsewhere(given(f"v-{number}", annotator="la misma"), document=f"Acta {number}")
    assert {row["annotator"] for row in rows(released(), "external")} == {None}


def test_the_same_bytes_again_after_much_has_happened(tmp_path: Path, settings: Any) -> None:
    elsewhere(given("1"), given("2", prompt=RUT), given("3", answer={"preferred": "tie"}))
    release = publish()
    elsewhere(given("4"))
    let_go(by=bringer(), vote=ExternalVote.objects.exclude(held_back="").get(), reason="Es inventado")
    settings.MINKA_SMALL_CELL = 9
    rebuild(version=release.version, folder=tmp_path / "again")
    assert every_file(tmp_path / "again") == every_file(folder_of(release.version))


def test_what_licences_do_not_allow_is_in_no_part_of_a_release(tmp_path: Path) -> None:
    outputs = line("2")["outputs"]
    outputs[1]["licence"] = "llama3.1"
    elsewhere(given("1"), given("2", outputs=outputs), given("3", licence="CC-BY-NC-4.0", outputs=[
        {**each, "licence": "MIT"} for each in outputs
    ]))  # fmt: skip
    told = subset(released(), tmp_path / "part", ["CC0-1.0", "MIT"])
    assert [row["source_id"] for row in rows(tmp_path / "part", "external")] == ["1"]
    assert told["left_out"] == {"external": {"CC-BY-NC-4.0": 1, "llama3.1": 1}}


def wrongs(**changes: Any) -> list[str]:
    row = {
        "prompt": [{"role": "user", "content": "¿Qué?"}], "consent": "external:acta", "outputs": ["Sí.", "No."],
        "output_models": ["m", "n"], "output_licences": ["MIT", "MIT"], "preferred": "a", "strength": 1,
    }  # fmt: skip
    return list(EXTERNAL.wrong(row | changes))


@pytest.mark.parametrize(
    "damage",
    [{"consent": "external:"}, {"consent": "2026-11"}, {"preferred": "c"}, {"preferred": "tie"}, {"strength": 3},
     {"output_models": ["m"]}, {"prompt": []}],
)  # fmt: skip
def test_a_row_that_is_none_is_named(damage: dict[str, Any]) -> None:
    assert wrongs() == []
    assert len(wrongs(**damage)) == 1


# They touch nothing else ---------------------------------------------------------------------------------------------


def judged() -> Campaign:
    """Three people settle two items."""
    campaign = world(line("1"), line("2"))
    for person in people(3):
        for _item in range(2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0), "strength": 2})
    return campaign


def measured() -> Any:
    """What the house says of its own people's work, and how far its campaigns are."""
    settle_due()
    measure()
    models = (Verdict, Agreement, Estimate, Reliability, Judgement, Cell, Output, ModelVersion)
    keys = ("id", "measured_at", "at", "settled_at", "made_at", "evidence_until", "as_of", "computed_at", "counted_at")
    return [
        sorted(str({name: value for name, value in row.items() if name not in keys}) for row in model.objects.values())
        for model in models
    ]


def boards() -> list[Any]:
    """Which models stand on the boards of the newest release, and on how many votes."""
    make_boards()
    rows = Board.objects.filter(release=Release.objects.latest("cutoff")).order_by("facet", "value", "evaluate")
    return [(row.facet, row.value, row.votes, sorted(str(line["model"]) for line in row.lines)) for row in rows]


def canary() -> None:
    """Votes on the very pairs that people judged here, and the other way round; and on others."""
    same = [given(f"{BIRD}-{n}-{who}", who, prompt=line(n)["prompt"], outputs=line(n)["outputs"],
                  answer={"preferred": "b", "strength": 2}) for n in "12" for who in "pqrst"]  # fmt: skip
    elsewhere(*same, given(f"{BIRD}-own", prompt=f"¿{BIRD}?", outputs=[
        {"model": BIRD, "text": f"{BIRD} sí."}, {"model": f"{BIRD}-2", "text": "No."}]))  # fmt: skip


def test_they_move_no_verdict_no_measure_and_no_board_and_are_in_no_other_config() -> None:
    judged()
    before, folder = measured(), released()
    told = boards()
    bare = {config: len(rows(folder, config)) for config in CONFIGS}
    canary()
    assert measured() == before
    assert not may_leave("train").filter(source__name__startswith="external:").exists(), "and no run is handed them"
    folder = released()
    assert {config: len(rows(folder, config)) for config in CONFIGS} == bare | {"external": 11}
    for config in {*CONFIGS} - {"external"}:
        assert BIRD not in str(rows(folder, config))
        assert "external:" not in str(rows(folder, config))
    assert boards() == told != []
    assert not CONFIGS["external"].trains


def test_a_twin_that_lets_them_in_among_items_is_seen_by_the_canary() -> None:
    """The same votes as items of a campaign do what the canary above watches for."""
    judged()
    before = measured()
    world(line(BIRD), slug="otra", needed=1)
    eva = volunteer("eva", "muy-larga-y-rara", "es-CL")
    answer(eva, seat_at(eva, Campaign.objects.get(slug="otra")), {"preferred": "a"})
    assert measured() != before
    folder = released()
    assert BIRD in str(rows(folder, "preference"))


def test_what_evaluates_here_does_not_come_in_and_what_came_in_does_not_evaluate() -> None:
    asked = "¿Dónde queda la farmacia de turno más cercana a la plaza del pueblo?"
    world(line("e", role="evaluate", prompt=asked), line("t"))
    report = elsewhere(
        given("asked", prompt=asked.upper()), given("nearly", prompt=f"{asked[:-1]} nuevo?"),
        given("role", role="evaluate"), given("fine"), given("same", prompt=line("t")["prompt"]),
    )  # fmt: skip
    assert refused(report) == {
        "asked": ("role", "role_conflict"), "nearly": ("role", "role_conflict"), "role": ("role", "unknown_field"),
    }  # fmt: skip
    assert not PromptGroup.objects.filter(role="evaluate", prompts__source__name__startswith="external:").exists()
    late = world(slug="tarde")
    lines = checked([(1, line("fine", role="evaluate"))], "tests")
    assert [problem.code for problem in load_items(campaign=late, lines=lines).refused] == ["role_conflict"]


def test_a_question_stands_in_one_split_in_all_configs() -> None:
    judged()
    elsewhere(*(given(f"x{n}", prompt=line(n)["prompt"]) for n in "12"), *(given(f"y{n}") for n in range(60)))
    folder = released()
    splits = {row["source_id"]: row["split"] for row in rows(folder, "external")}
    assert len({*splits.values()}) > 1
    ours = {row["meta"]["source_id"]: row["meta"]["split"] for row in rows(folder, "preference")}
    assert {name: splits[f"x{name}"] for name in "12"} == ours


# What is refused, and what waits -------------------------------------------------------------------------------------

BAD: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "empty": ({"prompt": " "}, ("prompt", "empty")),
    "nul": ({"prompt": "a\x00"}, ("prompt", "nul")),
    "long": ({"prompt": "a" * 32_001}, ("prompt", "too_long")),
    "variety": ({"variety": "es-XX"}, ("variety", "unknown_variety")),
    "governed": ({"variety": "quz"}, ("variety", "governed")),
    "licence": ({"licence": ""}, ("licence", "missing")),
    "output": ({"outputs": [{"model": "m", "text": "Sí."}]}, ("outputs", "invalid")),
    "params": ({"outputs": [{"model": "m", "text": x, "params": {"t": 1}} for x in "ab"]},
               ("outputs[0].params", "unknown_field")),
    "no-vote": ({"answer": None}, ("answer", "missing")),
    "list": ({"answer": ["a"]}, ("answer", "invalid")),
    "key": ({"answer": {"preferred": "c"}}, ("answer.preferred", "invalid")),
    "strength": ({"answer": {"preferred": "tie", "strength": 1}}, ("answer.strength", "invalid")),
    "ranked": ({"answer": {"ranking": [["a"], ["b"]]}}, ("answer.ranking", "invalid")),
    "reason": ({"answer": {"preferred": "a", "reason": "Porque sí"}}, ("answer.reason", "unknown_field")),
    "who": ({"annotator": 7}, ("annotator", "not_text")),
    "who-nul": ({"annotator": "a\x00"}, ("annotator", "nul")),
    "who-half": ({"annotator": "\ud800"}, ("annotator", "not_unicode")),
    "who-long": ({"annotator": "a" * 201}, ("annotator", "too_long")),
    "day": ({"date": "ayer"}, ("date", "invalid")),
    "future": ({"date": "2999-01-01"}, ("date", "invalid")),
    "day-number": ({"date": 20250309}, ("date", "invalid")),
    "gold": ({"gold": {"expected": {"preferred": "a"}}}, ("gold", "unknown_field")),
    "unknown": ({"mood": "bien"}, ("mood", "unknown_field")),
    "yaml": ({"licence": "CC BY: 4.0"}, ("licence", "invalid")),
    "lines": ({"licence": "CC0-1.0\nname: x"}, ("licence", "invalid")),
}  # fmt: skip


def test_each_line_is_checked_as_an_item_s_is_and_the_others_go_on() -> None:
    load_varieties()
    file = io.BytesIO("\n".join(json.dumps(given(name, **facts)) for name, (facts, _told) in BAD.items()).encode()
                      + b"\n{not json}\n[]\n" + json.dumps(given("good")).encode())  # fmt: skip
    report = bring_in(by=bringer(), document="acta", lines=votes_of("arena.jsonl", file))
    told = refused(report)
    assert {name: told.get(name) for name in BAD} == {name: wanted for name, (_facts, wanted) in BAD.items()}
    assert [(each.line, each.code) for each in report.refused if not each.id] == [
        (len(BAD) + 1, "not_json"), (len(BAD) + 2, "not_an_object"),
    ]  # fmt: skip
    assert (report.added, report.refused_lines) == (1, len(BAD) + 2)


def test_a_second_import_adds_nothing_and_only_trying_leaves_everything_as_it_was() -> None:
    assert elsewhere(given("1"), only_try=True).added == 1
    assert (ExternalBatch.objects.count(), ExternalVote.objects.count(), Prompt.objects.count()) == (0, 0, 0)
    elsewhere(given("1"), given("2"))
    again = elsewhere(given("1"), given("2", answer={"preferred": "b"}), given("3"), given("3"))
    assert (again.added, again.known, [problem.code for problem in again.refused]) == (1, 2, ["repeated_id"])
    assert ExternalVote.objects.get(source_id="2").preferred == "a"
    assert elsewhere(given("1"), document="Otra acta").added == 1, "a name is the document's own"
    nothing = elsewhere(given("x", licence=""), document="Vacía")
    assert (nothing.added, ExternalBatch.objects.filter(document="Vacía").exists()) == (0, False)


def test_what_shows_who_somebody_is_waits_until_somebody_decides() -> None:
    outputs = [{"model": "m", "text": "429 Too Many Requests"}, {"model": "n", "text": "Bueno."}]
    report = elsewhere(given("shows", prompt=RUT), given("says", outputs=[
        {"model": "m", "text": RUT}, {"model": "n", "text": "No."}]), given("failed", outputs=outputs))  # fmt: skip
    assert (report.added, report.held_back) == (3, 3)
    folder = released()
    assert rows(folder, "external") == []
    out = {row["source_id"]: (row["unit"], row["config"], row["reason"]) for row in rows(folder, "excluded")}
    assert out == {
        "shows": ("external", "external", "personal_data"), "says": ("external", "external", "personal_data"),
        "failed": ("external", "external", "quarantined"),
    }  # fmt: skip
    by = bringer()
    assert [waits.number for waits in board_of(by) if waits.queue.code == "external"] == [3]
    vote = ExternalVote.objects.get(source_id="shows")
    for who, why, code in ((by, " ", "invalid"), (people(1)[0], "Sí", "forbidden")):
        with pytest.raises(Refused) as said:
            let_go(by=who, vote=vote, reason=why)
        assert said.value.code == code
    let_go(by=by, vote=vote, reason="Es un número inventado")
    assert LogEntry.objects.get(object_id=str(vote.pk)).change_message == "let go: Es un número inventado"
    assert [row["source_id"] for row in rows(released(), "external")] == ["shows"]
    with pytest.raises(Refused, match="not_found"):
        let_go(by=by, vote=vote, reason="Otra vez")


def test_a_governed_variety_waits_for_its_stewards() -> None:
    stewards = govern("quz")
    assert elsewhere(given("1", variety="quz")).added == 1
    folder = released()
    assert [(row["source_id"], row["reason"]) for row in rows(folder, "excluded")] == [("1", "governed")]
    open_export(stewards, "quz")
    assert [row["source_id"] for row in rows(released(), "external")] == ["1"]


def test_who_looks_after_a_part_brings_in_and_takes_out_that_part(seeds: None) -> None:
    by = bringer()
    Remit.objects.create(person=by, variety_id="es-CL", given_by=people(1)[0])
    report = elsewhere(given("1"), given("2", variety="es-MX"))
    assert (report.added, refused(report)) == (1, {"2": ("variety", "forbidden")})
    ExternalVote.objects.create(
        **{name: getattr(ExternalVote.objects.get(), name) for name in
           ("batch", "prompt", "outputs", "preferred", "licence", "source", "permitted_use")},
        source_id="theirs", variety_id="es-MX",
    )  # fmt: skip
    with pytest.raises(Refused, match="forbidden"):
        withdraw_document(by=by, batch=ExternalBatch.objects.get(), why="Sí")
    ExternalVote.objects.filter(source_id="theirs").delete()
    assert withdraw_document(by=by, batch=ExternalBatch.objects.get(), why="Sí").gone == 1


def test_whose_account_is_paused_brings_in_takes_out_and_lets_go_of_nothing(seeds: None) -> None:
    elsewhere(given("1"), given("rut", prompt=RUT))
    by = bringer()
    Person.objects.filter(pk=by.pk).update(standing=Person.Standing.PAUSED)
    by, vote = Person.objects.get(pk=by.pk), ExternalVote.objects.exclude(held_back="").get()
    for act in (
        lambda: bring_in(by=by, document="acta", lines=[]),
        lambda: withdraw_document(by=by, batch=vote.batch, why="Sí"),
        lambda: let_go(by=by, vote=vote, reason="Sí"),
    ):
        with pytest.raises(Refused, match="suspended"):
            act()
    assert ExternalVote.objects.count() == 2


def test_a_strength_that_is_no_number_spoils_its_line_and_no_other(seeds: None) -> None:
    file = io.BytesIO(("id,variety,prompt,licence,output_1,model_1,output_2,model_2,preferred,strength\n"
                       f"larga,es-CL,¿Uno?,CC0-1.0,A,m,B,n,a,{'9' * 5000}\n"
                       "buena,es-CL,¿Dos?,CC0-1.0,A,m,B,n,a,1\n").encode())  # fmt: skip
    report = bring_in(by=bringer(), document="acta", lines=votes_of("arena.csv", file))
    assert (report.added, list(refused(report))) == (1, ["larga"])


def test_the_database_keeps_what_must_hold() -> None:
    elsewhere(given("1"))
    for change in ({"strength": 3}, {"preferred": "tie"}, {"licence": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExternalVote.objects.update(**change)
    for change in ({"document": ""}, {"why": "porque"}, {"withdrawn_at": dt.datetime.now(dt.UTC)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExternalBatch.objects.update(**change)


# A document that falls -----------------------------------------------------------------------------------------------


def withdrawn(document: str = "Acta 7/2025") -> ExternalBatch:
    batch = ExternalBatch.objects.get(document=document)
    return withdraw_document(by=bringer(), batch=batch, why="Lo pidieron")


def test_after_a_restore_a_document_falls_again_and_once() -> None:
    elsewhere(given("1"))
    assert withdraw_again(document="Acta 7/2025", why="Lo pidieron")
    batch = ExternalBatch.objects.get()
    assert (batch.gone, batch.withdrawn_by, batch.why) == (1, None, "Lo pidieron")
    assert not withdraw_again(document="Acta 7/2025", why="Otra vez")
    assert not withdraw_again(document="De después", why="Otra vez")


def test_votes_of_a_document_that_fell_leave_and_releases_that_hold_them_are_recalled() -> None:
    elsewhere(given("1", prompt=f"¿{BIRD}?"), given("2", prompt=RUT))
    elsewhere(given("3"), document="Otra acta")
    bare, release = Release.objects.create(version="20200101T000000Z", cutoff="2020-01-01T00:00:00Z", release_id="x",
                                           manifest={"inputs": {"decisions": {}}}), publish()  # fmt: skip
    ids = {row["source_id"]: row["id"] for name in ("external", "excluded")
           for row in rows(folder_of(release.version), name)}  # fmt: skip
    batch = withdrawn()
    assert (batch.gone, batch.votes.count(), Prompt.objects.filter(messages__icontains=BIRD).count()) == (2, 0, 0)
    with pytest.raises(Refused, match="recalled"):
        rebuild(version=release.version, folder=folder_of(release.version).with_name("again"))
    assert late_by(dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)) > dt.timedelta(hours=1)
    assert [each.pk for each in recall_due()] == [release.pk], "one that was made before they came stays"
    release.refresh_from_db()
    assert release.withdrawn == {"external": [ids["1"]], "excluded": [ids["2"]]}
    assert release.reason == "erased"
    clean = Release.objects.get(replaces=release)
    assert [row["source_id"] for row in rows(folder_of(clean.version), "external")] == ["3"]
    assert BIRD not in str([rows(folder_of(clean.version), config) for config in CONFIGS])
    assert clean.manifest["books"]["external"] == 1
    assert recall_due() == [], "once"
    assert [row["source_id"] for row in rows(released(), "external")] == ["3"]
    assert recall_due() == []
    bare.refresh_from_db()
    assert bare.state == "published"


def test_a_twin_that_does_not_count_withdrawn_documents_recalls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(given("1"))
    publish()
    withdrawn()
    gone = ExternalBatch.objects.none()
    monkeypatch.setattr("annotations.datasets.recalls.queries.ExternalBatch.objects.filter", lambda **_how: gone)
    assert recall_due() == []
    monkeypatch.undo()
    assert len(recall_due()) == 1


def test_a_document_that_fell_takes_nothing_more_and_is_on_the_books_of_the_house() -> None:
    elsewhere(given("1"))
    withdrawn()
    with pytest.raises(Refused, match="not_open"):
        elsewhere(given("2"))
    with pytest.raises(Refused, match="not_open"):
        withdrawn()
    with pytest.raises(Refused, match="forbidden"):
        withdraw_document(by=people(1)[0], batch=ExternalBatch.objects.get(), why="Sí")
    changes = Change.objects.filter(what="external").order_by("id")
    assert {change.verb for change in changes} == {"added", "changed"}
    assert "Acta" not in str([change.facts for change in changes])
    assert elsewhere(given("1"), document="Acta 8/2025").added == 1, "under another they may come again"


def test_a_question_that_is_asked_here_too_stays() -> None:
    world(line("1"))
    elsewhere(given("1"))
    withdrawn()
    assert [message["content"] for prompt in Prompt.objects.order_by("pk") for message in prompt.messages] == [
        line("1")["prompt"], "…",
    ]  # fmt: skip


# By hand -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    def loaded(name: str, text: str, *more: str) -> str:
        load_varieties()
        (tmp_path / name).write_text(text, "utf-8")
        out = io.StringIO()
        call_command("load_votes", "Acta 7/2025", str(tmp_path / name), "--by", bringer().username, *more, stdout=out,
                     stderr=out)  # fmt: skip
        return out.getvalue()

    return loaded


def test_the_command_takes_jsonl_and_csv(run: Callable[..., str]) -> None:
    sent = given("1")
    del sent["licence"]
    file = json.dumps(sent) + "\n" + json.dumps(given("2", variety="es-XX"))
    with pytest.raises(CommandError, match="nothing was added"):
        run("a.jsonl", file)
    said = run("a.jsonl", file, "--licence", "CC-BY-4.0", "--only-try")
    assert said.endswith("1 added, 0 known, 0 held back, 1 refused; nothing was changed\n")
    assert "a.jsonl: line 2: variety: 'es-XX' is not a variety we know [unknown_variety]" in said
    assert ExternalVote.objects.count() == 0
    assert run("a.jsonl", file, "--licence", "CC-BY-4.0").endswith("1 added, 0 known, 0 held back, 1 refused\n")
    assert ExternalVote.objects.get().licence == "CC-BY-4.0"
    table = (
        "id,variety,prompt,output_1,model_1,output_2,model_2,preferred,strength,annotator,date,licence\n"
        "c1,es-CL,¿Qué?,Sí.,m,No.,n,b,1,ana,2025-01-02,CC0-1.0\n"
        "c2,es-CL,¿Qué?,Sí.,m,No.,n,tie,,,,CC0-1.0\n"
        "c3,es-CL,¿Qué?,Sí.,m,No.,n,b,mucho,,,CC0-1.0\n"
    )
    assert run("b.csv", table).endswith("2 added, 0 known, 0 held back, 1 refused\n")
    told = ExternalVote.objects.filter(source_id__startswith="c").order_by("source_id")
    assert [(vote.preferred, vote.strength, vote.given_on, bool(vote.annotator)) for vote in told] == [
        ("b", 1, dt.date(2025, 1, 2), True), ("tie", None, None, False),
    ]  # fmt: skip
    for name, text, more in (("c.parquet", "", ()), ("d.jsonl", "{}", ()), ("e.jsonl", "{}", ("--by", "nadie"))):
        with pytest.raises(CommandError):
            run(name, text, *more)


@pytest.fixture
def lidia() -> Client:
    load_varieties()
    person = bringer()
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    return client_of(Person.objects.get(pk=person.pk))


def page(name: str, *key: Any) -> str:
    return reverse(f"admin:annotations_{name}", args=key)


def file_of(*lines: dict[str, Any], name: str = "arena.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(json.dumps(each) for each in lines).encode())


def test_the_panel_tries_first_and_brings_in_then(lidia: Client) -> None:
    url, facts = page("externalbatch_add"), {"document": " Acta  7/2025 ", "licence": "CC0-1.0"}
    assert "file" in lidia.get(url).content.decode()
    both = (given("1"), given("2", variety="es-XX"))
    tried = lidia.post(url, facts | {"file": file_of(*both), "only_try": "on"})
    assert (tried.context["report"].added, ExternalVote.objects.count()) == (1, 0)
    assert "[unknown_variety]" in tried.content.decode()
    assert lidia.post(url, facts | {"file": file_of(*both)}).context["report"].added == 1
    assert lidia.post(url, facts | {"file": file_of(*both)}).context["report"].known == 1
    for wrong in ({"document": " "}, {"file": file_of(given("1"), name="a.xlsx")}, {"document": "a" * 121}):
        assert lidia.post(url, facts | {"file": file_of(given("1"))} | wrong).status_code == 400
    batch = ExternalBatch.objects.get()
    assert (batch.document, batch.brought_by) == ("Acta 7/2025", bringer())
    assert "Acta 7/2025" in lidia.get(page("externalbatch_changelist")).content.decode()
    change = Change.objects.filter(what="external", verb="added").get()
    assert change.by == bringer().pk


def test_the_panel_withdraws_and_lets_go(lidia: Client) -> None:
    elsewhere(given("1", prompt=RUT))
    vote, batch = ExternalVote.objects.get(), ExternalBatch.objects.get()
    assert lidia.post(page("externalvote_change", vote.pk), {"because": ""}).status_code == 200
    lidia.post(page("externalvote_change", vote.pk), {"because": "Inventado"})
    assert ExternalVote.objects.get().held_back == ""
    assert 'name="because"' not in lidia.get(page("externalvote_change", vote.pk)).content.decode()
    assert lidia.post(page("externalbatch_change", batch.pk), {"over": ""}).status_code == 200
    lidia.post(page("externalbatch_change", batch.pk), {"over": "Lo pidieron"})
    batch.refresh_from_db()
    assert (batch.why, batch.gone, ExternalVote.objects.count()) == ("Lo pidieron", 1, 0)
    assert 'name="over"' not in lidia.get(page("externalbatch_change", batch.pk)).content.decode()
    refused = lidia.post(page("externalbatch_add"), {"document": batch.document, "file": file_of(given("1"))})
    assert refused.status_code == 400


def test_who_only_looks_brings_in_nothing() -> None:
    load_varieties()
    (ana,) = people(1)
    Person.objects.filter(pk=ana.pk).update(is_staff=True)
    assert client_of(Person.objects.get(pk=ana.pk)).get(page("externalbatch_add")).status_code == 403
