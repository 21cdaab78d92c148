"""The forms of a campaign: its own, whose moments are told and read by its clock, and of whom a lead lets in."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign
from annotations.people.clocks import UTC, ZONES, clock_named

FIRST_YEAR, LAST_YEAR = 2000, 9000
MOMENTS = ("starts_at", "ends_at")


class MomentWidget(AdminSplitDateTime):
    zone = UTC

    def decompress(self, value: Any) -> Any:
        with timezone.override(clock_named(self.zone).zone):
            return super().decompress(value)


class MomentField(forms.SplitDateTimeField):
    """A day and an hour by the clock of `zone`."""

    widget = MomentWidget
    zone = UTC

    def by_the_clock_of(self, zone: str) -> None:
        self.zone = self.widget.zone = zone

    def compress(self, data_list: Any) -> Any:
        with timezone.override(clock_named(self.zone).zone):
            moment = super().compress(data_list)
        if moment is not None and not FIRST_YEAR <= moment.year < LAST_YEAR:  # in another clock it would be no year
            raise forms.ValidationError(_("No such year here."))
        return moment


class CampaignForm(forms.ModelForm[Campaign]):
    time_zone = forms.ChoiceField(
        label=_("by the clock of"), choices=sorted(ZONES.items(), key=lambda each: (each[0] != UTC, str(each[1]))),
        initial=UTC, help_text=_("By which it starts and ends, and says so."),
    )  # fmt: skip

    def __init__(self, *where: Any, **how: Any) -> None:
        super().__init__(*where, **how)
        zone = self["time_zone"].value() if "time_zone" in self.fields else self.instance.time_zone
        for name in MOMENTS:
            if isinstance(field := self.fields.get(name), MomentField):
                field.by_the_clock_of(zone if isinstance(zone, str) else UTC)


class NamesForm(forms.Form):
    """User names, one a line."""

    names = forms.CharField(
        label=_("user names"), widget=forms.Textarea(attrs={"rows": 4}), max_length=100_000,
        help_text=_("One a line. Whom one names takes part at once; they find the campaign on their own page."),
    )  # fmt: skip

    def clean_names(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["names"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))
