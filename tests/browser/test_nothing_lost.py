"""Nothing that somebody typed is lost and nothing counts twice: a tab killed, a network cut, a session that ended, a
token that is old, two tabs, two phones, a phone that others use."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_journeys import join, received, seat, sent

pytestmark = pytest.mark.browser
STORED = """async store => {
    const base = await new Promise(yes => { const ask = indexedDB.open("minka");
                                            ask.onsuccess = () => yes(ask.result); });
    const rows = await new Promise(yes => { const ask = base.transaction(store).objectStore(store).getAll();
                                            ask.onsuccess = () => yes(ask.result); });
    base.close();
    return rows;
}"""


def stored(page: Page, store: str) -> list[dict]:
    return list(page.evaluate(STORED, store))


def tap(page: Page, choice: str) -> None:
    page.wait_for_timeout(600)  # a tap in the first half second is taken for a slip
    page.locator(f"button[value={choice}]").click()


def log_in(page: Page, name: str) -> None:
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill("muy-larga-y-rara-7")
    page.locator("main form button").first.click()


def test_without_a_network_an_answer_waits_on_the_phone_and_is_sent_by_itself(rough_page: Page) -> None:
    page = rough_page
    join(page, "pares")
    first = seat(page)
    page.context.set_offline(True)
    tap(page, "a2")
    expect(page.locator("#unsent")).to_contain_text("En el teléfono: 1 por enviar")
    tap(page, "b2")
    page.wait_for_timeout(300)
    (row,) = stored(page, "outbox")
    assert "choice=a2" in row["body"], "what waits is not written over by another tap"
    assert seat(page) == first
    page.context.set_offline(False)
    expect(received(page)).to_be_visible()
    expect(page.locator("#unsent")).to_be_hidden()
    assert seat(page) != first
    assert stored(page, "outbox") == []
    assert len(sent(page)) == 1


def test_a_tab_killed_before_the_answer_is_sent_on_the_next_visit(rough_page: Page) -> None:
    page = rough_page
    join(page, "pares")
    first = seat(page)
    page.context.set_offline(True)
    tap(page, "tie")
    expect(page.locator("#unsent")).to_be_visible()
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/c/pares/rate/")
    expect(received(again)).to_be_visible()
    assert seat(again) != first
    assert len(sent(again)) == 1


def test_received_is_said_only_on_our_servers_word(rough_page: Page) -> None:
    """A network that answers everything itself, as a hotel's log-in page does, is no server of ours."""
    page = rough_page
    join(page, "pares")
    page.context.route(
        "**/send/", lambda route: route.fulfill(status=200, body="<h1>Hotel</h1>", content_type="text/html")
    )
    tap(page, "a1")
    page.wait_for_timeout(1500)
    assert received(page).count() == 0
    assert len(stored(page, "outbox")) == 1
    page.context.unroute("**/send/")
    page.reload()
    expect(received(page)).to_be_visible()
    assert len(sent(page)) == 1


def test_where_the_network_is_slow_the_way_around_it_is_shown(rough_page: Page) -> None:
    page = rough_page
    join(page, "pares")
    hint = page.get_by_role("link", name="Trabajar sin red").and_(page.locator("#slow a"))
    expect(hint).to_be_hidden()

    def slowly(route: Route) -> None:
        page.wait_for_timeout(3200)
        route.continue_()

    page.context.route("**/send/", slowly)
    tap(page, "a1")
    expect(hint).to_be_visible()
    page.context.unroute("**/send/")
    hint.click()
    page.wait_for_url("**/pack/")


def test_a_session_that_ended_in_the_middle_keeps_the_answer(rough_page: Page) -> None:
    page = rough_page
    name = join(page, "pares")
    page.context.clear_cookies(name="sessionid")
    tap(page, "a2")
    page.wait_for_url("**/login/?next=/c/pares/rate/")
    log_in(page, name)
    expect(received(page)).to_be_visible()
    page.wait_for_timeout(500)
    assert stored(page, "outbox") == []
    assert len(sent(page)) == 1


def test_a_token_that_rotated_meanwhile_costs_nothing(rough_page: Page) -> None:
    page = rough_page
    join(page, "pares")
    page.context.clear_cookies(name="csrftoken")
    tap(page, "b1")
    expect(received(page)).to_be_visible()
    assert len(sent(page)) == 1


def test_two_tabs_give_one_answer_and_the_other_is_kept_with_its_reason(rough_page: Page) -> None:
    page = rough_page
    join(page, "pares")
    other = page.context.new_page()
    other.goto("/c/pares/rate/")
    assert seat(other) == seat(page)
    tap(page, "a2")
    expect(received(page)).to_be_visible()
    tap(other, "b2")
    expect(other.locator(".problem")).to_contain_text("Ya hay una respuesta")
    expect(other.locator("#unsent")).to_contain_text("No se aceptaron: 1")
    other.locator("#unsent a").click()
    expect(other.locator("#phone")).to_contain_text("Ya hay una respuesta")
    other.get_by_role("button", name="Borrarla de aquí").click()
    expect(other.locator("#phone")).to_be_hidden()
    assert len(sent(page)) == 1


def test_what_was_begun_comes_back_after_the_tab_is_killed(rough_page: Page) -> None:
    page = rough_page
    join(page, "ternas")
    page.context.route("**/draft/", lambda route: route.abort())
    for letter, place in (("a", 2), ("b", 1)):
        page.locator(f".output.{letter} .places label", has_text=str(place)).tap()
    page.wait_for_timeout(100)
    page.close()
    again = page.context.new_page()
    again.goto("/c/ternas/rate/")
    expect(again.locator("[data-work] input:checked")).to_have_count(2)


def test_the_next_person_on_a_shared_phone_sees_and_sends_nothing_of_it(rough_page: Page) -> None:
    page = rough_page
    join(page, "pares")
    page.context.set_offline(True)
    tap(page, "a2")
    expect(page.locator("#unsent")).to_be_visible()
    page.context.set_offline(False)
    page.context.route("**/send/", lambda route: route.abort())  # it cannot leave before the next one comes
    page.context.clear_cookies()
    join(page, "pares")
    page.context.unroute("**/send/")
    page.reload()
    page.wait_for_timeout(800)
    expect(page.locator("#unsent")).to_be_hidden()
    assert sent(page) == []
    expect(page.locator("#phone")).to_be_hidden()
    assert len(stored(page, "outbox")) == 1, "it waits for its owner"


@pytest.mark.parametrize("what", ["send", "lose", "stay"])
def test_logging_out_with_unsent_work_asks_first(rough_page: Page, what: str) -> None:
    page = rough_page
    name = join(page, "pares")
    page.context.route("**/send/", lambda route: route.abort())
    tap(page, "a2")
    expect(page.locator("#unsent")).to_be_visible()
    page.goto("/me/")
    expect(page.locator("#phone")).to_contain_text("Espera para enviarse")
    page.locator("form.leave button").click()
    expect(page.get_by_role("dialog")).to_contain_text("todavía no se envió")
    if what == "stay":
        page.get_by_role("button", name="Quedarse").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        assert len(stored(page, "outbox")) == 1
        return
    if what == "send":
        page.locator("#leaving button[value=send]").click()
        expect(page.locator("#leaving [role=alert]")).to_be_visible()
        page.context.unroute("**/send/")
    page.locator(f"#leaving button[value={what}]").click()
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))
    page.goto("/login/")
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0
    log_in(page, name)
    page.wait_for_url("**/rate/")
    assert len(sent(page)) == (1 if what == "send" else 0)


def test_a_log_out_with_nothing_unsent_asks_nothing(rough_page: Page) -> None:
    join(rough_page, "pares")
    tap(rough_page, "a2")
    expect(received(rough_page)).to_be_visible()
    rough_page.goto("/me/")
    rough_page.locator("form.leave button").click()
    rough_page.wait_for_url(re.compile(r"^http://[^/]+/$"))


# Texts. No kind of this house asks for one yet, so a field is put into the form on its way to the browser -------------


def join_with_a_text(page: Page, slug: str, *, saved: bool = False) -> str:
    """With `saved` the form asks the server to save drafts, which knows no such field; without, as a guest's form."""

    def add(route: Route) -> None:
        answer = route.fetch()
        if answer.url != route.request.url:  # the door: the browser goes there itself
            route.continue_()
            return
        field = '<textarea name="text" aria-label="text"></textarea><div class="dock">'
        html = answer.text().replace('<div class="dock">', field, 1)
        route.fulfill(response=answer, body=html if saved else re.sub(r'data-draft="[^"]*"', "", html))

    name = join(page, slug)
    page.context.route(re.compile(r"/rate/$"), add)
    page.reload()
    return name


def writes(page: Page, words: str) -> None:
    page.locator("textarea[name=text]").focus()
    page.keyboard.insert_text(words)


def test_of_two_thousand_characters_none_is_lost_when_the_tab_is_killed(rough_page: Page) -> None:
    page = rough_page
    join_with_a_text(page, "pares")
    words = "Ñandú, pingüino y 🌻: " * 91
    writes(page, words)
    page.wait_for_timeout(50)
    page.close()
    again = page.context.new_page()
    again.goto("/c/pares/rate/")
    expect(again.locator("textarea[name=text]")).to_have_value(words)


def test_a_text_saved_elsewhere_since_is_shown_beside_ones_own(rough_page: Page) -> None:
    page = rough_page
    join_with_a_text(page, "pares", saved=True)
    newer = {"code": "newer_draft", "detail": "", "errors": {"fields": {"text": "Del escritorio"}, "version": 3}}
    page.context.route("**/draft/", lambda route: route.fulfill(status=409, json=newer))
    writes(page, "Del teléfono")
    expect(page.locator(".texts pre")).to_have_text(["Del teléfono", "Del escritorio"])
    page.context.unroute("**/draft/")
    with page.expect_request("**/draft/") as saved:
        page.get_by_role("button", name="Seguir con este").nth(1).click()
    expect(page.locator("textarea[name=text]")).to_have_value("Del escritorio")
    expect(page.locator(".texts")).to_have_count(0)
    assert "version=3" in (saved.value.post_data or ""), "it goes on from the newer one, and says so"


def test_a_browser_that_writes_nothing_down_would_lose_it(rough_page: Page) -> None:
    """The sabotaged twin: the same journey must turn red."""
    page = rough_page

    def forgetful(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('whole.objectStore("outbox").put(row)', "0"))

    page.context.route(re.compile(r"table.*js$"), forgetful)
    join(page, "pares")
    page.context.set_offline(True)
    tap(page, "tie")
    page.wait_for_timeout(300)
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/c/pares/rate/")
    again.wait_for_timeout(800)
    assert sent(again) == []
