"""The moderators' panel in a real browser: a ring of five accounts is found on the page of one of them, taken out by
two people, and put back; every book balances."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, House, Visit
from tests.browser.moderators import ITEMS, PASSWORD, RING
from tests.browser.test_accounts import log_in
from tests.cast import in_days, line

pytestmark = pytest.mark.browser

OF_THE_RING = re.compile("anillo-[0-9]")


def told(house: House, call: str) -> Any:
    return json.loads(
        house.manage("shell", "-c", f"from tests.browser.moderators import {call}; {call}()").split("\n")[-2]
    )


@pytest.fixture(scope="module")
def ring(house: House) -> dict[str, int]:
    found: dict[str, int] = told(house, "build")
    return found


def moderator(visit: Visit, name: str, device: dict[str, Any] = DESK) -> Page:
    page = visit(device)
    log_in(page, name, PASSWORD)
    page.goto("/admin/")
    return page


def test_a_ring_of_five_is_found_taken_out_by_two_and_the_books_balance(
    house: House, visit: Visit, ring: dict[str, int]
) -> None:
    carmen = moderator(visit, "carmen-m")
    carmen.goto(f"/admin/annotations/person/{ring['ring']}/change/")
    linked = carmen.locator("input[name=with]")
    expect(linked).to_have_count(4)
    for name in RING[1:]:
        carmen.get_by_label(name, exact=True).check()
    carmen.get_by_role("button", name="Retirar lo que dieron estas cuentas y esta").click()
    expect(carmen.locator("#id_people")).to_have_value(",".join(RING))
    expect(carmen.get_by_role("row", name=re.compile("juicios que se retiran"))).to_contain_text(str(5 * ITEMS))
    carmen.locator("#id_code").select_option("several")
    carmen.locator("#id_words").fill("Cinco cuentas que votan igual en todo.")
    carmen.locator("[name=_save]").click()
    expect(carmen.locator("#result_list tbody tr", has_text=OF_THE_RING)).to_have_count(5)

    dora = moderator(visit, "dora-m")
    dora.get_by_role("link", name="Purgas que esperan a una segunda persona").click()
    waiting = dora.locator("[data-row]")
    expect(waiting.filter(has_text=OF_THE_RING)).to_have_count(5)
    dora.wait_for_load_state()  # rows are there before the keys listen
    for _row in range(waiting.count()):  # others may wait in this house too
        dora.keyboard.press("j")
        if dora.locator(".here", has_text=OF_THE_RING).count():
            break
    dora.keyboard.press("Enter")
    expect(dora.get_by_role("row", name=re.compile("juicios que se retiran"))).to_contain_text(str(ITEMS))
    dora.locator("#id_agrees").check()
    dora.locator("[name=_save]").click()
    dora.goto("/admin/annotations/purge/")
    for row in dora.locator("#result_list tbody tr", has_text=OF_THE_RING).all():
        row.locator("input.action-select").check()
    dora.locator("select[name=action]").select_option("agree")
    dora.locator("button[name=index]").click()
    expect(dora.get_by_role("row", name=re.compile("juicios que se retiran"))).to_contain_text(str(4 * ITEMS))
    dora.locator("input[type=submit]").click()
    expect(dora.locator(".messagelist")).to_contain_text("4 quedan aprobadas")

    house.manage("shell", "-c", "from tests.browser.moderators import work; work()")
    assert told(house, "books") == {"wrong": [], "left": 0}

    carmen.goto("/admin/annotations/purge/")
    carmen.get_by_role("link", name=RING[0]).click()
    carmen.locator("#id_why").fill("Era una clase que hizo un ejercicio.")
    carmen.locator("[name=_save]").click()
    house.manage("shell", "-c", "from tests.browser.moderators import work; work()")
    assert told(house, "books") == {"wrong": [], "left": ITEMS}


def test_a_dispute_is_decided_by_hand_from_the_board_with_the_keyboard(
    visit: Visit, house: House, ring: dict[str, int]
) -> None:
    dora = moderator(visit, "dora-m")
    dora.goto(f"/admin/annotations/item/{ring['item']}/change/")
    dora.get_by_role("link", name="Decidir a mano").click()
    dora.locator("[name=choice]").nth(1).check()
    dora.locator("[name=strength]").select_option("1")
    dora.locator("[name=reason]").fill("Solo la segunda contesta.")
    dora.locator("input[type=submit]").click()
    expect(dora.locator("body")).to_contain_text("adjudicated")
    expect(dora.locator("body")).to_contain_text("Solo la segunda contesta.")


def test_an_appeal_is_granted_by_somebody_who_had_no_part_in_it(visit: Visit, ring: dict[str, int]) -> None:
    person = visit(PHONE)
    log_in(person, "apelante", PASSWORD)
    expect(person.locator("main")).to_be_visible()
    carmen = moderator(visit, "carmen-m")
    carmen.goto("/admin/annotations/sanction/add/")
    carmen.locator("#id_person").fill(str(ring["paused"]))
    carmen.locator("#id_kind").select_option("paused")
    carmen.locator("#id_code").select_option("hurried")
    carmen.locator("#id_words").fill("Hay respuestas más rápidas que la lectura.")
    carmen.locator("#id_ends_at_0").fill(f"{in_days(5):%F}")
    carmen.locator("#id_ends_at_1").fill("12:00")
    carmen.locator("[name=_save]").click()
    expect(carmen.locator("#result_list")).to_contain_text("apelante")

    person.goto("/me/standing/")
    expect(person.locator("main h2").first).to_contain_text("En pausa")
    expect(person.locator("main")).to_contain_text("Hay respuestas más rápidas que la lectura.")
    person.locator("details.object summary").click()
    person.locator("details.object textarea").fill("Ya conocía esas preguntas.")
    person.locator("details.object button").click()
    expect(person.locator("main")).to_contain_text("Ya conocía esas preguntas.")

    carmen.goto("/admin/queue/appeals/")
    expect(carmen.locator("[data-row]", has_text="Ya conocía esas preguntas.")).to_have_count(0)
    dora = moderator(visit, "dora-m")
    dora.get_by_role("link", name="Apelaciones").first.click()
    dora.get_by_role("link", name="Ya conocía esas preguntas.").first.click()
    dora.locator("#id_decided").select_option("yes")
    dora.locator("#id_words").fill("Es verdad: disculpas.")
    dora.locator("[name=_save]").click()

    person.goto("/me/standing/")
    expect(person.locator("main")).to_contain_text("Es verdad: disculpas.")
    person.goto("/rate/")
    expect(person.locator("main form[data-work]")).to_have_count(1)


def test_a_lead_tries_a_file_brings_it_in_and_sees_it_as_a_volunteer(
    visit: Visit, ring: dict[str, int], tmp_path: Path
) -> None:
    lidia = moderator(visit, "lidia-l")
    campaign = f"/admin/annotations/campaign/{ring['campaign']}/"
    lidia.goto(f"{campaign}change/")
    expect(lidia.locator("table.waits")).to_contain_text("es-CL")
    lidia.get_by_role("link", name="Importar tareas").click()
    file = tmp_path / "nuevas.jsonl"
    rows = [line("nueva-1", prompt="¿Se ve esta pregunta?"), line("mala", variety="xx-XX")]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    for tries in (True, False):
        lidia.locator("#id_file").set_input_files(file)
        lidia.locator("#id_only_try").set_checked(tries)
        lidia.locator(".submit-row input").click()
        expect(lidia.get_by_role("row", name=re.compile("tareas agregadas"))).to_contain_text("1")
        expect(lidia.get_by_role("row", name=re.compile("mala"))).to_contain_text("variety")
    lidia.goto(f"{campaign}preview/?item={ITEMS}")
    expect(lidia.locator("main")).to_contain_text("¿Se ve esta pregunta?")
    expect(lidia.locator("[inert] button").first).to_be_attached()
    phone = moderator(visit, "lidia-l", PHONE)
    for address in (f"{campaign}change/", f"{campaign}preview/", f"{campaign}import/", "/admin/day/", "/admin/thanks/"):
        phone.goto(address)
        wide = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} is {wide} pixels too wide"


def test_no_page_of_the_panel_scrolls_sideways_on_a_phone(visit: Visit, ring: dict[str, int]) -> None:
    page = moderator(visit, "carmen-m", PHONE)
    for address in (
        "", "queue/signals/", f"annotations/person/{ring['ring']}/change/", f"annotations/item/{ring['item']}/change/",
        f"annotations/purge/add/?people={RING[0]}", f"annotations/item/act/more/?items={ring['item']}",
    ):  # fmt: skip
        page.goto(f"/admin/{address}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"/admin/{address} is {wide} pixels too wide"


def test_a_steward_holds_a_record_that_a_speaker_marked(visit: Visit, ring: dict[str, int]) -> None:
    speaker = visit(PHONE)
    log_in(speaker, "hablante-ayr", PASSWORD)
    speaker.goto("/c/saber/rate/")
    expect(speaker.locator(".asked")).to_contain_text("achachilanakax")
    speaker.locator("details.ways summary").click()
    speaker.get_by_role("link", name="No es para todo el mundo").click()
    speaker.locator("[name=knowledge]").first.check()
    speaker.locator("textarea").fill("Solo se cuenta en casa.")
    speaker.locator("main form button").click()
    speaker.goto("/c/saber/rate/")
    expect(speaker.locator("main form[data-work]")).to_have_count(0)

    steward = visit(DESK)
    log_in(steward, "vocera-ayr-0", "muy-larga-y-rara")
    steward.goto("/v/ayr/stewards/")
    held = steward.locator("article", has_text="achachilanakax")
    expect(held).to_contain_text("Solo se cuenta en casa.")
    held.locator("input[name=reason]").fill("Es de la comunidad.")
    held.get_by_role("button", name="Sigue oculto").click()
    expect(steward.locator("article", has_text="achachilanakax")).to_contain_text("Revisado; sigue oculto")

    carmen = moderator(visit, "carmen-m")
    carmen.goto(f"/admin/annotations/item/{ring['secret']}/change/")
    expect(carmen.locator("body")).not_to_contain_text("achachilanakax")
    carmen.goto("/admin/annotations/item/?q=secreto")
    expect(carmen.locator("#result_list tbody tr")).to_have_count(0)


def test_a_note_is_answered_in_the_open(visit: Visit, ring: dict[str, int]) -> None:
    person = visit(PHONE)
    log_in(person, "pregunta", PASSWORD)
    person.goto("/c/abierta/rate/")
    person.locator("details.ways summary").click()
    person.get_by_role("link", name="Preguntar al equipo de moderación").click()
    person.locator("textarea").fill("¿Y si las dos respuestas mienten?")
    person.locator("main form button").click()
    expect(person.locator("main")).to_contain_text("Espera respuesta")

    carmen = moderator(visit, "carmen-m")
    carmen.get_by_role("link", name="Notas al equipo de moderación").first.click()
    carmen.get_by_role("link", name="¿Y si las dos respuestas mienten?").click()
    expect(carmen.locator("main")).to_contain_text("Respuesta larga")
    carmen.locator("#id_words").fill("Entonces las dos son malas: hay un botón para eso.")
    carmen.locator("#id_in_the_open").check()
    carmen.locator("#id_question").fill("¿Qué se elige si ninguna dice la verdad?")
    carmen.locator("[name=_save]").click()

    person.goto("/me/")
    person.get_by_role("link", name="Leerla").click()
    expect(person.locator("main")).to_contain_text("hay un botón para eso")
    guest = visit(PHONE)
    guest.goto("/guidelines/vote/")
    guest.locator("summary", has_text="¿Qué se elige si ninguna dice la verdad?").click()
    expect(guest.locator("details[open]")).to_contain_text("hay un botón para eso")


def test_a_campaign_by_link_is_entered_by_who_has_it(visit: Visit, ring: dict[str, int]) -> None:
    lidia = moderator(visit, "lidia-l")
    lidia.goto(f"/admin/annotations/campaign/{ring['private']}/change/")
    lidia.locator("#id_access").select_option("link")
    lidia.locator("#id_time_zone").select_option("America/Asuncion")
    lidia.locator("#id_ends_at_0").fill(f"{in_days(9):%F}")
    lidia.locator("#id_ends_at_1").fill("18:00")
    lidia.locator("[name=_continue]").click()
    expect(lidia.locator("#id_ends_at_1")).to_have_value("18:00:00")
    lidia.get_by_role("link", name="Quién participa").click()
    link = lidia.locator("code").inner_text()

    person = visit(PHONE)
    log_in(person, "invitada", PASSWORD)
    person.goto("/c/taller/rate/")
    expect(person.locator("main h1")).to_contain_text("por invitación")
    person.goto(link)
    person.get_by_role("button", name="Participar").click()
    expect(person.locator("main form[data-work]")).to_have_count(1)
    person.goto("/c/taller/")
    expect(person.locator("main")).to_contain_text("18:00 (Asunción)")
    phone = moderator(visit, "lidia-l", PHONE)
    phone.goto(f"/admin/annotations/campaign/{ring['private']}/people/")
    assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    lidia.reload()
    expect(lidia.locator("table.waits")).to_contain_text("invitada")
