"""Importing through the doors people use: the command and the API."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client

from annotations import requests
from annotations.assignments.api import checked
from annotations.assignments.imports import Report, load_items
from annotations.assignments.models import Campaign, Cell, Item
from annotations.corpus.models import Output, Prompt, Source
from annotations.people.actions import new_token
from annotations.people.models import Person
from tests.cast import at_once, line, world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _varieties(seeds: None) -> None:
    pass


def jsonl(folder: Path, *lines: object) -> str:
    path = folder / "items.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines), "utf-8")
    return str(path)


def test_a_campaign_that_does_not_exist_is_made_and_a_second_time_adds_nothing(tmp_path: Path, capsys) -> None:
    file = jsonl(tmp_path, line("1"), line("2"))
    call_command("load_items", "nueva", file)
    call_command("load_items", "nueva", file)
    assert capsys.readouterr().out.splitlines() == [
        "2 added, 0 known, 0 held back, 0 refused",
        "0 added, 2 known, 0 held back, 0 refused",
    ]
    campaign = Campaign.objects.get(slug="nueva")
    assert (campaign.needed, campaign.rule, campaign.state, campaign.kind) == (3, "strict_majority", "open", "vote")
    assert (Item.objects.count(), Prompt.objects.count(), Output.objects.count(), Cell.objects.count()) == (2, 2, 4, 2)


def test_good_lines_are_kept_beside_bad_ones_which_are_named(tmp_path: Path, capsys) -> None:
    call_command("load_items", "c", jsonl(tmp_path, line("1"), "{", line("3", "", "b"), line("4")))
    printed = capsys.readouterr()
    assert "2 added, 0 known, 0 held back, 2 refused" in printed.out
    assert "line 2: line: not JSON" in printed.err
    assert "line 3: outputs[0].text: this must not be empty [empty]" in printed.err


def test_strict_refuses_the_whole_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing was added"):
        call_command("load_items", "c", jsonl(tmp_path, line("1"), "{"), "--strict")
    assert (Item.objects.count(), Prompt.objects.count()) == (0, 0)


def test_csv_and_parquet_become_the_same_items_as_json_lines(tmp_path: Path) -> None:
    wanted = line("1", source="libro", permitted_use=["train"])
    with (tmp_path / "items.csv").open("w", newline="") as file:
        flat = {k: v for k, v in wanted.items() if k != "outputs"} | {"permitted_use": "train"}
        for place, output in enumerate(wanted["outputs"], 1):
            flat |= {f"output_{place}": output["text"], f"model_{place}": output["model"]}
        writer = csv.DictWriter(file, flat)
        writer.writeheader()
        writer.writerow(flat)
    pq.write_table(pa.Table.from_pylist([wanted, line("2") | {"source": None}]), tmp_path / "items.parquet")
    call_command("load_items", "a", jsonl(tmp_path, wanted))
    call_command("load_items", "b", str(tmp_path / "items.csv"))
    call_command("load_items", "c", str(tmp_path / "items.parquet"))
    first = Item.objects.filter(source_id="1")
    assert first.count() == 3
    assert first.values("prompt").distinct().count() == 1
    assert Source.objects.get(name="libro").permitted_use == ["train"]


def test_what_evaluates_never_trains_not_even_in_other_words(tmp_path: Path, capsys) -> None:
    call_command("load_items", "c", jsonl(tmp_path, line("1", prompt="¿Qué es el mate?", role="evaluate")))
    with pytest.raises(CommandError):
        call_command("load_items", "c", jsonl(tmp_path, line("2", prompt="que es EL MATE", role="train")))
    assert "role_conflict" in capsys.readouterr().err


def test_an_endpoint_s_failure_is_held_back_and_gives_no_seats(tmp_path: Path, capsys) -> None:
    call_command(
        "load_items", "c", jsonl(tmp_path, line("1", "Error 502: Bad Gateway", "El error 502 es del servidor."))
    )
    assert "1 added, 0 known, 1 held back" in capsys.readouterr().out
    assert (Cell.objects.get().open, Cell.objects.get().held_back) == (False, "error_answer")


def engineer(*rights: str) -> Client:
    person = Person.objects.create_user("diego", "muy-larga-y-rara")
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return Client(headers={"Authorization": f"Token {new_token(person=person)}"})


def test_the_api_takes_one_item_a_list_and_lines(tmp_path: Path) -> None:
    Campaign.objects.create(slug="c", name="c")
    diego, url = engineer("add_item"), "/api/v1/campaigns/c/items/"

    def post(body: str, kind: str = "application/json") -> tuple[int, dict]:
        answer = diego.post(url, body, content_type=kind)
        return answer.status_code, answer.json()

    assert post(json.dumps(line("1"))) == (
        201,
        {"added": 1, "known": 0, "held_back": 0, "refused_lines": 0, "refused": []},
    )
    assert post(json.dumps([line("1"), line("2")]))[1]["added"] == 1
    assert post(json.dumps(line("1")))[0] == 200
    status, report = post(json.dumps(line("3")) + "\nnot json\n", "application/x-ndjson")
    assert (status, report["added"], report["refused"][0]["line"]) == (201, 1, 2)
    status, problem = post(json.dumps(line("4", "a", "a")))
    assert (status, problem["code"], problem["errors"][0]["code"]) == (400, "invalid", "identical_outputs")
    assert post("[]")[0] == post("3")[0] == post("{")[0] == post('"x"')[0] == 400
    assert Item.objects.count() == 3


def test_only_those_with_the_right_import(tmp_path: Path) -> None:
    Campaign.objects.create(slug="c", name="c")
    url = "/api/v1/campaigns/c/items/"
    body = json.dumps(line("1"))
    nobody = Client().post(url, body, content_type="application/json")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_authenticated")
    stranger = engineer().post(url, body, content_type="application/json")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "forbidden")


def test_a_campaign_s_name_must_fit_into_an_address(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no name for a campaign"):
        call_command("load_items", "mi campaña", jsonl(tmp_path, line("1")))
    assert Campaign.objects.count() == 0


def test_a_paused_account_imports_nothing_and_too_much_is_a_problem_document(settings, monkeypatch) -> None:
    Campaign.objects.create(slug="c", name="c")
    diego, url = engineer("add_item"), "/api/v1/campaigns/c/items/"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    monkeypatch.setattr(requests, "MAX_LINES_BODY", 100)
    for kind in ("application/json", "application/x-ndjson"):
        answer = diego.post(url, json.dumps(line("1")), content_type=kind)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    Person.objects.update(standing="paused")
    answer = diego.post(url, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "suspended")


def test_a_body_of_endless_lines_is_refused_and_of_many_refusals_the_first_are_listed(monkeypatch) -> None:
    Campaign.objects.create(slug="c", name="c")
    diego, url = engineer("add_item"), "/api/v1/campaigns/c/items/"
    monkeypatch.setattr(Report, "LISTED", 3)
    answer = diego.post(url, "[]\n" * 9 + json.dumps(line("1")), content_type="application/x-ndjson").json()
    assert (answer["added"], answer["refused_lines"], len(answer["refused"])) == (1, 9, 3)
    answer = diego.post(url, "\n" * (requests.MAX_LINES + 1), content_type="application/x-ndjson")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("params", ['{"a":' * 9 + "1" + "}" * 9, '{"a":' * 3_000 + "1" + "}" * 3_000])
def test_sampling_parameters_are_flat_enough_to_read(params: str) -> None:
    Campaign.objects.create(slug="c", name="c")
    raw = json.dumps(line("1")).replace('"model-0"', f'"model-0", "params": {params}')
    answer = engineer("add_item").post("/api/v1/campaigns/c/items/", raw, content_type="application/x-ndjson")
    assert answer.status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_lines_at_once_add_them_once() -> None:
    campaign = world(line("0"))
    raw = [(number, line(str(number))) for number in range(20)]
    reports = at_once(*[lambda: load_items(campaign=campaign, lines=checked(raw, "tests"))] * 3)
    assert sorted((report.added, report.known) for report in reports) == [(0, 20), (0, 20), (19, 1)]
    assert Item.objects.count() == 20


def test_a_campaign_that_an_import_makes_is_of_the_kind_of_its_items(seeds, tmp_path) -> None:
    """Else its page would say that one votes, and lead to a table on which nothing lies."""
    call_command("load_items", "notas", jsonl(tmp_path, line("1", "Una sola.", kind="score")))
    call_command("load_items", "notas", jsonl(tmp_path, line("2")))
    assert Campaign.objects.get().kind == "score"
    assert list(Item.objects.order_by("pk").values_list("kind", flat=True)) == ["score", "vote"]
