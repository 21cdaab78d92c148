"""Reviewing: two who agree settle a text, a third decides where they do not, nobody reads their own, and nobody is
rejected for the way they speak."""

import itertools
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from annotations.assignments.actions import undo
from annotations.assignments.api import checked
from annotations.assignments.models import Campaign, Cell, Item, Judgement
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.quality.actions import take_out_withdrawn
from annotations.reviewing.actions import open_reviews, settle_reviews
from annotations.reviewing.jobs import review as the_minute
from annotations.reviewing.models import Review, Reviewed
from annotations.reviewing.rules import Said, settle
from annotations.writing.models import Demonstration
from tests.assignments.test_table import client_of
from tests.cast import answer, at_once, line, people, seat_at, world

pytestmark = pytest.mark.django_db
ACCEPT = {"decision": "accept"}
NO = {"decision": "reject", "reason": "wrong", "words": "El número es 131."}


def edit(text: str) -> dict[str, str]:
    return {"decision": "edit", "text": text}


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return world(line("1", kind="demonstration", outputs=[], prompt="¿Qué llevo a la once?"), needed=1)


def writes(person: Person, campaign: Campaign, text: str = "Un kuchen.", key: uuid.UUID | None = None) -> Judgement:
    return answer(person, seat_at(person, campaign), {"text": text}, key).judgement


def reads(person: Person, campaign: Campaign, said: dict[str, str]) -> Judgement:
    seat = next_for(person=person, campaign=campaign, of_kinds=["review"])
    assert seat
    return answer(person, seat, said).judgement


# The rule -----------------------------------------------------------------------------------------------------------


def test_what_every_order_of_readings_comes_to() -> None:
    said = {"a": Said("accept"), "e": Said("edit", "Un kuchen rico."), "r": Said("reject")}
    outcome = {}
    for many in (2, 3):
        for letters in itertools.product("aer", repeat=many):
            if many == 3 and letters[0] == letters[1]:
                continue  # settled by the first two already
            settled = settle([said[each] for each in letters], "Un kuchen.")
            outcome.setdefault("".join(sorted(letters)), set()).add(settled and (settled.outcome, settled.text))
    assert outcome == {
        "aa": {("accepted", "Un kuchen.")}, "ee": {("edited", "Un kuchen rico.")}, "rr": {("rejected", "")},
        "ae": {None}, "ar": {None}, "er": {None},
        "aae": {("accepted", "Un kuchen.")}, "aar": {("accepted", "Un kuchen.")},
        "aee": {("edited", "Un kuchen rico.")}, "eer": {("edited", "Un kuchen rico.")},
        "arr": {("rejected", "")}, "err": {("rejected", "")},
        "aer": {("accepted", "Un kuchen.")},
    }  # fmt: skip


def test_of_two_edits_the_one_that_changes_less_stands() -> None:
    far, near = Said("edit", "Otra cosa muy distinta."), Said("edit", "Un kúchen.")
    for both in ([far, near], [near, far]):
        settled = settle(both, "Un kuchen.")
        assert settled
        assert settled.text == "Un kúchen."


# The walk -----------------------------------------------------------------------------------------------------------


def test_what_was_written_is_read_by_two_others_and_never_by_its_author(campaign: Campaign) -> None:
    ana, bea, caro = people(3)
    written = writes(ana, campaign)
    assert (open_reviews(), open_reviews()) == (1, 0)
    item = Item.objects.get(kind="review")
    assert (item.source_id, item.author, item.variety_id, item.prompt) == (
        f"review:{written.pk}", ana, "es-CL", written.item.prompt,
    )  # fmt: skip
    assert next_for(person=ana, campaign=campaign) is None
    reads(bea, campaign, ACCEPT)
    assert settle_reviews() == 0
    reads(caro, campaign, ACCEPT)
    assert (settle_reviews(), settle_reviews()) == (1, 0)
    row = Reviewed.objects.get()
    assert (row.outcome, row.text, row.judgement) == ("accepted", "Un kuchen.", written)
    assert Cell.objects.get(item=item).settled_at


def test_where_two_do_not_agree_a_third_decides(campaign: Campaign) -> None:
    ana, *readers = people(4)
    writes(ana, campaign)
    open_reviews()
    for reader, said in zip(readers, (ACCEPT, edit("Un kuchen, po."), edit("Un kuchen de nuez, po.")), strict=True):
        assert settle_reviews() == 0
        reads(reader, campaign, said)
    assert settle_reviews() == 1
    row = Reviewed.objects.get()
    assert (row.outcome, row.text) == ("edited", "Un kuchen, po.")
    assert Demonstration.objects.get().text == "Un kuchen.", "what was written stays what it was"


def test_what_is_rejected_opens_the_place_for_somebody_else_and_is_told_kindly(campaign: Campaign) -> None:
    ana, bea, caro = people(3)
    written = writes(ana, campaign)
    open_reviews()
    reads(bea, campaign, NO)
    reads(caro, campaign, {"decision": "reject", "reason": "unclear"})
    settle_reviews()
    written.refresh_from_db()
    assert (written.counted, written.not_counted) == (False, "rejected")
    assert Cell.objects.get(item=written.item).open
    assert next_for(person=bea, campaign=campaign).item == written.item  # type: ignore[union-attr]
    page = client_of(ana).get("/me/").content.decode()
    assert "Gracias por el trabajo" in page
    assert "Dice algo que no es así" in page
    assert "El número es 131." in page
    assert "persona-es-CL-1" not in page, "who read it is not said"


def test_the_author_sees_what_was_changed(campaign: Campaign) -> None:
    ana, bea, caro = people(3)
    writes(ana, campaign)
    open_reviews()
    assert "Lo leerán dos personas" in client_of(ana).get("/me/").content.decode()
    for reader in (bea, caro):
        reads(reader, campaign, edit("Un kuchen rico."))
    settle_reviews()
    page = client_of(ana).get("/me/").content.decode()
    assert "Un kuchen<ins> rico</ins>." in page


def test_own_work_takes_as_many_queries_for_five_texts_as_for_one(seeds: None) -> None:
    campaign = world(*(line(str(n), kind="demonstration", outputs=[]) for n in range(5)), needed=1)
    ana = people(1)[0]
    client, counts = client_of(ana), []
    for _text in range(5):
        writes(ana, campaign)
        open_reviews()
        with CaptureQueriesContext(connection) as queries:
            client.get("/me/")
        counts.append(len(queries))
    assert len(set(counts[1:])) == 1


# Nobody is rejected for the way they speak (C34) --------------------------------------------------------------------

VARIETY = {"decision": "reject", "reason": "variety"}
OF_PART = "es-CO-x-paisa"


def a_review(target: str, author: str, reader: str) -> tuple[Campaign, Person]:
    """A text asked for in `target`, written by a speaker of `author`, and somebody who speaks `reader`."""
    campaign = world(line("1", kind="demonstration", outputs=[], variety=target), needed=1)
    writes(volunteer("quien-escribe", "muy-larga-y-rara", author), campaign)
    open_reviews()
    return campaign, volunteer("quien-lee", "muy-larga-y-rara", reader)


@pytest.mark.parametrize(
    ("target", "author", "reader"),
    [
        ("es-CO", OF_PART, OF_PART),  # a paisa's Colombian Spanish is Colombian Spanish
        ("es-419", "es-CO", "es-CO"),
        ("es-419", "es-CO", OF_PART),
        ("es-CO", "es-CO", OF_PART),  # theirs is another than was asked for: they cannot tell
    ],
)
def test_nobody_is_rejected_for_the_variety_of_a_text_whose_target_is_another(
    seeds: None, target: str, author: str, reader: str
) -> None:
    campaign, reader_ = a_review(target, author, reader)
    seat = seat_at(reader_, campaign)
    page = client_of(reader_).get("/review/").content.decode()
    assert 'value="wrong"' in page
    assert 'value="variety"' not in page
    with pytest.raises(Refused, match="invalid") as refused:
        answer(reader_, seat, VARIETY)
    assert "Nobody is rejected" in str(refused.value) or "Nadie se rechaza" in str(refused.value)
    sent = {"assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": "reject", "reason": "variety"}
    assert client_of(reader_).post("/review/send/", sent).status_code == 400
    assert not Review.objects.exists()
    kept = answer(reader_, seat, NO).judgement
    with pytest.raises(IntegrityError, match="nobody_is_rejected_for_their_variety"), transaction.atomic():
        Review.objects.filter(pk=kept.pk).update(reason="variety")


def test_who_speaks_what_was_asked_for_can_say_that_a_text_of_another_speaker_of_it_is_something_else(
    seeds: None,
) -> None:
    campaign, reader = a_review("es-CO", "es-CO", "es-CO")
    assert 'value="variety"' in client_of(reader).get("/review/").content.decode()
    reads(reader, campaign, VARIETY)
    said = Review.objects.get()
    assert (said.target_id, said.written_as_id, said.read_as_id) == ("es-CO", "es-CO", "es-CO")


def test_a_text_is_not_read_by_those_who_speak_otherwise_than_its_author(seeds: None) -> None:
    campaign, reader = a_review("es-CO", OF_PART, "es-CO")
    assert next_for(person=reader, campaign=campaign) is None
    chilean = volunteer("de-chile", "muy-larga-y-rara", "es-CL")
    assert next_for(person=chilean, campaign=campaign) is None


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "decision"), ({"decision": "burn"}, "decision"), ({"decision": ["accept"]}, "decision"),
        ({"decision": "accept", "text": "Otra."}, "text"), ({"decision": "edit"}, "text"), (edit(" "), "text"),
        (edit(" Un kuchen.\r\n"), "text"), ({"decision": "edit", "text": "Otra.", "reason": "wrong"}, "reason"),
        ({"decision": "reject"}, "reason"), ({"decision": "reject", "reason": "ugly"}, "reason"),
        ({"decision": "reject", "reason": {"a": 1}}, "reason"),
        ({"decision": "reject", "reason": "other"}, "words"),
        ({"decision": "reject", "reason": "wrong", "words": "x" * 1_001}, "words"),
        ({"decision": "reject", "reason": "wrong", "words": 7}, "words"), (ACCEPT | {"stars": 5}, "stars"),
    ],
)  # fmt: skip
def test_what_is_no_review_is_refused_and_names_its_field(campaign: Campaign, said: Any, field: str) -> None:
    ana, bea = people(2)
    writes(ana, campaign)
    open_reviews()
    with pytest.raises(Refused, match="invalid") as refused:
        reads(bea, campaign, said)
    assert list(refused.value.errors) == [field]


def test_items_of_reviews_are_never_imported(seeds: None) -> None:
    (problem,) = checked([(1, line("1", kind="review", outputs=[]))], "tests")
    assert problem.code == "unknown_kind"  # type: ignore[union-attr]


def test_the_page_takes_each_of_the_three_answers(seeds: None) -> None:
    campaign = world(*(line(str(n), kind="demonstration", outputs=[]) for n in range(3)), needed=1)
    ana, bea = people(2)
    for _text in range(3):
        writes(ana, campaign)
    open_reviews()
    client = client_of(bea)
    for choice, fields in (("accept", {}), ("edit", {"text": "Un kuchen rico."}), ("reject", NO)):
        page = client.get("/review/")
        assert "Un kuchen." in page.content.decode()
        sent = {"assignment": str(page.context["seat"].pk), "key": str(uuid.uuid4()), "text": "Un kuchen."}
        assert client.post("/review/send/", sent | fields | {"choice": choice}).status_code == 302
    assert sorted(Review.objects.values_list("decision", flat=True)) == ["accept", "edit", "reject"]
    back = client.get(client.post("/review/undo/")["Location"]).content.decode()
    assert "El número es 131." in back


# Taking back, leaving, racing ---------------------------------------------------------------------------------------


def test_what_its_author_takes_back_is_read_by_nobody(campaign: Campaign) -> None:
    ana, bea = people(2)
    key = uuid.uuid4()
    writes(ana, campaign, key=key)
    open_reviews()
    undo(person=ana, key=key)
    settle_reviews()
    assert Reviewed.objects.get().outcome == "taken_back"
    assert next_for(person=bea, campaign=campaign, of_kinds=["review"]) is None
    assert writes(ana, campaign, "Mejor dos kuchenes.").counted
    assert open_reviews() == 1


def test_a_text_whose_reader_leaves_is_read_again(campaign: Campaign) -> None:
    ana, bea, caro, dora = people(4)
    writes(ana, campaign)
    open_reviews()
    for reader in (bea, caro):
        reads(reader, campaign, ACCEPT)
    settle_reviews()
    withdraw(person=bea)
    take_out_withdrawn()
    settle_reviews()
    assert Reviewed.objects.get().outcome == ""
    reads(dora, campaign, ACCEPT)
    settle_reviews()
    assert Reviewed.objects.get().outcome == "accepted"


@pytest.mark.parametrize("who", ["author", "reader"])
def test_erased_words_are_nowhere_left(campaign: Campaign, who: str) -> None:
    ana, bea, caro, dora = people(4)
    writes(ana, campaign, "canario-de-ana canta.")
    open_reviews()
    for reader, text in ((bea, "canario-de-ana canta bien."), (caro, "canario-de-ana canta muy bien, de caro.")):
        reads(reader, campaign, edit(text))
    settle_reviews()
    assert Reviewed.objects.get().text == "canario-de-ana canta bien."
    if who == "author":
        erase(person=ana, contributions=True)
        assert not Demonstration.objects.exists()
        assert not Reviewed.objects.exists()
        assert set(Review.objects.values_list("text", flat=True)) == {""}
        assert next_for(person=dora, campaign=campaign, of_kinds=["review"]) is None
        assert client_of(dora).get("/review/").status_code == 200
    else:
        erase(person=bea, contributions=True)
        assert Reviewed.objects.get().text == ""
        reads(dora, campaign, ACCEPT)
        assert settle_reviews() == 0, "one edit, one acceptance: a third is asked"


def test_the_minute_does_all_of_it(campaign: Campaign) -> None:
    ana, bea, caro = people(3)
    writes(ana, campaign)
    the_minute()
    for reader in (bea, caro):
        reads(reader, campaign, ACCEPT)
    the_minute()
    assert Reviewed.objects.get().outcome == "accepted"


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_open_and_settle_once() -> None:
    campaign = world(*(line(str(n), kind="demonstration", outputs=[]) for n in range(4)), needed=1)
    ana, bea, caro = people(3)
    for _text in range(4):
        writes(ana, campaign)
    assert sum(at_once(*[open_reviews] * 6)) == 4
    for reader in (bea, caro):
        for _text in range(4):
            reads(reader, campaign, NO)
    assert sum(at_once(*[settle_reviews] * 6)) == 4
    assert Item.objects.filter(kind="review").count() == 4
    assert not Cell.objects.filter(done__gt=F("needed")).exists()
    assert Cell.objects.filter(kind="demonstration", done=0, open=True).count() == 4
