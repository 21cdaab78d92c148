"""What changed, as the database wrote it down: found by what, by whom, by key and moment; taken along as CSV."""

import json
from typing import Any, cast

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import ReadOnly
from annotations.moderation.audit.models import Change
from annotations.people.models import Person
from annotations.people.remits.queries import remit_of
from annotations.spreadsheets import to_take_along

LONGEST = 20
"""Characters of a state that a list shows; the file has all of it."""


class ByStaff(admin.SimpleListFilter):
    title = _("done in the panel")
    parameter_name = "panel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes")), ("no", _("no"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(by__isnull=self.value() == "no") if self.value() in ("yes", "no") else queryset


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    """Whoever may look reads all of it and changes nothing."""

    list_display = ("at", "who", "row", "how")
    list_display_links = None
    list_filter = ("what", "verb", ByStaff)
    search_fields = ("key",)
    search_help_text = _("The key of a row, or the name of who did it.")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("as_csv",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What changed is of the whole house: so is whoever reads it."""
        return super().has_view_permission(request, obj) and remit_of(cast("Person", request.user)) is None

    def all_rows(self, request: HttpRequest) -> QuerySet[Change]:
        named = Person.objects.filter(pk=OuterRef("by")).values("username")
        rows: QuerySet[Change] = super().all_rows(request)
        return rows.annotate(name=Subquery(named))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Change], search_term: str
    ) -> tuple[QuerySet[Change], bool]:
        for word in search_term.split():
            people = Person.objects.filter(username=word).values("pk")
            queryset = queryset.filter(Q(key=word) | Q(by__in=people))
        return queryset, False

    @admin.display(description=_("by"), ordering="by")
    def who(self, row: Any) -> str:
        return str(row.name or (row.by and f"({row.by})") or "–")

    @admin.display(description=_("change"), ordering="what")
    def row(self, row: Change) -> str:
        return f"{row.get_what_display()} {row.key}: {row.get_verb_display()}"

    @admin.display(description=_("how it was and is"))
    def how(self, row: Change) -> SafeString:
        return format_html(
            '<ul class="facts">{}</ul>',
            format_html_join(
                "", "<li><code>{}</code> {}</li>", ((name, _said(row, name)) for name in sorted(row.facts))
            ),
        )

    @admin.action(description=_("Take these along as CSV"), permissions=["view"])
    def as_csv(self, request: HttpRequest, rows: QuerySet[Any]) -> StreamingHttpResponse:
        columns = ("at", "by", "verb", "what", "key", "facts")
        told = (
            (row.at.isoformat(), row.name or row.by or "", row.verb, row.what, row.key, json.dumps(row.facts))
            for row in rows.order_by("pk").iterator(2_000)
        )
        return to_take_along("changes.csv", columns, told)


def _said(row: Change, name: str) -> str:
    states = row.facts[name] if row.verb == Change.Verb.CHANGED else [row.facts[name]]
    return " → ".join("–" if state is None else _plain(state) for state in states)


def _plain(state: Any) -> str:
    text = state if isinstance(state, str) else json.dumps(state, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
