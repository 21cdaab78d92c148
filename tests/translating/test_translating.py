"""Translating: what is kept, what stops it, how a sister's text is taken or begun with, and what the memory offers."""

import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from annotations.assignments import kinds
from annotations.assignments.actions import undo
from annotations.assignments.models import Assignment, Campaign, Cell, Draft, Item, Judgement
from annotations.assignments.packs.models import Pack
from annotations.assignments.seats import next_for
from annotations.corpus.models import MAX_TEXT
from annotations.errors import Refused
from annotations.people.actions import new_token, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from annotations.quality.actions import take_out_withdrawn
from annotations.reviewing.actions import open_reviews, settle_reviews
from annotations.reviewing.models import Review, Reviewed
from annotations.translating.models import Approved, Term, Translation
from annotations.translating.palettes import PALETTES, palettes_for
from annotations.translating.queries import offers, steps
from tests.assignments.test_table import client_of
from tests.cast import answer, govern, line, people, seat_at, world

pytestmark = pytest.mark.django_db
SOURCE = "Onde fica a farmácia? *{name}* espera 15 minutos."
HERE = "¿Dónde queda la farmacia? *{name}* espera 15 minutos."
PASSWORD = "muy-larga-y-rara"


def task(name: str, variety: str = "es-CL", prompt: str = SOURCE, source: str = "pt-BR") -> dict[str, Any]:
    return line(name, kind="translation", outputs=[], variety=variety, prompt=prompt, prompt_variety=source)


def a_world(*lines: dict[str, Any], **campaign: Any) -> Campaign:
    return world(*lines, kind="translation", needed=1, **campaign)


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return a_world(task("cl"), task("ar", "es-AR"), task("mx", "es-MX"))


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


def speaker(variety: str, number: int = 0) -> Person:
    name = f"voz-{variety.lower()}-{number}"
    return Person.objects.filter(username=name).first() or volunteer(name, PASSWORD, variety)


def translates(person: Person, campaign: Campaign, text: str = HERE, **facts: Any) -> Judgement:
    seat = next_for(person=person, campaign=campaign, of_kinds=["translation"])
    assert seat
    return answer(person, seat, {"text": text} | facts).judgement


def accepted(judgement: Judgement, edited: str = "") -> Judgement:
    """Read by two of its variety, who take it as it is or with a change."""
    open_reviews()
    for number in (7, 8):
        reader = speaker(judgement.judge_variety_id, number)
        seat = next_for(person=reader, campaign=judgement.campaign, of_kinds=["review"])
        assert seat
        answer(reader, seat, {"decision": "edit", "text": edited} if edited else {"decision": "accept"})
    assert settle_reviews() == 1
    return judgement


def cell_of(campaign: Campaign, name: str) -> Cell:
    return Cell.objects.get(item=campaign.items.get(source_id=name))


def sent(person: Person, seat: Assignment, **fields: str) -> Any:
    form = {"assignment": str(seat.pk), "key": str(uuid.uuid4())} | fields
    return client_of(person).post("/c/prueba/translate/send/", form)


# What is kept, and what is not --------------------------------------------------------------------------------------


def test_it_is_kept_and_told_as_it_was_answered(campaign: Campaign, ana: Person) -> None:
    judgement = translates(ana, campaign, f"{HERE}\r\nYa.", orthography="")
    said = Translation.objects.get()
    assert (said.text, said.orthography, said.started_from, said.distance, said.valid_here, said.warnings) == (
        f"{HERE}\nYa.", "", None, None, False, [],
    )  # fmt: skip
    assert kinds.get("translation").tell(judgement) == {"text": f"{HERE}\nYa."}
    assert judgement.counted


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "text"), ({"text": " \n"}, "text"), ({"text": None}, "text"), ({"text": "a\x00"}, "text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "text"), ({"text": SOURCE}, "text"), ({"text": "¿Dónde? 15"}, "text"),
        ({"text": "*{name}* espera 51"}, "text"), ({"text": HERE + " {0}"}, "text"),
        ({"text": HERE, "orthography": "klingon"}, "orthography"),
        ({"text": HERE, "orthography": ["x"]}, "orthography"),
        ({"text": HERE, "started_from": 99}, "started_from"), ({"text": HERE, "started_from": "1"}, "started_from"),
        ({"text": HERE, "started_from": 2**70}, "started_from"), ({"valid_here": True}, "valid_here"),
        ({"text": HERE, "valid_here": "yes"}, "valid_here"), ({"text": HERE, "stars": 5}, "stars"),
    ],
)  # fmt: skip
def test_what_is_no_translation_is_refused_and_names_its_field(
    campaign: Campaign, ana: Person, given: Any, field: str
) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        answer(ana, seat_at(ana, campaign), given)
    assert list(refused.value.errors) == [field]
    assert not Translation.objects.exists()


def test_what_is_odd_is_kept_with_its_code(campaign: Campaign, ana: Person) -> None:
    translates(ana, campaign, f"Aquí está la traducción: {HERE} En el ordenador.")
    assert Translation.objects.get().warnings == ["other_variety", "machine_like"]


def test_what_a_model_answered_to_the_same_words_is_odd(seeds: None) -> None:
    campaign = a_world(task("cl"))
    world(line("v", HERE, "Otra.", prompt=SOURCE), slug="de-maquinas")
    (ana,) = people(1)
    translates(ana, campaign)
    assert Translation.objects.get().warnings == ["machine_like"]


def test_within_one_language_the_same_words_can_be_right(seeds: None) -> None:
    campaign = a_world(task("cl", prompt="Buenas, ¿cómo anda todo?", source="es-419"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    asked = sent(ana, seat, text="Buenas, ¿cómo anda todo?")
    assert asked.status_code == 400
    assert "las mismas palabras" in asked.content.decode()
    assert sent(ana, seat, text="Buenas, ¿cómo anda todo?", anyway="on").status_code == 302
    assert Translation.objects.get().warnings == ["same_as_source"]


def test_the_database_itself_holds_to_it(campaign: Campaign, ana: Person) -> None:
    row = Translation.objects.filter(pk=translates(ana, campaign).pk)
    for facts, name in (
        ({"text": ""}, "a_translation_says_something"),
        ({"valid_here": True}, "what_is_valid_here_was_taken_as_it_is"),
        ({"started_from": row.get().pk}, "what_began_elsewhere_says_how_far_it_went"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            row.update(**facts)


def test_taken_back_it_can_be_corrected(campaign: Campaign, ana: Person) -> None:
    seat = seat_at(ana, campaign)
    sent(ana, seat, text=HERE)
    client = client_of(ana)
    key = Judgement.objects.get().receipts.get().pk
    undo(person=ana, key=key)
    assert not Translation.objects.filter(judgement__counted=True).exists()
    assert client.get(f"/c/prueba/translate/?seat={seat.pk}").status_code == 200


# The page -----------------------------------------------------------------------------------------------------------


def test_the_source_is_shown_letter_by_letter_and_once(campaign: Campaign, ana: Person) -> None:
    page = client_of(ana).get("/c/prueba/translate/").content.decode()
    assert page.count("*{name}* espera 15 minutos.") == 1
    assert "<em>" not in page
    assert 'lang="pt-BR">Onde fica' in page
    assert '<span class="chip">portugués de Brasil</span>' in page
    assert "español de Chile</span>" in page


def test_what_is_wrong_is_told_under_the_field_and_nothing_typed_is_lost(campaign: Campaign, ana: Person) -> None:
    page = sent(ana, seat_at(ana, campaign), text="¿Dónde queda? Espera.")
    assert page.status_code == 400
    told = page.content.decode()
    assert "Falta, tal como está escrito: {name}" in told
    assert "Falta, en cifras: 15" in told
    assert "¿Dónde queda? Espera.</textarea>" in told


def test_what_stands_in_the_source_is_nobodys_secret_told(seeds: None) -> None:
    a_world(task("cl", prompt="Escreva para ana@saude.br hoje."))
    (ana,) = people(1)
    seat = seat_at(ana, Campaign.objects.get())
    assert sent(ana, seat, text="Escriba a ana@saude.br hoy.").status_code == 302


def test_there_is_a_palette_for_each_way_of_writing(seeds: None) -> None:
    govern("arn")
    campaign = a_world(task("1", "arn"), task("2", "arn"))
    person = speaker("arn")
    client, seat = client_of(person), seat_at(person, campaign)
    page = client.get("/c/prueba/translate/").content.decode()
    assert page.count('data-palette="') == 3
    assert '<option value="ragileo">Ragileo</option>' in page
    sent(person, seat, text="Chew mley ta farmacia? {name} 15", orthography="ragileo")
    assert Translation.objects.get().orthography == "ragileo"
    assert '<option value="ragileo" selected>' in client.get("/c/prueba/translate/").content.decode()


def test_palettes_are_of_known_varieties_and_their_codes_fit(seeds: None) -> None:
    known = Variety.objects.in_bulk()
    rows = [row.split(",") for row in PALETTES.read_text("utf-8").splitlines()[1:]]
    assert {row[0] for row in rows} <= set(known)
    for tag, variety in known.items():
        for palette in palettes_for(variety.lineage):
            assert palette.signs, tag
            assert len(palette.orthography) <= 20


# Terms --------------------------------------------------------------------------------------------------------------

GLOSSARY = """source_variety,variety,term,translation,note
pt,es,farmácia,farmacia,
pt,es-CL,Onde fica,¿Dónde queda,como se pregunta aquí
pt,es,onde fica,¿Dónde está,
pt,es,minuto,minuto,singular
xx,es,rio,río,
pt,es,,vacío,
"""


def test_a_glossary_is_loaded_line_by_line_and_again_without_harm(
    seeds: None, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "glosario.csv"
    file.write_text("\ufeff" + GLOSSARY, "utf-8")
    for told in ("4 added, 0 changed, 0 known, 2 refused", "0 added, 0 changed, 4 known, 2 refused"):
        call_command("load_glossary", file)
        out, err = capsys.readouterr()
        assert told in out
        assert err.splitlines() == [
            "glosario.csv: line 6: source_variety: 'xx' is not a variety we know",
            "glosario.csv: line 7: term: empty",
        ]
    file.write_text(GLOSSARY.replace("farmacia,", "botica,"), "utf-8")
    call_command("load_glossary", file)
    assert "0 added, 1 changed, 3 known" in capsys.readouterr().out
    for wrong in (b"\xff\xfe", b"a,b\n1,2\n"):
        file.write_bytes(wrong)
        with pytest.raises(CommandError):
            call_command("load_glossary", file)


def test_terms_are_marked_in_the_source_whole_words_the_nearest_first(campaign: Campaign, ana: Person) -> None:
    for row in GLOSSARY.splitlines()[1:5]:
        source, into, term, translation, note = row.split(",")
        Term.objects.create(
            source_variety_id=source, variety_id=into, term=term, translation=translation, note=note
        )  # fmt: skip
    page = client_of(ana).get("/c/prueba/translate/").content.decode()
    assert "<u>Onde fica</u> a <u>farmácia</u>? *{name}* espera 15 minutos." in page
    assert "¿Dónde queda <small>como se pregunta aquí</small>" in page
    assert "¿Dónde está" not in page


# What was accepted already ------------------------------------------------------------------------------------------


def test_what_readers_accept_is_offered_to_sister_varieties(campaign: Campaign, ana: Person) -> None:
    judgement = translates(ana, campaign)
    cell = cell_of(campaign, "ar")
    assert offers(cell) == [], "not before it is accepted"
    accepted(judgement, "¿Dónde queda la farmacia, porfa? *{name}* espera 15 minutos.")
    (offer,) = offers(cell)
    assert (offer.row.pk, offer.row.variety_id, offer.is_same, offer.near) == (judgement.pk, "es-CL", True, 0.9)
    assert offer.row.text == "¿Dónde queda la farmacia, porfa? *{name}* espera 15 minutos."
    page = client_of(speaker("es-AR")).get("/c/prueba/translate/").content.decode()
    assert "¿Dónde queda la farmacia, porfa?" in page
    assert "Empezar desde es-CL" in page
    assert "Vale también aquí" in page


def test_one_begins_with_a_sisters_text_without_javascript_and_sees_what_changes(
    campaign: Campaign, ana: Person
) -> None:
    judgement = accepted(translates(ana, campaign))
    person = speaker("es-AR")
    seat = seat_at(person, campaign)
    begun = client_of(person).post(
        "/c/prueba/translate/draft/", {"assignment": str(seat.pk), "text": "", "begin": str(judgement.pk)}
    )
    page = begun.content.decode()
    assert f"{HERE}</textarea>" in page
    assert f'name="started_from" value="{judgement.pk}"' in page
    assert Draft.objects.get().fields["started_from"] == str(judgement.pk)
    mine = HERE.replace("queda", "está")
    wrong = sent(person, seat, text=mine.replace("15", ""), started_from=str(judgement.pk)).content.decode()
    assert "<del>queda</del><ins>está</ins>" in wrong
    assert sent(person, seat, text=mine, started_from=str(judgement.pk)).status_code == 302
    said = Translation.objects.get(judgement__person=person)
    assert (said.started_from_id, said.distance, said.valid_here) == (judgement.pk, 5, False)


@pytest.mark.parametrize(
    ("typed", "begun"),
    [("", HERE), ("algo mío", f"{HERE}\n\nalgo mío"), (HERE, HERE), ("Otra cosa: 15 minutos, {name}.", None)],
)
def test_beginning_with_a_text_costs_nothing_that_was_typed(
    campaign: Campaign, ana: Person, typed: str, begun: str | None
) -> None:
    """What was typed stays below; another accepted text that nobody changed does not."""
    other = accepted(translates(speaker("es-MX"), campaign, "Otra cosa: 15 minutos, {name}."))
    judgement = accepted(translates(ana, campaign))
    person = speaker("es-AR")
    form = {"assignment": str(seat_at(person, campaign).pk), "text": typed, "begin": str(judgement.pk)}
    form["started_from"] = "" if begun else str(other.pk)
    client_of(person).post("/c/prueba/translate/draft/", form)
    assert Draft.objects.get().fields["text"] == (begun or HERE)


def test_what_hurts_is_remembered_only_where_it_hurts_as_much(campaign: Campaign, ana: Person) -> None:
    judgement = accepted(translates(ana, campaign))
    Item.objects.filter(pk=judgement.item_id).update(sensitive=["genero"])
    cell = cell_of(campaign, "ar")
    assert offers(cell) == []
    cell.item.sensitive = ["clase", "genero"]
    assert [offer.row.pk for offer in offers(cell)] == [judgement.pk]


def test_valid_here_too_is_one_tap(campaign: Campaign, ana: Person) -> None:
    judgement = accepted(translates(ana, campaign))
    person = speaker("es-AR")
    seat = seat_at(person, campaign)
    taken = sent(person, seat, choice=f"valid:{judgement.pk}", text="algo a medias")
    assert taken.status_code == 302
    said = Translation.objects.get(judgement__person=person)
    assert (said.text, said.started_from_id, said.distance, said.valid_here) == (HERE, judgement.pk, 0, True)
    told = {"text": HERE, "started_from": judgement.pk, "valid_here": True}
    assert kinds.get("translation").tell(said.judgement) == told
    for wrong in ("valid:", "valid:x", f"valid:{2**70}", "valid:99"):
        other = speaker("es-MX")
        assert sent(other, seat_at(other, campaign), choice=wrong).status_code == 400
    with pytest.raises(Refused):
        answer(other, seat_at(other, campaign), told | {"text": "Otra."})


def test_in_a_pack_one_begins_with_nothing(campaign: Campaign, ana: Person) -> None:
    accepted(translates(ana, campaign))
    person = speaker("es-AR")
    seat = seat_at(person, campaign)
    pack = Pack.objects.create(person=person, campaign=campaign, expires_at=seat.expires_at)
    Assignment.objects.filter(pk=seat.pk).update(pack=pack)
    (turn,) = client_of(person).get("/pack/turns/").json()["turns"]
    assert "Onde fica" in turn["html"]
    for absent in (HERE, 'name="begin"', "valid:"):
        assert absent not in turn["html"]


def test_what_was_taken_can_be_taken_back_and_gone_on_with(campaign: Campaign, ana: Person) -> None:
    judgement = accepted(translates(ana, campaign))
    person, client = speaker("es-AR"), client_of(speaker("es-AR"))
    seat = seat_at(person, campaign)
    form = {"assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": f"valid:{judgement.pk}"}
    client.post("/c/prueba/translate/send/", form)
    page = client.get(client.post("/c/prueba/translate/undo/")["Location"]).content.decode()
    assert f"{HERE}</textarea>" in page
    assert sent(person, seat, text=HERE + " Ya.", started_from=str(judgement.pk)).status_code == 302


def test_the_turn_over_the_api_says_what_there_is(campaign: Campaign, ana: Person) -> None:
    judgement = accepted(translates(ana, campaign))
    api = Client(headers={"Authorization": f"Token {new_token(person=speaker('es-AR'))}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", {"kind": "translation"}, content_type="application/json").json()
    assert turn["item"]["source"] == [["", SOURCE]]
    assert turn["item"]["terms"] == []
    assert turn["item"]["offers"] == [
        {"id": judgement.pk, "variety": "es-CL", "name": "español de Chile", "text": HERE, "source": SOURCE,
         "percent": 90, "same_source": True}
    ]  # fmt: skip
    url = f"/api/v1/judgements/{uuid.uuid4()}/"
    for given, status in (
        ({"text": "sin nada"}, 400), ({"started_from": judgement.pk, "valid_here": True}, 201),
        ({"started_from": judgement.pk, "valid_here": True}, 200),
    ):  # fmt: skip
        body = {"assignment": turn["assignment"], "answer": given}
        assert api.put(url, body, content_type="application/json").status_code == status


# The memory ---------------------------------------------------------------------------------------------------------


def test_steps_are_counted_in_the_tree() -> None:
    chile, chiloe, argentina = (
        ["es-CL", "es-419", "es"],
        ["es-CL-x-chiloe", "es-CL", "es-419", "es"],
        ["es-AR", "es-419", "es"],
    )
    assert [steps(chile, chile), steps(chile, chiloe), steps(chile, argentina), steps(chiloe, argentina)] == [
        0,
        1,
        2,
        3,
    ]


def test_the_nearest_three_are_offered_by_likeness_less_the_distance(seeds: None) -> None:
    sources = {
        "cl": "Abre às 8.",
        "ar": "Abre às 8.",
        "mx": "Abre às 9.",
        "mx2": "Abre às 9!",
        "far": "Outra coisa 8, longe.",
    }
    campaign = a_world(
        task("cl", prompt=sources["cl"]), task("ar", "es-AR", sources["ar"]), task("mx", "es-MX", sources["mx"]),
        task("far", "es-MX", sources["far"]), task("hoy", prompt="Abre às 7."),
        task("pt", "pt-PT", sources["cl"], "es"),
    )  # fmt: skip
    accepted(translates(speaker("es-CL"), campaign, "Abre a las 8."))
    accepted(translates(speaker("es-AR"), campaign, "Abre tipo 8."))
    for text in ("Abre a las 9.", "Otra cosa 8, lejos."):
        accepted(translates(speaker("es-MX"), campaign, text))
    accepted(translates(speaker("pt-PT"), campaign, "Abre pelas 8."))
    cell = cell_of(campaign, "hoy")
    found = [(each.row.text, each.row.variety_id, round(each.near, 2), each.is_same) for each in offers(cell)]
    assert found == [
        ("Abre a las 8.", "es-CL", 0.9, False), ("Abre a las 9.", "es-MX", 0.8, False),
        ("Abre tipo 8.", "es-AR", 0.8, False),
    ]  # fmt: skip
    page = client_of(speaker("es-CL")).get("/c/prueba/translate/").content.decode()
    assert "90" in page
    assert "Abre às 9." in page


def test_what_a_charter_does_not_open_never_stands_in_the_memory(seeds: None) -> None:
    govern("quz")
    govern("quy", keeps_in_memory=True)
    campaign = a_world(task("quz", "quz"), task("quy", "quy"), task("otra", "quy", "Bom dia, {name}. 15"))
    closed = accepted(translates(speaker("quz"), campaign, "Maypin botica? {name} 15"))
    assert not Approved.objects.filter(pk=closed.pk).exists()
    opened = accepted(translates(speaker("quy"), campaign, "Maypim botica? {name} 15"))
    cell = cell_of(campaign, "otra")
    cell.item.prompt.messages[-1]["content"] = SOURCE
    assert [each.row.pk for each in offers(cell)] == [opened.pk]


def test_a_charter_that_closes_closes_what_stands_there(seeds: None) -> None:
    several = govern("quy", keeps_in_memory=True)
    campaign = a_world(task("1", "quy"), task("2", "quy"))
    accepted(translates(speaker("quy"), campaign, "Maypim botica? {name} 15"))
    cell = cell_of(campaign, "2")
    assert len(offers(cell)) == 1
    from annotations.people.stewards import actions as stewards

    terms = {"policy": "No.", "permitted_use": [], "quorum": 2, "takes_contributions": True, "keeps_in_memory": False}
    decision = stewards.write_charter(
        person=several[0], variety=Variety.objects.get(tag="quy"), reason="Pensado", **terms
    )  # fmt: skip
    stewards.answer(person=several[1], decision=decision, approves=True)
    assert offers(cell) == []


# Taken back, leaving ------------------------------------------------------------------------------------------------


def test_what_its_author_withdraws_is_offered_no_more(campaign: Campaign, ana: Person) -> None:
    accepted(translates(ana, campaign))
    cell = cell_of(campaign, "ar")
    assert offers(cell)
    withdraw(person=ana)
    take_out_withdrawn()
    assert offers(cell) == []


def test_what_was_begun_with_a_text_taken_back_is_said_once_and_goes_on_as_ones_own(
    campaign: Campaign, ana: Person
) -> None:
    judgement = accepted(translates(ana, campaign))
    person = speaker("es-AR")
    seat = seat_at(person, campaign)
    withdraw(person=ana)
    take_out_withdrawn()
    told = sent(person, seat, text=HERE + " Ya.", started_from=str(judgement.pk))
    assert told.status_code == 400
    assert "palabras propias" in told.content.decode()
    assert f'value="{judgement.pk}"' not in told.content.decode()


def test_the_words_of_whoever_is_erased_are_nowhere_left_and_others_keep_that_they_worked(
    campaign: Campaign, ana: Person
) -> None:
    text = HERE.replace("¿Dónde", "¿Canario-de-ana, dónde")
    judgement = accepted(translates(ana, campaign, text))
    argentina, mexico = speaker("es-AR"), speaker("es-MX")
    theirs = accepted(answer(argentina, seat_at(argentina, campaign),
                             {"started_from": judgement.pk, "valid_here": True}).judgement)  # fmt: skip
    seat = seat_at(mexico, campaign)
    client_of(mexico).post(
        "/c/prueba/translate/draft/", {"assignment": str(seat.pk), "text": "", "begin": str(theirs.pk)}
    )
    assert Approved.objects.filter(text__contains="ana").count() == 2
    erase(person=ana, contributions=True)
    for model in (Translation, Approved, Reviewed, Review):
        assert not model.objects.filter(text__icontains="canario").exists()
    assert not Draft.objects.exists()
    theirs.refresh_from_db()
    assert (theirs.counted, theirs.not_counted, theirs.translation.text) == (False, "source_erased", "")
    assert Cell.objects.get(pk=theirs.cell_id).open
    assert settle_reviews() == 0 or not Reviewed.objects.filter(outcome="accepted").exists()
    assert client_of(argentina).get("/me/").status_code == 200
    assert client_of(argentina).get("/me/data/").status_code == 200


def test_the_change_of_a_reader_who_is_erased_leaves_the_memory(campaign: Campaign, ana: Person) -> None:
    judgement = accepted(translates(ana, campaign), HERE + " Canario-de-quien-lee.")
    person = speaker("es-AR")
    taken = answer(person, seat_at(person, campaign), {"started_from": judgement.pk, "valid_here": True}).judgement
    erase(person=speaker("es-CL", 7), contributions=True)
    for model in (Translation, Approved, Reviewed):
        assert not model.objects.filter(text__icontains="canario").exists()
    assert Translation.objects.get(pk=judgement.pk).text == HERE
    taken.refresh_from_db()
    assert taken.not_counted == "source_erased"


def test_what_is_accepted_again_stands_in_its_last_words(campaign: Campaign, ana: Person) -> None:
    from annotations.translating.actions import remember

    judgement = accepted(translates(ana, campaign))
    remember(judgement, "Otra.")
    assert Approved.objects.get().text == "Otra."


# Reading it ---------------------------------------------------------------------------------------------------------


def test_readers_see_the_source_beside_it_letter_by_letter(campaign: Campaign, ana: Person) -> None:
    translates(ana, campaign)
    open_reviews()
    page = client_of(speaker("es-CL", 7)).get("/review/").content.decode()
    assert 'lang="pt-BR">Onde fica a farmácia? *{name}* espera 15 minutos.</p>' in page
    assert HERE in page
    assert "Lo que alguien tradujo" in page


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_the_guidelines_are_in_the_volunteers_words(language: str) -> None:
    page = Client(headers={"Accept-Language": language}).get("/guidelines/translation/")
    assert page.status_code == 200
    assert "<h2>" in page.content.decode()
