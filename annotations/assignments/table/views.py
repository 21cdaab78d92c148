"""Ask, send, take back, begin: four views for every kind, for members and for guests.

One template serves the page and the htmx turn. Everything works as a plain form too. Asked for JSON, `send` and `begin`
answer the browser's own keeper of what was not sent (`static/outbox.js`): it says *received* only on their word.
"""

import uuid
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.assignments import kinds
from annotations.assignments.actions import Submission
from annotations.assignments.addresses import address
from annotations.assignments.guests.views import guest_of
from annotations.assignments.inquiries.queries import open_answers
from annotations.assignments.models import Assignment, Campaign, Draft, Judgement
from annotations.assignments.opt_outs import opt_outs
from annotations.assignments.queries import PRACTICE, shown_outputs
from annotations.assignments.table.forms import AnswerForm, new_key
from annotations.assignments.table.sitters import GUESTS, Member, Sitter, Visitor
from annotations.errors import Refused
from annotations.people.accounts.kept import keep, take_kept
from annotations.people.accounts.places import place_of
from annotations.people.queries import spoken_by
from annotations.people.stewards.queries import labels_of
from annotations.people.texts import page, supported
from annotations.people.views import person_of
from annotations.rendering import render as markdown

SENT: Final = "sent_keys"
"""Where the session keeps the keys of the last answers, newest last, so that they can be taken back."""
AT_MOST_UNDONE: Final = 5

Seated = Callable[[HttpRequest, Sitter, str, str | None], HttpResponse]


def seated(view: Seated) -> Callable[..., HttpResponse]:
    """Who sits at this table: guests at theirs, members at all others. Everybody else is shown to their own door;
    what they sent waits there."""

    @wraps(view)
    def wrapped(request: HttpRequest, table: str, slug: str | None = None) -> HttpResponse:
        campaign = get_object_or_404(Campaign, slug=slug) if slug else None
        if table == GUESTS:
            if guest := guest_of(request):
                return view(request, Visitor(guest, campaign), table, slug)
            own = address("table", slug, "rate") if request.user.is_authenticated else address("guest_door", slug)
            return _away() if _wants_json(request) else redirect(own)
        if not request.user.is_authenticated:
            if _wants_json(request):
                return _away()  # it waits in the browser, which is longer than a session lasts
            if view.__name__ in ("send", "begin"):
                keep(request, view.__name__)
            return redirect_to_login(request.path)
        return view(request, Member(person_of(request), table, campaign), table, slug)

    return never_cache(wrapped)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _away() -> HttpResponse:
    """Whoever began this is not here now."""
    return JsonResponse({"code": "not_authenticated"}, status=401)


@never_cache
@require_safe
def who(request: HttpRequest) -> HttpResponse:
    """Who is here now, as the name of their place in this browser, and a token to send with: what waits there is sent
    only while its owner is here."""
    guest = None if request.user.is_authenticated else guest_of(request)
    owner = person_of(request) if request.user.is_authenticated else guest
    return JsonResponse({"place": place_of(owner) if owner else "", "token": get_token(request)})


@require_safe
@seated
def ask(request: HttpRequest, sitter: Sitter, table: str, slug: str | None) -> HttpResponse:
    """What lies on the table now."""
    if isinstance(sitter, Member):
        if not spoken_by(sitter.person).exists():
            return redirect(f"{reverse('varieties')}?next={request.path}")
        if (kept := take_kept(request)) is not None:
            what, data = kept
            return (_begin if what == "begin" else _send)(request, sitter, table, slug, data)
    return _show(request, sitter, table, slug, seat=_wanted(request, sitter))


def _wanted(request: HttpRequest, sitter: Sitter) -> Assignment | None:
    """The seat an address asks for: a draft one goes on with, an answer taken back, what was behind a veil."""
    try:
        return sitter.find(uuid.UUID(request.GET.get("seat", "")))
    except ValueError:
        return None


@seated
def send(request: HttpRequest, sitter: Sitter, table: str, slug: str | None) -> HttpResponse:
    """Take an answer and show what comes next: as the turn alone for htmx, by a redirect for a plain browser."""
    if request.method != "POST":
        return redirect(address("table", slug, table))  # whoever comes back here from the door wants to see the table
    if _wants_json(request):
        return _take_in(request, sitter)
    return _send(request, sitter, table, slug, request.POST)


def _send(request: HttpRequest, sitter: Sitter, table: str, slug: str | None, data: Any) -> HttpResponse:
    try:
        form = _form(sitter, data)
    except Refused as refused:
        return _refuse(request, sitter, table, slug, refused)
    seat = form.seat
    if not form.is_valid():
        return _refuse(request, sitter, table, slug, _wrong(form), form)
    try:
        given = sitter.give(_submission(form), form.answer, form.opt_out)
    except Refused as refused:
        if refused.code == "consent_required":
            raise
        return _refuse(request, sitter, table, slug, refused, form if refused.code == "invalid" else None)
    _remember(request, form)
    shown = _next if given.lesson is None else partial(_teach, seat=seat, lesson=given.lesson)
    response = shown(request, sitter, table, slug)
    response.headers["Minka-Received"] = str(form.cleaned_data["key"])
    return response


def _refuse(
    request: HttpRequest, sitter: Sitter, table: str, slug: str | None, refused: Refused, form: AnswerForm | None = None
) -> HttpResponse:
    """What is not taken: the form as it was typed where it can be corrected, else what comes next."""
    response = _show(request, sitter, table, slug, problem=refused, seat=form.seat if form else None, form=form)
    response.headers["Minka-Refused"] = refused.code
    return response


def _take_in(request: HttpRequest, sitter: Sitter) -> HttpResponse:
    """One answer that waited in the browser, told as the API tells it: 201 the first time, 200 under the same key
    again. What is refused says why, so that the browser keeps its words beside the reason."""
    if request.POST.get("place", "") != sitter.place:
        return _away()
    try:
        form = _form(sitter, request.POST)
        if not form.is_valid():
            raise _wrong(form)
        given = sitter.give(_submission(form), form.answer, form.opt_out)
    except Refused as refused:
        return _told(refused)
    _remember(request, form)
    return JsonResponse({"received": str(form.cleaned_data["key"])}, status=201 if given.is_new else 200)


def _form(sitter: Sitter, data: Any) -> AnswerForm:
    """The form of the kind that lies at the seat it names, or `Refused`."""
    seat = sitter.seat(_assignment(data))
    if seat is None:
        raise Refused("not_found")
    return kinds.get(seat.item.kind).form(data, seat=seat)


def _wrong(form: AnswerForm) -> Refused:
    """What is wrong, in the first sentence that is said of it."""
    return Refused("invalid", str(next(iter(form.errors.values()))[0]))


def _told(refused: Refused) -> HttpResponse:
    told = {"code": refused.code, "detail": str(refused.detail), "errors": refused.errors}
    return JsonResponse(told, status=refused.status)


def _remember(request: HttpRequest, form: AnswerForm) -> None:
    """So that it can be taken back. Sent again, it is still one answer."""
    key = str(form.cleaned_data["key"])
    before = [each for each in request.session.get(SENT, []) if each != key]
    request.session[SENT] = [*before, key][-AT_MOST_UNDONE:]


def _assignment(data: Any) -> uuid.UUID:
    try:
        return uuid.UUID(data.get("assignment", ""))
    except ValueError:
        raise Refused("invalid") from None


def _submission(form: AnswerForm) -> Submission:
    facts = form.cleaned_data
    return Submission(
        key=facts["key"], assignment_id=facts["assignment"], language=supported(get_language()),
        channel=Judgement.Channel.OFFLINE if facts["offline"] else Judgement.Channel.WEB,
        seconds=facts["seconds"], client_at=facts["client_at"],
    )  # fmt: skip


def _next(request: HttpRequest, sitter: Sitter, table: str, slug: str | None) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return _show(request, sitter, table, slug)
    return redirect(address("table", slug, table))


@seated
def take_back(request: HttpRequest, sitter: Sitter, table: str, slug: str | None) -> HttpResponse:
    """Undo the last answer, of the last five, and show its task again with what was answered."""
    sent = request.session.get(SENT, [])
    if request.method != "POST" or not sent:
        return redirect(address("table", slug, table))
    request.session[SENT] = sent[:-1]
    try:
        undone = sitter.take_back(uuid.UUID(sent[-1]))
    except Refused as refused:
        return _show(request, sitter, table, slug, problem=refused)
    if request.htmx:  # type: ignore[attr-defined]
        return _show(request, sitter, table, slug, seat=sitter.find(undone))
    return redirect(f"{address('table', slug, table)}?seat={undone}")


@seated
def begin(request: HttpRequest, sitter: Sitter, table: str, slug: str | None) -> HttpResponse:
    """Keep what has been begun. JSON for the page's script; without it, the page again, with the draft in it."""
    if request.method != "POST":
        return redirect(address("table", slug, table))
    return _begin(request, sitter, table, slug, request.POST)


def _begin(request: HttpRequest, sitter: Sitter, table: str, slug: str | None, data: Any) -> HttpResponse:
    try:
        seat = sitter.seat(_assignment(data))
        if seat is None:
            raise Refused("not_found")
        fields = kinds.get(seat.item.kind).form(seat=seat).typed(data)
        version = data.get("version", "")
        kept = sitter.begin(seat.pk, fields, int(version) if version.isdecimal() else 0)
    except Refused as refused:
        return _told(refused) if _wants_json(request) else _show(request, sitter, table, slug, problem=refused)
    if _wants_json(request):
        return JsonResponse({"version": kept})
    return _show(request, sitter, table, slug, seat=seat)


# What is shown ------------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest,
    sitter: Sitter,
    table: str,
    slug: str | None,
    *,
    problem: Refused | None = None,
    seat: Assignment | None = None,
    form: AnswerForm | None = None,
) -> HttpResponse:
    """The table with what lies on it: this seat, or the next one."""
    wanted, seat = seat, seat or sitter.next()
    context = _table(request, sitter, table, slug, seat) | {"problem": problem}
    # Nothing was received just now where somebody comes back to a seat: what they undid, a draft, what was wrong.
    context["received"] = context["undoable"] and wanted is None
    if seat:
        context |= turn(seat, form) | {"veil": bool(seat.item.sensitive) and wanted is None}
    return _render(request, context, problem.status if problem else 200)


def _teach(
    request: HttpRequest, sitter: Sitter, table: str, slug: str | None, *, seat: Assignment, lesson: Any
) -> HttpResponse:
    """After an item to learn from: what was expected, and why."""
    told = {"lesson": markdown(lesson["explanation"][supported(get_language())]), "agrees": lesson["agrees"]}
    context = _table(request, sitter, table, slug, seat) | told
    return _render(request, context | turn(seat), 200)


def _render(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    template = "table/table.html#turn" if request.htmx else "table/table.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _table(
    request: HttpRequest, sitter: Sitter, table: str, slug: str | None, seat: Assignment | None
) -> dict[str, Any]:
    campaign = seat.item.campaign if seat else get_object_or_404(Campaign, slug=slug) if slug else None
    urls = {name: address(f"table_{name}", slug, table) for name in ("send", "undo", "draft")}
    return {
        "slug": slug, "table": table, "campaign": campaign, "seat": seat, "here": address("table", slug, table),
        "urls": urls, "place": sitter.place, "scripts": kinds.scripts(table),
        "undoable": bool(request.session.get(SENT)),
        "opt_outs": ways_out(),
    } | dict(sitter.about(seat))  # fmt: skip


def ways_out() -> list[tuple[str, str]]:
    return [(each.code, each.label(get_language())) for each in opt_outs()]


def turn(seat: Assignment, form: AnswerForm | None = None) -> dict[str, Any]:
    """What `table/work.html` shows of a seat: what is asked, and the form with its draft or as it was sent."""
    kind, prompt = kinds.get(seat.item.kind), seat.item.prompt
    draft = Draft.objects.filter(assignment=seat.pk).first()
    if form is None:
        form = kind.form(seat=seat, initial=draft.fields if draft else None)
    return {
        "kind": kind, "form": form, "draft": draft, "asked": kind.ask(seat),
        "messages_before": [(m["role"], markdown(m["content"])) for m in prompt.messages[:-1]],
        "question": markdown(prompt.messages[-1]["content"]),
        "outputs": [(each.key, markdown(each.text), form.beside(each.key)) for each in shown_outputs(seat)],
        "variety": seat.item.variety, "practice": seat.cell.held_back == PRACTICE,
        "labels": labels_of(seat.item.variety_id, seat.item.campaign.slug, seat.item.source_id),
        "country": prompt.country,
        "key": form["key"].value() if form.is_bound else new_key(),
    }  # fmt: skip


@require_safe
def guidelines(request: HttpRequest, kind: str) -> HttpResponse:
    """How to judge, in the volunteer's words, and what was asked about it."""
    if kind not in kinds.names():
        raise Http404
    text = page(kinds.get(kind).guidelines, get_language())
    context = {"text": markdown(text.markdown), "spoken_in": text.language, "kind": kind, "opened": open_answers(kind)}
    return render(request, "table/guidelines.html", context)
