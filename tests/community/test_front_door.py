"""Whoever comes: what this is, one thing to do, true numbers, and a link that looks well when it is shared."""

import datetime as dt
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.community.queries import Counters, counters, how_far
from annotations.quality.actions import settle_due
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def needs(page: str) -> list[tuple[str, str, str, str]]:
    """(variety, in words, done, needed) of each bar."""
    bar = r'<li><span class="who">(.*?)</span> <span class="number">(.*?)</span>\s*<progress max="(\d+)" value="(\d+)"'
    return [
        (words(who), words(said), done, needed) for who, said, needed, done in re.findall(bar, page, flags=re.DOTALL)
    ]


def rows(page: str) -> list[tuple[str, ...]]:
    """(variety, done, needed) of each row of the tables."""
    row = r'<th scope="row">(.*?)</th>\s*<td class="number">(\d+)</td><td class="number">(\d+)</td>'
    return [(words(name), *numbers) for name, *numbers in re.findall(row, page, flags=re.DOTALL)]


def test_the_numbers_are_true() -> None:
    campaign = world(line("1"), line("2"), needed=1)
    ana, beto = people(2)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    answer(beto, seat_at(beto, campaign), {"opt_out": "no_se"})
    assert counters(timezone.now()) == Counters(judgements=1, this_week=1, settled=0), "a way out is no judgement"
    settle_due()
    Judgement.objects.update(received_at=timezone.now() - dt.timedelta(days=8))
    assert counters(timezone.now()) == Counters(judgements=1, this_week=0, settled=1)
    page = Client().get("/").content.decode()
    assert "1 juicio hasta ahora" in page
    assert "1 pregunta resuelta" in page
    assert "últimos siete días" not in page
    answer(beto, seat_at(beto, world(line("3"), slug="otra")), {"preferred": "tie"})
    assert "1 juicio hasta ahora" in Client().get("/").content.decode(), "counted once a minute, not for all who come"
    cache.delete("counters")
    assert "2 juicios hasta ahora, 1 en los últimos siete días" in Client().get("/").content.decode()


def test_each_campaign_shows_what_its_varieties_still_need_and_the_table_behind() -> None:
    campaign = world(line("1"), line("2", variety="pt-BR"), needed=2)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    page = Client().get("/").content.decode()
    assert needs(page) == [("portugués de Brasil", "faltan 2", "0", "2"), ("español de Chile", "falta 1", "1", "2")]
    assert rows(page) == [("español de Chile", "1", "2"), ("portugués de Brasil", "0", "2")]
    assert page.index("<details") < page.index("<table")


def test_many_varieties_are_drawn_four_at_most_and_are_all_in_the_table() -> None:
    tags = ("es-AR", "es-BO", "es-CL", "es-CO", "es-MX", "es-PE")
    world(*(line(tag, variety=tag) for tag in tags), line("2", variety="es-PE"))
    (far,) = how_far(Campaign.objects.all())
    assert [variety.tag for variety, _progress in far.neediest] == ["es-PE", "es-AR", "es-BO", "es-CL"]
    assert (far.others, far.whole.needed, far.whole.left) == (2, 21, 21)
    page = Client().get("/").content.decode()
    assert len(needs(page)) == 4
    assert "y 2 variedades más" in page
    assert len(rows(page)) == 6


def test_a_campaign_without_items_is_no_fault() -> None:
    Campaign.objects.create(slug="vacia", name="Vacía")
    assert Client().get("/").status_code == 200
    assert "Todavía no hay nada cargado." in Client().get("/c/vacia/").content.decode()


def test_a_campaigns_page_says_what_why_for_whom_the_licence_what_becomes_and_until_when() -> None:
    ends = timezone.now() + dt.timedelta(days=90)
    world(line("1"), about="Para que **sirva** aquí.", asked_by="Radio Norte", ends_at=ends, needed=2,
          contribution_licence="CC0-1.0")  # fmt: skip
    page = Client().get("/c/prueba/").content.decode()
    said = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, flags=re.DOTALL))
    assert list(said) == ["Qué se hace", "Para quien habla", "Qué resulta de eso", "Hasta cuándo"]
    assert said["Qué se hace"].startswith("Se leen dos respuestas")
    assert "la juzgan 2 personas" in said["Qué se hace"]
    assert "español de Chile" in said["Para quien habla"]
    assert "CC0-1.0" in said["Qué resulta de eso"]
    assert str(ends.year) in said["Hasta cuándo"]
    assert "Radio Norte" in page
    assert "<strong>sirva</strong>" in page


@pytest.mark.parametrize(
    ("facts", "says"),
    [({"state": "paused"}, "está en pausa"), ({"state": "closed"}, "terminó"),
     ({"ends_at": dt.timedelta(days=-1)}, "terminó"), ({"starts_at": dt.timedelta(days=3)}, "Empieza el")],
)  # fmt: skip
def test_a_campaign_that_takes_no_answers_offers_no_button(facts: dict[str, Any], says: str) -> None:
    world(line("1"), **{k: timezone.now() + v if isinstance(v, dt.timedelta) else v for k, v in facts.items()})
    page = Client().get("/c/prueba/").content.decode()
    main = page[page.index("<main") : page.index("</main")]
    assert says in main
    assert 'class="button' not in main


def preview(page: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="((?:og|twitter):[\w:]+|description)" content="([^"]*)">', page)
    assert len(found) == len(dict(found)), "each once"
    return dict(found)


@pytest.mark.parametrize("path", ["/", "/c/prueba/"])
def test_a_shared_link_shows_what_it_is(path: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["minka.example"]
    world(line("1"), about='# Pan\n\nLas palabras **del pan** en "cada" <lugar>. ' + "Muchas palabras. " * 40)
    shown = preview(Client(headers={"host": "minka.example"}).get(path, secure=True).content.decode())
    assert shown["og:url"] == f"https://minka.example{path}"
    assert shown["og:image"] == "https://minka.example/static/preview.png"
    assert (shown["og:image:width"], shown["og:image:height"]) == ("1200", "630")
    assert shown["og:title"] == {"/": "Minka", "/c/prueba/": "Prueba"}[path]
    assert shown["description"] == shown["og:description"]
    if path != "/":
        assert shown["description"].startswith("Pan Las palabras del pan en &quot;cada&quot; &lt;lugar&gt;.")
        assert len(shown["description"]) < 240


def test_a_campaign_without_words_of_its_own_is_shown_with_the_houses() -> None:
    world(line("1"))
    assert preview(Client().get("/c/prueba/").content.decode())["description"].startswith("Leer dos respuestas")


@pytest.mark.parametrize(("language", "says"), [("es", "Leer dos"), ("pt-br", "Ler duas"), ("en", "Read two answers")])
def test_the_preview_speaks_the_pages_language(language: str, says: str) -> None:
    visitor = Client()
    visitor.cookies["django_language"] = language
    assert preview(visitor.get("/").content.decode())["og:description"].startswith(says)


def test_the_picture_is_ours_small_and_of_the_size_it_says() -> None:
    picture = (ROOT / "static/preview.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert len(picture) < 20_000


@pytest.mark.parametrize("path", ["/", "/c/prueba/", "/design/"])
def test_public_pages_are_the_same_for_everybody(path: str) -> None:
    world(line("1"))
    ana = Client()
    ana.force_login(people(1)[0])
    visitor = Client()
    first, second = visitor.get(path), ana.get(path)
    assert first.content == second.content
    assert not first.wsgi_request.session.accessed
    assert not first.cookies
    assert "csrfmiddlewaretoken" not in first.content.decode()


def test_more_campaigns_cost_no_more_questions(django_assert_num_queries: Any) -> None:
    world(line("1"))
    Client().get("/")
    with django_assert_num_queries(5):
        Client().get("/")
    for number in range(8):
        world(line("1"), line("2", variety="pt-BR"), slug=f"otra-{number}")
    with django_assert_num_queries(5):
        Client().get("/")
    with django_assert_num_queries(5):
        Client().get("/c/otra-1/")


def test_what_is_settled_is_said_to_be_done() -> None:
    world(line("1"), needed=1)
    Cell.objects.update(done=1)
    assert [said for _who, said, *_numbers in needs(Client().get("/").content.decode())] == ["hecho"]
