"""Whose knowledge is confirmed: leads name the first speakers here, and take back what should not stand.

Where a variety is governed its stewards do both, in their room; here one only looks.
"""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import CharField, ChoiceField, ModelChoiceField, ModelForm, Textarea
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Panel, ReadOnly
from annotations.people.competence.actions import name_speaker, take_back
from annotations.people.competence.models import Confirmed, Vouch
from annotations.people.competence.queries import MAY_NAME, in_force, speaks
from annotations.people.models import Person, Variety
from annotations.people.queries import varieties_on_offer
from annotations.people.stewards.queries import governed


class NameForm(ModelForm[Confirmed]):
    """Who is confirmed, in what, and how that is known: they read the reason."""

    username = CharField(label=_("Their user name"), max_length=60)
    variety = ModelChoiceField(label=_("variety"), queryset=Variety.objects.none())
    reason = CharField(label=_("reason"), max_length=2_000, widget=Textarea(attrs={"rows": 3}))

    class Meta:
        model = Confirmed
        fields = ("variety", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = varieties_on_offer().exclude(pk__in=governed().values("pk"))
        cast("ModelChoiceField[Variety]", self.fields["variety"]).queryset = free

    def clean(self) -> dict[str, Any]:
        """What the action would refuse, said beside the field."""
        facts: dict[str, Any] = self.cleaned_data
        person = Person.objects.named(facts.get("username", "")).filter(is_active=True).first()
        if person is None:
            raise ValidationError({"username": _("There is no account of this name.")})
        self.instance.person = person
        if (variety := facts.get("variety")) is not None:
            if not speaks(person, variety) or person.consent_id is None:
                raise ValidationError({"username": _("Whoever is confirmed takes part and says that they speak it.")})
            if in_force().filter(person=person, variety=variety).exists():
                raise ValidationError({"variety": _("This is confirmed already.")})
        return facts


class EndForm(ModelForm[Confirmed]):
    """Why a confirmation is taken back; its person reads it."""

    ended_code = ChoiceField(label=_("Take it back, because"), choices=Confirmed.Code.choices)
    ended_reason = CharField(label=_("in words"), max_length=2_000, widget=Textarea(attrs={"rows": 3}))

    class Meta:
        model = Confirmed
        fields = ("ended_code", "ended_reason")


@admin.register(Confirmed)
class ConfirmedAdmin(Panel):
    varieties_at = ("variety",)
    list_display = ("variety", "person", "how", "confirmed_by", "since", "until", "ended_code")
    list_filter = ("how", "ended_code", ("variety", admin.RelatedOnlyFieldListFilter))
    search_fields = ("person__username",)
    list_select_related = ("variety", "person", "confirmed_by")
    seen = ("variety", "person", "how", "confirmed_by", "since", "reason", "until", "ended_by")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(MAY_NAME))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj and (obj.until or governed().filter(pk=obj.variety_id).exists()):
            return False
        return bool(request.user.has_perm(MAY_NAME))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        return super().get_form(request, obj, change, form=EndForm if obj else NameForm, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, "ended_code", "ended_reason"] if obj else ["username", "variety", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.seen if obj else ()

    def save_model(self, request: HttpRequest, obj: Confirmed, form: Any, change: bool) -> None:  # noqa: FBT001
        lead = cast("Person", request.user)
        if change:
            take_back(by=lead, confirmed=obj, code=obj.ended_code, reason=obj.ended_reason)
        else:
            obj.pk = name_speaker(by=lead, person=obj.person, variety=obj.variety, reason=obj.reason).pk


@admin.register(Vouch)
class VouchAdmin(ReadOnly):
    """Whose word confirmed whom: where several confirm each other in a ring, it is seen here."""

    varieties_at = ("variety",)
    list_display = ("variety", "person", "speaker", "at")
    list_filter = (("variety", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("person__username", "speaker__username")
    list_select_related = ("variety", "person", "speaker")
