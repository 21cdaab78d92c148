"""Where texts come from, what was asked, and what models answered."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import ReadOnly
from annotations.corpus.languages import TOLD
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


class LooksLike(admin.SimpleListFilter):
    """What is marked, and in which language it seems to be."""

    title = _("looks like another language")
    parameter_name = "looks_like"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in TOLD]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(looks_like=self.value()) if self.value() in TOLD else queryset


@admin.register(Prompt)
class PromptAdmin(ReadOnly):
    varieties_at = ("variety",)
    prompt_at = "pk"
    list_display = ("__str__", "variety", "domain", "source", "alike", "looks_like")
    list_filter = (
        ("variety", admin.RelatedOnlyFieldListFilter), "domain", "group__role", "group__split", LooksLike,
    )  # fmt: skip
    list_select_related = ("source",)

    def all_rows(self, request: HttpRequest) -> QuerySet[Any]:
        same = Prompt.objects.filter(group=OuterRef("group")).order_by().values("group")
        rows: QuerySet[Any] = super().all_rows(request)
        counted: QuerySet[Any] = rows.annotate(n_group=Subquery(same.annotate(n=Count("pk")).values("n")))
        return counted

    @admin.display(description=_("nearly the same"), ordering="n_group")
    def alike(self, prompt: Any) -> str:
        """A mark: how many others are nearly the same question."""
        return f"{prompt.n_group - 1:,}"


@admin.register(Output)
class OutputAdmin(ReadOnly):
    varieties_at = ("prompt__variety",)
    prompt_at = "prompt"
    list_display = ("__str__", "model", "licence", "quarantine", "looks_like")
    list_filter = ("model", "quarantine", LooksLike)
    list_select_related = ("model",)
