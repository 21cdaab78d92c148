"""The desk of the experts: what they are asked about, how the link to it stands, what came back, and who they are."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.admin.panel import Kept, Panel, ReadOnly
from annotations.later import later
from annotations.quality.argilla.actions import end_invitation, try_again
from annotations.quality.argilla.jobs import exchange_all
from annotations.quality.argilla.link import is_on
from annotations.quality.argilla.models import Expert, ExpertAnswer, ExpertDesk, ExpertRecord, ExpertSet

SAYS = {
    "off": _("It is switched off."), "no_client": _("Its client is not installed where its worker runs."),
    "no_key": _("There is no key for it."), "refused": _("It does not know the key, or the key may not do this."),
    "not_found": _("It is not there any more."), "gone": _("It is not there any more."),
    "no_connection": _("It cannot be reached."),
    "slow": _("It does not answer in time."),
    "changed": _("Somebody changed there what is asked: nothing is sent until it asks the same again."),
    "invalid": _("It does not take it as it is."), "failed": _("It says that something is broken there."),
    "unheard": _("Read, and not counted yet."),
    "unknown_values": _("Values that were not offered."), "not_spoken": _("Not a variety they have said they speak."),
    "not_an_anchor": _("They are no anchor of this variety."), "own_work": _("It is their own work."),
    "unproven": _("Nobody has looked at their account yet."), "already_judged": _("They judged it here already."),
    "consent_required": _("Their consent is lacking."), "suspended": _("Their account is paused."),
}  # fmt: skip


def _in_words(code: str) -> str:
    return str(SAYS.get(code, code)) if code else "–"


class SetsInline(admin.TabularInline[ExpertSet, ExpertDesk]):
    model = ExpertSet
    extra = 0
    can_delete = False
    fields = readonly_fields = ("name", "pushed_at", "pulled_at", "trouble", "says", "since")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("problem"))
    def trouble(self, row: ExpertSet) -> str:
        return _in_words(row.problem)


@admin.register(ExpertDesk)
class ExpertDeskAdmin(Panel):
    list_display = ("campaign", "is_open", "waiting", "there", "not_taken", "heard", "link")
    list_select_related = ("campaign",)
    inlines = (SetsInline,)
    asked = ("is_open", "disputed", "unsure_below", "severe", "audit", "experts", "most")
    fields: ClassVar[tuple[str, ...]] = ("campaign", *asked)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("campaign",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def all_rows(self, request: HttpRequest) -> QuerySet[Any]:
        state = ExpertRecord.State
        given = Q(records__answers__status=ExpertAnswer.Status.SUBMITTED)
        rows: QuerySet[Any] = (
            super().all_rows(request).prefetch_related("sets").annotate(
                n_waiting=Count("records", filter=Q(records__state=state.WAITING), distinct=True),
                n_there=Count("records", filter=Q(records__state=state.THERE), distinct=True),
                n_failed=Count("records", filter=Q(records__state=state.FAILED), distinct=True),
                n_heard=Count("records__answers", filter=given, distinct=True),
            )
        )  # fmt: skip
        return rows

    @admin.display(description=_("wait"))
    def waiting(self, desk: Any) -> int:
        return int(desk.n_waiting)

    @admin.display(description=_("at the desk"))
    def there(self, desk: Any) -> int:
        return int(desk.n_there)

    @admin.display(description=_("not taken"))
    def not_taken(self, desk: Any) -> int:
        return int(desk.n_failed)

    @admin.display(description=_("answers"))
    def heard(self, desk: Any) -> int:
        return int(desk.n_heard)

    @admin.display(description=_("link"))
    def link(self, desk: ExpertDesk) -> str:
        if not is_on():
            return _in_words("off")
        wrong = [f"{each.name}: {_in_words(each.problem)}" for each in desk.sets.all() if each.problem]
        return "; ".join(wrong) or str(_("in order"))


@admin.register(ExpertSet)
class ExpertSetAdmin(ReadOnly):
    """How the link to each data set stands. It is tried again every five minutes; here at once."""

    list_display = ("name", "trouble", "says", "since", "pushed_at", "pulled_at", "desk")
    list_filter = ("desk", "problem")
    list_select_related = ("desk__campaign",)
    fields = ("name", "desk", "kind", "pushed_at", "pulled_at", "trouble", "says", "since")
    actions = ("try_now",)

    def has_try_now_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.change_expertrecord")

    @admin.display(description=_("problem"))
    def trouble(self, row: ExpertSet) -> str:
        return _in_words(row.problem)

    @admin.action(description=_("Send and read now"), permissions=("try_now",))
    def try_now(self, request: HttpRequest, sets: QuerySet[ExpertSet]) -> None:
        if not is_on():
            self.message_user(request, _in_words("off"), messages.ERROR)
            return
        later(exchange_all)
        self.message_user(request, _("The worker of the desk will do it now."))


@admin.register(ExpertRecord)
class ExpertRecordAdmin(Kept):
    """Items at the desk, or on their way; where the desk does not take one, why."""

    varieties_at = ("cell__variety",)
    prompt_at = "cell__item__prompt"
    list_display = ("item", "why", "state", "trouble", "says", "chosen_at", "pushed_at", "at")
    list_filter = ("state", "why", "desk")
    list_select_related = ("cell__item", "at", "desk__campaign")
    search_fields = ("cell__item__source_id",)
    fields = ("id", "item", "desk", "at", "why", "chosen_by", "chosen_at", "state", "trouble", "says", "pushed_at")
    readonly_fields = fields
    actions = ("again",)

    @admin.display(description=_("item"), ordering="cell__item__source_id")
    def item(self, record: ExpertRecord) -> str:
        return str(record.cell.item)

    @admin.display(description=_("problem"))
    def trouble(self, record: ExpertRecord) -> str:
        return _in_words(record.problem)

    @admin.action(description=_("Try again"), permissions=("change",))
    def again(self, request: HttpRequest, records: QuerySet[ExpertRecord]) -> None:
        self.message_user(request, _("%d items wait to be sent again.") % try_again(records=records))


@admin.register(ExpertAnswer)
class ExpertAnswerAdmin(ReadOnly):
    """What experts said at the desk, and why it is no judgement where it is none: it is tried again by itself."""

    varieties_at = ("record__cell__variety",)
    prompt_at = "record__cell__item__prompt"
    list_display = ("item", "status", "judged", "trouble", "says", "expert", "pulled_at")
    list_filter = ("status", "problem", "record__desk")
    list_select_related = ("record__cell__item", "expert", "judgement")
    fields = ("item", "expert", "status", "values", "judgement", "trouble", "says", "pulled_at")

    @admin.display(description=_("item"))
    def item(self, answer: ExpertAnswer) -> str:
        return str(answer.record.cell.item)

    @admin.display(description=_("judged"), boolean=True)
    def judged(self, answer: ExpertAnswer) -> bool:
        return answer.judgement_id is not None

    @admin.display(description=_("problem"))
    def trouble(self, answer: ExpertAnswer) -> str:
        return _in_words(answer.problem)


@admin.register(Expert)
class ExpertAdmin(Kept):
    """Who works at the desk. `manage.py invite_expert` invites: it takes the key of an owner."""

    person_at = "person"
    list_display = ("name", "person", "invited_by", "invited_at", "leaves_at", "gone_at", "trouble")
    list_select_related = ("person", "invited_by")
    fields = ("name", "person", "invited_by", "invited_at", "leaves_at", "gone_at", "trouble")
    readonly_fields = fields
    actions = ("end",)

    @admin.display(description=_("problem"))
    def trouble(self, expert: Expert) -> str:
        return _in_words(expert.problem)

    @admin.action(description=_("They work at the desk no more"), permissions=("change",))
    def end(self, request: HttpRequest, experts: QuerySet[Expert]) -> None:
        for each in experts.filter(leaves_at=None):
            end_invitation(expert=each)
            self.log_change(request, each, [{"changed": {"fields": ["leaves_at"]}}])
