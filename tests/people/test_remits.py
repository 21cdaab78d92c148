"""Who looks after a part of the house sees that part, and does nothing outside it: not on a list, not on the page of a
row, not by an action, not by an action called past the panel."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from annotations.admin.panel import Kept, OfJudgement, Panel, ReadOnly
from annotations.assignments.models import Item
from annotations.errors import Refused
from annotations.flagging.actions import decide
from annotations.flagging.models import Look
from annotations.moderation.board.queues import board_of
from annotations.moderation.purges.actions import ask_purge
from annotations.moderation.sanctions.actions import sanction
from annotations.people.actions import Spoken, speak
from annotations.people.anchors.actions import name_anchor
from annotations.people.competence.queries import may_name
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person, SpokenVariety, Variety
from annotations.people.remits.actions import end_remit, give_remit
from annotations.people.remits.models import Remit
from annotations.people.remits.queries import looks_after, looks_after_person, remit_of
from annotations.people.roles import ROLES, found_roles
from annotations.quality.gates.actions import ask_release
from annotations.quality.gates.models import Hold
from annotations.quality.rulings.actions import adjudicate
from annotations.quality.signals.actions import look_at
from annotations.quality.signals.models import Signal
from tests.assignments.test_table import client_of
from tests.cast import people
from tests.moderation.test_board import waiting

__all__ = ["waiting"]
pytestmark = pytest.mark.django_db
OF_ALL = {
    "AgreementAdmin", "CampaignAdmin", "ChangeAdmin", "ConsentAdmin", "ConsentTextAdmin", "DeliveryAdmin",
    "EditionAdmin", "ExpertDeskAdmin", "ExpertSetAdmin", "HandOutAdmin", "ModelVersionAdmin", "OpenAnswerAdmin",
    "PartnershipAdmin", "PinAdmin", "ReleaseAdmin", "RequestAdmin", "RetractionAdmin", "SourceAdmin",
    "TrainingRunAdmin", "VarietyAdmin",
    "VarietyProposalAdmin", "WatchedAdmin",
}  # fmt: skip
"""Panels whose rows are in nobody's part: figures without people, what spans varieties, and what answers for all."""
PANELS = [panel for panel in admin.site._registry.values() if isinstance(panel, Panel)]
SCOPED = sorted({panel.model._meta.model_name for panel in PANELS if panel.varieties_at or panel.person_at})


@pytest.fixture
def carmen(seeds: None) -> Person:
    seed_people()
    return Person.objects.get(username="carmen")


def of_the_house() -> Person:
    return Person.objects.create_superuser("casa", None)


def given(person: Person, *parts: str) -> Person:
    """With these tags and countries alone."""
    house = Person.objects.filter(username="casa").first() or of_the_house()
    for part in parts:
        variety = Variety.objects.filter(tag=part).first()
        give_remit(by=house, person=person, variety=variety, country="" if variety else part)
    return Person.objects.get(pk=person.pk)


# What a remit holds ---------------------------------------------------------------------------------------------------


def test_who_was_given_no_part_looks_after_the_house(carmen: Person) -> None:
    assert remit_of(carmen) is None
    assert looks_after(carmen, "gug")


def test_a_variety_comes_with_what_descends_from_it(carmen: Person) -> None:
    assert remit_of(given(carmen, "es-PE")) == {"es-PE", "es-PE-x-andino", "es-PE-x-costa", "spq"}


def test_a_country_comes_with_all_that_is_spoken_there(carmen: Person) -> None:
    tags = remit_of(given(carmen, "PY"))
    assert tags is not None
    assert {"es-PY", "gug", "gug-PY-x-jopara", "gun", "es-419"} <= tags
    assert not {"es-MX", "es-AR", "pt-BR", "quz"} & tags


def test_several_parts_add_up(carmen: Person) -> None:
    tags = remit_of(given(carmen, "es-UY", "quz"))
    assert tags == {"es-UY", "quz"}


def test_who_has_nothing_left_looks_after_nothing(carmen: Person) -> None:
    given(carmen, "es-UY")
    end_remit(by=Person.objects.get(username="casa"), remit=Remit.objects.get())
    carmen = Person.objects.get(pk=carmen.pk)
    assert remit_of(carmen) == frozenset()
    assert not looks_after(carmen, "es-UY")
    assert not looks_after_person(carmen, carmen)


def test_who_runs_the_house_is_held_to_no_part(seeds: None) -> None:
    house = of_the_house()
    Remit.objects.create(person=house, country="PY")
    assert remit_of(house) is None


# Giving ---------------------------------------------------------------------------------------------------------------


def test_nobody_widens_their_own_part(carmen: Person) -> None:
    elisa = given(Person.objects.get(username="elisa"), "es-CO")
    with pytest.raises(Refused, match="invalid"):
        give_remit(by=elisa, person=elisa, country="PY")
    with pytest.raises(Refused, match="forbidden"):
        end_remit(by=elisa, remit=Remit.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        Remit.objects.create(person=elisa, given_by=elisa, country="PY")


def test_a_country_s_part_is_no_way_to_the_whole_language(carmen: Person) -> None:
    elisa = given(Person.objects.get(username="elisa"), "PY")
    given(carmen, "es-CO")
    for tag in ("es", "es-419"):
        assert looks_after(elisa, tag)
        with pytest.raises(Refused, match="forbidden"):
            give_remit(by=elisa, person=carmen, variety=Variety.objects.get(tag=tag))
    assert give_remit(by=elisa, person=carmen, variety=Variety.objects.get(tag="es-PY"))


def test_who_has_a_part_narrows_nobody_s_house_and_ends_nobody_else_s_gift(carmen: Person) -> None:
    elisa = given(Person.objects.get(username="elisa"), "es-CO")
    with pytest.raises(Refused, match="forbidden"):
        give_remit(by=elisa, person=carmen, variety=Variety.objects.get(tag="es-CO"))
    assert remit_of(Person.objects.get(pk=carmen.pk)) is None
    given(carmen, "es-CO")
    theirs = Remit.objects.get(person=carmen)
    with pytest.raises(Refused, match="forbidden"):
        end_remit(by=elisa, remit=theirs)
    own = give_remit(by=elisa, person=carmen, variety=Variety.objects.get(tag="es-CO-x-paisa"))
    assert end_remit(by=elisa, remit=own).until


def test_nobody_leaves_a_part_by_saying_they_speak_something_else(carmen: Person) -> None:
    (person,) = people(1, "es-PY")
    speak(person=person, varieties=[Spoken("es-MX", SpokenVariety.How.GREW_UP)])
    assert looks_after_person(given(carmen, "PY"), person)


def test_who_has_a_part_reads_nothing_of_what_changed_in_the_house(carmen: Person) -> None:
    url = reverse("admin:annotations_change_changelist")
    elisa = Person.objects.get(username="elisa")
    assert client_of(elisa).get(url).status_code == 200
    assert client_of(given(elisa, "es-CO")).get(url).status_code == 403


def test_who_has_a_part_adds_no_word_of_another_to_a_glossary(carmen: Person) -> None:
    client = client_of(given(Person.objects.get(username="elisa"), "es-CO"))
    facts = {"term": "palta", "translation": "aguacate", "source_variety": "es-CL", "note": ""}
    refused = client.post(reverse("admin:annotations_term_add"), facts | {"variety": "es-MX"})
    assert "variety" in refused.context["adminform"].form.errors
    assert client.post(reverse("admin:annotations_term_add"), facts | {"variety": "es-CO"}).status_code == 302


def test_who_has_a_part_gives_of_that_part_alone(carmen: Person) -> None:
    elisa = given(Person.objects.get(username="elisa"), "es-CO")
    given(carmen, "es-UY")
    with pytest.raises(Refused, match="forbidden"):
        give_remit(by=elisa, person=carmen, variety=Variety.objects.get(tag="es-MX"))
    with pytest.raises(Refused, match="forbidden"):
        give_remit(by=elisa, person=carmen, country="CO")
    assert give_remit(by=elisa, person=carmen, variety=Variety.objects.get(tag="es-CO-x-paisa")).given_by == elisa


@pytest.mark.parametrize(
    ("who", "part"),
    [("carmen", {}), ("carmen", {"country": "PY", "variety": "gug"}), ("ana", {"country": "PY"})],
    ids=["nothing", "both", "not of the team"],
)
def test_a_part_is_a_variety_or_a_country_of_somebody_of_the_team(
    carmen: Person, who: str, part: dict[str, str]
) -> None:
    variety = Variety.objects.filter(tag=part.get("variety", "")).first()
    with pytest.raises(Refused, match="invalid"):
        give_remit(by=of_the_house(), person=Person.objects.get(username=who), variety=variety,
                   country=part.get("country", ""))  # fmt: skip


def test_a_part_is_given_once(carmen: Person) -> None:
    given(carmen, "PY", "gug")
    for part in ({"country": "PY"}, {"variety": Variety.objects.get(tag="gug")}):
        with pytest.raises(Refused, match="invalid"):
            give_remit(by=Person.objects.get(username="casa"), person=carmen, **part)
        with pytest.raises(IntegrityError), transaction.atomic():
            Remit.objects.create(person=carmen, **part)
    with pytest.raises(IntegrityError), transaction.atomic():
        Remit.objects.create(person=carmen, country="PY", variety_id="gug")


def test_a_moderator_gives_none(carmen: Person) -> None:
    with pytest.raises(Refused, match="forbidden"):
        give_remit(by=carmen, person=Person.objects.get(username="elisa"), country="PY")


def test_a_variety_somebody_looks_after_is_not_deleted(carmen: Person) -> None:
    given(carmen, "es-UY")
    with pytest.raises(ProtectedError):
        Variety.objects.get(tag="es-UY").delete()


def test_a_lead_gives_a_part_in_the_panel_and_takes_it_back(carmen: Person) -> None:
    client = client_of(Person.objects.get(username="elisa"))
    url = reverse("admin:annotations_remit_add")
    refused = client.post(url, {"person": carmen.pk, "variety": "", "country": ""})
    assert "Una variedad o un país" in refused.content.decode()
    added = client.post(url, {"person": carmen.pk, "variety": "", "country": "PY"})
    assert added.status_code == 302
    remit = Remit.objects.get()
    assert (remit.person, remit.country, remit.given_by.username) == (carmen, "PY", "elisa")  # type: ignore[union-attr]
    client.post(
        reverse("admin:annotations_remit_changelist"), {"action": "end", "_selected_action": [remit.pk]}, follow=True
    )
    remit.refresh_from_db()
    assert remit.until


def test_a_part_that_stands_is_not_changed_and_sending_its_page_is_no_fault(carmen: Person) -> None:
    given(carmen, "PY")
    remit = Remit.objects.get()
    client = client_of(Person.objects.get(username="elisa"))
    answer = client.post(reverse("admin:annotations_remit_change", args=[remit.pk]), {"country": "CO", "reason": "x"})
    assert answer.status_code == 302
    remit.refresh_from_db()
    assert (remit.country, remit.until) == ("PY", None)


# What is seen ---------------------------------------------------------------------------------------------------------


def test_every_panel_says_whose_part_its_rows_are() -> None:
    said = {type(panel).__name__ for panel in PANELS if not panel.varieties_at and not panel.person_at}
    assert said == OF_ALL
    own = [type(panel).__name__ for panel in PANELS if "get_queryset" in vars(type(panel))]
    assert own == [], "all_rows() says what there is; the panel itself says who sees it"
    assert [each.__name__ for each in (Kept, ReadOnly, OfJudgement) if "get_queryset" in vars(each)] == []


def test_nothing_of_another_part_is_listed_or_opened(carmen: Person, waiting: dict[str, int]) -> None:
    """The scene is of Chile and Argentina. Of the panels that have rows in it, all are looked at row by row."""
    carmen.user_permissions.set(Permission.objects.filter(content_type__app_label="annotations"))
    whole = {model: rows_of(carmen, model) for model in SCOPED}
    carmen = given(carmen, "quz")
    client = client_of(carmen)
    for model, rows in whole.items():
        assert not rows_of(carmen, model) & rows, model
        for key in sorted(rows)[:3]:
            page = client.get(reverse(f"admin:annotations_{model}_change", args=[key]))
            assert (page.status_code, page["Location"]) == (302, "/admin/"), f"{model}: it is not there, for them"


SEEN = ("appeal", "flag", "hold", "item", "judgement", "look", "objection", "output", "person", "prompt", "purge",
        "sanction", "signal", "verdict", "vote")  # fmt: skip


def test_what_is_in_ones_part_is_seen_as_by_everybody(carmen: Person, waiting: dict[str, int]) -> None:
    whole = {model: rows_of(carmen, model) for model in SEEN}
    assert all(whole.values()), "or the test above tests nothing"
    carmen = given(carmen, "CL")
    chile = {model: rows_of(carmen, model) for model in SEEN}
    carmen = given(carmen, "AR")
    both = {model: rows_of(carmen, model) for model in SEEN}
    for model in SEEN:
        assert chile[model] <= both[model] <= whole[model], model
        assert (both[model] == whole[model]) == (model != "person"), "the team speaks other varieties"


def rows_of(person: Person, model: str) -> set[Any]:
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = Person.objects.get(pk=person.pk)  # type: ignore[assignment]
    panel = next(panel for panel in PANELS if panel.model._meta.model_name == model)
    return {row.pk for row in panel.get_queryset(request)}


def test_the_board_counts_what_is_in_ones_part(carmen: Person, waiting: dict[str, int]) -> None:
    def counts(person: Person) -> dict[str, int]:
        return {waits.queue.code: waits.number for waits in board_of(person)}

    whole = counts(carmen)
    assert sum(whole.values()) > 0
    assert set(counts(given(carmen, "quz")).values()) == {0}
    assert counts(given(carmen, "AR", "CL")) == whole | {"holds": counts(carmen)["holds"]}


def test_a_queue_shows_what_is_in_ones_part(carmen: Person, waiting: dict[str, int]) -> None:
    look = board_look()
    question = str(look.item.prompt)
    assert f"/look/{look.pk}/" in client_of(carmen).get("/admin/queue/grave/").content.decode()
    shown = client_of(given(carmen, "quz")).get("/admin/queue/grave/").content.decode()
    assert f"/look/{look.pk}/" not in shown
    assert question not in shown


def board_look() -> Look:
    return Look.objects.filter(output__isnull=False).get()


# What is done ---------------------------------------------------------------------------------------------------------


def test_nothing_is_done_outside_ones_part_by_any_door(carmen: Person, waiting: dict[str, int]) -> None:
    carmen.user_permissions.set(Permission.objects.filter(content_type__app_label="annotations"))
    carmen = given(carmen, "quz")
    person = Person.objects.get(username="persona-es-CL-0")
    look, signal = Look.objects.filter(decided_at=None).first(), Signal.objects.first()
    hold, cell = Hold.objects.first(), Item.objects.filter(verdicts__outcome="no_majority").first()
    assert look
    assert signal
    assert hold
    assert cell
    doors: dict[str, Any] = {
        "decide": lambda: decide(moderator=carmen, look=look, decision="out", reason="No."),
        "sanction": lambda: sanction(by=carmen, person=person, kind="notice", code="hurried", words="Despacio."),
        "purge": lambda: ask_purge(by=carmen, person=person, code="ring", words="Todo."),
        "signal": lambda: look_at(person=carmen, signal=signal, reason="Nada."),
        "hold": lambda: ask_release(person=carmen, hold=hold, reason="Bien."),
        "ruling": lambda: adjudicate(by=carmen, cell=cell.cells.get(), choice="tie", strength=None, reason="Igual."),
        "anchor": lambda: name_anchor(
            lead=carmen, person=person, variety=Variety.objects.get(tag="es-CL"), why="La conozco."
        ),
    }  # fmt: skip
    for door in doors.values():
        with pytest.raises(Refused, match="forbidden"):
            door()
    assert may_name(carmen, Variety.objects.get(tag="es-CL")) is None


def test_within_ones_part_the_same_is_done(carmen: Person, waiting: dict[str, int]) -> None:
    carmen = given(carmen, "CL")
    look = Look.objects.filter(decided_at=None).first()
    assert look
    assert decide(moderator=carmen, look=look, decision="out", reason="No.").decided_by == carmen


def test_an_item_of_another_part_takes_no_act(carmen: Person, waiting: dict[str, int]) -> None:
    item = Item.objects.filter(verdicts__outcome="no_majority").first()
    assert item
    client = client_of(given(carmen, "quz"))
    url = f"{reverse('admin:annotations_item_act', args=['more'])}?items={item.pk}"
    assert client.post(url, {"votes": 2, "reason": "Más."}).status_code == 404
    assert item.cells.get().needed == 3


# Roles ----------------------------------------------------------------------------------------------------------------


def test_an_auditor_reads_everything_and_changes_nothing(carmen: Person, waiting: dict[str, int]) -> None:
    auditor = volunteer("auditora", None, "es-MX")
    Person.objects.filter(pk=auditor.pk).update(is_staff=True)
    auditor.groups.add(Group.objects.get(name="auditor"))
    client = client_of(auditor)
    walked = 0
    for panel in PANELS:
        name = panel.model._meta.model_name
        assert client.get(reverse(f"admin:annotations_{name}_changelist")).status_code == 200, name
        assert client.get(reverse(f"admin:annotations_{name}_add")).status_code == 403, name
        for key in [row.pk for row in panel.model._default_manager.all()[:1]]:
            change = reverse(f"admin:annotations_{name}_change", args=[key])
            seen = client.get(change).status_code  # 302: it is not shown to them
            assert client.post(change, {"reason": "x"}).status_code == {200: 403, 302: 302}[seen], name
            walked += seen == 200
    assert walked > 15, "or it was tried on nothing"
    assert not any(right.startswith(("add_", "change_", "delete_")) for right in ROLES["auditor"])


def test_every_right_of_a_role_is_one(seeds: None) -> None:
    found_roles()
    known = set(Permission.objects.filter(content_type__app_label="annotations").values_list("codename", flat=True))
    assert {right for rights in ROLES.values() for right in rights} <= known
    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)


@pytest.fixture
def client() -> Client:
    return Client()


def test_two_who_give_the_same_part_at_once_give_it_once(carmen: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    given(carmen, "PY")
    monkeypatch.setattr("annotations.people.remits.actions.require_givable", lambda **_asked: None)  # both looked
    with pytest.raises(Refused, match="invalid") as told:
        give_remit(by=Person.objects.get(username="casa"), person=carmen, country="PY")
    assert told.value.errors == {"person": "known"}


def test_a_part_that_ended_ends_when_it_did(carmen: Person) -> None:
    given(carmen, "PY")
    house = Person.objects.get(username="casa")
    ended = end_remit(by=house, remit=Remit.objects.get()).until
    assert end_remit(by=house, remit=Remit.objects.get()).until == ended
