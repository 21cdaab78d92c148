"""What a run's model answers comes back: once, screened, and either all of a request or nothing."""

import uuid

import pytest
from django.utils import timezone

from annotations.assignments.models import Averted, Campaign, Cell, Item, ItemOutput
from annotations.assignments.seats import next_for
from annotations.corpus.models import MAX_TEXT, ModelVersion, Output
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.actions import Spoken, speak
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.training.actions import MOST_ANSWERS, Ingested, Model, ingest_outputs, move
from annotations.training.models import TrainedModel, TrainingRun
from annotations.training.pairing import best_of
from tests.cast import answer, key_of, line, seat_at, world
from tests.runs.world import BASE, QUESTIONS, a_run, add, bare, engineer, fresh_lines, judged, told

pytestmark = pytest.mark.django_db
ZORZAL = Model("zorzal-1", "apache-2.0", checkpoint="a" * 64)


@pytest.fixture
def campaign() -> Campaign:
    evaluates = line("e", prompt="¿Qué es un completo?", role="evaluate")
    return world(*fresh_lines(sensitive=["gender"]), evaluates)


@pytest.fixture
def release(campaign) -> Release:
    return told()


@pytest.fixture
def diego(release) -> Person:
    return engineer()


@pytest.fixture
def run(diego, release) -> TrainingRun:
    return a_run(diego, release, campaign="prueba")


def asked(run: TrainingRun, role: str = "train") -> list[int]:
    return list(run.prompts.filter(prompt__group__role=role).values_list("prompt", flat=True))


def said(prompts: list[int], text: str = "Con pebre, {}.", **facts) -> list[dict]:
    return [{"prompt": pk, "text": text.format(pk), "params": {"temperature": 0.7}} | facts for pk in prompts]


def test_answers_come_in_under_their_model_and_a_second_time_add_nothing(diego, run) -> None:
    answers = said(asked(run)) + said(asked(run, "evaluate"))
    first = ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers)
    assert first == Ingested(added=5, held_back=0, known=0, withdrawn=0, paired=5)
    assert ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers) == Ingested(0, 0, 5, 0, 0)
    trained = TrainedModel.objects.get()
    assert (trained.model.name, trained.model.licence, trained.run, trained.checkpoint) == (
        "zorzal-1", "apache-2.0", run, "a" * 64,
    )  # fmt: skip
    outputs = Output.objects.filter(model=trained.model)
    assert set(outputs.values_list("licence", "sample", "quarantine")) == {("apache-2.0", 0, "")}
    assert outputs.first().params == {"temperature": 0.7}


def test_what_answers_a_question_that_evaluates_never_trains(diego, run) -> None:
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run) + asked(run, "evaluate")))
    for output in Output.objects.filter(model__name="zorzal-1").select_related("prompt__group"):
        trains = output.prompt.group.role == "train"
        assert output.permitted_use == (["evaluate", "train"] if trains else ["evaluate"])
    (item,) = Item.objects.filter(source_id__startswith="run:", prompt__group__role="evaluate")
    uses = dict(item.outputs.values_list("model__name", "permitted_use"))
    assert uses["zorzal-1"] == ["evaluate"], "for the boards, and for them alone"


def test_a_licence_that_forbids_training_is_kept_to(diego, run) -> None:
    model = Model("zorzal-1", "other", permitted_use=("evaluate",))
    done = ingest_outputs(owner=diego, run=run.pk, model=model, answers=said(asked(run)))
    assert (done.added, done.paired) == (4, 0)
    assert set(map(tuple, Output.objects.filter(model__name="zorzal-1").values_list("permitted_use", flat=True))) == {
        ("evaluate",)
    }


def test_doubtful_answers_are_held_back_and_not_judged(diego, run) -> None:
    texts = ["Error code: 500 - Internal Server Error", "Mi RUT es 12.345.678-5.", "Con pebre.", "Con manjar."]
    answers = [{"prompt": pk, "text": text} for pk, text in zip(asked(run), texts, strict=True)]
    done = ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers)
    assert (done.added, done.held_back, done.paired) == (4, 2, 2)
    held = Output.objects.exclude(quarantine="").values_list("text", "quarantine")
    assert dict(held) == {texts[0]: "error_answer", texts[1]: "personal_data"}


WRONG = [
    ({"text": ""}, "empty"), ({"text": " \n"}, "empty"), ({"text": "a\x00b"}, "nul"), ({"text": None}, "missing"),
    ({"text": 7}, "not_text"), ({"text": "x" * (MAX_TEXT + 1)}, "too_long"), ({"text": "á" * 1_000_000}, "too_long"),
    ({"text": "\ud800"}, "not_unicode"), ({"sample": -1}, "invalid"), ({"sample": 100}, "invalid"),
    ({"sample": "0"}, "invalid"), ({"sample": True}, "invalid"), ({"params": []}, "invalid"),
    ({"params": {"t": float("nan")}}, "invalid"), ({"params": {"t": "x" * 5_000}}, "invalid"),
    ({"prompt": None}, "missing"), ({"prompt": "1"}, "invalid"), ({"prompt": 2**70}, "invalid"),
    ({"prompt": 2**62}, "not_handed_over"), ({"x": 1}, "unknown_field"),
]  # fmt: skip


def test_what_cannot_be_kept_is_named_and_nothing_is(diego, run) -> None:
    for wrong, code in WRONG:
        answers = said(asked(run))
        answers[2] |= wrong
        with pytest.raises(Refused, match="invalid") as refused:
            ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers)
        assert [(each["answer"], each["code"]) for each in refused.value.errors] == [(2, code)], str(wrong)[:30]
        assert not ModelVersion.objects.filter(name="zorzal-1").exists()
    assert not TrainedModel.objects.exists()
    assert Item.objects.filter(source_id__startswith="run:").count() == 0


def test_a_prompt_of_another_run_is_no_prompt_of_this(diego, run, release) -> None:
    other = a_run(diego, release, prompts={"train": 0, "evaluate": 1})
    with pytest.raises(Refused, match="invalid") as refused:
        ingest_outputs(owner=diego, run=other.pk, model=ZORZAL, answers=said(asked(run)[:1]))
    assert refused.value.errors[0]["code"] == "not_handed_over"


def test_another_text_under_the_same_sample_is_refused_and_another_sample_is_new(diego, run) -> None:
    (prompt, *_rest) = asked(run)
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said([prompt]))
    other = said([prompt], "Sin pebre, {}.")
    with pytest.raises(Refused, match="key_reused") as refused:
        ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)[1:]) + other)
    assert refused.value.errors == [{"prompt": prompt, "sample": 0}]
    assert Output.objects.filter(model__name="zorzal-1").count() == 1
    again = said([prompt], "Sin pebre, {}.", sample=1) + said([prompt], sample=2)
    done = ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=again)
    assert (done.added, done.known) == (1, 1), "the same words under another sample are the same answer"


def test_a_model_that_exists_is_not_a_run_s_to_answer_for(diego, run, release) -> None:
    answers = said(asked(run))
    for name in ("model-1",):
        with pytest.raises(Refused, match="model_exists"):
            ingest_outputs(owner=diego, run=run.pk, model=Model(name, "x"), answers=answers)
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers[:1])
    other = a_run(diego, release)
    with pytest.raises(Refused, match="model_exists"):
        ingest_outputs(owner=diego, run=other.pk, model=ZORZAL, answers=answers)
    for otherwise in (Model("zorzal-1", "mit", "a" * 64), Model("zorzal-1", "apache-2.0", "b" * 64)):
        with pytest.raises(Refused, match="model_exists"):
            ingest_outputs(owner=diego, run=run.pk, model=otherwise, answers=answers)
    assert Output.objects.filter(model__name="zorzal-1").count() == 1


def test_another_s_run_takes_nothing_of_somebody_else(run) -> None:
    with pytest.raises(Refused, match="forbidden"):
        ingest_outputs(owner=engineer("dora"), run=run.pk, model=ZORZAL, answers=said(asked(run)))
    with pytest.raises(Refused, match="not_found"):
        ingest_outputs(owner=engineer("eva"), run=uuid.uuid4(), model=ZORZAL, answers=said(asked(run)))
    assert not TrainedModel.objects.exists()


@pytest.mark.parametrize(("state", "taken"), [("queued", False), ("failed", False), ("cancelled", False),
                                              ("lost", True), ("running", True), ("finished", True)])  # fmt: skip
def test_answers_are_taken_while_a_model_can_be_there(diego, state: str, taken: bool) -> None:
    run = bare(diego, state)
    with pytest.raises(Refused, match="invalid" if taken else "not_open"):
        ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=[{"prompt": 1, "text": "x"}])


def test_one_request_is_bounded(diego, run) -> None:
    for answers, code in ((said([1] * (MOST_ANSWERS + 1)), "too_large"), ([], "invalid")):
        with pytest.raises(Refused, match=code):
            ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers)


def test_an_answer_to_what_was_taken_back_meanwhile_is_not_kept_and_the_others_are(diego, run, campaign) -> None:
    gone = asked(run)[0]
    Cell.objects.filter(item__prompt=gone).update(held_back="taken_back")
    done = ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    assert done == Ingested(added=3, held_back=0, known=0, withdrawn=1, paired=3)
    assert not Output.objects.filter(prompt=gone, model__name="zorzal-1").exists()


# Pairs --------------------------------------------------------------------------------------------------------------


def test_a_new_answer_meets_the_one_of_the_model_that_won_most(diego, release, campaign) -> None:
    judged(slug="antes")
    settle_due()
    run = a_run(diego, told_later(), campaign="prueba", base_model="model-1")
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    made = Item.objects.filter(source_id__startswith="run:").order_by("pk")
    assert [item.prompt_id for item in made] == asked(run), "in the order in which the prompts were drawn"
    for item in made:
        assert {output.model.name for output in item.outputs.all()} == {"zorzal-1", "model-0"}
        assert (item.campaign, item.kind, item.variety_id, item.sensitive) == (campaign, "vote", "es-CL", ["gender"])
        assert item.cells.get().held_back == ""
    places = set(ItemOutput.objects.filter(item__in=made, output__model__name="zorzal-1").values_list("position"))
    assert places <= {(0,), (1,)}


def told_later() -> Release:
    """What was judged until now was judged before it."""
    Release.objects.update(cutoff=timezone.now())
    return Release.objects.get()


def test_it_is_judged_like_any_other(diego, run, campaign) -> None:
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    Cell.objects.exclude(item__source_id__startswith="run:").update(held_back="broken")
    bruno = volunteer("bruna", "muy-larga-y-rara", "es-CL")
    seat = seat_at(bruno, campaign)
    assert seat.item.source_id.startswith("run:")
    received = answer(bruno, seat, {"preferred": key_of(seat, 0), "strength": 1})
    assert received.judgement.counted


def test_without_a_campaign_or_with_a_closed_one_nothing_is_paired(diego, release, run, campaign) -> None:
    alone = a_run(diego, release)
    assert ingest_outputs(owner=diego, run=alone.pk, model=Model("a", "x"), answers=said(asked(alone))).paired == 0
    Campaign.objects.update(state="closed")
    assert ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run), "Ya, {}.")).paired == 0


def test_the_base_model_s_answers_come_in_by_the_same_door_and_pairs_follow(diego, release, campaign) -> None:
    """Questions nobody has answered yet: the base answers them too, before or after."""
    translate = Campaign.objects.create(slug="solo", name="Solo", kind="demonstration")
    (prompt,) = add(translate, line("s", kind="demonstration", prompt="¿Dónde pago la luz?", outputs=None))
    run = a_run(diego, release, campaign="prueba", base_model="tucan-9b")
    assert prompt.pk in asked(run)
    answers = said([prompt.pk])
    assert ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers).paired == 0
    base = Model("tucan-9b", "apache-2.0")
    assert ingest_outputs(owner=diego, run=run.pk, model=base, answers=said([prompt.pk], "En la caja, {}.")).paired == 1
    assert not TrainedModel.objects.filter(model__name="tucan-9b").exists(), "it came of no run"
    (item,) = Item.objects.filter(prompt=prompt, kind="vote")
    assert {output.model.name for output in item.outputs.all()} == {"zorzal-1", "tucan-9b"}


def test_a_base_model_of_somebody_else_s_run_is_theirs_to_answer_for(diego, run, release) -> None:
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    dora = engineer("dora")
    hers = a_run(dora, release, base_model="zorzal-1")
    with pytest.raises(Refused, match="model_exists"):
        ingest_outputs(owner=dora, run=hers.pk, model=ZORZAL, answers=said(asked(hers)[:1], "Falso, {}."))
    next_one = a_run(diego, release, base_model="zorzal-1")
    assert ingest_outputs(owner=diego, run=next_one.pk, model=ZORZAL, answers=said(asked(run))).known == 4


def test_no_door_loosens_what_a_model_s_licence_forbids(diego, run, release) -> None:
    strict = Model("zorzal-1", "cc-by-nc", permitted_use=("evaluate",))
    ingest_outputs(owner=diego, run=run.pk, model=strict, answers=said(asked(run)))
    after = a_run(diego, release, base_model="zorzal-1", base_licence="cc-by-nc")
    for looser in (Model("zorzal-1", "mit"), Model("zorzal-1", "cc-by-nc")):
        with pytest.raises(Refused, match="model_exists"):
            ingest_outputs(owner=diego, run=after.pk, model=looser, answers=said(asked(after), "Otra, {}."))
    assert ingest_outputs(
        owner=diego, run=after.pk, model=strict, answers=said(asked(after), "Otra, {}.", sample=1)
    ).added
    assert set(Output.objects.filter(model__name="zorzal-1").values_list("licence", flat=True)) == {"cc-by-nc"}


def test_a_base_model_comes_in_under_the_licence_the_run_was_handed_it(diego, release, campaign) -> None:
    run = a_run(diego, release, base_model="tucan-9b")
    with pytest.raises(Refused, match="model_exists"):
        ingest_outputs(owner=diego, run=run.pk, model=Model("tucan-9b", "mit"), answers=said(asked(run)))
    assert not ModelVersion.objects.filter(name="tucan-9b").exists()


def test_whoever_sent_an_answer_does_not_judge_it(diego, run, campaign) -> None:
    """They know whose words these are. Everybody else is asked."""
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    Cell.objects.exclude(item__source_id__startswith="run:").update(held_back="broken")
    speak(person=diego, varieties=[Spoken("es-CL")])
    assert next_for(person=diego, campaign=campaign) is None
    assert next_for(person=volunteer("bruna", "muy-larga-y-rara", "es-CL"), campaign=campaign)
    Averted.objects.all().delete()
    assert next_for(person=diego, campaign=campaign), "the twin: without it they would be"


def test_whoever_wrote_the_question_does_not_judge_the_answers(diego, run, campaign) -> None:
    writer = volunteer("bruna", "muy-larga-y-rara", "es-CL")
    Item.objects.filter(prompt__in=asked(run)).update(author=writer)
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    assert set(Item.objects.filter(source_id__startswith="run:").values_list("author", flat=True)) == {writer.pk}


def test_the_same_words_are_no_pair(diego, run) -> None:
    answers = [
        {"prompt": pk, "text": Output.objects.get(prompt=pk, model__name=BASE).text} for pk in asked(run)
    ]  # fmt: skip
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers)
    met = Item.objects.filter(source_id__startswith="run:").first()
    assert {output.model.name for output in met.outputs.all()} == {"zorzal-1", "model-1"}


def test_to_a_question_that_evaluates_an_answer_meets_one_that_is_drawn_and_whoever_judges_it_has_the_chance(
    diego, run, campaign
) -> None:
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run, "evaluate")))
    (item,) = Item.objects.filter(source_id__startswith="run:")
    assert item.prompt.group.role == "evaluate"
    assert item.pair_probability == pytest.approx(0.5), "of two of whom nothing is known"
    Cell.objects.exclude(item=item).update(held_back="broken")
    bruna = volunteer("bruna", "muy-larga-y-rara", "es-CL")
    seat = seat_at(bruna, campaign)
    received = answer(bruna, seat, {"preferred": "tie"})
    assert (seat.offer_policy, seat.offer_probability) == ("in_order", item.pair_probability)
    assert received.judgement.offer_probability == item.pair_probability


def test_an_answer_that_says_which_model_it_is_meets_nobody_and_is_told_of(diego, run) -> None:
    first, second, *rest = asked(run)
    about = ["ChatGPT es de otros.", "Con pebre."]
    texts = {first: "Soy ChatGPT.", second: "Eu sou o Zorzal 1."} | dict(zip(rest, about, strict=True))
    answers = [{"prompt": pk, "text": text} for pk, text in texts.items()]
    done = ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=answers)
    assert (done.added, done.held_back, done.paired, done.named) == (4, 0, 2, 2)
    assert set(Item.objects.filter(source_id__startswith="run:").values_list("prompt", flat=True)) == set(rest)
    assert set(Output.objects.filter(model__name="zorzal-1").values_list("quarantine", flat=True)) == {""}


def test_one_that_says_who_it_is_is_not_the_one_that_is_met(diego, run) -> None:
    pk = asked(run)[0]
    Output.objects.filter(prompt=pk, model__name=BASE).update(text="Soy Gemini.")
    ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said([pk]))
    met = Item.objects.get(source_id__startswith="run:")
    assert {output.model.name for output in met.outputs.all()} == {"zorzal-1", "model-1"}


def test_the_best_so_far_is_who_won_most_then_the_base_then_the_first() -> None:
    assert best_of([3, 1, 2], {2: 5, 3: 5, 1: 1}, base=3) == 3
    assert best_of([3, 1, 2], {2: 5, 3: 4}, base=3) == 2
    assert best_of([3, 1, 2], {}, base=2) == 2
    assert best_of([3, 1, 2], {}, base=None) == 1


def test_pairing_asks_the_same_number_of_questions_however_many_answers(
    diego, run, release, django_assert_max_num_queries
) -> None:
    move(owner=diego, run=run.pk, state="finished")
    with django_assert_max_num_queries(80):
        ingest_outputs(owner=diego, run=run.pk, model=ZORZAL, answers=said(asked(run)))
    assert len(QUESTIONS) == 4
