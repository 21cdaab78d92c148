"""The moderators' panel: campaigns, items, votes, verdicts and releases, to look at; little is changed by hand.

What people wrote and what was settled is read-only here: it changes through actions, which keep the counts true.
"""

import json
from collections.abc import Sequence
from textwrap import shorten
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Field, Model, OuterRef, QuerySet, Subquery, Sum
from django.forms import CharField, ChoiceField, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.actions import prove
from annotations.assignments.models import Campaign, Cell, Item, Judgement
from annotations.assignments.stewards.actions import keep_hidden, lift
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.stewards.queries import kept_by_stewards
from annotations.assignments.tallies.models import Tally
from annotations.assignments.tallies.queries import Progress
from annotations.corpus.models import ModelVersion, Output, Prompt, Source
from annotations.datasets.models import Release
from annotations.flagging.actions import decide
from annotations.flagging.models import Flag, Look
from annotations.flagging.queries import in_order, told
from annotations.people.models import Consent, Person, SpokenVariety, Variety
from annotations.people.rights.actions import answer
from annotations.people.rights.models import Request
from annotations.people.stewards.actions import decide_variety, end_stewardship, record_letter
from annotations.people.stewards.models import (
    Charter,
    CommunityLabel,
    Steward,
    StewardsDecision,
    StewardsLog,
    VarietyProposal,
)
from annotations.people.stewards.queries import governed
from annotations.quality.models import Agreement, Estimate, Verdict
from annotations.rating.models import Score, Vote
from annotations.reviewing.models import Review, Reviewed
from annotations.translating.models import Approved, Term, Translation
from annotations.writing.asking.models import Question
from annotations.writing.models import Correction, Demonstration, PromptProposal

admin.site.site_header = "Minka"
admin.site.site_title = "Minka"
admin.site.index_title = _("The work")


class Panel(admin.ModelAdmin[Any]):
    """A page of the panel. Rows are found by its filters only: any other lookup in an address would let whoever may
    look at a list guess, character by character, what the list does not show."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        filters = [name for name in self.list_filter if isinstance(name, str)]
        return any(lookup == name or lookup.startswith(f"{name}__") for name in filters)


class ReadOnly(Panel):
    """Rows that are looked at and not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Campaign)
class CampaignAdmin(Panel):
    list_display = ("name", "state", "kind", "needed", "how_far", "starts_at", "ends_at")
    list_filter = ("state", "kind")
    search_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        tallies = Tally.objects.filter(campaign=OuterRef("pk")).values("campaign")
        campaigns: QuerySet[Campaign] = super().get_queryset(request)
        return campaigns.annotate(
            sum_done=Subquery(tallies.annotate(sum=Sum("done")).values("sum")),
            sum_needed=Subquery(tallies.annotate(sum=Sum("needed")).values("sum")),
        )

    @admin.display(description=_("progress"))
    def how_far(self, campaign: Any) -> str:
        far = Progress(campaign.sum_done or 0, campaign.sum_needed or 0)
        return f"{far.done:,} / {far.needed:,} ({far.percent} %)"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":
            return ChoiceField(choices=[(name, name) for name in kinds.names()], initial=db_field.default)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What items were made under does not change behind them."""
        return ("slug", "kind", "needed", "judged_in", "contribution_licence") if obj else ()


class CellsInline(admin.TabularInline[Cell, Item]):
    model = Cell
    extra = 0
    can_delete = False
    fields = readonly_fields = ("variety", "needed", "held", "done", "held_back", "settled_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Item)
class ItemAdmin(ReadOnly):
    list_display = ("source_id", "campaign", "variety", "kind", "question", "verdict")
    list_filter = ("campaign", "kind", "variety")
    search_fields = ("source_id",)
    list_select_related = ("campaign", "prompt", "variety")
    fields = ("source_id", "campaign", "variety", "kind", "question", "answers", "votes", "verdict", "created_at")
    readonly_fields = fields
    inlines = (CellsInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        return super().get_queryset(request).exclude(kept_by_stewards("prompt")).prefetch_related("verdicts")

    @admin.display(description=_("question"))
    def question(self, item: Item) -> str:
        return str(item.prompt)

    @admin.display(description=_("outputs"))
    def answers(self, item: Item) -> SafeString:
        places = item.places.select_related("output__model")
        return format_html_join("", "<p><b>{}</b><br>{}</p>", ((p.output.model.name, p.output.text) for p in places))

    @admin.display(description=_("votes"))
    def votes(self, item: Item) -> SafeString:
        rows = Judgement.objects.filter(item=item).select_related("person", "vote__preferred__model").order_by("id")
        return format_html_join("", "<p>{} · {} · {} · {}</p>", (
            (row.received_at.strftime("%F %T"), row.person or "–", row.judge_variety_id, _answer(row)) for row in rows
        ))  # fmt: skip

    @admin.display(description=_("verdict"))
    def verdict(self, item: Item) -> str:
        return ", ".join(str(v.get_outcome_display()) for v in item.verdicts.all() if v.superseded_at is None) or "–"


def _answer(judgement: Judgement) -> str:
    if judgement.opt_out:
        return judgement.opt_out
    if judgement.kind != "vote":
        return json.dumps(kinds.get(judgement.kind).tell(judgement), ensure_ascii=False)
    vote = judgement.vote
    return f"{vote.preferred.model.name} ({vote.strength})" if vote.preferred else str(vote.outcome)


class OfJudgement(ReadOnly):
    """What a judgement of one kind holds, with whose and where it is."""

    list_filter: ClassVar[tuple[str, ...]] = ("judgement__campaign", "judgement__counted", "judgement__judge_variety")
    search_fields = ("judgement__person__username", "judgement__item__source_id")
    list_select_related = ("judgement__item", "judgement__person")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).exclude(kept_by_stewards("judgement__item__prompt"))

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
        return str(row.judgement.received_at.strftime("%F %T"))

    @admin.display(description=_("counts"), boolean=True)
    def counted(self, row: Any) -> bool:
        return bool(row.judgement.counted)


@admin.register(Vote)
class VoteAdmin(OfJudgement):
    list_display = ("judgement_id", "item", "person", "variety", "outcome", "strength", "received", "counted")
    list_filter = ("outcome", *OfJudgement.list_filter)


@admin.register(Score)
class ScoreAdmin(OfJudgement):
    list_display = ("judgement_id", "item", "person", "variety", "overall", "points", "received", "counted")
    list_filter = ("overall", *OfJudgement.list_filter)


@admin.register(Judgement)
class JudgementAdmin(ReadOnly):
    list_display = ("id", "kind", "item", "person", "judge_variety", "opt_out", "counted", "late", "received_at")
    list_filter = ("campaign", "kind", "counted", "late", "opt_out", "channel")
    list_select_related = ("item", "person", "judge_variety")


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    list_display = ("item", "outcome", "n", "agreement", "margin", "method", "settled_at", "superseded_at")
    list_filter = ("outcome", "method", "item__campaign")
    list_select_related = ("item",)


@admin.register(Estimate)
class EstimateAdmin(ReadOnly):
    """What the model says beside a verdict; the verdict counts."""

    list_display = ("verdict", "outcome", "preferred", "confidence", "computed_at", "version")
    list_filter = ("outcome", "verdict__item__campaign")
    list_select_related = ("verdict", "preferred")


@admin.register(Agreement)
class AgreementAdmin(ReadOnly):
    list_display = ("campaign", "kind", "aspect", "variety", "alpha", "low", "high", "undefined", "units", "people",
                    "judgements", "computed_at")  # fmt: skip
    list_filter = ("campaign", "kind", "aspect", "variety")
    list_select_related = ("campaign", "variety")


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    list_display = ("version", "state", "cutoff", "rows", "published_at", "files")

    @admin.display(description=_("rows"))
    def rows(self, release: Release) -> str:
        return ", ".join(f"{config}: {sum(n.values()):,}" for config, n in release.manifest["configs"].items())

    @admin.display(description=_("files"))
    def files(self, release: Release) -> SafeString:
        return format_html('<a href="/releases/{}/">{}</a>', release.version, _("open"))


class SpokenInline(admin.TabularInline[SpokenVariety, Person]):
    model = SpokenVariety
    extra = 0
    can_delete = False
    fields = readonly_fields = ("variety", "how", "command", "since", "until")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(Panel):
    list_display = ("username", "standing", "is_proven", "language", "consents", "is_staff", "is_demo", "date_joined")
    list_filter = ("standing", "is_proven", "is_staff", "is_demo", "language")
    search_fields = ("username",)
    fields = (
        "username", "language", "standing", "paused_at", "consents", "is_active", "is_staff", "is_demo", "groups",
        "date_joined",
    )  # fmt: skip
    filter_horizontal = ("groups",)
    actions = ("prove",)
    inlines = (SpokenInline,)
    list_select_related = ("consent",)

    @admin.action(description=_("I looked at them: their work counts"), permissions=("change",))
    def prove(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        counted = sum(prove(person=person) for person in people.filter(is_proven=False))
        self.message_user(request, _("%d judgements count now.") % counted)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Who may do what is the house's own decision, not a moderator's."""
        fixed = ("username", "paused_at", "consents", "is_demo", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, "is_staff", "groups")

    @admin.display(description=_("consent"))
    def consents(self, person: Person) -> str:
        return person.consent.version if person.consent else "–"

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:  # noqa: FBT001
        """Only what was changed here: the person may be taking back their consent at this moment. Their row is held, so
        that an erasure finds the panel's log written, or nothing is."""
        Person.objects.lock(obj)
        obj.save(update_fields=set(form.changed_data) - {"groups"})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Answer(ModelForm[Request]):
    """How a request is closed: with what was done, and why."""

    outcome = ChoiceField(label=_("outcome"), choices=Request.Outcome.choices)
    reason = ChoiceField(label=_("reason"), choices=Request.Reason.choices)

    class Meta:
        model = Request
        fields = ("outcome", "reason")


@admin.register(Request)
class RequestAdmin(Panel):
    """The register. A request is only ever closed here; its words are seen here and nowhere else."""

    list_display = ("id", "kind", "country", "received_at", "due_on", "limit_on", "done_at", "outcome", "reason")
    list_filter = ("kind", "outcome", "country")
    form = Answer
    fields = ("kind", "country", "received_at", "due_on", "limit_on", "text", "done_at", "outcome", "reason")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        is_open = isinstance(obj, Request) and obj.done_at is None
        return self.fields[:-2] if is_open else self.fields

    @admin.display(description=_("in their own words"))
    def text(self, row: Request) -> str:
        return row.words.text if hasattr(row, "words") else "–"

    def save_model(self, request: HttpRequest, obj: Request, form: Any, change: bool) -> None:  # noqa: FBT001
        answer(request=Request(pk=obj.pk), outcome=obj.outcome, reason=obj.reason)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Variety)
class VarietyAdmin(ReadOnly):
    list_display = ("tag", "autonym", "name_es", "level", "governed", "macro_zone")
    list_filter = ("level", "governed", "macro_zone")
    search_fields = ("tag", "autonym", "name_es", "name_pt", "name_en", "search_names")


@admin.register(Consent)
class ConsentAdmin(ReadOnly):
    list_display = ("id", "act", "version", "language", "channel", "recorded_at")
    exclude = ("subject",)


@admin.register(Source, ModelVersion)
class TermsAdmin(ReadOnly):
    list_display = ("name", "licence")
    search_fields = ("name",)


@admin.register(Prompt)
class PromptAdmin(ReadOnly):
    list_display = ("__str__", "variety", "domain", "source")
    list_filter = ("variety", "domain", "group__role", "group__split")
    list_select_related = ("source",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prompt]:
        return super().get_queryset(request).exclude(kept_by_stewards("pk"))


@admin.register(Output)
class OutputAdmin(ReadOnly):
    list_display = ("__str__", "model", "licence", "quarantine")
    list_filter = ("model", "quarantine")
    list_select_related = ("model",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Output]:
        return super().get_queryset(request).exclude(kept_by_stewards("prompt"))


class LetterForm(ModelForm[Steward]):
    """The letter that appoints a steward; once it is recorded, the reason for which a stewardship ends."""

    end_reason = CharField(label=_("End it, because"), required=False, max_length=2_000)

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.cleaned_data
        for name in set(self.fields) - {"end_reason"} if not facts.get("end_reason") else ():
            if not facts.get(name):
                self.add_error(name, _("A letter is recorded whole."))
        return facts


@admin.register(Steward)
class StewardAdmin(Panel):
    """Stewards as leads see them: they record letters, and end what a body took back. Nobody decides here."""

    form = LetterForm
    list_display = ("variety", "person", "proposed_at", "letter_body", "recorded_at", "accepted_at", "ended_at")
    list_filter = ("variety",)
    list_select_related = ("variety", "person")
    letter = ("letter_by", "letter_body", "letter_date", "letter_reference")
    seen = ("variety", "person", "proposed_by", "proposed_at", "why", "shown_name", "recorded_by", "recorded_at",
            "accepted_at", "ended_at")  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [*self.seen, *self.letter, *(["end_reason"] if self.has_change_permission(request, obj) else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, *self.letter) if obj and (obj.recorded_at or obj.ended_at) else self.seen

    def save_model(self, request: HttpRequest, obj: Steward, form: Any, change: bool) -> None:  # noqa: FBT001
        lead = cast("Person", request.user)
        if form.cleaned_data["end_reason"]:
            end_stewardship(person=lead, steward=obj, reason=form.cleaned_data["end_reason"])
        elif obj.recorded_at is None:
            record_letter(lead=lead, steward=obj, by=obj.letter_by, body=obj.letter_body,
                          date=form.cleaned_data["letter_date"], reference=obj.letter_reference)  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(VarietyProposal)
class VarietyProposalAdmin(Panel):
    """The queue of missing varieties. Accepting one says so; the variety itself comes with a change of the seeds."""

    list_display = ("name", "place", "parent", "state", "proposed_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("parent",)
    seen = ("name", "other_names", "place", "parent", "why", "proposed_by", "proposed_at")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [*self.seen, "state", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, "state", "note") if obj and obj.decided_at else self.seen

    def save_model(self, request: HttpRequest, obj: VarietyProposal, form: Any, change: bool) -> None:  # noqa: FBT001
        decide_variety(lead=cast("Person", request.user), proposal=obj, state=obj.state, note=obj.note)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class HiddenForm(ModelForm[Hidden]):
    say = ChoiceField(label=_("decision"), choices=[("keep", _("It stays hidden")), ("lift", _("It comes back"))])
    reason = CharField(label=_("reason"), max_length=2_000)


@admin.register(Hidden)
class HiddenAdmin(Panel):
    """Marked as restricted where nobody governs: moderators decide. What stewards decide about is not even listed."""

    form = HiddenForm
    list_display = ("item", "kind", "code", "hidden_at", "kept_at", "lifted_at")
    list_filter = ("kind", "code")
    list_select_related = ("item",)
    seen = ("item", "question", "kind", "code", "text", "hidden_at", "kept_at", "lifted_at")
    readonly_fields = seen

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hidden]:
        return super().get_queryset(request).exclude(item__variety__in=governed())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        decides = self.has_change_permission(request, obj) and not (obj and obj.lifted_at)
        return [*self.seen, *(("say", "reason") if decides else ())]

    @admin.display(description=_("question"))
    def question(self, hidden: Hidden) -> str:
        return str(hidden.item.prompt)

    def save_model(self, request: HttpRequest, obj: Hidden, form: Any, change: bool) -> None:  # noqa: FBT001
        person, reason = cast("Person", request.user), form.cleaned_data["reason"]
        if form.cleaned_data["say"] == "lift":
            lift(moderator=person, hidden=obj, reason=reason)
        else:
            keep_hidden(person=person, hidden=obj, reason=reason)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(StewardsDecision)
class StewardsDecisionAdmin(ReadOnly):
    list_display = ("variety", "kind", "reason", "proposed_at", "in_force_at", "expires_at", "revoked_at")
    list_filter = ("kind", "variety")
    list_select_related = ("variety",)


@admin.register(Charter)
class CharterAdmin(ReadOnly):
    list_display = ("variety", "version", "quorum", "takes_contributions", "written_at")
    list_filter = ("variety",)
    list_select_related = ("variety",)


@admin.register(CommunityLabel)
class CommunityLabelAdmin(ReadOnly):
    list_display = ("name", "community", "variety", "campaign", "record", "added_at", "ended_at")
    list_filter = ("variety", "system")
    list_select_related = ("variety",)


@admin.register(StewardsLog)
class StewardsLogAdmin(ReadOnly):
    list_display = ("variety", "act", "about", "code", "at")
    list_filter = ("variety", "act", "code")
    list_select_related = ("variety",)
    exclude = ("subject",)


@admin.register(Demonstration)
class DemonstrationAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "item", "person", "counted")


@admin.register(Correction)
class CorrectionAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "item", "person", "distance", "counted")


@admin.register(PromptProposal)
class PromptProposalAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "domain", "country_about", "person", "is_new", "counted")


@admin.register(Translation)
class TranslationAdmin(OfJudgement):
    list_display = ("judgement_id", "__str__", "item", "person", "orthography", "valid_here", "warnings", "counted")


@admin.register(Approved)
class ApprovedAdmin(ReadOnly):
    """The translation memory."""

    list_display = ("source", "source_variety", "variety", "__str__", "approved_at")
    list_filter = ("source_variety", "variety")
    list_select_related = ("source_variety", "variety")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approved]:
        return super().get_queryset(request).exclude(kept_by_stewards("translation__judgement__item__prompt"))


@admin.register(Term)
class TermAdmin(Panel):
    list_display = ("term", "translation", "source_variety", "variety", "note")
    list_filter = ("source_variety", "variety")
    search_fields = ("term", "translation")


@admin.register(Review)
class ReviewAdmin(OfJudgement):
    list_display = (
        "judgement_id",
        "decision",
        "reason",
        "item",
        "person",
        "target",
        "written_as",
        "read_as",
        "counted",
    )
    list_filter = ("decision", "reason", "judgement__campaign")


@admin.register(Reviewed)
class ReviewedAdmin(ReadOnly):
    list_display = ("item", "judgement_id", "outcome", "settled_at")
    list_filter = ("outcome", "item__campaign", "item__variety")
    list_select_related = ("item",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reviewed]:
        return super().get_queryset(request).exclude(kept_by_stewards("item__prompt"))


@admin.register(Question)
class QuestionAdmin(ReadOnly):
    """What models are asked, and why one did not answer."""

    list_display = ("proposal", "model", "tries", "problem", "due_at", "answered_at")
    list_filter = ("model", "problem")
    list_select_related = ("proposal",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        return super().get_queryset(request).exclude(kept_by_stewards("proposal__prompt"))


@admin.register(Flag)
class FlagAdmin(ReadOnly):
    list_display = ("id", "__str__", "wrong", "severity", "stance", "seat", "look", "weighs", "flagged_at")
    list_filter = ("wrong", "severity", "stance", "weighs", "seat__item__campaign")
    list_select_related = ("seat", "look")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flag]:
        return super().get_queryset(request).exclude(kept_by_stewards("seat__item__prompt"))


class LookForm(ModelForm[Look]):
    """What becomes of it, and why: whoever flagged it reads the reason."""

    decision = ChoiceField(label=_("decision"), choices=Look.Decision.choices)
    reason = CharField(label=_("reason"), max_length=2_000)


@admin.register(Look)
class LookAdmin(Panel):
    """What waits for somebody to look at it: the gravest first, and what is hidden before what is not."""

    form = LookForm
    list_display = ("item", "beginning", "gravest", "voices", "opened_at", "hidden_by", "decision", "decided_at")
    list_filter = ("decision", "hidden_by", "item__campaign", "item__variety")
    list_select_related = ("item", "output")
    seen = ("item", "question", "about", "voiced", "opened_at", "hidden_at", "hidden_by", "decided_at")
    readonly_fields = seen

    def get_queryset(self, request: HttpRequest) -> QuerySet[Look]:
        return in_order().exclude(kept_by_stewards("item__prompt"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("decision", "reason") if self.has_change_permission(request, obj) else ())]

    @admin.display(description=_("question"))
    def question(self, look: Look) -> str:
        return str(look.item.prompt)

    @admin.display(description=_("what it is about"))
    def about(self, look: Look) -> str:
        return look.output.text if look.output else str(_("The task is broken"))

    @admin.display(description=_("what it is about"))
    def beginning(self, look: Look) -> str:
        return shorten(self.about(look), 90, placeholder="…")

    @admin.display(description=_("what was said"))
    def voiced(self, look: Look) -> SafeString:
        rows = ((flag.pk, json.dumps(told(flag), ensure_ascii=False)) for flag in look.flags.select_related("output"))
        return format_html_join("", "<p>{} · {}</p>", rows)

    @admin.display(description=_("gravest"), ordering="gravest")
    def gravest(self, look: Any) -> str:
        return str(look.gravest or "–")

    @admin.display(description=_("voices"), ordering="voices")
    def voices(self, look: Any) -> int:
        return int(look.voices)

    def save_model(self, request: HttpRequest, obj: Look, form: Any, change: bool) -> None:  # noqa: FBT001
        facts = form.cleaned_data
        decide(moderator=cast("Person", request.user), look=obj, decision=facts["decision"], reason=facts["reason"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
