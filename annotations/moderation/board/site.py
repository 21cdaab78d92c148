"""The panel's first page, and a page for each queue that is gone through with the keyboard."""

from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from annotations.moderation.audit.kept import acting
from annotations.moderation.board.queues import Queue, board_of, queues_of
from annotations.moderation.day.views import day
from annotations.moderation.items.forms import ACTS
from annotations.moderation.thanks.views import thanks
from annotations.people.models import Person

A_PAGE = 50
"""Rows of a queue that one page shows."""


class OfRows(admin.ModelAdmin[Any]):
    """What every list of the panel does, a library's too."""

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *where: Any) -> HttpResponse | None:
        """What is done with rows of the list. A key that can be none of them is told so, and is no fault of ours."""
        key: Any = self.model._meta.pk
        while key.remote_field:
            key = key.target_field
        for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                key.run_validators(key.to_python(selected))
            except ValidationError:
                raise BadRequest from None
        return super().response_action(request, queryset, *where)


class PanelSite(admin.AdminSite):
    """Django's panel, with what waits before the tables."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        own = admin_class or admin.ModelAdmin
        made = type(own.__name__, (OfRows, own), {"__module__": own.__module__})
        super().register(model_or_iterable, made, **options)

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
            path("day/", self.admin_view(day), name="day"),
            path("thanks/", self.admin_view(thanks), name="thanks"),
            *super().get_urls(),
        ]

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
