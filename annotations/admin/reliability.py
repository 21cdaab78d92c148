"""Gold, in how many of somebody's answers others say the same, and objections to both.

Figures are three pairs of counts with their intervals, beside what is typical of the variety in the campaign: there is
no number in which they come together, and the list is in no order of theirs.
"""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CharField, ChoiceField, ModelForm, Textarea, ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept, ReadOnly
from annotations.assignments.gold.actions import bring_gold_back, retire_gold
from annotations.assignments.models import Known
from annotations.assignments.queries import KEYS
from annotations.people.models import Person
from annotations.people.texts import supported
from annotations.quality.reliability.actions import MAX_WORDS, answer_objection, decisions, forget_gold
from annotations.quality.reliability.models import GoldCount, Objection, Reliability
from annotations.quality.reliability.queries import beside_objection, figures_shown
from annotations.quality.reliability.rules import Pair
from annotations.quality.reliability.words import explained, in_words


def _words(label: Any) -> CharField:
    return CharField(label=label, max_length=MAX_WORDS, widget=Textarea(attrs={"rows": 3}))


class RetireForm(ModelForm[Known]):
    why = _words(_("Ask it of nobody any more, because"))


@admin.register(Known)
class KnownAdmin(Kept):
    """Items of gold; those to learn from are seen with their items."""

    varieties_at = ("item__variety",)
    form = RetireForm
    list_display = ("source", "campaign", "variety", "question", "said", "retired_at")
    list_filter = (
        ("item__campaign", admin.RelatedOnlyFieldListFilter),
        ("item__variety", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("item__campaign", "item__prompt", "item__variety")
    search_fields = ("item__source_id",)
    seen = ("source", "campaign", "variety", "question", "outputs", "what", "why_so", "said", "retired_at",
            "retired_by", "retired_why")  # fmt: skip
    readonly_fields = seen
    prompt_at = "item__prompt"
    actions = ("bring_back",)

    def all_rows(self, request: HttpRequest) -> QuerySet[Known]:
        gold: QuerySet[Known] = super().all_rows(request).filter(purpose=Known.Purpose.GOLD)
        return gold.prefetch_related("item__gold_counts").order_by("item")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A retired one is only looked at; it is brought back from the list."""
        return super().has_change_permission(request, obj) and not (obj and obj.retired_at)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("why",) if self.has_change_permission(request, obj) else ())]

    def save_model(self, request: HttpRequest, obj: Known, form: Any, change: bool) -> None:  # noqa: FBT001
        retire_gold(item=obj.item_id, by=cast("Person", request.user), why=form.cleaned_data["why"])
        forget_gold(item=obj.item_id)

    @admin.action(description=_("Ask them again"), permissions=("change",))
    def bring_back(self, request: HttpRequest, items: QuerySet[Known]) -> None:
        for known in items.filter(retired_at__isnull=False):
            bring_gold_back(item=known.item_id)
            self.log_change(request, known, [{"changed": {"fields": ["retired_at"]}}])

    @admin.display(description=_("item"))
    def source(self, known: Known) -> str:
        return known.item.source_id

    @admin.display(description=_("campaign"))
    def campaign(self, known: Known) -> str:
        return str(known.item.campaign)

    @admin.display(description=_("variety"))
    def variety(self, known: Known) -> str:
        return known.item.variety_id

    @admin.display(description=_("question"))
    def question(self, known: Known) -> str:
        return str(known.item.prompt)

    @admin.display(description=_("outputs"))
    def outputs(self, known: Known) -> SafeString:
        places = known.item.places.select_related("output")
        return format_html_join("", "<p><b>{}</b> {}</p>", ((KEYS[each.position], each.output.text) for each in places))

    @admin.display(description=_("What was expected"))
    def what(self, known: Known) -> str:
        """With the letters of `outputs`."""
        return in_words(known.expected, dict(zip(KEYS, KEYS, strict=True)))

    @admin.display(description=_("why"))
    def why_so(self, known: Known) -> str:
        return explained(known, supported(get_language()))

    @admin.display(description=_("as expected"))
    def said(self, known: Known) -> str:
        counts: list[GoldCount] = list(known.item.gold_counts.all())
        return _share(Pair(sum(each.agreed for each in counts), sum(each.answered for each in counts)))


@admin.register(Reliability)
class ReliabilityAdmin(ReadOnly):
    varieties_at = ("variety",)
    list_display = ("person", "campaign", "variety", "judgements", "gold", "anchors", "others")
    list_filter = (("campaign", admin.RelatedOnlyFieldListFilter), ("variety", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("person", "campaign", "variety")
    search_fields = ("person__username",)
    sortable_by = ()
    fields = (*list_display, "computed_at")
    readonly_fields = fields

    def all_rows(self, request: HttpRequest) -> QuerySet[Any]:
        return figures_shown()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("annotations.see_reliability")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("with gold"))
    def gold(self, row: Any) -> str:
        return _beside(Pair(row.gold_agreed, row.gold_of), row.typical_gold)

    @admin.display(description=_("with trusted speakers"))
    def anchors(self, row: Any) -> str:
        return _beside(Pair(row.anchors_agreed, row.anchors_of), row.typical_anchors)

    @admin.display(description=_("with most of the others"))
    def others(self, row: Any) -> str:
        return _beside(Pair(row.others_agreed, row.others_of), row.typical_others)


def _beside(pair: Pair, typical: float | None) -> str:
    if not pair.of or typical is None:
        return "–"
    said = str(_("typical here: %(typical)d %%") % {"typical": round(100 * typical)})
    return format_html("{}<br>{}", _share(pair), _whole(said))


def _share(pair: Pair) -> str:
    if pair.interval is None:
        return "–"
    low, high = (round(100 * end) for end in pair.interval)
    facts = {"agreed": pair.agreed, "of": pair.of, "low": low, "high": high}
    return _whole(str(_("%(agreed)d of %(of)d (%(low)d–%(high)d %%)") % facts))


def _whole(line: str) -> str:
    """In one line, however narrow its column."""
    return line.replace(" ", "\N{NO-BREAK SPACE}")


class AnswerForm(ModelForm[Objection]):
    """What is decided, and why: whoever objected reads it."""

    decided = ChoiceField(label=_("decision"))
    words = _words(_("in words, for them"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each, label) for each, label in Objection.Decision.choices if each in decisions(self.instance)]
        cast("ChoiceField", self.fields["decided"]).choices = choices

    def clean_words(self) -> str:
        if not (words := str(self.cleaned_data["words"]).strip()):
            raise ValidationError(_("Say why."))
        return words


@admin.register(Objection)
class ObjectionAdmin(Kept):
    """What people object to, without their names: somebody who is not them reads it, decides and answers."""

    person_at = "person"
    varieties_at = ("item__variety",)
    form = AnswerForm
    list_display = ("made_at", "about", "said", "decision", "decided_by", "decided_at")
    list_filter = ("decision", ("item__campaign", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("item__prompt", "item__campaign", "decided_by")
    seen = ("made_at", "text", "about", "compared")
    answered = ("decision", "answer", "decided_by", "decided_at")
    readonly_fields = (*seen, *answered)
    prompt_at = "item__prompt"
    ordering = ("decision", "made_at")  # what waits has none

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One's own, and what is answered, is only looked at."""
        mine = obj is not None and obj.person_id == request.user.pk
        return super().has_change_permission(request, obj) and not mine and not (obj and obj.decided_at)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("decided", "words") if self.has_change_permission(request, obj) else self.answered)]

    def save_model(self, request: HttpRequest, obj: Objection, form: Any, change: bool) -> None:  # noqa: FBT001
        facts = form.cleaned_data
        answer_objection(
            objection=obj, by=cast("Person", request.user), decision=facts["decided"], words=facts["words"]
        )  # fmt: skip

    @admin.display(description=_("about"))
    def about(self, objection: Objection) -> str:
        return f"{objection.item.source_id}: {objection.item.prompt}"[:120] if objection.item else str(_("the figures"))

    @admin.display(description=_("why"))
    def said(self, objection: Objection) -> str:
        return objection.text[:120]

    @admin.display(description=_("what they said, and what was expected"))
    def compared(self, objection: Objection) -> SafeString | str:
        """With how many people say what is expected."""
        found = beside_objection(objection, supported(get_language()))
        if found is None:
            return "–"
        rows = ((_("said"), found.said), (_("expected"), found.expected), (_("because"), found.explanation or "–"),
                (_("everybody, as expected"), _share(found.everybody)))  # fmt: skip
        return format_html("<table>{}</table>", format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows))
