"""Work that nobody may have read, and texts that are alike: what a moderator looks at, and where it is looked for."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import CharField, ModelForm, Textarea
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept, Panel, ReadOnly
from annotations.people.models import Person
from annotations.quality.signals.actions import MAX_REASON, MAY_LOOK, MAY_SEE, look_at
from annotations.quality.signals.models import Alike, Signal, Watched
from annotations.quality.signals.queries import concerns, pairs, pairs_for, signals_for
from annotations.reviewing.queries import text_of

MOST_PAIRS = 20
"""Pairs that the page of a signal links to."""


@admin.register(Watched)
class WatchedAdmin(Panel):
    """Campaigns in which signals are looked for each night. None is by itself."""

    list_display = ("campaign", "since")
    list_select_related = ("campaign",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class State(admin.SimpleListFilter):
    """Whether somebody looked at it."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("nobody has looked at it")), ("looked", _("looked at"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Signal]) -> QuerySet[Signal]:
        if self.value() in ("open", "looked"):
            return queryset.filter(looked_at__isnull=(self.value() == "open"))
        return queryset


class LookForm(ModelForm[Signal]):
    """What somebody saw. Its person can read it."""

    seen = CharField(
        label=_("looked at: there is nothing to it, because"), max_length=MAX_REASON, widget=Textarea,
        help_text=_("Whom it is about reads these words in their own data."),
    )  # fmt: skip


def may_see(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY_SEE) or request.user.has_perm(MAY_LOOK)


@admin.register(Signal)
class SignalAdmin(Kept):
    """Something to look at, and no verdict: a class that copies one exercise, a fast reader, and somebody with firm
    tastes look just the same. Nothing is decided by it."""

    person_at = "person"
    form = LookForm
    list_display = ("campaign", "kind", "person", "figures", "pair", "last_at", "looked_at")
    list_filter = ("kind", State, ("campaign", admin.RelatedOnlyFieldListFilter))
    list_display_links = ("campaign", "kind")
    list_per_page = 50
    shown = ("what_it_is", "campaign", "kind", "person", "work", "figures", "pairs", "found_at", "last_at",
             "looked_by", "looked_at", "reason")  # fmt: skip
    readonly_fields = shown

    def all_rows(self, request: HttpRequest) -> QuerySet[Signal]:
        return signals_for(cast("Person", request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_see(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody looked at, and what concerns whoever looks, is only shown."""
        may = request.user.has_perm(MAY_LOOK)
        return may and (obj is None or not (obj.looked_at or concerns(obj, cast("Person", request.user))))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.shown, *(("seen",) if self.has_change_permission(request, obj) else ())]

    @admin.display(description=_("what it is"))
    def what_it_is(self, signal: Signal) -> str:
        return say(
            "Something to look at, and no verdict. A class that copies one exercise, a fast reader, and somebody with "
            "firm tastes look just the same. Nothing is decided by it; whoever wants to know asks."
        )

    @admin.display(description=_("figures"), ordering="strength")
    def figures(self, signal: Signal) -> str:
        return in_words(signal)

    @admin.display(description=_("texts"))
    def pair(self, signal: Any) -> str | SafeString:
        return _linked(signal.nearest, _("side by side")) if signal.nearest else "–"

    @admin.display(description=_("texts"))
    def pairs(self, signal: Signal) -> str | SafeString:
        found = pairs().filter(signal=signal).order_by("-near", "pk").values_list("pk", "near", "output")[:MOST_PAIRS]
        rows = [(_linked(pk, f"{near:.0%}"), _("a model's") if output else _("a text")) for pk, near, output in found]
        return format_html_join("", "<p>{} · {}</p>", rows) or "–"

    def save_model(self, request: HttpRequest, obj: Signal, form: Any, change: bool) -> None:  # noqa: FBT001
        look_at(person=cast("Person", request.user), signal=obj, reason=form.cleaned_data["seen"])


def in_words(signal: Signal) -> str:
    """What was counted, in a sentence."""
    figures: dict[str, Any] = {"part": signal.part, "whole": signal.whole}
    if signal.kind == Signal.Kind.FAST:
        told = say("%(part)d of %(whole)d answers in less time than anybody reads what stood there")
    elif signal.kind == Signal.Kind.ONE_BUTTON:
        told = say("“%(button)s” in %(part)d of %(whole)d answers; others: %(others).0f %%")
        figures |= {"button": signal.get_button_display(), "others": 100 * (signal.others or 0)}
    elif signal.kind == Signal.Kind.SAME_TEXT:
        told = say("%(part)d of %(whole)d texts are the same as an earlier one, or nearly")
    else:
        told = say("%(part)d of %(whole)d texts are what a model had written before, or nearly")
    return told % figures


def _linked(pk: int, words: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:annotations_alike_change", args=[pk]), words)


@admin.register(Alike)
class AlikeAdmin(ReadOnly):
    """Two texts side by side. Which of two was first is known; who took what from where is not."""

    person_at = "signal__person"
    list_display = ("signal", "near", "like")
    list_filter = (("signal__campaign", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("signal",)
    fields = ("signal", "near", "side_by_side")
    ordering = ("-near", "pk")

    def all_rows(self, request: HttpRequest) -> QuerySet[Alike]:
        return pairs_for(cast("Person", request.user))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_see(request)

    @admin.display(description=_("like"))
    def like(self, pair: Alike) -> str:
        return str(_("a model's") if pair.output_id else _("a text"))

    @admin.display(description=_("side by side"))
    def side_by_side(self, pair: Alike) -> SafeString:
        """Strangers' words: escaped, and nothing of them is made a link or a heading."""
        left, right = self._other(pair), self._mine(pair)
        return format_html(
            "<table><thead><tr><th>{}</th><th>{}</th></tr></thead><tbody><tr><td>{}</td><td>{}</td></tr></tbody></table>",
            left[0], right[0], linebreaksbr(left[1]), linebreaksbr(right[1]),
        )  # fmt: skip

    def _mine(self, pair: Alike) -> tuple[str, str]:
        row = pair.judgement
        return f"{row.person or '–'} · {row.received_at:%F %T}", text_of(row)

    def _other(self, pair: Alike) -> tuple[str, str]:
        if pair.output:
            return f"{pair.output.model} · {pair.output.entered_at:%F %T}", pair.output.text
        assert pair.other, "a text is like a text or an output"
        return f"{pair.other.person or '–'} · {pair.other.received_at:%F %T}", text_of(pair.other)
