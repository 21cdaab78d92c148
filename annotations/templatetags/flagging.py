"""Codes of harm, as people read them."""

from collections.abc import Collection

from django import template

from annotations.flagging.queries import names_of

register = template.Library()


@register.filter
def in_words(codes: Collection[str]) -> str:
    """Categories of bias by their names in the language of the page."""
    return ", ".join(names_of(codes))
