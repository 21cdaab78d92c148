"""The panel's first page, a page for each queue that is gone through with the keyboard, and what came in lately."""

from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign
from annotations.moderation.audit.kept import acting
from annotations.moderation.board.queues import Queue, board_of, queues_of
from annotations.moderation.day.queries import figures, to_be_shared
from annotations.moderation.items.forms import ACTS
from annotations.moderation.thanks.queries import COLUMNS, thanked
from annotations.people.models import Person
from annotations.spreadsheets import lines

A_PAGE = 50
"""Rows of a queue that one page shows."""


class PanelSite(admin.AdminSite):
    """Django's panel, with what waits before the tables."""

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's own form
        """What is changed on any page of the panel is kept with who did it (`audit/kept.py`)."""

        def kept(request: HttpRequest, *where: Any, **how: Any) -> Any:
            if request.method != "POST":
                return view(request, *where, **how)
            with acting(cast("Person", request.user)):
                return view(request, *where, **how)

        return super().admin_view(wraps(view)(kept), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        board = board_of(request.user) if request.user.is_authenticated else []
        return super().index(request, (extra_context or {}) | {"board": board})

    def get_urls(self) -> list[Any]:
        return [
            path("queue/<slug:code>/", self.admin_view(self.queue), name="queue"),
            path("day/", self.admin_view(self.day), name="day"),
            path("thanks/", self.admin_view(self.thanks), name="thanks"),
            *super().get_urls(),
        ]

    def day(self, request: HttpRequest) -> HttpResponse:
        """What came in lately, and a text about it for a chat group."""
        person = cast("Person", request.user)
        if not person.has_perm("annotations.view_campaign"):
            raise PermissionDenied
        span = "week" if request.GET.get("span") == "week" else "day"
        campaign = Campaign.objects.filter(slug=request.GET.get("campaign", "")[:60]).first()
        found = figures(by=person, span=span, campaign=campaign)
        way = reverse("campaign", args=[campaign.slug]) if campaign else reverse("home")
        context = {
            **self.each_context(request), "title": _("What came in"), "found": found, "span": span,
            "campaign": campaign, "campaigns": Campaign.objects.order_by("-pk")[:A_PAGE],
            "parts": ((_("by variety"), found.varieties), (_("by country of the question"), found.countries),
                      (_("by domain"), found.domains)),
            "shared": to_be_shared(found, span=span, campaign=campaign, url=request.build_absolute_uri(way)),
        }  # fmt: skip
        return TemplateResponse(request, "admin/day.html", context)

    def thanks(self, request: HttpRequest) -> HttpResponseBase:
        """Whom to thank: a page, or a table to take along."""
        person = cast("Person", request.user)
        if not person.has_perm("annotations.view_credit"):
            raise PermissionDenied
        campaign = Campaign.objects.filter(slug=request.GET.get("campaign", "")[:60]).first()
        people = thanked(by=person, campaign=campaign)
        if request.GET.get("as") == "csv":
            return StreamingHttpResponse(
                lines(COLUMNS, (each.row for each in people)), content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": 'attachment; filename="thanks.csv"'},
            )  # fmt: skip
        context = {
            **self.each_context(request), "title": _("Whom to thank"), "people": list(people), "campaign": campaign,
            "campaigns": Campaign.objects.order_by("-pk")[:A_PAGE],
        }  # fmt: skip
        return TemplateResponse(request, "admin/thanks.html", context)

    def queue(self, request: HttpRequest, code: str) -> HttpResponse:
        """What waits in one queue, the oldest first. Acts on several lead to a form that shows what they touch."""
        person = cast("Person", request.user)
        queue = next((each for each in queues_of(person) if each.code == code), None)
        if queue is None:
            raise Http404
        rows, tag = queue.rows(person), request.GET.get("variety", "")[:35] if queue.variety else ""
        rows = rows.filter(**{queue.variety: tag}) if tag else rows
        page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.each_context(request), "title": queue.name, "queue": queue, "page": page, "tag": tag,
            "lines": [_line(queue, row) for row in page],
            "acts": [(name, ACTS[name].name) for name in queue.acts if person.has_perm(ACTS[name].right)],
        }  # fmt: skip
        return TemplateResponse(request, "admin/queue.html", context)


def _line(queue: Queue, row: Any) -> dict[str, Any]:
    """A row as the page shows it, and where it leads."""
    key = getattr(row, queue.key)
    variety: Any = row
    for step in filter(None, queue.variety.split("__")):
        variety = getattr(variety, f"{step}_id" if step == "variety" else step, None)
    return {
        "at": getattr(row, queue.at), "says": queue.says(row), "key": key, "variety": variety if queue.variety else "",
        "url": reverse(f"admin:annotations_{queue.page}_change", args=[key]),
    }  # fmt: skip
