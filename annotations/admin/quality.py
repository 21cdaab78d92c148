"""What cells were settled to, what the model says beside it, and how much people agree."""

from django.contrib import admin

from annotations.admin.panel import ReadOnly
from annotations.quality.models import Agreement, Estimate, Verdict


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    prompt_at = "item__prompt"
    list_display = ("item", "outcome", "n", "agreement", "margin", "method", "settled_at", "superseded_at")
    list_filter = ("outcome", "method", "item__campaign")
    list_select_related = ("item",)


@admin.register(Estimate)
class EstimateAdmin(ReadOnly):
    """What the model says beside a verdict; the verdict counts."""

    prompt_at = "verdict__item__prompt"
    list_display = ("verdict", "outcome", "preferred", "confidence", "computed_at", "version")
    list_filter = ("outcome", "verdict__item__campaign")
    list_select_related = ("verdict", "preferred")


@admin.register(Agreement)
class AgreementAdmin(ReadOnly):
    list_display = ("campaign", "kind", "aspect", "variety", "alpha", "low", "high", "undefined", "units", "people",
                    "judgements", "computed_at")  # fmt: skip
    list_filter = ("campaign", "kind", "aspect", "variety")
    list_select_related = ("campaign", "variety")
