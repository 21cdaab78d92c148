"""Every judgement."""

from django.contrib import admin
from django.http import HttpRequest

from annotations.admin.panel import ReadOnly
from annotations.assignments.models import Judgement


@admin.register(Judgement)
class JudgementAdmin(ReadOnly):
    varieties_at = ("cell__variety", "judge_variety")
    list_display = ("id", "kind", "item", "person", "judge_variety", "opt_out", "counted", "late", "received_at")
    list_filter = ("campaign", "kind", "counted", "late", "opt_out", "channel")
    of_person = "person__id__exact"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Also those of one person, by their number: their page leads here."""
        return lookup == self.of_person or super().lookup_allowed(lookup, value, request)

    list_select_related = ("item", "person", "judge_variety")
