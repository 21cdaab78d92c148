"""Releases: looking at them, taking one back, naming editions, keeping what is cited, and what is at which target."""

from typing import Any, Final, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BooleanField, CharField, ChoiceField, ModelForm, Textarea, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from annotations.admin.panel import Decided, Kept, ReadOnly, short
from annotations.datasets.access import set_audience
from annotations.datasets.jobs import prove_where_it_lies, publish_until
from annotations.datasets.keeping.actions import name_edition, pin, set_doi, unpin
from annotations.datasets.keeping.models import Edition, Pin
from annotations.datasets.keeping.queries import kept_for, standing
from annotations.datasets.models import Release
from annotations.datasets.partners.actions import agree, change_agreement, end_agreement
from annotations.datasets.partners.models import HandOut, Partnership
from annotations.datasets.progress import Progress, under_way
from annotations.datasets.queries import published
from annotations.datasets.recalls.actions import MAY_RETRACT, ask_retraction, confirm_retraction, drop_retraction
from annotations.datasets.recalls.models import REASONS, WHY, Retraction
from annotations.datasets.recalls.queries import open_retractions
from annotations.datasets.rows import CONFIGS
from annotations.datasets.targets.models import Delivery
from annotations.errors import Refused
from annotations.later import later
from annotations.people.models import Person

MAY_MAKE: Final = "annotations.add_release"


class RetractForm(ModelForm[Release]):
    """Asking that a release be taken back. Its words are read by everybody, once somebody else confirms it."""

    because = ChoiceField(
        label=_("take it back: for everybody and for good, because"), choices=[("", "–"), *REASONS],
        help_text=_("Nothing of this happens until a second person confirms it."),
    )  # fmt: skip
    sentence = CharField(
        label=_("in a sentence"), max_length=WHY, widget=Textarea(attrs={"rows": 3}),
        help_text=_("Everybody reads it: on its page, in the feed of withdrawals and in its tombstone."),
    )  # fmt: skip
    hold = BooleanField(
        label=_("it is urgent: its files are out of sight from now on"), required=False,
        help_text=_("Until somebody confirms it, or it is not meant any more; fourteen days at most."),
    )  # fmt: skip


@admin.register(Release)
class ReleaseAdmin(Kept):
    form = RetractForm
    change_list_template = "admin/annotations/release/change_list.html"
    list_display = (
        "version", "state", "cutoff", "rows", "audience", "published_at", "sound", "recalled_at", "files"
    )  # fmt: skip
    list_filter = ("state", "reason", "audience")
    actions = ("for_everybody", "for_registered", "prove")
    seen = ("version", "files", "state", "cutoff", "rows", "audience", "published_at", "sound", "unsound", "why_kept",
            "taken_out",
            "asked", "held_since", "expired_at", "recalled_at", "reason", "why", "recalled_by", "replaces",
            "doi", "release_id")  # fmt: skip
    readonly_fields = seen  # not its manifest, nor what is withdrawn: thousands of lines, which page and feed have

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if now := under_way():
            messages.info(request, _told(now))
        may = {"may_make": self.has_make_permission(request)}
        return super().changelist_view(request, (extra_context or {}) | may)

    def get_urls(self) -> list[Any]:
        own = path("now/", self.admin_site.admin_view(require_POST(self.make)), name="annotations_release_now")
        return [own, *super().get_urls()]

    def make(self, request: HttpRequest) -> HttpResponse:
        """One of what was acknowledged until this second; the worker makes it, and proves it before it is published."""
        if not self.has_make_permission(request):
            raise PermissionDenied
        cutoff = timezone.now().replace(microsecond=0)
        later(publish_until, cutoff.isoformat(), countdown=1)
        messages.success(request, _("A release is on its way; this page says how far it is."))
        return redirect("admin:annotations_release_changelist")

    def has_make_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_MAKE)

    @admin.action(description=_("Prove their files once more"), permissions=["make"])
    def prove(self, request: HttpRequest, releases: QuerySet[Release]) -> None:
        for version in releases.filter(state=Release.State.PUBLISHED).values_list("version", flat=True):
            later(prove_where_it_lies, version)
        messages.success(request, _("They are proven; the list says when, and what is wrong."))

    @admin.display(description=_("proven"), ordering="proven_at")
    def sound(self, release: Release) -> str:
        """When it was last found sound, or that it is not."""
        if release.unsound:
            return str(_("NOT SOUND"))
        return short(release.proven_at or release.published_at)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MAY_RETRACT) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that was recalled, or of which somebody asked that already, is only looked at."""
        if obj and (obj.state == Release.State.RECALLED or open_retractions().filter(release=obj).exists()):
            return False
        return request.user.has_perm(MAY_RETRACT)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(("because", "sentence", "hold") if self.has_change_permission(request, obj) else ())]

    @admin.action(description=_("Let everybody take the rows of these"), permissions=["change"])
    def for_everybody(self, request: HttpRequest, releases: QuerySet[Release]) -> None:
        set_audience(releases=releases, audience=Release.Audience.EVERYBODY, person=cast("Person", request.user))

    @admin.action(description=_("Let only people with an account take the rows of these"), permissions=["change"])
    def for_registered(self, request: HttpRequest, releases: QuerySet[Release]) -> None:
        set_audience(releases=releases, audience=Release.Audience.REGISTERED, person=cast("Person", request.user))

    @admin.display(description=_("rows"))
    def rows(self, release: Release) -> str:
        configs = release.manifest["configs"]
        counts = {config: sum(configs.get(config, {}).values()) for config in CONFIGS}
        return ", ".join(f"{config} {rows:,}" for config, rows in counts.items() if rows) or "–"

    @admin.display(description=_("files"))
    def files(self, release: Release) -> SafeString:
        return format_html('<a href="/releases/{}/">{}</a>', release.version, _("open"))

    @admin.display(description=_("why it is kept"))
    def why_kept(self, release: Release) -> str:
        return "; ".join(str(keep.says) for keep in kept_for(release)) or "–"

    @admin.display(description=_("to be taken back"))
    def asked(self, release: Release) -> str | SafeString:
        """That somebody asked for it, where one says more and confirms it."""
        if (row := open_retractions().filter(release=release).first()) is None:
            return "–"
        there = reverse("admin:annotations_retraction_change", args=[row.pk])
        return format_html('<a href="{}">{}</a>', there, _("waits for a second person"))

    def save_model(self, request: HttpRequest, obj: Release, form: Any, change: bool) -> None:  # noqa: FBT001
        given = form.cleaned_data
        ask_retraction(
            by=cast("Person", request.user), release=obj, reason=given["because"], why=given["sentence"],
            hold=given["hold"],
        )  # fmt: skip


class ConfirmForm(ModelForm[Retraction]):
    """The second person confirms it, or it is not meant any more."""

    agrees = BooleanField(label=_("I looked at it too: take it back, for everybody and for good"), required=False)
    drops = BooleanField(label=_("It is not meant any more"), required=False)

    class Meta:
        model = Retraction
        fields = ()

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if facts.get("agrees") and facts.get("drops"):
            self.add_error("drops", _("One or the other."))
        return facts


@admin.register(Retraction)
class RetractionAdmin(Decided):
    """Releases that somebody asked to take back: another one confirms it, or it is dropped."""

    form = ConfirmForm
    list_display = ("release", "reason", "stands", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
    list_filter = ("reason",)
    list_select_related = ("release", "asked_by", "confirmed_by")
    seen = ("release", "reason", "why", "stands", "held", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
    readonly_fields = seen

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MAY_RETRACT) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MAY_RETRACT) and (obj is None or obj.state == Retraction.State.ASKED)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *(self.asked_of(request, obj) if obj else ())]

    def asked_of(self, request: HttpRequest, row: Retraction) -> list[str]:
        """Nobody confirms their own."""
        if not self.has_change_permission(request, row):
            return []
        return ["drops"] if row.asked_by_id == request.user.pk else ["agrees", "drops"]

    @admin.display(description=_("state"))
    def stands(self, row: Retraction) -> str:
        return str(row.state.label)

    @admin.display(description=_("its files are out of sight"), boolean=True)
    def held(self, row: Retraction) -> bool:
        return row.release.held_since is not None

    def save_model(self, request: HttpRequest, obj: Retraction, form: Any, change: bool) -> None:  # noqa: FBT001
        by, facts = cast("Person", request.user), form.cleaned_data
        if facts.get("agrees"):
            confirm_retraction(by=by, retraction=obj)
        elif facts.get("drops"):
            drop_retraction(by=by, retraction=obj)


def _told(now: Progress) -> str:
    """How far the release is that is being written."""
    facts = {"version": now.version, "percent": now.percent, "done": f"{now.done:,}", "of": f"{now.of:,}"}
    if now.phase == "proving":
        return _("%(version)s is written and is being proven.") % facts
    if (seconds := now.seconds_left) is None:
        return _("%(version)s is being written.") % facts
    facts["minutes"] = max(1, round(seconds / 60))
    return _("%(version)s is being written: %(percent)s %%, %(done)s of %(of)s; about %(minutes)s min left.") % facts


class EditionForm(ModelForm[Edition]):
    doi = CharField(label=_("DOI"), max_length=200, required=False, help_text=_("Once it is deposited: 10.1234/abcd"))


@admin.register(Edition)
class EditionAdmin(Kept):
    """Releases that have a name. They are kept for good."""

    form = EditionForm
    list_display = ("title", "slug", "release", "now", "named_at", "named_by")
    list_select_related = ("release", "named_by")
    asked = ("release", "slug", "title", "why")
    seen = (*asked, "named_by", "named_at", "now")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.add_edition")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.seen, "doi") if obj else self.asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.seen if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **kwargs | {"queryset": published()})

    @admin.display(description=_("release now"))
    def now(self, edition: Edition) -> str:
        return str(standing(edition) or "–")

    def save_model(self, request: HttpRequest, obj: Edition, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            facts = {name: form.cleaned_data[name] for name in self.asked}
            obj.pk = name_edition(**facts, person=cast("Person", request.user)).pk
        elif doi := form.cleaned_data["doi"]:
            if (release := standing(obj)) is None:
                raise Refused("not_open", _("No release stands for this edition now."))
            set_doi(release=release, doi=doi)


@admin.register(Pin)
class PinAdmin(Kept):
    """Releases that stay because somebody cites them."""

    list_display = ("release", "why", "pinned_by", "pinned_at", "ended_at")
    list_select_related = ("release", "pinned_by")
    asked = ("release", "why")
    actions = ("end",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.add_pin")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.asked, "pinned_by", "pinned_at", "ended_at") if obj else self.asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **kwargs | {"queryset": published()})

    def save_model(self, request: HttpRequest, obj: Pin, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            obj.pk = pin(release=obj.release, why=obj.why, person=cast("Person", request.user)).pk

    @admin.action(description=_("It is cited no more"), permissions=("change",))
    def end(self, request: HttpRequest, pins: QuerySet[Pin]) -> None:
        for each in pins.filter(ended_at=None):
            unpin(pin=each)
            self.log_change(request, each, [{"changed": {"fields": ["ended_at"]}}])


class PartnershipForm(ModelForm[Partnership]):
    over = CharField(
        label=_("end it now, because"), max_length=500, required=False,
        help_text=_("From then on nothing is handed out under it. That is for good; another agreement is another row."),
    )  # fmt: skip

    def clean_ends_on(self) -> Any:
        """The first day is not asked for again, so the model's own check leaves it out."""
        day = self.cleaned_data["ends_on"]
        if self.instance.begins_on and day < self.instance.begins_on:
            raise ValidationError(_("It ends before it begins."))
        return day


@admin.register(Partnership)
class PartnershipAdmin(Kept):
    """With whom it is agreed in writing that they get exact times and codes that stay the same."""

    form = PartnershipForm
    list_display = ("name", "slug", "document", "person", "begins_on", "ends_on", "ended_at")
    list_select_related = ("person",)
    raw_id_fields = ("person",)
    asked = ("name", "slug", "document", "person", "begins_on", "ends_on")
    seen = ("name", "slug", "document", "begins_on", "made_by", "made_at", "ended_at", "why")
    """The account and the last day may change: what was agreed on may not."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.add_partnership")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return self.asked
        return (*self.seen, "person", "ends_on", *(() if obj.ended_at else ("over",)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return (*self.seen, "person", "ends_on") if obj.ended_at else self.seen

    def save_model(self, request: HttpRequest, obj: Partnership, form: Any, change: bool) -> None:  # noqa: FBT001
        facts = form.cleaned_data
        if not change:
            obj.pk = agree(by=cast("Person", request.user), **{name: facts[name] for name in self.asked}).pk
            return
        change_agreement(partnership=obj, person=facts["person"], ends_on=facts["ends_on"])
        if why := facts["over"]:
            end_agreement(partnership=obj, why=why)


@admin.register(HandOut)
class HandOutAdmin(ReadOnly):
    """What partners fetched, and when."""

    list_display = ("partnership", "release", "at", "sha256")
    list_filter = ("partnership",)
    list_select_related = ("partnership", "release")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """What is at which target, or was. `manage.py push_release` sends a release there."""

    list_display = ("release", "target", "state", "problem", "begun_at", "there_at", "gone_at")
    list_filter = ("target", "state")
    list_select_related = ("release",)
    exclude = ("files",)
