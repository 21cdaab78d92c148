"""A translation as a browser sends it: a text, begun with nothing or with an accepted one, or "valid here too"."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Assignment, Cell
from annotations.assignments.table.texts import TextForm, long_text
from annotations.translating.actions import GONE, doubts, faults
from annotations.translating.models import Approved
from annotations.translating.palettes import Palette, palettes_for
from annotations.translating.queries import last_orthography, offered, source_of

VALID: Final = "valid:"
BEGIN: Final = "begin"
"""The name of a button that begins with the accepted translation in its value."""


class TranslationForm(TextForm):
    text = long_text(6)
    orthography = forms.ChoiceField(label=_("The way of writing"), required=False)
    started_from = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    begun: Approved | None = None
    """What it began with, while that is offered."""

    def __init__(self, data: Any = None, *, seat: Assignment, **kwargs: Any) -> None:
        super().__init__(data, seat=seat, **kwargs)
        choice = str((data or {}).get("choice", ""))
        self.takes = choice.startswith(VALID)
        if self.takes:
            self.fields["text"].required = False
        if "text" in self.fields:
            self.fields["text"].widget.attrs["lang"] = seat.cell.variety_id
            self._offer_orthographies()
            self.begun = _offered(self["started_from"].value(), seat.cell)
            self.given = self.begun.text if self.begun else ""

    @cached_property
    def palettes(self) -> list[Palette]:
        return palettes_for(self.seat.cell.variety.lineage)

    def _offer_orthographies(self) -> None:
        several = [(each.orthography, each.name) for each in self.palettes if each.orthography]
        self.fields["orthography"].choices = [("", _("another, or mixed")), *several]  # type: ignore[attr-defined]
        if several and not self.is_bound:
            self.initial.setdefault("orthography", last_orthography(self.seat.person, self.seat.cell.variety))

    def typed(self, data: Any) -> dict[str, Any]:
        """The button of an accepted translation puts its text into the field, before what somebody wrote there."""
        fields = super().typed(data)
        if row := _offered(data.get(BEGIN), self.seat.cell):
            before = _offered(fields.get("started_from"), self.seat.cell)
            own = fields.get("text", "") not in ("", row.text, before and before.text)
            text = f"{row.text}\n\n{fields['text']}" if own else row.text
            fields |= {"text": text, "started_from": str(row.pk)}
        return fields

    def was_there(self) -> str:
        return f"{source_of(self.seat.item)}\n{super().was_there()}"

    def doubts(self, facts: Mapping[str, Any]) -> Iterator[str]:
        yield from super().doubts(facts)
        if text := facts.get("text"):
            yield from (doubt.sentence for doubt in doubts(text, self.seat.cell))

    def clean_choice(self) -> str:
        return str(self.cleaned_data["choice"]) if self.takes else super().clean_choice()

    def clean_text(self) -> str:
        """Each fault under the field, in a sentence of its own. What is taken as it is stands elsewhere."""
        text: str = "" if self.takes else self.cleaned_data["text"]
        if text and (found := faults(text, self.seat.cell)):
            raise forms.ValidationError(found)
        return text

    def clean_started_from(self) -> int | None:
        """Taken back meanwhile, it is said once, and the text goes on as one's own."""
        value: int | None = self.cleaned_data["started_from"]
        if value and not self.begun and not self.takes:
            self.data = {name: self.data[name] for name in self.data if name != "started_from"}
            self.add_error("text", GONE)
        return value

    def read(self, choice: str) -> Mapping[str, Any]:
        if self.takes:
            return {"started_from": _number(choice.removeprefix(VALID)), "valid_here": True}
        facts = {name: self.cleaned_data[name] for name in self.own_fields()}
        return {name: value for name, value in facts.items() if value}

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: str(value) for name, value in answer.items() if name != "valid_here"}


def _offered(value: Any, cell: Cell) -> Approved | None:
    number = _number(value)
    return offered(cell, number) if number else None


def _number(value: Any) -> int:
    """The number a browser sent, or 0."""
    return int(value) if re.fullmatch(r"[0-9]{1,18}", str(value)) else 0
