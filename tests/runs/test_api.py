"""Runs over the API: everybody reads them, whoever may train makes them, and only the owner tells of one."""

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from annotations.corpus.models import Output
from annotations.datasets.models import Release
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.training import api, queries
from annotations.training.handover import SCRIPTS
from annotations.training.models import Metric, TrainedModel, TrainingRun
from tests.cast import line, world
from tests.runs.world import BASE, QUESTIONS, a_run, bare, engineer, fresh_lines, told, with_token

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs/"


@pytest.fixture
def release(db) -> Release:
    world(*fresh_lines(), line("e", prompt="¿Qué es un completo?", role="evaluate"))
    return told()


@pytest.fixture
def diego(seeds) -> Person:
    return engineer()


def asked(release: Release, **facts: Any) -> dict[str, Any]:
    return {"releases": [release.version], "recipe": "dpo", "base_model": BASE, "base_licence": "apache-2.0"} | facts


def send(client: Client, path: str, body: Any, method: str = "POST") -> Any:
    return client.generic(method, RUNS + path, json.dumps(body), content_type="application/json")


def test_a_training_engineer_goes_from_a_release_to_answers_back(release, diego) -> None:
    client, key = with_token(diego), str(uuid.uuid4())
    body = asked(release, id=key, campaign="prueba", seed=3, commit="0123abc", place="a cluster", prompts={"train": 3})
    made = send(client, "", body)
    assert made.status_code == 201, made.content
    told = made.json()
    assert {name: told[name] for name in ("id", "state", "mine", "releases", "campaign", "prompts", "place")} == {
        "id": key, "state": "queued", "mine": True, "releases": [release.version], "campaign": "prueba",
        "prompts": {"train": 3, "evaluate": 0}, "place": "a cluster",
    }  # fmt: skip
    assert send(client, "", body).status_code == 200
    assert send(client, "", body | {"seed": 4}).json()["code"] == "key_reused"

    manifest = client.get(f"{RUNS}{key}/manifest/").json()
    name, facts = next((n, f) for n, f in manifest["releases"][0]["files"].items() if n.startswith("data/"))
    assert (name, facts["sha256"]) == (name, release.manifest["files"][name]["sha256"])
    assert facts["url"] == f"/api/v1/releases/{release.version}/files/{name}"
    assert manifest["releases"][0]["manifest_url"] == f"/api/v1/releases/{release.version}/files/manifest.json"

    assert send(client, f"{key}/state/", {"state": "running"}, "PUT").json()["state"] == "running"
    assert client.post(f"{RUNS}{key}/heartbeat/").json()["state"] == "running"
    points = [{"name": "loss", "step": step, "value": 1 / step} for step in (1, 2)]
    assert send(client, f"{key}/metrics/", {"metrics": points}).json() == {"kept": 2}
    assert Client().get(f"{RUNS}{key}/metrics/").json() == {"metrics": points, "next": None}

    prompts = client.get(f"{RUNS}{key}/prompts/").json()
    assert (len(prompts["prompts"]), prompts["next"]) == (3, None)
    assert {each["messages"][0]["content"] for each in prompts["prompts"]} <= set(QUESTIONS.values())
    outputs = {
        "model": {"name": "zorzal-1", "licence": "apache-2.0", "checkpoint": "f" * 64},
        "outputs": [{"prompt": each["id"], "text": "Con pebre."} for each in prompts["prompts"]],
    }
    first, again = (send(client, f"{key}/outputs/", outputs) for _time in range(2))
    assert (first.status_code, first.json()) == (
        201, {"added": 3, "held_back": 0, "known": 0, "withdrawn": 0, "paired": 3, "named": 0},
    )  # fmt: skip
    assert (again.status_code, again.json()) == (
        200, {"added": 0, "held_back": 0, "known": 3, "withdrawn": 0, "paired": 0, "named": 0},
    )  # fmt: skip
    assert send(client, f"{key}/state/", {"state": "finished"}, "PUT").json()["models"] == ["zorzal-1"]


def test_the_demo_s_training_engineer_may_make_runs(release) -> None:
    call_command("seed_demo")
    client = with_token(Person.objects.get(username="diego"))
    assert send(client, "", asked(release)).status_code == 201


def test_a_recipe_s_script_and_settings_are_for_everybody(db) -> None:
    told = Client().get("/api/v1/recipes/kto/").json()
    assert told["name"] == "kto"
    assert set(told["files"]) >= {"kto.py", "kto.yaml", "kto.tiny.yaml"}
    assert told["files"]["kto.py"] == (SCRIPTS / "kto.py").read_text("utf-8")
    assert not {name for name in told["files"] if name.startswith("dpo")}
    assert Client().get("/api/v1/recipes/ppo/").status_code == 404


# Who ----------------------------------------------------------------------------------------------------------------

WRITES = {
    "": ("POST", {}), "KEY/state/": ("PUT", {"state": "finished"}), "KEY/heartbeat/": ("POST", {}),
    "KEY/metrics/": ("POST", {"metrics": [{"name": "loss", "step": 1, "value": 1.0}]}),
    "KEY/outputs/": ("POST", {"model": {"name": "m", "licence": "x"}, "outputs": [{"prompt": 1, "text": "x"}]}),
    "KEY/prompts/": ("GET", {}),
}  # fmt: skip


@pytest.mark.parametrize("path", list(WRITES))
@pytest.mark.parametrize(
    ("who", "code"),
    [("nobody", "not_authenticated"), ("volunteer", "forbidden"), ("importer", "forbidden"), ("another", "forbidden"),
     ("suspended owner", "suspended"), ("owner without the right", "forbidden")],
)  # fmt: skip
def test_nobody_but_the_owner_who_may_train_writes_or_reads_texts(diego, who: str, code: str, path: str) -> None:
    if who == "another" and path == "":
        code = "invalid"  # she makes runs of her own, if she says which
    run = bare(diego, "running")
    if who == "nobody":
        client = Client()
    elif who == "another":
        client = with_token(engineer("dora"))
    elif "owner" in who:
        client = with_token(diego)
        if who == "suspended owner":
            Person.objects.filter(pk=diego.pk).update(standing=Person.Standing.PAUSED)
        else:
            diego.user_permissions.clear()
    else:
        person = volunteer("otra", "muy-larga-y-rara", "es-CL")
        person.user_permissions.set(Permission.objects.filter(codename="add_item") if who == "importer" else [])
        client = with_token(person)
    method, body = WRITES[path]
    answer = send(client, path.replace("KEY", str(run.pk)), body, method)
    assert answer.json()["code"] == code, answer.content
    run.refresh_from_db()
    assert (run.state, TrainingRun.objects.count(), Metric.objects.count()) == ("running", 1, 0)
    assert not TrainedModel.objects.exists()


@pytest.mark.parametrize("path", ["", "KEY/", "KEY/manifest/", "KEY/metrics/"])
def test_everybody_reads_a_run_and_not_whose_it_is(release, diego, path: str) -> None:
    run = a_run(diego, release)
    answer = Client().get(RUNS + path.replace("KEY", str(run.pk)))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "diego" not in text
    assert not any(question in text for question in QUESTIONS.values())
    for page in ("/runs/", f"/runs/{run.pk}/", f"/lineage/?run={run.pk}"):
        text = Client().get(page).content.decode()
        assert "diego" not in text.lower().replace("dpo", "")
        assert not any(question in text for question in QUESTIONS.values())


def test_what_is_not_there_is_not_found(diego) -> None:
    client, nobody = with_token(diego), uuid.uuid4()
    for path, (method, body) in {f"{nobody}/": ("GET", {}), **WRITES}.items():
        if path:
            answer = send(client, path.replace("KEY", str(nobody)), body, method)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert client.get(f"{RUNS}nada/").status_code == 404


# Bad input ----------------------------------------------------------------------------------------------------------


WISHES = [
    ({"recipe": "magic"}, "recipe"), ({"releases": "x"}, "releases"), ({"releases": []}, "releases"),
    ({"base_licence": ""}, "base_licence"), ({"base_model": "x" * 121}, "base_model"),
    ({"commit": "HEAD"}, "commit"),
    ({"seed": -1}, "seed"), ({"seed": 2**31}, "seed"), ({"place": "x" * 201}, "place"), ({"id": "7"}, "id"),
    ({"prompts": {"train": 2_001}}, "prompts"), ({"prompts": {"test": 1}}, "prompts"),
    ({"campaign": "nope"}, "campaign"),
    ({"owner": "ana"}, "owner"), ({"state": "finished"}, "state"), ({"releases": ["20010101T000000Z"]}, "releases"),
]  # fmt: skip


def test_a_wish_that_is_not_as_described_names_the_field(release, diego) -> None:
    client = with_token(diego)
    for wrong, field in WISHES:
        answer = send(client, "", asked(release) | wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.content
        assert list(answer.json()["errors"]) == [field]
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize("body", ['{"metrics": [{"name": "loss", "step": 1, "value": NaN}]}',
                                  '{"metrics": [{"name": "loss", "step": 1, "value": 1e999}]}',
                                  '{"metrics": [{"name": "loss", "step": 1, "value": "NaN"}]}',
                                  '{"metrics": [{"name": "a\\u0000", "step": 1, "value": 1}]}',
                                  '{"metrics": "loss"}', '{"metrics": []}', "[]", "[" * 9_000, "{", "7"])  # fmt: skip
def test_metrics_that_are_no_numbers_are_refused(diego, body: str) -> None:
    run = bare(diego, "running")
    path = f"{RUNS}{run.pk}/metrics/"
    answer = with_token(diego).post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Metric.objects.exists()


ANSWER = {"prompt": 1, "text": "x"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
    ({"outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "m"}, "outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "m", "licence": ""}, "outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "a\x00", "licence": "x"}, "outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "\ud800", "licence": "x"}, "outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "z", "licence": "x", "\ud800": 1}, "outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "z", "licence": "x"}, "outputs": [ANSWER | {"\ud800": 1}]}, "invalid"),
    ({"model": {"name": "m", "licence": "x", "checkpoint": "7"}, "outputs": [ANSWER]}, "invalid"),
    ({"model": {"name": "m", "licence": "x"}, "outputs": []}, "invalid"),
    ({"model": {"name": "m", "licence": "x"}, "outputs": "x"}, "invalid"),
    ({"model": {"name": "m", "licence": "x"}, "outputs": [{"prompt": 1, "text": "a\x00b"}]}, "invalid"),
    ({"model": {"name": "m", "licence": "x"}, "outputs": [{"prompt": 1, "text": "x" * 1_000_000}]}, "invalid"),
    ({"model": {"name": "m", "licence": "x"}, "outputs": [{"prompt": 1, "text": "x" * 3_000_000}]}, "too_large"),
    ({"model": {"name": "m", "licence": "x"}, "outputs": [ANSWER], "run": "y"}, "invalid"),
    ([], "invalid"), (None, "invalid"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_answers_that_are_not_as_described_are_refused_and_nothing_is_kept(diego, body: Any, code: str) -> None:
    run = bare(diego, "running")
    answer = send(with_token(diego), f"{run.pk}/outputs/", body)
    assert answer.json()["code"] == code, answer.content
    assert answer.status_code == {"invalid": 400, "too_large": 413}[code]
    assert answer["Content-Type"] == "application/problem+json"
    assert not Output.objects.exists()


@pytest.mark.parametrize("body", [{"state": "lost"}, {"state": "queued"}, {"state": "failed"}, {"state": "x"}, {}, []])
def test_a_state_no_run_gives_itself_is_refused(diego, body: Any) -> None:
    answer = send(with_token(diego), f"{bare(diego, 'running').pk}/state/", body, "PUT")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_state_that_does_not_follow_is_409(diego) -> None:
    answer = send(with_token(diego), f"{bare(diego).pk}/state/", {"state": "finished"}, "PUT")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_open")


def test_a_page_that_is_none_is_refused(release, diego) -> None:
    run, client = a_run(diego, release), with_token(diego)
    for query in ("after=x", "after=99999999999", "role=test", "after=%00", "role=%00"):
        for path in ["prompts"] if "role=t" in query else ["prompts", "metrics"]:
            assert client.get(f"{RUNS}{run.pk}/{path}/?{query}").status_code == 400


# Pages and questions ------------------------------------------------------------------------------------------------


def test_prompts_come_page_by_page(release, diego, monkeypatch) -> None:
    run, client = a_run(diego, release), with_token(diego)
    for module in (queries, api):
        monkeypatch.setattr(module, "PAGE", 2)
    found, after = [], -1
    while after is not None:
        page = client.get(f"{RUNS}{run.pk}/prompts/?after={after}").json()
        found += [each["id"] for each in page["prompts"]]
        after = page["next"]
    assert found == list(run.prompts.values_list("prompt", flat=True))
    told = client.get(f"{RUNS}{run.pk}/prompts/?role=evaluate").json()["prompts"]
    assert [(each["role"], each["messages"]) for each in told] == [
        ("evaluate", [{"role": "user", "content": "¿Qué es un completo?"}])
    ]


def test_the_list_asks_the_same_number_of_questions_however_many_runs(
    release, diego, django_assert_num_queries
) -> None:
    a_run(diego, release)
    for expected in (1, 4):
        for path in (RUNS, f"{RUNS}?release={release.version}", "/runs/"):
            with django_assert_num_queries(3):
                assert Client().get(path).status_code == 200
        for _more in range(3 if expected == 1 else 0):
            a_run(diego, release)
    assert len(Client().get(f"{RUNS}?release={release.version}").json()) == 4
    assert Client().get(f"{RUNS}?release=none").json() == []
    assert len(Client().get(f"{RUNS}?state=running").json()) == 4
