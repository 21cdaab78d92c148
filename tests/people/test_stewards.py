"""Communities decide about their language: by letter, by quorum, and nobody in their place, not even through SQL."""

import datetime as dt
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.utils import timezone

from annotations.errors import Refused
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.stewards import actions
from annotations.people.stewards.models import (
    Charter,
    Steward,
    StewardsApproval,
    StewardsDecision,
    StewardsLog,
    VarietyProposal,
)
from annotations.people.stewards.queries import (
    charter_of,
    closed_varieties,
    current_stewards,
    governed,
    open_decisions,
    open_to,
    takes_contributions,
)
from tests.cast import appoint, at_once, govern, in_days, lead, open_export

pytestmark = pytest.mark.django_db
LETTER = {"by": "Rosa", "body": "Consejo", "date": dt.date(2026, 1, 2), "reference": "sha256:0f"}
CHARTER = {"policy": "Nada sin permiso.", "permitted_use": ["train"], "quorum": 2}


def quz() -> Variety:
    return Variety.objects.get(tag="quz")


def somebody(name: str) -> Person:
    return volunteer(name, "muy-larga-y-rara", "es-CL")


def takes(tag: str) -> bool:
    return takes_contributions().filter(tag=tag).exists()


def proposal(several: list[Person], **facts: object) -> StewardsDecision:
    facts = {"expires_at": in_days(30)} | facts
    return actions.propose(person=several[0], variety=quz(), kind="export", reason="Para todos", **facts)


# Appointment --------------------------------------------------------------------------------------------------------


def test_a_steward_is_proposed_appointed_by_a_letter_and_accepts(seeds: None) -> None:
    ana, bruno = somebody("ana"), somebody("bruno")
    steward = actions.propose_steward(proposer=bruno, person=ana, variety=quz(), why="Enseña la lengua.")
    with pytest.raises(Refused, match="not_open"):
        actions.accept_stewardship(person=ana, steward=steward, shown_name="Ana")
    actions.record_letter(lead=lead(), steward=steward, **LETTER)
    assert not current_stewards(quz()).exists(), "a letter without acceptance appoints nobody"
    with pytest.raises(Refused, match="not_found"):
        actions.accept_stewardship(person=bruno, steward=steward, shown_name="Bruno")
    actions.accept_stewardship(person=ana, steward=steward, shown_name="Mama Ana")
    assert [row.shown_name for row in current_stewards(quz())] == ["Mama Ana"]
    acts = StewardsLog.objects.order_by("id").values_list("act", "subject")
    assert [act for act, _subject in acts] == ["propose_steward", "record_letter", "accept"]
    assert acts[2][1] == ana.subject


def test_nobody_is_proposed_twice_at_a_time_nor_where_nobody_governs(seeds: None) -> None:
    ana = somebody("ana")
    actions.propose_steward(proposer=ana, person=ana, variety=quz(), why="Yo.")
    with pytest.raises(Refused, match="invalid"):
        actions.propose_steward(proposer=ana, person=ana, variety=quz(), why="Yo.")
    with pytest.raises(Refused, match="invalid"):
        actions.propose_steward(proposer=ana, person=ana, variety=Variety.objects.get(tag="es-CL"), why="Yo.")
    with pytest.raises(Refused, match="invalid"):
        actions.propose_steward(proposer=ana, person=ana, variety=Variety.objects.get(tag="quy"), why="  ")


@pytest.mark.parametrize("who", ["volunteer", "steward", "lead_herself", "paused_lead"])
def test_only_a_lead_records_a_letter_and_never_her_own(seeds: None, who: str) -> None:
    elisa = lead()
    person = {"volunteer": lambda: somebody("ana"), "steward": lambda: govern("quz")[0]}.get(who, lambda: elisa)()
    chosen = elisa if who == "lead_herself" else somebody("otra")
    steward = actions.propose_steward(proposer=chosen, person=chosen, variety=quz(), why="Yo.")
    if who == "paused_lead":
        Person.objects.filter(pk=elisa.pk).update(standing="paused")
        person.refresh_from_db()
    with pytest.raises(Refused):
        actions.record_letter(lead=person, steward=steward, **LETTER)
    with pytest.raises(DatabaseError), transaction.atomic():
        Steward.objects.filter(pk=steward.pk).update(accepted_at=timezone.now())


def test_a_letter_names_its_author_body_date_and_where_it_is(seeds: None) -> None:
    ana = somebody("ana")
    steward = actions.propose_steward(proposer=ana, person=ana, variety=quz(), why="Yo.")
    for name in ("by", "body", "reference"):
        with pytest.raises(Refused, match="invalid"):
            actions.record_letter(lead=lead(), steward=steward, **LETTER | {name: " "})
    with pytest.raises(IntegrityError, match="a_recorded_letter_is_whole"), transaction.atomic():
        Steward.objects.filter(pk=steward.pk).update(recorded_at=timezone.now())


def test_a_steward_leaves_and_only_oneself_or_a_lead_ends_it(seeds: None) -> None:
    ana, bruno = govern("quz")
    mine, theirs = (current_stewards(quz()).get(person=each) for each in (ana, bruno))
    with pytest.raises(Refused, match="not_found"):
        actions.end_stewardship(person=ana, steward=theirs, reason="No me gusta")
    actions.end_stewardship(person=ana, steward=mine, reason="Me voy")
    actions.end_stewardship(person=lead(), steward=theirs, reason="El consejo retiró la carta")
    assert not current_stewards(quz()).exists()
    assert not takes("quz")


# Contributions ------------------------------------------------------------------------------------------------------


def test_a_governed_variety_takes_work_only_with_two_stewards_and_a_charter_that_opens_it(seeds: None) -> None:
    assert not takes("quz")
    assert takes("es-CL")
    assert {"quz", "gug"} <= closed_varieties()
    several = govern("quz", takes_contributions=False)
    assert not takes("quz"), "closed is the default"
    assert set(takes_contributions().values_list("tag", flat=True)) | closed_varieties() == set(
        Variety.objects.values_list("tag", flat=True)
    )
    decision = actions.write_charter(
        person=several[0], variety=quz(), reason="Abrimos", takes_contributions=True, **CHARTER
    )
    assert not takes("quz"), "one alone opens nothing"
    actions.answer(person=several[1], decision=decision, approves=True)
    assert takes("quz")
    assert "quz" not in closed_varieties()
    appoint(somebody("uno"), "quy")
    appoint(somebody("dos"), "quy")
    assert "quy" in closed_varieties(), "stewards without a charter open nothing"
    assert not takes("quy"), "one variety's stewards do not open another"
    actions.end_stewardship(person=several[1], steward=current_stewards(quz()).last(), reason="Me voy")
    assert not takes("quz"), "one steward is not enough"


def test_everything_is_off_until_the_charter_says_otherwise(seeds: None) -> None:
    govern("quz", keeps_in_memory=True)
    audiences = ("shows_anonymous", "sends_to_endpoints", "sends_to_argilla", "keeps_in_memory")
    assert [open_to(each).filter(tag="quz").exists() for each in audiences] == [False, False, False, True]
    assert all(open_to(each).filter(tag="es-CL").exists() for each in audiences)
    assert not any(open_to(each).filter(tag="quy").exists() for each in audiences)


def test_a_revoked_charter_does_not_bring_the_one_before_it_back(seeds: None) -> None:
    several = govern("quz")
    second = actions.write_charter(person=several[0], variety=quz(), reason="Más", takes_contributions=True, **CHARTER)
    actions.answer(person=several[1], decision=second, approves=True)
    assert charter_of(quz()).version == 2
    actions.revoke(person=several[1], decision=second, code="harm", text="Hace daño")
    assert charter_of(quz()) is None
    assert not takes("quz")


def test_ask_counts_as_governed_until_a_quorum_says_otherwise_and_one_can_take_it_back(seeds: None) -> None:
    several = govern("gug", takes_contributions=False)
    jopara = Variety.objects.get(tag="gug")
    decision = actions.propose(person=several[0], variety=jopara, kind="ungoverned", reason="No hace falta")
    assert governed().filter(tag="gug").exists()
    actions.answer(person=several[1], decision=decision, approves=True)
    assert takes("gug")
    assert not governed().filter(tag="gug").exists()
    actions.revoke(person=several[0], decision=decision, code="mistake", text="Sí hace falta")
    assert governed().filter(tag="gug").exists()


def test_what_is_governed_cannot_be_declared_free(seeds: None) -> None:
    ana, _bruno = govern("quz")
    with pytest.raises(Refused, match="invalid"):
        actions.propose(person=ana, variety=quz(), kind="ungoverned", reason="Da igual")


# Decisions ----------------------------------------------------------------------------------------------------------


def test_a_decision_is_in_force_when_the_quorum_said_yes(seeds: None) -> None:
    several = govern("quz", count=4, quorum=3)
    decision = proposal(several)
    assert (decision.in_force_at, open_decisions(quz()).get().yes) == (None, 1)
    assert actions.answer(person=several[1], decision=decision, approves=False).in_force_at is None
    assert actions.answer(person=several[2], decision=decision, approves=True).in_force_at is None
    assert actions.answer(person=several[3], decision=decision, approves=True).in_force_at
    assert not open_decisions(quz()).exists()


def test_the_yes_of_a_steward_who_left_counts_no_more(seeds: None) -> None:
    several = govern("quz", count=3)
    decision = proposal(several)
    actions.end_stewardship(person=several[0], steward=current_stewards(quz()).get(person=several[0]), reason="Adiós")
    assert actions.answer(person=several[1], decision=decision, approves=True).in_force_at is None
    assert actions.answer(person=several[2], decision=decision, approves=True).in_force_at


def test_a_new_charter_needs_the_quorum_of_the_one_before(seeds: None) -> None:
    several = govern("quz", count=3, quorum=3)
    lower = actions.write_charter(person=several[0], variety=quz(), reason="Menos", **CHARTER)
    assert actions.answer(person=several[1], decision=lower, approves=True).in_force_at is None
    assert actions.answer(person=several[2], decision=lower, approves=True).in_force_at
    with pytest.raises(Refused, match="invalid"):
        actions.write_charter(person=several[0], variety=quz(), reason="Todos", **CHARTER | {"quorum": 4})
    with pytest.raises(IntegrityError, match="no_steward_decides_alone"), transaction.atomic():
        actions.write_charter(person=several[0], variety=quz(), reason="Sola", **CHARTER | {"quorum": 1})


@pytest.mark.parametrize("expires_at", [None, timezone.now() - dt.timedelta(days=1)])
def test_what_opens_an_export_ends_on_a_day_ahead(seeds: None, expires_at: dt.datetime | None) -> None:
    with pytest.raises(Refused, match="invalid"):
        proposal(govern("quz"), expires_at=expires_at)


def test_nobody_answers_twice_nor_what_is_over(seeds: None) -> None:
    several = govern("quz", count=3)
    decision = proposal(several)
    with pytest.raises(Refused, match="not_open"):
        actions.answer(person=several[0], decision=decision, approves=True)
    actions.revoke(person=several[2], decision=decision, code="other", text="No")
    with pytest.raises(Refused, match="not_open"):
        actions.answer(person=several[1], decision=decision, approves=True)


def test_one_steward_takes_the_whole_variety_out_and_says_why(seeds: None) -> None:
    several = govern("quz")
    open_export(several, "quz")
    with pytest.raises(Refused, match="invalid"):
        actions.withdraw_variety(person=several[1], variety=quz(), code="harm", text=" ")
    assert actions.withdraw_variety(person=several[1], variety=quz(), code="harm", text="Nos copiaron") == 2
    assert not takes("quz")
    line = StewardsLog.objects.latest("id")
    assert (line.act, line.code, line.text, line.subject) == (
        "withdraw_variety", "harm", "Nos copiaron", several[1].subject,
    )  # fmt: skip


# Nobody in a steward's place ----------------------------------------------------------------------------------------

ROLES = ["volunteer", "other_steward", "ended_steward", "proposed", "lead", "moderator", "superuser", "paused_steward"]


def person_in(role: str) -> Person:
    """Somebody of this role; nobody of them may decide about quz."""
    if role == "other_steward":
        return govern("quy")[0]
    if role == "superuser":
        return Person.objects.create_superuser("jefa", "muy-larga-y-rara")
    if role == "lead":
        return lead()
    person = somebody("otra")
    if role in ("ended_steward", "paused_steward"):
        steward = appoint(person, "quz")
        if role == "ended_steward":
            actions.end_stewardship(person=person, steward=steward, reason="Me fui")
        else:
            person.standing = Person.Standing.PAUSED
            person.save()
    elif role == "proposed":
        actions.propose_steward(proposer=person, person=person, variety=quz(), why="Yo.")
    elif role == "moderator":
        person.is_staff = True
        person.save()
    return person


@pytest.mark.parametrize("role", ROLES)
def test_nobody_else_does_what_is_a_stewards(seeds: None, role: str) -> None:
    several = govern("quz")
    decision, person = proposal(several), person_in(role)
    label = actions.add_label(
        person=several[0], variety=quz(), system="TK", local_contexts_id="tk-a", name="TK A", community="Qusqu",
        image_alt="Un círculo",
    )  # fmt: skip
    before = StewardsLog.objects.count()
    why = {"code": "harm", "text": "Porque sí"}
    for act in (
        lambda: actions.answer(person=person, decision=decision, approves=True),
        lambda: actions.revoke(person=person, decision=decision, **why),
        lambda: actions.propose(person=person, variety=quz(), kind="export", reason="x", expires_at=in_days(3)),
        lambda: actions.write_charter(person=person, variety=quz(), reason="x", **CHARTER),
        lambda: actions.withdraw_variety(person=person, variety=quz(), **why),
        lambda: actions.add_label(person=person, variety=quz(), system="TK", local_contexts_id="x", name="x"),
        lambda: actions.end_label(person=person, label=label, text="x"),
    ):
        with pytest.raises(Refused, match="suspended" if role == "paused_steward" else "not_found"):
            act()
    assert StewardsLog.objects.count() == before, "what was refused left nothing behind"


@pytest.mark.parametrize("database_role", ["minka_app", "owner"])
@pytest.mark.parametrize("role", ["volunteer", "other_steward", "ended_steward", "proposed", "superuser"])
def test_not_even_sql_approves_in_a_stewards_place(seeds: None, role: str, database_role: str) -> None:
    several = govern("quz")
    decision, person = proposal(several), person_in(role)
    theirs = Steward.objects.filter(person=person).first() or current_stewards(quz()).get(person=several[1])
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {database_role}")
        with pytest.raises(DatabaseError, match="an_approval_is_a_stewards_own"), transaction.atomic():
            cursor.execute(
                "INSERT INTO annotations_stewardsapproval (decision_id, steward_id, person_id, approves)"
                " VALUES (%s, %s, %s, true)", [decision.pk, theirs.pk, person.pk],
            )  # fmt: skip
    decision.refresh_from_db()
    assert decision.in_force_at is None


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE annotations_stewardsdecision SET in_force_at = now() WHERE in_force_at IS NULL", "stands_on_its"),
        ("UPDATE annotations_stewardsdecision SET revoked_at = NULL WHERE revoked_at IS NOT NULL", "stands_on_its"),
        ("UPDATE annotations_stewardsdecision SET expires_at = '2099-01-01' WHERE kind = 'export'", "stands_on_its"),
        ("UPDATE annotations_stewardsdecision SET campaign = 'otra' WHERE kind = 'export'", "stands_on_its"),
        ("DELETE FROM annotations_stewardsdecision", "Cannot delete"),
        ("UPDATE annotations_stewardsapproval SET approves = true", "Cannot update"),
        ("DELETE FROM annotations_stewardsapproval", "Cannot delete"),
        ("UPDATE annotations_charter SET quorum = 2", "permission denied|Cannot update"),
        ("DELETE FROM annotations_charter", "permission denied|Cannot update"),
        ("UPDATE annotations_stewardslog SET text = ''", "permission denied|Cannot update"),
        ("UPDATE annotations_steward SET person_id = recorded_by_id", "never_anothers|nobody_records"),
        ("UPDATE annotations_steward SET ended_at = NULL WHERE ended_at IS NOT NULL", "never_anothers"),
        ("UPDATE annotations_steward SET letter_body = 'x'", "never_anothers"),
        ("DELETE FROM annotations_steward", "Cannot delete"),
        (
            "INSERT INTO annotations_stewardsdecision (variety_id, kind, campaign, item_kind, reason, expires_at,"
            " in_force_at) VALUES ('quz', 'export', '', '', 'x', now() + interval '1 day', now())",
            "begins_as_a_proposal",
        ),
        (
            "INSERT INTO annotations_steward (variety_id, why, letter_by, letter_body, letter_reference, shown_name,"
            " letter_date, recorded_at, accepted_at) VALUES ('quz', '', 'x', 'x', 'x', '', now(), now(), now())",
            "begins_as_a_proposal",
        ),
    ],
)
@pytest.mark.parametrize("database_role", ["minka_app", "owner"])
def test_not_even_sql_changes_what_stands(seeds: None, sql: str, says: str, database_role: str) -> None:
    several = govern("quz", count=3)
    proposal(several)
    actions.answer(person=several[1], decision=(no := proposal(several)), approves=False)
    actions.revoke(person=several[0], decision=no, code="other", text="No")
    actions.end_stewardship(person=several[2], steward=current_stewards(quz()).get(person=several[2]), reason="Adiós")
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {database_role}")
        with pytest.raises(DatabaseError, match=says), transaction.atomic():
            cursor.execute(sql)


def test_an_erased_steward_is_forgotten_and_no_steward_any_more(seeds: None) -> None:
    several = govern("quz", count=3)
    several[0].delete()
    assert current_stewards(quz()).count() == 2
    gone = Steward.objects.get(person=None)
    assert (gone.shown_name, gone.is_current) == ("", False)
    assert StewardsApproval.objects.filter(person=None).count() == 1
    assert charter_of(quz()), "what was decided stands"


# At once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_last_two_approvals_at_once_put_it_in_force_once(seeds: None) -> None:
    several = govern("quz", count=5, quorum=4)
    actions.answer(person=several[1], decision=(decision := proposal(several)), approves=True)
    outcomes = at_once(
        *[lambda one=one: actions.answer(person=one, decision=decision, approves=True) for one in several[2:4]]
    )
    assert not any(isinstance(outcome, Exception) for outcome in outcomes)
    assert sorted(bool(outcome.in_force_at) for outcome in outcomes) == [False, True]
    decision.refresh_from_db()
    assert (decision.approvals.count(), bool(decision.in_force_at)) == (4, True)


@pytest.mark.django_db(transaction=True)
def test_one_steward_in_two_tabs_at_once_approves_once(seeds: None) -> None:
    several = govern("quz", count=3, quorum=3)
    decision = proposal(several)
    outcomes = at_once(*[lambda: actions.answer(person=several[1], decision=decision, approves=True)] * 4)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 3
    decision.refresh_from_db()
    assert (decision.approvals.count(), decision.in_force_at) == (2, None)


@pytest.mark.django_db(transaction=True)
def test_an_approval_while_the_stewardship_ends_counts_before_the_end_or_not_at_all(seeds: None) -> None:
    several, elisa = govern("quz"), lead()
    for round_ in range(6):
        steward = appoint(somebody(f"nueva-{round_}"), "quz")
        decision = proposal(several)
        at_once(
            partial(actions.answer, person=steward.person, decision=decision, approves=True),
            partial(actions.end_stewardship, person=elisa, steward=steward, reason="Carta retirada"),
        )
        decision.refresh_from_db()
        steward.refresh_from_db()
        assert steward.ended_at
        approval = decision.approvals.filter(steward=steward).first()
        assert bool(decision.in_force_at) == bool(approval)
        assert approval is None or approval.at <= steward.ended_at


# What is missing ----------------------------------------------------------------------------------------------------


def test_a_missing_variety_is_proposed_decided_and_told(seeds: None) -> None:
    ana = somebody("ana")
    row = actions.propose_variety(person=ana, name="kukama", place="Loreto", why="La hablamos")
    for who in (ana, somebody("otro")):
        with pytest.raises(Refused, match="not_found"):
            actions.decide_variety(lead=who, proposal=row, state="accepted", note="Sí")
    for state, note in (("accepted", " "), ("waiting", "Sí")):
        with pytest.raises(Refused, match="invalid"):
            actions.decide_variety(lead=lead(), proposal=row, state=state, note=note)
    actions.decide_variety(lead=lead(), proposal=row, state="accepted", note="Entra con la próxima versión.")
    with pytest.raises(Refused, match="not_open"):
        actions.decide_variety(lead=lead(), proposal=row, state="declined", note="No")
    row.refresh_from_db()
    assert (row.state, row.note) == ("accepted", "Entra con la próxima versión.")
    with pytest.raises(IntegrityError, match="what_is_decided_says_why"), transaction.atomic():
        VarietyProposal.objects.filter(pk=row.pk).update(note="")


def test_versions_of_a_charter_are_counted_once_each(seeds: None) -> None:
    several = govern("quz")
    actions.write_charter(person=several[0], variety=quz(), reason="x", **CHARTER)
    actions.write_charter(person=several[1], variety=quz(), reason="x", **CHARTER)
    assert list(Charter.objects.order_by("version").values_list("version", flat=True)) == [1, 2, 3]
