"""What a hostile guest sends: every answer is a clear 4xx, nothing is a fault of ours, and nothing leaks or leads away.

The guest does not stop at a fault here: the client raises what a view raises.
"""

import json

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse

from annotations.assignments import kinds
from annotations.assignments.models import Campaign
from annotations.people.actions import new_token
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.rendering import render
from minka.problems import broken
from tests.cast import joins, line, world

pytestmark = pytest.mark.django_db
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def guest(seeds: None) -> Client:
    return Client()


@pytest.fixture
def ana(seeds: None) -> Client:
    return Client(headers={"Authorization": f"Token {new_token(person=volunteer('ana', 'muy-larga', 'es-CL'))}"})


@pytest.mark.parametrize("path", ["/c/a%00b/", "/join/?next=%00", "/releases/%00/", "/api/v1/schema/?version=%00"])
def test_an_address_with_a_nul_is_refused(guest: Client, path: str) -> None:
    assert guest.get(path).status_code == 400


def test_a_cookie_with_a_nul_is_nobody_s(guest: Client) -> None:
    guest.cookies.load({"sessionid": "a\x00b", "django_language": "e\x00s"})
    assert guest.get("/rate/").status_code == 302
    assert guest.get("/").status_code == 200


@pytest.mark.parametrize("charset", ["utf-16", "idna", "base64", "no-such-thing"])
def test_a_body_in_another_charset_is_refused(guest: Client, ana: Client, charset: str) -> None:
    form = f"application/x-www-form-urlencoded; charset={charset}"
    assert guest.generic("POST", "/join/", b"username=ana", content_type=form).status_code == 415
    answer = ana.generic("PUT", "/api/v1/me/", b"{}", content_type=f"application/json; charset={charset}")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_of_no_known_length_is_refused(guest: Client) -> None:
    answer = guest.generic("POST", "/join/", b"", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 411


@pytest.mark.parametrize("token", ["Token ñandú", "Token \x80\xff", "Token " + "a" * 5_000, "Bearer x", "Token"])
def test_a_made_up_token_opens_nothing(guest: Client, token: str) -> None:
    assert guest.get("/api/v1/me/", headers={"Authorization": token}).status_code in (400, 401)


@pytest.mark.parametrize("body", [DEEP, '{"a": "\\ud800"}', '{"a": "\\u0000"}', "NaN", "1" * 5_000, "{", b"\xff"])
def test_what_is_no_json_one_can_keep_is_a_problem_document(ana: Client, body: str | bytes) -> None:
    world(line("1"))
    key = "/api/v1/judgements/00000000-0000-4000-8000-000000000000/"
    for method, url in (("PUT", key), ("POST", "/api/v1/campaigns/prueba/next/")):
        answer = ana.generic(method, url, body, content_type="application/json")
        assert answer.status_code == 400, body[:20]
        assert answer["Content-Type"] == "application/problem+json"


def test_more_than_a_request_may_hold_is_refused_before_it_is_read(ana: Client) -> None:
    answer = ana.put("/api/v1/judgements/00000000-0000-4000-8000-000000000000/", b" " * 2_500_001,
                     content_type="application/json")  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_what_is_not_there_or_broken_is_a_problem_document_in_the_api_and_a_page_elsewhere(guest: Client) -> None:
    answer = guest.get("/api/v1/nothing/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "<h1>" in guest.get("/nothing/").content.decode()
    assert json.loads(broken(RequestFactory().get("/api/v1/me/")).content)["code"] == "broken"
    assert "<h1>" in broken(RequestFactory().get("/")).content.decode()


def test_the_schema_speaks_our_languages_only(guest: Client) -> None:
    assert guest.get("/api/v1/schema/?lang=pt-br").status_code == 200
    assert guest.get("/api/v1/schema/?lang=../etc").status_code == 404


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/", "rate", "javascript:alert(1)", "\\\\evil"]
)
def test_nobody_is_led_away(seeds: None, wanted: str) -> None:
    client = Client()
    client.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    assert client.get("/language/es/", {"next": wanted})["Location"] == "/"
    step = client.post("/join/varieties/", {"varieties": ["es-CL"], "how": "grew_up", "next": wanted})
    assert step["Location"] == "/rate/"


def test_nul_in_a_form_is_no_fault(seeds: None) -> None:
    client = Client()
    client.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    assert client.post("/join/varieties/", {"varieties": ["es\x00"], "look": "1", "q": "a\x00"}).status_code == 200
    assert client.post("/join/varieties/", {"varieties": ["es\x00"]}).status_code == 200
    assert joins(Client(), "a\x00b").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/join/varieties/",
        "/join/consent/",
        "/me/",
        "/rate/",
        "/guidelines/vote/",
        "/varieties/",
        "/v/quz/",
        "/v/quz/propose-steward/",
        "/varieties/propose/",
        "/me/varieties/",
        "/me/data/",
        "/me/facts/",
        "/me/credit/",
        "/me/asked/",
        "/me/erase/",
    ],
)
def test_a_page_answers_only_the_methods_it_has(seeds: None, path: str) -> None:
    client = Client()
    client.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
        assert client.generic(method, path).status_code == 405


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG"])
def test_a_method_nobody_has_is_refused_everywhere(guest: Client, method: str) -> None:
    for path in ("/", "/livez", "/api/v1/me/", "/admin/", "/static/minka.css", "/nothing/"):
        assert guest.generic(method, path).status_code == 405


@pytest.mark.parametrize(("taken", "wanted"), [("ana", "ANA"), ("josé", "JOSÉ"), ("ana", "ａｎａ")])
def test_a_name_that_looks_taken_is_taken_and_logs_in(seeds: None, taken: str, wanted: str) -> None:
    person = volunteer(taken, "muy-larga-y-rara", "es-CL")
    page = joins(Client(), wanted)
    assert (page.status_code, Person.objects.count()) == (200, 1)
    assert Person.objects.get_by_natural_key(wanted) == person


@pytest.mark.parametrize(
    "written",
    ["[aquí](https://evil.example)", "![foto](https://evil.example/x.png)", "<https://evil.example>", "[a]: /b 'c'"],
)
def test_links_and_pictures_in_a_model_s_answer_are_shown_as_written(written: str) -> None:
    html = render(f"Mira: {written}")
    assert "<a" not in html
    assert "<img" not in html
    assert "evil.example" in html or "/b" in html


@pytest.mark.parametrize("written", ["<!-- nada -->", "<script>alert(1)</script>", "[a]: /b", "---"])
def test_an_answer_of_which_nothing_would_be_seen_is_shown_as_written(written: str) -> None:
    html = render(written)
    assert "<script" not in html
    assert any(sign in html for sign in ("nada", "alert", "/b", "---"))


# The panel --------------------------------------------------------------------------------------------------------


def panel(name: str) -> Client:
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username=name))
    return client


@pytest.mark.parametrize(
    "lookup", ["password__startswith=pbkdf2", "subject__startswith=a", "last_login__gt=2000-01-01"]
)
def test_a_list_of_people_answers_no_question_it_does_not_show(seeds: None, lookup: str) -> None:
    carmen = panel("carmen")
    url = reverse("admin:annotations_person_changelist")
    assert carmen.get(f"{url}?{lookup}").status_code in (302, 400)
    assert carmen.get(f"{url}?is_staff__exact=1&standing__exact=good").status_code == 200


@pytest.mark.parametrize("key", ["['207']", "x", "9" * 400, "", "1.5", "🌻"])
def test_an_action_on_what_can_be_no_row_is_refused_of_a_library_s_list_too(
    seeds: None, admin_client: Client, key: str
) -> None:
    seed_people()
    answered = {}
    for model, of in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for action in [*(of.actions or ()), "delete_selected"]:
            form = {"action": action, "_selected_action": [key]}
            answered[f"{model.__name__} {action}"] = admin_client.post(url, form).status_code
    assert {where: status for where, status in answered.items() if status >= 500} == {}
    assert {status for where, status in answered.items() if where.startswith(("Person ", "Group "))} == {400}


def test_the_ledger_s_pages_do_not_say_whose_it_is(seeds: None) -> None:
    carmen, ana = panel("carmen"), Person.objects.get(username="ana")
    assert ana.consent
    for url in ("changelist", []), ("change", [ana.consent.pk]):
        page = carmen.get(reverse(f"admin:annotations_consent_{url[0]}", args=url[1])).content.decode()
        assert str(ana.subject) not in page


def test_a_lead_sees_a_campaign_and_makes_only_kinds_there_are(seeds: None) -> None:
    campaign, elisa = world(line("1")), panel("elisa")
    assert elisa.get(reverse("admin:annotations_campaign_change", args=[campaign.pk])).status_code == 200
    form = elisa.get(reverse("admin:annotations_campaign_add")).context["adminform"].form
    assert [value for value, _label in form.fields["kind"].choices] == kinds.names()


def test_only_the_superuser_makes_staff(seeds: None, admin_client: Client) -> None:
    carmen = panel("carmen")
    person = Person.objects.get(username="carmen")
    person.user_permissions.add(Permission.objects.get(codename="change_person"))
    url = reverse("admin:annotations_person_change", args=[Person.objects.get(username="ana").pk])
    assert not {"is_staff", "groups"} & carmen.get(url).context["adminform"].form.fields.keys()
    assert {"is_staff", "groups"} <= admin_client.get(url).context["adminform"].form.fields.keys()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"judged_in": ["es-CL", "es-CL"]}, "judged_in"),
        ({"starts_at": "2026-02-01T00:00Z", "ends_at": "2026-01-01T00:00Z"}, "ends_at"),
    ],
)
def test_a_campaign_of_nonsense_is_refused(seeds: None, wrong: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Campaign(slug="c", name="c", **wrong).full_clean()
    assert field in refused.value.error_dict
