"""What hides: one critical voice, a second grave one, a steward's, screening's; never more than a person can be heard
with at once, and never again what a moderator has looked at. Each rule has its counterpart that must not hide."""

import datetime as dt
import re
import uuid
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.assignments.actions import undo
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.assignments.seats import next_for
from annotations.assignments.stewards.actions import lift, mark_restricted
from annotations.corpus.models import Output
from annotations.errors import Refused
from annotations.flagging import actions
from annotations.flagging.actions import call_for_leads, decide, look_at_broken, report
from annotations.flagging.jobs import watch
from annotations.flagging.models import Flag, Look
from annotations.flagging.queries import in_order, unlooked
from annotations.flagging.seeding import load_flag_words
from annotations.people.competence.models import Confirmed
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.reviewing.actions import open_reviews
from annotations.reviewing.queries import asked
from tests.assignments.test_table import EXPLAINED, client_of
from tests.cast import answer, appoint, at_once, govern, line, people, seat_at, world
from tests.flagging.test_flagging import SAID

pytestmark = pytest.mark.django_db(transaction=True)
GRAVE, CRITICAL = SAID | {"severity": 3}, SAID | {"severity": 4}


@pytest.fixture
def campaign() -> Campaign:
    load_flag_words()
    return world(*(line(str(number)) for number in range(12)))


def moderator(name: str = "carmen") -> Person:
    person = volunteer(name, "muy-larga-y-rara", "es-MX")
    rights = Permission.objects.filter(codename__in=["change_look", "view_look", "change_hidden"])
    person.user_permissions.set(rights)
    Person.objects.filter(pk=person.pk).update(is_staff=True, email=f"{name}@example.org")
    return Person.objects.get(pk=person.pk)


def flag(person: Person, campaign: Campaign, said: dict[str, Any] = SAID, place: int = 0) -> Output:
    """The output that stands at a place of the item this person is at."""
    return flag_at(seat_at(person, campaign), person, said, place)


def flag_at(seat: Assignment, person: Person, said: dict[str, Any] = SAID, place: int = 0) -> Output:
    output = seat.item.places.get(position=place).output
    report(person=person, assignment_id=seat.pk, letter="abcd"[seat.shown.index(output.pk)], answer=said)
    return output


def is_hidden(output: Output) -> bool:
    output.refresh_from_db()
    cells = Cell.objects.filter(item__outputs=output)
    assert all((cell.held_back == "flagged") == bool(output.quarantine) for cell in cells)
    return output.quarantine == "flagged"


# By which rule ------------------------------------------------------------------------------------------------------


def test_a_first_flag_hides_from_its_author_alone_and_waits_in_front(campaign: Campaign) -> None:
    ana, bruno = people(2)
    older = flag(ana, campaign)
    output = flag(ana, campaign, GRAVE)
    assert not is_hidden(output)
    assert seat_at(bruno, campaign).item.outputs.filter(pk=older.pk).exists()
    assert [look.output for look in in_order()] == [output, older], "the gravest first"


def test_a_second_grave_voice_hides_it_from_everybody_and_sends_on_who_sits_there(campaign: Campaign) -> None:
    ana, bruno, carla = people(3)
    seat = seat_at(carla, campaign)
    assert not is_hidden(flag(ana, campaign, GRAVE))
    output = flag(bruno, campaign, GRAVE)
    assert is_hidden(output)
    seat.refresh_from_db()
    assert seat.state == Assignment.State.RETURNED
    assert not seat_at(carla, campaign).item.outputs.filter(pk=output.pk).exists()
    assert answer(carla, seat, {"preferred": "a"}).judgement.late, "what was on the table is welcome"
    look = Look.objects.get()
    assert (look.hidden_by, look.flags.count()) == (Look.Rule.SECOND, 2)


def test_mild_voices_hide_nothing_however_many(campaign: Campaign) -> None:
    output, *_same = [flag(person, campaign) for person in people(5)]
    assert not is_hidden(output)
    assert Look.objects.get().flags.count() == 5


def test_a_critical_voice_hides_it_at_once(campaign: Campaign) -> None:
    (ana,) = people(1)
    assert is_hidden(flag(ana, campaign, CRITICAL))
    assert Look.objects.get().hidden_by == Look.Rule.SEVERITY


def test_a_steward_of_the_variety_is_heard_alone_and_of_another_one_is_not() -> None:
    load_flag_words()
    govern("quz")
    rosa = volunteer("rosa", "muy-larga-y-rara", "quz", "es-CL")
    appoint(rosa, "quz")
    campaign = world(line("1", variety="quz"), line("2"))
    own, another = flag(rosa, campaign, GRAVE), flag(rosa, campaign, GRAVE)
    assert (is_hidden(own), is_hidden(another)) == (own.prompt.variety_id == "quz", another.prompt.variety_id == "quz")
    assert Look.objects.get(hidden_at__isnull=False).hidden_by == Look.Rule.SPEAKER


def test_whose_knowledge_of_the_variety_is_confirmed_is_heard_alone_and_of_another_one_is_not(
    campaign: Campaign,
) -> None:
    ana, eva = people(2)
    Confirmed.objects.create(person=ana, variety_id="es-AR", how="lead")
    assert not is_hidden(flag(ana, campaign, GRAVE))
    Confirmed.objects.create(person=eva, variety_id="es-CL", how="lead")
    assert is_hidden(flag(eva, world(line("9"), slug="otra"), GRAVE))
    assert Look.objects.get(hidden_at__isnull=False).hidden_by == Look.Rule.SPEAKER


def test_what_screening_finds_too_is_hidden(campaign: Campaign) -> None:
    (ana,) = people(1)
    place = seat_at(ana, campaign).item.places.get(position=0)
    Output.objects.filter(pk=place.output_id).update(text="Es el RUT 12.345.678-5.")
    assert is_hidden(flag(ana, campaign, GRAVE))
    assert Look.objects.get().hidden_by == Look.Rule.MACHINE


def test_in_every_item_in_which_it_stands(campaign: Campaign) -> None:
    other = world(line("0"), slug="otra")
    ana, bruno = people(2)
    output = flag(ana, campaign, CRITICAL)
    assert Cell.objects.filter(item__outputs=output, held_back="flagged").count() == 2
    assert next_for(person=bruno, campaign=other) is None


def test_a_flag_that_was_asked_for_hides_too_and_one_taken_back_does_not() -> None:
    load_flag_words()
    campaign = world(line("1", "Una.", kind="flag"), line("2", "Otra.", kind="flag"), kind="flag")
    ana, bruno = people(2)
    output = answer(ana, seat_at(ana, campaign), CRITICAL).judgement.flag.output
    assert is_hidden(output)
    seat = seat_at(bruno, campaign)
    taken = Judgement.objects.filter(pk=answer(bruno, seat, SAID).judgement.pk)
    taken.update(undone_at=timezone.now(), counted=False, not_counted="undone")
    Flag.objects.filter(judgement__in=taken).update(severity=4)
    watch()
    assert not is_hidden(seat.item.outputs.get())


def test_what_was_taken_back_is_no_voice_when_a_second_one_is_heard() -> None:
    load_flag_words()
    campaign = world(line("1", "Una.", kind="flag"), kind="flag")
    ana, bruno = people(2)
    key = uuid.uuid4()
    output = answer(ana, seat_at(ana, campaign), GRAVE, key).judgement.flag.output
    undo(person=ana, key=key)
    answer(bruno, seat_at(bruno, campaign), GRAVE)
    assert not is_hidden(output)
    answer(ana, seat_at(ana, campaign), GRAVE)
    assert is_hidden(output)


def test_who_sat_there_is_not_shown_it_again_by_the_address_of_their_seat(campaign: Campaign) -> None:
    ana, bruno = people(2)
    seat, page = seat_at(bruno, campaign), client_of(bruno)
    output = flag(ana, campaign, CRITICAL)
    assert is_hidden(output)
    assert output.text not in page.get(f"/c/prueba/rate/?seat={seat.pk}").content.decode()
    letter = "abcd"[seat.shown.index(output.pk)]
    assert page.get(f"/flag/{seat.pk}/{letter}/").status_code == 404
    decide(moderator=moderator(), look=Look.objects.get(), decision="fine", reason="Es una cita.")
    assert output.text in page.get(f"/c/prueba/rate/?seat={seat.pk}").content.decode()


def test_beside_its_correction_readers_are_not_shown_it_any_more() -> None:
    load_flag_words()
    campaign = world(line("c", "Una mala.", kind="correction"), kind="correction", needed=2)
    ana, bruno, carla = people(3)
    answer(ana, seat_at(ana, campaign), {"text": "Una buena."})
    open_reviews()
    seat = next_for(person=carla, campaign=campaign, of_kinds=["review"])
    assert seat
    assert asked(seat)["changes"]
    assert is_hidden(flag(bruno, campaign, CRITICAL))
    assert (asked(seat)["written"], asked(seat)["changes"]) == ("Una buena.", [])


def test_who_flagged_it_in_passing_does_not_read_it_beside_its_correction() -> None:
    load_flag_words()
    campaign = world(line("c", "Una mala.", kind="correction"), kind="correction", needed=2)
    ana, bruno = people(2)
    answer(ana, seat_at(ana, campaign), {"text": "Una buena."})
    flag(bruno, campaign)
    open_reviews()
    seat = next_for(person=bruno, campaign=campaign, of_kinds=["review"])
    assert seat
    assert (asked(seat)["written"], asked(seat)["changes"]) == ("Una buena.", [])


def test_the_clock_finds_what_nobody_looks_at_by_an_index_of_its_own(campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        assert "flags_to_look_into" in unlooked().explain()
        cursor.execute("RESET enable_seqscan")


def test_an_item_to_learn_from_is_hidden_too_and_comes_back_as_one() -> None:
    load_flag_words()
    campaign = world(line("p", practice=EXPLAINED), line("1"), practice=1)
    ana, bruno, carla = people(3)
    seat = seat_at(carla, campaign)
    lesson = seat.item
    assert is_hidden(flag(ana, campaign, CRITICAL))
    assert seat_at(bruno, campaign).item != lesson
    late = answer(carla, seat, {"preferred": "a"}).judgement
    assert (late.counted, late.not_counted) == (False, "practice")
    decide(moderator=moderator(), look=Look.objects.get(), decision="fine", reason="Es una cita.")
    assert lesson.cells.get().held_back == "practice"


# Against abuse ------------------------------------------------------------------------------------------------------


def test_more_than_three_critical_ones_of_one_person_hide_nothing_until_somebody_looked(campaign: Campaign) -> None:
    (ana,) = people(1)
    hidden = [flag(ana, campaign, CRITICAL) for _each in range(5)]
    assert [is_hidden(output) for output in hidden] == [True, True, True, False, False]
    for look in Look.objects.filter(hidden_at__isnull=False):
        decide(moderator=moderator(f"carmen-{look.pk}"), look=look, decision="fine", reason="Está bien.")
    assert is_hidden(flag(ana, campaign, CRITICAL))


def test_the_sabotaged_twin_hides_all_five(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "CRITICAL_AT_ONCE", 99)
    (ana,) = people(1)
    hidden = [flag(ana, campaign, CRITICAL) for _each in range(5)]
    assert all(is_hidden(output) for output in hidden)


def test_an_account_nobody_proved_hides_nothing(campaign: Campaign) -> None:
    ana, bruno = people(2)
    Person.objects.filter(pk=ana.pk).update(is_proven=False)
    flag(bruno, campaign, GRAVE)
    assert not is_hidden(flag(Person.objects.get(pk=ana.pk), campaign, CRITICAL))


def test_who_is_suspended_since_is_no_second_voice(campaign: Campaign) -> None:
    ana, bruno = people(2)
    flag(ana, campaign, GRAVE)
    item = breaks(ana, campaign).item
    Person.objects.filter(pk=ana.pk).update(standing=Person.Standing.PAUSED)
    assert not is_hidden(flag(bruno, campaign, GRAVE))
    assert breaks(bruno, campaign).item == item
    watch()
    assert item.cells.get().held_back == ""


def test_what_somebody_looked_at_is_hidden_by_no_rule_any_more(campaign: Campaign) -> None:
    ana, bruno = people(2)
    output = flag(ana, campaign, CRITICAL)
    decide(moderator=moderator(), look=Look.objects.get(), decision="fine", reason="Es una cita.")
    assert not is_hidden(output)
    assert flag(bruno, campaign, CRITICAL) == output
    assert not is_hidden(output)
    assert Look.objects.filter(decided_at=None).count() == 1, "but somebody looks again"


def test_several_who_flag_at_once_are_one_look() -> None:
    load_flag_words()
    campaign, several = world(line("1"), needed=4), people(4)
    seats = [(seat_at(person, campaign), person) for person in several]
    outputs = at_once(*[partial(flag_at, seat, person, GRAVE) for seat, person in seats])
    assert len(set(outputs)) == 1, outputs
    assert is_hidden(outputs[0])
    look = Look.objects.get()
    assert look.flags.count() == 4


def test_what_a_dying_process_left_is_found_by_the_clock(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "look_into", lambda output_id: None)
    (ana,) = people(1)
    output = flag(ana, campaign, CRITICAL)
    assert not is_hidden(output)
    watch()
    watch()
    assert is_hidden(output)
    assert Look.objects.count() == 1


def test_what_is_hidden_and_came_back_to_a_table_leaves_it_with_the_clock(campaign: Campaign) -> None:
    """An import may have read an output before it was hidden and bring it after; a record that stewards lift may be
    broken too."""
    ana, bruno = people(2)
    output = flag(ana, campaign, CRITICAL)
    item = breaks(ana, campaign).item
    breaks(bruno, campaign)
    watch()
    cells = Cell.objects.filter(item__outputs=output) | Cell.objects.filter(item=item)
    assert set(cells.values_list("held_back", flat=True)) == {"flagged", "broken"}
    Cell.objects.exclude(held_back="").update(held_back="")
    watch()
    assert set(cells.values_list("held_back", flat=True)) == {"flagged", "broken"}


# Broken tasks -------------------------------------------------------------------------------------------------------


def breaks(person: Person, campaign: Campaign) -> Judgement:
    return answer(person, seat_at(person, campaign), {"opt_out": "tarea_rota"}).judgement


def test_a_task_two_people_call_broken_is_hidden_and_one_alone_only_asks_for_a_look(campaign: Campaign) -> None:
    ana, bruno = people(2)
    item = breaks(ana, campaign).item
    look_at_broken()
    look = Look.objects.get()
    assert (look.item, look.output, look.hidden_at) == (item, None, None)
    breaks(bruno, campaign)
    watch()
    watch()
    assert set(item.cells.values_list("held_back", flat=True)) == {"broken"}
    decide(moderator=moderator(), look=look, decision="fine", reason="Se ve bien.")
    assert set(item.cells.values_list("held_back", flat=True)) == {""}
    watch()
    assert Look.objects.count() == 1, "a task somebody looked at is broken for nobody by rule"


def test_more_than_five_an_hour_of_one_person_are_not_heard(campaign: Campaign) -> None:
    ana, bruno = people(2)
    items = [breaks(ana, campaign).item for _each in range(7)]
    assert [breaks(bruno, campaign).item for _each in range(7)] == items
    Judgement.objects.filter(person=bruno).update(received_at=timezone.now() - dt.timedelta(hours=2))
    for number, judgement in enumerate(Judgement.objects.filter(person=bruno)):
        spread = timezone.now() - dt.timedelta(hours=2 + number)
        Judgement.objects.filter(pk=judgement.pk).update(received_at=spread)
    watch()
    assert [item.cells.get().held_back for item in items] == ["broken"] * 5 + [""] * 2


def test_tasks_that_one_person_calls_broken_cost_no_more_the_more_there_are(campaign: Campaign) -> None:
    (ana,) = people(1)

    def cost() -> int:
        look_at_broken()
        with CaptureQueriesContext(connection) as queries:
            assert look_at_broken() == 0
        return len(queries)

    breaks(ana, campaign)
    one = cost()
    for _more in range(4):
        breaks(ana, campaign)
    assert cost() == one


# Deciding -----------------------------------------------------------------------------------------------------------


def test_out_stays_out_veiled_comes_back_behind_a_click_and_decided_anew_the_last_word_holds(
    campaign: Campaign,
) -> None:
    (ana,) = people(1)
    output, carmen, look = flag(ana, campaign, CRITICAL), moderator(), Look.objects.get()
    decide(moderator=carmen, look=look, decision="out", reason="Expone a una persona.")
    assert is_hidden(output)
    decide(moderator=carmen, look=look, decision="veiled", reason="Se puede leer con cuidado.")
    assert not is_hidden(output)
    assert Cell.objects.filter(item__outputs=output).first().item.sensitive == ["genero"]
    decide(moderator=carmen, look=look, decision="out", reason="Mejor no.")
    assert is_hidden(output)
    look.refresh_from_db()
    assert (look.decision, look.hidden_by, look.decided_by) == ("out", "moderator", carmen)


def test_who_may_not_decide_and_what_says_no_reason_is_refused(campaign: Campaign) -> None:
    ana, bruno = people(2)
    flag(ana, campaign, CRITICAL)
    look = Look.objects.get()
    with pytest.raises(Refused, match="not_found"):
        decide(moderator=bruno, look=look, decision="fine", reason="Sí.")
    for wrong in ({"decision": "x", "reason": "Sí."}, {"decision": "fine", "reason": " "}):
        with pytest.raises(Refused, match="invalid"):
            decide(moderator=moderator(f"carmen-{wrong['decision']}"), look=look, **wrong)
    for wrong in ({"decision": "fine"}, {"hidden_by": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Look.objects.filter(pk=look.pk).update(**wrong)


def test_a_counter_example_is_read_by_somebody_who_may_take_it_and_decide_anew(campaign: Campaign) -> None:
    asked = world(line("asked", "Ellas no saben.", kind="flag"), slug="marcas", needed=2)
    ana, bruno = people(2)
    mine = answer(ana, seat_at(ana, asked), SAID | {"counter_example": "Se aprende."}).judgement.flag
    plain = answer(bruno, seat_at(bruno, asked), SAID).judgement.flag
    look, carmen = Look.objects.get(), moderator()
    assert (look.hidden_at, list(look.flags.all())) == (None, [mine]), "it hides nothing"
    decide(moderator=carmen, look=look, decision="veiled", reason="Generaliza.", taken=[mine.pk])
    assert list(Flag.objects.filter(taken=True)) == [mine]
    unfit = [{"decision": decision, "taken": [mine.pk]} for decision in ("fine", "out")]
    for wrong in (*unfit, {"decision": "veiled", "taken": [mine.pk, plain.pk]}):
        with pytest.raises(Refused, match="invalid"):
            decide(moderator=carmen, look=look, reason="Anoche.", **wrong)
    assert list(Flag.objects.filter(taken=True)) == [mine]
    decide(moderator=carmen, look=look, decision="fine", reason="Era una cita.")
    assert not Flag.objects.filter(taken=True).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.filter(pk=plain.pk).update(taken=True)


def test_nobody_takes_their_own_counter_example(campaign: Campaign) -> None:
    asked = world(line("asked", "Ellas no saben.", kind="flag", variety="es-MX"), slug="marcas", needed=1)
    carmen = moderator()
    mine = answer(carmen, seat_at(carmen, asked), SAID | {"counter_example": "Se aprende."}).judgement.flag
    with pytest.raises(Refused, match="invalid"):
        decide(moderator=carmen, look=Look.objects.get(), decision="veiled", reason="Sí.", taken=[mine.pk])
    decide(moderator=moderator("dora"), look=Look.objects.get(), decision="veiled", reason="Sí.", taken=[mine.pk])
    mine.refresh_from_db()
    assert mine.taken


def test_in_the_panel_one_s_own_counter_example_is_not_there_to_be_ticked(campaign: Campaign) -> None:
    asked = world(line("asked", "Ellas no saben.", kind="flag", variety="es-MX"), slug="marcas", needed=1)
    carmen = moderator()
    mine = answer(carmen, seat_at(carmen, asked), SAID | {"counter_example": "Se aprende."}).judgement.flag
    address = f"/admin/annotations/look/{Look.objects.get().pk}/change/"
    sent = {"decision": "veiled", "reason": "Generaliza.", "taken": [str(mine.pk)]}
    page = client_of(carmen).post(address, sent)
    assert (page.status_code, "Generaliza." in page.content.decode()) == (200, True)
    assert client_of(moderator("dora")).post(address, sent).status_code == 302


def test_in_the_panel_one_ticks_what_may_be_learned_from(campaign: Campaign) -> None:
    asked = world(line("asked", "Ellas no saben.", kind="flag"), slug="marcas", needed=1)
    (ana,) = people(1)
    mine = answer(ana, seat_at(ana, asked), SAID | {"counter_example": "Se aprende.\u202e"}).judgement.flag
    look, carmen = Look.objects.get(), client_of(moderator())
    address = f"/admin/annotations/look/{look.pk}/change/"
    page = carmen.get(address).content.decode()
    assert (page.count("Se aprende.⟨U+202E⟩"), "\u202e" in page) == (2, False)
    facts = {"reason": "Generaliza.", "taken": [str(mine.pk)], "shown": str(mine.pk)}
    refused = carmen.post(address, facts | {"decision": "fine"})
    assert (refused.status_code, "errorlist" in refused.content.decode()) == (200, True)
    assert carmen.post(address, facts | {"decision": "veiled"}).status_code == 302
    mine.refresh_from_db()
    assert mine.taken


def test_what_is_said_while_a_moderator_thinks_gets_a_look_of_its_own(campaign: Campaign) -> None:
    asked = world(line("asked", "Ellas no saben.", kind="flag"), slug="marcas", needed=2)
    ana, bruno = people(2)
    first = answer(ana, seat_at(ana, asked), SAID | {"counter_example": "Se aprende."}).judgement.flag
    look, carmen = Look.objects.get(), client_of(moderator())
    address = f"/admin/annotations/look/{look.pk}/change/"
    (shown,) = re.findall(r'name="shown" value="([0-9,]*)"', carmen.get(address).content.decode())
    late = answer(bruno, seat_at(bruno, asked), SAID | {"counter_example": "Nadie leyó esto."}).judgement.flag
    assert list(look.flags.order_by("pk")) == [first, late]
    assert carmen.post(address, {"decision": "veiled", "reason": "Generaliza.", "shown": shown}).status_code == 302
    late.refresh_from_db()
    assert list(look.flags.all()) == [first]
    assert (late.look.decided_at, late.look.hidden_at, late.taken) == (None, None, False)


def test_a_decision_taken_anew_takes_no_flag_away(campaign: Campaign) -> None:
    (ana,), carmen = people(1), moderator()
    output = flag(ana, campaign, CRITICAL)
    look = Look.objects.get()
    for decision in ("out", "fine"):
        decide(moderator=carmen, look=look, decision=decision, reason="Visto.", seen=[look.flags.get().pk])
    assert (Look.objects.count(), is_hidden(output)) == (1, False)


def test_what_is_hidden_for_two_reasons_comes_back_when_both_are_gone(campaign: Campaign) -> None:
    (ana,), carmen = people(1), moderator()
    seat = seat_at(ana, campaign)
    hidden = mark_restricted(person=ana, assignment_id=seat.pk, knowledge="place")
    report(person=ana, assignment_id=seat.pk, letter="a", answer=CRITICAL)
    lift(moderator=carmen, hidden=hidden, reason="No lo es.")
    cell = seat.item.cells.get()
    assert cell.held_back == "flagged"
    decide(moderator=carmen, look=Look.objects.get(), decision="fine", reason="Está bien.")
    cell.refresh_from_db()
    assert cell.held_back == ""


def test_the_panel_shows_what_was_said_and_takes_the_decision(campaign: Campaign) -> None:
    (ana,) = people(1)
    output = flag(ana, campaign, CRITICAL | {"comment": "Lo oí en la radio."})
    panel = Client()
    panel.force_login(moderator())
    look = Look.objects.get()
    assert output.text in panel.get("/admin/annotations/look/").content.decode()
    page = f"/admin/annotations/look/{look.pk}/change/"
    assert "Lo oí en la radio." in panel.get(page).content.decode()
    assert panel.post(page, {"decision": "fine", "reason": "Es una cita."}).status_code == 302
    assert not is_hidden(output)


# A day later --------------------------------------------------------------------------------------------------------


def test_what_waits_for_a_day_calls_those_who_decide_once_and_says_nothing_of_it(campaign: Campaign) -> None:
    (ana,) = people(1)
    output = flag(ana, campaign, CRITICAL)
    moderator()
    assert call_for_leads() == 0
    Look.objects.update(opened_at=timezone.now() - dt.timedelta(hours=25))
    assert (call_for_leads(), call_for_leads()) == (1, 0)
    (sent,) = mail.outbox
    assert sent.to == ["carmen@example.org"]
    assert output.text not in sent.body
    assert is_hidden(output)


def test_a_mail_that_cannot_be_sent_is_sent_by_the_next_run(campaign: Campaign, settings: Any) -> None:
    (ana,) = people(1)
    flag(ana, campaign, CRITICAL)
    moderator()
    Look.objects.update(opened_at=timezone.now() - dt.timedelta(hours=25))
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    assert call_for_leads() == 1
    assert Look.objects.get().called_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert call_for_leads() == 1
    assert Look.objects.get().called_at
