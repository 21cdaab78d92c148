"""Gold is mixed in by chance, the less often the more somebody has answered, and gives itself away nowhere before it is
answered; what is said of it settles nothing and stands in both books."""

import datetime as dt
import io
import json
import re
import uuid
import zipfile
from collections.abc import Collection
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.actions import undo
from annotations.assignments.api import checked, turn
from annotations.assignments.gold import actions
from annotations.assignments.gold.actions import bring_gold_back, retire_gold
from annotations.assignments.gold.queries import Dose, doses
from annotations.assignments.gold.rules import CHANCES, TOLD_AFTER, chance, expected_first, gold_below
from annotations.assignments.holding import avert, put_back, take_off
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Cell, Item, Judgement, Known
from annotations.assignments.packs.actions import take_pack
from annotations.assignments.seats import expire_seats, give_back, next_for
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.verify import problems
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from tests.cast import answer, in_days, key_of, line, people, seat_at, world
from tests.datasets.test_release import rows

pytestmark = pytest.mark.django_db
EXPECTED = {"expected": {"preferred": "a"}, "explanation": {"es": "Porque dice *cómo*."}}


class Fate:
    """Chance, as it was written."""

    def __init__(self, drawn: int) -> None:
        self.drawn = drawn

    def randrange(self, _chances: int) -> int:
        return self.drawn


ALWAYS, NEVER = Fate(0), Fate(CHANCES - 1)


def gold(name: str, **facts: Any) -> dict[str, Any]:
    return line(name, gold=EXPECTED | facts.pop("known", {}), **facts)


def mixed(*lines: dict[str, Any], **facts: Any) -> Campaign:
    return world(*(lines or (line("1"), line("3"), line("5"), gold("2"), gold("4"))), **{"gold": 50} | facts)


def is_gold(seat: Assignment) -> bool:
    return Known.objects.filter(item=seat.item_id, purpose="gold").exists()


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_draw", ALWAYS)


def test_who_sits_at_what_is_retired_is_sent_on(always: None) -> None:
    campaign = mixed(line("1"), gold("2"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    retire_gold(item=seat.item_id, by=ana, why="Está mal.")
    assert seat_at(ana, campaign).item.source_id == "1"
    assert answer(ana, seat, {"preferred": "a"}).judgement.not_counted == "gold", "what she sends all the same is kept"
    assert Cell.objects.get(item=seat.item_id).held == 0


# How often ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 50), st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_dose_falls_with_every_answer_and_never_to_nothing(percent: int, given: int, more: int) -> None:
    assert chance(percent, given + more) <= chance(percent, given) <= percent / 100
    assert (chance(percent, given + more) > 0) == (percent > 0)
    assert percent == 0 or chance(percent, given + 1) < chance(percent, given)


@given(st.integers(0, 50), st.integers(0, 10_000), st.integers(1, CHANCES))
def test_what_is_drawn_says_gold_as_often_as_the_dose(percent: int, given: int, drawn: int) -> None:
    """Of all that can be drawn, exactly the lowest `chance` of them; the one at the edge is lost to no rounding."""
    meets = given < gold_below(percent, drawn)
    assert meets == (drawn * 100 * (20 + given) <= percent * 20 * CHANCES)
    assert gold_below(percent, drawn) >= gold_below(percent, min(CHANCES, drawn + 1)), "a lower one says it sooner"


def test_the_first_turns_of_somebody_new_hold_as_many_as_are_told() -> None:
    assert (chance(20, 0), chance(20, 20), round(chance(20, 40), 4)) == (0.2, 0.1, 0.0667)
    assert [round(expected_first(percent), 1) for percent in (0, 10, 20, 50)] == [0.0, 2.5, 5.1, 12.7]


def test_chance_decides_and_few_answers_make_it_likely() -> None:
    lines = [line(f"n{number}", prompt=f"Pregunta {number}") for number in range(60)]
    campaign = mixed(*lines, *(gold(f"g{number}", prompt=f"Oro {number}") for number in range(40)), needed=50)
    met = []
    for person in people(3):
        for _turn in range(20):
            seat = seat_at(person, campaign)
            met.append(is_gold(seat))
            answer(person, seat, {"preferred": "a"})
    assert 5 <= sum(met) <= 40, "of sixty about twenty are expected"


def test_a_plain_campaign_asks_nothing_more_of_the_database() -> None:
    campaign = world(*(line(str(number)) for number in range(6)))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    with CaptureQueriesContext(connection) as plain:
        answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    assert not any("annotations_known" in each["sql"] for each in plain.captured_queries)


def test_asking_how_much_somebody_gave_reads_no_more_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who draws a number in the middle is asked only whether they gave so many, whatever else they gave."""
    campaign = mixed()
    (ana,) = people(1)
    monkeypatch.setattr(actions, "_draw", Fate(CHANCES // 4))
    with CaptureQueriesContext(connection) as asked:
        assert next_for(person=ana, campaign=campaign)
    (counted,) = [each["sql"] for each in asked.captured_queries if "OFFSET" in each["sql"]]
    assert "LIMIT 1 OFFSET 19" in counted, "with twenty answers and more that turn is work"


# Whom, and which ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("always")
def test_nobody_meets_the_same_gold_twice_and_then_work_goes_on() -> None:
    campaign = mixed()
    (ana,) = people(1)
    met = []
    while seat := next_for(person=ana, campaign=campaign):
        met.append(seat.item.source_id)
        answer(ana, seat, {"preferred": "a"})
    assert sorted(met) == ["1", "2", "3", "4", "5"]
    assert set(met[:2]) == {"2", "4"}
    assert set(Judgement.objects.filter(item__known__isnull=False).values_list("counted", "not_counted")) == {
        (False, "gold")
    }


@pytest.mark.usefixtures("always")
def test_without_work_there_is_no_gold_or_one_would_know_it() -> None:
    campaign = mixed(line("1"), gold("2"), needed=1)
    Cell.objects.filter(held_back="").update(done=1)
    assert next_for(person=people(1)[0], campaign=campaign) is None


@pytest.mark.usefixtures("always")
def test_what_gold_took_the_place_of_is_as_if_nobody_had_asked_for_it() -> None:
    campaign = mixed(line("1"), gold("2"), needed=1)
    ana, eva = people(2)
    seat = seat_at(ana, campaign)
    plain = Cell.objects.get(item__source_id="1")
    assert (seat.item.source_id, plain.held, plain.returned) == ("2", 0, None)
    assert seat_at(eva, campaign).item.source_id == "1", "the only seat of the gold item is taken"
    answer(ana, seat, {"preferred": "a"})
    assert next_for(person=ana, campaign=campaign) is None, "and what is hers is with Eva"


@pytest.mark.usefixtures("always")
def test_only_of_what_one_may_judge_is_not_hidden_from_one_and_does_not_hurt() -> None:
    campaign = mixed(line("1"), gold("2", variety="es-AR"), gold("4", sensitive=["racismo"]), gold("6"), gold("8"))
    (ana,) = people(1)
    Person.objects.filter(pk=ana.pk).update(avoids=["racismo"])
    avert(person=ana, outputs=Item.objects.get(source_id="6").outputs.values_list("pk", flat=True))
    retire_gold(item=Item.objects.get(source_id="8").pk, by=ana, why="Está mal.")
    assert seat_at(Person.objects.get(pk=ana.pk), campaign).item.source_id == "1"
    bring_gold_back(item=Item.objects.get(source_id="8").pk)
    assert Cell.objects.get(item__source_id="8").held_back == "gold"
    give_back(person=ana, assignment_id=Assignment.objects.get().pk)
    assert seat_at(Person.objects.get(pk=ana.pk), campaign).item.source_id == "8"


@pytest.mark.usefixtures("always")
def test_of_several_campaigns_it_is_of_the_one_whose_work_comes_next() -> None:
    mixed(line("1"), slug="primera", gold=0)
    mixed(line("3"), gold("2"), slug="segunda")
    (ana,) = people(1)
    first = next_for(person=ana)
    assert first.item.source_id == "1"
    answer(ana, first, {"preferred": "a"})
    assert next_for(person=ana).item.source_id == "2"


@pytest.mark.usefixtures("always")
def test_it_is_in_no_pack_and_no_guest_meets_it() -> None:
    campaign = mixed(*(line(str(number)) for number in range(20)), gold("g"), needed=10)
    pack = take_pack(person=people(1)[0], campaign=campaign, weigh=lambda seats: 1, at_most=5)
    assert not any(is_gold(seat) for seat in pack.seats.all())
    guest = Client()
    guest.post("/try/start/", {"adult": "on", "variety": "es-CL"})
    assert not is_gold(guest.get("/try/").context["seat"])


@pytest.mark.usefixtures("always")
def test_caps_take_it_for_what_it_looks_like() -> None:
    campaign = mixed(most_in_all=2)
    (ana,) = people(1)
    for _turn in range(2):
        seat = seat_at(ana, campaign)
        assert is_gold(seat)
        answer(ana, seat, {"preferred": "a"})
    assert next_for(person=ana, campaign=campaign) is None


@pytest.mark.usefixtures("always")
def test_its_seat_is_a_seat_it_ends_comes_late_and_is_given_back_like_any() -> None:
    campaign = mixed(line("1"), gold("2"), needed=2)
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    assert next_for(person=ana, campaign=campaign) == seat, "it stays on the table"
    assert (seat.state, seat.cell.item.cells.get().held) == (Assignment.State.HELD, 1)
    assert expire_seats(now=in_days(1)) == 1
    late = answer(ana, seat, {"preferred": "a"}).judgement
    assert (late.late, late.not_counted, seat.cell.item.cells.get().held) == (True, "gold", 0)


# It looks like the others -------------------------------------------------------------------------------------------

OWN = re.compile(r"[0-9a-f]{32,}|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=Token\": \")[^\"]+|[\w=-]{60,}|\d+")
"""What is each item's, each person's and each moment's own: keys, tokens, numbers."""


def plainly(text: str) -> list[str]:
    """A page or a file without that, nor the order in which two outputs are shown."""
    return sorted(OWN.sub("·", text).splitlines())


def all_one_sees(person: Person, seat: Assignment) -> dict[str, Any]:
    """Everything a person can ask for while they sit at an item: the API's turn, the table, their work, the archive."""
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(person)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.post("/me/data/zip/"))))
    assert sum(person.username in archive.read(name).decode() for name in archive.namelist())
    return {
        "turn": plainly(json.dumps(turn(seat), indent=1, default=str)),
        **{path: plainly(client.get(path).content.decode()) for path in ("/me/", "/c/prueba/", "/c/prueba/rate/")},
        **{name: plainly(archive.read(name).decode()) for name in archive.namelist()},
    }


def seen_by_two(monkeypatch: pytest.MonkeyPatch, state: str = "held") -> tuple[dict[str, Any], dict[str, Any]]:
    """By one who sits at gold, and by another who sits at work."""
    campaign = mixed(line("1"), gold("2"), needed=3)
    ana, eva = people(2)
    monkeypatch.setattr(actions, "_draw", ALWAYS)
    at_gold = seat_at(ana, campaign)
    monkeypatch.setattr(actions, "_draw", NEVER)
    at_work = seat_at(eva, campaign)
    assert (is_gold(at_gold), is_gold(at_work)) == (True, False)
    Assignment.objects.filter(pk=at_gold.pk).update(state=state)
    return all_one_sees(ana, at_gold), all_one_sees(eva, at_work)


def test_it_gives_itself_away_nowhere_before_it_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    at_gold, at_work = seen_by_two(monkeypatch)
    assert {name for name in at_gold if at_gold[name] != at_work.get(name)} == set()
    assert set(at_gold) == set(at_work)


def test_the_comparison_sees_what_would_give_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: a seat outside the count, as an item to learn from has it, stands otherwise in one's own archive."""
    at_gold, at_work = seen_by_two(monkeypatch, state="outside")
    assert {name for name in at_gold if at_gold[name] != at_work.get(name)} >= {"json/assignment.json", "/me/"}


@pytest.mark.usefixtures("always")
def test_after_the_answer_comes_the_next_item_and_no_lesson() -> None:
    mixed(line("1"), gold("2"))
    ana = Client()
    ana.force_login(people(1)[0])
    seat = ana.get("/rate/").context["seat"]
    form = {"assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": "a1"}
    told = ana.post("/rate/send/", form, headers={"HX-Request": "true"})
    assert "lesson" not in told.context
    assert told.context["seat"].item.source_id == "1"
    assert Judgement.objects.get().not_counted == "gold"


@pytest.mark.usefixtures("always")
def test_it_is_taken_back_like_any_until_one_is_told_what_was_expected() -> None:
    campaign = mixed(line("1"), gold("2"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    answer(ana, seat, {"preferred": "a"}, key := uuid.uuid4())
    undo(person=ana, key=key)
    again = answer(ana, seat, {"preferred": "b"}, later := uuid.uuid4()).judgement
    Judgement.objects.filter(pk=again.pk).update(received_at=F("received_at") - TOLD_AFTER - dt.timedelta(minutes=1))
    with pytest.raises(Refused, match="not_open"):
        undo(person=ana, key=later)


# What comes of it ---------------------------------------------------------------------------------------------------


def all_answer(several: Collection[Person], campaign: Campaign) -> None:
    for person in several:
        while seat := next_for(person=person, campaign=campaign):
            answer(person, seat, {"preferred": key_of(seat, 0)})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("always")
def test_both_books_balance_and_no_release_says_which_they_were(tmp_path: Any, settings: Any) -> None:
    settings.MINKA_HOME = tmp_path
    campaign = mixed(*(line(str(number)) for number in range(3)), gold("oro-1"), gold("oro-2"), needed=3)
    all_answer(people(3), campaign)
    assert settle_due() == 3
    assert Verdict.objects.filter(item__known__isnull=False).count() == 0
    folder = folder_of(publish().version)
    assert problems(folder) == []
    kept = [row for row in rows(folder, "excluded") if row["reason"] == "gold"]
    assert sorted((row["unit"], row["config"]) for row in kept if row["unit"] == "judgement") == (
        [("judgement", "judgements")] * 6
    )
    assert sum(row["unit"] == "item" and row["config"] == "preference" for row in kept) == 2
    assert {row["source_id"] for row in kept} == {None}
    told = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"oro-1" not in told


@pytest.mark.usefixtures("always")
def test_what_is_held_back_for_more_comes_back_as_gold() -> None:
    campaign = mixed(line("1"), gold("2"))
    cells = Cell.objects.filter(item__source_id="2")
    take_off(cells=cells, reason="broken")
    assert seat_at(people(1)[0], campaign).item.source_id == "1"
    assert put_back(cells=cells, reasons=["broken"]) == 0
    assert Cell.objects.get(item__source_id="2").held_back == "gold"


# Bringing it in -----------------------------------------------------------------------------------------------------


def report_of(**facts: Any) -> list[str]:
    campaign = Campaign.objects.first() or mixed()
    with translation.override("en"):
        report = load_items(campaign=campaign, lines=checked([(1, line("nuevo") | facts)], "tests"))
    return [f"{each.field}: {each.reason}" for each in report.refused]


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"gold": {"explanation": "Sí."}}, "gold.expected: an item of gold says which answer is expected"),
        ({"gold": {"expected": {}}}, "gold.expected: an item of gold says which answer is expected"),
        ({"gold": {"expected": {"preferred": "c"}}}, "gold.expected: there is no output 'c'"),
        ({"gold": {"expected": {"preferred": "A"}}},
         "gold.expected: 'preferred' with 'A' is no part of an answer to a vote"),
        ({"gold": {"expected": {"best": "a"}}}, "gold.expected: 'best' with 'a' is no part of an answer to a vote"),
        ({"gold": EXPECTED, "practice": EXPECTED}, "gold: an item is practice or gold, not both"),
        ({"gold": EXPECTED | {"why": "x"}}, "gold: has an explanation and the answer expected, nothing else"),
        ({"gold": EXPECTED | {"explanation": {"qu": "x"}}},
         "gold.explanation: must be a text, or one in some of es, pt-BR, en"),
        ({"gold": EXPECTED | {"explanation": {}}}, "gold.explanation: must be a text, or one in some of es, pt-BR, en"),
        ({"gold": {"expected": {"text": "x"}}, "kind": "demonstration", "outputs": []},
         "gold.expected: what people write in a demonstration has no one answer"),
    ],
)  # fmt: skip
def test_a_line_that_nobody_could_answer_as_expected_is_refused_with_the_reason(known: Any, told: str) -> None:
    assert report_of(**known) == [told]


def test_an_explanation_may_lack_and_may_stand_in_one_language() -> None:
    assert report_of(gold={"expected": {"preferred": "tie"}}) == []
    row = Known.objects.get(item__source_id="nuevo")
    assert (row.purpose, row.expected, row.explanation) == ("gold", {"preferred": "tie"}, {})
    assert Known.objects.get(item__source_id="2").explanation == {"es": "Porque dice *cómo*."}
    assert set(Cell.objects.filter(item__known__isnull=False).values_list("held_back", flat=True)) == {"gold"}


def test_what_is_always_true_of_it() -> None:
    campaign = mixed()
    item, (carmen,) = Item.objects.get(source_id="2"), people(1)
    for name, change in (
        ("gold_expects_an_answer", lambda: Known.objects.filter(item=item).update(expected={})),
        ("gold_is_retired_for_a_reason", lambda: Known.objects.filter(item=item).update(retired_why="x")),
        ("most_turns_are_real_work", lambda: Campaign.objects.filter(pk=campaign.pk).update(gold=51)),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            change()
    with pytest.raises(Refused, match="invalid"):
        retire_gold(item=item.pk, by=carmen, why=" ")
    with pytest.raises(Refused, match="not_found"):
        retire_gold(item=Item.objects.get(source_id="1").pk, by=carmen, why="Nada.")


# The panel ----------------------------------------------------------------------------------------------------------


def test_the_effect_is_told_by_variety_and_where_there_is_too_little() -> None:
    campaign = mixed(line("1"), line("3", variety="es-AR"), *(gold(f"g{n}", prompt=f"Oro {n}") for n in range(3)))
    short, enough = doses(campaign)
    assert (short, short.is_short) == (Dose("es-AR", 0, 0, expected_first(50)), True)
    assert (enough.variety, enough.items, enough.is_short) == ("es-CL", 3, True)
    assert (short.enough_up_to, enough.enough_up_to) == (0, 11)
    for gold_in_percent, is_short in ((11, False), (12, True)):
        campaign.gold = gold_in_percent
        assert [each.is_short for each in doses(campaign)] == [True, is_short]
    with CaptureQueriesContext(connection) as asked:
        doses(campaign)
    assert len(asked) == 1
