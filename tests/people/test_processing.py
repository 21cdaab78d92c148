"""The record of processing says what the settings and the purposes say."""

import pytest
from django.test import Client

from annotations.people.processing import STORED
from annotations.people.purposes import NAMES
from annotations.people.texts import consent_version

pytestmark = pytest.mark.django_db


def page(language: str = "es") -> str:
    visitor = Client()
    visitor.cookies["django_language"] = language
    response = visitor.get("/privacy/processing/")
    assert response.status_code == 200
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert not response.wsgi_request.session.accessed
    return response.content.decode()


def test_the_record_names_who_answers_where_and_who_else(settings) -> None:
    settings.MINKA_CONTROLLER = {
        "controller_name": "Fundación Uno", "controller_address": "Calle Dos 3", "controller_country": "Chile",
        "controller_contact": "datos@uno.example", "hosting_provider": "Nube Cuatro", "hosting_country": "Chile",
    }  # fmt: skip
    text = page()
    assert all(value in text for value in (*settings.MINKA_CONTROLLER.values(), consent_version()))
    assert "no salen del país" in text
    settings.MINKA_PROCESSORS = (("Correo <SA>", "Uruguay", "correo"),)
    text = page()
    assert "Correo &lt;SA&gt; (Uruguay): correo" in text
    assert "salen del país" in text
    assert "no salen del país" not in text


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_every_category_is_told_in_every_language(language: str) -> None:
    text = page(language)
    assert text.count("<h3>") == len(STORED)
    assert "%(" not in text


def test_what_people_agree_to_is_all_told(db: None) -> None:
    told = {name for row in STORED for name in row.purposes}
    assert told | {"transfer"} == set(NAMES), "transfer is about where, not about what"


def test_every_page_leads_there() -> None:
    assert 'href="/privacy/processing/"' in Client().get("/").content.decode()
