"""What people did of every kind, and the config it stands in: once, with its evidence, or out of it with a reason."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.assignments.models import Assignment, Campaign, Cell, Item, Judgement
from annotations.assignments.seats import expire_seats, next_for
from annotations.assignments.stewards.models import Hidden
from annotations.corpus.models import Prompt, PromptGroup
from annotations.datasets.actions import folder_of, publish, reissue
from annotations.datasets.configs.scores import ASPECTS
from annotations.datasets.fates import fates
from annotations.datasets.membership import EXTERNAL_VOTES, held
from annotations.datasets.models import Release
from annotations.datasets.names import terms_of
from annotations.datasets.rows import CONFIGS, QUERIES
from annotations.datasets.verify import problems
from annotations.flagging.actions import decide, report
from annotations.flagging.models import Look
from annotations.flagging.seeding import load_flag_words
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.rating.rubric import codes
from annotations.rating.seeding import load_rubric
from annotations.reviewing.actions import open_reviews, settle_reviews
from annotations.translating.models import Translation
from annotations.writing.models import PromptProposal
from tests.cast import answer, elsewhere, given, in_days, key_of, line, people, world
from tests.datasets.test_release import rows, why_no
from tests.flagging.test_flagging import SAID
from tests.flagging.test_hiding import moderator

pytestmark = pytest.mark.django_db(transaction=True)
ACCEPT = {"decision": "accept"}
FOURS = dict.fromkeys(ASPECTS, 4)
RUT = "Mi RUT es 12.345.678-5."


def seat_at(person: Person, campaign: Campaign, kind: str) -> Assignment:
    seat = next_for(person=person, campaign=campaign, of_kinds=[kind])
    assert seat is not None
    return seat


def says(person: Person, campaign: Campaign, kind: str, said: dict[str, Any]) -> Judgement:
    return answer(person, seat_at(person, campaign, kind), said).judgement


def read_by(readers: list[Person], campaign: Campaign, *said: dict[str, str]) -> None:
    """Both read every text, in the order in which they were written, and say the same of it."""
    open_reviews()
    for each in said:
        for reader in readers:
            says(reader, campaign, "review", each)


def released() -> Path:
    folder = folder_of(publish().version)
    assert problems(folder) == []
    return folder


def text(name: str, kind: str, *outputs: str, **facts: Any) -> dict[str, Any]:
    return line(name, *outputs, kind=kind, **facts) | ({} if outputs else {"outputs": []})


# What was written ---------------------------------------------------------------------------------------------------


@pytest.fixture
def texts() -> Campaign:
    """Ana answers, corrects, translates and proposes; Bea and Caro read it all."""
    campaign = world(
        text("taken", "demonstration"), text("changed", "demonstration"), text("refused", "demonstration"),
        text("shown", "demonstration"), text("evaluates", "demonstration", role="evaluate"),
        text("unread", "demonstration"), text("better", "correction", "Llame al 113."),
        text("said", "translation", prompt="Onde fica a farmácia?", prompt_variety="pt-BR"), text("asked", "prompt"),
        needed=1,
    )  # fmt: skip
    ana, *readers = people(3)
    for said in ("Un kuchen.", "Un pan.", "Nada.", RUT, "Marraqueta."):
        says(ana, campaign, "demonstration", {"text": said})
    says(ana, campaign, "correction", {"text": "Llame al 131."})
    says(ana, campaign, "translation", {"text": "¿Dónde está la farmacia?"})
    says(ana, campaign, "prompt", {"text": "¿A cuánto la palta?", "domain": "cocina", "country_about": "CL"})
    edit = {"decision": "edit", "text": "Un pan amasado."}
    reject = {"decision": "reject", "reason": "wrong", "words": "No es así."}
    read_by(readers, campaign, ACCEPT, edit, reject, *[ACCEPT] * 5)
    says(ana, campaign, "demonstration", {"text": "Una sopaipilla."})
    return campaign


def test_what_readers_accepted_is_taught_in_the_words_that_they_accepted(texts: Campaign) -> None:
    folder = released()
    sft = {row["meta"]["source_id"]: row for row in rows(folder, "sft")}
    assert {name: row["messages"][-1] for name, row in sft.items()} == {
        "taken": {"role": "assistant", "content": "Un kuchen."},
        "changed": {"role": "assistant", "content": "Un pan amasado."},
        "better": {"role": "assistant", "content": "Llame al 131."},
        "said": {"role": "assistant", "content": "¿Dónde está la farmacia?"},
    }
    assert sft["said"]["messages"][:-1] == [
        {"role": "system", "content": "Traduzir de português do Brasil (pt-BR) para espanhol do Chile (es-CL)."},
        {"role": "user", "content": "Onde fica a farmácia?"},
    ]
    assert why_no(folder, "sft") == {
        "refused": "rejected", "shown": "personal_data", "evaluates": "evaluate", "unread": "unread",
    }  # fmt: skip
    meta = sft["better"]["meta"]
    told = ("made_from", "model", "output_licence", "distance", "n", "agreement", "method", "judged_as", "derived")
    assert [meta[name] for name in told] == [
        "correction", "model-0", "CC0-1.0", 2, 2, 1.0, "readers", "es-CL", False,
    ]  # fmt: skip
    assert [sft["taken"]["meta"][name] for name in told[:4]] == ["demonstration", None, None, None]
    (row,) = rows(folder, "translation")
    assert {name: value for name, value in row.items() if name != "meta"} == {
        "source": "Onde fica a farmácia?", "target": "¿Dónde está la farmacia?", "source_variety": "pt-BR",
        "variety": "es-CL", "orthography": None, "started_from": None, "distance": None, "valid_here": False,
        "edited": False,
    }  # fmt: skip


def test_free_text_stands_among_judgements_only_where_readers_accepted_it(texts: Campaign) -> None:
    folder = released()
    assert len(rows(folder, "judgements")) == Judgement.objects.count() == 9 + 16
    mine = {row["source_id"].partition(":")[0]: row for row in rows(folder, "judgements") if row["kind"] != "review"}
    assert {name: (row["reading"], row["text"]) for name, row in mine.items()} == {
        "taken": ("accepted", "Un kuchen."), "changed": ("edited", "Un pan amasado."), "refused": ("rejected", None),
        "shown": ("accepted", None), "evaluates": ("accepted", "Marraqueta."), "unread": (None, None),
        "better": ("accepted", "Llame al 131."), "said": ("accepted", "¿Dónde está la farmacia?"),
        "asked": ("accepted", "¿A cuánto la palta?"),
    }  # fmt: skip
    assert (mine["asked"]["topic"], mine["asked"]["country_about"]) == ("cocina", "CL")
    reviews = [row for row in rows(folder, "judgements") if row["kind"] == "review"]
    assert {row["reads"] for row in reviews} == {row["id"] for row in mine.values()} - {mine["unread"]["id"]}
    assert sorted({(row["decision"], row["reason"]) for row in reviews}, key=str) == [
        ("accept", None), ("edit", None), ("reject", "wrong"),
    ]  # fmt: skip
    told = str([rows(folder, config) for config in CONFIGS])
    for word in ("No es así.", "12.345.678-5", "review:" + str(Judgement.objects.first().pk)):
        assert word not in told


def test_a_reader_or_an_author_who_leaves_takes_the_text_out_of_the_next_release(texts: Campaign) -> None:
    withdraw(person=Person.objects.get(username="persona-es-CL-1"))
    folder = released()
    assert rows(folder, "sft") == rows(folder, "translation") == []
    assert set(why_no(folder, "translation").values()) == {"unread"}
    assert [row["text"] for row in rows(folder, "judgements") if row["text"]] == []
    withdraw(person=Person.objects.get(username="persona-es-CL-0"))
    assert set(why_no(released(), "translation").values()) == {"withdrawn"}


def hide(prompt: Prompt, campaign: Campaign) -> None:
    """Somebody met it in a vote, and said that it holds what is not for everybody."""
    item = Item.objects.create(
        campaign=campaign, prompt=prompt, variety_id="es-CL", kind="vote", source_id=f"vote:{prompt.pk}"
    )
    Hidden.objects.create(item=item, kind="restricted", code="place")


def test_a_question_that_was_proposed_and_hidden_since_leaves_with_no_judgement(texts: Campaign) -> None:
    settle_reviews()
    became = PromptProposal.objects.get().prompt
    assert became
    hide(became, texts)
    folder = released()
    without = [row["reason"] for row in rows(folder, "excluded") if row["config"] == "judgements"]
    assert without == ["restricted"]
    assert "palta" not in str(rows(folder, "judgements"))


@pytest.mark.parametrize(("role", "split"), [("evaluate", "evaluate"), ("train", "test")])
def test_a_question_that_was_proposed_is_told_only_in_the_split_in_which_it_is_asked(role: str, split: str) -> None:
    """Two proposed to one brief: both judgements stand where the brief stands, one of them without its words."""
    campaign = world(text("asked", "prompt"), needed=2)
    ana, eva, *readers = people(4)
    PromptGroup.objects.update(split="train")
    says(ana, campaign, "prompt", {"text": "¿A cuánto la palta?", "domain": "cocina", "country_about": "CL"})
    says(eva, campaign, "prompt", {"text": "¿Y el pan?", "domain": "cocina", "country_about": "CL"})
    read_by(readers, campaign, ACCEPT, ACCEPT)
    settle_reviews()
    for place, proposal in enumerate(PromptProposal.objects.order_by("pk").select_related("prompt")):
        assert proposal.prompt
        facts = {"role": role, "split": split} if place else {"role": "train", "split": "train"}
        PromptGroup.objects.filter(pk=proposal.prompt.group_id).update(**facts)
    (rows_,) = by_split(released(), "judgements")
    assert sorted(row["text"] or "" for row in rows_ if row["kind"] == "prompt") == ["", "¿A cuánto la palta?"]


@pytest.mark.parametrize("split", ["train", "evaluate"])
def test_a_translation_bridges_no_two_splits(split: str) -> None:
    """It shows the last turn of its prompt alone, which may be a question of its own."""
    alone = {"role": "user", "content": "Onde fica a farmácia?"}
    talk = [{"role": "user", "content": "Oi!"}, {"role": "assistant", "content": "Diga."}, alone]
    campaign = world(
        text("said", "translation", prompt=talk, prompt_variety="pt-BR"),
        line("alone", prompt=[alone], variety="pt-BR", role="evaluate" if split == "evaluate" else "train"), needed=1,
    )  # fmt: skip
    PromptGroup.objects.filter(role="train").update(split="train")
    ana, *readers = people(3)
    says(ana, campaign, "translation", {"text": "¿Dónde está la farmacia?"})
    read_by(readers, campaign, ACCEPT)
    folder = released()
    why = {"said": "split_bridge"} if split == "evaluate" else {}
    assert (why_no(folder, "translation"), why_no(folder, "sft")) == (why, why)
    assert [row["target"] for row in rows(folder, "translation")] == ([] if why else ["¿Dónde está la farmacia?"])


def test_what_was_begun_with_words_that_are_hidden_since_leaves_with_no_release() -> None:
    sources = ("Onde fica a farmácia?", "Onde fica a padaria?")
    campaign = world(
        *(text(str(place), "translation", prompt=said, prompt_variety="pt-BR") for place, said in enumerate(sources)),
        needed=1,
    )
    ana, *readers = people(3)
    first = says(ana, campaign, "translation", {"text": "¿Dónde está la farmacia?"})
    second = says(ana, campaign, "translation", {"text": "¿Dónde está la panadería?"})
    read_by(readers, campaign, ACCEPT, ACCEPT)
    Translation.objects.filter(pk=second.pk).update(started_from=first.pk, distance=8)
    assert len(rows(released(), "translation")) == 2
    hide(first.item.prompt, campaign)
    folder = released()
    assert rows(folder, "translation") == rows(folder, "sft") == []
    assert why_no(folder, "translation") == {"0": "restricted", "1": "restricted"}


# What was judged ----------------------------------------------------------------------------------------------------


def test_only_a_clear_winner_is_imitated_and_only_what_is_called_good_or_bad_stands_alone() -> None:
    campaign = world(*(line(name) for name in ("clear", "doubted", "faint", "good", "bad")))
    said = {
        "clear": [(0, 1)] * 3, "doubted": [(0, 2), (0, 2), (1, 1)], "faint": [(0, 2), (0, 1), "tie"],
        "good": ["both_good"] * 3, "bad": ["both_bad", "both_bad", "tie"],
    }  # fmt: skip
    for number, person in enumerate(people(3)):
        for _name in said:
            seat = seat_at(person, campaign, "vote")
            choice = said[seat.item.source_id][number]
            level = {"preferred": choice}
            answer(person, seat, level if isinstance(choice, str)
                   else {"preferred": key_of(seat, choice[0]), "strength": choice[1]})  # fmt: skip
    folder = released()
    (row,) = rows(folder, "sft")
    assert [turn["content"] for turn in row["messages"]] == ["¿Qué como hoy? clear", "Respuesta larga clear."]
    assert row["meta"]["made_from"] == "vote"
    assert why_no(folder, "sft") == {
        "doubted": "below_floor", "faint": "below_floor", "good": "both_good", "bad": "both_bad",
    }  # fmt: skip
    assert sorted((row["completion"][0]["content"], row["label"]) for row in rows(folder, "kto")) == [
        ("Corta bad.", False), ("Corta good.", True), ("Respuesta larga bad.", False), ("Respuesta larga good.", True),
    ]  # fmt: skip
    files = [[row["meta"]["record_id"] for row in pq_rows] for pq_rows in by_split(folder, "kto")]
    assert files == [sorted(ids) for ids in files]
    assert sum(row["meta"]["derived"] for row in rows(folder, "kto")) == 2
    assert why_no(folder, "kto") == dict.fromkeys(("clear", "doubted", "faint"), "one_won")


def by_split(folder: Path, config: str) -> list[list[dict[str, Any]]]:
    import pyarrow.parquet as pq

    return [pq.read_table(path).to_pylist() for path in sorted((folder / "data" / config).glob("*"))]


def test_scores_are_means_of_every_aspect_and_say_good_or_bad_at_their_ends() -> None:
    load_rubric()
    assert list(ASPECTS) == codes()
    lines = [line(name, f"Sola {name}.", kind="score") for name in ("good", "middle", "bad", "few")]
    evaluates = line("evaluates", "Sola e.", kind="score", role="evaluate", permitted_use=["evaluate"])
    campaign = world(*lines, evaluates, needed=2)
    points = {"good": (4, 5), "middle": (2, 4), "bad": (1, 2), "few": (5,), "evaluates": (3, 3)}
    for number, person in enumerate(people(2)):
        for _time in range(5):
            seat = seat_at(person, campaign, "score")
            given = points[seat.item.source_id]
            point = given[number] if number < len(given) else None
            of_all = {"points": dict.fromkeys(ASPECTS, point), "overall": point}
            answer(person, seat, of_all if point else {"opt_out": "no_se"})
    folder = released()
    scores = {row["meta"]["source_id"]: row for row in rows(folder, "scores")}
    assert {name: (row["utilidad"], row["overall"], row["meta"]["n"], row["meta"]["agreement"], row["meta"]["split"])
            for name, row in scores.items() if name != "good"} == {
        "middle": (3.0, 3.0, 2, 0.5, scores["middle"]["meta"]["split"]),
        "bad": (1.5, 1.5, 2, 0.5, scores["bad"]["meta"]["split"]),
        "evaluates": (3.0, 3.0, 2, 1.0, "evaluate"),
    }  # fmt: skip
    assert why_no(folder, "scores") == {"few": "unsettled"}
    assert {row["meta"]["source_id"]: row["label"] for row in rows(folder, "kto")} == {"good": True, "bad": False}
    assert why_no(folder, "kto") == {"middle": "middling", "few": "unsettled", "evaluates": "evaluate"}
    assert {row["overall"] for row in rows(folder, "judgements")} == {1, 2, 3, 4, 5}


# What was flagged ---------------------------------------------------------------------------------------------------

TEXT = "Ellas 👩‍🌾 no saben manejar."
SPAN = {"start": 10, "end": 26, "text": "no saben manejar"}


@pytest.fixture
def flags() -> Campaign:
    """Two people look at each: a span, nothing, a grave word that waits, a critical one, one in passing."""
    load_flag_words()
    names = ("span", "nothing", "waits", "critical", "passing", "half")
    campaign = world(*(line(name, f"{TEXT} {name}", kind="flag") for name in names), slug="marcas", needed=2)
    whole = SAID | {"span": SPAN, "counter_example": "Manejar se aprende.", "comment": "Se oye."}
    said = {
        "span": (whole, {"wrong": False}), "nothing": ({"wrong": False}, {"wrong": False}),
        "waits": (SAID | {"severity": 3}, {"wrong": False}), "critical": (SAID, SAID | {"severity": 4}),
        "passing": (SAID, SAID),
    }  # fmt: skip
    for number, person in enumerate(people_again()[:2] or people(2)):
        while seat := next_for(person=person, campaign=campaign, of_kinds=["flag"]):
            if seat.item.source_id == "half":
                answer(person, seat, SAID if number else {"opt_out": "no_se"})
            else:
                answer(person, seat, said[seat.item.source_id][number])
    return campaign


def test_flags_are_published_with_their_words_once_everybody_asked_has_answered(flags: Campaign) -> None:
    folder = released()
    bias = {row["meta"]["source_id"]: row for row in rows(folder, "bias")}
    assert set(bias) == {"span", "passing"}
    row = bias["span"]
    assert row["text"][row["start"] : row["end"]] == row["words"] == "no saben manejar"
    told = ("categories", "severity", "groups", "stance", "common", "counter_example", "verdict")
    assert [row[name] for name in told] == [["genero"], 2, ["mujeres"], "endorsed", None, None, None]
    assert (row["meta"]["n"], row["meta"]["agreement"]) == (2, 0.5)
    assert sorted(r["meta"]["derived"] for r in rows(folder, "bias") if r["meta"]["source_id"] == "passing") == [
        False, True,
    ]  # fmt: skip
    assert why_no(folder, "bias") == {
        "nothing": "nothing_wrong", "waits": "undecided", "critical": "quarantined", "half": "unsettled",
    }  # fmt: skip
    everything = str([rows(folder, config) for config in CONFIGS])
    for unreviewed in (f"{TEXT} critical", f"{TEXT} waits", "Se oye.", "Manejar se aprende."):
        assert unreviewed not in everything
    judged = {(row["source_id"], row["severity"]) for row in rows(folder, "judgements")}
    assert ("critical", 4) in judged, "that it was said is told, without the text"


def test_what_a_moderator_decided_is_told_with_the_flag(flags: Campaign) -> None:
    carmen = moderator()
    for look in Look.objects.all():
        name = look.item.source_id
        decide(moderator=carmen, look=look, decision="out" if name == "critical" else "veiled", reason="Visto.")
    folder = released()
    verdicts = {row["meta"]["source_id"]: row["verdict"] for row in rows(folder, "bias")}
    assert verdicts == {"span": "veiled", "passing": None, "waits": "veiled"}
    assert why_no(folder, "bias")["critical"] == "quarantined"
    assert "Visto." not in str([rows(folder, config) for config in CONFIGS])


def upheld(splits: dict[str, str]) -> dict[str, Any]:
    """One flag of each of these questions, which stand in these splits, with what would be better said; a moderator
    found all of them wrong, and took all but one of what was said in their place. Returns what it says, by name."""
    load_flag_words()
    said = {name: f"Manejar se aprende, {name}." for name in splits} | {"same": f"{TEXT} same"}
    campaign = world(*(line(name, f"{TEXT} {name}", kind="flag") for name in said), slug="marcas", needed=2)
    for name, split in splits.items():
        PromptGroup.objects.filter(prompts__items__source_id=name).update(split=split)
    ana, eva = people(2)
    while seat := next_for(person=ana, campaign=campaign, of_kinds=["flag"]):
        answer(ana, seat, SAID | {"counter_example": said[seat.item.source_id]})
    while seat := next_for(person=eva, campaign=campaign, of_kinds=["flag"]):
        answer(eva, seat, {"wrong": False} if seat.item.source_id == "half" else SAID)
    carmen = moderator()
    for look in Look.objects.all():
        name = look.item.source_id
        decision = {"out": "out", "fine": "fine"}.get(name, "veiled")
        taken = [flag.pk for flag in look.flags.all()] if name not in ("left", "out", "fine") else []
        decide(moderator=carmen, look=look, decision=decision, reason="Visto.", taken=taken)
    return said


def test_what_was_upheld_is_taught_or_asked_by_its_split_and_never_both() -> None:
    said = upheld(dict.fromkeys(("whole", "half", "left", "out", "fine", "same"), "train") | {"asked": "test"})
    folder = released()
    taught = {row["meta"]["source_id"]: row for row in rows(folder, "preference")}
    assert set(taught) == {"whole", "half"}
    row, meta = taught["whole"], taught["whole"]["meta"]
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == (said["whole"], f"{TEXT} whole")
    assert (row["margin"], taught["half"]["margin"]) == (2.0, 1.0)
    named = ("method", "chosen_model", "chosen_licence", "rejected_model", "derived", "split", "n")
    assert [meta[name] for name in named] == ["flags", "people", "CC-BY-4.0", "model-0", True, "train", 2]
    assert meta["record_id"] in {row["meta"]["record_id"] for row in rows(folder, "bias")}
    asked = [row for row in rows(folder, "bias") if row["meta"]["split"] == "test"]
    assert {(row["meta"]["source_id"], row["verdict"]) for row in asked} == {("asked", "veiled")}
    assert (said["asked"], True) in {(row["counter_example"], row["taken"]) for row in asked}
    assert {row["meta"]["source_id"] for row in rows(folder, "bias") if row["taken"]} == {
        "whole",
        "half",
        "same",
        "asked",
    }
    assert "people" not in (folder / "README.md").read_text("utf-8").partition("## Licences")[2].partition("##")[0]


def test_a_pair_that_was_taught_goes_with_whoever_takes_their_work_back() -> None:
    upheld({"whole": "train"})
    assert len(rows(released(), "preference")) == 1
    ana, _eva = people_again()[:2]
    flag = Judgement.objects.get(person=ana, item__source_id="whole")
    assert set(held(Release.objects.get(), [flag.pk])) >= {("preference/1", _record_of("whole"))}
    withdraw(person=ana)
    assert rows(released(), "preference") == []


def test_in_a_clean_release_nobody_who_went_since_makes_a_margin() -> None:
    upheld({"whole": "train"})
    released()
    withdraw(person=people_again()[1])
    clean = folder_of(reissue(release=Release.objects.get()).version)
    assert (problems(clean), rows(clean, "preference")) == ([], [])
    assert [row["meta"]["source_id"] for row in rows(clean, "bias")].count("whole") == 1, "the other's words stand"


def _record_of(name: str) -> str:
    (row,) = [row for row in rows(folder_of(Release.objects.latest("pk").version), "preference")
              if row["meta"]["source_id"] == name]  # fmt: skip
    return str(row["meta"]["record_id"])


def test_a_counter_example_that_waits_to_be_read_holds_no_flag_back() -> None:
    load_flag_words()
    campaign = world(line("mild", TEXT, kind="flag"), slug="marcas", needed=1)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign, "flag"), SAID | {"counter_example": "Manejar se aprende."})
    (row,) = rows(released(), "bias")
    assert (row["verdict"], row["counter_example"], row["taken"]) == (None, None, False)


def test_a_flag_in_passing_is_a_report_and_in_no_release(flags: Campaign) -> None:
    campaign = world(line("v"), slug="votos")
    ana, *_others = people_again()
    seat = seat_at(ana, campaign, "vote")
    report(person=ana, assignment_id=seat.pk, letter="a", answer=SAID | {"comment": "Solo para la casa."})
    folder = released()
    assert "v" not in {row["meta"]["source_id"] for row in rows(folder, "bias")} | set(why_no(folder, "bias"))
    assert "Solo para la casa." not in str([rows(folder, config) for config in CONFIGS])


# All of it ----------------------------------------------------------------------------------------------------------


def vote_and_score() -> None:
    """What is left to do after `texts` and `flags`, so that every config has a row, and `kto` one of each kind."""
    load_rubric()
    outputs = [{"model": "Llama-3.1-8B", "text": "Sí."}, {"model": "m", "text": "No."}]
    votes = world(line("wins", outputs=outputs), line("good"), line("bad"), slug="votos", needed=1)
    scores = world(line("scored", "Sola.", kind="score"), slug="notas", needed=1)
    ana = people_again()[0]
    seat = seat_at(ana, votes, "vote")
    answer(ana, seat, {"preferred": key_of(seat, 0), "strength": 2})
    for said in ("both_good", "both_bad"):
        says(ana, votes, "vote", {"preferred": said})
    says(ana, scores, "score", {"points": FOURS, "overall": 4})
    elsewhere(given("gathered"))


def test_where_people_do_everything_every_config_has_rows_and_the_card_says_how(
    texts: Campaign, flags: Campaign
) -> None:
    vote_and_score()
    folder = released()
    assert [name for name in CONFIGS if not rows(folder, name)] == []
    card = (folder / "README.md").read_text("utf-8")
    assert [
        name for name, config in CONFIGS.items() if config.told and f"### `{name}`\n\n{config.told}" not in card
    ] == []
    assert "**Built with Llama.**" in card
    if keep := os.environ.get("MINKA_KEEP_RELEASE"):
        shutil.copytree(folder, f"{keep}-of-every-kind")


def people_again() -> list[Person]:
    return list(Person.objects.filter(username__startswith="persona").order_by("pk"))


# What an end settled ------------------------------------------------------------------------------------------------


def test_what_was_settled_short_says_so_and_the_rest_is_unsettled() -> None:
    campaign = world(line("better"), line("good"), line("one"), at_least=2)
    ana, eva = people(2)
    for person, many in ((ana, 3), (eva, 2)):
        for _item in range(many):
            seat = seat_at(person, campaign, "vote")
            better = {"preferred": key_of(seat, 0), "strength": 2}
            answer(person, seat, {"preferred": "both_good"} if seat.item.source_id == "good" else better)
    Campaign.objects.update(state="closed")
    settle_due()
    folder = released()
    (row,) = rows(folder, "preference")
    assert (row["meta"]["n"], row["meta"]["method"]) == (2, "strict_majority, closed_short")
    assert {each["meta"]["method"] for each in rows(folder, "kto")} == {"strict_majority, closed_short"}
    assert why_no(folder, "preference")["one"] == why_no(folder, "kto")["one"] == "unsettled"


# What was given beyond one's share ----------------------------------------------------------------------------------


def test_what_was_sent_beyond_a_share_is_told_and_not_published() -> None:
    campaign = world(line("first"), line("second"), most_in_all=1, needed=1)
    (ana,) = people(1)
    late = seat_at(ana, campaign, "vote")
    expire_seats(now=in_days(1))
    Cell.objects.filter(item=late.item).update(held_back="hidden")
    answer(ana, seat_at(ana, campaign, "vote"), {"preferred": "a"})
    Cell.objects.filter(item=late.item).update(held_back="")
    assert answer(ana, late, {"preferred": "a"}).judgement.not_counted == "enough"
    folder = released()
    assert len(rows(folder, "judgements")) == 1
    reasons = [each["reason"] for each in rows(folder, "excluded") if each["unit"] == "judgement"]
    assert reasons == ["enough"]


def test_what_becomes_of_each_judgement_is_what_the_release_says(texts: Campaign, flags: Campaign) -> None:
    vote_and_score()
    folder, release = released(), Release.objects.get()
    told = fates(list(Judgement.objects.values_list("pk", flat=True)), terms_of(release.version, release.cutoff))
    assert {key: sorted(fate.stands) for key, fate in told.items()} == {
        key: sorted(standing(release, folder, key)) for key in told
    }
    assert {name for fate in told.values() for name in fate.stands} == {*CONFIGS} - {"excluded", "external"}


def standing(release: Release, folder: Path, judgement: int) -> Iterator[str]:
    """The configs in whose files a row rests on this judgement, by what the release kept of its making."""
    records = [record for _query, record in held(release, [judgement])]
    for name in {*CONFIGS} - {"excluded"}:
        found = {row["meta"]["record_id"] if "meta" in row else row["id"] for row in rows(folder, name)}
        if found.intersection(records):
            yield name


def test_what_becomes_of_many_takes_as_many_questions_as_of_one(
    texts: Campaign, django_assert_num_queries: Any
) -> None:
    released()
    release = Release.objects.get()
    keys = list(Judgement.objects.values_list("pk", flat=True))
    asked = 1 + len([query for query in QUERIES.values() if query != EXTERNAL_VOTES])
    for several in (keys[:1], keys):
        with django_assert_num_queries(asked):
            fates(several, terms_of(release.version, release.cutoff))
