"""The page of what is mine, and the steps that begin there."""

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required, permission_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotations.errors import Refused
from annotations.people.accounts.limits import count_try
from annotations.people.models import Person
from annotations.people.rights import actions
from annotations.people.rights.forms import AccountForm, AskForm, EraseForm, FactsForm
from annotations.people.rights.queries import FEWEST, counted_facts, facts_of, requests_of
from annotations.people.views import person_of, posted_from


def archive_response(person: Person) -> FileResponse:
    name = f"minka-{timezone.now():%Y-%m-%d}.zip"
    return FileResponse(actions.take_along(person=person), as_attachment=True, filename=name)


@never_cache
@login_required
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything one can do with what is one's own."""
    return _page(request)


def _page(
    request: HttpRequest, *, account: AccountForm | None = None, ask: AskForm | None = None, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    context = {
        "person": person, "account": account or AccountForm(instance=person), "ask": ask or AskForm(),
        "requests": requests_of(person)[:30],
    }  # fmt: skip
    return render(request, "people/my_data.html", context, status=status)


@login_required
@posted_from("my_data")
def take_along(request: HttpRequest) -> FileResponse:
    """All of it as a ZIP, with one click."""
    return archive_response(person_of(request))


@login_required
@posted_from("my_data")
def correct(request: HttpRequest) -> HttpResponse:
    """Another name, at once."""
    count_try(request, "names", str(person_of(request).pk))
    form = AccountForm(request.POST, instance=Person.objects.get(pk=person_of(request).pk))
    if not form.is_valid():
        return _page(request, account=form, status=400)
    actions.correct_account(person=person_of(request), **form.cleaned_data)
    return redirect("my_data")


@login_required
@posted_from("my_data")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a human."""
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, ask=form, status=400)
    actions.ask(person=person_of(request), **form.cleaned_data)
    return redirect("my_data")


@login_required
@posted_from("my_data")
def pause(request: HttpRequest) -> HttpResponse:
    """Rest, with one click."""
    actions.pause(person=person_of(request))
    return redirect("my_data")


@login_required
@posted_from("my_data")
def resume(request: HttpRequest) -> HttpResponse:
    """Go on, with one click."""
    actions.resume(person=person_of(request))
    return redirect("my_data")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: HttpRequest) -> HttpResponse:
    """What one tells of oneself, or takes back by emptying it."""
    person = person_of(request)
    if person.consent is None or not person.consent.purposes.get("demographics"):
        raise Refused("consent_required")
    form = FactsForm(request.POST or None, initial=facts_of(person))
    if request.method == "POST" and form.is_valid():
        actions.tell_facts(person=person, facts=form.cleaned_data)
        return redirect("my_data")
    return render(request, "people/facts.html", {"form": form, "fewest": FEWEST})


@never_cache
@permission_required("annotations.count_sensitivefacts", raise_exception=True)
@require_safe
def facts_counted(request: HttpRequest) -> HttpResponse:
    """Counts of sensitive facts, for those with the right to them and for nobody else."""
    return render(request, "people/facts_counted.html", {"counts": counted_facts(), "fewest": FEWEST})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Be erased, with or without what one contributed. There is no way back, so that the password is asked for."""
    person = person_of(request)
    form = EraseForm(request.POST or None, person=person)
    if request.method == "POST":
        count_try(request, "erase", str(person.pk))
    if request.method == "POST" and form.is_valid():
        contributions = form.cleaned_data["contributions"] == "erase"
        actions.erase(person=person, contributions=contributions)
        logout(request)
        return render(request, "people/erased.html", {"contributions": contributions})
    return render(request, "people/erase.html", {"form": form})
