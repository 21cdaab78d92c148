"""Where texts come from, what was asked, and what models answered."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import ReadOnly
from annotations.corpus.models import ModelVersion, Output, Prompt, Source


@admin.register(Source)
class SourceAdmin(ReadOnly):
    """Where texts come from and under which terms; what nobody said a licence of is in no release."""

    list_display = ("name", "terms", "uses", "prompts", "held")
    list_filter = ("licence",)
    search_fields = ("name", "url", "attribution")
    fields = ("name", "terms", "uses", "url", "attribution", "prompts", "held")

    def all_rows(self, request: HttpRequest) -> QuerySet[Any]:
        prompts = Prompt.objects.filter(source=OuterRef("pk")).order_by().values("source")
        held = Output.objects.filter(prompt__source=OuterRef("pk")).exclude(quarantine="").order_by()
        rows: QuerySet[Any] = super().all_rows(request)
        counted: QuerySet[Any] = rows.annotate(
            n_prompts=Subquery(prompts.annotate(n=Count("pk")).values("n")),
            n_held=Subquery(held.values("prompt__source").annotate(n=Count("pk")).values("n")),
        )
        return counted

    @admin.display(description=_("licence"), ordering="licence")
    def terms(self, source: Source) -> str:
        return source.licence or str(_("nobody said: it is in no release"))

    @admin.display(description=_("what for"))
    def uses(self, source: Source) -> str:
        return ", ".join(source.permitted_use) or "–"

    @admin.display(description=_("prompts"), ordering="n_prompts")
    def prompts(self, source: Any) -> str:
        return f"{source.n_prompts or 0:,}"

    @admin.display(description=_("outputs held back"), ordering="n_held")
    def held(self, source: Any) -> str:
        return f"{source.n_held or 0:,}"


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly):
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
