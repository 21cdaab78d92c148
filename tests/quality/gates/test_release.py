"""What is kept aside leaves the release with its reason, and everything else goes out; both books balance."""

import json
from collections import Counter

import pytest

from annotations.assignments.models import Campaign, Cell, Item, Judgement
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.verify import problems
from annotations.flagging.seeding import load_flag_words
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.quality.gates import queries
from annotations.quality.gates.actions import ask_release, confirm_release, watch_over
from annotations.quality.gates.models import Hold
from annotations.reviewing.actions import settle_reviews
from annotations.writing.actions import take_out
from annotations.writing.models import PromptProposal
from tests.cast import line, people, world
from tests.datasets.test_configs import ACCEPT, read_by, released, says, text
from tests.datasets.test_release import rows, why_no
from tests.flagging.test_flagging import SAID
from tests.quality.gates.scene import aside, counting, joined, leads, pushed, ring

pytestmark = pytest.mark.django_db(transaction=True)


def reasons(folder) -> Counter[str]:
    return Counter(each["reason"] for each in rows(folder, "excluded") if each["unit"] == "judgement")


def test_what_is_too_much_leaves_with_its_reason_and_the_rest_goes_out() -> None:
    pushed()
    folder = released()
    assert (len(rows(folder, "judgements")), reasons(folder)) == (22, {"concentration": 12})
    by = Counter(each["annotator"] for each in rows(folder, "judgements"))
    assert max(by.values()) == 8 <= 3 / 8 * 22
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["books"]["judgements"], manifest["reasons"]["judgements/concentration"]) == (34, 12)
    assert "| `judgements` | `concentration` | 12 | too much came from one account" in (folder / "README.md").read_text(
        "utf-8"
    )
    assert set(why_no(folder, "preference").values()) == {"unsettled"}


def test_with_the_gate_off_all_of_it_is_published() -> None:
    """The twin: without the gate the same votes are in, and win what nobody else was asked for."""
    pushed("off")
    Campaign.objects.update(state="closed", at_least=1)
    folder = released()
    assert (len(rows(folder, "judgements")), aside()) == (34, 0)
    won = Counter(row["meta"]["chosen_model"] for row in rows(folder, "preference"))
    assert won["model-1"] == 12, "what only the pusher met"


def test_what_is_held_settles_nothing_in_a_campaign_that_is_over() -> None:
    pushed()
    Campaign.objects.update(state="closed", at_least=1)
    folder = released()
    won = Counter(row["meta"]["chosen_model"] for row in rows(folder, "preference"))
    assert won["model-1"] <= 1 < won["model-0"]
    assert reasons(folder)["concentration"] == 12


def test_of_a_ring_no_more_than_a_day_may_give_is_published() -> None:
    ring()
    folder = released()
    assert (len(rows(folder, "judgements")), reasons(folder)) == (22, {"concentration": 12})


def test_the_same_cutoff_again_finds_the_release_and_moves_nothing() -> None:
    _campaign, _ana, crowd = pushed()
    release = publish()
    Person.objects.filter(pk__in=[each.pk for each in crowd]).delete()
    assert publish(cutoff=release.cutoff).release_id == release.release_id
    assert aside() == 12


def test_what_came_after_the_cutoff_is_no_part_of_it() -> None:
    _campaign, ana, _crowd = pushed()
    last = Judgement.objects.filter(person=ana).order_by("pk")[7]
    assert watch_over(until=last.received_at) == 0, "nobody else had given anything"
    assert watch_over() == 12


def test_after_the_release_of_a_hold_it_is_in_the_next_one() -> None:
    pushed()
    released()
    elisa, carmen = leads("elisa", "carmen")
    ask_release(person=elisa, hold=Hold.objects.get(), reason="Es maestra, la conocemos.")
    confirm_release(person=carmen, hold=Hold.objects.get())
    folder = folder_of(publish().version)
    assert problems(folder) == []
    assert (len(rows(folder, "judgements")), reasons(folder)) == (34, {})


# Texts --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> tuple[Campaign, Person]:
    """Ana writes four texts and a question, all read; two texts of one account may stand."""
    monkeypatch.setattr(queries, "MOST_TEXTS", 2)
    campaign = world(*(text(f"d{number}", "demonstration") for number in range(4)), text("asked", "prompt"),
                     needed=1, gate="hold")  # fmt: skip
    ana, *readers = people(3)
    says(ana, campaign, "demonstration", {"text": "Un kuchen."})
    says(ana, campaign, "demonstration", {"text": "Un pan."})
    says(ana, campaign, "prompt", {"text": "¿A cuánto la palta?", "domain": "", "country_about": "CL"})
    says(ana, campaign, "demonstration", {"text": "Una marraqueta."})
    read_by(readers, campaign, *[ACCEPT] * 4)
    says(ana, campaign, "demonstration", {"text": "Nadie lo ha leído."})
    settle_reviews()
    return campaign, ana


def test_of_texts_of_one_account_the_newest_that_were_accepted_are_kept_aside(written) -> None:
    _campaign, ana = written
    folder = released()
    assert sorted(row["messages"][-1]["content"] for row in rows(folder, "sft")) == ["Un kuchen.", "Un pan."]
    assert why_no(folder, "sft") == {"d2": "concentration", "d3": "unread"}
    assert reasons(folder) == {"concentration": 2}
    hold = Hold.objects.get()
    assert (hold.why, hold.person, hold.judgements, hold.work) == ("texts", ana, 2, "")
    assert watch_over() == 0


def test_a_question_that_is_kept_aside_is_judged_by_nobody_and_comes_back_whole(written) -> None:
    campaign, _ana = written
    prompt = PromptProposal.objects.get().prompt
    item = Item.objects.create(campaign=campaign, prompt=prompt, variety_id="es-CL", source_id="vote:of-it")
    cell = Cell.objects.create(item=item, campaign=campaign, variety_id="es-CL", needed=1)
    watch_over()
    cell.refresh_from_db()
    assert (cell.held_back, take_out()) == ("concentration", 0)
    prompt.refresh_from_db()
    assert prompt.source.permitted_use != []
    elisa, carmen = leads("elisa", "carmen")
    ask_release(person=elisa, hold=Hold.objects.get(), reason="Buenas preguntas.")
    assert confirm_release(person=carmen, hold=Hold.objects.get()) == 2
    cell.refresh_from_db()
    assert (cell.held_back, cell.open, aside()) == ("", True, 0)
    folder = released()
    assert len(rows(folder, "sft")) == 3
    assert watch_over() == 0


def test_under_a_report_texts_are_told_and_stay(written) -> None:
    Campaign.objects.update(gate="report")
    folder = released()
    assert len(rows(folder, "sft")) == 3
    assert list(Hold.objects.values_list("why", "mode", "judgements")) == [("texts", "report", 2)]


def test_flags_leave_their_config_too(seeds: None) -> None:
    load_flag_words()
    campaign = world(*(line(f"f{number}", "Un texto.", kind="flag") for number in range(14)), needed=1, gate="hold")
    ana, crowd = volunteer("ana", "muy-larga-y-rara", "es-CL"), people(6)
    joined([*crowd, ana])
    for _item in range(8):
        says(ana, campaign, "flag", SAID)
    for person in crowd:
        says(person, campaign, "flag", SAID)
    folder = released()
    assert (len(rows(folder, "bias")), counting(ana)) == (10, 4)
    assert list(why_no(folder, "bias").values()) == ["concentration"] * 4
