"""Purges: asked for with what they would do in sight, agreed to by a second person, watched, and put back."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BooleanField, CharField, HiddenInput, ModelForm, Textarea
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotations.admin.panel import Decided
from annotations.moderation.deciding import why_not_about
from annotations.moderation.purges.actions import MAY_AGREE, MAY_ASK, approve_purge, ask_purge, drop_purge, undo_purge
from annotations.moderation.purges.models import Purge
from annotations.moderation.purges.queries import effect_of, verdicts_again
from annotations.moderation.purges.rules import RETURNS_FOR, can_be_put_back
from annotations.moderation.sanctions.models import WORDS
from annotations.people.models import Person
from annotations.people.remits.queries import within

MOST_AT_ONCE = 20
"""Accounts of which one can ask at once."""


class AskForm(ModelForm[Purge]):
    """Whose work is taken out, and why. What that does has been seen before it is asked for."""

    by: ClassVar[Person]
    people = CharField(
        label=_("accounts"), max_length=4_000,
        help_text=_("Their names, with commas between. One purge is made of each."),
    )  # fmt: skip
    seen = CharField(widget=HiddenInput, required=False)

    class Meta:
        model = Purge
        fields = ("code", "words")

    def clean_people(self) -> list[Person]:
        """All of them, or it is said which name is nobody's."""
        names = list(dict.fromkeys(filter(None, (each.strip() for each in self.cleaned_data["people"].split(",")))))
        found = {person.username: person for person in Person.objects.filter(username__in=names)}
        if unknown := [name for name in names if name not in found]:
            self.add_error("people", _("There is no account of this name: %s") % ", ".join(unknown))
        if len(names) > MOST_AT_ONCE:
            self.add_error("people", _("At most %d at once.") % MOST_AT_ONCE)
        several = [found[name] for name in names if name in found]
        for why in dict.fromkeys(why_not_about(self.by, person) for person in several):
            if why:
                self.add_error("people", str(why))
        return several

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and facts.get("seen") != seen_of(facts["people"]):
            self.add_error(None, _("Look at what it does, and send it once more."))
        return facts


def seen_of(people: Sequence[Person]) -> str:
    """What somebody had before them: of whom, and how much."""
    effect = effect_of(people)
    return f"{','.join(map(str, effect.people))}:{effect.judgements}"


class DecideForm(ModelForm[Purge]):
    """The second person agrees, or it is not meant any more; later it can be put back."""

    agrees = BooleanField(label=_("I looked at it too: take it out"), required=False)
    drops = BooleanField(label=_("It is not meant any more"), required=False)
    why = CharField(
        label=_("put it back, because"), max_length=WORDS, required=False, widget=Textarea(attrs={"rows": 3}),
        help_text=_("Its person reads it."),
    )  # fmt: skip

    class Meta:
        model = Purge
        fields = ()

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if facts.get("agrees") and facts.get("drops"):
            self.add_error("drops", _("One or the other."))
        return facts


@admin.register(Purge)
class PurgeAdmin(Decided):
    person_at = "person"
    list_display = ("person", "code", "stands", "far", "asked_by", "asked_at", "approved_by", "done_at")
    list_filter = ("code",)
    list_select_related = ("person", "asked_by", "approved_by")
    search_fields = ("person__username",)
    actions = ("agree",)
    seen = ("person", "code", "words", "stands", "far", "asked_by", "asked_at", "approved_by", "approved_at", "done_at",
            "back_until", "verdicts", "undone_by", "why_undone", "undone_at")  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_ASK)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where there is nothing this person can say of it now, it is only looked at."""
        return request.user.has_perm(MAY_AGREE) and (obj is None or bool(self.asked_of(request, obj)))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 -- as Django calls it
        return super().get_form(request, obj, change, **kwargs | {"form": DecideForm if obj else AskForm})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.seen, *self.asked_of(request, obj)] if obj else ["people", "code", "words"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.seen if obj else ()

    def asked_of(self, request: HttpRequest, row: Purge) -> list[str]:
        if row.person_id == request.user.pk or row.dropped_at:
            return []
        if row.approved_at is None:
            return ["drops"] if row.asked_by_id == request.user.pk else ["agrees", "drops"]
        return ["why"] if can_be_put_back(row.done_at, row.undoing_at, timezone.now()) else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"people": request.GET.get("people", "")[:4_000]}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        """With what it would do in sight, as long as nobody agreed to it."""
        people = self._whose(request, object_id)
        context: dict[str, Any] = {"effect": effect_of(people), "seen_now": seen_of(people)} if people else {}
        response: Any = super().changeform_view(request, object_id, form_url, (extra_context or {}) | context)
        return response  # type: ignore[no-any-return]

    def _whose(self, request: HttpRequest, object_id: str | None) -> list[Person]:
        if not (request.user.has_perm(MAY_ASK) or request.user.has_perm(MAY_AGREE)):
            return []
        if object_id is None:
            names = (request.POST.get("people") or request.GET.get("people", ""))[:4_000].split(",")
            named = Person.objects.filter(username__in=[name.strip() for name in names])
            return list(within(named, cast("Person", request.user), person="pk")[:MOST_AT_ONCE])
        if not (object_id.isascii() and object_id.isdigit() and len(object_id) < 19):
            return []
        waiting = self.get_queryset(request).filter(approved_at=None, dropped_at=None, pk=object_id)
        return [purge.person for purge in waiting.select_related("person")]

    @admin.display(description=_("state"))
    def stands(self, purge: Purge) -> str:
        return str(purge.state.label)

    @admin.display(description=_("taken out"))
    def far(self, purge: Purge) -> str | SafeString:
        if purge.approved_at is None:
            return "–"
        done, whole = (purge.taken - purge.returned, purge.whole)
        bar = format_html('<progress max="{}" value="{}"></progress> ', whole or 1, done)
        return format_html("{}{} / {}", bar, f"{done:,}", f"{whole:,}")

    @admin.display(description=_("can be put back until"))
    def back_until(self, purge: Purge) -> str:
        return f"{purge.done_at + RETURNS_FOR:%F %T}" if purge.done_at else "–"

    @admin.display(description=_("what it had counted in"))
    def verdicts(self, purge: Purge) -> str:
        settled, waiting = verdicts_again(purge) if purge.approved_at else (0, 0)
        return _("%(settled)d are settled, %(waiting)d wait for others") % {"settled": settled, "waiting": waiting}

    def save_model(self, request: HttpRequest, obj: Purge, form: Any, change: bool) -> None:  # noqa: FBT001
        by, facts = cast("Person", request.user), form.cleaned_data
        if not change:
            several = [
                ask_purge(by=by, person=person, code=facts["code"], words=facts["words"]) for person in facts["people"]
            ]
            obj.pk, obj.person = several[0].pk, several[0].person
        elif facts.get("agrees"):
            approve_purge(by=by, purge=obj)
        elif facts.get("drops"):
            drop_purge(by=by, purge=obj)
        elif facts.get("why"):
            undo_purge(by=by, purge=obj, why=facts["why"])

    @admin.action(description=_("I looked at them too: take it out"), permissions=("change",))
    def agree(self, request: HttpRequest, rows: QuerySet[Purge]) -> HttpResponse | None:
        """Those that wait, that are not about them and that others asked for, once it is seen what they do together;
        the rest stays as it is."""
        by = cast("Person", request.user)
        open_ones = rows.filter(approved_at=None, dropped_at=None).exclude(asked_by=by).exclude(person=by)
        several = list(open_ones.select_related("person").order_by("pk")[:MOST_AT_ONCE])
        if several and "seen" not in request.POST:
            context = {
                **self.admin_site.each_context(request), "opts": self.opts, "purges": several,
                "title": _("I looked at them too: take it out"), "effect": effect_of(row.person for row in several),
            }  # fmt: skip
            return TemplateResponse(request, "admin/annotations/purge/agree.html", context)
        for row in several:
            approve_purge(by=by, purge=row)
            self.log_change(request, row, [{"changed": {"fields": ["approved_at"]}}])
        self.message_user(request, ngettext("%d is agreed to.", "%d are agreed to.", len(several)) % len(several))
        return None
