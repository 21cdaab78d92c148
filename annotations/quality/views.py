"""How much people agree in a campaign, and what it lacks: for those with the right to see it."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.assignments.models import Campaign
from annotations.quality.charts import SCALE, Dot, Share, confusion, shares
from annotations.quality.models import Agreement
from annotations.quality.queries import Coverage, agreements_of, beside_verdicts, coverage, judged_campaigns
from annotations.quality.reliability.queries import doubtful, gold_by_variety
from annotations.rating.rubric import aspects

ASPECTS: Final = {
    "outcome": _("Which answer is better"), "lean": _("How much better, of two answers"),
    "overall": _("All of an answer, in points"), "wrong": _("Whether something is wrong"),
    "decision": _("Whether a text is accepted"),
}  # fmt: skip

see = permission_required("annotations.see_quality", raise_exception=True)


@never_cache
@see
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """The campaigns in which something was judged."""
    return render(request, "quality/campaigns.html", {"campaigns": judged_campaigns()})


@never_cache
@see
@require_safe
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """One of them: agreement within varieties and across, who says what where others do not, gold, what lacks, what
    waits."""
    row, now = get_object_or_404(Campaign, slug=slug), timezone.now()
    found = list(agreements_of(row))
    covered = coverage(row, now)
    most = max((each.open for each in covered), default=0)
    verdicts, same = beside_verdicts(row)
    context = {
        "campaign": row, "verdicts": verdicts, "same": same,
        "measured": found[0].computed_at if found else None, "scale": SCALE, "said": _said(found),
        "gold": [(each, Share(each.pair)) for each in gold_by_variety(row)],
        "doubtful": [(each, shares([each.pair.agreed], each.pair.of)) for each in doubtful(row)],
        "covered": [(each, shares([each.done], each.needed)) for each in covered],
        "waiting": [_waits(each, most) for each in covered if each.open],
        "gaps": [each.variety for each in covered if each.is_gap],
    }  # fmt: skip
    return render(request, "quality/campaign.html", context)


def _said(rows: Iterable[Agreement]) -> list[dict[str, Any]]:
    """Each thing that is said, in words, with its figures."""
    known = ASPECTS | {aspect.code: aspect.name for aspect in aspects(get_language())}
    return [_thing(known.get(aspect, aspect), list(several)) for (_kind, aspect), several in groupby(rows, _which)]


def _which(row: Agreement) -> tuple[str, str]:
    return row.kind, row.aspect


def _thing(name: str | Promise, rows: list[Agreement]) -> dict[str, Any]:
    lines = [(row, confusion(row)) for row in rows if row.variety_id]
    return {"name": name, "dots": [Dot(row) for row in rows], "lines": [each for each in lines if each[1]]}


def _waits(each: Coverage, most: int) -> tuple[Coverage, list[tuple[int, int]]]:
    return each, shares(each.waiting, most)
