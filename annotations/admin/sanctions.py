"""Sanctions and appeals. A sanction is decided here and told in words; how somebody stands follows from it."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CharField, ChoiceField, ModelForm, Textarea
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept
from annotations.moderation.appeals.actions import answer_appeal
from annotations.moderation.appeals.models import Appeal
from annotations.moderation.deciding import why_not_about
from annotations.moderation.sanctions.actions import lift, sanction, second
from annotations.moderation.sanctions.models import WORDS, Sanction
from annotations.moderation.sanctions.rules import unfit
from annotations.people.models import Person

SAID = {
    "missing": _("Needed with this."), "unfit": _("Not with this."),
    "not_within_a_year": _("Within a year from now."), "no_such_number": _("From 1 to 1,000."),
}  # fmt: skip


class SanctionForm(ModelForm[Sanction]):
    by: ClassVar[Person]
    over = CharField(
        label=_("end it now, because"), max_length=WORDS, required=False, widget=Textarea(attrs={"rows": 3}),
        help_text=_("Its person reads it."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What the action would refuse is said at its field, and what was typed stays."""
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance._state.adding and not self.errors:
            asked = {name: facts[name] for name in ("kind", "code", "words", "ends_at", "most_a_day")}
            for name, why in unfit(**asked).items():
                self.add_error(name, SAID.get(why, SAID["unfit"]))
            if refused := why_not_about(self.by, facts["person"]):
                self.add_error("person", str(refused))
        return facts


@admin.register(Sanction)
class SanctionAdmin(Kept):
    person_at = "person"
    form = SanctionForm
    list_display = ("person", "kind", "code", "decided_at", "decided_by", "ends_at", "second", "ended_at", "has_appeal")
    list_filter = ("kind", "code")
    list_select_related = ("person", "decided_by", "second", "appeal")
    search_fields = ("person__username",)
    raw_id_fields = ("person",)
    asked = ("person", "kind", "code", "words", "most_a_day", "ends_at")
    seen = (*asked, "decided_by", "decided_at", "second", "seconded_at", "read_at", "ended_at", "lifted_by",
            "why_lifted", "against")  # fmt: skip
    actions = ("close",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.add_sanction")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One about oneself, and what is over, is only looked at."""
        fixed = obj is not None and (obj.person_id == request.user.pk or obj.ended_at)
        return super().has_change_permission(request, obj) and not fixed

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return self.asked
        return (*self.seen, *(("over",) if self.has_change_permission(request, obj) else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.seen if obj else ()

    @admin.display(description=_("appeal"), boolean=True)
    def has_appeal(self, row: Sanction) -> bool:
        return hasattr(row, "appeal")

    @admin.display(description=_("appeal"))
    def against(self, row: Sanction) -> str:
        return row.appeal.text if hasattr(row, "appeal") else "–"

    def save_model(self, request: HttpRequest, obj: Sanction, form: Any, change: bool) -> None:  # noqa: FBT001
        by = cast("Person", request.user)
        if not change:
            obj.pk = sanction(by=by, **{name: form.cleaned_data[name] for name in self.asked}).pk
        elif why := form.cleaned_data["over"]:
            lift(by=by, sanction=obj, why=why)

    @admin.action(description=_("I say so too: close these accounts"), permissions=("change",))
    def close(self, request: HttpRequest, rows: QuerySet[Sanction]) -> None:
        """Those they had no part in; the others stay as they are."""
        by = cast("Person", request.user)
        open_ones = rows.filter(kind=Sanction.Kind.CLOSED, ended_at=None, seconded_at=None)
        for row in open_ones.exclude(decided_by=by).exclude(person=by):
            second(by=by, sanction=row)
            self.log_change(request, row, [{"changed": {"fields": ["seconded_at"]}}])


class AnswerForm(ModelForm[Appeal]):
    """What becomes of it, and why: whoever appealed reads it."""

    decided = ChoiceField(
        label=_("decision"), choices=[("no", _("it stays as it is")), ("yes", _("right: it is over, or put back"))]
    )
    words = CharField(label=_("in words, for them"), max_length=WORDS, widget=Textarea(attrs={"rows": 3}))


@admin.register(Appeal)
class AppealAdmin(Kept):
    """What people say against a sanction or a purge: somebody who had no part in it answers."""

    person_at = "person"
    form = AnswerForm
    list_display = ("made_at", "what", "text", "granted", "answered_by", "answered_at")
    list_filter = ("granted",)
    list_select_related = ("sanction", "purge", "answered_by")
    ordering = ("answered_at", "made_at")
    seen = ("made_at", "what", "reason", "told", "text")
    answered = ("granted", "answer", "answered_by", "answered_at")
    readonly_fields = (*seen, *answered)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj) or obj is None:
            return super().has_change_permission(request, obj)
        return not obj.answered_at and request.user.pk not in obj.parts

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("decided", "words") if self.has_change_permission(request, obj) else self.answered)]

    @admin.display(description=_("what"))
    def what(self, appeal: Appeal) -> str:
        return str(appeal.what)

    @admin.display(description=_("reason"))
    def reason(self, appeal: Appeal) -> str:
        return str(appeal.against.get_code_display())

    @admin.display(description=_("what they were told"))
    def told(self, appeal: Appeal) -> str:
        return str(appeal.against.words)

    def save_model(self, request: HttpRequest, obj: Appeal, form: Any, change: bool) -> None:  # noqa: FBT001
        facts = form.cleaned_data
        answer_appeal(
            by=cast("Person", request.user), appeal=obj, granted=facts["decided"] == "yes", words=facts["words"]
        )  # fmt: skip
