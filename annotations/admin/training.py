"""Runs: whose they are and how they go. They change by what they say of themselves."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import ReadOnly
from annotations.training.models import TrainingRun


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnly):
    exclude = ("asked_sha256",)
    list_display = ("__str__", "state", "base_model", "owner", "place", "campaign", "made_at", "heard_at", "look")
    list_filter = ("state", "recipe", "campaign")
    list_select_related = ("owner", "campaign")

    @admin.display(description=_("page"))
    def look(self, run: TrainingRun) -> SafeString:
        return format_html('<a href="/runs/{}/">{}</a>', run.pk, _("open"))
