"""Campaigns: what they ask, what stands in their way, when they will have it, and what comes into them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, OuterRef, QuerySet, Subquery, Sum
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import FORMS, Panel
from annotations.assignments import kinds
from annotations.assignments.admissions.actions import admit, end_admissions, new_link, renew_link
from annotations.assignments.admissions.queries import admitted
from annotations.assignments.caps import LEVELS, stopped_so_far
from annotations.assignments.competence.queries import FEWEST, effect
from annotations.assignments.gold.queries import Dose, doses
from annotations.assignments.gold.rules import FIRST
from annotations.assignments.models import Campaign
from annotations.assignments.table.views import turn, ways_out
from annotations.assignments.tallies.models import Tally
from annotations.assignments.tallies.queries import Progress
from annotations.errors import Refused
from annotations.moderation.campaigns.checks import checks_of
from annotations.moderation.campaigns.forecast import forecast
from annotations.moderation.campaigns.forms import MOMENTS, CampaignForm, MomentField, NamesForm
from annotations.moderation.campaigns.imports import ImportForm, import_file
from annotations.moderation.campaigns.preview import seat_at
from annotations.people.models import Person
from annotations.quality.checks.queries import anchors_beside_work
from annotations.quality.gates.queries import parts_of
from annotations.quality.order.models import Quota
from annotations.quality.order.queries import quotas_beside_work
from annotations.quality.queries import unsettled_by_done, unsure_so_far
from annotations.requests import row_keys


class QuotasInline(admin.TabularInline[Quota, Campaign]):
    """A part of the campaign: whoever may see or change that, may see or change these."""

    model = Quota
    extra = 0

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        return len(quotas_like(request)) if obj is None else 0

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("annotations.view_campaign")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("annotations.change_campaign")

    has_change_permission = has_delete_permission = has_add_permission


def like(request: HttpRequest) -> Campaign | None:
    """The campaign that the one to be made begins as."""
    asked = request.GET.get("like", "") if request.method == "GET" else ""
    return Campaign.objects.filter(slug=asked).first() if asked else None


def quotas_like(request: HttpRequest) -> list[dict[str, Any]]:
    first = like(request)
    quotas = first.quotas.order_by("pk") if first else ()
    return [{"facet": quota.facet, "value": quota.value, "wanted": quota.wanted} for quota in quotas]


MAY_IMPORT: Final = "annotations.add_item"
MOST_REFUSED = 200
"""Refused lines that the page of an import shows."""
MOST_ADMITTED = 500
"""People that the page of who takes part shows."""
MOST_SLICES = 20
"""Slices that the page of a campaign shows."""


@admin.register(Campaign)
class CampaignAdmin(Panel):
    change_form_template = "admin/annotations/campaign/change_form.html"
    form = CampaignForm
    list_display = ("name", "state", "kind", "needed", "how_far", "begins", "ends")
    list_filter = ("state", "kind")
    search_fields = ("name", "slug")
    inlines = (QuotasInline,)
    fieldsets = (
        (None, {
            "fields": ("name", "slug", "about", "asked_by", "kind", "state", "starts_at", "ends_at", "time_zone"),
        }),
        (_("What an item needs"), {"fields": ("needed", "at_least", "ending", "rule", "judged_in", "practice")}),
        (_("When votes are enough"), {"fields": ("sure_at", "most_votes", "surer", "anchored", "trusted")}),
        (_("Gold: items whose answer is known"), {"fields": ("gold", "mixed_in")}),
        (_("Who gives how much"), {"fields": ("most_a_day", "most_in_all", "drawn_from", "stopped")}),
        (_("Before it is published"), {"fields": ("gate", "concentration")}),
        (_("Who is asked"), {"fields": ("access", "asks_confirmed", "takes_guests", "asked")}),
        (_("How it is offered"), {
            "fields": ("close_first", "wanted", "contribution_licence", "lease_minutes", "asks_models"),
        }),
    )  # fmt: skip

    def all_rows(self, request: HttpRequest) -> QuerySet[Campaign]:
        tallies = Tally.objects.filter(campaign=OuterRef("pk")).values("campaign")
        campaigns: QuerySet[Campaign] = super().all_rows(request)
        return campaigns.annotate(
            sum_done=Subquery(tallies.annotate(sum=Sum("done")).values("sum")),
            sum_needed=Subquery(tallies.annotate(sum=Sum("needed")).values("sum")),
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(self.preview), name="annotations_campaign_preview"),
            path("<int:pk>/people/", view(self.people), name="annotations_campaign_people"),
            path("<int:pk>/import/", view(self.bring_in), name="annotations_campaign_import"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With what stands in its way, and when it will have what it wants."""
        context: dict[str, Any] = {}
        campaign = self.get_object(request, object_id)
        if request.method == "GET" and campaign is not None and self.has_view_permission(request, campaign):
            forecasts = forecast(campaign)
            context = {
                "forecasts": forecasts, "checks": checks_of(campaign, forecasts),
                "may_add": self.has_add_permission(request), "may_import": request.user.has_perm(MAY_IMPORT),
            }  # fmt: skip
        return super().change_view(request, object_id, form_url, (extra_context or {}) | context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """As another one, but for its name, its address and its days; paused, so that it is looked at before it
        opens."""
        if (first := like(request)) is None:
            return super().get_changeform_initial_data(request)
        own = {"id", "slug", "name", "state", "starts_at", "ends_at", "created_at", "link"}
        facts = {field.name: getattr(first, field.name) for field in Campaign._meta.concrete_fields}
        facts = {name: ",".join(value) if isinstance(value, list) else value for name, value in facts.items()}
        return {name: value for name, value in facts.items() if name not in own} | {"state": Campaign.State.PAUSED}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if obj.pk is None and (quotas := quotas_like(request)):
            kwargs["initial"] = quotas
        return kwargs

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """An item as it lies before a volunteer. Nothing can be sent."""
        campaign = self._seen(request, pk)
        asked = request.GET.get("item", "0")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
        seat, many = seat_at(by=cast("Person", request.user), campaign=campaign, number=number)
        context = {"campaign": campaign, "number": number, "many": many, "seat": seat, "opt_outs": ways_out(),
                   "before": number - 1 if 0 < number <= many else None,
                   "after": number + 1 if number + 1 < many else None}  # fmt: skip
        return TemplateResponse(
            request, "admin/annotations/campaign/preview.html", context | (turn(seat) if seat else {})
        )

    def bring_in(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Items from a file: tried, and then brought in."""
        campaign = self._seen(request, pk)
        if not request.user.has_perm(MAY_IMPORT):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        report = None
        if request.method == "POST" and form.is_valid():
            only_try = form.cleaned_data["only_try"]
            by = cast("Person", request.user)
            report = import_file(by=by, campaign=campaign, file=form.cleaned_data["file"], only_try=only_try)
            if not only_try:
                said = f"import: {report.added} added, {report.known} known, {report.refused_lines} refused"
                self.log_change(request, campaign, said)
        context = {
            **self.admin_site.each_context(request), "title": _("Import items"), "campaign": campaign, "form": form,
            "report": report, "opts": self.opts, "media": FORMS,
            "refused": report.refused[:MOST_REFUSED] if report else [],
        }  # fmt: skip
        return TemplateResponse(request, "admin/annotations/campaign/import.html", context,
                                status=400 if form.errors else 200)  # fmt: skip

    def people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who takes part where not everybody may: its link, whom one names, and who takes part no more."""
        campaign, by = self._seen(request, pk), cast("Person", request.user)
        if not self.has_change_permission(request, campaign):
            raise PermissionDenied
        names = NamesForm(request.POST if "names" in request.POST else None)
        if request.method == "POST":
            said = self._let_in(request, campaign, names, by)
            if said:
                self.log_change(request, campaign, said)
                return redirect("admin:annotations_campaign_people", pk)
        context = {
            **self.admin_site.each_context(request), "title": _("Who takes part"), "campaign": campaign, "form": names,
            "opts": self.opts, "media": FORMS, "admitted": admitted(campaign)[:MOST_ADMITTED],
            "many": admitted(campaign).count(),
            "link": request.build_absolute_uri(reverse("enter", args=[campaign.slug, campaign.link]))
            if campaign.access == Campaign.Access.LINK and campaign.link else "",
        }  # fmt: skip
        return TemplateResponse(request, "admin/annotations/campaign/people.html", context,
                                status=400 if names.errors else 200)  # fmt: skip

    def _let_in(self, request: HttpRequest, campaign: Campaign, names: NamesForm, by: Person) -> str:
        """What was done, in the words of the panel's log; nothing where a name is wrong, which its field says."""
        if "link" in request.POST:
            renew_link(by=by, campaign=campaign)
            return "a new link"
        if "end" in request.POST:
            ended = end_admissions(by=by, campaign=campaign, admissions=row_keys(request.POST.getlist("end")))
            return f"{ended} take part no more"
        if names.is_valid():
            try:
                return f"{len(admit(by=by, campaign=campaign, names=names.cleaned_data['names']))} let in"
            except Refused as refused:
                names.add_error("names", str(refused.detail))
        return ""

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:  # noqa: FBT001
        if obj.access == Campaign.Access.LINK and not obj.link:
            obj.link = new_link()
        super().save_model(request, obj, form, change)

    def _seen(self, request: HttpRequest, pk: int) -> Campaign:
        campaign: Campaign = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, campaign):
            raise PermissionDenied
        return campaign

    @admin.display(description=_("progress"))
    def how_far(self, campaign: Any) -> str:
        far = Progress(campaign.sum_done or 0, campaign.sum_needed or 0)
        return f"{far.done:,} / {far.needed:,} ({far.percent} %)"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever only looks reads its moments by its own clock too."""
        if self.has_change_permission(request, obj):
            return self.fieldsets
        by_its_clock = {"starts_at": "begins", "ends_at": "ends"}
        sets: Any = self.fieldsets
        return [
            (title, {"fields": tuple(by_its_clock.get(name, name) for name in facts["fields"] if name != "time_zone")})
            for title, facts in sets
        ]

    @admin.display(description=_("starts at"), ordering="starts_at")
    def begins(self, campaign: Campaign) -> str:
        return _by_its_clock(campaign, campaign.starts_at)

    @admin.display(description=_("ends at"), ordering="ends_at")
    def ends(self, campaign: Campaign) -> str:
        return _by_its_clock(campaign, campaign.ends_at)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":
            offered = [(name, kinds.get(name).label) for name in kinds.names()]
            return ChoiceField(label=capfirst(db_field.verbose_name), choices=offered, initial=db_field.default)
        if db_field.name in MOMENTS:
            return MomentField(label=capfirst(db_field.verbose_name), required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What items were made under does not change behind them."""
        effects = ("begins", "ends", "stopped", "ending", "surer", "trusted", "wanted", "concentration", "asked",
                   "mixed_in")  # fmt: skip
        return ("slug", "kind", "needed", "judged_in", "contribution_licence", *effects) if obj else effects

    @admin.display(description=_("what a limit would have done so far"))
    def stopped(self, campaign: Campaign) -> str:
        """The effect of a limit, before it is set: on what was given here until now."""
        in_a_day, in_all = stopped_so_far(campaign) if campaign.pk else ([], [])
        rows = [(_("in a day (UTC)"), in_a_day), (_("in all"), in_all)]
        lines = [
            (name, each.cap, each.people, each.answers) for name, stopped in rows for each in stopped
        ]  # fmt: skip
        if not lines:
            return str(_("Nobody has given more than %d answers here.") % LEVELS[0])
        return _rows(["", _("limit"), _("people it would have stopped"), _("answers left to others")], lines)

    @admin.display(description=_("what would be settled if it ended now"))
    def ending(self, campaign: Campaign) -> str:
        """The effect of an end, before it comes."""
        left = unsettled_by_done(campaign) if campaign.pk else {}
        rows = [(least, sum(n for done, n in left.items() if done >= least)) for least in range(1, campaign.needed)]
        if not left or not rows:
            return "–"
        heads = [_("at least"), _("items settled with what they have"), _("items left unsettled")]
        return _rows(heads, [(least, settled, sum(left.values()) - settled) for least, settled in rows])

    @admin.display(description=_("what would have asked for more so far"))
    def surer(self, campaign: Campaign) -> str:
        """The effect of a sureness, before it is set: on what was settled here until now."""
        rows = unsure_so_far(campaign) if campaign.pk else []
        if not rows:
            return "–"
        heads = [
            _("sure enough at"),
            _("items that would have asked for more"),
            _("of items settled by majority of all"),
        ]
        return _rows(heads, [(f"{each.sure_at:g}", each.unsure, each.settled) for each in rows])

    @admin.display(description=_("who is trusted, and what waits for them"))
    def trusted(self, campaign: Campaign) -> str:
        """By variety. Where nobody is trusted, what is drawn waits until the campaign ends."""
        rows = anchors_beside_work(campaign) if campaign.pk else []
        if not rows:
            return "–"
        return _rows([_("variety"), _("anchors"), _("items that wait for one"), _("items")], rows)

    @admin.display(description=_("what is wanted, and what there is"))
    def wanted(self, campaign: Campaign) -> str:
        """What each quota lacks, and whether the items that are there can give it."""
        rows = quotas_beside_work(campaign) if campaign.pk else []
        if not rows:
            return str(_("Nothing is said: items come in the order of the import."))
        heads = ["", _("settled items wanted"), _("settled"), _("items left"), ""]
        lines = [
            (f"{row.quota.get_facet_display()} {row.quota.value}", row.quota.wanted, row.settled, row.left,
             _("too few items") if row.lacks else "")
            for row in rows
        ]  # fmt: skip
        return _rows(heads, lines)

    @admin.display(description=_("what a gate would say now"))
    def concentration(self, campaign: Campaign) -> str:
        """The effect of a gate, before it is set: the greatest parts of each slice, without saying whose. Of many
        slices those in which most would be kept aside."""
        rows = parts_of(campaign)[:MOST_SLICES] if campaign.pk else []
        if not rows:
            return "–"
        heads = [_("slice"), _("people"), _("one account"), _("limit"), _("one day"), _("limit"),
                 _("it would keep aside"), _("as it is set")]  # fmt: skip
        return _rows(heads, [
            (each.name, each.people, f"{each.account:.1%}", f"{min(1, each.account_limit):.1%}", f"{each.day:.1%}",
             f"{min(1, each.day_limit):.1%}", each.leave, dict(Campaign.Gate.choices)[each.mode]) for each in rows
        ])  # fmt: skip

    @admin.display(description=_("what it would mix in"))
    def mixed_in(self, campaign: Campaign) -> str:
        """The effect of a dose, before it is set too: up to which one there is enough."""
        rows = doses(campaign) if campaign.pk else []
        if not rows:
            return "–"
        turns = _("of the first %d turns of somebody new") % FIRST
        return _rows([_("variety"), _("gold items"), _("enough up to"), turns, ""], [
            (each.variety, each.items, f"{each.enough_up_to} %", f"{each.turns:.1f}", _lacks(each)) for each in rows
        ])  # fmt: skip

    @admin.display(description=_("whom it would ask"))
    def asked(self, campaign: Campaign) -> str:
        """The effect of asking only confirmed people, before it is set."""
        rows = effect(campaign) if campaign.pk else []
        if not rows:
            return "–"
        heads = [_("variety"), _("people who speak it"), _("of them confirmed"), _("practice items of its quiz")]
        return _rows(heads, [(each.variety, *each.people, _quiz(each.quiz)) for each in rows])

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 -- as Django calls it
    ) -> list[dict[str, dict[str, Any]]]:
        """The history keeps what a setting was and what it became, where Django names only which changed."""
        message: list[dict[str, dict[str, Any]]] = super().construct_change_message(request, form, formsets, add)
        if form.changed_data and not add:
            fields = [
                f"{form.fields[name].label}: {_told(form.initial.get(name))} → {_told(form.cleaned_data.get(name))}"
                for name in form.changed_data
            ]
            message[0]["changed"]["fields"] = fields
        return message


def _rows(heads: Sequence[Any], rows: Sequence[Sequence[Any]]) -> SafeString:
    """A small table in a form."""
    lines = [format_html_join("", "<td>{}</td>", [[cell] for cell in row]) for row in rows]
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join("", "<th>{}</th>", [[each] for each in heads]),
        format_html_join("", "<tr>{}</tr>", [[line] for line in lines]),
    )


def _lacks(dose: Dose) -> str:
    if not dose.items:
        return str(_("there is none: nothing is mixed in"))
    return str(_("too few: somebody new meets all of them, and then none")) if dose.is_short else ""


def _quiz(items: int) -> str:
    return str(items) if items >= FEWEST else _("%(items)d: too few, %(fewest)d make a quiz") % {
        "items": items, "fewest": FEWEST
    }  # fmt: skip


def _told(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
    return (text if len(text) <= 60 else f"{text[:60]}…") or "–"


def _by_its_clock(campaign: Campaign, moment: dt.datetime | None) -> str:
    if moment is None:
        return "–"
    return f"{date_format(localtime(moment, campaign.clock.zone), 'SHORT_DATETIME_FORMAT')} ({campaign.clock})"
