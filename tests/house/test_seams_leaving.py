"""Somebody who did everything there is to do, as volunteer, steward, lead, moderator and administrator at once, leaves,
in both ways. Every table holds something of theirs first; afterwards nothing names them, and every page opens as before
for everybody else, in the panel too."""

import re
import uuid
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.assignments.actions import Submission, keep_draft
from annotations.assignments.admissions.models import Admission
from annotations.assignments.guests.actions import answer as give
from annotations.assignments.guests.actions import begin, claim, next_turn
from annotations.assignments.inquiries.actions import ask_moderators
from annotations.assignments.inquiries.models import Inquiry, OpenAnswer
from annotations.assignments.models import Campaign, Cell, Item
from annotations.assignments.notes.models import Note
from annotations.assignments.packs.actions import take_pack
from annotations.assignments.stewards.actions import mark_restricted, propose_restoring, withhold
from annotations.assignments.stewards.models import Hidden
from annotations.corpus.models import ModelVersion
from annotations.datasets.actions import publish
from annotations.datasets.external.models import ExternalBatch
from annotations.datasets.keeping.actions import name_edition, pin
from annotations.datasets.partners.models import Partnership
from annotations.datasets.recalls.actions import ask_retraction, confirm_retraction
from annotations.flagging.actions import decide, report
from annotations.flagging.models import Look
from annotations.moderation.appeals.models import Appeal
from annotations.moderation.purges.models import Purge
from annotations.moderation.sanctions.models import Sanction
from annotations.people.accounts.actions import agree_to_help, ask_for_help, new_codes
from annotations.people.actions import give_consent, new_token
from annotations.people.anchors.actions import name_anchor
from annotations.people.competence.actions import name_speaker, take_back
from annotations.people.competence.models import Vouch
from annotations.people.consenting.models import ConsentText
from annotations.people.credits.actions import tell_credit
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.purposes import NAMES
from annotations.people.remits.actions import give_remit
from annotations.people.rights.actions import ask, erase, tell_facts
from annotations.people.rights.models import Request
from annotations.people.rights.queries import rows
from annotations.people.rights.registry import registered
from annotations.people.stewards import actions as stewards
from annotations.people.stewards.models import CommunityLabel, Steward, StewardsDecision, VarietyProposal
from annotations.quality.actions import settle_due
from annotations.quality.argilla.models import Expert, ExpertDesk, ExpertRecord
from annotations.quality.checks.actions import lift_alarm
from annotations.quality.checks.models import Alarm
from annotations.quality.gates.actions import ask_release, confirm_release
from annotations.quality.gates.models import Hold
from annotations.quality.reliability.actions import answer_objection
from annotations.quality.reliability.models import Objection, Reliability
from annotations.quality.rulings.models import Ruling
from annotations.quality.signals.actions import look_at
from annotations.quality.signals.models import Signal
from tests.cast import answer, appoint, govern, in_days, left_of, line, people, seat_at, world
from tests.house.test_routes import EVERY, filled
from tests.runs.world import bare

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "muy-larga-y-rara"
NAME = "canaria"


FLAG = {"categories": ["genero"], "severity": 4, "groups": ["mujeres"], "stance": "endorsed", "comment": "Duele."}


def powerful(name: str) -> Person:
    """Everything the house can give."""
    person = volunteer(name, PASSWORD, "es-CL", "quz")
    person.is_staff = person.is_superuser = True
    person.save()
    person.user_permissions.set(Permission.objects.filter(codename="help_back_in"))
    person.groups.add(Group.objects.get_or_create(name="team")[0])
    return person


def everything(ana: Person, second: Person) -> None:
    """One row of Ana's in every table there is, through the actions that make them."""
    several = govern("quz")
    quz = Variety.objects.get(tag="quz")
    campaign = world(*(line(str(number)) for number in range(3)), needed=1)
    governed = world(*(line(str(number), variety="quz") for number in range(3)), slug="quechua")
    helped = people(1)[0]
    as_a_volunteer(ana, campaign)
    as_a_steward(ana, several, quz, governed)
    seat = seat_at(helped, campaign)
    mark_restricted(person=ana, assignment_id=seat_at(ana, governed).pk, knowledge="place", text="Es de allá.")
    answer(helped, seat, {"preferred": "a"})
    for asks, agrees, whom in ((ana, second, helped), (second, ana, helped)):
        agree_to_help(lead=agrees, wish=ask_for_help(lead=asks, username=whom.username, reason="Sí.").pk)
    Person.objects.filter(pk=ana.pk).update(is_staff=False, is_superuser=False)  # nobody of the team is helped so
    ask_for_help(lead=second, username=ana.username, reason="Es ella.")
    Person.objects.filter(pk=ana.pk).update(is_staff=True, is_superuser=True)
    ask_for_help(lead=ana, username=several[0].username, reason="La vi.")
    who_counts(ana, second, campaign)
    who_objects(ana, second)
    for lead, by in ((ana, second), (second, ana)):
        facts = {"name": "Otra", "place": "Allá", "why": "Falta."}
        proposal = stewards.propose_variety(person=by, **facts)
        stewards.decide_variety(lead=lead, proposal=proposal, state="declined", note="Ya está.")
    settle_due()
    who_names(ana)


def who_names(ana: Person) -> None:
    """Naming a release, keeping one that is cited, taking one back."""
    release, other = publish(), publish()
    name_edition(release=release, slug="primera", title="Primera", why="Para el taller", person=ana)
    pin(release=release, why="Una tesis la cita", person=ana)
    Partnership.objects.create(
        slug="socia", name="Socia", document="1", person=ana, made_by=ana, begins_on="2026-01-01", ends_on="2099-01-01"
    )
    ExternalBatch.objects.create(document="acta", brought_by=ana)
    ExternalBatch.objects.create(document="otra", withdrawn_by=ana, withdrawn_at=in_days(0), why="Lo pidieron")
    moderated(ana)
    ana, second = Person.objects.get(pk=ana.pk), Person.objects.create_superuser("raiz-dos", None)
    for each, asks, confirms in ((other, ana, second), (publish(), second, ana)):
        asked = ask_retraction(by=asks, release=each, reason="wrong", why="Está mal")
        confirm_retraction(by=confirms, retraction=asked)
    words = {"name": "2027-01", "texts": {}, "first_at": timezone.now(), "dropped_at": timezone.now()}
    ConsentText.objects.create(first_by=ana, **words)
    ConsentText.objects.create(
        first_by=second, second_by=ana, second_at=timezone.now(), in_force_at=timezone.now(),
        **words | {"dropped_at": None},
    )  # fmt: skip


def moderated(ana: Person) -> None:
    """Something was decided about them, and by them about somebody else."""
    other = Person.objects.exclude(pk=ana.pk).order_by("pk").first()
    facts = {"kind": "closed", "code": "other", "words": "Visto."}
    mine = Sanction.objects.create(person=ana, decided_by=other, **facts | {"words": NAME})
    Appeal.objects.create(sanction=mine, person=ana, text=NAME)
    theirs = Sanction.objects.create(person=other, decided_by=ana, **facts, ended_at=timezone.now(), lifted_by=ana)
    Sanction.objects.create(person=other, decided_by=None, second=ana, **facts)
    Appeal.objects.create(
        sanction=theirs, person=other, text="No.", granted=False, answer="No.", answered_by=ana,
        answered_at=timezone.now(),
    )  # fmt: skip

    purge = {"code": "other", "words": "Visto."}
    now = timezone.now()
    Purge.objects.create(person=ana, asked_by=other, **purge | {"words": NAME})
    Purge.objects.create(person=other, asked_by=ana, dropped_at=now, **purge)
    done = {"approved_at": now, "done_at": now}
    Purge.objects.create(person=other, approved_by=ana, **done, **purge)
    Purge.objects.create(person=other, undone_by=ana, undoing_at=now, undone_at=now, why_undone="No.", **done, **purge)
    Ruling.objects.create(cell=Cell.objects.first(), kind="more", votes=1, reason="Faltan.", ruled_by=ana)


def as_a_volunteer(ana: Person, campaign: Campaign) -> None:
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    seat = seat_at(ana, campaign)
    keep_draft(person=ana, assignment_id=seat.pk, fields={"reason": NAME})
    Note.objects.create(person=ana, campaign=campaign)
    far = world(*(line(f"lejos-{number}") for number in range(5)), slug="lejos", needed=1)
    take_pack(person=ana, campaign=far, weigh=len)
    marked = world(line("feo"), slug="feo")
    report(person=ana, assignment_id=seat_at(ana, marked).pk, letter="a", answer=FLAG)
    decide(moderator=ana, look=Look.objects.get(), decision="out", reason="Daña.")
    Item.objects.filter(campaign=campaign).exclude(pk=seat.item_id).update(author=ana)
    give_consent(person=ana, purposes=dict.fromkeys(NAMES, True), language="es", licence="CC-BY-4.0")
    tell_credit(person=ana, name=NAME, affiliation="Universidad", orcid="")
    tell_facts(person=ana, facts={"gender": "woman", "own_words": NAME})
    ask(person=ana, kind="other", text=f"Soy {NAME}.")
    new_codes(person=ana)
    new_token(person=ana)
    TOTP.activate(ana, generate_totp_secret())
    EmailAddress.objects.create(user=ana, email=f"{NAME}@example.org", verified=True, primary=True)
    Client().force_login(ana)
    free = world(line("libre"), slug="libre", contribution_licence="CC0-1.0")
    guest = begin(guest=None, variety="es-CL", adult=True, language="es")
    turn = next_turn(guest=guest, campaign=free)
    assert turn
    give(guest=guest, submission=Submission(uuid.uuid4(), turn.pk), answer={"preferred": "a"})
    assert claim(person=ana, guest_id=guest.pk) == 0, "its licence was not consented to"
    LogEntry.objects.log_actions(ana.pk, Campaign.objects.filter(pk=campaign.pk), CHANGE, "x")
    LogEntry.objects.log_actions(
        Person.objects.create_superuser("otra", None).pk, Person.objects.filter(pk=ana.pk), CHANGE, "x"
    )


def who_counts(ana: Person, second: Person, campaign: Campaign) -> None:
    """Named, confirmed, vouched for, held and released, by one and by the other."""
    chile = Variety.objects.get(tag="es-CL")
    wish = Client()
    wish.force_login(ana)
    assert wish.post("/me/confirmed/", {"variety": "es-CL"}).status_code == 200, "a code for two speakers"
    for one, other in ((ana, second), (second, ana)):
        name_anchor(lead=other, person=one, variety=chile, why=f"Conozco a {one}.")
        give_remit(by=other, person=one, variety=chile)
        Admission.objects.create(campaign=campaign, person=one, by=other)
        asked = ask_moderators(person=one, text="¿Y si no se entiende?", kind="vote")
        Inquiry.objects.filter(pk=asked.pk).update(answer="Se salta.", answered_by=other, answered_at=timezone.now())
        OpenAnswer.objects.create(kind="vote", question="¿Si no se entiende?", answer="Se salta.", told_by=other)
        named = name_speaker(by=other, person=one, variety=Variety.objects.get(tag="es-419"), reason="Habla así.")
        take_back(by=other, confirmed=named, code="mistake", reason="Era otra.")
        name_speaker(by=other, person=one, variety=Variety.objects.get(tag="es-419"), reason="Habla así.")
        Vouch.objects.create(speaker=other, person=one, variety=chile)
        held = {
            "why": "account",
            "work": "vote",
            "contributors": 1,
            "given": 1,
            "share": 1,
            "limit": 1,
            "judgements": 1,
        }
        hold = Hold.objects.create(campaign=campaign, variety=chile, person=one, mode="hold", **held)
        day = in_days(-9).date()
        other_hold = Hold.objects.create(
            campaign=campaign, variety=chile, day=day, mode="hold", **held | {"why": "cohort"}
        )
        assert ask_release(person=other, hold=other_hold, reason="Un taller.").asked_by == other
        confirm_release(person=one, hold=other_hold)
        assert hold.released_at is None
        seen = {"kind": "fast", "work": "vote", "part": 20, "whole": 30, "strength": 0.5, "last": 1}
        signal = Signal.objects.create(campaign=campaign, person=one, last_at=in_days(-1), **seen)
        look_at(person=other, signal=signal, reason=f"Hablé con {one}.")
    desk = ExpertDesk.objects.create(campaign=campaign)
    cell = Cell.objects.filter(campaign=campaign).first()
    ExpertRecord.objects.create(desk=desk, cell=cell, why="chosen", chosen_by=ana, shown=[])
    for number, (one, other) in enumerate(((ana, second), (second, ana))):
        Expert.objects.create(name=f"exp-{number}", person=one, invited_by=other)
    for each in (ana, second):
        bare(each, "failed")
    model = ModelVersion.objects.first()
    alarm = Alarm.objects.create(campaign=campaign, variety=chile, model=model, away=9, towards=1, by_chance=0.01)
    lift_alarm(alarm=alarm, person=ana, reason="Habla así.")


def who_objects(ana: Person, second: Person) -> None:
    """Counted beside gold, objecting to it, and answering who does."""
    expected = {"expected": {"preferred": "a"}}
    campaign = world(line("oro-1", gold=expected), line("oro-2", gold=expected), slug="oro")
    first, other = campaign.items.order_by("pk")
    for one, whom in ((ana, second), (second, ana)):
        Reliability.objects.create(campaign=campaign, person=one, variety_id="es-CL", judgements=30)
        Objection.objects.create(person=one, item=other, text=f"Soy {one}, y no.")
        row = Objection.objects.create(person=one, item=first, text=f"Soy {one}, y no.")
        if one == second:
            answer_objection(objection=row, by=whom, decision="upheld", words="Es verdad.")


def as_a_steward(ana: Person, several: list[Person], quz: Variety, governed: Campaign) -> None:
    appoint(ana, "quz")
    proposed = stewards.propose_steward(proposer=ana, person=people(1, "es-PE")[0], variety=quz, why="Enseña.")
    letter = {"by": "Rosa", "body": "Consejo", "reference": "sha256:0f", "date": in_days(-9).date()}
    stewards.record_letter(lead=ana, steward=proposed, **letter)
    waiting = stewards.propose(person=ana, variety=quz, kind="export", reason="Sí", expires_at=in_days(9))
    stewards.propose(person=several[0], variety=quz, kind="export", reason="Sí", expires_at=in_days(8))
    stewards.answer(person=several[0], decision=waiting, approves=True)
    stewards.add_label(
        person=ana, variety=quz, system="TK", local_contexts_id="tk-a", name="TK A", community="Qusqu", image_alt="x"
    )  # fmt: skip
    hidden = withhold(person=ana, variety=quz, campaign=governed.slug, record="2", code="harm", text="Daña.")
    propose_restoring(person=ana, hidden=hidden, reason="Ya no")


def pages() -> Iterator[str]:
    """Every address, with what is really there."""
    there = {
        "decisions": StewardsDecision.objects.latest("pk").pk, "hidden": Hidden.objects.latest("pk").pk,
        "labels": CommunityLabel.objects.latest("pk").pk, "stewardships": Steward.objects.latest("pk").pk,
    }  # fmt: skip
    for address in EVERY:
        if "logout" not in address:
            pk = next((pk for name, pk in there.items() if name in address), 1)
            yield re.sub(r"/1/", f"/{pk}/", filled(address))


def panel() -> Iterator[str]:
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for row in model._default_manager.order_by("-pk")[:4] if model is not Person else ():
            yield reverse(f"{name}_change", args=[row.pk])
            yield reverse(f"{name}_history", args=[row.pk])


def seen_by(viewers: list[Person | None]) -> dict[tuple[str, str], int]:
    seen = {}
    for viewer in viewers:
        client = Client()
        if viewer:
            client.force_login(viewer)
        for path in [*pages(), *(panel() if viewer and viewer.is_staff else ())]:
            cache.clear()
            seen[str(viewer), path] = client.get(path).status_code
    return seen


@pytest.mark.parametrize("contributions", [True, False])
def test_who_did_everything_leaves_and_every_page_opens_as_before(contributions: bool) -> None:
    call_command("load_seeds")
    ana, second = powerful(NAME), powerful("segunda")
    everything(ana, second)
    lacking = [f"{right.table}.{right.field}" for right in registered() if not rows(right, ana).exists()]
    assert lacking == [], "a row of hers stands in every table"
    viewers = [
        None,
        second,
        Person.objects.get(username="vocera-quz-0"),
        Person.objects.get(username="persona-es-CL-0"),
    ]
    before = seen_by(viewers)
    erase(person=ana, contributions=contributions)
    assert left_of(ana) == set()
    after = seen_by(viewers)
    assert {page: status for page, status in after.items() if before.get(page, status) != status} == {}
    assert {status for status in after.values() if status >= 500} == set()
    settle_due()
    assert publish().pk
    assert not Request.objects.filter(subject=ana.subject, done_at=None).exists()
    assert StewardsDecision.objects.filter(in_force_at__isnull=False, kind="export").exists(), "what was decided holds"
    assert VarietyProposal.objects.count() == 1
