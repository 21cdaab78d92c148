"""What stewards write: decisions, charters, labels, reasons. Each form of `FORMS` knows its one action (`act`)."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.forms import WarnedForm
from annotations.assignments.stewards import actions
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.stewards.queries import campaigns_of
from annotations.people.competence.actions import name_speaker
from annotations.people.competence.forms import NamedForm
from annotations.people.competence.models import Confirmed
from annotations.people.models import Person, Variety
from annotations.people.stewards import actions as stewards
from annotations.people.stewards.forms import long_text
from annotations.people.stewards.models import USES, Charter, CommunityLabel, StewardsDecision, StewardsLog
from annotations.people.stewards.queries import charter_of


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _campaigns(variety: Variety) -> list[tuple[str, Any]]:
    return [("", _("all of them")), *((each.slug, each.name) for each in campaigns_of(variety))]


class RoomForm(WarnedForm):
    """A form of the stewards' room; it knows its variety."""

    def __init__(self, data: Any, *, variety: Variety) -> None:
        super().__init__(data)
        self.variety = variety


class ExportForm(RoomForm):
    campaign = forms.ChoiceField(label=_("only this campaign"), required=False)
    item_kind = forms.ChoiceField(label=_("only this kind of work"), required=False)
    since = forms.DateField(label=_("entered from this day"), required=False, widget=_day())
    until = forms.DateField(label=_("until this day"), required=False, widget=_day())
    expires = forms.DateField(label=_("It ends on"), widget=_day(), help_text=_("After that day nothing leaves."))
    reason = long_text(_("reason"))

    def __init__(self, data: Any, *, variety: Variety) -> None:
        super().__init__(data, variety=variety)
        self.fields["campaign"].choices = _campaigns(variety)  # type: ignore[attr-defined]
        every = [("", _("all of them")), *((name, name) for name in kinds.names())]
        self.fields["item_kind"].choices = every  # type: ignore[attr-defined]

    def act(self, person: Person) -> StewardsDecision:
        facts = dict(self.cleaned_data)
        ends = dt.datetime.combine(facts.pop("expires") + dt.timedelta(days=1), dt.time(), dt.UTC)
        return stewards.propose(
            person=person, variety=self.variety, kind=StewardsDecision.Kind.EXPORT, expires_at=ends, **facts
        )


class CharterForm(RoomForm):
    policy = forms.CharField(label=_("the policy, in Markdown"), max_length=20_000,
                             widget=forms.Textarea(attrs={"rows": 12}))  # fmt: skip
    permitted_use = forms.MultipleChoiceField(
        label=_("what it may be used for"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[("evaluate", _("to evaluate models")), ("train", _("to train models"))],
    )  # fmt: skip
    quorum = forms.IntegerField(label=_("stewards a decision needs"), min_value=2, max_value=100, initial=2)
    orthographies = forms.CharField(
        label=_("ways of writing"), required=False, max_length=400,
        help_text=_("Separated by semicolons. Who contributes chooses."),
    )  # fmt: skip
    reason = long_text(_("reason"))

    def __init__(self, data: Any, *, variety: Variety) -> None:
        super().__init__(data, variety=variety)
        now = charter_of(variety)
        allowed = ("takes_contributions", "shows_anonymous", "sends_to_endpoints", "sends_to_argilla",
                   "keeps_in_memory")  # fmt: skip
        for name in allowed:
            label = Charter._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            self.fields[name] = forms.BooleanField(label=label, required=False)
        if now:
            self.initial = {name: getattr(now, name) for name in self.fields if name not in ("reason", "orthographies")}
            self.initial["orthographies"] = "; ".join(now.orthographies)
        self.order_fields(["policy", "permitted_use", *allowed])

    def clean_orthographies(self) -> list[str]:
        return [each.strip()[:80] for each in self.cleaned_data["orthographies"].split(";") if each.strip()]

    def clean_permitted_use(self) -> list[str]:
        return [use for use in USES if use in self.cleaned_data["permitted_use"]]

    def act(self, person: Person) -> StewardsDecision:
        return stewards.write_charter(person=person, variety=self.variety, **self.cleaned_data)


class UngovernedForm(RoomForm):
    reason = long_text(_("reason"), _("If a quorum agrees, anyone may contribute and what is settled is released."))

    def act(self, person: Person) -> StewardsDecision:
        return stewards.propose(
            person=person, variety=self.variety, kind=StewardsDecision.Kind.UNGOVERNED, **self.cleaned_data
        )


class ReasonForm(RoomForm):
    """A code and words: what closing something asks for."""

    code = forms.ChoiceField(label=_("reason"), choices=StewardsLog.Code.choices)
    text = long_text(_("in words"))


class WithdrawForm(ReasonForm):
    def act(self, person: Person) -> int:
        return stewards.withdraw_variety(person=person, variety=self.variety, **self.cleaned_data)


class WithholdForm(ReasonForm):
    campaign = forms.ChoiceField(label=_("campaign"))
    record = forms.CharField(label=_("the record's id"), max_length=200,
                             help_text=_("As it stands in the download and in releases (source_id)."))  # fmt: skip

    def __init__(self, data: Any, *, variety: Variety) -> None:
        super().__init__(data, variety=variety)
        self.fields["campaign"].choices = _campaigns(variety)[1:]  # type: ignore[attr-defined]
        self.order_fields(["campaign", "record"])

    def act(self, person: Person) -> Hidden:
        return actions.withhold(person=person, variety=self.variety, **self.cleaned_data)


class LabelForm(forms.ModelForm[CommunityLabel]):
    campaign = forms.ChoiceField(label=_("only this campaign"), required=False)

    class Meta:
        model = CommunityLabel
        fields = ("system", "local_contexts_id", "name", "community", "url", "image_alt", "campaign", "record")
        help_texts: ClassVar = {
            "image_alt": _("Pages show the picture where whoever runs this place was given it, else these words."),
        }

    def __init__(self, data: Any, *, variety: Variety) -> None:
        super().__init__(data)
        self.variety = variety
        self.fields["campaign"].choices = _campaigns(variety)  # type: ignore[attr-defined]

    def act(self, person: Person) -> CommunityLabel:
        return stewards.add_label(person=person, variety=self.variety, **self.cleaned_data)


class RestrictForm(WarnedForm):
    knowledge = forms.ChoiceField(label=_("What knowledge is it?"), choices=Hidden.Knowledge.choices,
                                  widget=forms.RadioSelect)  # fmt: skip
    text = long_text(_("Something its stewards should know"), required=False)


class SpeakerForm(NamedForm):
    """Whom the stewards know to speak it: the first ones come so."""

    def __init__(self, data: Any, *, variety: Variety) -> None:
        super().__init__(data)
        self.variety = variety

    def act(self, person: Person) -> Confirmed:
        return name_speaker(by=person, person=self.person, variety=self.variety, reason=self.cleaned_data["reason"])


FORMS: dict[str, tuple[type[Any], Any]] = {
    "export": (ExportForm, _("Propose that records may leave")),
    "charter": (CharterForm, _("Propose a charter")),
    "ungoverned": (UngovernedForm, _("Propose that no governance is needed")),
    "label": (LabelForm, _("Attach a label")),
    "speaker": (SpeakerForm, _("Confirm somebody who speaks it")),
    "withhold": (WithholdForm, _("Take out one record, now")),
    "withdraw": (WithdrawForm, _("Take out the whole variety, now")),
}
"""What can be written in the room, by the last part of its address."""
