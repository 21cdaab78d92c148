"""Three pairs of counts for each person and variety, read by their person and by whoever has the right, and by no rule;
and a human who answers where somebody does not agree."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.assignments.gold import actions as mixing
from annotations.assignments.models import Campaign, Judgement, Known
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.people.actions import withdraw
from annotations.people.anchors.actions import name_anchor
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from annotations.quality.ballots import ballots_of
from annotations.quality.jobs import measure
from annotations.quality.models import Verdict
from annotations.quality.reliability.actions import answer_objection, count_agreement, object_to
from annotations.quality.reliability.models import GoldCount, Objection, Reliability
from annotations.quality.reliability.queries import doubtful, figures_shown, gold_by_variety, mine
from annotations.quality.reliability.rules import Pair
from annotations.quality.rules import strict_majority
from tests.cast import lead, people
from tests.quality.reliability.scene import GOLD, WORK, answered, answers_all, client_of, mixed, number_of, tell

pytestmark = pytest.mark.django_db
OTHERWISE = {"g0": 1, "n0": 1, "n1": 1}
PAGE = "/me/agreement/"


@pytest.fixture(autouse=True)
def _chance() -> Iterator[None]:
    drawn = mixing._draw
    yield
    mixing._draw = drawn


def pairs(person: Person) -> dict[str, tuple[int, int]]:
    row = Reliability.objects.get(person=person)
    return {
        name: (getattr(row, f"{name}_agreed"), getattr(row, f"{name}_of")) for name in ("gold", "anchors", "others")
    }


def moderator(name: str = "carmen", *rights: str) -> Person:
    person = volunteer(name, "muy-larga-y-rara", "es-MX")
    person.is_staff = True
    person.save()
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return Person.objects.get(pk=person.pk)


# Counting -----------------------------------------------------------------------------------------------------------


def test_each_is_counted_beside_gold_trusted_speakers_and_the_others() -> None:
    campaign = mixed()
    ana, eva, ida = people(3)
    name_anchor(lead=lead(), person=eva, variety=Variety.objects.get(tag="es-CL"), why="Enseña.")
    Campaign.objects.update(anchored=100)
    for person, says in ((ana, OTHERWISE), (eva, {"n1": 1}), (ida, None)):
        answers_all(person, campaign, says)
    tell()
    assert count_agreement(campaign=campaign) == 3
    assert pairs(ana) == {"gold": (2, 3), "anchors": (16, 17), "others": (15, 16)}, "on n1 the others do not agree"
    assert pairs(eva) == {"gold": (3, 3), "anchors": (0, 0), "others": (15, 15)}, "nobody is beside themselves"
    assert pairs(ida) == {"gold": (3, 3), "anchors": (16, 17), "others": (15, 16)}
    assert set(Reliability.objects.values_list("judgements", "variety")) == {(WORK + GOLD, "es-CL")}


def test_the_night_says_the_same_again_and_forgets_who_is_gone() -> None:
    campaign, (ana, eva, _ida) = answered(says=OTHERWISE)
    measure()
    once = [pairs(person) for person in (ana, eva)]
    measure()
    assert [pairs(person) for person in (ana, eva)] == once
    withdraw(person=eva)
    settle_due()
    measure()
    assert set(Reliability.objects.values_list("person__username", flat=True)) == {
        "persona-es-CL-0", "persona-es-CL-2"
    }  # fmt: skip
    assert pairs(ana)["others"] == (0, 0), "of two, one other voice is no majority"
    assert set(GoldCount.objects.values_list("answered", flat=True)) == {2}, "nor is what they said of gold"
    erase(person=ana, contributions=False)
    count_agreement(campaign=campaign)
    assert Reliability.objects.filter(campaign=campaign).count() == 1
    assert set(GoldCount.objects.values_list("answered", flat=True)) == {2}, "what was left is nobody's and stays"


def test_what_somebody_was_not_told_yet_stands_in_no_figure_of_theirs() -> None:
    campaign = mixed()
    (ana,) = people(1)
    answers_all(ana, campaign, OTHERWISE)
    count_agreement(campaign=campaign)
    assert pairs(ana)["gold"] == (0, 0)
    assert mine(ana, "es").differ == []
    assert [row.answered for row in GoldCount.objects.all()] == [1] * GOLD, "whoever reads the items sees it at once"
    tell()
    count_agreement(campaign=campaign)
    assert pairs(ana)["gold"] == (2, 3)


def test_no_rule_reads_it() -> None:
    """What settles is the majority of the votes, whatever the figures of those who gave them say."""
    campaign, _crowd = answered(says=OTHERWISE, needed=3)
    count_agreement(campaign=campaign)
    Reliability.objects.update(others_of=99, others_agreed=0, gold_of=99, gold_agreed=0)
    assert settle_due() == WORK
    for verdict in Verdict.objects.select_related("cell__item"):
        outputs = list(verdict.cell.item.places.order_by("position").values_list("output_id", flat=True))
        said = strict_majority(ballots_of(verdict.cell), outputs)
        assert (verdict.outcome, verdict.preferred_id, verdict.n) == (said.outcome, said.preferred, said.n)


def test_what_is_always_true_of_counts() -> None:
    campaign, (ana, *_) = answered(2)
    count_agreement(campaign=campaign)
    for name, change in (
        ("nobody_agrees_more_often_than_they_could", lambda: Reliability.objects.update(gold_agreed=99)),
        ("no_more_agree_than_answered", lambda: GoldCount.objects.update(agreed=99)),
        ("a_person_is_counted_once_in_a_variety", lambda: Reliability.objects.create(
            campaign=campaign, person=ana, variety_id="es-CL", judgements=1)),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            change()


# Their own page -----------------------------------------------------------------------------------------------------


def test_a_person_reads_in_how_many_and_which_not_with_what_was_expected_and_why() -> None:
    campaign, (ana, eva, _ida) = answered(says=OTHERWISE)
    count_agreement(campaign=campaign)
    page = client_of(ana).get(PAGE).content.decode()
    assert "the same in 2 of 3;" in page
    assert "the same in 15 of 17; in 2 not" in page
    assert "Oro 0" in page
    assert "Oro 1" not in page
    assert "“Corta g0.”" in page
    assert "“Respuesta larga g0.”" in page
    assert "<em>cómo</em>" in page
    assert "the same in all 3" in client_of(eva).get(PAGE).content.decode()
    assert PAGE in client_of(ana).get("/me/").content.decode()


def test_of_few_answers_no_figure_is_shown() -> None:
    campaign, (ana, *_) = answered(says=OTHERWISE, work=12)
    count_agreement(campaign=campaign)
    page = client_of(ana).get(PAGE).content.decode()
    assert "the same in" not in page
    assert "There are 15 answers so far" in page
    assert "Oro 0" in page, "what was expected is told, and can be objected to"
    assert list(figures_shown()) == []


def test_a_page_costs_as_many_questions_however_much_somebody_answered() -> None:
    campaign, (ana, *_) = answered(1, {"g0": 1}, golden=2)
    count_agreement(campaign=campaign)
    client = client_of(ana)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    more, _crowd = mixed(work=2, golden=6, slug="otra"), None
    answers_all(ana, more, {f"g{number}": 1 for number in range(6)})
    tell()
    count_agreement(campaign=more)
    with CaptureQueriesContext(connection) as many:
        page = client.get(PAGE).content.decode()
    assert page.count('class="object"') == 8
    assert len(many) == len(few)


# Objecting ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def objected() -> tuple[Campaign, Person, Person]:
    campaign, (ana, eva, _ida) = answered(says=OTHERWISE)
    count_agreement(campaign=campaign)
    return campaign, ana, eva


def test_the_button_works_without_a_script_and_twice_is_once(objected: tuple[Campaign, Person, Person]) -> None:
    _campaign, ana, _eva = objected
    client, sent = client_of(ana), {"item": number_of("g0"), "text": "En Chile se dice así."}
    assert 'method="post" action="/me/agreement/#object-' in client.get(PAGE).content.decode()
    for _time in range(2):
        assert client.post(PAGE, sent)["Location"] == f"{PAGE}#i-{number_of('g0')}"
    page = client.get(PAGE).content.decode()
    assert Objection.objects.get().text == "En Chile se dice así."
    assert "En Chile se dice así." in page
    assert "Received: somebody reads it" in page
    assert page.count('class="object"') == 1, "only the figures can still be objected to"


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"item": "g0", "text": "  "}, 400, "Say why, in a few words."),
        ({"item": "g0", "text": "x" * 2_001}, 400, "That is longer than an objection can be."),
        ({"item": "g1", "text": "Otra."}, 302, ""),
        ({"item": "n0", "text": "Otra."}, 404, "There is no such answer of yours"),
        ({"item": "abc", "text": "Otra."}, 400, "Enter a whole number."),
        ({"item": "9" * 40, "text": "Otra."}, 400, "Ensure this value is less than or equal to"),
        ({"text": "a\x00b"}, 400, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_taken_says_why_and_keeps_what_was_typed(
    objected: tuple[Campaign, Person, Person], sent: dict[str, str], status: int, told: str
) -> None:
    _campaign, ana, _eva = objected
    names = {name: number_of(name) for name in ("g0", "g1", "n0")}
    posted = client_of(ana).post(PAGE, sent | {"item": names.get(sent.get("item", ""), sent.get("item", ""))})
    assert (posted.status_code, told in posted.content.decode()) == (status, True)
    assert Objection.objects.count() == (status == 302)
    if sent["text"] == "x" * 2_001:
        assert "x" * 2_001 in posted.content.decode()


def test_an_objection_that_is_not_taken_is_what_one_sees_next(objected: tuple[Campaign, Person, Person]) -> None:
    """The page is long: at its top nobody would find what was wrong in the middle of it."""
    _campaign, ana, _eva = objected
    client, place = client_of(ana), f"object-{number_of('g0')}"
    assert f'action="{PAGE}#{place}"' in client.get(PAGE).content.decode(), "where the browser goes, whatever comes"
    page = client.post(PAGE, {"item": number_of("g0"), "text": " "}).content.decode()
    form = page.partition(f'id="{place}"')[2].partition("</details>")[0]
    assert form.startswith(" open>")
    assert 'aria-invalid="true" aria-describedby="id_text_error help-' in form
    assert 'id="id_text_error"' in form
    assert page.count("aria-invalid") == 1


def test_nobody_objects_to_what_they_were_not_told_or_what_is_not_theirs() -> None:
    campaign = mixed()
    ana, eva = people(2)
    answers_all(ana, campaign, OTHERWISE)
    for person in (ana, eva):
        with pytest.raises(Refused, match="not_found"):
            object_to(person=person, item=number_of("g0"), text="No.")


def test_upheld_it_is_asked_of_nobody_leaves_every_figure_and_all_who_objected_read_why(
    objected: tuple[Campaign, Person, Person],
) -> None:
    campaign, ana, eva = objected
    item = number_of("g0")
    carmen = moderator()
    first, second = object_to(person=ana, item=item, text="Así no."), object_to(person=eva, item=item, text="Ni así.")
    answer_objection(objection=first, by=carmen, decision="upheld", words="Es verdad, gracias.")
    second.refresh_from_db()
    assert (second.decision, second.answer, second.decided_by) == ("upheld", "Es verdad, gracias.", carmen)
    known = Known.objects.get(item=item)
    assert (known.retired_by, known.retired_why) == (carmen, "Es verdad, gracias.")
    assert [pairs(person)["gold"] for person in (ana, eva)] == [(2, 2), (2, 2)]
    assert [row.items for row in gold_by_variety(campaign)] == [2]
    answers_all(newcomer := volunteer("nueva", "muy-larga-y-rara", "es-CL"), campaign)
    assert not Judgement.objects.filter(person=newcomer, item=item).exists()
    page = client_of(ana).get(PAGE).content.decode()
    assert "Es verdad, gracias." in page
    assert "the same in all 2" in page
    count_agreement(campaign=campaign)
    assert pairs(ana)["gold"] == (2, 2), "nor in the night"


def test_kept_it_stays_and_its_person_reads_why(objected: tuple[Campaign, Person, Person]) -> None:
    _campaign, ana, _eva = objected
    row = object_to(person=ana, item=number_of("g0"), text="Así no.")
    answer_objection(objection=row, by=moderator(), decision="kept", words="La guía 3 lo explica.")
    page = client_of(ana).get(PAGE).content.decode()
    assert "La guía 3 lo explica." in page
    assert "the same in 2 of 3" in page
    assert object_to(person=ana, item=number_of("g0"), text="Otra vez.") == row, "one objection to an item"


def test_the_figures_as_a_whole_are_objected_to_one_at_a_time_and_answered(
    objected: tuple[Campaign, Person, Person],
) -> None:
    _campaign, ana, _eva = objected
    client = client_of(ana)
    for text in ("Aquí somos pocos.", "¿Y bien?"):
        assert client.post(PAGE, {"item": "", "text": text}).status_code == 302
    row = Objection.objects.get()
    answer_objection(objection=row, by=moderator(), decision="answered", words="Sí: por eso no decide nada.")
    assert "Sí: por eso no decide nada." in client.get(PAGE).content.decode()
    assert object_to(person=ana, item=None, text="Otra cosa.") != row


def test_who_answers_is_somebody_else_once_with_words(objected: tuple[Campaign, Person, Person]) -> None:
    _campaign, ana, eva = objected
    row, whole = object_to(person=ana, item=number_of("g0"), text="No."), object_to(person=ana, item=None, text="No.")
    for objection, by, decision, words, code in (
        (row, ana, "upheld", "Sí.", "forbidden"), (row, eva, "upheld", " ", "invalid"),
        (row, eva, "answered", "Sí.", "invalid"), (whole, eva, "upheld", "Sí.", "invalid"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=code):
            answer_objection(objection=objection, by=by, decision=decision, words=words)
    answer_objection(objection=row, by=eva, decision="kept", words="Queda.")
    with pytest.raises(Refused, match="not_open"):
        answer_objection(objection=row, by=eva, decision="upheld", words="Sí.")
    mine_by_hand: dict[str, Any] = {"person": eva, "item_id": number_of("g1"), "text": "x", "decided_at": row.made_at}
    for name, facts in (
        ("nobody_answers_their_own_objection", {"decided_by": eva, "decision": "kept", "answer": "x"}),
        ("an_objection_is_answered_in_words", {"decision": "kept"}),
        ("only_an_item_is_upheld_or_kept", {"decision": "answered", "answer": "x"}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Objection.objects.create(**mine_by_hand | facts)


def test_what_was_said_goes_with_the_account_and_what_was_decided_stays(
    objected: tuple[Campaign, Person, Person],
) -> None:
    _campaign, ana, eva = objected
    row = object_to(person=ana, item=number_of("g0"), text="Vivo en la calle Sur 3.")
    answer_objection(objection=row, by=eva, decision="upheld", words="Sí.")
    erase(person=eva, contributions=False)
    row.refresh_from_db()
    assert (row.decided_by, row.answer) == (None, "Sí.")
    erase(person=ana, contributions=False)
    assert (Objection.objects.count(), Reliability.objects.filter(person=ana.pk).count()) == (0, 0)
    assert Known.objects.get(item__source_id="g0").retired_why == "Sí."


# Moderators ---------------------------------------------------------------------------------------------------------

LIST = "/admin/annotations/reliability/"


def test_moderators_see_pairs_with_intervals_beside_what_is_typical_and_no_one_number() -> None:
    campaign, (ana, *_) = answered(says={"g0": 1, "g1": 1} | OTHERWISE)
    count_agreement(campaign=campaign)
    page = client_of(moderator("carmen", "see_reliability")).get(LIST).content.decode().replace("\xa0", " ")
    assert "1 of 3 (6–79 %)<br>typical here: 100 %" in page
    assert "15 of 17 (66–97 %)" in page
    assert "?o=" not in page, "nobody is put in an order by it"
    assert {row.person_id: row.typical_gold for row in figures_shown()}[ana.pk] == 1.0


def test_the_list_takes_a_right_of_its_own_and_as_many_questions_for_many() -> None:
    campaign, _crowd = answered(2)
    count_agreement(campaign=campaign)
    assert client_of(moderator("otra", "view_reliability", "see_quality")).get(LIST).status_code == 403
    client = client_of(moderator("carmen", "see_reliability"))
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for person in [volunteer(f"mas-{number}", "muy-larga-y-rara", "es-CL") for number in range(4)]:
        answers_all(person, campaign)
    count_agreement(campaign=campaign)
    with CaptureQueriesContext(connection) as many:
        assert "6 " in client.get(LIST).content.decode()
    assert len(many) == len(few)
    assert client.get(LIST, {"campaign__id__exact": campaign.pk, "variety__tag__exact": "es-CL"}).status_code == 200
    assert client.get(LIST, {"others_agreed__lt": "3"}).status_code in (302, 400), "found by its filters only"


def test_in_the_panel_somebody_else_reads_both_answers_and_decides(objected: tuple[Campaign, Person, Person]) -> None:
    _campaign, ana, _eva = objected
    row = object_to(person=ana, item=number_of("g0"), text="En Chile se dice así.")
    where = f"/admin/annotations/objection/{row.pk}/change/"
    carmen = moderator("carmen", "view_objection", "change_objection")
    client = client_of(carmen)
    page = client.get(where).content.decode()
    assert "“Corta g0.”" in page
    assert "“Respuesta larga g0.”" in page
    assert "2 of 3" in page.replace("\xa0", " ")
    assert ana.username not in page
    assert client.post(where, {"decided": "answered", "words": "Sí."}).status_code == 200, "no decision about an item"
    assert client.post(where, {"decided": "upheld", "words": " "}).status_code == 200
    assert Objection.objects.get().decided_at is None
    assert client.post(where, {"decided": "upheld", "words": "Es verdad."}).status_code == 302
    assert (Objection.objects.get().decision, Known.objects.get(item__source_id="g0").retired_by) == ("upheld", carmen)
    assert client.post(where, {"decided": "kept", "words": "No."}).status_code == 403, "once"
    assert "Es verdad." in client.get(where).content.decode()


def test_ones_own_objection_is_only_looked_at_in_the_panel(objected: tuple[Campaign, Person, Person]) -> None:
    _campaign, ana, _eva = objected
    ana.is_staff = True
    ana.save()
    ana.user_permissions.set(Permission.objects.filter(codename__in=["view_objection", "change_objection"]))
    row = object_to(person=ana, item=number_of("g0"), text="No.")
    where = f"/admin/annotations/objection/{row.pk}/change/"
    assert client_of(ana).post(where, {"decided": "upheld", "words": "Sí."}).status_code == 403


def test_gold_is_retired_and_brought_back_by_hand_with_a_reason(objected: tuple[Campaign, Person, Person]) -> None:
    campaign, ana, _eva = objected
    client = client_of(moderator("carmen", "view_known", "change_known"))
    item = number_of("g0")
    where = f"/admin/annotations/known/{item}/change/"
    assert "2 of 3" in client.get("/admin/annotations/known/").content.decode().replace("\xa0", " ")
    assert client.post(where, {"why": "La pregunta está mal."}).status_code == 302
    assert (Known.objects.get(item=item).retired_why, pairs(ana)["gold"]) == ("La pregunta está mal.", (2, 2))
    client.post("/admin/annotations/known/", {"action": "bring_back", "_selected_action": [item]})
    count_agreement(campaign=campaign)
    assert (Known.objects.get(item=item).retired_at, pairs(ana)["gold"]) == (None, (2, 3))


# The chart ----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_campaign_shows_gold_by_variety_and_which_items_to_read_again() -> None:
    campaign = mixed(work=2, variety="es-419", needed=20)
    for tag, says in (("es-CL", None), ("es-AR", {"g0": 1, "g1": 1})):
        for person in people(3, tag):
            answers_all(person, campaign, says)
    for person in people(5, "es-MX"):
        answers_all(person, campaign, {"g0": 1})
    count_agreement(campaign=campaign)
    assert [(row.variety.tag, row.pair, row.items) for row in gold_by_variety(campaign)] == [
        ("es-AR", Pair(3, 9), 3), ("es-CL", Pair(9, 9), 3), ("es-MX", Pair(10, 15), 3)
    ]  # fmt: skip
    assert [(row.item.source_id, row.pair) for row in doubtful(campaign)] == [("g0", Pair(3, 11))]
    client = client_of(moderator("carmen", "see_quality"))
    page = client.get("/quality/prueba/").content.decode()
    assert "33 %" in page
    assert "12 – 65 %" in page
    assert "3 / 11" in page
    assert "Oro 0" in page
    assert "Oro 1" not in page
    assert "style=" not in page
    with CaptureQueriesContext(connection) as many:
        client.get("/quality/prueba/")
    GoldCount.objects.exclude(variety="es-CL").delete()
    with CaptureQueriesContext(connection) as few:
        client.get("/quality/prueba/")
    assert len(few) in (len(many), len(many) - 1), "the same few questions"


def test_without_gold_the_page_says_so() -> None:
    campaign = mixed(golden=0)
    (ana,) = people(1)
    answers_all(ana, campaign)
    measure()
    page = client_of(moderator("carmen", "see_quality")).get("/quality/prueba/").content.decode()
    assert "No gold is counted here so far." in page
    assert next_for(person=ana, campaign=campaign) is None
    assert Client().get(PAGE)["Location"].startswith("/login/")
