"""The pages of communities: public ones for everybody and every cache, the room for stewards alone, no scripts."""

import csv
import datetime as dt
import io
import json
import re
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from annotations.assignments.models import Campaign, Item
from annotations.assignments.stewards.models import Hidden
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.stewards import actions
from annotations.people.stewards.models import CommunityLabel, Steward, StewardsDecision, StewardsLog, VarietyProposal
from annotations.people.stewards.queries import charter_of, current_stewards
from annotations.quality.models import Estimate, Verdict
from tests.cast import answer, appoint, govern, in_days, key_of, lead, line, open_export, people, seat_at, world

pytestmark = pytest.mark.django_db
LABEL = {"system": "TK", "local_contexts_id": "tk-a", "name": "TK Attribution", "community": "Qusqu",
         "image_alt": "Un círculo con hilos"}  # fmt: skip


def client(person: Person | None) -> Client:
    browser = Client()
    if person:
        browser.force_login(person)
    return browser


def quz() -> Variety:
    return Variety.objects.get(tag="quz")


def text_of(path: str, person: Person | None = None) -> str:
    response = client(person).get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def unzipped(archive: bytes) -> dict[str, str]:
    """The text of each file in it; a ZIP that is not whole is a fault."""
    with ZipFile(io.BytesIO(archive)) as files:
        assert files.testzip() is None
        return {name: files.read(name).decode() for name in files.namelist()}


def taken(steward: Person) -> dict[str, str]:
    """What a steward of Cusco Quechua downloads."""
    response = client(steward).get("/v/quz/stewards/records.zip")
    assert response.streaming
    return unzipped(b"".join(response))


def without(row: dict, key: str) -> dict:
    return {name: value for name, value in row.items() if name != key}


def as_cell(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


@pytest.fixture
def several() -> list[Person]:
    return govern("quz", count=3)


@pytest.fixture
def campaign(several: list[Person]) -> Campaign:
    row = world(line("q1", variety="quz"), line("q2", variety="quz"))
    (ana,) = people(1, "quz")
    answer(ana, seat_at(ana, row), {"preferred": "tie"})
    return row


# For everybody ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize(
    "path", ["/varieties/", "/varieties/?by=language", "/varieties/?q=runa", "/v/quz/", "/v/es-CL/"]
)
def test_public_pages_read_no_session_and_open_in_three_languages(campaign, path: str, language: str) -> None:
    visitor = Client()
    visitor.cookies["django_language"] = language
    response = visitor.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert not response.wsgi_request.session.accessed
    assert "csrfmiddlewaretoken" not in page
    assert not response.cookies
    assert not re.search(r"<script|style=|https?://", page)


def test_a_governed_variety_without_stewards_says_so_and_how_to_propose_them(seeds: None) -> None:
    page = text_of("/v/quz/")
    assert "No recibe aportes ahora" in page
    assert "/v/quz/propose-steward/" in page
    assert text_of("/v/es-CL/").count("propose-steward") == 0


def test_its_page_shows_the_stewards_by_the_name_they_chose_the_policy_labels_in_words_and_counts(
    campaign, several
) -> None:
    actions.add_label(person=several[0], variety=quz(), **LABEL)
    page = text_of("/v/quz/")
    for said in ("Señora vocera-quz-0", "Con permiso.", "TK Attribution", "Un círculo con hilos", "2 registros",
                 "1 juicio", "Andes", ">PE<"):  # fmt: skip
        assert said in page, said
    assert "¿Qué como hoy?" not in page, "no text of theirs"


def test_its_own_name_comes_first_and_outside_names_are_found_but_never_shown(seeds: None) -> None:
    page = text_of("/v/hch/")
    assert page.index("wixárika niukiyari</span>") < page.index("<small>wixárika</small>")
    found = text_of("/varieties/?q=huichol")
    assert "/v/hch/" in found
    named = [name for names in Variety.objects.values_list("search_names", flat=True) for name in names]
    visitor = volunteer("ana", "muy-larga-y-rara", "es-CL")
    pages = [text_of("/varieties/"), text_of("/varieties/?by=language"), text_of("/varieties/", visitor)]
    pages += [text_of(f"/v/{tag}/") for tag in Variety.objects.exclude(search_names=[]).values_list("tag", flat=True)]
    pages.append(client(visitor).post("/join/varieties/", {"q": "a", "look": "1"}).content.decode())
    assert [name for page in pages for name in named if re.search(rf">[^<]*\b{name}\b", page)] == []


def test_a_search_finds_by_place_and_by_any_level(seeds: None) -> None:
    page = text_of("/varieties/?q=chaco")
    assert {"gug", "gn", "tob"} <= set(re.findall(r'href="/v/([\w-]+)/"', page))
    assert "quz" not in re.findall(r'href="/v/([\w-]+)/"', page)


def test_the_tree_has_every_variety_below_its_parent(seeds: None) -> None:
    page = text_of("/varieties/?by=language")
    tags = re.findall(r'class="deep(\d)"><a class="said" href="/v/([\w-]+)/"', page)
    assert len(tags) == Variety.objects.count()
    assert tags.index(("2", "es-CO")) < tags.index(("3", "es-CO-x-paisa")) < tags.index(("2", "es-CR"))


@pytest.mark.parametrize("path", ["/varieties/?q=%27%22%3Cb%3E&by=x", "/varieties/?q=" + "a" * 900])
def test_a_search_of_nonsense_finds_nothing(seeds: None, path: str) -> None:
    assert "<b>" not in text_of(path)


def test_browsing_costs_the_same_few_queries(seeds: None) -> None:
    for path in ("/varieties/", "/varieties/?by=language"):
        with CaptureQueriesContext(connection) as queries:
            text_of(path)
        assert len(queries) <= 2


# Stepping forward ---------------------------------------------------------------------------------------------------


def test_a_steward_is_proposed_recorded_and_accepts_page_by_page(seeds: None) -> None:
    ana, bruno = (volunteer(name, "muy-larga-y-rara", "es-PE") for name in ("ana", "bruno"))
    assert Client().get("/v/quz/propose-steward/").status_code == 302
    unknown = client(bruno).post("/v/quz/propose-steward/", {"username": "nadie", "why": "x"})
    assert unknown.status_code == 200
    sent = client(bruno).post("/v/quz/propose-steward/", {"username": "ANA", "why": "Enseña la lengua."})
    assert sent["Location"] == "/me/varieties/"
    steward = Steward.objects.get()
    elisa = lead()
    elisa.is_staff = True
    elisa.save()
    url = reverse("admin:annotations_steward_change", args=[steward.pk])
    letter = {"letter_by": "Rosa", "letter_body": "Consejo", "letter_date": "2026-01-02", "letter_reference": "ab"}
    assert client(elisa).post(url, letter | {"letter_body": ""}).status_code == 200
    assert client(elisa).post(url, letter | {"end_reason": ""}).status_code == 302
    assert client(bruno).post(f"/me/stewardships/{steward.pk}/accept/", {"shown_name": "B"}).status_code == 404
    assert "Consejo" in text_of("/me/varieties/", ana)
    client(ana).post(f"/me/stewardships/{steward.pk}/accept/", {"shown_name": "Mama Ana"})
    assert current_stewards(quz()).get().shown_name == "Mama Ana"
    assert client(ana).get("/v/quz/stewards/").status_code == 200
    assert client(bruno).post(f"/me/stewardships/{steward.pk}/end/", {"reason": "x"}).status_code == 404
    looks_on = client(_with(volunteer("carmen", "muy-larga-y-rara", "es-MX"), "view_steward"))
    assert "El consejo" not in looks_on.get(url).content.decode()
    assert looks_on.post(url, {"end_reason": "x"}).status_code == 403
    client(elisa).post(url, {"end_reason": "El consejo la retiró"})
    assert client(ana).get("/v/quz/stewards/").status_code == 404
    assert client(ana).post("/v/quz/propose-steward/", {"username": "ana", "why": "Otra vez"}).status_code == 302
    client(ana).post(f"/me/stewardships/{Steward.objects.latest('id').pk}/end/", {"reason": "No puedo"})
    assert not Steward.objects.filter(ended_at=None).exists()


def test_a_missing_variety_is_proposed_decided_in_the_panel_and_told(seeds: None) -> None:
    ana = volunteer("ana", "muy-larga-y-rara", "es-PE")
    facts = {"name": "kukama", "other_names": "", "place": "Loreto", "parent": "", "why": "La hablamos"}
    assert Client().post("/varieties/propose/", facts).status_code == 302
    assert client(ana).post("/varieties/propose/", facts | {"name": ""}).status_code == 200
    assert client(ana).post("/varieties/propose/", facts)["Location"] == "/me/varieties/"
    row = VarietyProposal.objects.get()
    elisa = lead()
    elisa.is_staff = True
    elisa.save()
    url = reverse("admin:annotations_varietyproposal_change", args=[row.pk])
    assert client(elisa).post(url, {"state": "accepted", "note": "Entra pronto."}).status_code == 302
    assert "Entra pronto." in text_of("/me/varieties/", ana)
    assert Variety.objects.filter(tag="kukama").count() == 0


# The room -----------------------------------------------------------------------------------------------------------

ROOM = [
    ("get", "/v/quz/stewards/", {}),
    ("get", "/v/quz/stewards/records.zip", {}),
    ("get", "/v/quz/stewards/write/charter/", {}),
    ("post", "/v/quz/stewards/write/withdraw/", {"code": "harm", "text": "x"}),
    ("post", "/v/quz/stewards/write/withhold/", {"campaign": "prueba", "record": "q1", "code": "harm", "text": "x"}),
    ("post", "/v/quz/stewards/write/label/", LABEL),
    ("post", "/v/quz/stewards/decisions/{decision}/", {"say": "yes"}),
    ("post", "/v/quz/stewards/decisions/{decision}/", {"say": "revoke", "code": "harm", "text": "x"}),
    ("post", "/v/quz/stewards/hidden/{hidden}/", {"say": "restore", "reason": "x"}),
    ("post", "/v/quz/stewards/labels/{label}/end/", {"reason": "x"}),
]


@pytest.mark.parametrize(
    "role", ["anonymous", "volunteer", "other_steward", "ended_steward", "lead", "moderator", "superuser"]
)
def test_the_room_is_for_its_stewards_alone(campaign, several, role: str) -> None:
    decision = actions.propose(person=several[0], variety=quz(), kind="export", reason="x", expires_at=in_days(9))
    label = actions.add_label(person=several[0], variety=quz(), **LABEL)
    seat = Item.objects.get(source_id="q1").assignments.get()
    client(seat.person).post(f"/restricted/{seat.pk}/", {"knowledge": "place"})
    ids = {"decision": decision.pk, "label": label.pk, "hidden": Hidden.objects.get().pk}
    other = volunteer("otra", "muy-larga-y-rara", "es-PE")
    person = {
        "anonymous": lambda: None,
        "volunteer": lambda: other,
        "other_steward": lambda: appoint(other, "quy").person,
        "ended_steward": lambda: (
            actions.end_stewardship(person=other, steward=appoint(other, "quz"), reason="Me fui").person
        ),
        "lead": lead,
        "moderator": lambda: _with(other, "change_hidden", "view_hidden"),
        "superuser": lambda: Person.objects.create_superuser("jefa", "muy-larga-y-rara"),
    }[role]()
    before = StewardsLog.objects.count()
    for method, path, facts in ROOM:
        response = getattr(client(person), method)(path.format(**ids), facts)
        assert response.status_code == (302 if person is None else 404), path
        assert person or response["Location"].startswith("/login/")
    assert StewardsLog.objects.count() == before


def _with(person: Person, *rights: str) -> Person:
    person.is_staff = True
    person.save()
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return Person.objects.get(pk=person.pk)


def test_stewards_decide_about_an_export_after_they_saw_what_it_holds(campaign, several) -> None:
    first, second, third = (client(person) for person in several)
    ends = (in_days(5).date()).isoformat()
    wrong = first.post("/v/quz/stewards/write/export/", {"expires": "2020-01-01", "reason": "x"})
    assert (wrong.status_code, StewardsDecision.objects.filter(kind="export").count()) == (200, 0)
    sent = first.post(
        "/v/quz/stewards/write/export/",
        {"campaign": "prueba", "item_kind": "vote", "expires": ends, "reason": "Juntos"},
    )
    assert sent["Location"] == "/v/quz/stewards/"
    decision = StewardsDecision.objects.get(kind="export")
    assert decision.expires_at == dt.datetime.combine(in_days(6).date(), dt.time(), dt.UTC)
    page = second.get(f"/v/quz/stewards/decisions/{decision.pk}/").content.decode()
    for said in ("2 registros", "1 juicio", "¿Qué como hoy? q1", "Juntos", "1 sí, 0 no"):
        assert said in page, said
    second.post(f"/v/quz/stewards/decisions/{decision.pk}/", {"say": "yes"})
    decision.refresh_from_db()
    assert decision.in_force_at
    url = f"/v/quz/stewards/decisions/{decision.pk}/"
    assert second.post(url, {"say": "yes"}).status_code == 409
    assert third.post(url, {"say": "revoke", "code": "", "text": ""}).status_code == 200
    third.post(url, {"say": "revoke", "code": "misuse", "text": "No así"})
    decision.refresh_from_db()
    assert decision.revoked_at
    page = third.get("/v/quz/stewards/").content.decode()
    assert "Retiró una decisión · se usó contra la carta de uso" in page
    assert not re.search(r">[^<]*\b(misuse|revoke|propose|add_label)\b", page), "no code of ours stands for a word"


def test_a_new_charter_is_written_from_the_one_in_force_and_waits_for_the_quorum(campaign, several) -> None:
    first, second, _third = (client(person) for person in several)
    form = first.get("/v/quz/stewards/write/charter/").content.decode()
    assert "Con permiso." in form
    terms = {"policy": "**Nueva** <script>x</script>", "permitted_use": ["train"], "quorum": "3", "reason": "Mejor",
             "orthographies": "cusqueña; de cinco vocales", "takes_contributions": "on"}  # fmt: skip
    assert first.post("/v/quz/stewards/write/charter/", terms | {"quorum": "9"}).status_code == 200
    assert first.post("/v/quz/stewards/write/charter/", terms)["Location"] == "/v/quz/stewards/"
    assert charter_of(quz()).version == 1
    decision = StewardsDecision.objects.latest("id")
    assert "<strong>Nueva</strong>" in second.get(f"/v/quz/stewards/decisions/{decision.pk}/").content.decode()
    second.post(f"/v/quz/stewards/decisions/{decision.pk}/", {"say": "yes"})
    now = charter_of(quz())
    assert (now.version, now.orthographies, now.permitted_use, now.shows_anonymous) == (
        2, ["cusqueña", "de cinco vocales"], ["train"], False,
    )  # fmt: skip
    page = text_of("/v/quz/")
    assert "<script>" not in page
    assert "de cinco vocales" in page


def test_a_record_is_taken_out_kept_and_brought_back_in_the_room(campaign, several) -> None:
    first, second, _third = (client(person) for person in several)
    facts = {"campaign": "prueba", "record": "q1", "code": "asked", "text": "La familia lo pide"}
    assert first.post("/v/quz/stewards/write/withhold/", facts | {"record": "nada"}).status_code == 200
    first.post("/v/quz/stewards/write/withhold/", facts)
    hidden = Hidden.objects.get()
    assert "¿Qué como hoy? q1" in second.get("/v/quz/stewards/").content.decode()
    second.post(f"/v/quz/stewards/hidden/{hidden.pk}/", {"say": "keep", "reason": "Preguntamos"})
    second.post(f"/v/quz/stewards/hidden/{hidden.pk}/", {"say": "restore", "reason": "Dijeron que sí"})
    hidden.refresh_from_db()
    first.post(f"/v/quz/stewards/decisions/{hidden.restoring_id}/", {"say": "yes"})
    hidden.refresh_from_db()
    assert hidden.kept_at
    assert hidden.lifted_at


def test_labels_are_attached_shown_where_one_works_and_taken_away(campaign, several) -> None:
    steward = client(several[0])
    assert steward.post("/v/quz/stewards/write/label/", LABEL | {"url": "javascript:alert(1)"}).status_code == 200
    assert steward.post("/v/quz/stewards/write/label/", LABEL | {"record": "q1"}).status_code == 200
    steward.post("/v/quz/stewards/write/label/", LABEL | {"campaign": "prueba"})
    (bruno,) = [volunteer("bruno", "muy-larga-y-rara", "quz")]
    for page in (text_of("/c/prueba/rate/", bruno), text_of("/c/prueba/"), text_of("/v/quz/stewards/", several[0])):
        assert re.findall(r"(?:TK )*TK Attribution", page)[:1] == ["TK Attribution"], "its kind is said once"
    label = CommunityLabel.objects.get()
    assert steward.post(f"/v/quz/stewards/labels/{label.pk}/end/", {"reason": " "}).status_code == 400
    steward.post(f"/v/quz/stewards/labels/{label.pk}/end/", {"reason": "Otra"})
    assert "TK Attribution" not in text_of("/c/prueba/")


@pytest.mark.parametrize(("name", "said"), [("TK Attribution", "TK Attribution"), ("TKX", "TK TKX"), ("V", "TK V")])
def test_a_label_says_its_kind_once(name: str, said: str) -> None:
    assert CommunityLabel(system="TK", name=name).said == said


def test_a_label_shows_its_picture_where_one_was_placed_and_its_words_where_none_was(
    campaign, several, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    actions.add_label(person=several[0], variety=quz(), **LABEL)
    page = text_of("/v/quz/")
    assert "<img" not in page
    assert "Un círculo con hilos" in page
    assert Client().get("/labels/tk-a.png").status_code == 404
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "tk-a.png").write_bytes(b"\x89PNG")
    assert '<img src="/labels/tk-a.png" alt="Un círculo con hilos"' in text_of("/v/quz/")
    picture = Client().get("/labels/tk-a.png")
    assert (picture["Content-Type"], b"".join(picture.streaming_content)) == ("image/png", b"\x89PNG")
    assert not picture.wsgi_request.session.accessed


@pytest.mark.parametrize("name", ["../tk-a", "..", "", "tk a", "tk/a", "tk-a\n", "tk-a\x00"])
def test_an_id_that_is_no_plain_name_finds_no_file(name: str, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "labels").mkdir(parents=True)
    (tmp_path / "media" / "tk-a.png").touch()
    (tmp_path / "media" / "labels" / ".png").touch()
    assert not CommunityLabel(local_contexts_id=name).has_picture


def test_one_steward_takes_the_variety_out_from_the_room(campaign, several) -> None:
    client(several[2]).post("/v/quz/stewards/write/withdraw/", {"code": "harm", "text": "Basta"})
    assert charter_of(quz()) is None
    assert "No recibe aportes ahora" in text_of("/v/quz/")


def test_the_room_costs_the_same_however_much_is_in_it(campaign, several) -> None:
    steward = client(several[0])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert steward.get("/v/quz/stewards/").status_code == 200
        return len(queries)

    def more(round_: int) -> None:
        world(line(f"n{round_}", variety="quz"), slug=f"c{round_}")
        record = {"campaign": f"c{round_}", "record": f"n{round_}", "code": "harm", "text": "x"}
        steward.post("/v/quz/stewards/write/withhold/", record)
        hidden = Hidden.objects.latest("id")
        steward.post(f"/v/quz/stewards/hidden/{hidden.pk}/", {"say": "restore", "reason": "x"})
        open_export(several, "quz")
        actions.add_label(person=several[0], variety=quz(), **LABEL)

    more(0)
    before = cost()
    for round_ in range(1, 4):
        more(round_)
    assert cost() == before


# Everything, for them -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_stewards_download_every_record_pseudonymous_and_hidden_ones_too(several, settings) -> None:
    settings.MINKA_SMALL_CELL = 2
    row = world(line("q1", variety="quz"), line("q2", variety="quz"), line("es"))
    world(line("both"), slug="otra", judged_in=["quz", "es-CL"])
    crowd = people(3, "quz")
    for person in crowd:
        answer(person, seat_at(person, row), {"preferred": "tie"})
        seat = seat_at(person, Campaign.objects.get(slug="otra"))
        answer(person, seat, {"preferred": key_of(seat, 1)})
    (chilean,) = people(1)
    answer(chilean, seat_at(chilean, Campaign.objects.get(slug="otra")), {"preferred": "tie"})
    withdraw(person=crowd[0])
    seat = Item.objects.get(source_id="q1").assignments.first()
    client(crowd[1]).post(f"/restricted/{seat.item.assignments.get(person=crowd[1]).pk}/", {"knowledge": "medicinal"})
    files = taken(several[0])
    told = {record["id"]: record for record in map(json.loads, files["records.jsonl"].splitlines())}
    assert set(told) == {"q1", "q2", "both"}
    assert [told[name]["hidden"] for name in ("q1", "q2")] == ["restricted", None]
    assert told["q1"]["outputs"][0] == {"model": "model-0", "text": "Respuesta larga q1.", "licence": "CC0-1.0"}
    assert [each["outcome"] for each in told["q1"]["judgements"]] == ["tie", "tie"], "who withdrew is not in it"
    assert {each["judge_variety"] for each in told["both"]["judgements"]} == {"quz"}
    assert {each["preferred"] for each in told["both"]["judgements"]} == {1}
    pseudonyms = {each["annotator"] for record in told.values() for each in record["judgements"]}
    assert len(pseudonyms) == 2
    again = "".join(taken(several[0]).values())
    assert not any(str(pseudonym) in again for pseudonym in pseudonyms)
    settings.MINKA_SMALL_CELL = 3
    few = taken(several[0])["records.jsonl"]
    assert '"annotator": null' in few
    assert not re.search(r'"annotator": "', few)


@pytest.mark.django_db(transaction=True)
def test_the_tables_of_the_download_say_what_its_lines_say(campaign, several) -> None:
    files = taken(several[0])
    records = [json.loads(each) for each in files["records.jsonl"].splitlines()]
    judged = [{"campaign": each["campaign"], "id": each["id"], **one} for each in records for one in each["judgements"]]
    assert (len(records), len(judged)) == (2, 1)
    for name, rows in (("records", [without(each, "judgements") for each in records]), ("judgements", judged)):
        found = list(csv.DictReader(io.StringIO(files[f"csv/{name}.csv"])))
        assert found == [{key: as_cell(value) for key, value in row.items()} for row in rows], name


def test_labels_and_decisions_are_in_the_download_what_has_ended_too_and_nobody_s_account(campaign, several) -> None:
    label = actions.add_label(person=several[0], variety=quz(), **LABEL)
    actions.end_label(person=several[1], label=label, text="Otra mejor")
    open_export(several, "quz", campaign="prueba")
    bruno = govern("gug", count=2)[0]
    actions.add_label(person=bruno, variety=Variety.objects.get(tag="gug"), **LABEL | {"name": "TK de otros"})
    files = taken(several[0])
    told = {name[5:-5]: json.loads(text) for name, text in files.items() if name.startswith("json/")}
    assert set(told) == {"labels", "charters", "decisions", "stewards", "log"}
    assert [(each["name"], each["ended_at"] is not None) for each in told["labels"]] == [("TK Attribution", True)]
    assert [(each["version"], each["policy"]) for each in told["charters"]] == [(1, "Con permiso.")]
    assert [(each["kind"], each["campaign"], each["yes"], each["no"]) for each in told["decisions"]] == [
        ("charter", "", 2, 0), ("export", "prueba", 2, 0),
    ]  # fmt: skip
    assert [each["shown_name"] for each in told["stewards"]] == [f"Señora {each.username}" for each in several]
    assert ("end_label", "Otra mejor") in {(each["act"], each["text"]) for each in told["log"]}
    for name, rows in told.items():
        assert len(list(csv.DictReader(io.StringIO(files[f"csv/{name}.csv"])))) == len(rows)
    whole = "".join(files.values())
    crowd = [*several, Person.objects.get(username="persona-quz-0")]
    assert not any(str(person.subject) in whole for person in crowd)
    assert "persona-quz-0" not in whole


@pytest.mark.parametrize(("language", "said"), [("es", "También está lo oculto"), ("pt-br", "O que está oculto"),
                                                ("en", "What is hidden is in it too")])  # fmt: skip
def test_its_readme_is_in_the_language_of_the_page(campaign, several, language: str, said: str) -> None:
    steward = client(several[0])
    steward.cookies["django_language"] = language
    response = steward.get("/v/quz/stewards/records.zip")
    with translation.override("fr"):  # another page is rendered while the pieces go out
        assert said in unzipped(b"".join(response))["README.md"]


@pytest.mark.django_db(transaction=True)
def test_the_download_streams_however_much_there_is(several) -> None:
    world(*(line(f"q{number}", variety="quz") for number in range(1_100)))
    response = client(several[0]).get("/v/quz/stewards/records.zip")
    assert response["Content-Disposition"].endswith('.zip"')
    pieces = [len(piece) for piece in response if piece]
    assert len(pieces) >= 4, "it goes out while it is written"
    assert max(pieces) < sum(pieces) / 2
    left = client(several[0]).get("/v/quz/stewards/records.zip")
    next(iter(left))
    left.close()
    with connection.cursor() as cursor:  # whoever leaves in the middle leaves no snapshot open
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        )
        assert cursor.fetchone() == (0,)
    assert len(taken(several[0])["records.jsonl"].splitlines()) == 1_100


# Restricted knowledge -----------------------------------------------------------------------------------------------


def test_an_item_is_marked_from_the_ways_out_without_a_script_and_is_seen_no_more(campaign, several) -> None:
    ana, bruno = Person.objects.get(username="persona-quz-0"), volunteer("bruno", "muy-larga-y-rara", "quz")
    item = Item.objects.get(assignments__person=ana)
    page = text_of("/c/prueba/rate/", bruno)
    (link,) = re.findall(r'href="(/restricted/[\w-]+/)"', page)
    assert client(ana).get(link).status_code == 404, "somebody else's seat"
    assert client(bruno).get(link).status_code == 200
    assert client(bruno).post(link, {"knowledge": "secret"}).status_code == 200
    telling = {"knowledge": "ceremonial", "text": "Preguntar a maria@example.org"}
    warned = client(bruno).post(link, telling).content.decode()
    assert 'name="anyway"' in warned, "an address is told before it is sent"
    assert "maria@example.org" in warned, "and nothing written is lost"
    assert client(bruno).post(link, telling | {"anyway": "on"})["Location"] == "/rate/"
    question = f"¿Qué como hoy? {item.source_id}"
    assert question not in text_of("/c/prueba/rate/", bruno)
    assert question not in text_of("/me/", ana)
    assert "Ya no se muestra" in text_of("/me/", ana)
    assert question in text_of("/v/quz/stewards/", several[0])


def test_the_panel_shows_staff_nothing_that_stewards_keep_and_moderators_what_they_decide_about(campaign) -> None:
    world(line("es"), slug="otra")
    (clara,) = people(1)
    for person, seat in ((p := Person.objects.get(username="persona-quz-0"), p.assignments.get()),
                         (clara, seat_at(clara, Campaign.objects.get(slug="otra")))):  # fmt: skip
        client(person).post(f"/restricted/{seat.pk}/", {"knowledge": "place"})
    boss = client(Person.objects.create_superuser("jefa", "muy-larga-y-rara"))
    kept = Hidden.objects.get(item__variety="quz")
    for model in ("item", "prompt", "output", "hidden"):
        page = boss.get(reverse(f"admin:annotations_{model}_changelist")).content.decode()
        assert f"hoy? {kept.item.source_id}" not in page
        assert f"larga {kept.item.source_id}." not in page
    assert boss.get(reverse("admin:annotations_item_change", args=[kept.item_id])).status_code == 302
    assert boss.get(reverse("admin:annotations_hidden_change", args=[kept.pk])).status_code == 302
    chosen, other = kept.item.outputs.all()[:2]
    verdict = Verdict.objects.create(
        item=kept.item, cell=kept.item.cells.get(), outcome="output", preferred=chosen, rejected=other, margin=1, n=1,
        agreement=1, method="strict_majority", evidence_until=timezone.now(),
    )  # fmt: skip
    Estimate.objects.create(verdict=verdict, outcome="output", preferred=chosen, confidence=1, version="1")
    for model in ("verdict", "estimate"):
        assert boss.get(reverse(f"admin:annotations_{model}_change", args=[verdict.pk])).status_code == 302
    mine = Hidden.objects.get(item__variety="es-CL")
    carmen = client(_with(volunteer("carmen", "muy-larga-y-rara", "es-MX"), "change_hidden"))
    url = reverse("admin:annotations_hidden_change", args=[mine.pk])
    assert "hoy? es" in carmen.get(url).content.decode()
    assert carmen.post(url, {"say": "lift", "reason": ""}).status_code == 200
    carmen.post(url, {"say": "keep", "reason": "Pregunto"})
    carmen.post(url, {"say": "lift", "reason": "Es un refrán"})
    mine.refresh_from_db()
    assert mine.lifted_at
    assert mine.kept_at


@pytest.mark.parametrize(
    "model", ["steward", "stewardsdecision", "charter", "communitylabel", "stewardslog", "hidden", "varietyproposal"]
)
def test_no_panel_page_makes_or_deletes_what_communities_decide(campaign, several, model: str) -> None:
    boss = client(Person.objects.create_superuser("jefa", "muy-larga-y-rara"))
    assert boss.get(reverse(f"admin:annotations_{model}_changelist")).status_code == 200
    assert boss.get(reverse(f"admin:annotations_{model}_add")).status_code == 403
    page = boss.get(reverse("admin:annotations_stewardslog_changelist")).content.decode()
    assert not any(str(person.subject) in page for person in several)
