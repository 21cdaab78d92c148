"""Rights by self-service: take it along, correct, rest, ask, tell, and be erased with or without what one gave."""

import csv
import datetime as dt
import io
import json
import re
import uuid
from functools import partial
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from knox.models import AuthToken

from annotations.assignments.actions import undo
from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement, Receipt, Tombstone
from annotations.assignments.seats import expire_seats, next_for
from annotations.corpus.lines import json_lines
from annotations.errors import Refused
from annotations.people.accounts.models import Session
from annotations.people.actions import Spoken, give_consent, new_token, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Consent, Person, SpokenVariety
from annotations.people.purposes import NAMES, REQUIRED
from annotations.people.rights import actions
from annotations.people.rights.actions import ask, correct_account, correct_varieties, erase, pause, resume, take_along
from annotations.people.rights.deadlines import after, days_for
from annotations.people.rights.models import Request, RequestText, SensitiveFacts
from annotations.people.rights.queries import NOBODY, counted_facts, facts_of, requests_of
from annotations.people.rights.registry import registered
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from annotations.rating.models import Vote
from tests.cast import answer, at_once, joins, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PASSWORD = "muy-larga-y-rara"  # what tests.cast.people come in with


def at_home(person: Person) -> Client:
    client = Client()
    assert client.login(username=person.username, password=PASSWORD)
    return client


def consenting(person: Person, *more: str) -> Person:
    give_consent(person=person, purposes=dict.fromkeys([*REQUIRED, *more], True), language="es", licence="CC-BY-4.0")
    person.refresh_from_db()
    return person


def archive_of(person: Person) -> ZipFile:
    with take_along(person=person) as file:
        return ZipFile(io.BytesIO(file.read()))


def lines(archive: ZipFile, name: str) -> list[dict]:
    return [json.loads(row) for row in archive.read(name).splitlines()]


def counts_are_true() -> bool:
    """Every cell counts the seats and judgements there are."""
    return all(
        (cell.held, cell.done)
        == (cell.assignments.filter(state="held").count(), cell.judgements.filter(counted=True).count())
        for cell in Cell.objects.all()
    )


# Take along ---------------------------------------------------------------------------------------------------------


def test_one_click_gives_everything_that_is_stored_as_json_and_as_csv() -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    consenting(ana, "demographics")
    actions.tell_facts(person=ana, facts={"gender": "woman", "own_words": "de la costa"})
    ask(person=ana, kind="other", text="¿quién vio mis datos?")
    for _item in range(2):
        answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    response = at_home(ana).post("/me/data/zip/")
    archive = ZipFile(io.BytesIO(b"".join(response)))
    tables = {name[5:-5] for name in archive.namelist() if name.startswith("json/")}
    expected = {right.table.rpartition(".")[2].lower() for right in registered() if right.exported}
    assert {name.partition("-")[0] for name in tables} == expected | {
        "person",
        "consents",
        "requests",
        "sensitive_facts",
    }
    assert {"help-person", "help-asked_by", "steward-person", "judgement"} <= tables
    read = {name: json.loads(archive.read(f"json/{name}.json")) for name in tables}
    (own,) = read["person"]
    assert (own["username"], own["subject"]) == (ana.username, str(ana.subject))
    assert "password" not in own
    assert [row["act"] for row in read["consents"]] == ["give", "give"]
    assert read["sensitive_facts"] == [{"gender": "woman", "own_words": "de la costa"}]
    assert [row["text"] for row in read["requesttext"]] == ["¿quién vio mis datos?"]
    assert [row["kind"] for row in read["requests"]] == ["access", "other"]
    assert len(read["judgement"]) == len(read["receipt"]) == len(read["assignment"]) == 2
    for name, rows in read.items():
        table = list(csv.DictReader(io.StringIO(archive.read(f"csv/{name}.csv").decode())))
        assert len(table) == len(rows), name
        assert not rows or list(table[0]) == list(rows[0])


def test_what_was_contributed_can_be_imported_as_it_is_and_answered_again() -> None:
    campaign = world(line("1", "uno", "dos", "tres"), line("2"), line("3", role="evaluate", permitted_use=["evaluate"]))
    (ana,) = people(1)
    given: dict[str, dict] = {}
    for _item in range(3):
        seat = seat_at(ana, campaign)
        reply = {"ranking": [["b"], ["a", "c"]]} if seat.item.source_id == "1" else {"preferred": "b", "strength": 2}
        answer(ana, seat, {"opt_out": "no_se"} if seat.item.source_id == "3" else reply)
        given[str(seat.pk)] = reply
    archive = archive_of(ana)
    items, answers = lines(archive, "items.jsonl"), lines(archive, "answers.jsonl")
    other = Campaign.objects.create(slug="otra", name="Otra")
    report = load_items(campaign=other, lines=checked(json_lines(archive.open("items.jsonl")), "mine"))
    assert (report.added, report.refused) == (3, [])
    assert {row["id"]: row["answer"] for row in answers if "answer" in row} == {
        seat: reply for seat, reply in given.items() if seat in {row["id"] for row in answers if "answer" in row}
    }
    assert [row["opt_out"] for row in answers if "opt_out" in row] == ["no_se"]
    for item in items:
        seat = Assignment.objects.get(pk=item["id"])
        texts = dict(seat.item.outputs.values_list("pk", "text"))
        assert [output["text"] for output in item["outputs"]] == [texts[output] for output in seat.shown]
    evaluate = next(item for item in items if item["role"] == "evaluate")
    assert evaluate["permitted_use"] == ["evaluate"]


@pytest.mark.parametrize("settled", [False, True])
def test_no_file_tells_which_model_wrote_what_or_the_importer_s_name_of_an_item(settled: bool) -> None:
    outputs = [
        {"model": "llama-secreta", "text": "Una.", "licence": "Llama-3.1"},
        {"model": "gpt-secreta", "text": "Otra."},
    ]
    campaign = world(line("llama-contra-gpt", outputs=outputs, prompt="¿Qué como?"), needed=1)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    assert not settled or settle_due() == 1
    archive = archive_of(ana)
    everything = b"".join(archive.read(name) for name in archive.namelist()).lower()
    assert b"una." in everything
    assert b"llama" not in everything
    assert b"gpt" not in everything


def test_an_answer_taken_back_and_given_anew_is_one_task_and_two_answers() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    key = uuid.uuid4()
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"}, key)
    undo(person=ana, key=key)
    answer(ana, seat_at(ana, campaign), {"preferred": "both_bad"})
    archive = archive_of(ana)
    assert len(lines(archive, "items.jsonl")) == 1
    told = [(row["answer"]["preferred"], bool(row["undone_at"])) for row in lines(archive, "answers.jsonl")]
    assert told == [("tie", True), ("both_bad", False)]


def test_nothing_of_anybody_else_is_in_it() -> None:
    campaign = world(line("1"))
    ana, bruno = people(2)
    for person in (ana, bruno):
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    ask(person=bruno, kind="other", text="de Bruno")
    archive = archive_of(ana)
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert bruno.username not in everything
    assert str(bruno.subject) not in everything
    assert "de Bruno" not in everything
    assert len(lines(archive, "answers.jsonl")) == 1


def test_it_costs_the_same_number_of_queries_however_much_there_is() -> None:
    campaign = world(*(line(str(number)) for number in range(9)))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    archive_of(ana)
    with CaptureQueriesContext(connection) as before:
        archive_of(ana)
    for _item in range(8):
        answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    with CaptureQueriesContext(connection) as after_more:
        assert len(lines(archive_of(ana), "items.jsonl")) == 9
    assert len(after_more) == len(before)


def test_a_program_takes_it_along_too_and_nobody_without_a_name() -> None:
    world()
    (ana,) = people(1)
    api = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    assert ZipFile(io.BytesIO(b"".join(api.get("/api/v1/me/data/")))).testzip() is None
    assert Client().get("/api/v1/me/data/").status_code == 401
    assert Client().post("/me/data/zip/")["Location"].startswith("/login/")
    assert at_home(ana).get("/me/data/zip/")["Location"] == "/me/data/"


@pytest.mark.parametrize(
    ("address", "page"),
    [*((f"/me/data/{each}/", "/me/data/") for each in ("zip", "correct", "ask", "pause", "resume")),
     ("/me/withdraw/", "/me/"), ("/account/sessions/end/", "/account/"), ("/account/tokens/end/", "/account/")],
)  # fmt: skip
def test_who_comes_back_from_a_log_in_to_the_address_of_a_form_is_led_to_its_page(address: str, page: str) -> None:
    world()
    (ana,) = people(1)
    assert at_home(ana).get(address)["Location"] == page
    assert at_home(ana).delete(address).status_code == 405
    assert at_home(ana).get("/me/").status_code == 200


# Correct and rest ---------------------------------------------------------------------------------------------------


def test_varieties_are_corrected_at_once_and_past_work_keeps_the_old_one() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    judgement = answer(ana, seat_at(ana, campaign), {"preferred": "tie"}).judgement
    correct_varieties(person=ana, varieties=[Spoken("es-MX")])
    judgement.refresh_from_db()
    assert judgement.judge_variety_id == "es-CL"
    old, new = SpokenVariety.objects.filter(person=ana).order_by("pk")
    assert (old.variety_id, bool(old.until), new.variety_id, new.until) == ("es-CL", True, "es-MX", None)
    correct_varieties(person=ana, varieties=[Spoken("es-MX")])
    assert list(requests_of(ana).values_list("kind", "outcome", "reason")) == [("correct", "done", "at_once")]


def test_saying_what_one_speaks_for_the_first_time_is_no_correction(seeds: None) -> None:
    ana = Person.objects.create_user("ana", PASSWORD)
    correct_varieties(person=ana, varieties=[Spoken("es-CL")])
    assert not Request.objects.exists()


def test_name_and_address_are_corrected_at_once_and_a_taken_name_is_refused() -> None:
    world()
    ana, bruno = people(2)
    home = at_home(ana)
    assert home.post("/me/data/correct/", {"username": "anita"})["Location"] == "/me/data/"
    ana.refresh_from_db()
    assert ana.username == "anita"
    page = home.post("/me/data/correct/", {"username": bruno.username.upper()})
    assert page.status_code == 400
    with pytest.raises(Refused, match="invalid"):
        correct_account(person=ana, username=bruno.username.upper())
    assert home.post("/me/data/correct/", {"username": "Anita"}).status_code == 302
    ana.refresh_from_db()
    assert ana.username == "Anita"


def test_who_rests_is_asked_nothing_and_what_they_hold_may_still_come() -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    home = at_home(ana)
    home.post("/me/data/pause/")
    for where in (campaign, None):
        with pytest.raises(Refused, match="paused"):
            next_for(person=ana, campaign=where)
    page = home.get("/rate/")
    assert (page.status_code, "/me/data/" in page.content.decode()) == (409, True)
    assert answer(ana, seat, {"preferred": "tie"}).judgement.counted
    ana.refresh_from_db()
    assert ana.standing == "good", "that word is the moderators'"
    home.post("/me/data/resume/")
    assert next_for(person=ana, campaign=campaign)
    assert list(requests_of(ana).values_list("kind", flat=True)) == ["resume", "pause"]


def test_resting_twice_is_resting_once() -> None:
    world()
    (ana,) = people(1)
    first = pause(person=ana).paused_at
    assert pause(person=ana).paused_at == first
    resume(person=ana)
    resume(person=ana)
    assert requests_of(ana).count() == 2


def test_what_a_moderator_closed_is_not_opened_by_going_on() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    Person.objects.update(standing="paused")
    resume(person=ana)
    with pytest.raises(Refused, match="suspended"):
        next_for(person=ana, campaign=campaign)


# The register -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "countries", "expected"),
    [
        # Received on Friday, 2026-11-27.
        ("other", [], ("", "2026-12-04", "2026-12-04")),
        ("other", ["PE"], ("", "2026-12-04", "2026-12-04")),
        ("correct", ["AR"], ("AR", "2026-12-04", "2026-12-04")),
        ("access", ["AR"], ("AR", "2026-12-04", "2026-12-07")),
        ("other", ["BR"], ("BR", "2026-12-04", "2026-12-12")),
        ("other", ["CL"], ("CL", "2026-12-04", "2026-12-27")),
        ("other", ["CO"], ("CO", "2026-12-04", "2026-12-18")),
        ("other", ["MX"], ("MX", "2026-12-04", "2026-12-17")),
        ("other", ["CL", "BR", "PE"], ("BR", "2026-12-04", "2026-12-12")),
    ],
)
def test_due_is_what_we_promise_and_the_limit_what_the_strictest_law_gives(kind, countries, expected) -> None:
    country, due, limit = days_for(kind, countries, dt.date(2026, 11, 27))
    assert (country, due.isoformat(), limit.isoformat()) == expected


def test_a_law_stricter_than_our_promise_moves_the_day(settings) -> None:
    settings.MINKA_LAW_WITHIN = {"AR": {"any": (2, "calendar")}}
    assert days_for("other", ["AR"], dt.date(2026, 11, 27)) == ("AR", dt.date(2026, 11, 29), dt.date(2026, 11, 29))
    assert after(dt.date(2026, 11, 28), (1, "business")) == dt.date(2026, 11, 30)


def test_a_question_waits_for_a_human_with_a_day_and_its_words_apart() -> None:
    world()
    (ana,) = people(1)
    home = at_home(ana)
    assert home.post("/me/data/ask/", {"kind": "block", "text": "esto no es mío"}).status_code == 302
    (request,) = requests_of(ana)
    assert (request.kind, request.country, request.done_at) == ("block", "CL", None)
    assert "esto no es mío" not in str(Request.objects.values())
    assert request.words.text == "esto no es mío"
    assert home.get("/me/data/").status_code == 200
    assert home.post("/me/data/ask/", {"kind": "erase", "text": "x"}).status_code == 400
    assert home.post("/me/data/ask/", {"kind": "other", "text": " "}).status_code == 400
    for _time in range(4):
        ask(person=ana, kind="other", text="otra")
    with pytest.raises(Refused, match="too_large"):
        ask(person=ana, kind="other", text="y otra")


@pytest.mark.parametrize(
    ("kind", "text"), [("access", "x"), ("other", ""), ("other", "a\x00b"), ("other", "x" * 4_001)]
)
def test_what_one_cannot_ask_is_refused(kind: str, text: str) -> None:
    world()
    (ana,) = people(1)
    with pytest.raises(Refused, match="invalid"):
        ask(person=ana, kind=kind, text=text)
    assert not Request.objects.exists()


def test_a_request_is_closed_once_with_outcome_and_reason(admin_client: Client) -> None:
    world()
    (ana,) = people(1)
    request = ask(person=ana, kind="oppose", text="no quiero")
    url = reverse("admin:annotations_request_change", args=[request.pk])
    assert "no quiero" in admin_client.get(url).content.decode()
    assert admin_client.post(url, {"outcome": "refused", "reason": "law_keeps_it"}).status_code == 302
    request.refresh_from_db()
    assert (request.outcome, request.reason, bool(request.done_at)) == ("refused", "law_keeps_it", True)
    admin_client.post(url, {"outcome": "done", "reason": "by_hand"})
    request.refresh_from_db()
    assert request.outcome == "refused", "what was answered stays"
    assert admin_client.get(reverse("admin:annotations_request_changelist")).status_code == 200
    with pytest.raises(Refused, match="not_open"):
        actions.answer(request=request, outcome="done", reason="by_hand")


def test_a_done_request_says_how_and_why() -> None:
    world()
    (ana,) = people(1)
    request = ask(person=ana, kind="other", text="x")
    for wrong in ({"outcome": "done"}, {"reason": "by_hand"}, {"done_at": "2026-01-01T00:00Z"}):
        with pytest.raises(IntegrityError, match="a_done_request_says_how_and_why"), transaction.atomic():
            Request.objects.filter(pk=request.pk).update(**wrong)
    with pytest.raises(Refused, match="invalid"):
        actions.answer(request=request, outcome="done", reason="because")


def test_a_list_of_requests_costs_the_same_however_long_it_is(admin_client: Client) -> None:
    world()
    ana, bruno = people(2)
    url = reverse("admin:annotations_request_changelist")
    ask(person=ana, kind="other", text="x")
    admin_client.get(url)
    with CaptureQueriesContext(connection) as before:
        admin_client.get(url)
    for _time in range(5):
        ask(person=bruno, kind="other", text="x")
    with CaptureQueriesContext(connection) as more:
        admin_client.get(url)
    assert len(more) == len(before)


def test_the_controller_is_reminded_once_a_day_of_what_is_due_and_of_no_words(settings) -> None:
    world()
    (ana,) = people(1)
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "datos@example.org"}
    request = ask(person=ana, kind="other", text="palabras mías")
    pause(person=ana)
    assert actions.remind_controller(today=request.due_on - dt.timedelta(days=3)) == 0
    day = request.due_on - dt.timedelta(days=2)
    assert [actions.remind_controller(today=day) for _time in range(2)] == [1, 0]
    assert actions.remind_controller(today=day + dt.timedelta(days=1)) == 1
    assert [each.to for each in mail.outbox] == [["datos@example.org"]] * 2
    assert f"other {request.pk}" in mail.outbox[0].body
    assert "palabras" not in mail.outbox[0].body
    actions.answer(request=request, outcome="done", reason="by_hand")
    assert actions.remind_controller(today=day + dt.timedelta(days=9)) == 0


# Sensitive facts ----------------------------------------------------------------------------------------------------


def test_facts_need_their_purpose_and_lie_sealed_and_leave_with_it() -> None:
    world()
    (ana,) = people(1)
    with pytest.raises(Refused, match="consent_required"):
        actions.tell_facts(person=ana, facts={"gender": "woman"})
    assert at_home(ana).get("/me/facts/")["Location"].startswith("/join/consent/")
    consenting(ana, "demographics")
    home = at_home(ana)
    assert (
        home.post("/me/facts/", {"gender": "woman", "age": "25-34", "own_words": "hija de tejedoras"}).status_code
        == 302
    )
    row = SensitiveFacts.objects.get()
    assert not any(word in row.sealed for word in ("woman", "25-34", "tejedoras"))
    assert facts_of(ana) == {"gender": "woman", "age": "25-34", "own_words": "hija de tejedoras"}
    assert "tejedoras" in home.get("/me/facts/").content.decode()
    assert home.post("/me/facts/", {"gender": "dragon"}).status_code == 200
    with pytest.raises(Refused, match="invalid"):
        actions.tell_facts(person=ana, facts={"shoe_size": "43"})
    assert facts_of(ana)["gender"] == "woman"
    consenting(ana)
    assert not SensitiveFacts.objects.exists(), "the purpose was not given again"


def test_emptied_or_withdrawn_facts_are_gone() -> None:
    world()
    (ana,) = people(1)
    consenting(ana, "demographics")
    actions.tell_facts(person=ana, facts={"gender": "woman"})
    actions.tell_facts(person=ana, facts={"gender": ""})
    assert not SensitiveFacts.objects.exists()
    actions.tell_facts(person=ana, facts={"gender": "woman"})
    withdraw(person=ana)
    assert not SensitiveFacts.objects.exists()


def test_facts_are_only_ever_counted_and_never_below_ten() -> None:
    world()
    for number, person in enumerate(people(10)):
        consenting(person, "demographics")
        gender = "man" if number == 0 else "woman"
        actions.tell_facts(person=person, facts={"gender": gender, "age": "25-34", "own_words": "yo"})
    assert counted_facts() == [("es-CL", "age", "25-34", 10)]


def test_whoever_lacks_the_right_sees_no_facts_not_even_counts(seeds: None) -> None:
    staff = volunteer("carmen", PASSWORD, "es-MX")
    staff.is_staff = True
    staff.save()
    staff.user_permissions.set(
        Permission.objects.filter(content_type__app_label="annotations").exclude(codename="count_sensitivefacts")
    )
    assert at_home(staff).get("/facts/").status_code == 403
    assert "sensitive" not in at_home(staff).get("/admin/").content.decode().lower()
    staff.user_permissions.add(Permission.objects.get(codename="count_sensitivefacts"))
    assert at_home(staff).get("/facts/").status_code == 200


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, "1") for table in ("sensitivefacts", "request", "requesttext", "session")]
    + [("tombstone", field.column) for field in Tombstone._meta.concrete_fields if field.column != "received_at"],
)
def test_the_export_role_cannot_read_what_belongs_to_persons(table: str, column: str) -> None:
    """Of what was erased it reads how much of which moment, to know whether a release holds some of it."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE minka_export")
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(f"SELECT {column} FROM annotations_{table}")


# Erase --------------------------------------------------------------------------------------------------------------


def test_the_page_says_what_cannot_be_undone_and_asks_for_the_password() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    home = at_home(ana)
    home.cookies["django_language"] = "en"
    page = home.get("/me/erase/").content.decode()
    assert "Copies already taken and models already trained cannot be called back" in page
    assert "erasing them later becomes impossible" in page
    assert "checked" not in page
    assert not re.search(r'<(button|a) class="button"', page), "what cannot be undone is no page's main action"
    for wrong in ({"contributions": "erase", "password": "otra"}, {"password": PASSWORD}, {"contributions": "both"}):
        assert home.post("/me/erase/", wrong).status_code == 200
    assert Person.objects.filter(pk=ana.pk).exists()
    done = home.post("/me/erase/", {"contributions": "erase", "password": PASSWORD})
    assert (done.status_code, Person.objects.filter(pk=ana.pk).exists()) == (200, False)
    assert home.get("/me/")["Location"].startswith("/login/")


def test_erased_with_contributions_nothing_is_left_but_counts_that_are_true() -> None:
    campaign = world(*(line(str(number)) for number in range(4)))
    ana, *others = people(3)
    key = uuid.uuid4()
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"}, key)
    undo(person=ana, key=key)
    for _item in range(2):
        for person in (ana, *others):
            answer(person, seat_at(person, campaign), {"preferred": "tie"})
    answer(ana, seat_at(ana, campaign), {"opt_out": "no_se"})
    seat_at(ana, campaign)
    assert settle_due() == 2
    token, other_tab = new_token(person=ana), at_home(ana)
    erased = set(Judgement.objects.filter(person=ana).values_list("pk", flat=True))
    subject = ana.subject
    erase(person=ana, contributions=True)
    assert counts_are_true()
    assert (Judgement.objects.count(), Vote.objects.count(), Receipt.objects.count()) == (4, 4, 4)
    assert set(Tombstone.objects.values_list("pk", flat=True)) == erased
    assert {field.name for field in Tombstone._meta.fields} == {"judgement_id", "cell", "received_at", "erased_on"}
    assert Verdict.objects.filter(superseded_at=None).count() == 0
    assert Cell.objects.filter(open=True).count() == 4
    assert list(Consent.objects.filter(subject=subject).order_by("pk").values_list("act", flat=True)) == [
        "give", "withdraw",
    ]  # fmt: skip
    assert not AuthToken.objects.exists()
    assert not Session.objects.exists()
    assert other_tab.get("/me/").status_code == 302
    assert Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/me/").status_code == 401
    register = Request.objects.filter(subject=subject)
    assert list(register.values_list("kind", "outcome", "reason")) == [("erase", "done", "contributions_too")]
    newcomer = volunteer("nueva", PASSWORD, "es-CL")
    for _item in range(2):
        answer(newcomer, seat_at(newcomer, campaign), {"preferred": "tie"})
    assert settle_due() == 2


def test_erased_without_contributions_they_stand_and_nobody_is_behind_them() -> None:
    campaign = world(line("1"), line("2"))
    ana, *others = people(3)
    for person in (ana, *others):
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    seat_at(ana, campaign)
    settle_due()
    subject = ana.subject
    erase(person=ana, contributions=False)
    assert counts_are_true()
    assert Judgement.objects.filter(person=None, counted=True).count() == 1
    assert Verdict.objects.filter(superseded_at=None).count() == 1
    assert not Receipt.objects.filter(judgement__person=None).exists(), "the client's own key would be a link"
    assert Consent.objects.filter(subject=subject).latest("pk").act == "leave"
    assert not Tombstone.objects.exists()
    settle_due()
    assert Judgement.objects.filter(counted=True).count() == 3, "leaving is not withdrawing"
    Assignment.objects.update(expires_at="2020-01-01T00:00Z")
    assert expire_seats() == 1
    assert counts_are_true()


def test_erasing_twice_is_refused_the_second_time() -> None:
    world()
    (ana,) = people(1)
    erase(person=ana, contributions=True)
    for again in (
        partial(erase, person=ana, contributions=True), partial(take_along, person=ana), partial(pause, person=ana),
        partial(ask, person=ana, kind="other", text="x"), partial(next_for, person=ana),
        partial(withdraw, person=ana),
    ):  # fmt: skip
        with pytest.raises(Refused, match="not_found"):
            again()


def test_open_questions_are_closed_and_their_words_go_with_the_account() -> None:
    world()
    (ana,) = people(1)
    subject = ana.subject
    ask(person=ana, kind="other", text="mis palabras")
    erase(person=ana, contributions=False)
    assert not RequestText.objects.exists()
    assert list(Request.objects.filter(subject=subject).values_list("kind", "outcome", "reason")) == [
        ("erase", "done", "contributions_left"), ("other", "moot", "account_gone"),
    ]  # fmt: skip


@pytest.mark.parametrize("contributions", [True, False])
def test_what_staff_changed_by_hand_stays_and_names_neither_them_nor_whom(
    seeds: None, admin_client: Client, contributions: bool
) -> None:
    world()
    ana, *_others = people(1)
    boss = Person.objects.get(username="admin")
    form = {"language": "es", "standing": "paused", "is_active": "on", "groups": []}
    inline = {f"spoken-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    admin_client.post(reverse("admin:annotations_person_change", args=[ana.pk]), form | inline)
    assert LogEntry.objects.get().object_repr == ana.username
    erase(person=ana, contributions=contributions)
    assert LogEntry.objects.get().object_repr == ""
    erase(person=boss, contributions=contributions)
    assert LogEntry.objects.get().user.username == NOBODY
    assert not Person.objects.exclude(username=NOBODY).exists()
    assert Person.objects.get().has_usable_password() is False


def test_the_name_of_nobody_is_a_name_nobody_can_take(seeds: None) -> None:
    page = joins(Client(), NOBODY)
    assert (page.status_code, Person.objects.count()) == (200, 0)


# At once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("contributions", [True, False])
def test_erasing_while_answers_come_leaves_no_answer_behind_it(contributions: bool) -> None:
    campaign = world(*(line(str(number)) for number in range(12)))
    ana, bruno = people(2)

    def work(person: Person) -> None:
        while seat := next_for(person=person, campaign=campaign):
            answer(person, seat, {"preferred": "a"})

    outcomes = at_once(
        partial(work, ana), partial(work, bruno), partial(erase, person=ana, contributions=contributions),
        partial(work, ana),
    )  # fmt: skip
    assert {getattr(outcome, "code", None) for outcome in (outcomes[0], outcomes[3])} <= {"not_found", None}
    assert outcomes[1:3] == [None, None]
    assert counts_are_true()
    assert not Person.objects.filter(pk=ana.pk).exists()
    left = Judgement.objects.exclude(person=bruno)
    assert not left.exclude(person=None).exists()
    assert not (contributions and left.exists())


@pytest.mark.django_db(transaction=True)
def test_seats_run_out_while_their_people_leave() -> None:
    campaign = world(*(line(str(number)) for number in range(6)))
    crowd = people(3)
    for person in crowd:
        first = seat_at(person, campaign)
        next_for(person=person, campaign=campaign, after=first.pk)
    Assignment.objects.update(expires_at="2020-01-01T00:00Z")
    leaving = [partial(erase, person=person, contributions=True) for person in crowd]
    outcomes = at_once(*leaving, expire_seats, expire_seats, expire_seats)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {(cell.held, cell.done) for cell in Cell.objects.all()} == {(0, 0)}


@pytest.mark.django_db(transaction=True)
def test_two_who_leave_at_once_do_not_wait_in_a_circle() -> None:
    campaign = world(*(line(str(number)) for number in range(8)))
    crowd = people(3)
    for person in crowd:
        for _item in range(8):
            answer(person, seat_at(person, campaign), {"preferred": "tie"})
    settle_due()
    assert at_once(*(partial(erase, person=person, contributions=True) for person in crowd)) == [None] * 3
    assert {(cell.held, cell.done) for cell in Cell.objects.all()} == {(0, 0)}
    assert not Judgement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_taking_along_while_erasing_gives_all_or_nothing() -> None:
    campaign = world(*(line(str(number)) for number in range(6)))
    (ana,) = people(1)
    for _item in range(6):
        answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    outcomes = at_once(*[partial(archive_of, ana)] * 3, partial(erase, person=ana, contributions=True))
    assert outcomes[3] is None
    for outcome in outcomes[:3]:
        if isinstance(outcome, ZipFile):
            assert len(lines(outcome, "answers.jsonl")) == 6
        else:
            assert outcome.code == "not_found"


def test_my_data_opens_in_three_languages() -> None:
    world()
    (ana,) = people(1)
    consenting(ana, *NAMES)
    for language in ("es", "pt-br", "en"):
        home = at_home(ana)
        home.cookies["django_language"] = language
        for path in ("/me/", "/me/data/", "/me/erase/", "/me/facts/"):
            assert home.get(path).status_code == 200
