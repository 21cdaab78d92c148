"""Bringing votes of elsewhere in, letting go what screening held of them, and taking all of a document out again."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.imports import Report
from annotations.assignments.locks import stamp
from annotations.assignments.models import Item
from annotations.corpus.actions import enter, forget_questions, lock_imports
from annotations.corpus.lines import ItemLine, Problem
from annotations.corpus.personal_data import proven
from annotations.corpus.screening import reason_to_hold
from annotations.datasets.configs.external import CONSENT
from annotations.datasets.external.lines import VoteLine
from annotations.datasets.external.models import ExternalBatch, ExternalVote
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import NOT_THEIRS, require_variety
from annotations.people.remits.queries import looks_after
from annotations.people.standing import require_right

MAY_BRING: Final = "annotations.add_externalbatch"
MAY_CHANGE: Final = "annotations.change_externalbatch"
MAY_LET_GO: Final = "annotations.change_externalvote"
AT_ONCE: Final = 500


def document_of(text: str) -> str:
    """The document's name as it is kept.

    Raises:
        Refused: `invalid`: it is empty, longer than 120 characters, or holds what cannot be written.
    """
    document = " ".join(text.split())
    if not document:
        raise Refused("invalid", _("Say under which document they were given."), {"document": "missing"})
    if len(document) > 120 or not document.isprintable():
        raise Refused("invalid", _("A document has a name of at most 120 characters."), {"document": "invalid"})
    return document


def bring_in(*, by: Person, document: str, lines: Iterable[VoteLine | Problem], only_try: bool = False) -> Report:
    """Keep checked votes under a document; the same `id` again adds nothing. A line in a variety that `by` does not
    look after is refused, and so is a question that evaluates here, or nearly.

    Args:
        only_try: say what would be done, and leave everything as it was.

    Raises:
        Refused: `suspended`, `forbidden`; `invalid` for a document without a name; `not_open` where the document was
            withdrawn.
    """
    require_right(by, MAY_BRING)
    document, report = document_of(document), Report()
    with transaction.atomic():
        lock_imports()
        batch = ExternalBatch.objects.filter(document=document).first() or ExternalBatch(document=document)
        if batch.withdrawn_at:
            raise Refused("not_open", _("This document was withdrawn: nothing more comes in under it."))
        votes = [vote for several in _several(lines) for vote in _checked_in(by, batch, several, report)]
        if votes:
            _keep(by, batch, votes)
        if only_try:
            transaction.set_rollback(True)
    return report


def _several(lines: Iterable[VoteLine | Problem]) -> Iterator[list[VoteLine | Problem]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, AT_ONCE)):
        yield batch


def _checked_in(
    by: Person, batch: ExternalBatch, lines: Sequence[VoteLine | Problem], report: Report
) -> list[ExternalVote]:
    """The votes that are new, their questions in the corpus."""
    good: dict[int, VoteLine] = {}
    for line in lines:
        if isinstance(line, Problem):
            report.refuse(line)
        elif not looks_after(by, line.item.variety):
            report.refuse(Problem(line.item.number, "forbidden", "variety", str(NOT_THEIRS), line.item.id))
        else:
            good[line.item.number] = line
    known = set(
        ExternalVote.objects.filter(batch=batch.pk, source_id__in=[line.item.id for line in good.values()])
        .values_list("source_id", flat=True)
    )  # fmt: skip
    report.known += len(known)
    asked = [_question(batch, line) for line in good.values() if line.item.id not in known]
    entries, problems = enter(asked)
    for problem in problems:
        report.refuse(problem)
    votes = [_vote(batch, good[entry.line.number], entry.prompt.pk) for entry in entries]
    report.added += len(votes)
    report.held_back += sum(1 for vote in votes if vote.held_back)
    return votes


def _question(batch: ExternalBatch, line: VoteLine) -> ItemLine:
    """What is asked, as it enters the corpus: so that it falls into the split of its like, and what evaluates is known.
    Its source permits nothing: no run is handed it, and nobody here is asked it."""
    return replace(line.item, source=f"{CONSENT}{batch.document}", permitted_use=(), outputs=[])


def _vote(batch: ExternalBatch, line: VoteLine, prompt: int) -> ExternalVote:
    item = line.item
    return ExternalVote(
        batch=batch, source_id=item.id, prompt_id=prompt, variety_id=item.variety,
        outputs=[{"model": each.model, "text": each.text, "licence": each.licence} for each in item.outputs],
        preferred=line.preferred, strength=line.strength, ranking=line.ranking,
        annotator=_sum_of(batch.document, line.annotator), given_on=line.given_on, source=item.source,
        licence=item.licence, permitted_use=list(line.permitted_use), held_back=_hold(line),
    )  # fmt: skip


def _sum_of(document: str, annotator: str) -> str:
    """Of a name only what the house's key makes of it, for each document another: 128 bits, as hexadecimal."""
    if not annotator:
        return ""
    key = hmac.digest(settings.MINKA_MASTER_KEY.encode(), b"minka-elsewhere", hashlib.sha256)
    return hmac.new(key, f"{document}\n{annotator}".encode(), hashlib.sha256).hexdigest()[:32]


def _hold(line: VoteLine) -> str:
    """Why it is not released until somebody decides: a text shows who somebody is, or is no answer."""
    if any(proven(message["content"]) for message in line.item.messages):
        return "personal_data"
    return next((why for output in line.item.outputs if (why := reason_to_hold(output.text))), "")


def _keep(by: Person, batch: ExternalBatch, votes: Sequence[ExternalVote]) -> None:
    """Stamped last, as an answer is: no vote appears behind the cutoff of a release."""
    new = batch.pk is None
    if new:
        batch.brought_by = by
        batch.save()
    for vote in votes:
        vote.batch = batch
    ExternalVote.objects.bulk_create(votes, batch_size=AT_ONCE)
    moment = stamp()
    ExternalVote.objects.filter(pk__gte=votes[0].pk, batch=batch).update(entered_at=moment)
    if new:
        ExternalBatch.objects.filter(pk=batch.pk).update(entered_at=moment)


@transaction.atomic
def let_go(*, by: Person, vote: ExternalVote, reason: str) -> ExternalVote:
    """A vote that screening held back stands in the next release. Who did it and why stays in the panel's log.

    Raises:
        Refused: `suspended`; `forbidden`, also where its variety is not in their remit; `invalid` without a reason;
            `not_found` where screening holds nothing of it.
    """
    require_right(by, MAY_LET_GO)
    if not reason.strip():
        raise Refused("invalid", _("Say why."), {"reason": "missing"})
    require_variety(by, vote.variety_id)
    vote = ExternalVote.objects.select_for_update(of=("self",)).get(pk=vote.pk)
    if not vote.held_back:
        raise Refused("not_found", _("Nothing of this is held back by screening."))
    ExternalVote.objects.filter(pk=vote.pk).update(held_back="")
    LogEntry.objects.create(
        user_id=by.pk, content_type=ContentType.objects.get_for_model(ExternalVote), object_id=str(vote.pk),
        object_repr=str(vote)[:200], action_flag=CHANGE, change_message=f"let go: {reason.strip()}",
    )  # fmt: skip
    vote.held_back = ""
    return vote


def why_not_withdrawn(*, by: Person, batch: ExternalBatch) -> str:
    """Why `withdraw_document` would refuse it to them, in a sentence, or empty."""
    if batch.withdrawn_at:
        return str(_("It was withdrawn before."))
    tags = batch.votes.order_by().values_list("variety", flat=True).distinct()
    return "" if all(looks_after(by, tag) for tag in tags) else str(_("Votes in other varieties came under it too."))


@transaction.atomic
def withdraw_document(*, by: Person, batch: ExternalBatch, why: str) -> ExternalBatch:
    """The document holds no more: all of its votes are deleted and their questions forgotten, at once and for good. No
    later release has them, and those that do are recalled by the job that does it for what was erased.

    Raises:
        Refused: `suspended`; `forbidden`, also where one of its varieties is not in their remit; `invalid` without a
            reason; `not_open` where it was withdrawn before.
    """
    require_right(by, MAY_CHANGE)
    if not (why := " ".join(why.split())):
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    lock_imports()
    batch = ExternalBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if said := why_not_withdrawn(by=by, batch=batch):
        raise Refused("not_open" if batch.withdrawn_at else "forbidden", said)
    return _take_out(batch, by, why)


@transaction.atomic
def withdraw_again(*, document: str, why: str) -> bool:
    """A document that was withdrawn after the moment to which a database was restored, by who runs the machine: nobody
    is asked. Returns whether it was still in force here; one that came in after the moment is not looked for."""
    lock_imports()
    rows = ExternalBatch.objects.select_for_update(of=("self",))
    batch = rows.filter(document=document, withdrawn_at=None).first()
    if batch:
        _take_out(batch, None, why)
    return batch is not None


def _take_out(batch: ExternalBatch, by: Person | None, why: str) -> ExternalBatch:
    """Whoever calls holds the lock of imports, and the row."""
    votes = ExternalVote.objects.filter(batch=batch)
    prompts = set(votes.values_list("prompt", flat=True))
    batch.gone, _rows = votes.delete()
    batch.withdrawn_at, batch.withdrawn_by, batch.why = timezone.now(), by, why[:500]
    batch.save(update_fields=["gone", "withdrawn_at", "withdrawn_by", "why"])
    prompts -= set(Item.objects.filter(prompt__in=prompts).values_list("prompt", flat=True))
    forget_questions(prompts=prompts)
    return batch
