"""What came of what: release -> run -> model -> outputs -> votes -> release -> run, and back from a single row."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.assignments.models import Cell, ItemOutput
from annotations.corpus.models import ModelVersion, Output
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from annotations.training.actions import Model, ingest_outputs, move
from annotations.training.lineage import queries
from annotations.training.models import TrainedModel, TrainingRun
from tests.cast import answer, key_of, seat_at
from tests.runs.world import BASE, NOBODY, a_run, add, engineer, fresh_lines, judged, published, with_token

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1/lineage/"


class Loop:
    """A release, a run of it, its model's answers, votes on them, the next release, and the run that is handed it."""

    def __init__(self) -> None:
        self.campaign = judged()
        add(self.campaign, *fresh_lines())
        self.first, self.diego = published(), engineer()
        self.run = self._run(self.first, "zorzal-1", BASE)
        self._vote()
        self.second = published()
        self.next = self._run(self.second, "zorzal-2", "zorzal-1")

    def _run(self, release: Release, name: str, base: str) -> TrainingRun:
        run = a_run(self.diego, release, campaign="prueba", base_model=base)
        prompts = run.prompts.values_list("prompt", flat=True)
        answers = [{"prompt": pk, "text": f"Con pebre, {name}, {pk}."} for pk in prompts]
        if answers:  # the second run is handed questions that were judged: nothing fresh
            ingest_outputs(owner=self.diego, run=run.pk, model=Model(name, "apache-2.0"), answers=answers)
        return move(owner=self.diego, run=run.pk, state="finished")

    def _vote(self) -> None:
        """Everybody prefers what the new model said, in two of the four pairs."""
        Cell.objects.exclude(item__source_id__startswith="run:").update(held_back="broken")
        for person in Person.objects.filter(username__startswith="persona-").order_by("pk"):
            for _pair in range(2):
                seat = seat_at(person, self.campaign)
                places = {place.output.model.name: place.position for place in seat.item.places.all()}
                answer(person, seat, {"preferred": key_of(seat, places["zorzal-1"]), "strength": 2})
        settle_due()


@pytest.fixture
def loop() -> Loop:
    return Loop()


def asked(client: Client | None = None, **facts: object) -> dict:
    response = (client or Client()).get(API, facts)
    assert response.status_code == 200, response.content
    return response.json()


def runs(strands: list[dict]) -> set[str]:
    return {strand["run"]["id"] for strand in strands}


def rows(release: Release, config: str) -> list[dict]:
    folder = Path(folder_of(release.version)) / "data" / config
    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_a_run_tells_its_releases_its_models_and_what_people_said_of_them(loop: Loop) -> None:
    told = asked(run=loop.run.pk)
    assert (told["kind"], told["run"]["id"], told["came_of"]) == ("run", str(loop.run.pk), [])
    assert [each["version"] for each in told["releases"]] == [loop.first.version]
    assert told["models"] == [
        {"name": "zorzal-1", "licence": "apache-2.0", "run": str(loop.run.pk), "outputs": 4, "held_back": 0, "items": 4,
         "judgements": 6, "won": 2, "lost": 0, "level": 0}
    ]  # fmt: skip
    assert runs(told["went_into"]) == {str(loop.next.pk)}
    assert runs(asked(run=loop.next.pk)["came_of"]) == {str(loop.run.pk)}


def test_a_release_tells_the_runs_before_and_after_it(loop: Loop) -> None:
    first, second = asked(release=loop.first.version), asked(release=loop.second.version)
    assert (runs(first["came_of"]), runs(first["went_into"])) == (set(), {str(loop.run.pk)})
    assert (runs(second["came_of"]), runs(second["went_into"])) == ({str(loop.run.pk)}, {str(loop.next.pk)})


def test_a_model_and_an_output_tell_their_run_their_verdicts_and_their_releases(loop: Loop) -> None:
    told = asked(model="zorzal-1")
    assert runs(told["came_of"]) == {str(loop.run.pk)}
    assert [each["version"] for each in told["releases"]] == [loop.second.version]
    assert runs(told["went_into"]) == {str(loop.next.pk)}
    won = Output.objects.filter(model__name="zorzal-1", prompt__items__verdicts__isnull=False).first()
    diego = with_token(loop.diego)
    told = asked(diego, output=won.pk)
    assert (told["kind"], runs(told["came_of"]), told["verdicts"]) == (
        "output", {str(loop.run.pk)}, [{"outcome": "output", "preferred_model": "zorzal-1"}],
    )  # fmt: skip
    assert [each["version"] for each in told["releases"]] == [loop.second.version]
    judged_ones = ItemOutput.objects.filter(item__judgements__isnull=False).values("output")
    unjudged = Output.objects.filter(model__name="zorzal-1").exclude(pk__in=judged_ones).first()
    assert asked(diego, output=unjudged.pk)["releases"] == []


@pytest.mark.parametrize(
    ("config", "column"), [("preference", "record_id"), ("judgements", "id"), ("kto", "record_id")]
)
def test_a_single_row_leads_back_to_its_run_and_on_to_the_next(loop: Loop, config: str, column: str) -> None:
    for row in rows(loop.second, config):
        meta = row.get("meta", row)
        models = [meta[n] for n in ("chosen_model", "rejected_model") if n in meta] or row.get("models") or []
        told = asked(release=loop.second.version, row=meta[column])
        assert told["kind"] == "row"
        assert runs(told["came_of"]) == ({str(loop.run.pk)} if "zorzal-1" in models else set())
        assert loop.second.version in [each["version"] for each in told["releases"]]
        assert str(loop.next.pk) in runs(told["went_into"])
        if config != "kto":
            assert {each["name"] for each in told["models"]} == set(models) != set()
    if config == "preference":
        assert len(rows(loop.second, config)) == 2
        other = asked_status(release=loop.first.version, row=rows(loop.second, config)[0]["meta"]["record_id"])
        assert other == 404, "an id is of one release"


def test_a_row_of_an_item_that_is_not_settled_leads_to_the_release_it_stands_in(loop: Loop) -> None:
    """What people have said so far is in the release too."""
    bruno = volunteer("bruna", "muy-larga-y-rara", "es-CL")
    seat = seat_at(bruno, loop.campaign)
    answer(bruno, seat, {"preferred": "a", "strength": 1})
    third = published()
    row = next(row for row in rows(third, "judgements") if row["preferred"] and row["strength"] == 1)
    told = asked(release=third.version, row=row["id"])
    assert (told["verdicts"], [each["version"] for each in told["releases"]]) == ([], [third.version])


def test_an_old_release_came_of_its_runs_however_many_came_after(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    a_run(loop.diego, loop.second)
    later = a_run(loop.diego, loop.second, campaign="prueba")
    TrainedModel.objects.create(model=ModelVersion.objects.create(name="z"), run=later, permitted_use=["train"])
    monkeypatch.setattr(queries, "MOST", 1)
    assert runs(asked(release=loop.second.version)["came_of"]) == {str(loop.run.pk)}


def asked_status(**facts: object) -> int:
    return Client().get(API, facts).status_code


def test_what_was_erased_is_found_no_more(loop: Loop) -> None:
    row = rows(loop.second, "judgements")[0]["id"]
    assert asked_status(release=loop.second.version, row=row) == 200
    for person in Person.objects.filter(username__startswith="persona-"):
        erase(person=person, contributions=True)
    assert asked_status(release=loop.second.version, row=row) == 404


def test_no_person_no_text_and_no_key_that_was_not_asked_with_is_told(loop: Loop) -> None:
    row = rows(loop.second, "preference")[0]
    for query in ({"run": loop.run.pk}, {"release": loop.second.version},
                  {"release": loop.second.version, "row": row["meta"]["record_id"]}):  # fmt: skip
        for path in (API, "/lineage/"):
            text = Client().get(path, query).content.decode()
            assert "persona-" not in text
            assert "diego" not in text
            assert row["chosen"][0]["content"] not in text
            assert row["prompt"][0]["content"] not in text


@pytest.mark.parametrize(
    "query",
    [{"run": NOBODY}, {"run": "x"}, {"release": "none"}, {"model": "none"}, {"release": "none", "row": "0" * 32}],
)
def test_what_is_not_there_is_not_found(db, query: dict) -> None:
    response = Client().get(API, query)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    page = Client().get("/lineage/", query)
    assert (page.status_code, "<form" in page.content.decode()) == (404, True)


@pytest.mark.parametrize("output", ["0", "x", "9" * 30])
def test_an_output_that_is_not_there_is_not_found_by_whoever_trains(seeds: None, output: str) -> None:
    assert with_token(engineer()).get(API, {"output": output}).status_code == 404


def test_outputs_cannot_be_counted_through_by_whoever_judges(loop: Loop) -> None:
    """The keys go up by one: without this anybody could look up which models stand in an open item."""
    output = Output.objects.filter(model__name="zorzal-1").first()
    bruno = Person.objects.exclude(pk=loop.diego.pk).first()
    for address in (API, "/lineage/"):
        assert Client().get(address, {"output": output.pk}).status_code == 403
        assert with_token(bruno).get(API, {"output": output.pk}).status_code == 403


@pytest.mark.parametrize(
    "query", [{}, {"row": "0" * 32}, {"run": NOBODY, "model": "x"}, {"model": "x", "row": "y"}, {"model": "a\x00"}]
)
def test_what_names_not_one_thing_is_invalid(db, query: dict) -> None:
    response = Client().get(API, query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_row_that_is_no_id_is_not_looked_for(loop: Loop) -> None:
    for row in ("x", "0" * 31, "0" * 33, "é" * 32, "0" * 32):
        assert asked_status(release=loop.second.version, row=row) == 404


def test_rows_are_not_looked_up_without_end(loop: Loop, settings) -> None:
    settings.MINKA_RATES = settings.MINKA_RATES | {"row": "2/h/ip"}
    found = [asked_status(release=loop.second.version, row="0" * 32) for _time in range(4)]
    assert found == [404, 404, 429, 429]


def test_however_much_there_is_the_number_of_questions_is_the_same(loop: Loop) -> None:
    row = rows(loop.second, "preference")[0]["meta"]["record_id"]
    queries = ({"run": loop.run.pk}, {"release": loop.second.version}, {"model": "zorzal-1"},
               {"release": loop.second.version, "row": row})  # fmt: skip
    before = [counted(query) for query in queries]
    for number in range(3):
        run = a_run(loop.diego, loop.second, base_model="zorzal-1")
        prompts = run.prompts.values_list("prompt", flat=True)
        answers = [{"prompt": pk, "text": f"Otra, {pk}."} for pk in prompts]
        if answers:
            ingest_outputs(owner=loop.diego, run=run.pk, model=Model(f"n{number}", "x"), answers=answers)
    assert len(asked(run=loop.run.pk)["went_into"]) == 4
    assert [counted(query) for query in queries] == before
    assert max(before) <= 30


def counted(query: dict) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(API, query).status_code == 200
    return len(captured)


def test_the_pages_show_the_chain(loop: Loop) -> None:
    page = Client().get(f"/runs/{loop.run.pk}/").content.decode()
    for told in (loop.first.version, "zorzal-1", f"/runs/{loop.next.pk}/"):
        assert told in page
    page = Client().get("/lineage/", {"release": loop.second.version}).content.decode()
    assert f"/runs/{loop.run.pk}/" in page
    assert f"/runs/{loop.next.pk}/" in page
