"""What is told of, what is not, what goes by itself, and what somebody looked at."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.assignments.actions import undo
from annotations.assignments.models import Assignment, Judgement
from annotations.assignments.seats import next_for
from annotations.corpus.models import ModelVersion, Output
from annotations.datasets.actions import publish
from annotations.errors import Refused
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.people.rights.registry import files
from annotations.people.rights.retention import PERIODS, empty_what_is_over
from annotations.quality.actions import settle_due
from annotations.quality.jobs import signal as nightly
from annotations.quality.signals import actions
from annotations.quality.signals.actions import look_at, look_for_signals
from annotations.quality.signals.models import Alike, Signal, Sketch, Watched
from annotations.quality.signals.queries import WINDOW
from tests.cast import answer, at_once, key_of, line, people, seat_at, world
from tests.quality.signals.scene import (
    changed,
    honest,
    moderator,
    pairs,
    person,
    press,
    sent,
    told,
    watched,
    words,
    writes,
    writing,
)

pytestmark = pytest.mark.django_db


# Faster than one reads ----------------------------------------------------------------------------------------------


def test_most_answers_in_less_time_than_anybody_reads_are_told() -> None:
    campaign, ana, bea = pairs(), person("ana"), person("bea")
    for number in range(22):
        press(ana, campaign, "first" if number % 2 else "second", 3)
    honest(bea, campaign, 20)
    assert (look_for_signals(), told()) == (1, [("ana", "fast", 22, 22)])


def test_a_few_quick_answers_are_not_told() -> None:
    """One need not read to the end to see that an answer is in the wrong language."""
    campaign, ana = pairs(), person("ana")
    for number in range(22):
        press(ana, campaign, "first" if number % 2 else "second", 3 if number < 10 else 40)
    few = person("bea")
    for number in range(19):
        press(few, campaign, "first" if number % 2 else "second", 1)
    assert look_for_signals() == 0


@pytest.mark.parametrize(("seconds", "channel"), [(None, "web"), (1, "offline"), (1, "api"), (21, "web")])
def test_seconds_that_say_nothing_are_left_out(seconds: float | None, channel: str) -> None:
    campaign, ana = pairs(), person("ana")
    for number in range(22):
        press(ana, campaign, "first" if number % 2 else "second", seconds, channel)
    assert look_for_signals() == 0


def test_a_page_opened_again_counts_from_when_it_was_first_given() -> None:
    campaign, ana = pairs(), person("ana")
    for number in range(22):
        seat = seat_at(ana, campaign)
        Assignment.objects.filter(pk=seat.pk).update(claimed_at=timezone.now() - dt.timedelta(minutes=2))
        press(ana, campaign, "first" if number % 2 else "second", 1)
    assert look_for_signals() == 0


def test_an_answer_given_anew_after_it_was_taken_back_was_read_before() -> None:
    campaign, ana = pairs(), person("ana")
    for number in range(22):
        first = press(ana, campaign, "first" if number % 2 else "second")
        undo(person=ana, key=first.receipts.get().key)
        press(ana, campaign, "first" if number % 2 else "second", 1)
    assert look_for_signals() == 0


# One button ---------------------------------------------------------------------------------------------------------


def test_one_place_as_shown_nearly_always_is_told_and_one_model_nearly_always_is_not() -> None:
    campaign, ana, bea = pairs(24), person("ana"), person("bea")
    for _number in range(24):
        press(ana, campaign, "first")
    for _number in range(24):
        seat = seat_at(bea, campaign)
        sent(bea, seat, {"preferred": key_of(seat, 0), "strength": 2}, 40)
    assert (look_for_signals(), told()) == (1, [("ana", "one_button", 24, 24)])
    (row,) = Signal.objects.all()
    assert (row.button, row.work) == ("first", "vote")
    assert row.by_chance < 0.01


def test_rankings_of_more_than_two_have_no_button() -> None:
    campaign = watched(*(line(str(number), "Una.", "Otra.", "La tercera.") for number in range(24)), needed=3)
    ana = person("ana")
    for _number in range(24):
        answer(ana, seat_at(ana, campaign), {"ranking": [["a"], ["b", "c"]]})
    assert look_for_signals() == 0


# Texts --------------------------------------------------------------------------------------------------------------


def test_one_text_of_two_people_is_told_of_who_was_later_and_a_near_one_too() -> None:
    campaign, text, long = writing(), words(30), words(60)
    ana, bea, caro = person("ana"), person("bea"), person("caro")
    first, near = writes(ana, campaign, text), writes(ana, campaign, long)
    writes(caro, campaign, words(30))
    same, late = writes(bea, campaign, f"¡{text.upper()}!"), writes(bea, campaign, changed(long))
    assert (look_for_signals(), told()) == (1, [("bea", "same_text", 2, 2)])
    assert set(Alike.objects.values_list("judgement", "other")) == {(same.pk, first.pk), (late.pk, near.pk)}
    assert 0.9 <= Alike.objects.get(judgement=late).near < 1


def test_what_somebody_wrote_in_several_tasks_is_told_however_short() -> None:
    campaign, ana, bea = writing(), person("ana"), person("bea")
    for _task in range(3):
        writes(ana, campaign, "No sé.")
    writes(bea, campaign, "No sé.")
    look_for_signals()
    assert told() == [("ana", "same_text", 2, 3)], "two people write the same short sentence, and that is nothing"


def test_translations_of_one_source_are_alike_for_good() -> None:
    campaign = writing(kind="translation", prompt=words(20), prompt_variety="pt-BR")
    text = words(20)
    writes(person("ana"), campaign, text)
    writes(person("bea"), campaign, text)
    assert look_for_signals() == 0


def test_what_a_model_had_written_before_is_told_and_what_came_after_is_not() -> None:
    old, later = words(40), words(40)
    world(line("v", old, words(40)), slug="pares")
    campaign, ana = writing(), person("ana")
    pasted, own = writes(ana, campaign, changed(old)), writes(ana, campaign, later)
    prompt = Output.objects.first().prompt
    model = ModelVersion.objects.create(name="nuevo")
    Output.objects.create(prompt=prompt, model=model, text=later, text_sha256="0" * 64, permitted_use=[])
    assert (look_for_signals(), told()) == (1, [("ana", "model_text", 1, 2)])
    assert Alike.objects.get().judgement_id == pasted.pk != own.pk
    assert Alike.objects.get().output.text == old


def test_a_correction_begins_with_an_output_and_is_near_it_for_good() -> None:
    text = words(40)
    campaign = watched(line("c", text, kind="correction"), kind="correction", slug="mejorar")
    writes(person("ana"), campaign, changed(text))
    assert (look_for_signals(), Sketch.objects.count()) == (0, 0)


# By itself, and again -----------------------------------------------------------------------------------------------


def everything() -> tuple[Person, Person]:
    """Ana is fast, always first, and writes one text twice, which a model wrote before; Bea is as anybody."""
    ana, bea = person("ana"), person("bea")
    campaign, old = pairs(24), words(30)
    for _number in range(22):
        press(ana, campaign, "first", 1)
    honest(bea, campaign, 20)
    world(line("v", old, words(30)), slug="otros")
    essays = writing()
    for _task in range(2):
        writes(ana, essays, old)
    writes(bea, essays, words(30))
    return ana, bea


EVERYTHING = [
    ("ana", "fast", 22, 22),
    ("ana", "model_text", 2, 2),
    ("ana", "one_button", 22, 22),
    ("ana", "same_text", 1, 2),
]


def state() -> list[list[dict]]:
    return [list(model.objects.order_by("pk").values()) for model in (Signal, Alike, Sketch)]


def test_looked_for_again_nothing_changes() -> None:
    everything()
    nightly()
    before = state()
    assert told() == EVERYTHING
    look_for_signals()
    assert state() == before


@pytest.mark.django_db(transaction=True)
def test_looked_for_twice_at_once_it_is_as_once() -> None:
    everything()
    assert [each for each in at_once(look_for_signals, look_for_signals) if isinstance(each, Exception)] == []
    assert told() == EVERYTHING
    assert Sketch.objects.count() == 3 + Output.objects.count()


def test_killed_in_the_middle_of_the_texts_the_next_night_does_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    calls = []

    def dies(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        compare(*arguments)

    compare = actions._compare
    with monkeypatch.context() as broken:
        broken.setattr(actions, "_compare", dies)
        with pytest.raises(KeyboardInterrupt):
            look_for_signals()
    look_for_signals()
    assert told() == EVERYTHING


def test_what_is_no_longer_so_goes_by_itself() -> None:
    ana, _bea = everything()
    look_for_signals()
    for judgement in Judgement.objects.filter(person=ana, kind="demonstration").order_by("pk")[:1]:
        undo(person=ana, key=judgement.receipts.get().key)
    look_for_signals()
    assert [each[1:3] for each in told() if "text" in each[1]] == [("model_text", 1)]
    look_for_signals(now=timezone.now() + dt.timedelta(days=91))
    assert [each[1] for each in told()] == ["model_text"], "what was given long ago is counted no more"


def test_when_the_first_of_three_is_taken_back_the_third_is_like_the_second() -> None:
    campaign, text = writing(), words(30)
    first, second, third = (writes(person(name), campaign, text) for name in ("ana", "bea", "caro"))
    look_for_signals()
    assert set(Alike.objects.values_list("judgement", "other")) == {(second.pk, first.pk), (third.pk, first.pk)}
    undo(person=first.person, key=first.receipts.get().key)
    look_for_signals()
    look_for_signals()
    assert list(Alike.objects.values_list("judgement", "other")) == [(third.pk, second.pk)]
    assert told() == [("caro", "same_text", 1, 1)]


def test_of_whoever_withdrew_nothing_is_told() -> None:
    ana, _bea = everything()
    look_for_signals()
    withdraw(person=ana)
    assert (look_for_signals(), told()) == (0, [])


def test_only_where_somebody_asked_for_it() -> None:
    everything()
    Watched.objects.all().delete()
    assert (look_for_signals(), Sketch.objects.count()) == (0, 0)
    for campaign in set(Judgement.objects.values_list("campaign", flat=True)):
        Watched.objects.create(campaign_id=campaign)
    assert look_for_signals() == 4
    Watched.objects.all().delete()
    assert (look_for_signals(), Sketch.objects.filter(judgement__isnull=False).count()) == (0, 0)


def test_practice_and_ways_out_are_no_work() -> None:
    campaign, ana = pairs(), person("ana")
    for number in range(22):
        made = press(ana, campaign, "first", 1)
        Judgement.objects.filter(pk=made.pk).update(counted=False, not_counted="practice" if number % 2 else "opt_out")
    Judgement.objects.filter(not_counted="opt_out").update(opt_out="no_se")
    assert look_for_signals() == 0


# Looked at ----------------------------------------------------------------------------------------------------------


def test_what_was_looked_at_does_not_come_back_for_the_same_and_does_for_more() -> None:
    ana, _bea = everything()
    look_for_signals()
    carmen = moderator()
    for each in Signal.objects.all():
        look_at(person=carmen, signal=each, reason=" Es un taller, hablé con ella. ")
    assert (look_for_signals(), told()) == (0, EVERYTHING)
    essays = Judgement.objects.filter(kind="demonstration").first().campaign
    for _task in range(2):
        writes(ana, essays, words(30))
    writes(ana, essays, Judgement.objects.filter(kind="demonstration").first().demonstration.text)
    look_for_signals()
    fresh = Signal.objects.filter(looked_at=None).order_by("kind")
    assert list(fresh.values_list("kind", "part", "whole")) == [("model_text", 1, 5), ("same_text", 1, 5)]
    assert set(Signal.objects.exclude(looked_at=None).values_list("reason", "looked_by")) == {
        ("Es un taller, hablé con ella.", carmen.pk)
    }


def test_new_work_is_counted_by_itself_after_a_look() -> None:
    campaign, ana, carmen = pairs(42), person("ana"), moderator()
    for _number in range(22):
        press(ana, campaign, "first", 1)
    look_for_signals()
    for each in Signal.objects.all():
        look_at(person=carmen, signal=each, reason="Lee rápido.")
    for _number in range(19):
        press(ana, campaign, "first", 1)
    assert look_for_signals() == 0
    press(ana, campaign, "first", 1)
    look_for_signals()
    assert list(Signal.objects.filter(looked_at=None).order_by("kind").values_list("kind", "part", "whole")) == [
        ("fast", 20, 20),
        ("one_button", 20, 20),
    ]


def test_a_reason_a_right_and_another_one_s_work_are_needed() -> None:
    ana, bea = everything()
    look_for_signals()
    signal = Signal.objects.get(kind="same_text")
    for who, code, reason in (
        (bea, "forbidden", "Sí."), (moderator("dora", "see_signals"), "forbidden", "Sí."),
        (moderator("ana"), "forbidden", "Soy yo."), (moderator(), "invalid", " "), (moderator(), "invalid", "x" * 1001),
    ):  # fmt: skip
        with pytest.raises(Refused, match=code):
            look_at(person=who, signal=signal, reason=reason)
    Person.objects.filter(username="carmen").update(standing="halted")
    with pytest.raises(Refused, match="suspended"):
        look_at(person=moderator(), signal=signal, reason="Sí.")
    Person.objects.filter(username="carmen").update(standing="good")
    look_at(person=moderator(), signal=signal, reason="Sí.")
    with pytest.raises(Refused, match="not_open"):
        look_at(person=moderator(), signal=signal, reason="Otra vez.")
    assert ana.pk == signal.person_id


def test_whose_text_is_the_other_one_does_not_decide_either() -> None:
    campaign, text = writing(), words(30)
    first = moderator("carmen")
    writes(first, campaign, text)
    writes(person("ana"), campaign, text)
    look_for_signals()
    with pytest.raises(Refused, match="forbidden"):
        look_at(person=first, signal=Signal.objects.get(), reason="Copió de mí.")


def test_the_database_refuses_what_must_not_be() -> None:
    ana, _bea = everything()
    look_for_signals()
    fast, like = Signal.objects.get(kind="fast"), Alike.objects.exclude(other=None).get()
    now = timezone.now()
    for name, rows, facts in (
        ("nobody_looks_at_their_own_signal", fast, {"looked_at": now, "looked_by": ana, "reason": "Yo."}),
        ("who_looked_at_a_signal_says_why", fast, {"looked_at": now, "looked_by": moderator()}),
        ("a_signal_is_a_part", fast, {"part": 99}),
        ("only_one_button_names_a_button", fast, {"button": "tie"}),
        ("a_signal_s_strength_is_a_share", fast, {"strength": 1.5}),
        ("the_other_text_was_first", like, {"other": like.judgement}),
        ("a_text_is_like_a_text_or_an_output", like, {"other": None}),
        ("alike_is_a_share", like, {"near": 2}),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            type(rows).objects.filter(pk=rows.pk).update(**facts)
    facts = {
        name: getattr(fast, f"{name}_id", None) or getattr(fast, name) for name in ("kind", "work", "part", "whole")
    }
    with pytest.raises(IntegrityError, match="one_open_signal_of_a_kind"), transaction.atomic():
        Signal.objects.create(campaign=fast.campaign, person=ana, strength=1, last=1, last_at=now, **facts)
    with pytest.raises(IntegrityError, match="a_sketch_is_of_one_text"), transaction.atomic():
        Sketch.objects.create()


# Rights -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contributions", [True, False])
def test_signals_go_with_their_person(contributions: bool) -> None:
    ana, bea = everything()
    campaign = Judgement.objects.filter(kind="demonstration").first().campaign
    writes(bea, campaign, Judgement.objects.filter(person=ana, kind="demonstration").first().demonstration.text)
    look_for_signals()
    assert [each[0] for each in told()].count("bea") == 2
    erase(person=ana, contributions=contributions)
    look_for_signals()
    assert [each[:2] for each in told()] == [("bea", "model_text")], "nobody is there whose text it could be like"
    assert not Signal.objects.exclude(person=bea).exists()


def test_the_archive_tells_of_pairs_and_not_whose_the_other_is() -> None:
    campaign, text, ana, bea = writing(), words(30), person("ana"), person("bea")
    mine, hers = writes(ana, campaign, text), writes(bea, campaign, text)
    look_for_signals()
    tell = files()["alike.jsonl"]
    assert list(tell(ana)) == [{"judgements": [mine.pk], "like": "text", "near": 1.0}]
    assert list(tell(bea)) == [{"judgements": [hers.pk], "like": "text", "near": 1.0}]


def test_what_was_looked_at_goes_after_half_a_year() -> None:
    everything()
    look_for_signals()
    signal = Signal.objects.get(kind="fast")
    look_at(person=moderator(), signal=signal, reason="Sí.")
    empty_what_is_over(now=timezone.now() + dt.timedelta(days=179))
    assert Signal.objects.filter(pk=signal.pk).exists()
    empty_what_is_over(now=timezone.now() + dt.timedelta(days=181))
    assert not Signal.objects.exists()
    (period,) = (each for each in PERIODS if each.table == "annotations.Signal")
    assert dt.timedelta(days=period.days or 0) > WINDOW, "or what was looked at would be counted again"


# Decides nothing ----------------------------------------------------------------------------------------------------


def test_neither_a_seat_nor_a_verdict_nor_a_release_reads_a_signal() -> None:
    ana, bea = everything()
    look_for_signals()
    campaign = world(line("1"), line("2"), slug="nueva", needed=1)
    with CaptureQueriesContext(connection) as asked:
        answer(ana, seat_at(ana, campaign), {"preferred": "a"})
        next_for(person=bea, campaign=campaign)
        settle_due()
        publish()
    assert len(asked) > 20
    tables = ("annotations_signal", "annotations_alike", "annotations_sketch", "annotations_watched")
    assert [query["sql"] for query in asked if any(table in query["sql"] for table in tables)] == []


def test_nobody_but_the_night_the_rights_and_who_shows_them_to_a_moderator_imports_signals() -> None:
    """No rule reads them: what they lead to is what a human decides."""
    root = Path(actions.__file__).parents[3]
    readers = {
        str(path.relative_to(root))
        for path in (root / "annotations").rglob("*.py")
        if "quality.signals" in path.read_text("utf-8") and "quality/signals" not in str(path)
    }
    shown = {"annotations/admin/people.py", "annotations/admin/signals.py", "annotations/moderation/board/queues.py",
             "annotations/moderation/persons/queries.py", "annotations/moderation/persons/rules.py"}  # fmt: skip
    assert readers - shown == {"annotations/models.py", "annotations/quality/jobs.py", "annotations/rights.py"}


def test_a_night_costs_the_same_number_of_queries_for_one_and_for_many() -> None:
    campaign = pairs(24)
    texts = writing()
    writes(person("ana"), texts, words(30))
    for _number in range(20):
        press(Person.objects.get(username="ana"), campaign, "first", 1)
    look_for_signals()
    with CaptureQueriesContext(connection) as one:
        look_for_signals()
    for each in people(6):
        writes(each, texts, words(30))
        for _number in range(20):
            press(each, campaign, "first", 1)
    look_for_signals()
    assert Signal.objects.count() == 7
    with CaptureQueriesContext(connection) as many:
        look_for_signals()
    assert len(many) == len(one)
