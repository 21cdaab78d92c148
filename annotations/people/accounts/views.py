"""The account's own page, codes on paper, and a lead's help. Log-in, mails and second factor are allauth's views."""

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.account.views import SignupView
from allauth.account.views import logout as allauth_log_out
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotations.errors import Refused
from annotations.people.accounts import actions, proof
from annotations.people.accounts.forms import HelpForm, WayBackForm
from annotations.people.accounts.limits import count_try
from annotations.people.accounts.models import WayBack
from annotations.people.accounts.places import place_of
from annotations.people.accounts.queries import sessions_of, tokens_of, waiting_for_help
from annotations.people.actions import new_token
from annotations.people.models import Person
from annotations.people.views import after, person_of, posted_from


class Join(SignupView):  # type: ignore[misc]
    """allauth's sign-up; what follows is ours: codes for who gave no address, varieties, consent, and the table."""

    def get_success_url(self) -> str:
        onward = _then("varieties", after(self.request))
        person = self.user if hasattr(self, "user") else person_of(self.request)
        return onward if person.email else _then("codes", onward)


join = Join.as_view()


@never_cache
def log_out(request: HttpRequest) -> HttpResponse:
    """allauth's log-out, after which a shared phone holds nothing of ours: no page to go back to, nothing stored."""
    response: HttpResponse = allauth_log_out(request)
    if not request.user.is_authenticated:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _then(name: str, following: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': following})}"


@never_cache
@require_safe
def challenge(request: HttpRequest) -> JsonResponse:
    """A task for the browser of somebody who wants to join."""
    return JsonResponse(proof.challenge())


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What keeps others out: password, e-mail, second factor, codes; what is open: sessions and tokens."""
    return _account(request)


def _account(request: HttpRequest, token: str = "") -> HttpResponse:
    person = person_of(request)
    context = {
        "person": person, "email": EmailAddress.objects.get_primary(person), "has_second": is_mfa_enabled(person),
        "codes": WayBack.objects.filter(person=person, expires_at=None).count(), "new_token": token,
        "sessions": sessions_of(person, request.session.session_key), "tokens": tokens_of(person),
        "place": place_of(person),
    }  # fmt: skip
    return render(request, "accounts/account.html", context)


@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """Codes to write down or photograph: made on a press of the button, shown once."""
    fresh = actions.new_codes(person=person_of(request)) if request.method == "POST" else []
    return render(request, "accounts/codes.html", {"codes": fresh, "next": after(request)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def way_back(request: HttpRequest) -> HttpResponse:
    """A new password for who has a code. The count of tries goes by name and by address."""
    form = WayBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        count_try(request, "way_back", Person.normalize_username(facts["username"]).lower())
        try:
            actions.come_back(username=facts["username"], code=facts["code"], password=facts["password"])
        except Refused as refused:
            form.add_error(None, str(refused.detail))
        else:
            return redirect("account_login")
    return render(request, "accounts/way_back.html", {"form": form})


@login_required
@posted_from("account")
def end_session(request: HttpRequest) -> HttpResponse:
    actions.end_session(person=person_of(request), name=request.POST.get("name", ""))
    return redirect("account")


@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def make_token(request: HttpRequest) -> HttpResponse:
    """A new token, shown on the page this once."""
    if request.method != "POST":
        return redirect("account")  # back from the question for the password
    return _account(request, token=new_token(person=person_of(request)))


@login_required
@posted_from("account")
def end_token(request: HttpRequest) -> HttpResponse:
    actions.end_token(person=person_of(request), name=request.POST.get("name", ""))
    return redirect("account")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_back_in(request: HttpRequest) -> HttpResponse:
    """For leads: ask to let somebody back in, or agree to what another lead asks."""
    lead = person_of(request)
    if not lead.has_perm("annotations.help_back_in"):
        raise Refused("forbidden")
    if request.method == "POST":
        count_try(request, "names", str(lead.pk))
    form, code = HelpForm(request.POST if "username" in request.POST else None), ""
    if "agree" in request.POST:
        code = actions.agree_to_help(lead=lead, wish=request.POST["agree"])
    elif form.is_valid():
        try:
            actions.ask_for_help(lead=lead, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.detail))
        else:
            return redirect("help_back_in")
    context = {"form": form, "code": code, "waiting": waiting_for_help()}
    return render(request, "accounts/help.html", context)
