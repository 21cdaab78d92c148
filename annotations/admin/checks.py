"""Whose word is trusted, and the alarms that send verdicts to them."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CharField, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept
from annotations.people.anchors.actions import end_anchor, name_anchor
from annotations.people.anchors.models import Anchor
from annotations.people.models import Person
from annotations.quality.checks.actions import lift_alarm
from annotations.quality.checks.models import Alarm


@admin.register(Anchor)
class AnchorAdmin(Kept):
    """Speakers whose word checks what others say. They are named one by one, for a reason; nobody names themselves."""

    varieties_at = ("variety",)
    list_display = ("person", "variety", "why", "named_by", "since", "until")
    list_filter = (("variety", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("person", "variety", "named_by")
    asked = ("person", "variety", "why")
    raw_id_fields = ("person",)
    actions = ("end",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.add_anchor")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.asked, "named_by", "since", "until") if obj else self.asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Anchor, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            lead = cast("Person", request.user)
            obj.pk = name_anchor(lead=lead, person=obj.person, variety=obj.variety, why=obj.why).pk

    @admin.action(description=_("Their word is one among others from now on"), permissions=("change",))
    def end(self, request: HttpRequest, anchors: QuerySet[Anchor]) -> None:
        for anchor in anchors.filter(until=None):
            end_anchor(anchor=anchor)
            self.log_change(request, anchor, [{"changed": {"fields": ["until"]}}])


class LiftForm(ModelForm[Alarm]):
    lift_reason = CharField(label=_("lift it, because"), max_length=500)


@admin.register(Alarm)
class AlarmAdmin(Kept):
    """Models from which trusted speakers take verdicts more often than they give them some: all about them waits."""

    varieties_at = ("variety",)
    form = LiftForm
    list_display = ("model", "campaign", "variety", "taken", "given", "raised_at", "lifted_at")
    list_filter = (("campaign", admin.RelatedOnlyFieldListFilter), ("variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("model", "campaign", "variety")
    seen = ("model", "campaign", "variety", "taken", "given", "by_chance", "raised_at", "lifted_at", "lifted_by",
            "reason")  # fmt: skip
    readonly_fields = seen

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A lifted one is only looked at."""
        return super().has_change_permission(request, obj) and not (obj and obj.lifted_at)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("lift_reason",) if self.has_change_permission(request, obj) else ())]

    @admin.display(description=_("verdicts taken from it"))
    def taken(self, alarm: Alarm) -> str:
        return str(alarm.away)

    @admin.display(description=_("verdicts given to it"))
    def given(self, alarm: Alarm) -> str:
        return str(alarm.towards)

    def save_model(self, request: HttpRequest, obj: Alarm, form: Any, change: bool) -> None:  # noqa: FBT001
        lift_alarm(alarm=obj, person=cast("Person", request.user), reason=form.cleaned_data["lift_reason"])
