"""What was flagged, and what somebody has to decide about."""

import json
from textwrap import shorten
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import (
    CharField,
    CheckboxSelectMultiple,
    ChoiceField,
    HiddenInput,
    ModelForm,
    RegexField,
    TypedMultipleChoiceField,
)
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept, ReadOnly
from annotations.assignments.stewards.queries import kept_by_stewards
from annotations.flagging.actions import decide
from annotations.flagging.models import Flag, Look
from annotations.flagging.queries import counter_examples, in_order, told
from annotations.flagging.spans import in_sight
from annotations.people.models import Person


@admin.register(Flag)
class FlagAdmin(ReadOnly):
    varieties_at = ("seat__cell__variety", "seat__judge_variety")
    prompt_at = "seat__item__prompt"
    list_display = ("id", "__str__", "wrong", "severity", "stance", "seat", "look", "weighs", "flagged_at")
    list_filter = ("wrong", "severity", "stance", "weighs", "seat__item__campaign")
    list_select_related = ("seat", "look")


class LookForm(ModelForm[Look]):
    """What becomes of it, and why: whoever flagged it reads the reason. And what of that which was said in its place
    models may learn from."""

    decision = ChoiceField(label=_("decision"), choices=Look.Decision.choices)
    reason = CharField(label=_("reason"), max_length=2_000)
    taken = TypedMultipleChoiceField(
        label=_("good answers in its place"), coerce=int, required=False, widget=CheckboxSelectMultiple,
        help_text=_("Those you tick are published beside what was flagged, as the better answer to the question."),
    )  # fmt: skip
    by: ClassVar[Person]
    shown = RegexField(r"^[0-9]{1,18}(,[0-9]{1,18})*$", label="", required=False, widget=HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        flags = list(counter_examples(self.instance).exclude(seat__person=self.by))
        self.initial["shown"] = ",".join(
            str(pk) for pk in self.instance.flags.order_by("pk").values_list("pk", flat=True)
        )
        if field := self.fields.get("taken"):
            cast("TypedMultipleChoiceField", field).choices = [
                (flag.pk, in_sight(flag.counter_example)) for flag in flags
            ]
            field.initial = [flag.pk for flag in flags if flag.taken]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if facts.get("taken") and facts.get("decision") != Look.Decision.VEILED:
            self.add_error("taken", _("Only where it comes back behind a click is another answer taken in its place."))
        return facts


@admin.register(Look)
class LookAdmin(Kept):
    """What waits for somebody to look at it: the gravest first, and what is hidden before what is not."""

    varieties_at = ("item__variety",)
    form = LookForm
    list_display = ("item", "beginning", "gravest", "voices", "opened_at", "hidden_by", "decision", "decided_at")
    list_filter = (
        "decision", "hidden_by", "item__campaign", ("item__variety", admin.RelatedOnlyFieldListFilter)
    )  # fmt: skip
    list_select_related = ("item", "output")
    seen = ("item", "question", "about", "voiced", "opened_at", "hidden_at", "hidden_by", "decided_at")
    readonly_fields = seen

    def all_rows(self, request: HttpRequest) -> QuerySet[Look]:
        return in_order().exclude(kept_by_stewards("item__prompt"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if not self.has_change_permission(request, obj):
            return [*self.seen]
        taken = ["taken"] if obj and counter_examples(obj).exists() else []
        return [*self.seen, "decision", "reason", *taken, "shown"]

    @admin.display(description=_("question"))
    def question(self, look: Look) -> str:
        return str(look.item.prompt)

    @admin.display(description=_("what it is about"))
    def about(self, look: Look) -> str:
        return look.output.text if look.output else str(_("The task is broken"))

    @admin.display(description=_("what it is about"))
    def beginning(self, look: Look) -> str:
        return shorten(self.about(look), 90, placeholder="…")

    @admin.display(description=_("what was said"))
    def voiced(self, look: Look) -> SafeString:
        flags = look.flags.select_related("output")
        rows = ((flag.pk, in_sight(json.dumps(told(flag), ensure_ascii=False))) for flag in flags)
        return format_html_join("", "<p>{} · {}</p>", rows)

    @admin.display(description=_("gravest"), ordering="gravest")
    def gravest(self, look: Any) -> str:
        return str(look.gravest or "–")

    @admin.display(description=_("voices"), ordering="voices")
    def voices(self, look: Any) -> int:
        return int(look.voices)

    def save_model(self, request: HttpRequest, obj: Look, form: Any, change: bool) -> None:  # noqa: FBT001
        facts = form.cleaned_data
        taken = facts.get("taken") or []
        shown = [int(pk) for pk in facts["shown"].split(",") if pk]
        decide(
            moderator=cast("Person", request.user), look=obj, decision=facts["decision"], reason=facts["reason"],
            taken=taken, seen=[*shown, *taken],
        )  # fmt: skip
