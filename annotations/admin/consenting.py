"""The consent text that waits, beside the one in force, in each language; two people approve it."""

import hashlib
from typing import Any, cast

from django.contrib import admin
from django.forms import BooleanField, CharField, HiddenInput, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Decided
from annotations.people.consenting.actions import MAY_APPROVE, approve_consent_text, take_approval_back
from annotations.people.consenting.models import ConsentText
from annotations.people.consenting.queries import approved
from annotations.people.consenting.rules import Line, compared
from annotations.people.models import Person


class ApproveForm(ModelForm[ConsentText]):
    """Approving what stands on the page, or taking that back before a second person did."""

    agrees = BooleanField(
        label=_("I read it in every language: it is what people are to be asked"), required=False,
        help_text=_("A minute after the second approval it is in force, and everybody is asked again."),
    )  # fmt: skip
    takes_back = BooleanField(label=_("I approve it no more"), required=False)
    seen = CharField(widget=HiddenInput, required=False)

    class Meta:
        model = ConsentText
        fields = ()


@admin.register(ConsentText)
class ConsentTextAdmin(Decided):
    form = ApproveForm
    list_display = ("name", "stands", "noted_at", "first_by", "second_by", "in_force_at")
    list_select_related = ("first_by", "second_by")
    seen = ("name", "sha256", "stands", "noted_at", "first_by", "first_at", "second_by", "second_at", "in_force_at")
    readonly_fields = seen

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MAY_APPROVE) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        waits = obj is None or not (obj.in_force_at or obj.dropped_at)
        return waits and request.user.has_perm(MAY_APPROVE)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What is known of it, and what is asked: the texts stand between, so that they are read before."""
        asked = [name for name in self.asked_of(request, obj) if name != "seen"] if obj else []
        return [(None, {"fields": self.seen}), *([(None, {"fields": asked})] if asked else [])]

    def asked_of(self, request: HttpRequest, row: ConsentText) -> list[str]:
        """Nobody approves it twice."""
        if not self.has_change_permission(request, row):
            return []
        mine = row.first_at is not None and row.first_by_id == request.user.pk
        return ["takes_back"] if mine else ["agrees", "seen"]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        text = self.get_object(request, object_id) if object_id else None
        context = {"sides": _sides(text), "before": _before(text), "seen_now": text.sha256} if text else {}
        response: Any = super().changeform_view(request, object_id, form_url, (extra_context or {}) | context)
        return response  # type: ignore[no-any-return]

    @admin.display(description=_("state"))
    def stands(self, text: ConsentText) -> str:
        return str(text.state.label)

    def save_model(self, request: HttpRequest, obj: ConsentText, form: Any, change: bool) -> None:  # noqa: FBT001
        by, facts = cast("Person", request.user), form.cleaned_data
        if facts.get("agrees"):
            approve_consent_text(by=by, text=obj, sha256=facts["seen"])
        elif facts.get("takes_back"):
            take_approval_back(by=by, text=obj)


def _before(text: ConsentText) -> ConsentText | None:
    """What was approved before this one: while it waits, the one in force."""
    rows = approved().exclude(pk=text.pk)
    return (rows.filter(in_force_at__lt=text.in_force_at) if text.in_force_at else rows).first()


def _sides(text: ConsentText) -> list[tuple[str, str, list[Line]]]:
    """By language, the sum of its file and its lines beside those of the one before."""
    before = _before(text)
    was: dict[str, str] = before.texts if before else {}
    return [
        (code, hashlib.sha256(text.texts.get(code, "").encode()).hexdigest(),
         compared(was.get(code, ""), text.texts.get(code, "")))
        for code in sorted({*text.texts, *was})
    ]  # fmt: skip
