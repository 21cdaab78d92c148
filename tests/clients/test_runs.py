"""The Python client tells of a run, from the release to answers back."""

import itertools
import uuid
from collections.abc import Iterator
from unittest.mock import ANY

import pytest

from annotations.corpus.models import Output
from annotations.people.actions import new_token
from annotations.training.models import Metric, TrainingRun
from minka_client import Answer, Ingested, Minka, Refused, Run, runs
from tests.cast import line
from tests.runs.world import BASE, QUESTIONS, add, engineer, fresh_lines, judged, published

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def minka(live_server) -> Iterator[Minka]:
    add(judged(), *fresh_lines(), line("e", prompt="¿Qué es un completo?", role="evaluate"))
    published()
    with Minka(live_server.url, new_token(person=engineer())) as connected:
        yield connected


def handed(minka: Minka, **facts) -> Run:
    facts = {"recipe": "dpo", "base_model": BASE, "base_licence": "apache-2.0", "campaign": "prueba"} | facts
    return minka.hand_over(minka.releases(), **facts)


def test_from_a_release_to_answers_back(minka: Minka, monkeypatch) -> None:
    key = uuid.uuid4()
    run = handed(minka, key=key, seed=3, commit="0123abc", prompts={"train": 4, "evaluate": 4})
    assert handed(minka, key=key, seed=3, commit="0123abc", prompts={"train": 4, "evaluate": 4}).id == run.id == key
    assert (run.state, run.mine, dict(run.prompts)) == ("queued", True, {"train": 4, "evaluate": 1})
    (release,) = minka.releases()
    assert [each["version"] for each in minka.manifest(run)["releases"]] == run.releases == [release.version]
    assert minka.move(run, "running", place="aquí").state == "running"
    monkeypatch.setattr(runs, "POINTS", 3)
    assert minka.record(run, [("loss", step, 1 / (step + 1)) for step in range(7)]) == 7
    assert not minka.heartbeat(run).is_over
    prompts = list(minka.prompts(run))
    train = list(minka.prompts(run, role="train"))
    assert sorted(prompt.messages[0]["content"] for prompt in train) == sorted(QUESTIONS.values())
    assert [prompt.role for prompt in prompts] == ["train"] * 4 + ["evaluate"]
    monkeypatch.setattr(runs, "BATCH", 2)
    answers = [Answer(prompt.id, "Con pebre.", params={"temperature": 0.7}) for prompt in prompts]
    facts = {"model": "zorzal-1", "licence": "apache-2.0", "checkpoint": "e" * 64}
    assert minka.add_outputs(run, answers, **facts) == Ingested(added=5, paired=5)
    assert minka.add_outputs(run, answers, **facts) == Ingested(known=5)
    assert minka.move(run, "finished").is_over
    assert minka.run(key).models == ["zorzal-1"]
    assert [each.id for each in minka.runs(release=release, state="finished")] == [key]
    assert minka.runs(state="queued") == []
    told = minka.lineage(model="zorzal-1")
    assert [strand["run"]["id"] for strand in told["came_of"]] == [str(key)]
    assert told["models"] == [
        {"name": "zorzal-1", "licence": "apache-2.0", "run": str(key), "outputs": 5, "held_back": 0, "items": 5,
         "judgements": 0, "won": 0, "lost": 0, "level": ANY}
    ]  # fmt: skip
    assert (Metric.objects.count(), Output.objects.filter(model__name="zorzal-1").count()) == (7, 5)


def test_a_cancelled_run_is_told_so_by_its_heartbeat(minka: Minka) -> None:
    run = minka.move(handed(minka), "running")
    TrainingRun.objects.get(pk=run.id)
    minka.move(run, "cancelled")
    assert minka.heartbeat(run).is_over
    with pytest.raises(Refused, match="not_open"):
        minka.record(run, [("loss", 1, 0.5)])


def test_a_no_names_what_is_wrong(minka: Minka) -> None:
    run = minka.move(handed(minka), "running")
    answers = [Answer(prompt.id, "Con pebre.") for prompt in itertools.islice(minka.prompts(run), 2)]
    with pytest.raises(Refused, match="invalid") as refused:
        minka.add_outputs(run, [*answers, Answer(2**40, "x")], model="z", licence="x")
    assert [each["answer"] for each in refused.value.errors] == [2]
    with pytest.raises(Refused, match="key_reused"):
        handed(minka, key=run.id, seed=9)
    with pytest.raises(Refused, match="not_found"):
        minka.run(uuid.uuid4())
