"""Work without a network: a pack is taken along, done where there is none, and received once when one is back."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import PHONE, House
from tests.browser.test_journeys import join, sent
from tests.browser.test_nothing_lost import log_in, stored, tap

pytestmark = pytest.mark.browser
WORK = "/pack/away/"


@pytest.fixture
def page(rough_page: Page, house: House, request: pytest.FixtureRequest) -> Page:
    """A campaign of its own for each journey, large enough for a pack of four."""
    slug = f"lejos-{abs(hash(request.node.name)) % 10**8}"
    items = [
        {"id": f"l{number}", "variety": "es-CL", "prompt": f"¿Qué llevo al cerro? ({number})", "licence": "CC0-1.0",
         "outputs": [{"model": "m-1", "text": "Agua y pan."}, {"model": "m-2", "text": "Nada."}]}
        for number in range(7)
    ]  # fmt: skip
    file = house.home / f"{slug}.jsonl"
    file.write_text("\n".join(map(json.dumps, items)), "utf-8")
    house.manage("load_items", slug, str(file), "--strict")
    rough_page.slug = slug  # type: ignore[attr-defined]
    return rough_page


def take(page: Page) -> str:
    """Join, take a pack along, and have it on the phone. Returns who did."""
    name = join(page, page.slug)  # type: ignore[attr-defined]
    page.goto("/pack/")
    page.locator("li", has=page.locator(f"input[value={page.slug}]")).get_by_role("button").click()  # type: ignore[attr-defined]
    expect(page.locator("#carried")).to_contain_text("funciona sin red: 4")
    return name


def turn(page: Page) -> str:
    return page.locator("#task [name=assignment]").input_value()


def vote(page: Page, choice: str) -> None:
    before = turn(page)
    tap(page, choice)
    page.wait_for_function(
        "before => !document.querySelector(`#task [name=assignment][value='${before}']`)", arg=before
    )


def go_far(page: Page) -> None:
    page.context.set_offline(True)
    page.goto(WORK)
    expect(page.locator(".far")).to_have_text("4 por hacer")


def meanwhile(house: House, code: str) -> None:
    """What happens on the server while the phone is away."""
    house.manage("shell", "-c", f"from annotations.models import *; from django.utils import timezone\n{code}")


def test_a_pack_is_done_without_a_network_and_received_once(page: Page) -> None:
    take(page)
    go_far(page)
    vote(page, "a2")
    vote(page, "tie")
    expect(page.locator("#queue")).to_contain_text("En el teléfono: 2 por enviar")
    page.close()
    again = page.context.new_page()
    again.goto(WORK)
    expect(again.locator(".far")).to_have_text("2 por hacer")
    vote(again, "b1")
    again.locator(".ways summary").click()
    again.get_by_role("button", name="No lo sé").click()
    expect(again.get_by_role("heading", name="Todo lo del paquete está hecho.")).to_be_focused()
    expect(again.locator("#queue")).to_contain_text("En el teléfono: 4 por enviar")
    again.context.set_offline(False)
    expect(again.locator("#queue")).to_contain_text("Recibidas: 4", timeout=15_000)
    assert (stored(again, "outbox"), stored(again, "turns")) == ([], [])
    told = sent(again)
    assert len(told) == 4
    assert all("Recibida" in each for each in told)


def test_the_last_answer_is_taken_back_while_it_waits_with_all_that_was_written(page: Page) -> None:
    take(page)
    go_far(page)
    first = turn(page)
    page.locator(".because summary").click()
    page.locator("[name=reason]").fill("Así se dice acá.")
    vote(page, "a2")
    page.locator("#queue").get_by_role("button", name="Deshacer").click()
    expect(page.locator(f"#task [name=assignment][value='{first}']")).to_have_count(1)
    expect(page.locator("[name=reason]")).to_have_value("Así se dice acá.")
    assert stored(page, "outbox") == []
    vote(page, "tie")
    page.context.set_offline(False)
    expect(page.locator("#queue")).to_contain_text("Recibidas: 1", timeout=15_000)
    expect(page.locator("#queue button")).to_be_hidden()
    assert len(sent(page)) == 1


def test_with_a_network_each_answer_of_a_pack_is_received_at_once(page: Page) -> None:
    take(page)
    page.goto(WORK)
    vote(page, "a2")
    expect(page.locator("#queue")).to_contain_text("Recibidas: 1")
    assert len(sent(page)) == 1


def test_whatever_is_opened_without_a_network_leads_to_the_pack(page: Page) -> None:
    take(page)
    page.context.set_offline(True)
    page.goto("/me/")
    expect(page.locator(".far")).to_have_text("4 por hacer")


def test_the_queue_is_worked_through_by_keys_and_they_are_told(page: Page) -> None:
    take(page)
    go_far(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("li")).to_have_count(7)
    expect(dialog.locator("li").nth(2)).to_have_text("Están parejas 3")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".prompt")).to_be_focused()
    page.wait_for_timeout(600)
    page.keyboard.press("3")
    expect(page.locator(".far")).to_have_text("3 por hacer")
    (row,) = stored(page, "outbox")
    assert "choice=tie" in row["body"]
    assert "offline=on" in row["body"]


def test_logging_out_leaves_nothing_of_it_on_the_phone(page: Page) -> None:
    take(page)
    page.goto("/me/")
    page.locator("form.leave button").click()
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))
    left = "async () => [(await indexedDB.databases()).length, (await caches.keys()).length]"
    assert page.evaluate(left) == [0, 0]
    page.goto(WORK)
    expect(page.get_by_role("heading", name="Ahora nadie ha entrado aquí.")).to_be_visible()
    assert page.locator("#task").inner_html() == ""


def test_the_next_person_on_a_shared_phone_sees_nothing_of_it_with_or_without_a_network(page: Page) -> None:
    take(page)
    page.context.clear_cookies()
    join(page, page.slug)  # type: ignore[attr-defined]
    page.goto(WORK)
    expect(page.get_by_role("heading", name="No hay ningún paquete en este teléfono.")).to_be_visible()
    page.context.set_offline(True)
    page.goto(WORK)
    expect(page.get_by_role("heading", name="No hay ningún paquete en este teléfono.")).to_be_visible()
    assert page.locator("#task").inner_html() == ""
    assert {row["place"] for row in stored(page, "turns")} != {page.locator("#turn").get_attribute("data-place")}


def test_a_session_that_ended_far_away_loses_nothing(page: Page) -> None:
    name = take(page)
    go_far(page)
    vote(page, "a1")
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Ahora nadie ha entrado aquí.")).to_be_visible(timeout=15_000)
    assert page.locator("#task").inner_html() == ""
    page.get_by_role("link", name="Entrar", exact=True).click()
    log_in(page, name)
    expect(page.locator(".far")).to_have_text("3 por hacer")
    assert len(sent(page)) == 1


def test_after_its_days_what_was_done_is_received_and_the_rest_leaves_the_phone(page: Page, house: House) -> None:
    take(page)
    go_far(page)
    vote(page, "a1")
    meanwhile(house, "Pack.objects.update(expires_at=timezone.now()); from annotations.assignments.seats import *\n"
                     "Assignment.objects.update(expires_at=timezone.now()); expire_seats()")  # fmt: skip
    page.context.set_offline(False)
    expect(page.locator("#note")).to_contain_text("Pasaron los días del paquete", timeout=15_000)
    expect(page.get_by_role("heading", name="No hay ningún paquete en este teléfono.")).to_be_visible()
    expect(page.locator("#queue")).to_contain_text("Recibidas: 1")
    assert len(sent(page)) == 1
    page.goto("/pack/")
    expect(page.get_by_text("Pasaron los días del paquete")).to_be_visible()


def test_a_campaign_that_closed_meanwhile_still_receives(page: Page, house: House) -> None:
    take(page)
    go_far(page)
    vote(page, "a1")
    meanwhile(house, f"Campaign.objects.filter(slug={page.slug!r}).update(state='closed')")  # type: ignore[attr-defined]
    page.context.set_offline(False)
    expect(page.locator("#note")).to_contain_text("La campaña se cerró mientras tanto", timeout=15_000)
    expect(page.locator("#queue")).to_contain_text("Recibidas: 1")


def test_what_was_hidden_meanwhile_is_shown_no_more_and_its_words_stay_with_who_wrote_them(
    page: Page, house: House
) -> None:
    take(page)
    go_far(page)
    page.locator(".because summary").click()
    page.locator("[name=reason]").fill("Mi abuela lo diría así.")
    page.wait_for_timeout(300)
    meanwhile(house, "from annotations.assignments.seats import give_back\n"
                     f"seat = Assignment.objects.get(pk={turn(page)!r})\n"
                     "give_back(person=seat.person, assignment_id=seat.pk)")  # fmt: skip
    page.context.set_offline(False)
    expect(page.locator(".far")).to_have_text("3 por hacer", timeout=15_000)
    page.goto("/me/")
    expect(page.locator("#phone")).to_contain_text("Mi abuela lo diría así.")
    expect(page.locator("#phone")).to_contain_text("Ya no se pregunta.")


def test_of_two_tabs_the_second_answer_is_kept_with_its_reason(page: Page) -> None:
    take(page)
    go_far(page)
    other = page.context.new_page()
    other.goto(WORK)
    assert turn(other) == turn(page)
    other.locator(".because summary").click()
    other.locator("[name=reason]").fill("Otra razón.")
    other.wait_for_timeout(300)
    vote(page, "a2")
    vote(other, "b2")
    page.context.set_offline(False)
    page.close()
    expect(other.locator("#unsent")).to_contain_text("No se aceptaron: 1", timeout=15_000)
    other.goto("/me/")
    expect(other.locator("#phone")).to_contain_text("Otra razón.")
    assert len(other.locator(".rows .meta b.leaf").all()) == 1


def test_given_back_nothing_of_it_stays(page: Page) -> None:
    take(page)
    page.get_by_role("button", name="Devolver lo que no se hizo").click()
    expect(page.get_by_role("button", name="Llevar").first).to_be_visible()
    page.wait_for_timeout(800)
    assert stored(page, "turns") == []


def test_it_can_be_installed(page: Page) -> None:
    take(page)
    told = page.evaluate("""async () => {
        const manifest = await (await fetch(document.querySelector("link[rel=manifest]").href)).json();
        const icons = await Promise.all(manifest.icons.map(async ({ src, type }) => {
            const icon = await fetch(src);
            const whole = await createImageBitmap(type.includes("svg") ? new ImageData(1, 1) : await icon.blob());
            return [icon.status, icon.headers.get("content-type"), type, whole.width];
        }));
        const { scope, active } = await navigator.serviceWorker.ready;
        return { manifest, icons, scope: new URL(scope).pathname, worker: new URL(active.scriptURL).pathname };
    }""")
    assert [icon[:3] for icon in told["icons"]] == [
        *[[200, "image/png", "image/png"]] * 3, [200, "image/svg+xml", "image/svg+xml"]
    ]  # fmt: skip
    assert [icon[3] for icon in told["icons"][:3]] == [192, 512, 512]
    assert (told["scope"], told["worker"]) == ("/", "/sw.js")
    manifest = told["manifest"]
    assert {"name", "short_name", "start_url", "display", "icons", "theme_color", "background_color"} <= set(manifest)
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def test_nothing_is_fetched_that_was_not_asked_for(page: Page) -> None:
    """Who saves data is promised no less than this; it holds for everybody."""
    join(page, page.slug)  # type: ignore[attr-defined]
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1_500)
    assert asked == []
    page.locator(".menu summary").tap()
    page.get_by_role("button", name="Datos usados").tap()
    expect(page.locator("[data-used]")).to_have_text(re.compile(r"^Datos usados aquí: [1-9]\d* KB$"))


def test_nothing_is_registered_before_a_pack_is_asked_for(page: Page) -> None:
    join(page, page.slug)  # type: ignore[attr-defined]
    page.goto("/me/")
    page.goto("/pack/")
    page.wait_for_timeout(500)
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0


def test_a_pack_that_did_not_write_down_would_lose_what_was_done(house: House, chromium: Browser) -> None:
    """The sabotaged twin: the same journey must turn red. Without a worker, so that the script can be changed."""
    context = chromium.new_context(base_url=house.base, locale="es-PE", service_workers="block", **PHONE)

    def forgetful(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace('whole.objectStore("outbox").put(row)', "void row")
        route.fulfill(response=answer, body=text)

    context.route(re.compile(r"table.*js$"), forgetful)
    page = context.new_page()
    try:
        join(page, "pares")
        page.goto("/pack/")
        page.locator("li", has=page.locator("input[value=pares]")).get_by_role("button").click()
        page.wait_for_function("async () => (await indexedDB.databases()).length > 0")
        page.goto(WORK)
        page.locator("#task form").wait_for()
        context.set_offline(True)
        vote(page, "a2")
        page.close()
        context.set_offline(False)
        again = context.new_page()
        again.goto(WORK)
        again.wait_for_timeout(1_000)
        assert sent(again) == []
    finally:
        context.close()
