"""Asking models, and making an item of what they answer."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from annotations.assignments.imports import load_items
from annotations.assignments.models import Item
from annotations.corpus.lines import FACETS, ItemLine, OutputLine
from annotations.corpus.models import Use
from annotations.corpus.screening import reason_to_hold
from annotations.writing.asking.endpoint import NoAnswer, complete
from annotations.writing.asking.models import Question
from annotations.writing.asking.queries import answers_to, due_questions, endpoints, kept_here
from annotations.writing.models import PromptProposal

ANSWERS = 2
"""Clean answers, of two models, that make an item."""
AT_MOST_TRIES = 24
AT_MOST_ONE_RUN = 50
_LEASE = dt.timedelta(minutes=5)
_LONGEST = dt.timedelta(hours=1)


def ask_models(*, proposal: PromptProposal) -> int:
    """Put an accepted prompt into the queue of its campaign's models. Returns how many will be asked."""
    names = proposal.judgement.campaign.asks_models
    Question.objects.bulk_create([Question(proposal=proposal, model=name) for name in names], ignore_conflicts=True)
    return len(names)


def ask_due(*, clock: Callable[[], dt.datetime] = timezone.now) -> tuple[int, int]:
    """Ask what is due, one after the other. Returns (answered, without an answer).

    A question is taken for some minutes before it is asked, in a transaction of its own: none is open while a model
    thinks, two workers never ask the same, and one whose worker died is due again by itself.
    """
    _say_what_is_kept_here(clock())
    answered = failed = 0
    while answered + failed < AT_MOST_ONE_RUN and (question := _take(clock())):
        try:
            answered += _ask(question)
        except NoAnswer as no_answer:
            failed += 1
            _later(question, no_answer, clock())
    return answered, failed


def _say_what_is_kept_here(now: dt.datetime) -> None:
    for reason, questions in kept_here(now):
        questions.exclude(problem=reason).update(problem=reason)


@transaction.atomic
def _take(now: dt.datetime) -> Question | None:
    questions = due_questions(now).select_for_update(of=("self",), skip_locked=True)
    question = questions.select_related("proposal__prompt").first()
    if question:
        question.tries, question.due_at = question.tries + 1, now + _LEASE
        question.save(update_fields=["tries", "due_at"])
    return question


def _ask(question: Question) -> int:
    assert question.proposal.prompt
    text = complete(endpoints()[question.model], question.proposal.prompt.messages)
    if problem := reason_to_hold(text):
        raise NoAnswer(problem)
    _keep(question, text)
    return 1


@transaction.atomic
def _keep(question: Question, text: str) -> None:
    """Keep an answer; with the second one the prompt is an item. The proposal's row is locked, so that two answers that
    come at once see each other."""
    proposal = PromptProposal.objects.select_for_update(of=("self",)).filter(pk=question.proposal_id).first()
    if proposal is None or not proposal.judgement.counted:  # erased or taken back while the model thought
        return
    others = answers_to(proposal).exclude(pk=question.pk)
    if others.filter(text=text).exists():
        raise NoAnswer("same_answer")
    proposal.questions.filter(pk=question.pk).update(text=text, problem="", due_at=None, answered_at=timezone.now())
    if proposal.item_id is None and others.count() + 1 >= ANSWERS:
        proposal.item = _make_item(proposal)
        proposal.save(update_fields=["item"])


def _make_item(proposal: PromptProposal) -> Item:
    """A vote between the answers, in the campaign of the proposal; its author never judges it."""
    prompt, judgement, models = proposal.prompt, proposal.judgement, endpoints()
    assert prompt
    uses = (Use.EVALUATE.value, Use.TRAIN.value)
    line = ItemLine(
        number=1, id=f"prompt:{judgement.pk}", kind="vote", variety=prompt.variety_id, role=prompt.group.role,
        messages=prompt.messages, source=prompt.source.name, licence=prompt.source.licence,
        permitted_use=tuple(prompt.source.permitted_use), facets={name: getattr(prompt, name) for name in FACETS},
        prompt_variety=prompt.variety_id,
        outputs=[OutputLine(each.model, each.text, models[each.model].licence, uses)
                 for each in answers_to(proposal)[:ANSWERS]],
    )  # fmt: skip
    load_items(campaign=judgement.campaign, lines=[line])
    item = Item.objects.get(campaign=judgement.campaign, source_id=line.id)
    item.author = judgement.person
    item.save(update_fields=["author"])
    return item


def _later(question: Question, why: NoAnswer, now: dt.datetime) -> None:
    """Try again after one, two, four … minutes, an hour at most, later if the server asks for it; in the end, not."""
    wait = min(dt.timedelta(minutes=2 ** (question.tries - 1)), _LONGEST)
    wait = max(wait, min(dt.timedelta(seconds=why.retry_after), _LONGEST))
    due = now + wait if question.tries < AT_MOST_TRIES else None
    Question.objects.filter(pk=question.pk, answered_at=None).update(problem=why.problem, due_at=due)
