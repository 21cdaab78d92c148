"""By when a request is answered: what we promise everybody, and what the law of a person's country gives at most.

Both stand in the settings (`MINKA_ANSWER_WITHIN`, `MINKA_LAW_WITHIN`). Business days are Monday to Friday; holidays
are not known here, which only makes a day of ours come earlier.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.conf import settings

Span = tuple[int, str]
"""(number, "business" or "calendar")."""

_SATURDAY: Final = 5


def after(day: dt.date, span: Span) -> dt.date:
    """The last day of a span that starts counting on the day after `day`."""
    number, manner = span
    if manner == "calendar":
        return day + dt.timedelta(days=number)
    while number:
        day += dt.timedelta(days=1)
        number -= day.weekday() < _SATURDAY
    return day


def days_for(kind: str, countries: Iterable[str], received: dt.date) -> tuple[str, dt.date, dt.date]:
    """(country, due, limit): the country whose law is the strictest for this kind, the day we promise, never later
    than the law's, and the law's. Where we know no law, there is no country and the limit is what we promise."""
    promised = after(received, settings.MINKA_ANSWER_WITHIN)
    laws = {
        country: settings.MINKA_LAW_WITHIN[country] for country in countries if country in settings.MINKA_LAW_WITHIN
    }
    limits = [(after(received, law.get(kind, law["any"])), country) for country, law in laws.items()]
    limit, country = min(limits, default=(promised, ""))
    return country, min(promised, limit), limit
