"""What every desk does, whatever it stands on: the same tests in memory and at a real Argilla server."""

import uuid
from typing import Any

import pytest

from annotations.quality.argilla.port import Answered, Desk, DeskFailed, Fact, Field, Guess, Question, Sheet, Task


def questions() -> tuple[Question, ...]:
    """Every kind of question there is."""
    return (
        Question("preferred", "¿Cuál?", "choice", {"a": "A", "tie": "Igual", "b": "B"}),
        Question("ranking", "¿En qué orden?", "order", {"output_a": "A", "output_b": "B"}, required=False),
        Question("overall", "¿Qué tan buena?", "scale", scale=(1, 2, 3, 4, 5), required=False),
        Question("words", "¿Por qué?", "words", required=False),
        Question("groups", "¿A quién?", "choices", {"mujeres": "Mujeres", "otros": "Otros"}, required=False),
        Question(
            "spans", "¿Qué palabras?", "spans", {"genero": "Género", "otro": "Otro"}, of="output_a", required=False
        ),
    )


def sheet(name: str = "cata-vote-2", **facts: Any) -> Sheet:
    fields = (Field("prompt", "Pregunta", chat=True), Field("output_a", "A"), Field("output_b", "B"))
    told = {"variety": Fact(), "votes": Fact("number", shown=False), "agreement": Fact("share", shown=False)}
    return Sheet(**{"name": name, "guidelines": "Lee las dos.", "fields": fields, "questions": questions(),
                    "facts": told, "experts": 2} | facts)  # fmt: skip


def task(name: str = "", **fields: Any) -> Task:
    shown = {
        "prompt": [{"role": "user", "content": "¿Qué hora es?"}],
        "output_a": "Él 🙂 dijo que no.",
        "output_b": "No.",
    }
    facts: dict[str, str | int | float] = {"variety": "es-CL", "votes": 3, "agreement": 0.5}
    return Task(name or str(uuid.uuid4()), shown | fields, facts, (Guess("preferred", "tie", 0.5),))


def an_expert(desk: Desk) -> uuid.UUID:
    pk = uuid.uuid4()
    assert desk.ensure_reviewer(pk, f"exp-{pk.hex[:8]}")
    return pk


def answers(desk: Desk, dataset: str = "cata-vote-2") -> dict[str, list[Answered]]:
    return {seen.task: list(seen.answers) for seen in desk.pull(dataset)}


SAID: dict[str, Any] = {
    "preferred": "a", "overall": 4, "words": "Así se dice.", "groups": ["mujeres"],
    "ranking": [{"value": "output_a", "rank": 1}, {"value": "output_b", "rank": 1}],
    "spans": [{"label": "genero", "start": 0, "end": 2}, {"label": "otro", "start": 1, "end": 9}],
}  # fmt: skip


def test_what_is_pushed_again_is_there_once_with_its_answers(desk: Desk, place: Any) -> None:
    first, second = task(), task()
    for _again in range(2):
        desk.ensure_dataset(sheet())
        desk.push("cata-vote-2", [first, second])
    expert = an_expert(desk)
    place.answer(expert, first.id, {"preferred": "a"})
    desk.push("cata-vote-2", [first, Task(second.id, second.fields, second.facts)])
    found = answers(desk)
    assert set(found) == {first.id, second.id}
    assert [(each.expert, each.status, each.values) for each in found[first.id]] == [
        (expert, "submitted", {"preferred": "a"})
    ]
    assert found[second.id] == []


def test_answers_come_back_as_they_were_given(desk: Desk, place: Any) -> None:
    """Ties, spans that overlap, in code points; every kind of question."""
    one = task()
    desk.ensure_dataset(sheet())
    desk.push("cata-vote-2", [one])
    expert = an_expert(desk)
    place.answer(expert, one.id, SAID)
    (told,) = answers(desk)[one.id]
    assert told.values == SAID


def test_news_move_with_answers_and_not_with_what_we_push(desk: Desk, place: Any) -> None:
    one = task()
    desk.ensure_dataset(sheet())
    desk.push("cata-vote-2", [one])
    mark = desk.has_news("cata-vote-2", "")
    desk.push("cata-vote-2", [one, task()])
    assert desk.has_news("cata-vote-2", mark) == ""
    expert, marks = an_expert(desk), [mark]
    for change in (
        lambda: place.answer(expert, one.id, {"preferred": "a"}),
        lambda: place.answer(expert, one.id, {"preferred": "b"}),
        lambda: place.answer(expert, one.id, {}, "discarded"),
        lambda: place.take_back(expert, one.id),
    ):
        change()
        news = desk.has_news("cata-vote-2", marks[-1])
        assert news
        marks.append(news)
    assert len(set(marks)) == 5


def test_an_answer_keeps_its_id_and_says_that_it_changed(desk: Desk, place: Any) -> None:
    one = task()
    desk.ensure_dataset(sheet())
    desk.push("cata-vote-2", [one])
    expert = an_expert(desk)
    told = []
    for values, status in (({"preferred": "a"}, "submitted"), ({"preferred": "b"}, "submitted"), ({}, "discarded")):
        place.answer(expert, one.id, values, status)
        told += answers(desk)[one.id]
    assert [(each.values.get("preferred"), each.status) for each in told] == [
        ("a", "submitted"), ("b", "submitted"), (None, "discarded"),
    ]  # fmt: skip
    assert (len({each.id for each in told}), len({each.changed_at for each in told})) == (1, 3)
    place.take_back(expert, one.id)
    assert answers(desk) == {one.id: []}


def test_a_task_that_is_not_taken_is_named_and_takes_none_with_it(desk: Desk) -> None:
    """All or none: the place says which, and without it the rest goes."""
    desk.ensure_dataset(sheet())
    good, bad = task(), task(prompt=[{"role": "user", "content": "x" * 20_001}])
    with pytest.raises(DeskFailed) as failed:
        desk.push("cata-vote-2", [good, bad, task()])
    assert (failed.value.code, failed.value.place) == ("invalid", 1)
    assert "prompt" in failed.value.says
    assert answers(desk) == {}
    desk.push("cata-vote-2", [good])
    assert set(answers(desk)) == {good.id}


def test_what_is_removed_is_gone_with_its_answers(desk: Desk, place: Any) -> None:
    one, other = task(), task()
    desk.ensure_dataset(sheet())
    desk.push("cata-vote-2", [one, other])
    place.answer(an_expert(desk), one.id, {"preferred": "a"})
    for _again in range(2):
        desk.remove("cata-vote-2", [one.id])
    assert answers(desk) == {other.id: []}
    desk.remove_dataset("cata-vote-2")
    desk.remove_dataset("cata-vote-2")
    desk.remove("cata-vote-2", [other.id])
    with pytest.raises(DeskFailed, match="gone"):
        desk.has_news("cata-vote-2", "")
    with pytest.raises(DeskFailed, match="gone"):
        desk.push("cata-vote-2", [other])


def test_a_data_set_that_asks_other_things_is_not_ours(desk: Desk) -> None:
    desk.ensure_dataset(sheet())
    with pytest.raises(DeskFailed, match="changed"):
        desk.ensure_dataset(sheet(questions=questions()[:2]))
    desk.ensure_dataset(sheet(guidelines="Lee las dos, con calma."))


def test_an_account_is_made_once_and_goes_with_what_it_said(desk: Desk, place: Any) -> None:
    one = task()
    desk.ensure_dataset(sheet())
    desk.push("cata-vote-2", [one])
    stays, goes = an_expert(desk), an_expert(desk)
    assert desk.ensure_reviewer(goes, f"exp-{goes.hex[:8]}") == "", "its password is told once"
    for expert in (stays, goes):
        place.answer(expert, one.id, {"preferred": "a"})
    assert {stays, goes} <= desk.experts()
    for _again in range(2):
        desk.remove_reviewer(goes, ["cata-vote-2", "another"])
    assert [each.expert for each in answers(desk)[one.id]] == [stays]
    assert goes not in desk.experts()
