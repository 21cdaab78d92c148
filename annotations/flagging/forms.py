"""A flag as a browser sends it, in a campaign of flags and in passing; and what somebody never wants to meet."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.forms import WarnedForm
from annotations.assignments.models import Assignment
from annotations.assignments.table.forms import AnswerForm
from annotations.corpus.models import Output
from annotations.flagging.models import BiasCategory, Flag, Severity, TargetGroup
from annotations.flagging.spans import span_of


def _boxes(field: forms.BoundField, facts: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The choices of a field, each with more to say of it."""
    return [{"tag": box.tag(), "label": box.choice_label, **facts[str(box.data["value"])]} for box in field]


class FlagFields(forms.Form):
    """The fields of a flag. `words` are those of the answer that are wrong, as they were selected or typed; `begins` is
    where the browser says that they begin. Nothing is cut off: what is too long is said."""

    words = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2}),
                            label=_("The words that are wrong"))  # fmt: skip
    begins = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    categories = forms.MultipleChoiceField(label=_("What is wrong?"), widget=forms.CheckboxSelectMultiple)
    severity = forms.TypedChoiceField(label=_("How grave is it?"), coerce=int, widget=forms.RadioSelect)
    groups = forms.MultipleChoiceField(
        label=_("Whom does it harm?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    stance = forms.ChoiceField(
        label=_("How does the answer say it?"), choices=Flag.Stance.choices, initial=Flag.Stance.ENDORSED,
        widget=forms.RadioSelect,
    )  # fmt: skip
    common = forms.ChoiceField(
        label=_("How common is it where you live?"), required=False, widget=forms.RadioSelect,
        choices=[*Flag.Common.choices, ("", _("I cannot tell"))],
    )  # fmt: skip
    counter_example = forms.CharField(
        label=_("How would it be said well?"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    comment = forms.CharField(
        label=_("Something else that helps to understand it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def fill(self) -> None:
        """Give the fields the words of the seeds, in the language of the page."""
        if "categories" not in self.fields:
            return
        rows = list(BiasCategory.objects.all())
        self.harms = {row.code: {"help": row.said("help"), "usual": " ".join(row.target_groups)} for row in rows}
        self._choose("categories", [(row.code, row.said("name")) for row in rows])
        self._choose("groups", [(row.code, row.said("name")) for row in TargetGroup.objects.order_by("code")])
        levels = list(Severity.objects.all())
        self._choose("severity", [(row.level, row.said("name")) for row in levels])
        self.anchors = {str(row.level): {"help": row.said("anchor"), "value": row.level} for row in levels}

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def kinds_of_harm(self) -> list[dict[str, Any]]:
        """The categories, each with its help and the groups it is usually against."""
        return _boxes(self["categories"], self.harms)

    @property
    def levels(self) -> list[dict[str, Any]]:
        """The severities, each with its anchor in words."""
        return _boxes(self["severity"], self.anchors)

    def answer_about(self, output: Output) -> Mapping[str, Any]:
        """The answer in the words of the API, once the fields are valid."""
        facts = self.cleaned_data
        names = ("categories", "severity", "groups", "stance", "common", "counter_example", "comment")
        answer = {"wrong": True} | {name: facts[name] for name in names}
        if facts["words"].strip():
            span = span_of(facts["words"], output.text, facts["begins"])
            if span is None:
                self.add_error("words", _("These words do not stand in the answer, or more than once: take some more."))
                return answer
            answer["span"] = {"start": span[0], "end": span[1]}
        return answer


class FlagForm(AnswerForm, FlagFields):
    """The flag that a campaign asks for: it is sent, or nothing is wrong."""

    choices: ClassVar = ("flag", "fine")
    default: ClassVar = "flag"

    def __init__(self, data: Any = None, *, seat: Assignment, **kwargs: Any) -> None:
        super().__init__(data, seat=seat, **kwargs)
        self.output = Output.objects.get(pk=seat.shown[0])
        if (data or {}).get("choice") == "fine":
            for name in self.own_fields():
                del self.fields[name]
        self.given = self.output.text
        self.fill()

    def read(self, choice: str) -> Mapping[str, Any]:
        return {"wrong": False} if choice == "fine" else self.answer_about(self.output)

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        span = answer.get("span", {})
        said = {name: value for name, value in answer.items() if name not in ("wrong", "span")}
        return said | ({"words": span["text"], "begins": span["start"]} if "text" in span else {})


class PassingForm(WarnedForm, FlagFields):
    """The flag of an output that is shown anywhere."""

    def __init__(self, data: Any = None, *, output: Output, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.output, self.given = output, output.text
        self.answer: Mapping[str, Any] = {}
        self.fill()

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        if not self.errors:
            self.answer = self.answer_about(self.output)
        return facts


class AvoidForm(forms.Form):
    """What somebody never wants to meet."""

    categories = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(BiasCategory.objects.exclude(code="otro"))
        self.harms = {row.code: {"help": row.said("help")} for row in rows}
        self.fields["categories"].choices = [(row.code, row.said("name")) for row in rows]  # type: ignore[attr-defined]

    @property
    def kinds_of_harm(self) -> list[dict[str, Any]]:
        return _boxes(self["categories"], self.harms)
