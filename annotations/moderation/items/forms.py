"""What a moderator says about an item. Each act has its own form; all say why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.assignments.imports import let_go
from annotations.assignments.models import Cell, Item
from annotations.flagging.actions import take_out_of_sight
from annotations.moderation.items.queries import LEVELS
from annotations.people.models import Person
from annotations.people.remits.actions import require_variety
from annotations.people.remits.queries import within
from annotations.quality.rulings.actions import (
    MAX_REASON,
    MOST_VOTES,
    adjudicate,
    ask_more_votes,
    take_back,
)


class Why(forms.Form):
    """The reason alone. `by` is who says it."""

    reason = forms.CharField(
        label=_("reason"), max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip

    def __init__(self, *args: Any, item: Item, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item, self.by = item, by


def cells_of(item: Item, by: Person) -> QuerySet[Cell]:
    """Those that somebody looks after.

    Raises:
        Refused: `forbidden`, there is none.
    """
    cells = Cell.objects.filter(item=item).order_by("variety")
    require_variety(by, *cells.values_list("variety", flat=True))
    return within(cells, by, varieties=("variety",))


class MoreForm(Why):
    votes = forms.IntegerField(label=_("more votes"), min_value=1, max_value=MOST_VOTES, initial=2)


class ChoiceForm(Why):
    """What a cell is settled to."""

    variety = forms.ChoiceField(label=_("as judged in"))
    choice = forms.ChoiceField(label=_("decision"), widget=forms.RadioSelect)
    strength = forms.TypedChoiceField(
        label=_("by how much, where an answer is better"), coerce=int, empty_value=None, required=False,
        choices=[("", "–"), (1, _("a little")), (2, _("clearly"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cells = within(Cell.objects.filter(item=self.item).order_by("variety"), self.by, varieties=("variety",))
        self.fields["variety"].choices = [(cell.variety_id, cell.variety_id) for cell in cells]  # type: ignore[attr-defined]
        outputs = [
            (str(place.output_id), f"{place.output.model.name}: {place.output.text[:200]}")
            for place in self.item.places.select_related("output__model")
        ]
        level = [(code, words) for code, words in LEVELS.items() if code != "no_majority"]
        self.fields["choice"].choices = [*outputs, *level]  # type: ignore[attr-defined]


class OutputForm(Why):
    """Which output is hidden, wherever it stands."""

    output = forms.ChoiceField(label=_("output"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["output"].choices = [  # type: ignore[attr-defined]
            (str(place.output_id), f"{place.output.model.name}: {place.output.text[:200]}")
            for place in self.item.places.select_related("output__model")
        ]


Done = Callable[[Person, Item, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Act:
    """Something that can be done to an item: its name, the right it takes, its form; `several` where it can be done to
    many at once."""

    name: Promise
    right: str
    form: type[Why]
    done: Done
    several: bool = True


def _decide(by: Person, item: Item, facts: Mapping[str, Any]) -> None:
    choice = facts["choice"]
    cell = Cell.objects.get(item=item, variety=facts["variety"])
    adjudicate(
        by=by, cell=cell, choice=int(choice) if choice.isdigit() else choice, strength=facts["strength"],
        reason=facts["reason"],
    )  # fmt: skip


def _more(by: Person, item: Item, facts: Mapping[str, Any]) -> None:
    for cell in cells_of(item, by):
        ask_more_votes(by=by, cell=cell, votes=facts["votes"], reason=facts["reason"])


def _back(by: Person, item: Item, facts: Mapping[str, Any]) -> None:
    for cell in cells_of(item, by).filter(verdicts__ruling__isnull=False, verdicts__superseded_at=None):
        take_back(by=by, cell=cell, reason=facts["reason"])


def _let_go(by: Person, item: Item, facts: Mapping[str, Any]) -> None:
    let_go(item=item, person=by, reason=facts["reason"])


def _hide(by: Person, item: Item, facts: Mapping[str, Any]) -> None:
    take_out_of_sight(moderator=by, item=item, output=None, reason=facts["reason"])


def _quarantine(by: Person, item: Item, facts: Mapping[str, Any]) -> None:
    output = item.places.select_related("output").get(output=facts["output"]).output
    take_out_of_sight(moderator=by, item=item, output=output, reason=facts["reason"])


ACTS: Final[Mapping[str, Act]] = {
    "decide": Act(_("Decide by hand"), "annotations.add_ruling", ChoiceForm, _decide, several=False),
    "more": Act(_("Ask for more votes, and open it again"), "annotations.add_ruling", MoreForm, _more),
    "back": Act(_("Let the rule decide again"), "annotations.add_ruling", Why, _back),
    "let_go": Act(_("Let go what screening held back"), "annotations.change_look", Why, _let_go),
    "hide": Act(_("Hide the task from everybody"), "annotations.change_look", Why, _hide),
    "quarantine": Act(_("Hide an output, wherever it stands"), "annotations.change_look", OutputForm, _quarantine,
                      several=False),
}  # fmt: skip
