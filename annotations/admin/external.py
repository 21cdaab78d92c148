"""Votes that people gave elsewhere: brought in under a document, let go where screening holds one, and taken out again
with their document."""

from typing import Any, Final, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CharField, ModelForm, Textarea
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from annotations.admin.campaigns import MOST_REFUSED
from annotations.admin.panel import FORMS, Kept
from annotations.datasets.external.actions import (
    MAY_BRING,
    MAY_CHANGE,
    MAY_LET_GO,
    bring_in,
    let_go,
    why_not_withdrawn,
    withdraw_document,
)
from annotations.datasets.external.forms import BringForm
from annotations.datasets.external.models import ExternalBatch, ExternalVote
from annotations.datasets.external.queries import counted, votes_of
from annotations.errors import Refused
from annotations.people.models import Person

HELD: Final = {
    "personal_data": _("it shows who somebody is"),
    "error_answer": _("an output is an error message and no answer"),
}
"""What screening holds for, in words."""


class WithdrawForm(ModelForm[ExternalBatch]):
    by: Person
    over = CharField(
        label=_("withdraw it: for everybody and for good, because"), max_length=500, widget=Textarea,
        help_text=_("All of its votes are deleted at once, and releases that hold them are recalled. What comes in"
                    " afterwards comes under another document."),
    )  # fmt: skip

    def clean_over(self) -> str:
        over: str = self.cleaned_data["over"]
        if why := why_not_withdrawn(by=self.by, batch=self.instance):
            self.add_error("over", str(why))
        return over


@admin.register(ExternalBatch)
class ExternalBatchAdmin(Kept):
    """By document."""

    varieties_at = ("votes__variety",)
    form = WithdrawForm
    list_display = ("document", "votes", "held", "entered_at", "brought_by", "withdrawn_at")
    list_select_related = ("brought_by",)
    search_fields = ("document",)
    seen = ("document", "votes", "held", "entered_at", "brought_by", "withdrawn_at", "withdrawn_by", "why", "gone")
    readonly_fields = seen

    def all_rows(self, request: HttpRequest) -> QuerySet[Any]:
        return counted().order_by("-entered_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_BRING)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was withdrawn is only looked at."""
        return request.user.has_perm(MAY_CHANGE) and (obj is None or obj.withdrawn_at is None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("over",) if self.has_change_permission(request, obj) else ())]

    @admin.display(description=_("votes"), ordering="n_votes")
    def votes(self, batch: Any) -> str:
        return f"{batch.n_votes:,}"

    @admin.display(description=_("held back"), ordering="n_held")
    def held(self, batch: Any) -> str:
        return f"{batch.n_held:,}"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Votes from a file: tried, and then brought in."""
        by = cast("Person", request.user)
        if not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        form = BringForm(request.POST or None, request.FILES or None)
        report = None
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            lines = votes_of(given["file"].name, given["file"].file, given["licence"])
            try:
                report = bring_in(by=by, document=given["document"], lines=lines, only_try=given["only_try"])
            except Refused as refused:
                form.add_error("document", str(refused.detail))
        context = {
            **self.admin_site.each_context(request), "title": _("Bring in votes given elsewhere"), "form": form,
            "report": report, "opts": self.opts, "media": FORMS,
            "refused": report.refused[:MOST_REFUSED] if report else [],
        }  # fmt: skip
        return TemplateResponse(request, "admin/annotations/externalbatch/import.html", context,
                                status=400 if form.errors else 200)  # fmt: skip

    def save_model(self, request: HttpRequest, obj: ExternalBatch, form: Any, change: bool) -> None:  # noqa: FBT001
        withdraw_document(by=cast("Person", request.user), batch=obj, why=form.cleaned_data["over"])


class LetGoForm(ModelForm[ExternalVote]):
    because = CharField(
        label=_("release it all the same, because"), max_length=500, widget=Textarea,
        help_text=_("It stands in the next release. Who said so, and why, is kept."),
    )  # fmt: skip


@admin.register(ExternalVote)
class ExternalVoteAdmin(Kept):
    """One by one, as they came. Who gave them is nowhere."""

    varieties_at = ("variety",)
    prompt_at = "prompt"
    form = LetGoForm
    list_display = ("source_id", "batch", "variety", "preferred", "why_held", "entered_at")
    list_filter = ("held_back", "batch", ("variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("batch", "variety")
    search_fields = ("source_id",)
    seen = ("source_id", "batch", "variety", "prompt", "texts", "preferred", "strength", "given_on", "source",
            "licence", "uses", "why_held", "entered_at")  # fmt: skip
    readonly_fields = seen

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is something to do where screening holds it."""
        return request.user.has_perm(MAY_LET_GO) and (obj is None or bool(obj.held_back))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("because",) if self.has_change_permission(request, obj) else ())]

    @admin.display(description=_("outputs"))
    def texts(self, vote: ExternalVote) -> str:
        return "\n\n".join(f"{key}. {each['text']}" for key, each in zip("abcd", vote.outputs, strict=False))

    @admin.display(description=_("what for"))
    def uses(self, vote: ExternalVote) -> str:
        return ", ".join(vote.permitted_use) or "–"

    @admin.display(description=_("held back"), ordering="held_back", empty_value="–")
    def why_held(self, vote: ExternalVote) -> str | None:
        return str(HELD.get(vote.held_back, vote.held_back)) or None

    def save_model(self, request: HttpRequest, obj: ExternalVote, form: Any, change: bool) -> None:  # noqa: FBT001
        let_go(by=cast("Person", request.user), vote=obj, reason=form.cleaned_data["because"])
