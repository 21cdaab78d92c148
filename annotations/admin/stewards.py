"""Stewards and what they decide; what waits for leads and moderators where nobody governs."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import CharField, ChoiceField, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept, ReadOnly
from annotations.assignments.stewards.actions import keep_hidden, lift
from annotations.assignments.stewards.models import Hidden
from annotations.people.models import Person
from annotations.people.stewards.actions import decide_variety, end_stewardship, record_letter
from annotations.people.stewards.models import (
    Charter,
    CommunityLabel,
    Steward,
    StewardsDecision,
    StewardsLog,
    VarietyProposal,
)
from annotations.people.stewards.queries import governed


class LetterForm(ModelForm[Steward]):
    """The letter that appoints a steward; once it is recorded, the reason for which a stewardship ends."""

    end_reason = CharField(label=_("End it, because"), required=False, max_length=2_000)

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.cleaned_data
        for name in set(self.fields) - {"end_reason"} if not facts.get("end_reason") else ():
            if not facts.get(name):
                self.add_error(name, _("A letter is recorded whole."))
        return facts


@admin.register(Steward)
class StewardAdmin(Kept):
    """Stewards as leads see them: they record letters, and end what a body took back. Nobody decides here."""

    varieties_at = ("variety",)
    form = LetterForm
    list_display = ("variety", "person", "proposed_at", "letter_body", "recorded_at", "accepted_at", "ended_at")
    list_filter = ("variety",)
    list_select_related = ("variety", "person")
    letter = ("letter_by", "letter_body", "letter_date", "letter_reference")
    seen = ("variety", "person", "proposed_by", "proposed_at", "why", "shown_name", "recorded_by", "recorded_at",
            "accepted_at", "ended_at")  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [*self.seen, *self.letter, *(["end_reason"] if self.has_change_permission(request, obj) else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, *self.letter) if obj and (obj.recorded_at or obj.ended_at) else self.seen

    def save_model(self, request: HttpRequest, obj: Steward, form: Any, change: bool) -> None:  # noqa: FBT001
        lead = cast("Person", request.user)
        if form.cleaned_data["end_reason"]:
            end_stewardship(person=lead, steward=obj, reason=form.cleaned_data["end_reason"])
        elif obj.recorded_at is None:
            record_letter(lead=lead, steward=obj, by=obj.letter_by, body=obj.letter_body,
                          date=form.cleaned_data["letter_date"], reference=obj.letter_reference)  # fmt: skip


@admin.register(VarietyProposal)
class VarietyProposalAdmin(Kept):
    """The queue of missing varieties. Accepting one says so; the variety itself comes with a change of the seeds."""

    list_display = ("name", "place", "parent", "state", "proposed_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("parent",)
    seen = ("name", "other_names", "place", "parent", "why", "proposed_by", "proposed_at")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [*self.seen, "state", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, "state", "note") if obj and obj.decided_at else self.seen

    def save_model(self, request: HttpRequest, obj: VarietyProposal, form: Any, change: bool) -> None:  # noqa: FBT001
        decide_variety(lead=cast("Person", request.user), proposal=obj, state=obj.state, note=obj.note)


class HiddenForm(ModelForm[Hidden]):
    say = ChoiceField(label=_("decision"), choices=[("keep", _("It stays hidden")), ("lift", _("It comes back"))])
    reason = CharField(label=_("reason"), max_length=2_000)


@admin.register(Hidden)
class HiddenAdmin(Kept):
    """Marked as restricted where nobody governs: moderators decide. What stewards decide about is not even listed."""

    varieties_at = ("item__variety",)
    form = HiddenForm
    list_display = ("item", "kind", "code", "hidden_at", "kept_at", "lifted_at")
    list_filter = ("kind", "code")
    list_select_related = ("item",)
    seen = ("item", "question", "kind", "code", "text", "hidden_at", "kept_at", "lifted_at")
    readonly_fields = seen

    def all_rows(self, request: HttpRequest) -> QuerySet[Hidden]:
        return super().all_rows(request).exclude(item__variety__in=governed())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        decides = self.has_change_permission(request, obj) and not (obj and obj.lifted_at)
        return [*self.seen, *(("say", "reason") if decides else ())]

    @admin.display(description=_("question"))
    def question(self, hidden: Hidden) -> str:
        return str(hidden.item.prompt)

    def save_model(self, request: HttpRequest, obj: Hidden, form: Any, change: bool) -> None:  # noqa: FBT001
        person, reason = cast("Person", request.user), form.cleaned_data["reason"]
        if form.cleaned_data["say"] == "lift":
            lift(moderator=person, hidden=obj, reason=reason)
        else:
            keep_hidden(person=person, hidden=obj, reason=reason)


@admin.register(StewardsDecision)
class StewardsDecisionAdmin(ReadOnly):
    varieties_at = ("variety",)
    list_display = ("variety", "kind", "reason", "proposed_at", "in_force_at", "expires_at", "revoked_at")
    list_filter = ("kind", "variety")
    list_select_related = ("variety",)


@admin.register(Charter)
class CharterAdmin(ReadOnly):
    varieties_at = ("variety",)
    list_display = ("variety", "version", "quorum", "takes_contributions", "written_at")
    list_filter = ("variety",)
    list_select_related = ("variety",)


@admin.register(CommunityLabel)
class CommunityLabelAdmin(ReadOnly):
    varieties_at = ("variety",)
    list_display = ("name", "community", "variety", "campaign", "record", "added_at", "ended_at")
    list_filter = ("variety", "system")
    list_select_related = ("variety",)


@admin.register(StewardsLog)
class StewardsLogAdmin(ReadOnly):
    varieties_at = ("variety",)
    list_display = ("variety", "act", "about", "code", "at")
    list_filter = ("variety", "act", "code")
    list_select_related = ("variety",)
    exclude = ("subject",)
