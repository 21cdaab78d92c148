"""A campaign's page says what stands in its way and when each variety will have what it wants; it can be seen as a
volunteer sees it, filled from a file that is tried first, and begun again as another."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments import kinds
from annotations.assignments.models import Assignment, Campaign, Cell, Item, Judgement
from annotations.moderation.campaigns.checks import checks_of
from annotations.moderation.campaigns.forecast import Limits, forecast, judge
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from annotations.people.remits.models import Remit
from annotations.quality.actions import settle_due
from annotations.quality.order.models import Quota
from tests.assignments.test_table import client_of
from tests.cast import NO_QUOTAS, answer, in_days, line, people, seat_at, world

pytestmark = pytest.mark.django_db
ABOUT = {"about": "Para saber."}


@pytest.fixture
def elisa(seeds: None) -> Client:
    seed_people()
    return client_of(Person.objects.get(username="elisa"))


def stops(campaign: Campaign) -> list[str]:
    with translation.override("en"):
        return [check.words for check in checks_of(campaign, forecast(campaign)) if check.stops]


def warns(campaign: Campaign) -> list[str]:
    with translation.override("en"):
        return [check.words for check in checks_of(campaign, forecast(campaign)) if not check.stops]


# The forecast --------------------------------------------------------------------------------------------------------

FEW = st.integers(0, 50)
LIMITS = st.builds(
    Limits, needed=st.integers(1, 10), most_a_day=st.none() | st.integers(1, 50),
    most_in_all=st.none() | st.integers(1, 50), days=st.none() | st.floats(-5, 50),
)  # fmt: skip


@given(left=FEW, speakers=FEW, pace=st.floats(0, 100), limits=LIMITS)
def test_what_is_possible_stays_so_with_more_people_more_pace_and_less_to_do(
    left: int, speakers: int, pace: float, limits: Limits
) -> None:
    order = ("impossible", "still", "late", "going", "in_time", "done")
    now = order.index(judge(left, speakers, pace, limits)[0])
    better = [
        judge(left, speakers + 1, pace, limits),
        judge(left, speakers, pace + 1, limits),
        judge(max(0, left - 1), speakers, pace, limits),
    ]
    assert all(order.index(state) >= now for state, _why in better)


@given(left=st.integers(1, 50), speakers=FEW, pace=st.floats(0, 100), limits=LIMITS)
def test_whatever_is_not_on_its_way_says_why(left: int, speakers: int, pace: float, limits: Limits) -> None:
    state, why = judge(left, speakers, pace, limits)
    assert bool(why) == (state in ("impossible", "still", "late"))


@pytest.mark.parametrize(
    ("left", "speakers", "pace", "limits", "said"),
    [
        (0, 0, 0, Limits(3), ("done", "")),
        (9, 2, 5, Limits(3), ("impossible", "too_few")),
        (10, 3, 5, Limits(3, most_in_all=3), ("impossible", "in_all")),
        (9, 3, 5, Limits(3, most_in_all=3), ("going", "")),
        (9, 3, 5, Limits(3, most_a_day=1, days=2.5), ("in_time", "")),
        (10, 3, 5, Limits(3, most_a_day=1, days=2.5), ("impossible", "a_day")),
        (9, 3, 5, Limits(3, days=-1), ("late", "over")),
        (9, 3, 0, Limits(3, days=9), ("still", "still")),
        (9, 3, 0, Limits(3), ("still", "still")),
        (9, 3, 1, Limits(3, days=8), ("late", "late")),
        (9, 3, 1, Limits(3, days=9), ("in_time", "")),
    ],
)
def test_how_it_stands(left: int, speakers: int, pace: float, limits: Limits, said: tuple[str, str]) -> None:
    assert judge(left, speakers, pace, limits) == said


def test_each_variety_is_told_with_its_people_and_its_pace(seeds: None) -> None:
    campaign = world(*(line(str(n)) for n in range(4)), line("mx", variety="es-MX"), **ABOUT)
    three = people(3)
    volunteer("de-chiloe", None, "es-CL-x-chiloe")
    volunteer("mexicana", None, "es-MX")
    for person in three:
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    mexico, chile = forecast(campaign)
    assert (mexico.variety, mexico.state, mexico.why, mexico.speakers, mexico.left) == (
        "es-MX", "impossible", "too_few", 1, 3
    )  # fmt: skip
    assert (chile.variety, chile.state, chile.speakers, chile.left) == ("es-CL", "going", 4, 9)
    assert chile.measured
    assert chile.pace == 3
    assert chile.ready_on == (timezone.now() + dt.timedelta(days=3)).date()


def test_before_anybody_gave_anything_the_house_s_pace_stands_in(seeds: None) -> None:
    other = world(*(line(str(n)) for n in range(10)), slug="otra")
    (ana, *_others) = people(3)
    for _item in range(10):
        answer(ana, seat_at(ana, other), {"preferred": "a"})
    (chile,) = forecast(world(*(line(f"n{n}") for n in range(4))))
    assert not chile.measured
    assert chile.pace == pytest.approx(3 * 10 / 3 / 30)


def test_a_quota_is_what_is_wanted(seeds: None) -> None:
    campaign = world(*(line(str(n)) for n in range(4)))
    people(3)
    Quota.objects.create(campaign=campaign, facet="variety", value="es-CL", wanted=2)
    (chile,) = forecast(campaign)
    assert chile.left == 6


def test_what_has_not_begun_is_counted_from_its_beginning(seeds: None) -> None:
    other = world(*(line(str(n)) for n in range(10)), slug="otra")
    several = people(3)
    for person in several:
        for _item in range(10):
            answer(person, seat_at(person, other), {"preferred": "a"})
    (chile,) = forecast(world(line("n"), starts_at=in_days(20), ends_at=in_days(22)))
    assert (chile.pace, chile.state) == (1, "late"), "three are wanted in two days"
    assert chile.ready_on == (timezone.now() + dt.timedelta(days=23)).date()


def test_what_is_settled_is_not_wanted(seeds: None) -> None:
    campaign = world(line("1"))
    for person in people(3):
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    settle_due()
    (chile,) = forecast(campaign)
    assert (chile.state, chile.left, chile.ready_on) == ("done", 0, None)


# What stands in its way ----------------------------------------------------------------------------------------------


def test_nothing_stands_in_the_way_of_a_campaign_that_has_all_it_needs(seeds: None) -> None:
    people(3)
    campaign = world(line("1"), **ABOUT)
    assert stops(campaign) == []
    assert warns(campaign) == []


def test_an_empty_one_is_told_so(seeds: None) -> None:
    campaign = world()
    assert stops(campaign) == ["There is nothing to judge: import items."]
    assert warns(campaign) == ["It does not say what it is for."]


def test_too_few_speakers_are_told_of(seeds: None) -> None:
    people(2)
    assert stops(world(line("1"), **ABOUT)) == ["An item needs more people than speak it. es-CL (2)"]


def test_a_quota_beyond_the_items_is_told_of(seeds: None) -> None:
    people(3)
    campaign = world(line("1"), **ABOUT)
    Quota.objects.create(campaign=campaign, facet="variety", value="es-CL", wanted=5)
    assert stops(campaign) == ["variety es-CL: 5 items are wanted, and there are 1."]


def test_days_that_make_no_sense_are_told_of(seeds: None) -> None:
    people(3)
    campaign = world(line("1"), starts_at=in_days(3), ends_at=in_days(2), **ABOUT)
    assert stops(campaign) == ["It ends before it starts."]
    over = world(line("2"), slug="pasada", starts_at=in_days(-3), ends_at=in_days(-2), **ABOUT)
    assert stops(over) == ["It is open, and its end is over: nobody is asked anything."]


def test_what_is_held_back_and_what_no_release_would_hold_is_told_of(seeds: None) -> None:
    people(3)
    campaign = world(line("1"), line("rut", "Mi RUT es 12.345.678-5.", "Otra."), line("2", licence=""), **ABOUT)
    assert warns(campaign) == [
        "1 item is held back: somebody has to look at it.",
        "1 item has no licence: no release will hold it.",
    ]


def test_practice_gold_and_trust_that_is_missing_is_told_of(seeds: None) -> None:
    people(3)
    campaign = world(line("1"), practice=2, gold=50, anchored=20, **ABOUT)
    assert warns(campaign) == [
        "es-CL: 2 practice items are asked for, and there are 0.",
        "es-CL: too little gold, 0 items.",
        "es-CL: nobody is trusted there, and what is drawn waits until the end.",
    ]


def test_how_to_judge_is_written_in_all_our_languages(
    seeds: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    people(3)
    campaign = world(line("1"), **ABOUT)
    (tmp_path / "es.md").write_text("Así.")
    kind = kinds.get("vote")
    monkeypatch.setitem(kinds._registry, "vote", type(kind)(**{**vars(kind), "guidelines": tmp_path}))
    assert warns(campaign) == ["How to judge is not written in: pt-BR, en."]


# The page ------------------------------------------------------------------------------------------------------------


def page(campaign: Campaign, name: str = "change") -> str:
    return reverse(f"admin:annotations_campaign_{name}", args=[campaign.pk])


def test_the_page_tells_it(elisa: Client) -> None:
    campaign = world(line("1"), line("2", variety="es-MX"))
    shown = elisa.get(page(campaign)).content.decode()
    assert "de las que la hablan. es-CL (1), es-MX (2)" in shown
    assert "impossible" in shown


def test_the_page_asks_no_more_of_many_items_and_varieties(elisa: Client) -> None:
    campaign = world(line("1"))
    elisa.get(page(campaign))
    with CaptureQueriesContext(connection) as before:
        elisa.get(page(campaign))
    tags = ("es-MX", "es-AR", "es-PE")
    many = world(*(line(f"{tag}-{n}", variety=tag) for tag in tags for n in range(5)), slug="otra")
    with CaptureQueriesContext(connection) as after:
        elisa.get(page(many))
    assert len(after) <= len(before)


# As a volunteer ------------------------------------------------------------------------------------------------------


def test_a_preview_shows_the_turn_and_takes_no_seat(elisa: Client) -> None:
    campaign = world(line("1"), line("2"))
    first, second = (elisa.get(f"{page(campaign, 'preview')}?item={n}").content.decode() for n in range(2))
    assert "¿Qué como hoy? 1" in first
    assert "Respuesta larga 1." in first
    assert "¿Qué como hoy? 2" in second
    assert "inert" in first
    assert not Assignment.objects.exists()
    assert not Cell.objects.filter(held__gt=0).exists()


def test_a_preview_shows_what_one_looks_after(elisa: Client) -> None:
    campaign = world(line("1"), line("2", variety="es-MX"))
    Remit.objects.create(person=Person.objects.get(username="elisa"), country="MX")
    shown = elisa.get(page(campaign, "preview")).content.decode()
    assert "¿Qué como hoy? 2" in shown
    assert "¿Qué como hoy? 1" not in shown


@pytest.mark.parametrize("asked", ["99", "-1", "x", "9" * 30, ""])
def test_an_item_that_is_not_there_is_no_error(elisa: Client, asked: str) -> None:
    campaign = world(line("1"))
    assert elisa.get(f"{page(campaign, 'preview')}?item={asked}").status_code == 200


KINDS: dict[str, dict[str, Any]] = {
    "vote": {}, "score": {"texts": ("Una.",)}, "flag": {"texts": ("Una.",)}, "correction": {"texts": ("Una.",)},
    "demonstration": {"texts": ()}, "translation": {"texts": (), "variety": "es-CL", "prompt_variety": "pt-BR"},
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_that_is_imported_has_a_preview(elisa: Client, kind: str) -> None:
    facts = dict(KINDS[kind])
    texts = facts.pop("texts", ("Una.", "Otra."))
    outputs = [{"model": f"m{place}", "text": text} for place, text in enumerate(texts)]
    campaign = world(line("1", kind=kind, outputs=outputs, **facts), kind=kind)
    shown = elisa.get(page(campaign, "preview"))
    assert shown.status_code == 200
    assert "¿Qué como hoy? 1" in shown.content.decode()


# Items from a file ---------------------------------------------------------------------------------------------------


def file_of(*lines: Any, name: str = "items.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(json.dumps(each) for each in lines).encode())


def test_a_file_is_tried_first_and_nothing_is_added(elisa: Client) -> None:
    campaign = world()
    rut = line("3", "Mi RUT es 12.345.678-5.", "Otra.")
    file = file_of(line("1"), line("2", variety="xx-XX"), rut)
    tried = elisa.post(page(campaign, "import"), {"file": file, "only_try": "on"})
    report = tried.context["report"]
    assert (report.added, report.held_back, report.refused_lines) == (2, 1, 1)
    assert "variety" in tried.content.decode()
    assert not Item.objects.exists()
    assert not LogEntry.objects.filter(change_message__contains="import").exists()


def test_then_it_is_brought_in_once(elisa: Client) -> None:
    campaign = world()
    for added, known in ((2, 0), (0, 2)):
        report = elisa.post(page(campaign, "import"), {"file": file_of(line("1"), line("2"))}).context["report"]
        assert (report.added, report.known) == (added, known)
    assert Item.objects.count() == 2
    assert LogEntry.objects.filter(change_message__contains="import: 2 added").count() == 1


def test_who_looks_after_a_part_imports_that_part(elisa: Client) -> None:
    campaign = world()
    Remit.objects.create(person=Person.objects.get(username="elisa"), country="MX")
    file = file_of(line("1"), line("2", variety="es-MX"))
    report = elisa.post(page(campaign, "import"), {"file": file}).context["report"]
    assert [(each.id, each.code) for each in report.refused] == [("1", "forbidden")]
    assert Item.objects.get().source_id == "2"


def test_a_csv_is_read_too(elisa: Client) -> None:
    campaign = world()
    body = "id,variety,prompt,output_1,model_1,output_2,model_2,licence\n1,es-CL,¿Qué?,Una.,a,Otra.,b,CC0-1.0\n"
    file = SimpleUploadedFile("items.CSV", body.encode())
    assert elisa.post(page(campaign, "import"), {"file": file}).context["report"].added == 1


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("items.exe", b"MZ"),
        SimpleUploadedFile("items.parquet", b"PAR1"),
        SimpleUploadedFile("items.jsonl", b""),
    ],
    ids=["another kind", "parquet", "empty"],
)
def test_what_is_no_file_of_items_is_said_at_the_field(elisa: Client, file: SimpleUploadedFile) -> None:
    refused = elisa.post(page(world(), "import"), {"file": file})
    assert refused.status_code == 400
    assert refused.context["form"].errors["file"]


def test_bytes_that_are_no_lines_are_refused_line_by_line(elisa: Client) -> None:
    file = SimpleUploadedFile("items.jsonl", b"\xff\xfe\x00\n{]\nnull\n")
    report = elisa.post(page(world(), "import"), {"file": file}).context["report"]
    assert (report.added, report.refused_lines) == (0, 3)


def test_a_moderator_imports_nothing(elisa: Client) -> None:
    carmen = client_of(Person.objects.get(username="carmen"))
    campaign = world()
    assert carmen.post(page(campaign, "import"), {"file": file_of(line("1"))}).status_code == 403
    assert "import/" not in carmen.get(page(campaign)).content.decode()
    assert carmen.get(page(campaign, "preview")).status_code == 200


@pytest.mark.parametrize("name", ["preview", "import"])
def test_a_volunteer_sees_neither(elisa: Client, name: str) -> None:
    ana = client_of(Person.objects.get(username="ana"))
    assert ana.get(page(world(line("1")), name)).status_code == 302


# Another like it -----------------------------------------------------------------------------------------------------


def test_another_one_like_it_begins_with_its_settings_and_quotas(elisa: Client) -> None:
    first = world(line("1"), needed=5, judged_in=["es-CL", "es-MX"], starts_at=in_days(-1), gold=10, **ABOUT)
    Quota.objects.create(campaign=first, facet="domain", value="salud", wanted=7)
    shown = elisa.get(f"{reverse('admin:annotations_campaign_add')}?like={first.slug}")
    initial = shown.context["adminform"].form.initial
    assert {name: initial[name] for name in ("needed", "judged_in", "gold", "about", "state")} == {
        "needed": 5, "judged_in": "es-CL,es-MX", "gold": 10, "about": "Para saber.", "state": "paused"
    }  # fmt: skip
    assert not {"slug", "name", "starts_at", "id"} & set(initial)
    quotas = shown.context["inline_admin_formsets"][0].formset
    assert [form.initial for form in quotas.extra_forms] == [{"facet": "domain", "value": "salud", "wanted": 7}]
    asked: dict[str, Any] = {
        name: "" if value is None else value for name, value in initial.items() if value is not False
    }  # fmt: skip
    asked |= {"name": "Segunda", "slug": "segunda", "starts_at_0": "", "starts_at_1": "", "ends_at_0": "",
              "ends_at_1": ""} | NO_QUOTAS  # fmt: skip
    asked |= {"quotas-TOTAL_FORMS": "1", "quotas-0-facet": "domain", "quotas-0-value": "salud", "quotas-0-wanted": "7"}
    made = elisa.post(f"{reverse('admin:annotations_campaign_add')}?like={first.slug}", asked)
    assert made.status_code == 302, made.context["adminform"].form.errors
    second = Campaign.objects.get(slug="segunda")
    assert (second.needed, second.judged_in, second.state) == (5, ["es-CL", "es-MX"], "paused")
    assert second.quotas.get().wanted == 7
    assert not Judgement.objects.exists()


def test_like_nothing_is_an_empty_form(elisa: Client) -> None:
    shown = elisa.get(f"{reverse('admin:annotations_campaign_add')}?like=nada")
    assert shown.status_code == 200
    assert "needed" not in shown.context["adminform"].form.initial


# By its own clock ----------------------------------------------------------------------------------------------------


def saved(elisa: Client, campaign: Campaign, **facts: str) -> Any:
    """The form as the page holds it, with these fields changed."""
    page = f"/admin/annotations/campaign/{campaign.pk}/change/"
    form = elisa.get(page).context["adminform"].form
    data = {}
    for name in form.fields:
        value = form[name].value()
        values = form.fields[name].widget.decompress(value) if hasattr(form.fields[name].widget, "decompress") else None
        if values is not None:
            data |= {f"{name}_{place}": each or "" for place, each in enumerate(values)}
        elif value is not None and value is not False:
            data[name] = value
    data |= {"quotas-TOTAL_FORMS": "0", "quotas-INITIAL_FORMS": "0"}
    return elisa.post(page, data | facts)


def test_a_campaign_starts_by_the_clock_of_a_capital_and_says_so(elisa: Client) -> None:
    campaign = world(line("1"), ends_at=dt.datetime(2030, 1, 2, 3, 0, tzinfo=dt.UTC), **ABOUT)
    moment = {"starts_at_0": "2029-06-01", "starts_at_1": "09:00:00"}
    answered = saved(elisa, campaign, time_zone="America/Asuncion", **moment, ends_at_0="2030-01-02", ends_at_1="00:00")
    assert answered.status_code == 302, answered.context["adminform"].form.errors
    campaign.refresh_from_db()
    assert campaign.starts_at == dt.datetime(2029, 6, 1, 9, 0, tzinfo=ZoneInfo("America/Asuncion"))
    assert campaign.ends_at == dt.datetime(2030, 1, 2, 0, 0, tzinfo=ZoneInfo("America/Asuncion"))
    form = elisa.get(f"/admin/annotations/campaign/{campaign.pk}/change/").context["adminform"].form
    shown = form.fields["starts_at"].widget.decompress(form["starts_at"].value())
    assert [str(each) for each in shown] == ["2029-06-01", "09:00:00"], "as it was typed, and saved again it stays"
    assert saved(elisa, campaign).status_code == 302
    assert Campaign.objects.get().starts_at == campaign.starts_at
    page = Client().get("/c/prueba/").content.decode()
    assert "1 de junio de 2029 a las 09:00 (Asunción)" in page


def test_a_clock_that_is_none_is_refused(elisa: Client) -> None:
    campaign = world(line("1"), **ABOUT)
    assert saved(elisa, campaign, time_zone="Europe/../etc").status_code == 200
    assert Campaign.objects.get().time_zone == "UTC"


@pytest.mark.parametrize(("zone", "day"), [("America/Bogota", "9999-12-31"), ("Europe/Madrid", "1999-12-31")])
def test_a_year_that_is_none_in_another_clock_is_refused(elisa: Client, zone: str, day: str) -> None:
    """The database would keep it, and nobody could read it again."""
    campaign = world(line("1"), **ABOUT)
    answered = saved(elisa, campaign, time_zone=zone, ends_at_0=day, ends_at_1="23:59")
    assert list(answered.context["adminform"].form.errors) == ["ends_at"]
    assert Campaign.objects.get().ends_at is None


def test_who_only_looks_reads_moments_by_the_campaign_s_clock(elisa: Client) -> None:
    moment = dt.datetime(2030, 1, 2, 18, 0, tzinfo=ZoneInfo("America/Asuncion"))
    campaign = world(line("1"), ends_at=moment, time_zone="America/Asuncion", **ABOUT)
    carmen = client_of(Person.objects.get(username="carmen"))
    for page in ("", f"{campaign.pk}/change/"):
        assert "18:00 (Asunción)" in carmen.get(f"/admin/annotations/campaign/{page}").content.decode()


def test_which_kind_of_judgement_it_is_stands_in_words_in_lists_and_their_filters(elisa: Client) -> None:
    world(line("1"), **ABOUT)
    for page in ("campaign", "item"):
        shown = elisa.get(f"/admin/annotations/{page}/").content.decode()
        assert '<td class="field-kind">Juzgar</td>' in shown
        assert re.search(r'<a href="\?kind=vote">\s*Juzgar</a>', shown)
    assert "Juzgar" in elisa.get("/admin/annotations/item/?kind=vote").content.decode()
