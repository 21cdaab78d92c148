"""The moderators' panel: campaigns, items, votes, verdicts and releases, to look at; little is changed by hand.

What people wrote and what was settled is read-only here: it changes through actions, which keep the counts true.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Field, Model, OuterRef, QuerySet, Subquery, Sum
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.models import Campaign, Cell, Item, Judgement
from annotations.assignments.queries import Progress
from annotations.corpus.models import ModelVersion, Output, Prompt, Source
from annotations.datasets.models import Release
from annotations.people.models import Consent, Person, SpokenVariety, Variety
from annotations.people.rights.actions import answer
from annotations.people.rights.models import Request
from annotations.quality.models import Verdict
from annotations.rating.models import Vote

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
        cells = Cell.objects.filter(campaign=OuterRef("pk")).values("campaign")
        campaigns: QuerySet[Campaign] = super().get_queryset(request)
        return campaigns.annotate(cells_done=Subquery(cells.annotate(sum=Sum("done")).values("sum"))).annotate(
            cells_needed=Subquery(cells.annotate(sum=Sum("needed")).values("sum"))
        )

    @admin.display(description=_("progress"))
    def how_far(self, campaign: Any) -> str:
        far = Progress(campaign.cells_done or 0, campaign.cells_needed or 0)
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
        return super().get_queryset(request).prefetch_related("verdicts")

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
    vote = getattr(judgement, "vote", None)
    if vote is None:
        return "–"
    return f"{vote.preferred.model.name} ({vote.strength})" if vote.preferred else str(vote.outcome)


@admin.register(Vote)
class VoteAdmin(ReadOnly):
    list_display = ("judgement_id", "item", "person", "variety", "outcome", "strength", "received", "counted")
    list_filter = ("outcome", "judgement__campaign", "judgement__counted", "judgement__judge_variety")
    search_fields = ("judgement__person__username", "judgement__item__source_id")
    list_select_related = ("judgement__item", "judgement__person")

    @admin.display(description=_("item"), ordering="judgement__item")
    def item(self, vote: Vote) -> str:
        return vote.judgement.item.source_id

    @admin.display(description=_("person"))
    def person(self, vote: Vote) -> str:
        return str(vote.judgement.person or "–")

    @admin.display(description=_("variety"))
    def variety(self, vote: Vote) -> str:
        return vote.judgement.judge_variety_id

    @admin.display(description=_("received"), ordering="judgement__received_at")
    def received(self, vote: Vote) -> str:
        return vote.judgement.received_at.strftime("%F %T")

    @admin.display(description=_("counts"), boolean=True)
    def counted(self, vote: Vote) -> bool:
        return vote.judgement.counted


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
    list_display = ("username", "standing", "language", "consents", "is_staff", "is_demo", "date_joined")
    list_filter = ("standing", "is_staff", "is_demo", "language")
    search_fields = ("username",)
    fields = (
        "username", "language", "standing", "paused_at", "consents", "is_active", "is_staff", "is_demo", "groups",
        "date_joined",
    )  # fmt: skip
    filter_horizontal = ("groups",)
    inlines = (SpokenInline,)
    list_select_related = ("consent",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Who may do what is the house's own decision, not a moderator's."""
        fixed = ("username", "paused_at", "consents", "is_demo", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, "is_staff", "groups")

    @admin.display(description=_("consent"))
    def consents(self, person: Person) -> str:
        return person.consent.version if person.consent else "–"

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


@admin.register(Output)
class OutputAdmin(ReadOnly):
    list_display = ("__str__", "model", "licence", "quarantine")
    list_filter = ("model", "quarantine")
    list_select_related = ("model",)
