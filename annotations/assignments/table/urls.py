"""The tables' addresses, everywhere and inside one campaign: `/rate/`, `/c/SLUG/write/send/`, `/try/undo/`."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from annotations.assignments import kinds
from annotations.assignments.table import views
from annotations.assignments.table.sitters import GUESTS


class TableConverter(StringConverter):
    """A table on which some kind lies, or the guests'."""

    regex = "|".join([GUESTS, *kinds.tables()])


register_converter(TableConverter, "table")

_ACTS = (("", "table", views.ask), ("send/", "table_send", views.send), ("undo/", "table_undo", views.take_back),
         ("draft/", "table_draft", views.begin))  # fmt: skip

urlpatterns = [
    *(path(f"<table:table>/{end}", view, name=name) for end, name, view in _ACTS),
    *(path(f"c/<slug:slug>/<table:table>/{end}", view, name=f"{name}_in") for end, name, view in _ACTS),
    path("who/", views.who, name="who"),
    path("guidelines/<str:kind>/", views.guidelines, name="guidelines"),
]
