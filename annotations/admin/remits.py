"""Who looks after which part of the house."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import MAY_GIVE, end_remit, give_remit, require_givable
from annotations.people.remits.models import Remit


class GiveForm(ModelForm[Remit]):
    by: ClassVar[Person]

    class Meta:
        help_texts: ClassVar = {
            "person": _("Somebody of the team. Who was never given a part looks after the whole house."),
            "variety": _("It, and all that descends from it."),
            "country": _("All that is spoken there, and what is asked of the whole language."),
        }

    @property
    def asks(self) -> bool:
        """Of one that stands nothing is asked: its page shows it."""
        return bool(self.fields)

    def clean(self) -> dict[str, Any]:
        """What the action would refuse is said before it is asked."""
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self.asks:
            try:
                require_givable(by=self.by, **facts)
            except Refused as refused:
                self.add_error(None, str(refused.detail))
        return facts


@admin.register(Remit)
class RemitAdmin(Kept):
    """Who was never given a part looks after the whole house; who was, after what they have now."""

    varieties_at = ("variety",)
    form = GiveForm
    list_display = ("person", "variety", "country", "given_by", "since", "until")
    list_filter = ("country", ("variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("person", "variety", "given_by")
    search_fields = ("person__username",)
    raw_id_fields = ("person",)
    asked = ("person", "variety", "country")
    actions = ("end",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_GIVE)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.asked, "given_by", "since", "until") if obj else self.asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Remit, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            by = cast("Person", request.user)
            obj.pk = give_remit(by=by, **{name: form.cleaned_data[name] for name in self.asked}).pk

    @admin.action(description=_("They look after it no more"), permissions=("change",))
    def end(self, request: HttpRequest, remits: QuerySet[Remit]) -> None:
        for remit in remits.filter(until=None).exclude(person=request.user.pk):
            end_remit(by=cast("Person", request.user), remit=remit)
            self.log_change(request, remit, [{"changed": {"fields": ["until"]}}])
