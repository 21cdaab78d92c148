"""What the pages of the panel share."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, Final, cast

from django.apps import apps
from django.contrib import admin
from django.db.models import CharField, DateTimeField, FloatField, Model, QuerySet
from django.forms import Media
from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.stewards.queries import kept_by_stewards
from annotations.people.models import Person
from annotations.people.remits.queries import within

FORMS: Final = Media(css={"all": ["admin/css/forms.css"]})
"""For pages of the panel with a form of their own."""


def short(moment: dt.datetime) -> str:
    """A moment as a list shows it."""
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")


@cache
def _shown(model: str, name: Any) -> Any:
    """A column of moments or of shares made short, a kind of judgement in words; any other as it is."""
    fields = {field.name: field for field in apps.get_model(model)._meta.fields}
    field: Any = fields.get(name)
    if not isinstance(field, DateTimeField | FloatField) and not _is_kind(field):
        return name

    @admin.display(description=field.verbose_name, ordering=field.name, empty_value="–")
    def shown(row: Model) -> str | None:
        value = getattr(row, field.name)
        if isinstance(value, str):
            return kind_in_words(value)
        if isinstance(value, float):
            return number_format(round(value, 2), 2)  # which cuts, and does not round
        return value and short(value)

    shown.__name__ = field.name
    return shown


def _is_kind(field: Any) -> bool:
    return isinstance(field, CharField) and field.name == "kind" and not field.choices


def kind_in_words(name: str) -> str:
    return str(kinds.get(name).label) if name in kinds.names() else name


class OfKind(admin.AllValuesFieldListFilter):
    """Kinds of judgement, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": kind_in_words(str(choice["display"]))}


class Panel(admin.ModelAdmin[Any]):
    """A page of the panel. Rows are found by its filters only: any other lookup in an address would let whoever may
    look at a list guess, character by character, what the list does not show.

    Attributes:
        prompt_at: the path to the prompt that a row belongs to: what stewards keep is not listed.
        varieties_at: paths to the varieties it is in, and `person_at` to the person it is about: who looks after a part
            of the house (`people/remits`) sees those of that part. Where neither is said, it is in nobody's part.
    """

    prompt_at: ClassVar[str] = ""
    varieties_at: ClassVar[tuple[str, ...]] = ()
    person_at: ClassVar[str] = ""

    def all_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """All there are, with what the list shows of them."""
        return super().get_queryset(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of those the ones that this person may see: no other is listed, opened or acted upon."""
        rows = self.all_rows(request)
        if self.prompt_at:
            rows = rows.exclude(kept_by_stewards(self.prompt_at))
        return within(rows, cast("Person", request.user), varieties=self.varieties_at, person=self.person_at)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        of_kind = _is_kind({field.name: field for field in self.model._meta.fields}.get("kind"))
        return [("kind", OfKind) if each == "kind" and of_kind else each for each in super().get_list_filter(request)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [_shown(self.model._meta.label, each) for each in super().get_list_display(request)]

    def get_form(self, request: HttpRequest, *where: Any, **how: Any) -> Any:
        """The form knows who fills it in (`by`), so that what an action would refuse them can be said at its field."""
        form: Any = super().get_form(request, *where, **how)
        form.by = request.user
        return form

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        filters = [name[0] if isinstance(name, tuple) else name for name in self.list_filter]
        own = [getattr(each, "parameter_name", None) for each in filters]  # of a filter that reads its word itself
        return lookup in own or any(lookup == name or lookup.startswith(f"{name}__") for name in filters)


class Kept(Panel):
    """Rows that nobody adds or deletes here: they come and go through actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Decided(Kept):
    """Rows of which somebody says something once, and another agrees: what one can say of a row depends on whose turn
    it is. Fields of the form that are not asked of this person now are not there."""

    def asked_of(self, request: HttpRequest, row: Any) -> list[str]:
        """Names of the fields that this person can fill in now."""
        raise NotImplementedError

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 -- as Django calls it
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj:
            asked = self.asked_of(request, obj)
            form.base_fields = {name: field for name, field in form.base_fields.items() if name in asked}
        return form

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *where: Any, **how: Any) -> Any:
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | one_button, *where, **how)


class ReadOnly(Kept):
    """Rows that are looked at and not edited."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OfJudgement(ReadOnly):
    """What a judgement of one kind holds, with whose and where it is."""

    prompt_at = "judgement__item__prompt"
    varieties_at = ("judgement__cell__variety", "judgement__judge_variety")
    list_filter: ClassVar[tuple[str, ...]] = ("judgement__campaign", "judgement__counted", "judgement__judge_variety")
    search_fields = ("judgement__person__username", "judgement__item__source_id")
    list_select_related = ("judgement__item", "judgement__person")

    @admin.display(description=_("item"), ordering="judgement__item")
    def item(self, row: Any) -> str:
        return str(row.judgement.item.source_id)

    @admin.display(description=_("person"))
    def person(self, row: Any) -> str:
        return str(row.judgement.person or "–")

    @admin.display(description=_("variety"))
    def variety(self, row: Any) -> str:
        return str(row.judgement.judge_variety_id)

    @admin.display(description=_("received"), ordering="judgement__received_at")
    def received(self, row: Any) -> str:
        return short(row.judgement.received_at)

    @admin.display(description=_("counts"), boolean=True)
    def counted(self, row: Any) -> bool:
        return bool(row.judgement.counted)
