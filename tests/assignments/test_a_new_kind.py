"""A kind of judgement added by the steps of `docs/add-a-kind-of-judgement.md` alone: what it brings stands here whole,
and it sits at the table, drafts, is undone, answers over the API and closes a cell like any other."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.test import Client, override_settings

from annotations.assignments import kinds
from annotations.assignments.api import checked
from annotations.assignments.kinds import Kind
from annotations.assignments.models import Assignment, Cell, Judgement
from annotations.assignments.table.forms import AnswerForm
from annotations.errors import Refused
from annotations.people.actions import new_token
from annotations.people.models import Person
from tests.cast import line, people, world

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db
kept: dict[int, int] = {}
"""What a model of the kind's own would hold: this kind has none, so that the tables of the tests stay as they are."""


def check(answer: Mapping[str, Any], seat: Assignment) -> int:
    if answer.get("syllables") not in range(1, 100):
        raise Refused("invalid", errors={"syllables": "a number from 1 to 99"})
    return int(answer["syllables"])


def keep(judgement: Judgement, checked: int) -> None:
    kept[judgement.pk] = checked


def tell(judgement: Judgement) -> Mapping[str, Any]:
    return {"syllables": kept[judgement.pk]}


class SyllablesForm(AnswerForm):
    syllables = forms.IntegerField(min_value=1, max_value=99)

    def read(self, choice: str) -> Mapping[str, Any]:
        return {"syllables": self.cleaned_data["syllables"]}


TEMPLATE = """{% include "table/outputs.html" %}{{ form.syllables.errors }}{{ form.syllables }}
<div class="dock"><button class="button">{{ asked.word }}</button>{% include "table/ways.html" %}</div>"""
SYLLABLES = Kind(
    name="syllables", label="Count", does="Count the syllables.", table="rate", outputs=(1, 1),
    guidelines=ROOT / "guidelines" / "7", check=check, keep=keep, row="assignment", tell=tell, form=SyllablesForm,
    template="tests/syllables.html", question="How many syllables?", schema={"type": "object"},
    ask=lambda seat: {"word": "Contadas"},
)  # fmt: skip


@pytest.fixture
def campaign(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setitem(kinds._registry, "syllables", SYLLABLES)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "syllables.html").write_text(TEMPLATE)
    with override_settings(TEMPLATES=[{**settings.TEMPLATES[0], "DIRS": [ROOT / "templates", tmp_path]}]):
        yield world(line("1", "Una sola.", kind="syllables"), kind="syllables", needed=1)
    kept.clear()


@pytest.fixture
def ana(campaign: Any) -> Person:
    return people(1)[0]


def test_it_lies_on_its_table_and_is_answered_there(ana: Person) -> None:
    client = Client()
    client.force_login(ana)
    page = client.get("/rate/")
    assert "Contadas" in page.content.decode()
    seat = {"assignment": str(page.context["seat"].pk), "key": str(uuid.uuid4())}
    wrong = client.post("/rate/send/", seat | {"syllables": "many"})
    assert wrong.status_code == 400
    assert 'value="many"' in wrong.content.decode()
    client.post("/rate/draft/", seat | {"syllables": "4"})
    assert 'value="4"' in client.get("/rate/").content.decode()
    assert client.post("/rate/send/", seat | {"syllables": "4"}).status_code == 302
    judgement = Judgement.objects.get()
    assert (judgement.kind, judgement.guideline_version, kept[judgement.pk]) == ("syllables", "7", 4)
    assert Cell.objects.get().is_full
    again = client.get(client.post("/rate/undo/")["Location"])
    assert 'value="4"' in again.content.decode()


def test_it_answers_over_the_api_and_its_books_balance(ana: Person) -> None:
    api = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", {"kind": "syllables"}, content_type="application/json").json()
    assert (turn["kind"], turn["item"]["word"], len(turn["item"]["outputs"])) == ("syllables", "Contadas", 1)
    url = f"/api/v1/judgements/{uuid.uuid4()}/"
    for syllables, status in ((0, 400), (3, 201), (3, 200)):
        body = {"assignment": turn["assignment"], "answer": {"syllables": syllables}}
        assert api.put(url, body, content_type="application/json").status_code == status


@pytest.mark.parametrize("outputs", [[], [{"model": "m", "text": "a"}, {"model": "n", "text": "b"}]])
def test_an_import_holds_to_how_many_outputs_it_has(campaign: Any, outputs: list[Any]) -> None:
    (problem,) = checked([(1, line("2", kind="syllables", outputs=outputs))], "tests")
    assert problem.reason == "debe ser una lista de 1 respuesta"  # type: ignore[union-attr]
