"""Which campaign a page of the panel is about: one of a list, or all."""

from typing import Any, Final

from django.http import HttpRequest

from annotations.assignments.models import Campaign

MOST: Final = 50
"""Campaigns one can choose from, the newest."""


def chosen(request: HttpRequest) -> dict[str, Any]:
    """`campaign`, named by its slug or None for all, and `campaigns` to choose from."""
    slug = request.GET.get("campaign", "")[:60]
    return {
        "campaign": Campaign.objects.filter(slug=slug).first() if slug else None,
        "campaigns": Campaign.objects.order_by("-pk")[:MOST],
    }
