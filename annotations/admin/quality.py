"""What cells were settled to, what the model says beside it, how much people agree, and what is kept aside."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.forms import BooleanField, CharField, ModelForm, Textarea
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept, ReadOnly
from annotations.people.models import Person
from annotations.quality.gates.actions import MAX_REASON, MAY_RELEASE, ask_release, confirm_release
from annotations.quality.gates.models import Hold
from annotations.quality.models import Agreement, Estimate, Verdict


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    varieties_at = ("cell__variety",)
    prompt_at = "item__prompt"
    list_display = ("item", "outcome", "n", "agreement", "margin", "method", "settled_at", "superseded_at")
    list_filter = ("outcome", "method", "item__campaign")
    list_select_related = ("item",)


@admin.register(Estimate)
class EstimateAdmin(ReadOnly):
    """What the model says beside a verdict; the verdict counts."""

    varieties_at = ("verdict__cell__variety",)
    prompt_at = "verdict__item__prompt"
    list_display = ("verdict", "outcome", "preferred", "confidence", "computed_at", "version")
    list_filter = ("outcome", "verdict__item__campaign")
    list_select_related = ("verdict", "preferred")


@admin.register(Agreement)
class AgreementAdmin(ReadOnly):
    list_display = ("campaign", "kind", "aspect", "variety", "alpha", "low", "high", "undefined", "units", "people",
                    "judgements", "computed_at")  # fmt: skip
    list_filter = ("campaign", "kind", "aspect", "variety")
    list_select_related = ("campaign", "variety")


class HoldForm(ModelForm[Hold]):
    """The first asks, with a reason; the second agrees."""

    why_release = CharField(label=_("let it count again, because"), max_length=MAX_REASON, widget=Textarea)
    agrees = BooleanField(label=_("I looked at it too: it counts again"))


@admin.register(Hold)
class HoldAdmin(Kept):
    """What came in too great a part from one account or one day: reported, or kept aside until two people say that it
    counts. What is only reported goes by itself."""

    varieties_at = ("variety",)
    form = HoldForm
    list_display = ("campaign", "why", "slice", "whom", "mode", "part", "most", "judgements", "contributors",
                    "found_at", "asked_at", "released_at")  # fmt: skip
    list_filter = ("mode", "why", "campaign", ("variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("campaign", "variety", "model", "person")
    seen = ("campaign", "why", "slice", "whom", "mode", "part", "most", "judgements", "given", "contributors",
            "found_at", "asked_by", "asked_at", "reason", "released_by", "released_at")  # fmt: skip
    readonly_fields = seen

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MAY_RELEASE) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Where there is nothing this person can say of it now, it is only looked at."""
        return request.user.has_perm(MAY_RELEASE) and (obj is None or bool(self._asked(request, obj)))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *self._asked(request, obj)]

    def _asked(self, request: HttpRequest, hold: Any) -> list[str]:
        """What this person can say of it now."""
        if not hold or hold.released_at or hold.mode != Hold.Mode.HOLD or not request.user.has_perm(MAY_RELEASE):
            return []
        if hold.asked_at is None:
            return ["why_release"]
        return ["agrees"] if hold.asked_by_id != request.user.pk else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 -- as Django calls it
        """With the one field that is asked for now."""
        form = super().get_form(request, obj, change, **kwargs)
        asked = self._asked(request, obj)
        form.base_fields = {name: field for name, field in form.base_fields.items() if name in asked}
        return form

    @admin.display(description=_("slice"))
    def slice(self, hold: Hold) -> str:
        return " · ".join(str(each) for each in (hold.work, hold.variety_id, hold.model) if each) or "–"

    @admin.display(description=_("whose"))
    def whom(self, hold: Hold) -> str:
        return str(hold.day or hold.person or "–")

    @admin.display(description=_("part"), ordering="share")
    def part(self, hold: Hold) -> str:
        return f"{hold.share:.1%}"

    @admin.display(description=_("limit"))
    def most(self, hold: Hold) -> str:
        return f"{hold.limit:.1%}"

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:  # noqa: FBT001
        person = cast("Person", request.user)
        if reason := form.cleaned_data.get("why_release"):
            ask_release(person=person, hold=obj, reason=reason)
        elif form.cleaned_data.get("agrees"):
            again = confirm_release(person=person, hold=obj)
            self.message_user(request, _("%d judgements count now.") % again)
