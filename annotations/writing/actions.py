"""Writing: what came is checked, kept, and, where others accept a new prompt, brought into the corpus."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from annotations.assignments.answers import bad, checked_text, only, plain_text
from annotations.assignments.doors import hold_back
from annotations.assignments.locks import one_round_of_cells
from annotations.assignments.models import Assignment, Item, Judgement
from annotations.corpus.actions import enter, forbid, forget, lock_imports
from annotations.corpus.grouping import same_words
from annotations.corpus.groups import group_of
from annotations.corpus.lines import FACETS, ItemLine
from annotations.corpus.models import MAX_TEXT, Output, Prompt, Use
from annotations.corpus.queries import same_question
from annotations.differences import distance
from annotations.people.countries import COUNTRIES
from annotations.people.models import Person
from annotations.writing.asking.actions import ask_models
from annotations.writing.choices import DOMAINS
from annotations.writing.models import Correction, Demonstration, PromptProposal
from annotations.writing.queries import no_longer_theirs, prompts_of

COMMUNITY = "community"
"""The source of what people propose."""
TAKEN_BACK = "taken_back"
"""Why items of a prompt give no seats when its author took it back."""


@dataclass(frozen=True)
class Written:
    """A checked text, and what goes with it in a kind that has more."""

    text: str
    distance: int = 0
    domain: str = ""
    country_about: str = ""


# Checking -----------------------------------------------------------------------------------------------------------


def check_demonstration(answer: Mapping[str, Any], seat: Assignment) -> Written:
    """`{"text": "…"}`, or `Refused("invalid")` naming the field."""
    return Written(_text(answer, seat, {"text"}))


def check_correction(answer: Mapping[str, Any], seat: Assignment) -> Written:
    """`{"text": "…"}`: another text than the output's own."""
    written, before = _text(answer, seat, {"text"}), plain_text(output_of(seat).text, "text", MAX_TEXT)
    if written.strip() == before.strip():
        raise bad("text", _("Nothing is changed yet."))
    return Written(written, distance(before, written))


def check_proposal(answer: Mapping[str, Any], seat: Assignment) -> Written:
    """`{"text": "…", "domain": "salud", "country_about": "CL"}`; the last two may be left out or empty."""
    written = _text(answer, seat, {"text", "domain", "country_about"})
    facts = {name: answer.get(name, "") for name in ("domain", "country_about")}
    for name, known in (("domain", DOMAINS), ("country_about", COUNTRIES)):
        if facts[name] != "" and (not isinstance(facts[name], str) or facts[name] not in known):
            raise bad(name, _("Must be one of %s.") % ", ".join(known))
    return Written(written, **facts)


def _text(answer: Mapping[str, Any], seat: Assignment, fields: Collection[str]) -> str:
    only(answer, fields)
    written = checked_text(answer.get("text"))
    if any(same_words(written, message["content"]) for message in seat.item.prompt.messages):
        raise bad("text", _("These are the words of the task itself."))
    return written


def output_of(seat: Assignment) -> Output:
    """The one output of a seat at a correction."""
    return Output.objects.get(pk=seat.shown[0])


# Keeping ------------------------------------------------------------------------------------------------------------


def demonstration(judgement: Judgement, written: Written) -> Demonstration:
    return Demonstration(judgement=judgement, text=written.text)


def correction(judgement: Judgement, written: Written) -> Correction:
    return Correction(judgement=judgement, output_id=judgement.shown[0], text=written.text, distance=written.distance)


def proposal(judgement: Judgement, written: Written) -> PromptProposal:
    return PromptProposal(
        judgement=judgement, text=written.text, domain=written.domain, country_about=written.country_about
    )


def tell_demonstration(judgement: Judgement) -> Mapping[str, Any]:
    return {"text": judgement.demonstration.text}


def tell_correction(judgement: Judgement) -> Mapping[str, Any]:
    return {"text": judgement.correction.text}


def tell_proposal(judgement: Judgement) -> Mapping[str, Any]:
    said = judgement.proposal
    return {"text": said.text, "domain": said.domain, "country_about": said.country_about}


# What becomes of a prompt -------------------------------------------------------------------------------------------


@transaction.atomic
def admit(judgement: Judgement, text: str) -> None:
    """Bring an accepted proposal into the corpus, and have the campaign's models asked. One that is there already in
    the same words and the same variety is that prompt, and nobody is asked again. Twice is once."""
    lock_imports()
    proposal = PromptProposal.objects.select_for_update().get(pk=judgement.pk)
    if proposal.prompt_id:
        return
    messages = [{"role": "user", "content": text}]
    known = same_question(messages, judgement.judge_variety_id)
    proposal.prompt, proposal.is_new = known or _new_prompt(proposal, messages), known is None
    proposal.save(update_fields=["prompt", "is_new"])
    if proposal.is_new:
        ask_models(proposal=proposal)


def _new_prompt(proposal: PromptProposal, messages: list[dict[str, str]]) -> Prompt:
    """Under the terms its author agreed to. Where the same words, or nearly, evaluate, these do too."""
    judgement = proposal.judgement
    group = group_of(messages)
    uses = (Use.EVALUATE.value, *([Use.TRAIN.value] if judgement.consent.purposes.get("train") else []))
    facets = dict.fromkeys(FACETS, "") | {"domain": proposal.domain, "country_about": proposal.country_about}
    line = ItemLine(
        number=1, id="", kind="prompt", variety=judgement.judge_variety_id, role=group.role if group else "train",
        messages=messages, outputs=[], source=COMMUNITY, licence=judgement.campaign.contribution_licence,
        permitted_use=uses, facets=facets, prompt_variety=judgement.judge_variety_id,
    )  # fmt: skip
    (entry,), _problems = enter([line])
    return entry.prompt


def take_out() -> int:
    """Prompts whose proposals count no more, taken back or their consent withdrawn, are used for nothing from now on.
    Returns how many. Running it again changes nothing."""
    prompts = list(no_longer_theirs())
    for prompt in prompts:
        with transaction.atomic():
            one_round_of_cells()
            forbid(prompt=prompt)
            hold_back(prompt=prompt, reason=TAKEN_BACK)
    return len(prompts)


@transaction.atomic
def unadmit(*, judgement: Judgement) -> None:
    """Reviewing's door: the words in which a proposal was accepted must go, because who changed them is erased. It is
    a proposal again, in its author's own words."""
    proposal = PromptProposal.objects.filter(pk=judgement.pk, is_new=True).first()
    if proposal and proposal.prompt:
        prompt, proposal.prompt, proposal.is_new, proposal.item = proposal.prompt, None, False, None
        proposal.save(update_fields=["prompt", "is_new", "item"])
        proposal.questions.all().delete()
        _let_go_of(prompt)


@transaction.atomic
def forget_written(person: Person) -> None:
    """The right to have one's contributions erased, before the judgements themselves go: the prompts one brought and
    what models made of them lose their words. A prompt that somebody else proposed too stays theirs."""
    Item.objects.filter(author=person).update(author=None)
    for prompt in prompts_of(person):
        PromptProposal.objects.filter(prompt=prompt, is_new=True).update(is_new=False)
        _let_go_of(prompt)


def _let_go_of(prompt: Prompt) -> None:
    forget(prompt=prompt)
    hold_back(prompt=prompt, reason=TAKEN_BACK)
