"""The page of what became of one's own work."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.community.became.queries import known, page_of, summary
from annotations.community.became.words import in_words
from annotations.people.views import person_of


@never_cache
@login_required
@require_safe
def became(request: HttpRequest) -> HttpResponse:
    """From one's answers to the models that learnt from them; `before` is where a further page begins."""
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404
    person = person_of(request)
    at_once = known()
    page, further = page_of(person, at_once, int(before) if before else None)
    context = {
        "far": summary(person, at_once),
        "page": [in_words(each) for each in page],
        "before": before,
        "further": further,
    }
    return render(request, "community/became.html", context)
