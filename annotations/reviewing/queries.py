"""Questions about what waits to be read, and what became of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotations.assignments import kinds
from annotations.assignments.models import Assignment, Averted, Cell, Judgement
from annotations.assignments.queries import KEPT_ASIDE
from annotations.differences import Change, changes
from annotations.reviewing.models import Review, Reviewed


def to_be_read() -> QuerySet[Judgement]:
    """What was written and counts, and nobody was asked to read yet, the oldest first."""
    texts = Judgement.objects.filter(counted=True, kind__in=kinds.reviewed(), person__isnull=False)
    return texts.exclude(Exists(Reviewed.objects.filter(judgement=OuterRef("pk")))).order_by("pk")


def due_reviews() -> QuerySet[Reviewed]:
    """Those that have as many readers as were asked, and those whose text counts no more. One that is kept aside may
    count again, and waits."""
    enough = Q(item__cells__done__gte=F("item__cells__needed"))
    due = Reviewed.objects.filter(enough | Q(judgement__counted=False), outcome="")
    return due.exclude(judgement__not_counted__in=KEPT_ASIDE).order_by("pk")


def without_evidence() -> QuerySet[Reviewed]:
    """Accepted ones of which a reader took their consent back or was erased since: their cell is open again."""
    accepted = [Reviewed.Outcome.ACCEPTED, Reviewed.Outcome.EDITED]
    return Reviewed.objects.filter(outcome__in=accepted, item__cells__settled_at=None).order_by("pk")


def reviews_of(cell: Cell) -> QuerySet[Review]:
    """The counted reviews at a cell, in the order they were received."""
    return Review.objects.filter(judgement__cell=cell, judgement__counted=True).order_by("judgement_id")


def text_of(judgement: Judgement) -> str:
    """What somebody wrote, of whatever kind."""
    written = kinds.get(judgement.kind).written
    assert written, "only kinds with a text are reviewed"
    return written(judgement)


def under_review(seat: Assignment) -> Judgement | None:
    """The judgement a seat at a review is about; None when its author took it along."""
    found = Reviewed.objects.filter(item=seat.item_id).select_related("judgement__cell", "judgement__assignment")
    row = found.first()
    return row.judgement if row else None


def reasons_at(seat: Assignment, judgement: Judgement) -> list[str]:
    """Why this reader may reject this text. That it is not in the variety asked for is none of them, unless reader
    and author both speak that very variety."""
    alike = {judgement.cell.variety_id, judgement.judge_variety_id, seat.judge_variety_id}
    return [reason for reason in Review.Reason.values if reason != Review.Reason.VARIETY or len(alike) == 1]


def asked(seat: Assignment) -> Mapping[str, Any]:
    """What a turn at a review holds: the text (`written`), the kind it is of, what else its author said (`about`), the
    `changes` against what they began with, unless this reader never wants to see that again, and the `reasons` there
    are to reject it; `source` and `terms` where it was made of a source."""
    judgement = under_review(seat)
    if judgement is None:
        return {"written": "", "of": "", "about": {}, "changes": [], "reasons": []}
    kind, text = kinds.get(judgement.kind), text_of(judgement)
    begun = kind.ask(judgement.assignment)
    given = "" if _averted(seat, judgement) else begun.get("begins_with", "")
    about = {name: value for name, value in kind.tell(judgement).items() if name != "text" and value}
    return {name: begun[name] for name in ("source", "terms") if name in begun} | {
        "written": text, "of": kind.name, "about": about, "reasons": reasons_at(seat, judgement),
        "changes": [list(change) for change in changes(given, text)] if given else [],
    }  # fmt: skip


def _averted(seat: Assignment, judgement: Judgement) -> bool:
    return Averted.objects.filter(person=seat.person_id, output__in=judgement.shown).exists()


@dataclass(frozen=True)
class Told:
    """What the author of a text is told: its outcome (empty while it is read), why it was not taken, and how an edit
    changed it."""

    outcome: str
    reasons: list[str]
    words: list[str]
    changes: list[Change]


def told_of(judgements: Collection[Judgement]) -> dict[int, Told]:
    """For each of these judgements that others read, what its author is told. As many queries for fifty as for one."""
    found = Reviewed.objects.filter(judgement__in=[each.pk for each in judgements])
    rows = {row.item_id: row for row in found.select_related("judgement", *_rows())}
    rejections: dict[int, list[Review]] = {}
    against = Review.objects.filter(judgement__item__in=rows, judgement__counted=True, decision=Review.Decision.REJECT)
    for review in against.select_related("judgement").order_by("pk"):
        rejections.setdefault(review.judgement.item_id, []).append(review)
    return {row.judgement_id: _told(row, rejections.get(item, [])) for item, row in rows.items()}


def _rows() -> list[str]:
    return [f"judgement__{kinds.get(name).row}" for name in kinds.reviewed()]


def _told(row: Reviewed, rejections: list[Review]) -> Told:
    rejected = rejections if row.outcome == Reviewed.Outcome.REJECTED else []
    edited = row.outcome == Reviewed.Outcome.EDITED
    return Told(
        row.outcome,
        reasons=list(dict.fromkeys(str(each.get_reason_display()) for each in rejected)),
        words=[each.words for each in rejected if each.words],
        changes=changes(text_of(row.judgement), row.text) if edited else [],
    )
