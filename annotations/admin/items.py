"""An item: everything that is known of it on one page, and what can be done about it."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotations.admin.panel import FORMS, ReadOnly
from annotations.assignments.models import Cell, Item
from annotations.errors import Refused
from annotations.moderation.items.forms import ACTS, Act, Why
from annotations.moderation.items.queries import known_of, touched
from annotations.people.models import Person
from annotations.quality.argilla.actions import send_to_experts
from annotations.quality.rulings.models import Ruling
from annotations.requests import row_keys

MOST_AT_ONCE = 100
"""Items to which something is done at once."""


class CellsInline(admin.TabularInline[Cell, Item]):
    model = Cell
    extra = 0
    can_delete = False
    fields = readonly_fields = ("variety", "needed", "held", "done", "held_back", "settled_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Item)
class ItemAdmin(ReadOnly):
    varieties_at = ("variety", "cells__variety")
    list_display = ("source_id", "campaign", "variety", "kind", "question", "verdict")
    list_filter = ("campaign", "kind", ("variety", admin.RelatedOnlyFieldListFilter))
    search_fields = ("source_id",)
    list_select_related = ("campaign", "prompt", "variety")
    fields = ("source_id", "campaign", "variety", "kind", "verdict", "created_at")
    readonly_fields = fields
    prompt_at = "prompt"
    inlines = (CellsInline,)
    actions = ("ask_for_more", "hide", "ask_experts")

    def all_rows(self, request: HttpRequest) -> QuerySet[Item]:
        return super().all_rows(request).prefetch_related("verdicts")

    @admin.display(description=_("question"))
    def question(self, item: Item) -> str:
        return str(item.prompt)

    @admin.display(description=_("verdict"))
    def verdict(self, item: Item) -> str:
        return ", ".join(str(v.get_outcome_display()) for v in item.verdicts.all() if v.superseded_at is None) or "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        item = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if item is not None and self.has_view_permission(request, item):
            acts = [(code, act.name) for code, act in ACTS.items() if request.user.has_perm(act.right)]
            context = {"known": known_of(item), "acts": acts}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | context)

    def has_ask_experts_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.add_expertrecord")

    @admin.action(description=_("Ask the experts about them"), permissions=("ask_experts",))
    def ask_experts(self, request: HttpRequest, items: QuerySet[Item]) -> None:
        try:
            keys = list(items.values_list("pk", flat=True))
            sent = send_to_experts(person=cast("Person", request.user), items=keys)
        except Refused as refused:
            self.message_user(request, str(refused.detail), messages.ERROR)
        else:
            self.message_user(request, _("%d items are on their way to the experts.") % sent)

    # What can be done -----------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        own = path("act/<slug:act>/", self.admin_site.admin_view(self.act), name="annotations_item_act")
        return [own, *super().get_urls()]

    def act(self, request: HttpRequest, act: str) -> HttpResponse:
        """One form for what is to be done to one item or to several, with what it touches beside it."""
        if act not in ACTS:
            raise Http404
        wanted = ACTS[act]
        if not (request.user.has_perm(wanted.right) and self.has_view_permission(request)):
            raise PermissionDenied
        items = self._asked(request, wanted)
        by = cast("Person", request.user)
        form = wanted.form(request.POST or None, item=items[0], by=by)
        if request.method == "POST" and form.is_valid() and self._do(request, wanted, items, form):
            return redirect((request.POST.get("next") == "list" and reverse("admin:annotations_item_changelist"))
                            or reverse("admin:annotations_item_change", args=[items[0].pk]))  # fmt: skip
        outputs = [place.output_id for item in items for place in item.places.all()] if act == "quarantine" else []
        context = {
            **self.admin_site.each_context(request), "title": wanted.name, "items": items, "form": form, "act": act,
            "opts": self.opts, "media": FORMS, "touched": touched(items, outputs), "several": len(items) > 1,
            "known": known_of(items[0]) if len(items) == 1 else None,
        }  # fmt: skip
        return TemplateResponse(request, "admin/annotations/item/act.html", context, status=400 if form.errors else 200)

    def _asked(self, request: HttpRequest, act: Act) -> list[Item]:
        asked = ",".join(request.GET.getlist("items")).split(",")
        keys = row_keys(asked)[: MOST_AT_ONCE if act.several else 1]
        items = list(self.get_queryset(request).filter(pk__in=keys).order_by("pk"))
        if not items:
            raise Http404
        return items

    def _do(self, request: HttpRequest, act: Act, items: list[Item], form: Why) -> bool:
        """Item by item: what is refused of one is told, and the others are done."""
        by, done = cast("Person", request.user), 0
        for item in items:
            try:
                act.done(by, item, form.cleaned_data)
            except Refused as refused:
                if len(items) == 1:
                    form.add_error(None, str(refused.detail))
                    return False
                messages.error(request, f"{item.source_id}: {refused.detail}")
            else:
                done += 1
                self.log_change(request, item, f"{act.name}: {form.cleaned_data['reason']}")
        messages.success(request, ngettext("Done for %d item.", "Done for %d items.", done) % done)
        return True

    def _led(self, act: str, request: HttpRequest, rows: QuerySet[Item]) -> HttpResponse:
        """To the form, which shows what it touches before anything is done."""
        keys = ",".join(map(str, rows.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]))
        return redirect(f"{reverse('admin:annotations_item_act', args=[act])}?items={keys}")

    @admin.action(description=_("Ask for more votes, and open it again"), permissions=("view",))
    def ask_for_more(self, request: HttpRequest, rows: QuerySet[Item]) -> HttpResponse:
        return self._led("more", request, rows)

    @admin.action(description=_("Hide the task from everybody"), permissions=("view",))
    def hide(self, request: HttpRequest, rows: QuerySet[Item]) -> HttpResponse:
        return self._led("hide", request, rows)


@admin.register(Ruling)
class RulingAdmin(ReadOnly):
    """What was decided by hand, and why."""

    varieties_at = ("cell__variety",)
    prompt_at = "cell__item__prompt"
    list_display = ("cell", "kind", "verdict", "votes", "ruled_by", "ruled_at")
    list_filter = ("kind", "cell__campaign", "cell__variety")
    list_select_related = ("cell", "verdict", "ruled_by")
