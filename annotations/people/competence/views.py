"""Where a confirmed speaker opens the code they were given, and says that they know somebody.

Looking changes nothing, so that a programme that looks at links first, as those for messages do, confirms nobody.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.people.accounts.limits import count_try
from annotations.people.competence import actions
from annotations.people.competence.forms import CodeForm
from annotations.people.views import person_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """A code that was read out or written down."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("vouch", form.cleaned_data["code"])
    return render(request, "people/competence/code.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def vouch(request: HttpRequest, wish: str) -> HttpResponse:
    """Who asks, by the name of their account, and of what; one tap says that they speak it."""
    speaker = person_of(request)
    count_try(request, "vouch", str(speaker.pk))
    asked = actions.asked_with(wish, speaker=speaker)
    context = {"wish": asked, "variety": asked.variety, "said": False, "confirmed": None}
    if request.method == "POST":
        context |= {"said": True, "confirmed": actions.vouch(speaker=speaker, code=wish)}
    return render(request, "people/competence/vouch.html", context)
