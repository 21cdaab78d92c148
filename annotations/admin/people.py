"""People, what they speak and agreed to, and the register of what they asked for."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotations.admin.panel import Kept, ReadOnly
from annotations.assignments.doors import prove
from annotations.moderation.persons.queries import told_of
from annotations.moderation.purges.actions import MAY_ASK
from annotations.moderation.sanctions.actions import MAY_DECIDE
from annotations.people.accounts.actions import log_out
from annotations.people.models import Consent, Person, SpokenVariety, Variety
from annotations.people.rights.actions import answer
from annotations.people.rights.models import Request
from annotations.people.views import person_of
from annotations.quality.signals.actions import MAY_SEE
from annotations.requests import row_keys

MAY_SEE_AGREEMENT: Final = "annotations.see_reliability"


class SpokenInline(admin.TabularInline[SpokenVariety, Person]):
    model = SpokenVariety
    extra = 0
    can_delete = False
    fields = readonly_fields = ("variety", "how", "command", "since", "until")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(Kept):
    person_at = "pk"
    list_display = ("username", "standing", "is_proven", "language", "consents", "is_staff", "is_demo", "date_joined")
    list_filter = ("standing", "is_proven", "is_staff", "is_demo", "language")
    search_fields = ("username",)
    fields = (
        "username", "language", "standing", "most_a_day", "paused_at", "consents", "is_active", "is_staff", "is_demo",
        "groups", "date_joined",
    )  # fmt: skip
    filter_horizontal = ("groups",)
    actions = ("prove", "end_visits")
    inlines = (SpokenInline,)
    list_select_related = ("consent",)

    @admin.action(description=_("I looked at them: their work counts"), permissions=("change",))
    def prove(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        counted = sum(prove(person=person) for person in people.filter(is_proven=False))
        self.message_user(request, _("%d judgements count now.") % counted)

    @admin.action(description=_("Log them out everywhere, and end their tokens"), permissions=("change",))
    def end_visits(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        """What its owner kept unsent on a phone waits for them there."""
        ended = log_out(by=person_of(request), people=people, keep=request.session.session_key)
        for person in ended:
            self.log_change(request, person, [{"changed": {"fields": ["visits"]}}])
        told = ngettext("%d account was logged out.", "%d accounts were logged out.", len(ended))
        self.message_user(request, told % len(ended))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With what they did. Nobody is told of themselves what is told of others."""
        person, by = self.get_object(request, object_id), request.user
        context: dict[str, Any] = {}
        if person is not None and person.pk != by.pk and self.has_view_permission(request, person):
            context = {
                "told": told_of(person, agreement=by.has_perm(MAY_SEE_AGREEMENT), signals=by.has_perm(MAY_SEE),
                                decisions=by.has_perm("annotations.view_sanction")),
                "may_sanction": by.has_perm(MAY_DECIDE), "may_purge": by.has_perm(MAY_ASK),
            }  # fmt: skip
        return super().change_view(request, object_id, form_url, (extra_context or {}) | context)

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/together/", self.admin_site.admin_view(self.together), name="annotations_person_together")
        return [own, *super().get_urls()]

    def together(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the form that asks for a purge of this account and of those ticked beside it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(pk__in=[pk, *row_keys(request.GET.getlist("with"))])
        names = rows.order_by("pk").values_list("username", flat=True)
        return redirect(f"{reverse('admin:annotations_purge_add')}?{urlencode({'people': ','.join(names)})}")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Who may do what is the house's own decision, not a moderator's. How somebody stands is what their sanctions
        add up to."""
        fixed = ("username", "standing", "most_a_day", "paused_at", "consents", "is_demo", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, "is_staff", "groups")

    @admin.display(description=_("consent"))
    def consents(self, person: Person) -> str:
        return person.consent.version if person.consent else "–"

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:  # noqa: FBT001
        """Only what was changed here: the person may be taking back their consent at this moment. Their row is held, so
        that an erasure finds the panel's log written, or nothing is."""
        Person.objects.lock(obj)
        obj.save(update_fields=set(form.changed_data) - {"groups"})


class Answer(ModelForm[Request]):
    """How a request is closed: with what was done, and why."""

    outcome = ChoiceField(label=_("outcome"), choices=Request.Outcome.choices)
    reason = ChoiceField(label=_("reason"), choices=Request.Reason.choices)

    class Meta:
        model = Request
        fields = ("outcome", "reason")


@admin.register(Request)
class RequestAdmin(Kept):
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


@admin.register(Variety)
class VarietyAdmin(ReadOnly):
    list_display = ("tag", "autonym", "name_es", "level", "governed", "macro_zone")
    list_filter = ("level", "governed", "macro_zone")
    search_fields = ("tag", "autonym", "name_es", "name_pt", "name_en", "search_names")


@admin.register(Consent)
class ConsentAdmin(ReadOnly):
    list_display = ("id", "act", "version", "language", "channel", "recorded_at")
    exclude = ("subject",)
