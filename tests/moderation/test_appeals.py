"""Who had their work taken out says once what is wrong with it, while it can be put back; another human than the two
who decided answers, and where they grant it, it is put back."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from annotations.assignments.models import Judgement
from annotations.errors import Refused
from annotations.moderation.appeals.actions import answer_appeal, appeal
from annotations.moderation.appeals.models import Appeal
from annotations.moderation.board.queues import board_of
from annotations.moderation.purges.actions import approve_purge, ask_purge, go_on, undo_purge
from annotations.moderation.purges.models import Purge
from annotations.moderation.sanctions.models import Sanction
from annotations.people.demo import volunteer
from annotations.people.models import Person
from tests.assignments.test_table import client_of
from tests.cast import answer, at_once, colleague, in_days, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PAGE = "/me/standing/"
RIGHTS = ("add_purge", "change_purge", "view_purge", "change_appeal", "view_appeal")


def moderator(name: str) -> Person:
    return colleague(name, *RIGHTS)


@pytest.fixture
def ana(seeds: None) -> Person:
    campaign = world(*(line(str(number)) for number in range(3)))
    (person,) = people(1)
    for _item in range(3):
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    return person


def purged(person: Person) -> Purge:
    """Asked for by carmen, agreed to by dora, and done."""
    row = ask_purge(by=moderator("carmen"), person=person, code="several", words="Votan igual.")
    approve_purge(by=moderator("dora"), purge=row)
    go_on()
    return Purge.objects.get(pk=row.pk)


def counted(person: Person) -> int:
    return Judgement.objects.filter(person=person, counted=True).count()


def later(purge: Purge, days: int) -> None:
    gone = dt.timedelta(days=days)
    Purge.objects.filter(pk=purge.pk).update(done_at=F("done_at") - gone, approved_at=F("approved_at") - gone)


def test_granted_it_is_put_back_with_the_reason_and_by_another_than_the_two(ana: Person) -> None:
    row = purged(ana)
    asked = appeal(person=ana, purge=row.pk, text="Es una clase.")
    assert appeal(person=ana, purge=row.pk, text="Otra vez.") == asked, "once"
    for name in ("carmen", "dora"):
        with pytest.raises(Refused, match="forbidden"):
            answer_appeal(by=moderator(name), appeal=asked, granted=True, words="Sí.")
    with pytest.raises(Refused, match="invalid"):
        answer_appeal(by=moderator("eva"), appeal=asked, granted=True, words=" ")
    assert (counted(ana), go_on()) == (0, 0)
    answer_appeal(by=moderator("eva"), appeal=asked, granted=True, words="Era una clase.")
    go_on()
    row.refresh_from_db()
    assert (counted(ana), row.state, row.why_undone, row.undone_by) == (3, "undone", "Era una clase.", moderator("eva"))
    with pytest.raises(Refused, match="not_open"):
        answer_appeal(by=moderator("eva"), appeal=asked, granted=False, words="No.")


def test_refused_it_is_answered_in_words_and_stays_out(ana: Person) -> None:
    asked = appeal(person=ana, purge=purged(ana).pk, text="No.")
    answer_appeal(by=moderator("eva"), appeal=asked, granted=False, words="Se queda.")
    assert (go_on(), counted(ana), Purge.objects.get().state) == (0, 0, "done")
    page = client_of(ana).get(PAGE).content.decode()
    assert ("Se queda." in page, 'name="purge"' in page) == (True, False)


def test_it_is_heard_while_it_can_be_put_back_and_granted_after_that_too(ana: Person) -> None:
    row = purged(ana)
    later(row, 31)
    with pytest.raises(Refused, match="not_open"):
        appeal(person=ana, purge=row.pk, text="Tarde.")
    later(row, -2)
    asked = appeal(person=ana, purge=row.pk, text="A tiempo.")
    later(row, 5)
    with pytest.raises(Refused, match="not_open"):
        undo_purge(by=moderator("eva"), purge=row, why="Tarde.")
    answer_appeal(by=moderator("eva"), appeal=asked, granted=True, words="Nos demoramos nosotros.")
    go_on()
    assert counted(ana) == 3, "that we took long is not theirs to bear"


def test_where_it_was_put_back_meanwhile_to_grant_it_changes_nothing_more(ana: Person) -> None:
    row = purged(ana)
    asked = appeal(person=ana, purge=row.pk, text="Es una clase.")
    undo_purge(by=moderator("carmen"), purge=row, why="Era una clase.")
    answer_appeal(by=moderator("eva"), appeal=asked, granted=True, words="Ya está.")
    go_on()
    row.refresh_from_db()
    assert (counted(ana), row.why_undone) == (3, "Era una clase.")
    with pytest.raises(Refused, match="not_open"):
        appeal(person=ana, purge=purged_again(row).pk, text="Ya volvió.")


def purged_again(row: Purge) -> Purge:
    """The same, as if nothing had been said against it."""
    Appeal.objects.all().delete()
    return row


def test_what_is_not_done_not_theirs_or_nobody_s_is_not_heard(ana: Person) -> None:
    waiting = ask_purge(by=moderator("carmen"), person=ana, code="several", words="Votan igual.")
    other = volunteer("otra", None, "es-CL")
    for does, why in (
        (partial(appeal, person=ana, purge=waiting.pk), "not_found"), (partial(appeal, person=ana), "not_found"),
        (partial(appeal, person=other, purge=waiting.pk), "not_found"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=why):
            does(text="No.")
    approve_purge(by=moderator("dora"), purge=waiting)
    with pytest.raises(Refused, match="not_open"):
        appeal(person=ana, purge=waiting.pk, text="Todavía no.")
    go_on()
    for typed in (" ", "x" * 2_001):
        with pytest.raises(Refused, match="invalid"):
            appeal(person=ana, purge=waiting.pk, text=typed)
    row = Sanction.objects.create(kind="notice", person=ana, code="other", words="x")
    with pytest.raises(Refused, match="not_found"):
        appeal(person=ana, purge=waiting.pk, sanction=row.pk, text="Las dos.")
    assert not Appeal.objects.exists()


@pytest.mark.parametrize("both", [True, False])
def test_the_database_knows_no_appeal_against_nothing_or_against_two(ana: Person, both: bool) -> None:
    row = Sanction.objects.create(kind="notice", person=ana, code="other", words="x")
    facts: dict[str, Any] = {"sanction": row, "purge": purged(ana)} if both else {}
    with pytest.raises(IntegrityError, match="an_appeal_is_against_one_thing"), transaction.atomic():
        Appeal.objects.create(person=ana, text="x", **facts)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_answer_once(ana: Person) -> None:
    asked = appeal(person=ana, purge=purged(ana).pk, text="Es una clase.")
    eva, fede = moderator("eva"), moderator("fede")
    outcomes = at_once(*(
        partial(answer_appeal, by=by, appeal=asked, granted=granted, words="Visto.")
        for by, granted in ((eva, True), (fede, False))
    ))  # fmt: skip
    assert sorted(type(each).__name__ for each in outcomes) == ["Appeal", "Refused"]
    row = Appeal.objects.get()
    assert row.granted == (Purge.objects.get().undoing_at is not None)


def test_its_person_reads_until_when_says_it_and_reads_what_was_answered(ana: Person) -> None:
    row, client = purged(ana), client_of(ana)
    page = client.get(PAGE).content.decode()
    assert ("Hasta el" in page, 'name="purge"' in page, "carmen" in page) == (True, True, False)
    for typed in ({"text": ""}, {"purge": "x"}, {"purge": "9" * 30}):
        assert client.post(PAGE, {"purge": row.pk, "text": "Sí."} | typed).status_code == 400
    assert client_of(volunteer("otra", None, "es-CL")).post(PAGE, {"purge": row.pk, "text": "Sí."}).status_code == 404
    kept = client.post(PAGE, {"purge": row.pk, "text": "x" * 2_001}).content.decode()
    assert "x" * 2_001 in kept, "what was typed stays"
    sent = client.post(PAGE, {"purge": row.pk, "text": "Es una clase."})
    assert sent["Location"] == f"{PAGE}#p-{row.pk}"
    answer_appeal(by=moderator("eva"), appeal=Appeal.objects.get(), granted=True, words="Tienen razón.")
    go_on()
    page = client.get(PAGE).content.decode()
    assert [page.count(words) for words in ("Es una clase.", "Tienen razón.")] == [1, 1]
    assert "Es cierto: vuelve a valer." in page


def test_after_its_days_another_way_is_told(ana: Person) -> None:
    later(purged(ana), 31)
    page = client_of(ana).get(PAGE).content.decode()
    assert ('name="purge"' in page, "/me/data/#ask" in page) == (False, True)


def test_the_board_lists_it_for_who_had_no_part_and_the_panel_lets_only_them_answer(ana: Person) -> None:
    asked = appeal(person=ana, purge=purged(ana).pk, text="Es una clase.")
    waits = {
        name: next(each.number for each in board_of(moderator(name)) if each.queue.code == "appeals")
        for name in ("carmen", "dora", "eva")
    }
    assert waits == {"carmen": 0, "dora": 0, "eva": 1}
    change = f"/admin/annotations/appeal/{asked.pk}/change/"
    sent = {"decided": "yes", "words": "Era una clase."}
    assert [client_of(moderator(name)).post(change, sent).status_code for name in ("carmen", "dora")] == [403, 403]
    Person.objects.filter(username="eva").update(standing="paused")
    assert client_of(moderator("eva")).post(change, sent).status_code == 403
    Person.objects.filter(username="eva").update(standing="good")
    page = client_of(moderator("eva")).get(change).content.decode()
    assert ("una purga" in page, "Votan igual." in page) == (True, True)
    assert client_of(moderator("eva")).post(change, sent).status_code == 302
    assert (Purge.objects.get().state, in_days(0) >= Appeal.objects.get().answered_at) == ("returning", True)
