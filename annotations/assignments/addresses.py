"""Addresses that exist twice: everywhere, and inside one campaign."""

from django.urls import reverse


def address(name: str, slug: str | None, *args: str) -> str:
    """Of a page; inside the campaign's own addresses where `slug` names one."""
    return reverse(f"{name}_in", args=[slug, *args]) if slug else reverse(name, args=args)
