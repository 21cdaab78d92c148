"""Where texts come from, what was asked, and what models answered."""

from django.contrib import admin

from annotations.admin.panel import ReadOnly
from annotations.corpus.models import ModelVersion, Output, Prompt, Source


@admin.register(Source, ModelVersion)
class TermsAdmin(ReadOnly):
    list_display = ("name", "licence")
    search_fields = ("name",)


@admin.register(Prompt)
class PromptAdmin(ReadOnly):
    varieties_at = ("variety",)
    prompt_at = "pk"
    list_display = ("__str__", "variety", "domain", "source")
    list_filter = (("variety", admin.RelatedOnlyFieldListFilter), "domain", "group__role", "group__split")
    list_select_related = ("source",)


@admin.register(Output)
class OutputAdmin(ReadOnly):
    varieties_at = ("prompt__variety",)
    prompt_at = "prompt"
    list_display = ("__str__", "model", "licence", "quarantine")
    list_filter = ("model", "quarantine")
    list_select_related = ("model",)
