"""A text that seems to be in another language, or is nearly another, is marked, and nothing else happens to it."""

import pytest
from django.test import Client

from annotations.assignments.models import Cell
from annotations.corpus.languages import FEWEST_BYTES, looks_like
from annotations.corpus.models import Output, Prompt
from annotations.people.demo import seed_people
from annotations.people.models import Person
from tests.assignments.test_table import client_of
from tests.cast import line, people, seat_at, world

SPANISH = "El completo es un pan con vienesa, palta, tomate y mayonesa que se come en todo Chile y a cualquier hora."
ENGLISH = "The completo is a Chilean hot dog that is served with avocado, tomato and mayonnaise on a soft bun."
PORTUGUESE = "O completo é um cachorro-quente chileno com abacate, tomate e maionese servido no pão quente."


@pytest.mark.parametrize(("text", "variety", "seems"), [
    (SPANISH, "es-CL", ""), (ENGLISH, "es-CL", "en"), (PORTUGUESE, "es-CL", "pt"), (PORTUGUESE, "pt-BR-x-nordeste", ""),
    (SPANISH, "pt-BR", "es"), (ENGLISH, "quz", "en"), ("hola", "pt-BR", ""), (SPANISH[:FEWEST_BYTES // 2], "pt", ""),
    (f"{SPANISH} {ENGLISH}", "es-CL", ""), ("\x01\x02" + SPANISH, "es-CL", ""), ("", "es", ""), ("\ud800", "es", ""),
    ("Ñuqaqa wasiyman rishani, mamay mikhunata wayk'ushan hinaspa llapanchis mikhusunchis.", "quz", ""),
])  # fmt: skip
def test_only_what_is_nearly_all_in_another_great_language_is_told(text: str, variety: str, seems: str) -> None:
    assert looks_like(text, variety) == seems


@pytest.mark.django_db
def test_a_mark_holds_nothing_back_and_is_seen_in_the_panel(seeds: None) -> None:
    campaign = world(line("1", ENGLISH, SPANISH, prompt="¿Qué lleva un completo?"))
    assert sorted(Output.objects.values_list("looks_like", "quarantine")) == [("", ""), ("en", "")]
    assert Cell.objects.get().open
    assert seat_at(people(1)[0], campaign)
    seed_people()
    carmen = client_of(Person.objects.get(username="carmen"))
    listed = "/admin/annotations/output/"
    assert shown(carmen, f"{listed}?looks_like=en") == 1
    assert shown(carmen, f"{listed}?looks_like=pt") == 0
    assert shown(carmen, f"{listed}?looks_like=x';--") == 2
    item = f"/admin/annotations/item/{campaign.items.get().pk}/change/"
    assert "parece otro idioma: en" in carmen.get(item).content.decode()


@pytest.mark.django_db
def test_what_is_nearly_the_same_is_counted_beside_it(seeds: None) -> None:
    world(line("1", prompt="¿Qué lleva un completo?"), line("2", prompt="que lleva un completo"), line("3"))
    seed_people()
    page = client_of(Person.objects.get(username="carmen")).get("/admin/annotations/prompt/")
    assert sorted(row.n_group - 1 for row in page.context["cl"].result_list) == [0, 1, 1]
    assert Prompt.objects.count() == 3


def shown(client: Client, address: str) -> int:
    return client.get(address).context["cl"].result_count  # type: ignore[no-any-return]
