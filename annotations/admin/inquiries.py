"""Notes to the moderators, and what stands in the open beside the guidelines."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BooleanField, CharField, ModelForm, Textarea
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept
from annotations.assignments import kinds
from annotations.assignments.inquiries.actions import answer_inquiry, close_open_answer
from annotations.assignments.inquiries.models import MOST_WORDS, Inquiry, OpenAnswer
from annotations.assignments.inquiries.queries import is_settled, seen_by_asker
from annotations.people.models import Person


class AnswerForm(ModelForm[Inquiry]):
    words = CharField(
        label=_("answer"), max_length=MOST_WORDS, widget=Textarea(attrs={"rows": 4}),
        help_text=_("Who asked reads it. How others judged what is still open is told to nobody."),
    )  # fmt: skip
    in_the_open = BooleanField(
        label=_("answer everybody"), required=False, help_text=_("It stands beside the guidelines then.")
    )
    question = CharField(
        label=_("the question, in my words"), max_length=MOST_WORDS, required=False, widget=Textarea(attrs={"rows": 2}),
        help_text=_("For everybody: without names, and without what only this task has."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if facts.get("in_the_open") and not facts.get("question", "").strip():
            self.add_error("question", _("Whoever reads it beside the guidelines needs the question."))
        return facts


class IsAnswered(admin.SimpleListFilter):
    title = _("answered")
    parameter_name = "answered"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("no")), ("yes", _("yes"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(answered_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Inquiry)
class InquiryAdmin(Kept):
    """Who answers sees the task as who asked saw it, and not how it was judged; where it is settled, the way there."""

    varieties_at = ("variety",)
    prompt_at = "item__prompt"
    form = AnswerForm
    list_display = ("asked_at", "about", "variety", "text", "answered_by", "answered_at")
    list_filter = (IsAnswered, "kind", ("variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("variety", "answered_by")
    ordering = ("-asked_at",)
    seen = ("asked_at", "about", "variety", "task", "text")
    asked = ("words", "in_the_open", "question")
    told = ("answer", "answered_by", "answered_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One's own, and what is answered, is only looked at."""
        fixed = obj is not None and (obj.person_id == request.user.pk or obj.answered_at)
        return super().has_change_permission(request, obj) and not fixed

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, *(self.asked if self.has_change_permission(request, obj) else self.told))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, *self.told)

    @admin.display(description=_("about"))
    def about(self, inquiry: Inquiry) -> str:
        label = kinds.get(inquiry.kind).label
        return f"{label}" if inquiry.item_id else f"{label}: {_('guidelines')}"

    @admin.display(description=_("the task, as they saw it"))
    def task(self, inquiry: Inquiry) -> SafeString | str:
        if inquiry.item is None:
            return "–"
        asked = [(f"{each['role']}:", each["content"]) for each in inquiry.item.prompt.messages]
        outputs = [(f"{each.key}.", each.text) for each in seen_by_asker(inquiry)]
        lines = [(name, linebreaksbr(text)) for name, text in asked + outputs]  # a stranger's words, escaped
        shown = format_html_join("", '<p>{} <span class="words">{}</span></p>', lines)
        if not is_settled(inquiry):
            return shown
        way = reverse("admin:annotations_item_change", args=[inquiry.item_id])
        return shown + format_html('<p><a href="{}">{}</a></p>', way, _("Settled: all that was judged of it"))

    def save_model(self, request: HttpRequest, obj: Inquiry, form: Any, change: bool) -> None:  # noqa: FBT001
        facts = form.cleaned_data
        question = facts["question"] if facts["in_the_open"] else ""
        answer_inquiry(by=cast("Person", request.user), inquiry=obj, answer=facts["words"], question=question)


@admin.register(OpenAnswer)
class OpenAnswerAdmin(Kept):
    list_display = ("told_at", "of", "question", "told_by", "until")
    list_filter = ("kind",)
    list_select_related = ("told_by",)
    ordering = ("-told_at",)
    readonly_fields = fields = ("of", "question", "answer", "told_by", "told_at", "until")
    actions = ("close",)

    @admin.display(description=_("about"))
    def of(self, told: OpenAnswer) -> str:
        return str(kinds.get(told.kind).label)

    @admin.action(description=_("It stands beside the guidelines no more"), permissions=("change",))
    def close(self, request: HttpRequest, rows: QuerySet[OpenAnswer]) -> None:
        for told in rows.filter(until=None):
            close_open_answer(by=cast("Person", request.user), told=told)
            self.log_change(request, told, [{"changed": {"fields": ["until"]}}])
