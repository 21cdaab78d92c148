"""What is too much from one account or one day is kept aside, told, or left alone, as the campaign says."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.assignments.actions import undo
from annotations.assignments.models import Campaign, Cell, Judgement, Receipt
from annotations.assignments.seats import next_for
from annotations.corpus.models import ModelVersion
from annotations.errors import Refused
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from annotations.quality.gates.actions import ask_release, confirm_release, watch_over
from annotations.quality.gates.models import Held, Hold
from annotations.quality.gates.queries import counted
from annotations.quality.models import Verdict
from tests.cast import at_once, line, people, world
from tests.quality.gates.scene import LATELY, aside, counting, joined, leads, pushed, ring, votes

pytestmark = pytest.mark.django_db


def test_of_an_account_that_gives_too_much_the_newest_are_kept_aside() -> None:
    _campaign, ana, crowd = pushed()
    settle_due()
    theirs = list(Judgement.objects.filter(person=ana).order_by("pk").values_list("pk", flat=True))
    assert watch_over() == 12
    assert (
        list(Judgement.objects.filter(person=ana, counted=True).order_by("pk").values_list("pk", flat=True))
        == theirs[:8]
    )
    assert {counting(person) for person in crowd} == {2}, "nobody else loses anything"
    hold = Hold.objects.get()
    assert (hold.why, hold.person, hold.mode, hold.judgements, hold.given) == ("account", ana, "hold", 12, 34)
    assert (hold.variety_id, hold.contributors, hold.share) == ("es-CL", 8, pytest.approx(20 / 34))
    assert (hold.limit, Held.objects.filter(hold=hold).count()) == (3 / 8, 12)


def test_what_they_settled_holds_no_more_and_others_are_asked() -> None:
    campaign, ana, crowd = pushed()
    settle_due()
    assert Verdict.objects.filter(superseded_at=None).count() == 6
    watch_over()
    for cell in Cell.objects.filter(campaign=campaign):
        assert cell.done == Judgement.objects.filter(cell=cell, counted=True).count()
    lost = Cell.objects.filter(judgements__not_counted="concentration")
    assert not Verdict.objects.filter(superseded_at=None, cell__in=lost).exists()
    assert next_for(person=ana, campaign=campaign) is None, "nobody meets an item twice"
    assert all(next_for(person=person, campaign=campaign) for person in crowd)


def test_what_an_anchor_was_asked_for_is_nobodys_share() -> None:
    """They are few and asked for much: without that, the more is checked the less of it would be published."""
    _campaign, ana, _crowd = pushed()
    Judgement.objects.filter(person=ana).update(trusted=True)
    assert watch_over() == 0


def test_looked_at_again_nothing_more_leaves() -> None:
    pushed()
    assert (watch_over(), watch_over(), aside(), Hold.objects.count()) == (12, 0, 12, 1)


def test_whoever_goes_on_is_measured_anew_and_nothing_is_held_twice() -> None:
    campaign, ana, crowd = pushed()
    watch_over()
    for person in crowd:
        votes(person, campaign, 2)
    assert (watch_over(), counting(ana)) == (0, 8), "it does not shrink"
    assert Hold.objects.count() == 1


def test_a_report_tells_and_takes_nothing() -> None:
    _campaign, ana, _crowd = pushed("report")
    assert (watch_over(), watch_over(), aside(), counting(ana)) == (0, 0, 0, 20)
    hold = Hold.objects.get()
    assert (hold.mode, hold.person, hold.judgements) == ("report", ana, 12)
    assert not Held.objects.exists()


def test_a_report_that_is_no_longer_so_goes() -> None:
    campaign, _ana, crowd = pushed("report")
    watch_over()
    for person in crowd[:3]:
        votes(person, campaign, 3)
    watch_over()
    assert Hold.objects.get().share < 0.5, "the same row, as it is now"
    Campaign.objects.update(gate="off")
    watch_over()
    assert not Hold.objects.exists()


def test_where_it_was_reported_and_now_holds_it_is_one_row() -> None:
    _campaign, _ana, _crowd = pushed("report")
    watch_over()
    Campaign.objects.update(gate="hold")
    assert watch_over() == 12
    Campaign.objects.update(gate="report")
    watch_over()
    assert list(Hold.objects.values_list("mode", "judgements")) == [("hold", 12)]


def test_off_is_off_and_so_is_the_plain_campaign() -> None:
    pushed("")
    assert (watch_over(), Hold.objects.count()) == (0, 0)
    Campaign.objects.update(gate="off")
    assert (watch_over(), Hold.objects.count()) == (0, 0)


def test_in_production_a_small_campaign_reports_and_a_great_one_holds(settings, monkeypatch) -> None:
    settings.PRODUCTION = True
    pushed("")
    assert (watch_over(), Hold.objects.get().mode) == (0, "report")
    monkeypatch.setattr("annotations.quality.gates.rules.MANY", 8)
    assert (watch_over(), Hold.objects.get().mode) == (12, "hold")


def test_a_ring_of_one_day_is_cut_down_to_what_a_day_may_give() -> None:
    _campaign, several, crowd = ring()
    assert watch_over() == 12
    hold = Hold.objects.get()
    assert (hold.why, hold.day, hold.person) == ("cohort", LATELY.date(), None)
    assert (sum(map(counting, several)), {counting(person) for person in crowd}) == (8, {2})


def test_the_day_a_campaign_begins_alarms_nobody() -> None:
    _campaign, _several, _crowd = ring()
    Campaign.objects.update(starts_at=LATELY)
    assert watch_over() == 0


def test_people_of_the_house_s_first_day_alarm_nobody() -> None:
    _campaign, _several, _crowd = ring()
    Campaign.objects.update(starts_at=timezone.now() - dt.timedelta(hours=1))
    assert watch_over() == 0, "five of twelve accounts of the house"
    joined(people(60, "es-PE"))
    assert watch_over() > 0, "five of seventy"


def test_a_small_group_alarms_nobody() -> None:
    _campaign, _ana, crowd = pushed()
    Judgement.objects.filter(person__in=crowd[2:]).update(counted=False, not_counted="settled")
    assert watch_over() == 0, "of three people one may give all there is"


def test_a_model_is_a_slice_of_its_own() -> None:
    """Ana gives as much as others, and all of it about one model."""
    known, other = ([line(f"{name}-{number}") for number in range(6)] for name in ("known", "pushed"))
    for each in other:
        each["outputs"][1]["model"] = "pushed"
    campaign = world(*known, *other, gate="hold", needed=9)
    crowd, ana = people(6), volunteer("ana", "muy-larga-y-rara", "es-CL")
    joined([*crowd, ana])
    for person in crowd:
        votes(person, campaign, 6)
    Cell.objects.filter(item__source_id__startswith="known").update(held_back="hidden")
    votes(ana, campaign, 6)
    for person in crowd:
        votes(person, campaign, 1)
    slices = {each.slice.key: each for each in counted(campaign)}
    assert {str(ModelVersion.objects.get(pk=key)) for key in slices if key != "es-CL"} == {"model-1", "pushed"}
    assert slices["es-CL"].accounts == []
    assert watch_over() == 2
    hold = Hold.objects.get()
    assert (hold.person, str(hold.model), hold.variety, hold.given, hold.contributors) == (ana, "pushed", None, 12, 7)


def test_who_takes_consent_back_takes_what_is_kept_aside_too() -> None:
    _campaign, ana, _crowd = pushed()
    watch_over()
    withdraw(person=ana)
    settle_due()
    assert set(Judgement.objects.filter(person=ana).values_list("not_counted", flat=True)) == {"withdrawn"}


def test_an_answer_taken_back_and_sent_anew_is_measured_anew() -> None:
    campaign, ana, _crowd = pushed()
    watch_over()
    last = Judgement.objects.filter(person=ana).order_by("pk").last()
    undo(person=ana, key=Receipt.objects.get(judgement=last).pk)
    votes(ana, campaign, 1, position=1)
    assert counting(ana) == 9
    assert (watch_over(), counting(ana)) == (1, 8)


# Two people ---------------------------------------------------------------------------------------------------------


def test_two_people_let_it_count_again_and_it_does_not_come_back() -> None:
    _campaign, ana, _crowd = pushed()
    settle_due()
    watch_over()
    elisa, carmen = leads("elisa", "carmen")
    hold = Hold.objects.get()
    ask_release(person=elisa, hold=hold, reason="La conozco: es maestra y tiene tiempo.")
    assert aside() == 12, "one is not enough"
    assert confirm_release(person=carmen, hold=hold) == 12
    assert (counting(ana), aside()) == (20, 0)
    settle_due()
    assert Verdict.objects.filter(superseded_at=None).count() == 6
    assert (watch_over(), watch_over(), counting(ana)) == (0, 0, 20)
    hold.refresh_from_db()
    assert (hold.released_by, hold.asked_by) == (carmen, elisa)


def test_what_others_settled_meanwhile_stays_settled() -> None:
    campaign, ana, _crowd = pushed()
    watch_over()
    for person in people(3, "es-PE"):
        person.spoken.update(variety="es-CL")
        while next_for(person=person, campaign=campaign):
            votes(person, campaign, 1)
    settle_due()
    elisa, carmen = leads("elisa", "carmen")
    hold = Hold.objects.get()
    ask_release(person=elisa, hold=hold, reason="Está bien.")
    assert confirm_release(person=carmen, hold=hold) == 0
    assert Judgement.objects.filter(person=ana, not_counted="settled").count() == 12


def test_it_takes_a_second_person_with_the_right_who_is_not_concerned() -> None:
    _campaign, ana, crowd = pushed()
    watch_over()
    hold, (elisa, carmen) = Hold.objects.get(), leads("elisa", "carmen")
    for who, code in ((ana, "forbidden"), (crowd[0], "forbidden")):
        with pytest.raises(Refused, match=code):
            ask_release(person=who, hold=hold, reason="Porque sí.")
    with pytest.raises(Refused, match="not_open"):
        confirm_release(person=carmen, hold=hold)
    with pytest.raises(Refused, match="invalid"):
        ask_release(person=elisa, hold=hold, reason="  ")
    ask_release(person=elisa, hold=hold, reason="La conozco.")
    with pytest.raises(Refused, match="forbidden"):
        confirm_release(person=elisa, hold=hold)
    Person.objects.filter(pk=carmen.pk).update(standing="paused")
    with pytest.raises(Refused, match="suspended"):
        confirm_release(person=carmen, hold=hold)
    assert aside() == 12
    for facts in ({"released_by": elisa}, {"released_by": ana}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Hold.objects.filter(pk=hold.pk).update(released_at=timezone.now(), **facts)


def test_whoever_is_concerned_releases_nothing_though_they_have_the_right() -> None:
    _campaign, several, _crowd = ring()
    watch_over()
    from django.contrib.auth.models import Permission

    mine = several[-1]
    mine.user_permissions.add(Permission.objects.get(codename="release_holds"))
    with pytest.raises(Refused, match="forbidden"):
        ask_release(person=Person.objects.get(pk=mine.pk), hold=Hold.objects.get(), reason="Somos del taller.")


@pytest.mark.parametrize("contributions", [True, False])
def test_whoever_leaves_leaves_no_name_behind(contributions: bool) -> None:
    _campaign, ana, _crowd = pushed()
    watch_over()
    elisa, carmen = leads("elisa", "carmen")
    hold = Hold.objects.get()
    ask_release(person=elisa, hold=hold, reason="La conozco.")
    erase(person=elisa, contributions=contributions)
    erase(person=ana, contributions=contributions)
    hold.refresh_from_db()
    assert (hold.person, hold.asked_by, hold.reason) == (None, None, "" if contributions else "La conozco.")
    assert aside() == (0 if contributions else 12)
    confirm_release(person=carmen, hold=hold)
    assert aside() == 0
    assert watch_over() == 0, "nobody is behind it, so nobody has too much of it"


# Cost ---------------------------------------------------------------------------------------------------------------


def test_looking_costs_the_same_however_many_take_part() -> None:
    campaign, _ana, _crowd = pushed()
    watch_over()
    with CaptureQueriesContext(connection) as few:
        watch_over()
    more = people(3, "es-PE")
    joined(more)
    for person in more:
        person.spoken.update(variety="es-CL")
        votes(person, campaign, 2)
    watch_over()  # of more people one may give less
    with CaptureQueriesContext(connection) as many:
        watch_over()
    assert len(many) <= len(few) <= 12


@pytest.mark.django_db(transaction=True)
def test_two_gates_at_once_take_no_more_than_one() -> None:
    pushed()
    assert sum(at_once(watch_over, watch_over)) == 12
    assert (aside(), Hold.objects.count()) == (12, 1)


@pytest.mark.parametrize("gate", ["report", "hold"])
def test_of_who_is_erased_while_the_gate_looks_nothing_is_told_or_kept(
    monkeypatch: pytest.MonkeyPatch, gate: str
) -> None:
    pushed(gate)
    monkeypatch.setattr("annotations.quality.gates.actions._lock_people", lambda _several: {None})
    assert watch_over() == 0
    assert (Hold.objects.count(), aside()) == (0, 0)


def test_what_is_kept_aside_already_is_not_reported_beside() -> None:
    _campaign, ana, _crowd = pushed()
    watch_over()
    held = Hold.objects.get()
    Campaign.objects.update(gate="report")
    Held.objects.all().delete()
    Judgement.objects.filter(not_counted="concentration").update(counted=True, not_counted="")
    watch_over()
    assert [(each.pk, each.mode, each.judgements) for each in Hold.objects.filter(person=ana)] == [
        (held.pk, "hold", held.judgements)
    ]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 5_000, "a\x00b"])
def test_without_a_reason_that_can_be_kept_nothing_is_asked(reason: str) -> None:
    pushed()
    watch_over()
    (elisa,) = leads("elisa")
    with pytest.raises(Refused, match="invalid"):
        ask_release(person=elisa, hold=Hold.objects.get(), reason=reason)
    assert Hold.objects.get().asked_at is None


def test_asked_twice_it_is_the_first_one_s_wish() -> None:
    pushed()
    watch_over()
    elisa, carmen = leads("elisa", "carmen")
    ask_release(person=elisa, hold=Hold.objects.get(), reason="La conozco.")
    assert ask_release(person=carmen, hold=Hold.objects.get(), reason="Yo también.").asked_by == elisa


def test_nobody_confirms_what_nobody_asked_for_nor_lets_go_what_is_only_told() -> None:
    pushed()
    watch_over()
    (elisa,) = leads("elisa")
    with pytest.raises(Refused, match="not_open"):
        confirm_release(person=elisa, hold=Hold.objects.get())
    Hold.objects.update(mode="report")
    with pytest.raises(Refused, match="not_open"):
        ask_release(person=elisa, hold=Hold.objects.get(), reason="La conozco.")
