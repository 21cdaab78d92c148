"""What one speaks, and what one agrees to."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.people.actions import Spoken
from annotations.people.models import SpokenVariety
from annotations.people.purposes import PURPOSES


class VarietiesForm(forms.Form):
    """Which varieties one speaks, and how: a checkbox a variety, one question about how for all that are marked."""

    varieties = forms.MultipleChoiceField(
        label=_("What I speak"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )  # fmt: skip
    how = forms.ChoiceField(
        label=_("How I came to it"), initial=SpokenVariety.How.GREW_UP, widget=forms.RadioSelect,
        choices=[(how.value, how.label) for how in SpokenVariety.How if how != SpokenVariety.How.READS],
    )  # fmt: skip

    command = forms.TypedChoiceField(
        label=_("How well I know it"), initial=SpokenVariety.Command.FULL, widget=forms.RadioSelect, coerce=int,
        required=False, empty_value=None, choices=SpokenVariety.Command.choices[::-1],
    )  # fmt: skip

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["varieties"].choices = [(tag, tag) for tag in offered]  # type: ignore[attr-defined]

    def spoken(self) -> list[Spoken]:
        facts = self.cleaned_data
        command = facts["command"] or SpokenVariety.Command.FULL
        return [Spoken(tag, facts["how"], command) for tag in facts["varieties"]]


class ConsentForm(forms.Form):
    """A switch for each purpose, all off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in PURPOSES:
            self.fields[purpose.name] = forms.BooleanField(
                label=str(purpose.label), help_text=purpose.told(), required=False
            )

    def purposes(self) -> dict[str, bool]:
        return {purpose.name: bool(self.cleaned_data[purpose.name]) for purpose in PURPOSES}
